"""Runs of homozygosity: how much of the genome parents who are related left alike on both strands.

Cheap, since only heterozygous and missing genotypes are looked at: between two of the first lies a stretch without.
"""

import numpy as np

from permed.genotypes.store import GenotypeStore, alt_frequency
from permed.quality.homozygosity_kernels import close_runs, follow_runs

LEAST_LENGTH = 2_000_000  # bases; those of cousins' children have some ten million, older ones of all people fewer
LEAST_SITES = 50
LEAST_INFORMATION = 15.0  # natural logarithms by which a stretch is likelier alike than not
APART = 10_000  # bases between sites that are counted, since neighbours tell the same
GAP = 1_000_000  # bases without a site, over which nothing is known
LEAST_COVERED = 500_000_000  # bases of the autosomes, from which a share of them is told
COMMON = 0.05
LEAST_FROH = 0.02  # more than people have whose parents are no relatives, less than children of cousins


class Runs:
    """Runs on the autosomes of each person, over the blocks of a store that were added in order."""

    def __init__(self, samples: int) -> None:
        padded = -(-samples // 4) * 4
        self._samples, self._contig, self._last = samples, "", 0
        self._rows, self._information, self.covered = 0, 0.0, 0
        self._starts = np.zeros((3, padded))  # position, sites and information where the stretch of each began
        self._lost = np.zeros(padded, np.int64)
        self._length = np.zeros(padded)

    def add(self, block: GenotypeStore, rows: np.ndarray) -> None:
        """Follow the stretches over some rows of a block, substitutions on one autosome."""
        sites = block.sites[rows]
        frequency = sites.select(alt_frequency()).to_series().to_numpy()
        known = np.minimum(frequency, 1 - frequency) >= COMMON
        rows, pos, frequency = rows[known], sites["pos"].to_numpy()[known], frequency[known]
        kept = _apart(pos, self._last if block.sites["contig"][0] == self._contig else -APART)
        rows, pos, frequency = rows[kept], pos[kept], frequency[kept]
        if not len(rows):
            return
        if block.sites["contig"][0] != self._contig:
            self.close()
            self._contig, self._last = block.sites["contig"][0], int(pos[0])
            self._starts[0] = pos[0]
        steps = np.diff(pos, prepend=self._last)
        self.covered += int(steps[steps <= GAP].sum())
        information = self._information + np.cumsum(-np.log(1 - 2 * frequency * (1 - frequency)))
        least = np.array([LEAST_LENGTH, LEAST_SITES, LEAST_INFORMATION], float)
        state = self._starts, self._lost, self._length
        follow_runs(
            *(block.parts[0], rows, pos, information, self._information, self._rows),
            *(steps > GAP, self._last, least, *state),
        )
        self._rows, self._information, self._last = self._rows + len(rows), float(information[-1]), int(pos[-1])

    def close(self) -> None:
        """End all stretches, as at the end of a contig."""
        least = np.array([LEAST_LENGTH, LEAST_SITES, LEAST_INFORMATION], float)
        ends = np.array([self._last, self._rows, self._information])
        close_runs(ends, least, self._starts, self._lost, self._length)

    def shares(self) -> np.ndarray:
        """The share of what was covered that lies in runs (F of runs, froh), NaN where too little was covered."""
        self.close()
        if self.covered < LEAST_COVERED:
            return np.full(self._samples, np.nan)
        return self._length[: self._samples] / self.covered


class Stretches:
    """The longest stretch on chrX without a heterozygous genotype, in sites, over blocks added in order."""

    def __init__(self, samples: int) -> None:
        padded = -(-samples // 4) * 4
        self._samples, self._rows = samples, 0
        self._starts, self._lost = np.zeros((3, padded)), np.zeros(padded, np.int64)
        self._longest = np.zeros(padded)

    def add(self, block: GenotypeStore, rows: np.ndarray) -> None:
        """Follow the stretches over some rows of a block."""
        numbers = self._rows + np.arange(len(rows))
        least = np.array([-1.0, 0.0, 0.0])
        state = self._starts, self._lost, self._longest
        never = np.zeros(len(rows), bool)
        follow_runs(block.parts[0], rows, numbers, 0.0 * numbers, 0.0, self._rows, never, self._rows, least, *state)
        self._rows += len(rows)

    def longest(self) -> np.ndarray:
        """Sites of each person's longest stretch."""
        ends = np.array([self._rows, self._rows, 0.0])
        close_runs(ends, np.array([-1.0, 0.0, 0.0]), self._starts, self._lost, self._longest)
        return self._longest[: self._samples].astype(np.int64)


def _apart(pos: np.ndarray, last: int) -> np.ndarray:
    """Every first site of those closer than :data:`APART`."""
    kept = []
    for n, place in enumerate(pos.tolist()):
        if place - last >= APART:
            kept.append(n)
            last = place
    return np.array(kept, np.int64)


def told_consanguinity(froh: float | None, least: float) -> str | None:
    """What to tell of somebody whose parents share ancestors of some generations ago."""
    if froh is None or froh < least:
        return None
    return (
        f"consanguinity: froh {froh:.3f} of the autosomes in runs of homozygosity, {least} or more "
        "(of children of first cousins 0.0625, of second cousins 0.016): no fault of the sample"
    )
