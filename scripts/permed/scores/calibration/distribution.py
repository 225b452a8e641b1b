"""Percentile and Z of scores among the people of one population."""

import numpy as np


def percentiles(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Percentile of each value among ``reference``, 0 to 100.

    The share of the reference that is smaller; a value that occurs in it takes the mean rank of its equals, as
    ``scipy.stats.percentileofscore`` has it by default and so ``pgscatalog-ancestry-adjust``.
    """
    ordered = np.sort(np.asarray(reference, float))
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return (below + up_to + (below < up_to)) * (50.0 / len(ordered))


def counts_below(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """How many of ``reference`` are smaller than each value, int64."""
    return np.searchsorted(np.sort(np.asarray(reference, float)), values, side="left").astype(np.int64)


def standard_scores(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Z of each value: its distance from the mean of ``reference`` in standard deviations (of a population, ddof 0).

    NaN where the reference does not vary.
    """
    spread = float(np.std(reference))
    alike = spread <= 1e-12 * max(1.0, float(np.abs(reference).max()))
    return np.full(len(values), np.nan) if alike else (np.asarray(values, float) - np.mean(reference)) / spread
