"""What share of the mitochondrial DNA carries a change that was found beside the reference base, by its reads."""

import numpy as np

from permed.pharmacogenes.calling.mitochondrial import METHOD
from permed.pharmacogenes.definitions import NO_STRAND, REF, UNDOCUMENTED, Gene
from permed.pharmacogenes.reading.assembling import GeneGenotypes


def share_sentences(gene: Gene, genotypes: GeneGenotypes, people: int) -> list[str]:
    """For each of the people the reads behind changes on a part of the DNA, or that these are not known.

    Empty for genes of other DNA and for people without such a change.
    """
    said = [""] * people
    if gene.method != METHOD:
        return said
    first, second = genotypes.codes[:, :, 0], genotypes.codes[:, :, 1]
    changed = ((genotypes.codes > REF) | (genotypes.codes == UNDOCUMENTED)).any(axis=2)
    part = changed & (first != second) & (second != NO_STRAND)
    for sample in np.flatnonzero(part.any(axis=1)).tolist():
        reads = {} if genotypes.depths is None else genotypes.depths.of_alleles(sample, sample + 1)
        told = [
            f"at {gene.positions[at].name} {reads.get((sample, at), 'not known')}"
            for at in np.flatnonzero(part[sample]).tolist()
        ]
        said[sample] = f"Reads by allele: {'; '.join(told)}."
    return said
