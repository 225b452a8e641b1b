"""Kernels against the same sums in plain NumPy."""

import numpy as np
import pytest

from permed.genotypes.store import pack
from permed.quality.ancestry.kernels import count_chosen, prune
from permed.quality.ancestry.pca import Matrix
from permed.quality.ancestry.sites import words_of


@pytest.fixture(params=[1, 3, 4, 37, 130])
def dosages(request):
    rng = np.random.default_rng(request.param)
    return rng.choice(4, (61, request.param), p=[0.4, 0.3, 0.2, 0.1]).astype(np.uint8)


def dense(dosages, mean, scale):
    return np.where(dosages == 3, 0, (dosages - mean[:, None]) / scale[:, None])


def test_counts_are_those_of_the_chosen_people(dosages, sim):
    people = np.arange(dosages.shape[1]) % 3 != 1
    counts = np.zeros((len(dosages), 3), np.int64)
    count_chosen(pack(sim.CODES[dosages]), words_of(people), counts)
    here = dosages[:, people]
    assert counts[:, 0].tolist() == (here != 3).sum(axis=1).tolist()
    assert counts[:, 1].tolist() == np.where(here == 3, 0, 2 - here.astype(int)).sum(axis=1).tolist()
    assert counts[:, 2].tolist() == (here == 1).sum(axis=1).tolist()


def test_products_are_those_of_the_dense_matrix(dosages, sim):
    rng = np.random.default_rng(0)
    mean, scale = rng.uniform(0.2, 1.8, len(dosages)), rng.uniform(0.3, 0.8, len(dosages))
    rows = np.flatnonzero(rng.random(len(dosages)) < 0.8)
    matrix = Matrix(sim.store_of(dosages, [str(n) for n in range(dosages.shape[1])]), rows, mean[rows], scale[rows])
    whole = dense(dosages, mean, scale)[rows]
    right = rng.standard_normal((dosages.shape[1], 5))
    assert np.allclose(matrix.times(right), whole @ right, rtol=1e-4, atol=1e-3)
    assert np.allclose(matrix.normal(right), whole.T @ (whole @ right), rtol=1e-4, atol=1e-2)
    assert np.allclose(matrix.squares(), (whole**2).sum(axis=0), rtol=1e-5)


def test_pruning_keeps_a_site_that_no_kept_one_before_it_correlates_with(sim):
    rng = np.random.default_rng(3)
    dosages = rng.binomial(2, 0.4, (40, 300)).astype(np.uint8)
    for row in range(1, 40, 3):  # every third is nearly a copy of the one before it
        dosages[row] = np.where(rng.random(300) < 0.95, dosages[row - 1], dosages[row])
    dosages[rng.random(dosages.shape) < 0.05] = 3
    rows, pos = np.arange(40), np.arange(40) * 100
    keep = np.zeros(40, bool)
    prune(pack(sim.CODES[dosages]), rows, pos, words_of(np.ones(300, bool)), 1000, 0.2, keep)
    expected: list[int] = []
    for row in rows:
        near = [other for other in expected if pos[row] - pos[other] <= 1000]
        if not any(squared_correlation(dosages[row], dosages[other]) > 0.2 for other in near):
            expected.append(row)
    assert np.flatnonzero(keep).tolist() == expected
    assert not keep[1::3].any()


def squared_correlation(one, other):
    both = (one != 3) & (other != 3)
    return np.corrcoef(one[both].astype(float), other[both].astype(float))[0, 1] ** 2
