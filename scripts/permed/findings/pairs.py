"""Whether variants of a gene lie on different copies of it, and what is said of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from permed.findings.details import WHOLE
from permed.findings.genotypes import (
    HEMIZYGOUS,
    HETEROPLASMIC,
    HETEROZYGOUS,
    HOMOPLASMIC,
    HOMOZYGOUS,
    TWO_IN_XY,
)
from permed.findings.inheritance import CIS, CONFLICT, FAMILY, PRESUMED, TRANS, UNKNOWN, phase_by_parents

SINGLE, DOUBTFUL = "single", "doubtful"
PHASED, UNNAMED, PLACE, DISAGREE = "phased", "unnamed", "place", "disagree"
ALL = (HOMOZYGOUS, HEMIZYGOUS, HOMOPLASMIC, TRANS)  # every copy is affected
_OPEN = "possible compound heterozygote: it is not known whether the variants lie on different copies of the gene"
MEANING = {
    HOMOZYGOUS: "both copies of the gene carry the variant",
    HEMIZYGOUS: "the only copy of the gene carries the variant",
    TRANS: "compound heterozygous: the variants lie on different copies of the gene",
    CIS: "the variants lie on the same copy of the gene ({ground}); the other copy carries none of them",
    UNKNOWN: _OPEN,
    SINGLE: "one of two copies of the gene carries the variant",
    DOUBTFUL: "the variant and the reference were read where a person with XY has one copy: the only copy carries the "
    "variant, or some of the cells do, or reads of another place were taken for this one; test it by another method",
    HOMOPLASMIC: "every mitochondrial genome that was read carries the variant (homoplasmic)",
    HETEROPLASMIC: "some of the mitochondrial genomes carry the variant (heteroplasmic); what that means depends on "
    "their share, which differs between tissues",
}
# Of several pairs the first of these decides.
GROUNDS = {
    (TRANS, PHASED): f"{MEANING[TRANS]} (phased)",
    (TRANS, UNNAMED): f"{MEANING[TRANS]} (phased; the file does not say how, and phase by "
    "statistics is uncertain of rare variants; confirm it)",
    (TRANS, PLACE): f"{MEANING[TRANS]} (two different bases at one position)",
    (TRANS, FAMILY): f"{MEANING[TRANS]} (inherited from different parents, by the family's genotypes)",
    (TRANS, PRESUMED): "presumably compound heterozygous: by the family's genotypes one of the variants comes from a "
    "parent who does not carry the other, and what the other parent carries is not known; test that parent to confirm",
    (UNKNOWN, DISAGREE): f"{_OPEN}, since the phase in the file and the family's genotypes disagree",
    (UNKNOWN, CONFLICT): f"{_OPEN}, since a variant cannot be inherited by the family's genotypes: it may be new, or a "
    "genotype wrong; phase them",
    (UNKNOWN, UNNAMED): f"{_OPEN}: the file has them on the same copy, but does not say how it was phased, and phase "
    "by statistics is uncertain of rare variants; test the parents",
    (UNKNOWN, None): f"{_OPEN}; test the parents or phase them",
    (CIS, PHASED): MEANING[CIS].format(ground="phased"),
    (CIS, FAMILY): MEANING[CIS].format(ground="inherited from one parent, by the family's genotypes"),
}
ANOTHER = {
    HOMOZYGOUS: "both copies of the gene carry another of these variants, and one of them this one too",
    HEMIZYGOUS: "the only copy of the gene carries another of these variants; two alleles were read at this one",
}


@dataclass(frozen=True)
class Copies:
    """How many copies of a gene are affected (``kind``, a key of :data:`MEANING`), and what tells so (``ground``)."""

    kind: str
    ground: str | None = None

    @property
    def all(self) -> bool:
        """Whether every copy is affected."""
        return self.kind in ALL

    def of(self, variant: dict) -> str:
        """What is said of it beside a variant (``zygosity``), which need not be the one that affects every copy."""
        if self.kind in ANOTHER and variant["zygosity"] == HETEROZYGOUS:
            return ANOTHER[self.kind]
        if variant["zygosity"] == HETEROPLASMIC:
            return MEANING[HETEROPLASMIC]
        return GROUNDS.get((self.kind, self.ground)) or MEANING[self.kind]


def copies_affected(rows: Sequence[dict]) -> Copies:
    """How many copies of a gene some variants of one person affect.

    ``rows`` have ``zygosity``, ``ploidy_doubt``, ``haplotype`` and ``phase_set``, and ``parents`` (genotypes of the
    person's parents as :func:`~permed.findings.inheritance.phase_by_parents` takes them). Of several pairs one in trans
    is enough; all must be in cis for ``cis``.
    """
    kinds = {row["zygosity"] for row in rows}
    for whole in (HOMOZYGOUS, HEMIZYGOUS, HOMOPLASMIC, HETEROPLASMIC):
        if whole in kinds:
            return Copies(whole)
    if any(row["ploidy_doubt"] == TWO_IN_XY for row in rows):
        return Copies(DOUBTFUL)
    single = [row for row in rows if row["zygosity"] == HETEROZYGOUS]
    pairs = [_pair(one, other) for one, other in combinations(single, 2)]
    return Copies(*min(pairs, key=list(GROUNDS).index)) if pairs else Copies(SINGLE)


def _pair(one: dict, other: dict) -> tuple[str, str | None]:
    if one["pos"] == other["pos"] and all(len(row[name]) == 1 for row in (one, other) for name in ("ref", "alt")):
        return TRANS, PLACE
    read = _phased(one, other)
    kind, ground = phase_by_parents(one.get("parents") or (), other.get("parents") or ())
    if read == UNKNOWN:
        return kind, ground
    if kind not in (read, UNKNOWN):
        return UNKNOWN, DISAGREE
    if kind == read and ground != PRESUMED:
        return kind, ground
    if one["phase_set"] != WHOLE:
        return read, PHASED
    return (TRANS if read == TRANS else UNKNOWN), UNNAMED


def _phased(one: dict, other: dict) -> str:
    if one["haplotype"] is None or other["haplotype"] is None or one["phase_set"] != other["phase_set"]:
        return UNKNOWN
    return CIS if one["haplotype"] == other["haplotype"] else TRANS
