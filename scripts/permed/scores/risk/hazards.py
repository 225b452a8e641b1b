"""Risk between two ages under proportional hazards with competing deaths, in whole years of age.

The hazard of a person is the baseline hazard times the person's relative hazard; the baseline is such that the mean
hazard of those still alive and free of the disease is the population's incidence at every age. The risk is the yearly
sum of hazard times the chance to be alive and free at the year's start, as iCARE has it (Choudhury and others 2020,
PLoS One 15:e0228198). Ages are 0-based whole years; an interval has its first age and not its last.
"""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

REFERENCE_POINTS = 2000  # of the score's distribution in the population, each as likely


@dataclass(frozen=True)
class Rates:
    """Incidence and competing mortality by person-year for the ages ``first``, ``first`` + 1 and so on."""

    first: int
    incidence: np.ndarray
    competing: np.ndarray

    @property
    def end(self) -> int:
        """The first age without rates."""
        return self.first + len(self.incidence)


@cache
def normal_points(number: int) -> np.ndarray:
    """Standard normal quantiles at (i - 1/2) / ``number``: so many equally likely values."""
    return np.array([NormalDist().inv_cdf((i + 0.5) / number) for i in range(number)])


def baseline_hazards(incidence: np.ndarray, relative: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The hazard by year of a person of relative hazard 1.

    ``relative`` are the relative hazards of the population at birth, ``weights`` how many have each. Those of high
    hazard leave first: the mean at an age is over who is left, so that each year needs those before it alone.
    """
    weights = np.ones(len(relative)) if weights is None else np.asarray(weights, float)
    hazards = np.empty(len(incidence))
    before = 0.0
    for year, rate in enumerate(incidence):
        left = weights * np.exp(-relative * before)
        hazards[year] = rate * left.sum() / (left @ relative)
        before += hazards[year]
    return hazards


def cumulative_risk(
    hazards: np.ndarray, competing: np.ndarray, relative: np.ndarray | float, start: int, end: int
) -> np.ndarray:
    """Chance that someone alive and free at year ``start`` has the disease before year ``end``, by relative hazard.

    ``hazards`` are those of :func:`baseline_hazards` and years count from their first.
    """
    relative = np.asarray(relative, float)
    risk = np.zeros(relative.shape)
    lost_to_disease = lost_to_death = 0.0
    for year in range(start, end):
        risk += hazards[year] * relative * np.exp(-relative * lost_to_disease - lost_to_death)
        lost_to_disease += hazards[year]
        lost_to_death += competing[year]
    return risk


def population_risk(rates: Rates, age: int, until: int) -> float:
    """The risk of somebody of whom only age and sex are known."""
    start, end = age - rates.first, until - rates.first
    return float(cumulative_risk(rates.incidence, rates.competing, 1.0, start, end))
