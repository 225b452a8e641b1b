"""Kernels against their plain NumPy twins."""

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.genotypes.store import DOSAGE_UNIT, NO_DOSAGE, pack
from permed.kernel import jit, set_threads
from permed.scores.kernels import GROUP, IMPUTED, KNOWN, LEFT_OUT, add_planes, measure_rows, take_columns, take_rows

SHAPES = st.tuples(st.integers(1, 14), st.integers(1, 23), st.integers(0, 2**32 - 1))
NO = 1


def random_genotypes(variants, samples, seed, rich=True):
    """Codes, dosages (NaN for none) and single copies, and the same as the kernels take them."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (variants, samples)).astype(np.uint8)
    has_units, has_single = rng.random((2, variants)) < 0.5 * rich
    single = (rng.random((variants, samples)) < 0.5) & has_single[:, None]
    codes[single & (codes == 2)] = NO
    units = rng.integers(0, 2 * DOSAGE_UNIT + 1, (variants, samples)).astype(np.uint16)
    units[(rng.random(units.shape) < 0.4) | ~has_units[:, None]] = NO_DOSAGE
    places = [np.where(has, np.cumsum(has) - 1, -1) for has in (has_units, has_single)]
    genotypes = pack(codes), units[has_units], places[0], single[has_single].astype(np.uint8), places[1]
    dosages = np.where(units == NO_DOSAGE, np.nan, units / DOSAGE_UNIT)
    return rng, codes, dosages, single, genotypes


def plain_plane(codes, dosages, single, value):
    """A plane as its definition has it, and which genotypes are missing."""
    none, one, two, single_none, single_one, missing_two, missing_one = value
    of_pair = np.array([two, missing_two, one, none])[codes]
    of_one = np.array([single_one, missing_one, np.nan, single_none])[codes]
    pair = np.interp(dosages, [0, 1, 2], [none, one, two])
    alone = np.interp(dosages, [0, 2], [single_none, single_one])
    by_code, by_dosage = np.where(single, of_one, of_pair), np.where(single, alone, pair)
    return np.where(np.isnan(dosages), by_code, by_dosage), (codes == NO) & np.isnan(dosages)


@settings(max_examples=60)
@given(SHAPES, st.integers(1, 4), st.integers(1, 9), st.booleans(), st.integers(1, 3 * GROUP))
def test_sums_and_counts_are_those_of_every_genotype_looked_up(shape, scores, block, rich, size):
    variants, samples, _ = shape
    rng, codes, dosages, single, genotypes = random_genotypes(*shape, rich)
    places = np.sort(rng.integers(0, variants, size))
    values = rng.normal(size=(size, 7))
    fates = rng.integers(0, 3, size)
    weights = np.where(rng.random((size, scores)) < 0.4, rng.normal(size=(size, scores)), 0)
    starts, planes, own = [], [], []
    for group in range(0, size, GROUP):
        starts.append([len(planes)])
        for score in range(scores):
            used = group + np.flatnonzero(weights[group : group + GROUP, score])
            planes, own = [*planes, *used], [*own, *weights[used, score]]
            starts[-1].append(len(planes))
    given_ = np.array(starts), np.array(planes, np.int64), np.array(own, float)
    sums = np.zeros((scores, 4 * genotypes[0].shape[1]))
    counts = np.zeros((3, *sums.shape), np.int32)
    add_planes(genotypes, places, values, fates, *given_, sums, counts, block)
    expected, noted = np.zeros((scores, samples)), np.zeros((3, scores, samples), int)
    for p, place in enumerate(places):
        plane, lost = plain_plane(codes[place], dosages[place], single[place], values[p])
        used = weights[p] != 0
        expected += np.outer(weights[p], plane)
        noted[0, used] += lost & (fates[p] == IMPUTED)
        noted[1, used] += lost & (fates[p] == LEFT_OUT)
        noted[2, used] += single[place] & ~(lost & (fates[p] == LEFT_OUT))
    np.testing.assert_allclose(sums[:, :samples], expected, atol=1e-11)
    np.testing.assert_array_equal(counts[:, :, :samples], noted)
    assert KNOWN not in (IMPUTED, LEFT_OUT)
    again, recounted = np.zeros_like(sums), np.zeros_like(counts)
    add_planes(genotypes, places, values, fates, *given_, again, recounted, 4096)
    assert np.array_equal(sums[:, :samples], again[:, :samples])  # to the last bit, however the work is shared out


@settings(max_examples=40)
@given(SHAPES, st.booleans())
def test_measures(shape, rich):
    _, codes, dosages, single, genotypes = random_genotypes(*shape, rich)
    found = np.empty((shape[0], 4))
    measure_rows(genotypes, shape[1], found)
    alts = np.where(np.isnan(dosages), np.array([2, np.nan, 1, 0])[codes], dosages)
    chromosomes = np.where(single, 1, 2)
    np.testing.assert_allclose(found[:, 0], np.nansum(alts / 2 * chromosomes, axis=1))
    np.testing.assert_array_equal(found[:, 1], np.where(np.isnan(alts), 0, chromosomes).sum(axis=1))
    np.testing.assert_array_equal(found[:, 2], np.isnan(alts).sum(axis=1))
    np.testing.assert_array_equal(found[:, 3], (~np.isnan(dosages)).sum(axis=1))


@settings(max_examples=25)
@given(SHAPES, st.data())
def test_columns_and_rows(shape, data):
    columns = data.draw(st.permutations(range(shape[1])))[: data.draw(st.integers(1, shape[1]))]
    rows = np.array(data.draw(st.lists(st.integers(0, shape[0] - 1), min_size=1)))
    codes = random_genotypes(*shape)[1]
    taken = np.empty((len(rows), -(-len(columns) // 4)), np.uint8)
    take_columns(pack(codes), rows, np.array(columns), taken)
    assert np.array_equal(taken, pack(codes[rows][:, columns]))
    whole = np.empty((len(rows), -(-shape[1] // 4)), np.uint8)
    take_rows(pack(codes), rows, whole)
    assert np.array_equal(whole, pack(codes[rows]))


def test_kernels_compile_where_no_folder_for_the_cache_can_be_written(monkeypatch):
    monkeypatch.setattr(numba.core.caching.CacheImpl, "_locator_classes", [])
    assert jit(lambda x: x + 1)(1) == 2


def test_more_threads_than_there_are_is_no_error():
    before = numba.get_num_threads()
    set_threads(10_000)
    set_threads(before)
    assert numba.get_num_threads() == before
