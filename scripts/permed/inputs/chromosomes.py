"""Chromosomes as arrays and PLINK number them: 23 to 26, XY, a zero in front."""

from functools import lru_cache

from permed.genome import canonical

_CODES = {"23": "chrX", "24": "chrY", "25": "chrX", "26": "chrM", "XY": "chrX"}
_CODES |= {"PAR": "chrX", "PAR1": "chrX", "PAR2": "chrX"}


@lru_cache(1024)
def contig_of(code: str) -> str:
    """The canonical name of a chromosome in any spelling or by its number; what is written where it is not known."""
    bare = code.upper().removeprefix("CHR")
    bare = bare.lstrip("0") if bare.isdigit() and len(bare) == 2 else bare
    found = _CODES.get(bare) or canonical(bare)
    return found if found.startswith("chr") else canonical(code)
