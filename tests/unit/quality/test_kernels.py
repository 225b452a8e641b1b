"""Kernels against plain NumPy, and the exact test against enumeration in whole numbers."""

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, pack
from permed.quality.kernels import add_carriers, count_codes, hardy_weinberg, tally_samples


def draw(seed: int, sites: int, samples: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(4, (sites, samples), p=[0.2, 0.05, 0.25, 0.5]).astype(np.uint8)


@settings(max_examples=30)
@given(seed=st.integers(0, 999), sites=st.integers(0, 700), samples=st.integers(1, 41), block=st.integers(1, 5))
def test_tallies_are_those_of_numpy(seed, sites, samples, block):
    codes = draw(seed, sites, samples)
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(rng.random(sites) < 0.7)
    weights = np.where(rng.random(len(rows)) < 0.3, 0, rng.random(len(rows)))
    width = -(-samples // 4)
    counts, missing = np.zeros((2, 4 * width), np.int64), np.zeros(4 * width, np.int64)
    weighed = np.zeros((2, 4 * width))
    tally_samples(pack(codes), rows, weights, counts, missing, weighed, block)
    chosen = codes[rows]
    np.testing.assert_array_equal(counts[:, :samples], [(chosen == code).sum(axis=0) for code in (HET, HOM_ALT)])
    np.testing.assert_array_equal(missing[:samples], (chosen == MISSING).sum(axis=0))
    np.testing.assert_array_equal(weighed[0, :samples], (weights > 0).astype(int) @ (chosen == MISSING))
    np.testing.assert_allclose(weighed[1, :samples], weights @ (chosen == MISSING), rtol=1e-12)


@settings(max_examples=30)
@given(seed=st.integers(0, 999), sites=st.integers(1, 60), samples=st.integers(1, 41))
def test_counts_of_some_samples_are_those_of_numpy(seed, sites, samples):
    codes = draw(seed, sites, samples)
    members = np.random.default_rng(seed).random(samples) < 0.6
    mask = pack((3 * members[None]).astype(np.uint8))[0]
    counts = np.empty((sites, 4), np.int64)
    count_codes(pack(codes), mask, counts)
    counts[:, 0] -= 4 * len(mask) - members.sum()
    np.testing.assert_array_equal(counts, [[(row[members] == code).sum() for code in range(4)] for row in codes])


def test_counts_of_many_samples_do_not_overflow():
    packed = np.full((2, 40_000), 0b10101010, np.uint8)
    counts = np.empty((2, 4), np.int64)
    count_codes(packed, np.full(40_000, 255, np.uint8), counts)
    assert counts.tolist() == [[0, 0, 160_000, 0]] * 2


def test_the_one_carrier_is_found_wherever_it_stands():
    codes = np.full((23, 23), HOM_REF, np.uint8)
    np.fill_diagonal(codes, HET)
    codes[:, 5] = MISSING
    carried = np.zeros(24, np.int64)
    add_carriers(pack(codes), np.arange(23), carried)
    assert carried.tolist() == [n != 5 for n in range(23)] + [0]


def enumerated(het: int, hom1: int, hom2: int) -> Fraction:
    """Mid-p in fractions: n! 2^het a! b! / (het! hom1! hom2! (2n)!) over every possible number of heterozygotes."""
    alleles, people = 2 * min(hom1, hom2) + het, het + hom1 + hom2

    def probability(hets: int) -> Fraction:
        rare = (alleles - hets) // 2
        ways = factorial(people) * 2**hets // (factorial(hets) * factorial(rare) * factorial(people - hets - rare))
        both = factorial(alleles) * factorial(2 * people - alleles)
        return Fraction(ways * both, factorial(2 * people))

    chances = [probability(h) for h in range(alleles % 2, min(alleles, 2 * people - alleles) + 1, 2)]
    own = probability(het)
    assert sum(chances) == 1
    return sum(p for p in chances if p < own) + sum(p for p in chances if p == own) / 2


@settings(max_examples=200)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_mid_p_is_that_of_enumeration(het, hom1, hom2):
    midp = np.empty(1)
    hardy_weinberg(np.array([het]), np.array([hom1]), np.array([hom2]), midp)
    if het + hom1 + hom2 == 0:
        assert np.isnan(midp[0])
    else:
        assert midp[0] == pytest.approx(float(enumerated(het, hom1, hom2)), rel=1e-10)


def test_mid_p_of_extreme_counts_is_finite():
    hets, homs1, homs2 = np.array([100_000, 0, 1, 0]), np.array([0, 50_000, 0, 0]), np.array([0, 50_000, 99_999, 9])
    midp = np.empty(4)
    hardy_weinberg(hets, homs1, homs2, midp)
    assert midp.tolist() == [0, 0, 0.5, 0.5]
