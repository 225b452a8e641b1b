"""Whether variants of a gene lie on different copies of it, and what is said of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from permed.findings.genotypes import HEMIZYGOUS, HETEROZYGOUS, HOMOZYGOUS
from permed.findings.inheritance import CIS, CONFLICT, PRESUMED, TRANS, UNKNOWN, phase_by_parents

SINGLE = "single"
PHASED, FAMILY, DISAGREE = "phased", "family", "disagree"
ALL = (HOMOZYGOUS, HEMIZYGOUS, TRANS)  # every copy is affected
_OPEN = "possible compound heterozygote: it is not known whether the variants lie on different copies of the gene"
MEANING = {
    HOMOZYGOUS: "both copies of the gene carry the variant",
    HEMIZYGOUS: "the only copy of the gene carries the variant",
    TRANS: "compound heterozygous: the variants lie on different copies of the gene",
    CIS: "the variants lie on the same copy of the gene ({ground}); the other copy carries none of them",
    UNKNOWN: _OPEN,
    SINGLE: "one of two copies of the gene carries the variant",
}
GROUNDS = {
    (TRANS, PHASED): f"{MEANING[TRANS]} (phased)",
    (TRANS, FAMILY): f"{MEANING[TRANS]} (inherited from different parents, by the family's genotypes)",
    (TRANS, PRESUMED): "presumably compound heterozygous: by the family's genotypes one of the variants comes from a "
    "parent who does not carry the other, and what the other parent carries is not known; test that parent to confirm",
    (CIS, PHASED): MEANING[CIS].format(ground="phased"),
    (CIS, FAMILY): MEANING[CIS].format(ground="inherited from one parent, by the family's genotypes"),
    (UNKNOWN, None): f"{_OPEN}; test the parents or phase them",
    (UNKNOWN, CONFLICT): f"{_OPEN}, since a variant cannot be inherited by the family's genotypes: it may be new, or a "
    "genotype wrong; phase them",
    (UNKNOWN, DISAGREE): f"{_OPEN}, since the phase in the file and the family's genotypes disagree",
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
        return GROUNDS.get((self.kind, self.ground)) or MEANING[self.kind]


def copies_affected(rows: Sequence[dict]) -> Copies:
    """How many copies of a gene some variants of one person affect.

    ``rows`` have ``zygosity``, ``haplotype`` and ``phase_set``, and ``parents`` (genotypes of the person's parents as
    :func:`~permed.findings.inheritance.phase_by_parents` takes them). Of several pairs one in trans is enough; all must
    be in cis for ``cis``.
    """
    kinds = {row["zygosity"] for row in rows}
    for whole in (HOMOZYGOUS, HEMIZYGOUS):
        if whole in kinds:
            return Copies(whole)
    single = [row for row in rows if row["zygosity"] == HETEROZYGOUS]
    pairs = [_pair(one, other) for one, other in combinations(single, 2)]
    order = [(TRANS, PHASED), (TRANS, FAMILY), (TRANS, PRESUMED), (UNKNOWN, DISAGREE), (UNKNOWN, CONFLICT)]
    order += [(UNKNOWN, None), (CIS, PHASED), (CIS, FAMILY)]
    return Copies(*min(pairs, key=order.index)) if pairs else Copies(SINGLE)


def _pair(one: dict, other: dict) -> tuple[str, str | None]:
    read = _phased(one, other)
    kind, ground = phase_by_parents(one.get("parents") or (), other.get("parents") or ())
    if read == UNKNOWN:
        return kind, ground
    if kind not in (read, UNKNOWN):
        return UNKNOWN, DISAGREE
    return read, PHASED


def _phased(one: dict, other: dict) -> str:
    if one["haplotype"] is None or other["haplotype"] is None or one["phase_set"] != other["phase_set"]:
        return UNKNOWN
    return CIS if one["haplotype"] == other["haplotype"] else TRANS
