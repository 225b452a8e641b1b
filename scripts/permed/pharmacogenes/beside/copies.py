"""On which copy of a gene a variant lies, told by the phase in the file."""

import numpy as np

from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.phase.joining import heterozygous
from permed.pharmacogenes.reading.patterns import UNPHASED


def copy_of(
    gene: Gene, diplotype: str | None, codes: np.ndarray, blocks: np.ndarray, strand: int, block: int
) -> str | None:
    """The allele of a called diplotype on whose copy a heterozygous variant lies; None where that is not known.

    ``codes`` (positions, 2) and ``blocks`` (positions,) are the person's genotypes at the positions of the definition
    as the file has them, ``strand`` (0 or 1) and ``block`` those of the variant. Of a pair of one allele it is that.
    """
    names = (diplotype or "").split("/")
    if len(names) != 2:
        return None
    if names[0] == names[1]:
        return names[0]
    together = np.flatnonzero(heterozygous(codes) & (blocks == block)) if block != UNPHASED else []
    straight, crossed = (
        all(_fits(gene, name, codes[together, side], together) for side, name in enumerate(pair))
        for pair in (names, names[::-1])
    )
    if straight == crossed:
        return None
    return names[strand] if straight else names[1 - strand]


def _fits(gene: Gene, name: str, codes: np.ndarray, at: np.ndarray) -> bool:
    """Whether an allele of this name admits all of a strand's bases."""
    own = [i for i, allele in enumerate(gene.alleles) if allele.shown == name]
    return any(gene.admits[codes, at, i].all() for i in own)
