"""The share of foreign reads by maximum likelihood, with its interval, for a stranger's and a relative's reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from permed.quality.depths.contamination.cells import Cells
from permed.quality.depths.contamination.kernels import LOG_ERROR, PARAMETERS, SHARE, likelihood

FALL = 1.920729  # of the log likelihood at the ends of a 95 % interval: half the quantile of chi-squared, one degree
FALL_SURE = 4.5  # where no larger share is plausible: three standard errors
MARGIN = 1.25  # in people of whom the frequencies are not (FST 0.1) a share is found about a fifth smaller
MAX_SHARE = 0.5  # above it the contaminant would be the person
LOWEST = np.array([0.0, np.log(1e-5), np.log(0.4), 0.002])  # of share, log of error, log of hets, spread of balance
HIGHEST = np.array([MAX_SHARE, np.log(0.1), np.log(2.0), 0.25])
LONGEST = np.array([0.1, 1.0, 0.3, 0.05])  # steps of the search
START = np.array([0.0, np.log(0.002), 0.0, 0.03])
STARTS = (0.002, 0.06, 0.25)  # shares from which the maximum is sought
STEPS, CLOSE = 25, 0.005  # of the search, and the gain of the log likelihood at which it ends
RELATIONS = {"stranger": (1.0, 0.0, 0.0), "parent or child": (0.0, 1.0, 0.0), "sibling": (0.25, 0.5, 0.25)}
EVEN = np.array([[1.0], [1.0]])  # bases are as often wrong at every site
UNEVEN = np.array([[0.02, 0.5, 2.5, 7.0], [0.5, 0.28, 0.15, 0.07]])  # at a few sites far more often
OTHERS = np.arange(PARAMETERS) != SHARE


@dataclass(frozen=True)
class Fit:
    """The share of a contaminant of one ``relation`` and the other ``values`` at the maximum of the likelihood."""

    relation: str
    values: np.ndarray
    log_likelihood: float

    @property
    def share(self) -> float:
        """Of foreign reads."""
        return float(self.values[SHARE])


@dataclass(frozen=True)
class Mixture:
    """The share of foreign reads if they are a stranger's, with its 95 % likelihood interval.

    ``most`` is what the reads do not exclude, be they a stranger's or a relative's, ``relation`` the likeliest one,
    ``error`` the rate of wrong bases."""

    share: float
    low: float
    high: float
    most: float
    relation: str
    error: float


@dataclass(frozen=True)
class Model:
    """The likelihood of one person's ``cells`` if bases are wrong as ``errors`` say."""

    cells: Cells
    errors: np.ndarray

    def at(self, relation: str, values: np.ndarray, slope: np.ndarray, information: np.ndarray) -> float:
        """The log likelihood; writes its slope and information."""
        held = self.cells
        known = (
            held.cells,
            held.number,
            held.frequency,
            np.array(RELATIONS[relation]),
            held.low,
            held.shown,
            held.ways,
        )
        return likelihood(*known, held.bias, self.errors, values, slope, information)


def fit_mixture(cells: Cells, clean: float) -> Mixture:
    """Estimate the share of foreign reads; ``clean`` is the share from which on somebody is accused.

    The same reads mean less of a stranger than of a relative, who has half of the person's alleles. Sites at which
    bases are far more often wrong than at others look like foreign reads: before anybody is accused that is tried.
    """
    even, likely = _estimate(Model(cells, EVEN))
    if even.most < clean:
        return even
    uneven, likelier = _estimate(Model(cells, UNEVEN))
    return uneven if likelier > likely + FALL else even


def _estimate(model: Model) -> tuple[Mixture, float]:
    """The estimate, and the log likelihood of the likeliest relation."""
    stranger = _fit(model, "stranger", STARTS)
    fits = [stranger]
    for relation in list(RELATIONS)[1:]:
        fits.append(_fit(model, relation, (max(stranger.share, 0.002), min(2 * stranger.share + 0.002, MAX_SHARE))))
    top = max(fit.log_likelihood for fit in fits)
    plausible = [fit for fit in fits if fit.log_likelihood >= top - FALL_SURE]
    most = MARGIN * max(_end(model, fit, MAX_SHARE, top - FALL_SURE) for fit in plausible)
    best = max(fits, key=lambda fit: fit.log_likelihood)
    level = stranger.log_likelihood - FALL
    low, high = (_end(model, stranger, bound, level) for bound in (0.0, MAX_SHARE))
    error = float(np.exp(stranger.values[LOG_ERROR]))
    return Mixture(stranger.share, low, high, min(most, MAX_SHARE), best.relation, error), top


def _fit(model: Model, relation: str, starts: Sequence[float]) -> Fit:
    found = []
    for share in (0.0, *starts):
        values = START.copy()
        values[SHARE] = share
        found.append(_climb(model, relation, values, OTHERS | (share > 0)))
    top, values = max(found, key=lambda each: each[0])
    return Fit(relation, values, top)


def _climb(model: Model, relation: str, values: np.ndarray, free: np.ndarray) -> tuple[float, np.ndarray]:
    """The maximum over the ``free`` parameters by scoring, each step shortened until it gains."""
    slope, information = np.zeros(PARAMETERS), np.zeros((PARAMETERS, PARAMETERS))
    at = model.at(relation, values, slope, information)
    for _ in range(STEPS):
        step = _step(values, slope, information, free)
        for _ in range(8):
            tried = np.clip(values + step, LOWEST, HIGHEST)
            new_slope, new_information = np.zeros(PARAMETERS), np.zeros((PARAMETERS, PARAMETERS))
            reached = model.at(relation, tried, new_slope, new_information)
            if reached > at:
                break
            step = step / 3
        else:
            break
        gain, at, values, slope, information = reached - at, reached, tried, new_slope, new_information
        if gain < CLOSE:
            break
    return at, values


def _step(values: np.ndarray, slope: np.ndarray, information: np.ndarray, free: np.ndarray) -> np.ndarray:
    """A scoring step of the parameters that are free and not pressed against a bound."""
    pressed = ((values <= LOWEST) & (slope <= 0)) | ((values >= HIGHEST) & (slope >= 0))
    moving = np.flatnonzero(free & ~pressed)
    step = np.zeros(PARAMETERS)
    if len(moving):
        matrix = information[np.ix_(moving, moving)]
        ridge = np.diag(1e-3 * np.diagonal(matrix) + 1e-6)
        step[moving] = np.linalg.solve(matrix + ridge, slope[moving])
    return np.clip(step, -LONGEST, LONGEST)


def _end(model: Model, best: Fit, bound: float, level: float) -> float:
    """Where the profile of the share falls to ``level`` between the maximum and a bound; the bound if it does not."""
    inside, outside, values = best.share, best.share, best.values
    if inside == bound:
        return bound
    width = max(0.004, 0.1 * inside)
    while True:
        outside = max(bound, outside - width) if bound < best.share else min(bound, outside + width)
        reached, there = _profile(model, best.relation, values, outside)
        if reached < level:
            break
        inside, values = outside, there
        if outside == bound:
            return bound
        width *= 2
    for _ in range(5):
        middle = (inside + outside) / 2
        reached, there = _profile(model, best.relation, values, middle)
        if reached < level:
            outside = middle
        else:
            inside, values = middle, there
    return (inside + outside) / 2


def _profile(model: Model, relation: str, values: np.ndarray, share: float) -> tuple[float, np.ndarray]:
    here = values.copy()
    here[SHARE] = share
    return _climb(model, relation, here, OTHERS)
