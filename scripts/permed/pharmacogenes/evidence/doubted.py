"""Why genotypes at a gene's positions were read and not believed, a sentence for each person."""

import numpy as np

from permed.observations.codes import LOW_DEPTH, LOW_QUALITY, REASONS
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.depths import UNKNOWN

MOST_NAMED = 5


def doubt_sentences(gene: Gene, genotypes: GeneGenotypes, people: int) -> list[str]:
    """For each of the people a sentence such as ``Read, but not believed: GQ 3 at rs9923231.``; empty without any."""
    said = [""] * people
    if genotypes.doubts is None:
        return said
    for sample in np.flatnonzero(genotypes.doubts.any(axis=1)).tolist():
        places = np.flatnonzero(genotypes.doubts[sample]).tolist()
        told = [f"{_why(genotypes, sample, at)} at {gene.positions[at].name}" for at in places[:MOST_NAMED]]
        more = len(places) - MOST_NAMED
        said[sample] = f"Read, but not believed: {'; '.join(told)}{f'; and {more} more' if more > 0 else ''}."
    return said


def _why(genotypes: GeneGenotypes, sample: int, at: int) -> str:
    """The reason of one genotype, with its quality or depth where the file has that."""
    code = int(genotypes.doubts[sample, at])
    depths = genotypes.depths
    for asked, name, values in (
        (LOW_QUALITY, "GQ", depths and depths.quality),
        (LOW_DEPTH, "DP", depths and depths.total),
    ):
        if code == asked and values is not None and values[sample, at] != UNKNOWN:
            return f"{name} {values[sample, at]}"
    return REASONS[code]
