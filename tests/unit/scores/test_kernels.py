"""Kernels against their plain NumPy twins."""

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.genotypes.store import pack
from permed.kernel import jit, set_threads
from permed.scores.kernels import count_codes, sum_terms, take_columns

SHAPES = st.tuples(st.integers(1, 14), st.integers(1, 23), st.integers(0, 2**32 - 1))


def random_codes(variants, samples, seed):
    rng = np.random.default_rng(seed)
    return rng, rng.integers(0, 4, (variants, samples)).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(SHAPES, st.integers(1, 4), st.integers(1, 9))
def test_sums_are_those_of_a_lookup_of_every_genotype(shape, scores, block):
    variants, samples, _ = shape
    rng, codes = random_codes(*shape)
    rows = [np.flatnonzero(rng.random(variants) < 0.6) for _ in range(scores)]
    starts = np.cumsum([0, *map(len, rows)])
    place = np.concatenate(rows).astype(np.int64)
    terms = rng.normal(size=(len(place), 4))
    packed = pack(codes)
    sums = np.zeros((scores, 4 * packed.shape[1]))
    missing = np.zeros(sums.shape, np.int32)
    sum_terms(packed, starts, place, terms, sums, missing, block)
    for score, own in enumerate(rows):
        expected = np.take_along_axis(terms[starts[score] : starts[score + 1]], codes[own], axis=1)
        np.testing.assert_allclose(sums[score, :samples], expected.sum(axis=0), atol=1e-12)
        np.testing.assert_array_equal(missing[score, :samples], (codes[own] == 1).sum(axis=0))
    again, lost = np.zeros_like(sums), np.zeros_like(missing)
    sum_terms(packed, starts, place, terms, again, lost, 4096)
    assert np.array_equal(sums, again)  # to the last bit, however the work is shared out


@settings(max_examples=25, deadline=None)
@given(SHAPES)
def test_counts(shape):
    variants, samples, _ = shape
    _, codes = random_codes(*shape)
    counts = np.empty((variants, 4), np.int64)
    packed = pack(codes)
    count_codes(packed, counts)
    counts[:, 0] -= 4 * packed.shape[1] - samples
    assert np.array_equal(counts, np.stack([(codes == code).sum(axis=1) for code in range(4)], axis=1))


@settings(max_examples=25, deadline=None)
@given(SHAPES, st.data())
def test_columns(shape, data):
    columns = data.draw(st.permutations(range(shape[1])))[: data.draw(st.integers(1, shape[1]))]
    _, codes = random_codes(*shape)
    taken = np.empty((shape[0], -(-len(columns) // 4)), np.uint8)
    take_columns(pack(codes), np.array(columns), taken)
    assert np.array_equal(taken, pack(codes[:, columns]))


def test_kernels_compile_where_no_folder_for_the_cache_can_be_written(monkeypatch):
    monkeypatch.setattr(numba.core.caching.CacheImpl, "_locator_classes", [])
    assert jit(lambda x: x + 1)(1) == 2


def test_more_threads_than_there_are_is_no_error():
    before = numba.get_num_threads()
    set_threads(10_000)
    set_threads(before)
    assert numba.get_num_threads() == before
