"""How similar a person is to each population of a panel: Gaussians on components, calibrated on held-out people.

A population is a Gaussian; a group (superpopulation) is the mixture of its populations, each of the same weight, so
that a spread-out group keeps its shape. Groups are taken as equally likely beforehand: the panel's sizes say nothing of
where a patient comes from. A temperature, fitted on people who were held out, makes the probabilities as cautious as
they have to be.
"""

import math
from dataclasses import dataclass

import numpy as np

PSEUDO_PEOPLE = 20  # weight of the pooled covariance in that of a population, in people
TEMPERATURES = np.round(np.geomspace(0.5, 8, 33), 3)
BINS = 10
OUTSIDE = 0.01  # whoever is further from every population than all but this share of its people is outside


@dataclass(frozen=True)
class Populations:
    """Gaussians of populations: ``means`` (populations, components), ``covariances`` (…, components, components).

    ``groups`` are the names of the groups, ``of_group`` (populations) which of them each population belongs to.
    """

    names: list[str]
    groups: list[str]
    of_group: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def distances(self, coordinates: np.ndarray, noise: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Squared Mahalanobis distances to each population and log densities, (people, populations) each.

        ``noise`` (people, components, components) is the covariance of a person's own uncertainty.
        """
        spread = np.broadcast_to(self.covariances[None], (len(coordinates), *self.covariances.shape))
        if noise is not None:
            spread = spread + noise[:, None]
        away = coordinates[:, None] - self.means[None]
        lower = np.linalg.cholesky(spread)
        whitened = np.linalg.solve(lower, away[..., None])[..., 0]
        squared = (whitened * whitened).sum(axis=2)
        volume = np.log(np.diagonal(lower, axis1=2, axis2=3)).sum(axis=2)
        return squared, -0.5 * squared - volume

    def mixed(self) -> tuple["Populations", tuple[np.ndarray, np.ndarray]]:
        """The children of people of two populations, and the numbers of these: half of the genome is of either."""
        one, other = np.triu_indices(len(self.names), 1)
        names = [f"{self.names[a]} and {self.names[b]}" for a, b in zip(one, other, strict=True)]
        means, spread = ((each[one] + each[other]) / 2 for each in (self.means, self.covariances))
        return Populations(names, names, np.arange(len(names)), means, spread), (one, other)

    def log_densities(self, densities: np.ndarray) -> np.ndarray:
        """Log densities of the groups from those of their populations, (people, groups)."""
        members = [densities[:, self.of_group == number] for number in range(len(self.groups))]
        return np.stack([_log_mean(each) for each in members], axis=1)


def fit_populations(
    coordinates: np.ndarray, labels: list[str], groups: dict[str, str], names: list[str] | None = None
) -> Populations:
    """Gaussians of the populations in ``labels`` (one of each person); ``groups`` gives the group of each population.

    A population's covariance is drawn to the pooled one, as if that came from :data:`PSEUDO_PEOPLE` more people, and
    widened for the uncertainty of its mean. ``names`` are the populations in order, all by name if not given.
    """
    names = names or sorted(set(labels))
    order = {name: n for n, name in enumerate(names)}
    member = np.array([order[label] for label in labels])
    counts = np.bincount(member, minlength=len(names))
    means = np.stack([coordinates[member == n].mean(axis=0) for n in range(len(names))])
    away = coordinates - means[member]
    pooled = np.einsum("pi,pj->ij", away, away) / max(1, len(away) - len(names))
    products = np.stack([np.einsum("pi,pj->ij", away[member == n], away[member == n]) for n in range(len(names))])
    weight = (np.maximum(counts - 1, 0) + PSEUDO_PEOPLE)[:, None, None]
    covariances = (products + PSEUDO_PEOPLE * pooled) / weight * (1 + 1 / counts)[:, None, None]
    kinds = sorted({groups[name] for name in names})
    return Populations(names, kinds, np.array([kinds.index(groups[n]) for n in names]), means, covariances)


def probabilities(log_densities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of the groups, (people, groups), from log densities divided by the temperature."""
    scaled = log_densities / temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return scaled / scaled.sum(axis=1, keepdims=True)


def fit_temperature(log_densities: np.ndarray, truth: np.ndarray) -> float:
    """The temperature of :data:`TEMPERATURES` with the smallest log loss; ``truth`` has each person's group."""
    means = [losses(probabilities(log_densities, t), truth).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(means))])


def losses(chances: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Negative log probability of each person's true group; its mean is the log loss."""
    return -np.log(np.maximum(chances[np.arange(len(truth)), truth], 1e-300))


def brier(chances: np.ndarray, truth: np.ndarray) -> float:
    """Mean squared distance of the probabilities to the truth, 0 best, 2 worst (Brier 1950)."""
    aim = np.zeros(chances.shape)
    aim[np.arange(len(truth)), truth] = 1
    return float(((chances - aim) ** 2).sum(axis=1).mean())


def reliability(chances: np.ndarray, truth: np.ndarray) -> list[tuple[float, float, int]]:
    """For tenths of the highest probability: its mean, the share that is right, and the people."""
    top, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    tenth = np.minimum((top * BINS).astype(int), BINS - 1)
    present = [tenth == n for n in range(BINS) if (tenth == n).any()]
    return [(float(top[here].mean()), float(right[here].mean()), int(here.sum())) for here in present]


def chi_square_tail(value: float, freedom: int) -> float:
    """Probability that a chi-square variable of ``freedom`` degrees exceeds ``value`` (Abramowitz and Stegun 26.4)."""
    half = value / 2
    if half <= 0:
        return 1.0
    if freedom % 2:
        total, term = math.erfc(math.sqrt(half)), math.sqrt(half) / math.gamma(1.5)
        powers = [n + 0.5 for n in range(freedom // 2)]
    else:
        total, term, powers = 0.0, 1.0, list(range(freedom // 2))
    for power in powers:
        total += term * math.exp(-half)
        term *= half / (power + 1)
    return min(1.0, total)


def _log_mean(values: np.ndarray) -> np.ndarray:
    top = values.max(axis=1)
    return top + np.log(np.exp(values - top[:, None]).mean(axis=1))
