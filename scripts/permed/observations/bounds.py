"""The measure by which blocks and genotypes are believed."""

from dataclasses import dataclass

import numpy as np

from permed.filters import BELIEVED as BELIEVED_FILTERS
from permed.kernel import jit
from permed.observations.codes import BELIEVED, LOW_DEPTH, LOW_QUALITY, NO_READS

UNTOLD = -1  # a depth or quality that the file does not give, and what is known where it gives neither


@dataclass(frozen=True)
class Bounds:
    """What a genotype needs to be believed.

    ``min_quality`` (phred) where it has a quality; where it has none ``min_depth`` reads, half of them, rounded up,
    where one copy is expected. ``min_probability`` and ``min_gencall`` are asked of genotypes of files in which no
    reads were counted. ``filters`` are the FILTER values of believed records.
    """

    min_depth: int = 10
    min_quality: int = 20
    min_probability: float = 0.9
    min_gencall: float = 0.0
    filters: tuple[str, ...] = BELIEVED_FILTERS


@jit
def judge(quality, depth, flat, one_copy, min_depth, min_quality):
    """The code of doubt of one genotype or block, or :data:`UNTOLD` where the file gives neither depth nor quality.

    ``quality`` and ``depth`` are negative where not given; ``flat`` says that all genotypes are equally likely (PL).
    No reads are unknown only together with a quality that is missing or too low, or likelihoods that tell nothing:
    a genotype that was imputed has a quality and no reads.
    """
    if depth == 0 and (flat or quality < min_quality):
        return NO_READS
    if flat and depth < 0:
        return NO_READS
    if quality >= 0:
        return BELIEVED if quality >= min_quality else LOW_QUALITY
    if depth >= 0:
        return BELIEVED if depth >= ((min_depth + 1) // 2 if one_copy else min_depth) else LOW_DEPTH
    return UNTOLD


@jit
def judge_blocks(quality, depth, flat, one_copy, min_depth, min_quality):
    """:func:`judge` for arrays of one length: float64 with NaN for what is not given, bool; int8 codes."""
    codes = np.empty(len(quality), np.int8)
    for k in range(len(quality)):
        own = -1.0 if np.isnan(quality[k]) else quality[k]
        reads = -1.0 if np.isnan(depth[k]) else depth[k]
        codes[k] = judge(own, reads, flat[k], one_copy[k], min_depth, min_quality)
    return codes
