"""Risk of people by their Z, with an interval that carries what is not known of the effect and of the score.

The hazard is multiplied by exp(beta z), z being the whole score. Of it the matched variants are known: they carry the
share ``reliability`` of its variance, so that z is normal around sqrt(reliability) times the matched part's Z with
variance 1 - reliability. Of the matched variants a person may lack genotypes, which count as their mean: with the share
``read`` of them the unknown variance is 1 - reliability x read. The risk is the mean over that; with nothing matched it
would be the population's. The interval holds 95 % of the risks over the effect's standard error and the unknown part
together, by quadrature over equally likely values, which is the same at each run.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from permed.scores.risk.hazards import (
    REFERENCE_POINTS,
    Rates,
    baseline_hazards,
    cumulative_risk,
    normal_points,
)

EFFECTS, UNKNOWN, RATIOS = 41, 25, 9  # equally likely values of each
GRID = 601
LEAST_UNKNOWN = 1e-6  # variance below which a score is whole
CHUNK = 2000  # people at once
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class Factor:
    """What multiplies the hazard besides the score: the log of a published ratio and its standard error."""

    log_ratio: float = 0.0
    log_deviation: float = 0.0


@dataclass(frozen=True)
class Model:
    """A score's effect on a disease: ``beta``, the log hazard ratio for each standard deviation, and its standard
    error ``beta_deviation``; ``reliability`` is the share of the score's variance that the matched variants carry."""

    rates: Rates
    beta: float
    beta_deviation: float
    reliability: float = 1.0

    def risk(self, z: np.ndarray, age: int, until: int, factor: Factor | None = None, read: float = 1.0) -> np.ndarray:
        """Risk before ``until`` of people of this Z (of the matched part), alive and free of the disease at ``age``."""
        factor = factor or Factor()
        whole = self._whole(z, read)
        relative = np.exp(self.beta * whole + factor.log_ratio)
        start, end = age - self.rates.first, until - self.rates.first
        return cumulative_risk(self._baseline, self.rates.competing, relative, start, end).mean(axis=1)

    def interval(
        self, z: np.ndarray, age: int, until: int, factor: Factor | None = None, read: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """The bounds of the 95 % interval of :meth:`risk`."""
        factor = factor or Factor()
        z = np.asarray(z, float)
        low, high = np.empty(len(z)), np.empty(len(z))
        ratios = np.array([factor.log_ratio])
        if factor.log_deviation:
            ratios = factor.log_ratio + factor.log_deviation * normal_points(RATIOS)
        for first in range(0, len(z), CHUNK):
            some = slice(first, first + CHUNK)
            risks = self._spread(self._whole(z[some], read), age, until, ratios)
            low[some], high[some] = np.quantile(risks, INTERVAL, axis=1, method="hazen")
        return low, high

    def _spread(self, whole: np.ndarray, age: int, until: int, ratios: np.ndarray) -> np.ndarray:
        start, end = age - self.rates.first, until - self.rates.first
        parts = []
        for beta, hazards in self._baselines:
            logs = (beta * whole[:, :, None] + ratios).reshape(len(whole), -1)
            grid = np.linspace(logs.min(), max(logs.max(), logs.min() + 1e-9), GRID)
            told = cumulative_risk(hazards, self.rates.competing, np.exp(grid), start, end)
            parts.append(np.interp(logs, grid, told))
        return np.concatenate(parts, axis=1)

    def _whole(self, z: np.ndarray, read: float) -> np.ndarray:
        """What the whole score can be, (people, equally likely values), of which the matched part's Z is known."""
        known = math.sqrt(min(self.reliability, 1.0)) * np.asarray(z, float)[:, None]
        unknown = 1 - min(self.reliability, 1.0) * min(read, 1.0)
        if unknown < LEAST_UNKNOWN:
            return known
        points = normal_points(UNKNOWN)
        return known + math.sqrt(unknown) * points / points.std()

    @cached_property
    def _baseline(self) -> np.ndarray:
        return self._hazards(self.beta)

    @cached_property
    def _baselines(self) -> list[tuple[float, np.ndarray]]:
        betas = self.beta + self.beta_deviation * normal_points(EFFECTS)
        return [(float(beta), self._hazards(float(beta))) for beta in betas]

    def _hazards(self, beta: float) -> np.ndarray:
        return baseline_hazards(self.rates.incidence, np.exp(beta * normal_points(REFERENCE_POINTS)))
