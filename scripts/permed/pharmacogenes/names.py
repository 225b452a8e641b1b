"""How diplotypes are written: in the reference implementation's allele names, in natural order."""

import re
from functools import cache

from permed.pharmacogenes.definitions import Gene

OR = " OR "  # between equally good diplotypes, and between the phenotypes that follow from them
THEN = "; "  # between the entries of a list of alternatives; allele names may hold commas


@cache
def natural(name: str) -> tuple:
    """Sort key in which ``*2`` comes before ``*10``."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part)


def diplotype(gene: Gene, alleles: tuple[int, ...]) -> str:
    """``*1/*2`` for a pair of alleles, ``*1`` for the single allele of a haploid genotype."""
    return "/".join(sorted((gene.alleles[i].shown for i in alleles), key=natural))


def strand(gene: Gene, alleles: tuple[int, ...]) -> str:
    """The name of a strand: its allele, or ``[a + b]`` where it carries several."""
    shown = sorted((gene.alleles[i].shown for i in alleles), key=natural)
    return shown[0] if len(shown) == 1 else f"[{' + '.join(shown)}]"


def distinct(labels: list[str]) -> list[str]:
    """The labels without repeats, in the order given."""
    return list(dict.fromkeys(labels))
