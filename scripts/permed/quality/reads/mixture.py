"""The share of another person's reads in a sample, by maximum likelihood over common sites.

The model is that of VerifyBamID (Jun et al., Am J Hum Genet 2012): at each site the person and the contaminant have
genotypes in Hardy-Weinberg proportions at the population's frequency; a read is the contaminant's with probability
alpha, comes from either allele of its person alike, and shows a wrong base, one of three, at the rate its quality says.
"""

from dataclasses import dataclass

import numpy as np

MAX_SHARE = 0.5  # above it the contaminant would be the person
FALL = 1.920729  # of the log likelihood at the ends of a 95 % interval: half the quantile of chi-squared, one degree
GRID = np.concatenate([[0.0], np.geomspace(1e-4, MAX_SHARE, 48)])
FEW = (0.0, 0.02, 0.1, 0.3)  # shares at which populations are compared
LEAST_AF = 0.005
_COPIES = np.arange(3) / 2


@dataclass(frozen=True)
class Pileup:
    """Reads at sites, an element each: those of REF and ALT, and the rates at which a read of either is wrong.

    ``frequency`` is that of ALT, (populations, sites); ``others`` is the number of reads of the two other bases at all
    sites."""

    ref: np.ndarray
    alt: np.ndarray
    frequency: np.ndarray
    ref_error: np.ndarray
    alt_error: np.ndarray
    others: int

    @property
    def error(self) -> float:
        """The rate of wrong bases by those that are neither REF nor ALT, two of the three a wrong one can be."""
        total = self.ref.sum() + self.alt.sum() + self.others
        return float(1.5 * self.others / total) if total else 0.0


@dataclass(frozen=True)
class Mixture:
    """The share of foreign reads with its 95 % likelihood interval, the sites and the mean reads at each.

    ``population`` is the number of the one whose frequencies were taken."""

    share: float
    low: float
    high: float
    sites: int
    depth: float
    population: int


def estimate(pileup: Pileup, min_sites: int) -> Mixture | None:
    """Estimate the share of foreign reads; None where fewer than ``min_sites`` sites have reads.

    Sites of more than three times the median depth are left out: their reads come from several places. A base is
    taken to be wrong at least as often as third bases are seen. The frequencies are those of the population under
    which the reads are likeliest. Reads of a relative look foreign only where the two
    differ, so that a parent's or child's share is found about half as large; people of a population with other
    frequencies (FST 0.1) have theirs found about a fifth smaller.
    """
    depth = pileup.ref + pileup.alt
    used = depth > 0
    if used.any():
        used &= depth <= 3 * np.median(depth[used])
    if used.sum() < min_sites:
        return None
    floor = max(pileup.error, 1e-6)
    ref, alt = pileup.ref[used], pileup.alt[used]
    errors = [np.maximum(error, floor)[used] for error in (pileup.ref_error, pileup.alt_error)]
    known = np.clip(pileup.frequency[:, used], LEAST_AF, 1 - LEAST_AF)
    fits = [max(log_likelihood(share, ref, alt, af, *errors) for share in FEW) for af in known]
    population = int(np.argmax(fits))

    def fit(share: float) -> float:
        return log_likelihood(share, ref, alt, known[population], *errors)

    values = np.array([fit(share) for share in GRID])
    best = int(np.argmax(values))
    share, top = _refine(fit, GRID[max(best - 1, 0)], GRID[min(best + 1, len(GRID) - 1)])
    within = values >= top - FALL
    below, above = GRID[(share > GRID) & ~within], GRID[(share < GRID) & ~within]
    low = _cross(fit, below[-1], share, top - FALL) if len(below) else 0.0
    high = _cross(fit, above[0], share, top - FALL) if len(above) else MAX_SHARE
    return Mixture(share, low, high, int(used.sum()), float(depth[used].mean()), population)


def log_likelihood(share, ref, alt, frequency, ref_error, alt_error) -> float:
    """The log likelihood of a share of foreign reads, up to a constant; arrays have one element a site."""
    shown = (1 - share) * _COPIES[:, None] + share * _COPIES[None, :]  # of ALT, by both people's genotypes
    shown = shown.reshape(9, 1)
    show_ref = (1 - shown) * (1 - ref_error) + shown * ref_error / 3
    show_alt = shown * (1 - alt_error) + (1 - shown) * alt_error / 3
    one = np.stack([(1 - frequency) ** 2, 2 * frequency * (1 - frequency), frequency**2])
    prior = (one[:, None] * one[None]).reshape(9, -1)
    terms = ref * np.log(show_ref) + alt * np.log(show_alt) + np.log(prior)
    top = terms.max(axis=0)
    return float((top + np.log(np.exp(terms - top).sum(axis=0))).sum())


def _refine(fit, low: float, high: float) -> tuple[float, float]:
    """The place and value of the maximum between two shares, by finer and finer grids."""
    for _ in range(5):
        shares = np.linspace(low, high, 9)
        values = np.array([fit(share) for share in shares])
        best = int(np.argmax(values))
        low, high = shares[max(best - 1, 0)], shares[min(best + 1, 8)]
    return float(shares[best]), float(values[best])


def _cross(fit, outside: float, inside: float, level: float) -> float:
    """Where the likelihood passes a level between a share outside the interval and one inside."""
    for _ in range(20):
        middle = (outside + inside) / 2
        if fit(middle) < level:
            outside = middle
        else:
            inside = middle
    return float(inside)
