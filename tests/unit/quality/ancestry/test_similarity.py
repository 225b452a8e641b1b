"""Probabilities and distances against published quantiles and planted populations."""

import numpy as np
import pytest

from permed.quality.ancestry import similarity
from permed.quality.ancestry.similarity import chi_square_tail, fit_populations, fit_temperature, probabilities

# Quantiles of chi-square at 0.05, 0.01 and 0.001, as in Abramowitz and Stegun's table 26.8.
QUANTILES = {
    1: (3.84146, 6.63490, 10.828),
    2: (5.99147, 9.21034, 13.816),
    3: (7.81473, 11.3449, 16.266),
    4: (9.48773, 13.2767, 18.467),
    5: (11.0705, 15.0863, 20.515),
    10: (18.3070, 23.2093, 29.588),
}


@pytest.mark.parametrize("freedom", QUANTILES)
def test_tails_are_those_of_the_table(freedom):
    for value, tail in zip(QUANTILES[freedom], (0.05, 0.01, 0.001), strict=True):
        assert chi_square_tail(value, freedom) == pytest.approx(tail, rel=2e-3)
    assert chi_square_tail(0, freedom) == 1


@pytest.fixture
def clouds():
    """People of three populations in two groups, on three components."""
    rng = np.random.default_rng(1)
    means = np.array([[0, 0, 0], [4, 0, 0], [0, 6, 0]])
    spread = np.array([[1, 0.3, 0], [0.3, 1, 0], [0, 0, 2]])
    coordinates = np.concatenate([rng.multivariate_normal(mean, spread, 400) for mean in means])
    labels = [name for name in "ABC" for _ in range(400)]
    return coordinates, labels, means, spread


def test_gaussians_are_those_planted_and_distances_follow_chi_square(clouds):
    coordinates, labels, means, spread = clouds
    fitted = fit_populations(coordinates, labels, {"A": "one", "B": "one", "C": "two"})
    assert np.abs(fitted.means - means).max() < 0.2
    assert np.abs(fitted.covariances - spread).max() < 0.35
    squared, _ = fitted.distances(coordinates)
    own = squared[np.arange(1200), np.repeat([0, 1, 2], 400)]
    tails = np.array([chi_square_tail(value, 3) for value in own])
    for level in (0.01, 0.1, 0.5):
        assert (tails < level).mean() == pytest.approx(level, abs=0.03)


def test_a_person_between_two_groups_gets_even_chances(clouds):
    coordinates, labels, _, _ = clouds
    fitted = fit_populations(coordinates, labels, {"A": "A", "B": "B", "C": "C"})
    _, densities = fitted.distances(np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    chances = probabilities(fitted.log_densities(densities), 1.0)
    assert chances[0, :2] == pytest.approx([0.5, 0.5], abs=0.15)
    assert chances[1, 0] > 0.99


def test_a_group_is_the_mixture_of_its_populations(clouds):
    coordinates, labels, means, _ = clouds
    fitted = fit_populations(coordinates, labels, {"A": "one", "B": "one", "C": "two"})
    _, densities = fitted.distances(means[:2].astype(float))
    chances = probabilities(fitted.log_densities(densities), 1.0)
    assert fitted.groups == ["one", "two"]
    assert chances[:, 0].min() > 0.999


def test_the_temperature_takes_back_overconfidence():
    rng = np.random.default_rng(7)
    honest = rng.normal(0, 1.5, 4000)
    truth = (rng.random(4000) < 1 / (1 + np.exp(-honest))).astype(int)
    boasting = np.stack([np.zeros(4000), 3 * honest], axis=1)
    temperature = fit_temperature(boasting, truth)
    assert temperature == pytest.approx(3, rel=0.12)
    rows = similarity.reliability(probabilities(boasting, temperature), truth)
    assert all(said == pytest.approx(right, abs=0.05) for said, right, people in rows if people > 100)
    boasted = similarity.reliability(probabilities(boasting, 1.0), truth)
    assert max(abs(said - right) for said, right, people in boasted if people > 100) > 0.1


def test_uncertainty_of_a_person_evens_out_the_chances(clouds):
    coordinates, labels, _, _ = clouds
    fitted = fit_populations(coordinates, labels, {"A": "A", "B": "B", "C": "C"})
    place = np.array([[0.5, 0.0, 0.0]])
    noise = 9 * np.eye(3)[None]
    sure, unsure = (
        probabilities(fitted.log_densities(fitted.distances(place, given)[1]), 1.0)[0] for given in (None, noise)
    )
    assert sure[0] > 0.98 > 0.8 > unsure[0]
    assert fitted.distances(place, noise)[0].max() < fitted.distances(place)[0].max()
