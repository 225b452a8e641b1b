"""Deviations against planted outliers."""

import numpy as np
import pytest

from permed.quality.deviations import deviations


def test_deviations_are_scaled_to_standard_deviations():
    values = np.random.default_rng(1).normal(5, 2, 20_000)
    away, expected = deviations(values)
    assert np.std(away) == pytest.approx(1, abs=0.02)
    assert expected[0] == pytest.approx(np.median(values))


def test_ancestry_is_taken_out():
    rng = np.random.default_rng(2)
    pcs = rng.normal(size=(400, 2))
    pcs[:40, 0] += 12
    values = 0.2 + 0.01 * pcs[:, 0] + rng.normal(0, 0.002, 400)
    values[7] += 0.03
    values[300] -= 0.03
    plain, _ = deviations(values)
    away, expected = deviations(values, pcs)
    assert (np.abs(plain) > 5).sum() >= 40
    assert np.flatnonzero(np.abs(away) > 5).tolist() == [7, 300]
    assert expected[7] == pytest.approx(0.2 + 0.01 * pcs[7, 0], abs=0.002)


def test_samples_without_ancestry_are_compared_with_the_plain_cohort():
    rng = np.random.default_rng(3)
    pcs = rng.normal(size=(50, 1))
    values = 1 + 0.1 * pcs[:, 0] + rng.normal(0, 0.001, 50)
    pcs[4] = np.nan
    values[4] = 1.2
    away, expected = deviations(values, pcs)
    plain, _ = deviations(values)
    assert expected[4] == pytest.approx(np.median(values))
    assert away[4] == pytest.approx(plain[4])
    assert abs(away[4]) < 5


def test_what_chance_explains_is_no_deviation():
    values = np.array([2.0, 2.001, 1.999, 2.0, 3.0])
    away, _ = deviations(values, errors=np.array([0.01, 0.01, 0.01, 0.01, 0.5]))
    assert away[4] == pytest.approx(2)


def test_nothing_known_and_nothing_varying_are_no_deviation():
    assert np.isnan(deviations(np.array([np.nan, np.nan]))[0]).all()
    assert np.isnan(deviations(np.array([1.0, 1.0, 1.0]))[0]).all()
