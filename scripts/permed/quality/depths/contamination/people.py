"""Contamination of each sample of a cohort from the reads by allele of its genotype files."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from permed.quality.depths.contamination.cells import gather
from permed.quality.depths.contamination.fit import Mixture, fit_mixture
from permed.quality.depths.contig import Depths
from permed.quality.depths.kernels import NONE

FIELDS = ("contamination", "contamination_low", "contamination_high", "contamination_most", "base_error")


@dataclass(frozen=True)
class Estimate:
    """What was found of one person; None where the sites with reads are too few.

    ``sites`` are those of known frequency where ALT was read, ``depth`` their mean reads."""

    mixture: Mixture | None
    sites: int
    depth: float

    def values(self) -> list[float]:
        """Those of :data:`FIELDS`, NaN where there are none."""
        m = self.mixture
        return [np.nan] * len(FIELDS) if m is None else [m.share, m.low, m.high, m.most, m.error]


def estimate_people(found: Depths, least: int, accused: float, threads: int = 1) -> list[Estimate]:
    """Estimate everybody's share of foreign reads from at least so many sites; ``accused`` is the share that fails."""

    def estimate(sample: int) -> Estimate:
        ref, alt, quality = (np.where(each == NONE, -1, each.astype(np.int16)) for each in found.shown[:, :, sample])
        cells = gather(ref, alt, quality, 1 - found.ref_af[found.population[sample]])
        mixture = fit_mixture(cells, accused) if cells.sites >= max(1, least) else None
        return Estimate(mixture, cells.sites, cells.depth)

    with ThreadPoolExecutor(threads) as pool:  # the kernel runs outside the interpreter's lock
        return list(pool.map(estimate, range(len(found.population))))
