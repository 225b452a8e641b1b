"""Alleles as texts."""

_COMPLEMENT = str.maketrans("ACGTacgt", "TGCAtgca")


def complement(allele: str) -> str:
    """The allele as read on the other strand."""
    return allele.translate(_COMPLEMENT)[::-1]
