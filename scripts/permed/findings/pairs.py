"""Whether two variants of a gene lie on different copies of it."""

from collections.abc import Sequence
from itertools import combinations

from permed.findings.genotypes import HEMIZYGOUS, HETEROZYGOUS, HOMOZYGOUS

TRANS, CIS, UNKNOWN, SINGLE = "trans", "cis", "unknown", "single"
MEANING = {
    HOMOZYGOUS: "both copies of the gene carry the variant",
    HEMIZYGOUS: "the only copy of the gene carries the variant",
    TRANS: "compound heterozygous: the variants lie on different copies of the gene (phased)",
    CIS: "the variants lie on the same copy of the gene (phased); the other copy carries none of them",
    UNKNOWN: "possible compound heterozygote: it is not known whether the variants lie on different copies of the "
    "gene; test the parents or phase them",
    SINGLE: "one of two copies of the gene carries the variant",
}


def copies_affected(rows: Sequence[dict]) -> str:
    """How many copies of a gene some variants of one person affect: a key of :data:`MEANING`.

    ``rows`` have ``zygosity``, ``haplotype`` and ``phase_set``. Of several pairs one in trans is enough; all must be in
    cis for ``cis``.
    """
    kinds = {row["zygosity"] for row in rows}
    for whole in (HOMOZYGOUS, HEMIZYGOUS):
        if whole in kinds:
            return whole
    single = [row for row in rows if row["zygosity"] == HETEROZYGOUS]
    pairs = {_pair(one, other) for one, other in combinations(single, 2)}
    if not pairs:
        return SINGLE
    return TRANS if TRANS in pairs else UNKNOWN if UNKNOWN in pairs else CIS


def _pair(one: dict, other: dict) -> str:
    if one["haplotype"] is None or other["haplotype"] is None or one["phase_set"] != other["phase_set"]:
        return UNKNOWN
    return CIS if one["haplotype"] == other["haplotype"] else TRANS
