"""Genotypes of pairs of people compared over bit planes, uint64 of shape (people, words), a site a bit.

``hom`` has a 1 for either homozygote, ``alt`` for a heterozygote or homozygous ALT; a missing genotype has neither, and
so do the bits after the last site. Counts of a pair are, in this order, sites with opposite homozygotes (IBS0), sites
heterozygous in both, in the first alone and in the second alone, where the other is homozygous.
"""

import numpy as np
from numba import prange, types
from numba.extending import intrinsic

from permed.kernel import jit

IBS0, BOTH_HET, FIRST_HET, SECOND_HET, SITES = range(5)
TILE = 32


@intrinsic
def _popcount(typing, word):
    """The number of ones in a word."""
    return types.uint64(types.uint64), lambda context, builder, signature, given: builder.ctpop(given[0])


@jit(parallel=True)
def fill_planes(packed, hom, alt):
    """Turn genotypes, uint8 of shape (sites, width), into planes of 4 x width people; every word is written."""
    sites, width = packed.shape
    for word in prange(hom.shape[1]):
        homs = np.zeros((4, width), np.uint64)
        alts = np.zeros((4, width), np.uint64)
        for place in range(min(64, sites - 64 * word)):
            line = packed[64 * word + place]
            shift = np.uint64(place)
            for s in range(4):
                to_hom, to_alt = homs[s], alts[s]
                for k in range(width):
                    code = line[k] >> np.uint8(2 * s) & np.uint8(3)
                    low, high = np.uint64(code & 1), np.uint64(code >> 1)
                    to_hom[k] |= (low ^ high ^ np.uint64(1)) << shift
                    to_alt[k] |= (low ^ np.uint64(1)) << shift
        for k in range(width):
            for s in range(4):
                hom[4 * k + s, word] = homs[s, k]
                alt[4 * k + s, word] = alts[s, k]


@jit(inline="always")
def _word(hom1, alt1, hom2, alt2):
    """The four counts of a pair in a word."""
    het1, het2 = alt1 & ~hom1, alt2 & ~hom2
    return (
        _popcount(hom1 & hom2 & (alt1 ^ alt2)),
        _popcount(het1 & het2),
        _popcount(het1 & hom2),
        _popcount(het2 & hom1),
    )


@jit(inline="always")
def _add(found, ibs0, both, first, second):
    found[0] += np.uint32(ibs0)
    found[1] += np.uint32(both)
    found[2] += np.uint32(first)
    found[3] += np.uint32(second)


@jit(parallel=True)
def add_counts(hom1, alt1, hom2, alt2, same, open_, counts):
    """Add to ``counts`` (uint32, people x people x 4) those of one group with another where ``open_`` (bool) is set.

    Groups have an even number of people. Where they are the ``same``, a person is counted with those behind; what else
    is counted is to be ignored. Two of the second group at a time halve the reading of the first.
    """
    rows, columns = len(hom1), len(hom2)
    across = (columns + TILE - 1) // TILE
    for tile in prange((rows + TILE - 1) // TILE * across):
        top, left = tile // across * TILE, tile % across * TILE
        if not same or left >= top:
            for i in range(top, min(rows, top + TILE)):
                hom, alt = hom1[i], alt1[i]
                for j in range(max(left, i // 2 * 2) if same else left, min(columns, left + TILE), 2):
                    if not open_[i, j] and not open_[i, j + 1]:
                        continue
                    hom_a, alt_a, hom_b, alt_b = hom2[j], alt2[j], hom2[j + 1], alt2[j + 1]
                    a0, a1, a2, a3 = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
                    b0, b1, b2, b3 = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
                    for k in range(len(hom)):
                        n0, n1, n2, n3 = _word(hom[k], alt[k], hom_a[k], alt_a[k])
                        a0, a1, a2, a3 = a0 + n0, a1 + n1, a2 + n2, a3 + n3
                        n0, n1, n2, n3 = _word(hom[k], alt[k], hom_b[k], alt_b[k])
                        b0, b1, b2, b3 = b0 + n0, b1 + n1, b2 + n2, b3 + n3
                    _add(counts[i, j], a0, a1, a2, a3)
                    _add(counts[i, j + 1], b0, b1, b2, b3)


@jit(parallel=True)
def add_pair_counts(hom, alt, first, second, block, counts):
    """Add to ``counts[:, block]`` (uint32, pairs x blocks x 5) those of listed pairs and their sites called in both."""
    for pair in prange(len(first)):
        hom1, alt1, hom2, alt2 = hom[first[pair]], alt[first[pair]], hom[second[pair]], alt[second[pair]]
        c0, c1, c2, c3, both = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
        for k in range(len(hom1)):
            n0, n1, n2, n3 = _word(hom1[k], alt1[k], hom2[k], alt2[k])
            c0, c1, c2, c3 = c0 + n0, c1 + n1, c2 + n2, c3 + n3
            both += _popcount((hom1[k] | alt1[k]) & (hom2[k] | alt2[k]))
        _add(counts[pair, block], c0, c1, c2, c3)
        counts[pair, block, 4] += np.uint32(both)


@jit(inline="always")
def _estimate(found):
    """Kinship of a pair and its variance, as :mod:`permed.quality.kinship.estimates` has them; NaN without hets."""
    ibs0, both = np.float64(found[0]), np.float64(found[1])
    own, other = np.float64(min(found[2], found[3])), np.float64(max(found[2], found[3]))
    hets = own + both
    if hets == 0:
        return np.nan, np.nan
    ratio = (4 * ibs0 + own + other) / hets
    spread = 16 * ibs0 + other + own * (1 - ratio) ** 2 + both * ratio**2
    return 0.5 - ratio / 4, spread / (16 * hets * hets)


@jit(parallel=True)
def close_distant(counts, expected, smallest, errors, open_):
    """Clear ``open_`` (bool, people x people) where kinship is so many standard errors below ``smallest``.

    Kinship counts from what is ``expected`` (float32, likewise) of unrelated people.
    """
    for i in prange(len(counts)):
        for j in range(counts.shape[1]):
            if open_[i, j]:
                value, variance = _estimate(counts[i, j])
                open_[i, j] = not (value - expected[i, j] + errors * np.sqrt(variance) < smallest)


@jit(parallel=True)
def close_unrelated(counts, expected, smallest, errors, open_):
    """Clear ``open_`` where kinship is below ``smallest`` or, with ``errors`` above 0, not so many of them above 0.

    Kinship counts from what is ``expected``, likewise.
    """
    for i in prange(len(counts)):
        for j in range(counts.shape[1]):
            if open_[i, j]:
                value, variance = _estimate(counts[i, j])
                value -= expected[i, j]
                open_[i, j] = value >= smallest and (errors == 0 or value >= errors * np.sqrt(variance))
