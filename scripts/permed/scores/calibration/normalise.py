"""Scores made comparable across ancestries: the mean, or mean and variance, taken out that components predict.

Trained on the unrelated people of a fixed reference panel. ``z_norm1`` is the residual of a linear regression of the
score on the components over the residuals' standard deviation; ``z_norm2`` also lets the variance depend on the
components, log-linearly, by maximum likelihood. Both as ``pgscatalog-ancestry-adjust`` defines them, with four
components (https://pgsc-calc.readthedocs.io/en/latest/explanation/geneticancestry.html).
"""

from dataclasses import dataclass

import numpy as np

COMPONENTS = 4
LEAST_PEOPLE = 50  # ten coefficients are estimated
TOLERANCE = 1e-10
MOST_STEPS = 500


@dataclass(frozen=True)
class Normalisation:
    """What the reference taught: coefficients (intercept first) on standardised components."""

    centre: np.ndarray
    scale: np.ndarray
    mean_only: np.ndarray
    deviation: float
    mean: np.ndarray
    log_variance: np.ndarray

    def z_norm1(self, sums: np.ndarray, components: np.ndarray) -> np.ndarray:
        """Score less what the components predict, in standard deviations of the reference's residuals."""
        return (sums - self._design(components) @ self.mean_only) / self.deviation

    def z_norm2(self, sums: np.ndarray, components: np.ndarray) -> np.ndarray:
        """Score less the mean that the components predict, over the deviation that they predict."""
        design = self._design(components)
        return (sums - design @ self.mean) * np.exp(-0.5 * (design @ self.log_variance))

    def _design(self, components: np.ndarray) -> np.ndarray:
        return design((np.asarray(components)[:, : len(self.centre)] - self.centre) / self.scale)


def design(components: np.ndarray) -> np.ndarray:
    """Components with a leading column of ones."""
    return np.column_stack([np.ones(len(components)), components])


def fit_normalisation(sums: np.ndarray, components: np.ndarray, used: int = COMPONENTS) -> Normalisation | None:
    """Train on reference people: ``sums`` (people,), ``components`` (people, at least ``used``).

    None where there are too few people, or the score or a component does not vary among them.
    """
    components = np.asarray(components, float)[:, :used]
    centre, scale = components.mean(axis=0), components.std(axis=0)
    if len(sums) < LEAST_PEOPLE or not (scale > 0).all() or not np.std(sums) > 0:
        return None
    x = design((components - centre) / scale)
    shift, unit = np.mean(sums), np.std(sums)
    y = (sums - shift) / unit
    mean_only = np.linalg.lstsq(x, y, rcond=None)[0]
    deviation = float(np.std(y - x @ mean_only))
    if not deviation > 1e-9:
        return None
    mean, log_variance = _maximise(y, x, mean_only, deviation)
    log_variance[0] += 2 * np.log(unit)
    return Normalisation(
        *(centre, scale, _rescaled(mean_only, shift, unit), deviation * unit),
        *(_rescaled(mean, shift, unit), log_variance),
    )


def negative_log_likelihood(y: np.ndarray, x: np.ndarray, mean: np.ndarray, log_variance: np.ndarray) -> float:
    """Sum over people of log standard deviation + residual squared / (2 variance)."""
    eta = x @ log_variance
    return float(np.sum(0.5 * eta + 0.5 * (y - x @ mean) ** 2 * np.exp(-eta)))


def _maximise(y: np.ndarray, x: np.ndarray, mean: np.ndarray, deviation: float) -> tuple[np.ndarray, np.ndarray]:
    """Fisher scoring: weighted least squares for the mean, then a step of the log variance, halved while it fails."""
    log_variance = np.zeros(x.shape[1])
    log_variance[0] = 2 * np.log(deviation)
    inverse = np.linalg.pinv(x.T @ x)
    best = negative_log_likelihood(y, x, mean, log_variance)
    for _ in range(MOST_STEPS):
        weight = np.exp(-0.5 * (x @ log_variance))
        mean = np.linalg.lstsq(x * weight[:, None], y * weight, rcond=None)[0]
        step = inverse @ (x.T @ ((y - x @ mean) ** 2 * weight**2 - 1))
        size = 1.0
        while (now := negative_log_likelihood(y, x, mean, log_variance + size * step)) > best and size > 1e-8:
            size /= 2
        log_variance = log_variance + size * step
        converged, best = np.abs(size * step).max() < TOLERANCE, min(best, now)
        if converged:
            break
    return mean, log_variance


def _rescaled(coefficients: np.ndarray, shift: float, unit: float) -> np.ndarray:
    scaled = coefficients * unit
    scaled[0] += shift
    return scaled
