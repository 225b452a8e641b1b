"""Parent with child, or siblings: what sites with opposite homozygotes say, and what errors of genotyping make of them.

A parent and child share an allele everywhere, siblings none at a quarter of the genome, which is whole segments of it.
Errors make opposite homozygotes of either, but all over the genome. So their numbers along the chromosomes tell: even
in a parent with a child, whatever the error; in heaps in siblings. More sites make a wrong answer no surer.
"""

import numpy as np

from permed.genome import AUTOSOMES, lengths
from permed.quality.kinship.kernels import IBS0, SITES

SURE = np.log(100.0)  # ratio of likelihoods that counts as certain, as 99 % does
IS_UNCLEAR, IS_PARENT, IS_SIBLING = range(3)
MORGAN = 100_000_000  # bases
QUARTER = 0.25  # of the genome at which siblings share no allele of their parents
RATES = np.concatenate([[0.0], np.geomspace(1e-5, 0.05, 30)])  # shares of sites that errors make opposite homozygotes
SHARES = (1.0, 0.7, 0.5)  # of the cohort's heterozygosity, squared, that a family of another make-up may have
UNEVEN = 20.0  # errors are not quite even along the genome: the shape of their gamma distribution


def first_degree(by_contig: np.ndarray, frequency: np.ndarray, contigs: np.ndarray, build: str) -> np.ndarray:
    """What each pair of first degree is, of the above, from counts of the shape (pairs, contigs, 5).

    ``frequency`` and ``contigs``, numbers of autosomes, are those of the sites.
    """
    numbers, place = np.unique(contigs, return_inverse=True)
    apart = 2 * np.square(frequency * (1 - frequency))  # opposite homozygotes where no allele is shared
    share = np.bincount(place, apart, len(numbers)) / np.maximum(1, np.bincount(place, minlength=len(numbers)))
    seen, sites = by_contig[..., IBS0].astype(float), by_contig[..., SITES].astype(float)
    parent = np.max([_log_chance(seen, sites * rate, UNEVEN) for rate in RATES], axis=0)
    spread = np.array([_variance(lengths(build)[AUTOSOMES[number]] / MORGAN) for number in numbers])
    sibling = np.max(
        [
            _log_chance(seen, sites * (QUARTER * part * share + rate), _shape(part * share, rate, spread))
            for part in SHARES
            for rate in RATES
        ],
        axis=0,
    )
    ratio = parent - sibling
    return np.select([ratio > SURE, ratio < -SURE], [IS_PARENT, IS_SIBLING], IS_UNCLEAR)


def _shape(share: np.ndarray, rate: float, spread: np.ndarray) -> np.ndarray:
    """Shape of the gamma distribution of a contig's rate: what siblings share varies, and so do errors."""
    mean = QUARTER * share + rate
    variance = spread * share**2 + rate**2 / UNEVEN
    return np.divide(mean**2, variance, out=np.full(mean.shape, UNEVEN), where=variance > 0)


def _variance(morgans: float) -> float:
    """Variance over a chromosome of the share at which siblings share no allele of their parents.

    At places d Morgans apart a parent's transmissions to both agree alike with correlation exp(-4 d) (Haldane), so that
    the covariance is (2 exp(-4 d) + exp(-8 d)) / 16, here averaged over pairs of places.
    """

    def mean_of(rate: float) -> float:
        x = rate * morgans
        return 2 * (x - 1 + np.exp(-x)) / x**2

    return (2 * mean_of(4.0) + mean_of(8.0)) / 16


def _log_chance(seen: np.ndarray, expected: np.ndarray, shape: np.ndarray | float) -> np.ndarray:
    """Log-likelihood (pairs) of counts by contig, negative binomial of a mean and shape; constants left out."""
    shape = np.broadcast_to(np.asarray(shape, float), expected.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = _log_gamma(seen + shape) - _log_gamma(shape) - shape * np.log1p(expected / shape)
        own = np.where(seen > 0, seen * (np.log(expected) - np.log(expected + shape)), 0.0)
    return (rising + own).sum(axis=1)


def _log_gamma(x: np.ndarray) -> np.ndarray:
    """Logarithm of the gamma function for x > 0 (Stirling's series after eight steps of the recurrence)."""
    shifted = x + 8
    series = (shifted - 0.5) * np.log(shifted) - shifted + 0.5 * np.log(2 * np.pi) + 1 / (12 * shifted)
    return series - 1 / (360 * shifted**3) - np.log(np.prod([x + k for k in range(8)], axis=0))
