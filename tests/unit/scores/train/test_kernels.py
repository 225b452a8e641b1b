"""Numbers of the kernels against published values, quadrature, and numpy."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from permed.scores.train.kernels import draw_local_scale, factorise, log10_p_of, squared_correlation, z_of


def test_p_values_of_z_scores_near_and_far():
    z = np.array([0.0, 0.5, 1.959963984540054, 5.4513104])
    found = np.empty(len(z))
    log10_p_of(z, found)
    normal = NormalDist()
    assert found == pytest.approx([math.log10(2 * normal.cdf(-value)) for value in z], rel=1e-9, abs=1e-12)
    assert 10 ** found[3] == pytest.approx(5e-8, rel=1e-6)  # the threshold of genome-wide significance


@pytest.mark.parametrize("z", [7.0, 24.9, 25.1, 37.0, 60.0])
def test_tails_beyond_the_smallest_double_agree_with_quadrature(z):
    found = np.empty(1)
    log10_p_of(np.array([z]), found)
    t = np.linspace(0, 40 / z, 400_001)  # the tail is exp(-z²/2) times the integral of exp(-zt - t²/2)
    integral = np.trapezoid(np.exp(-z * t - t * t / 2), t)
    expected = (math.log(2 * integral / math.sqrt(2 * math.pi)) - z * z / 2) / math.log(10)
    assert found[0] == pytest.approx(expected, rel=1e-8)


def test_z_scores_come_back_from_their_p_values():
    z = np.array([0.0, 0.3, 2.0, 5.45, 24.99, 25.01, 38.5, 200.0])
    log10_p, back = np.empty(len(z)), np.empty(len(z))
    log10_p_of(z, log10_p)
    z_of(log10_p, back)
    assert back == pytest.approx(z, rel=1e-7, abs=1e-9)


def test_squared_correlation_over_people_called_at_both():
    rng = np.random.default_rng(1)
    codes = rng.choice([0, 1, 2, 3], (2, 301), p=[0.2, 0.1, 0.4, 0.3]).astype(np.uint8)
    counts = np.array([2.0, np.nan, 1.0, 0.0])[codes]
    both = ~np.isnan(counts).any(axis=0)
    expected = np.corrcoef(counts[:, both])[0, 1] ** 2
    assert squared_correlation(codes[0], codes[1]) == pytest.approx(expected, rel=1e-12)
    assert math.isnan(squared_correlation(codes[0], np.full(301, 3, np.uint8)))


@pytest.mark.parametrize("size", [1, 7, 8, 9, 40, 203])
def test_factors_of_correlations(size):
    rng = np.random.default_rng(size)
    people = rng.normal(size=(2 * size + 5, size)) + rng.normal(size=(2 * size + 5, 1))
    matrix = np.corrcoef(people, rowvar=False).reshape(size, size) + np.eye(size)
    found = matrix.astype(np.float32)
    assert factorise(found)
    assert np.triu(found) == pytest.approx(np.linalg.cholesky(matrix).T, abs=2e-5)


def test_a_matrix_that_is_not_positive_definite_has_no_factors():
    matrix = np.full((9, 9), 1.5, np.float32)
    np.fill_diagonal(matrix, 1)
    assert not factorise(matrix)


# from weights that vanish, where the density is a gamma's, to those that pin the value
SCALES = [(2.0, 0.0), (1e-3, 1e-300), (2.0, 1e-12), (0.5, 0.3), (1e4, 25.0), (1e-6, 1e4), (3e7, 1e-9), (5.0, 1e6)]


@pytest.mark.parametrize(("rate", "weight"), SCALES)
def test_local_scales_have_the_distribution_of_the_density(rate, weight):
    rng = np.random.default_rng(7)
    drawn = np.sort([draw_local_scale(rate, weight, rng) for _ in range(20_000)])
    assert (drawn > 0).all()
    # in u = log x the density is exp(u/2 - (rate e^u + weight e^-u) / 2)
    middle = math.log(max(math.sqrt(weight / rate), 1e-14 / rate))
    u = np.linspace(min(middle, math.log(drawn[0])) - 5, math.log(drawn[-1]) + 5, 2_000_001)
    exponent = u / 2 - (rate * np.exp(u) + weight * np.exp(-u)) / 2
    density = np.exp(exponent - exponent.max())
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    expected = np.interp(np.log(drawn), u, cumulative / cumulative[-1])
    empirical = (np.arange(len(drawn)) + 0.5) / len(drawn)
    assert np.abs(expected - empirical).max() < 1.95 / math.sqrt(len(drawn))  # Kolmogorov, one in a thousand
