"""Whether a person is of a population that a panel holds: near its people, and no more variable than they are.

Someone of a population that the panel lacks can lie among others on its components. But what set that population apart
is then outside the components: the genotypes' squared distance from the panel's means, less what the components
explain, is larger than that of people who lie there. Of inbred people it is larger too, by their inbreeding.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from permed.quality.ancestry.similarity import OUTSIDE, Populations, chi_square_tail

INBRED = 0.09  # of children of cousins 1/16 on average, a standard deviation more: it makes nobody an outsider
NEAR = 0.5  # standard deviations from one of the panel's people at which a person is one of them
EXCESS = 3.0  # standard deviations of the variance above which no nearness counts
INFORMATION = 9.0  # squared standard errors by which a child of two populations must stand out to be known for one
CHILD = 3.5  # standard errors below what is expected of a child of two populations that it may lie
LEAST_TAIL = 0.001  # of children of two populations, of whom heterozygosity speaks too
HETS = np.array([0, -1, 1, 0], np.int8)  # by the store's codes
Hets = Callable[[int], np.ndarray]  # a person's genotypes at the panel's sites: 1 heterozygous, 0 other, -1 none


@dataclass(frozen=True)
class Variance:
    """Variance a site beyond the components by place on these: ``weights`` (1 and components), and its ``deviation``.

    1 is the variance that the panel's frequencies let expect; ``deviation`` is that of the panel's people."""

    weights: np.ndarray
    deviation: float

    def excess(
        self, coordinates: np.ndarray, variance: np.ndarray, share: np.ndarray | float, free: float
    ) -> np.ndarray:
        """Standard deviations above what is expected at ``coordinates`` and a ``free`` part of it, negative below.

        ``share`` is that of the panel's sites at which a person has genotypes; a variance that is NaN is as expected.
        """
        expected = _with_one(coordinates) @ self.weights
        away = variance - expected - free * np.maximum(expected, 0)
        return np.nan_to_num(away / (self.deviation / np.sqrt(share)))


@dataclass(frozen=True)
class Frequencies:
    """ALT frequencies by place on the components: ``mean`` dosage and ``scale`` of each site, ``loadings`` (sites,
    components)."""

    mean: np.ndarray
    scale: np.ndarray
    loadings: np.ndarray

    def at(self, place: np.ndarray) -> np.ndarray:
        """Those at ``place`` (components)."""
        return np.clip((self.mean + self.scale * (self.loadings[:, : len(place)] @ place)) / 2, 0.01, 0.99)


@dataclass(frozen=True)
class Members:
    """The panel's ``populations`` and its people's ``coordinates`` (people, components), with their ``variance``."""

    populations: Populations
    coordinates: np.ndarray
    variance: Variance
    frequencies: Frequencies

    @property
    def drift(self) -> float:
        """Variance a site of the populations' places about their centre."""
        means = self.populations.means
        away = means - means.mean(axis=0)
        return float((away * away).sum(axis=1).mean() / len(self.frequencies.mean))


@dataclass(frozen=True)
class Inside:
    """How far people are inside: ``tail``, the share of the panel's people who are further out (people).

    ``pair`` are the numbers of the two populations, (people, 2), whose child a person seems to be; -1 for nobody.
    ``unsure`` says that a person of a population between these would look the same at the sites at hand."""

    tail: np.ndarray
    pair: np.ndarray
    unsure: np.ndarray

    def better(self, people: np.ndarray, other: "Inside") -> "Inside":
        """The same where some ``people`` turned out to be further inside."""
        tail, pair, unsure = self.tail.copy(), self.pair.copy(), self.unsure.copy()
        gain = other.tail > tail[people]
        tail[people[gain]], pair[people[gain]] = other.tail[gain], other.pair[gain]
        unsure[people[gain]] = other.unsure[gain]
        return Inside(tail, pair, unsure)


def hets_of(packed: np.ndarray) -> Hets:
    """The heterozygous sites of people by number, from packed genotypes (sites, people / 4)."""
    return lambda n: HETS[packed[:, n >> 2] >> (2 * (n & 3)) & 3]


def fit_variance(coordinates: np.ndarray, variance: np.ndarray) -> Variance:
    """The variance beyond the components of some people by least squares on their coordinates."""
    columns = _with_one(coordinates)
    weights = np.linalg.lstsq(columns, variance, rcond=None)[0]
    return Variance(weights, float(np.std(variance - columns @ weights)) + 1e-6)


def look_inside(
    members: Members,
    coordinates: np.ndarray,
    variance: np.ndarray,
    hets: Hets,
    share: np.ndarray | float = 1.0,
    noise: np.ndarray | None = None,
) -> Inside:
    """Compare people with the panel's populations, then with children of two of these, then with its single people."""
    used = coordinates.shape[1]
    squared, _ = members.populations.distances(coordinates, noise)
    lenient = np.maximum(members.variance.excess(coordinates, variance, share, INBRED), 0.0)
    strict = members.variance.excess(coordinates, variance, share, 0.0)
    tail = _tails(squared.min(axis=1) + lenient**2, used + 1)
    pair, unsure = np.full((len(tail), 2), -1), np.zeros(len(tail), bool)
    known_variance = ~np.isnan(variance)
    mixed, (first, second) = members.populations.mixed()
    for n in np.flatnonzero(tail < OUTSIDE):
        one = slice(n, n + 1)
        distance, _ = mixed.distances(coordinates[one], None if noise is None else noise[one])
        best = int(distance[0].argmin()) if len(first) else -1
        child = _tails(distance[:, best] + max(strict[n], 0.0) ** 2, used + 1)[0] if len(first) else 0.0
        may, known = False, False
        if child >= LEAST_TAIL:
            may, known = _is_child(
                members, first[best], second[best], hets(n), -strict[n] if known_variance[n] else None
            )
        if may:
            tail[n], pair[n], unsure[n] = max(child, OUTSIDE), (first[best], second[best]), not known
        elif strict[n] < EXCESS and _nearest(members, coordinates[n]) <= NEAR**2:
            tail[n] = OUTSIDE
    return Inside(tail, pair, unsure)


def _is_child(members: Members, one: int, other: int, hets: np.ndarray, below: float | None) -> tuple[bool, bool]:
    """Whether somebody may be a child of two populations, rather than of one between, and whether that is known.

    A child has an allele of each: where these differ by d in frequency, heterozygotes are d squared over 2 more than
    in a population of the mean frequency. And a child's variance is the parents', ``below`` that by some standard
    deviations (None where it is not known), while that of a population between is larger by its own drift, taken to be
    that of the panel's populations. Both are looked at together: nearer to a child's values than to the other's,
    somebody is a child, if the two are far enough apart to know.
    """
    low, high = (members.frequencies.at(members.populations.means[n]) for n in (one, other))
    known = hets >= 0
    middle, more = ((low + high) / 2)[known], ((low - high) ** 2 / 2)[known]
    plain = 2 * middle * (1 - middle)
    weight = more / (plain * (1 - plain))
    information, found = float((weight * more).sum()), float((weight * (hets[known] - plain)).sum())
    if below is not None:
        drift = members.drift / members.variance.deviation
        information, found = information + drift**2, found + drift * (drift + below)
    sure = information >= INFORMATION and found > information / 2
    return sure or found > information - CHILD * np.sqrt(information), sure


def variance_beyond(squares: np.ndarray, sites: np.ndarray, coordinates: np.ndarray, total: int) -> np.ndarray:
    """Variance a site of people beyond their ``coordinates``; ``squares`` are sums over ``sites`` of ``total``."""
    return squares / np.maximum(sites, 1) - (coordinates * coordinates).sum(axis=1) / total


def _nearest(members: Members, place: np.ndarray) -> float:
    """Squared distance to the nearest of the panel's people, in units of its populations' spread."""
    whiten = np.linalg.inv(np.linalg.cholesky(members.populations.covariances.mean(axis=0)))
    away = (members.coordinates - place) @ whiten.T
    return float((away * away).sum(axis=1).min())


def _tails(squared: np.ndarray, freedom: int) -> np.ndarray:
    return np.array([chi_square_tail(float(value), freedom) for value in squared])


def _with_one(coordinates: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(coordinates)), coordinates])
