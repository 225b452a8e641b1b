"""Sums over two-bit genotypes: uint8 of shape (variants, ceil(samples / 4)), codes as in :mod:`permed.genotypes.store`.

Four variants of a score are looked up at once in a table of the 256 sums of their terms, so that a genotype costs a
quarter of a lookup and the terms of the four codes can be anything: either allele, dominant, recessive, imputed.
"""

import numpy as np
from numba import prange

from permed.kernel import jit

_MISSING_IN = np.array([sum(byte >> shift & 3 == 1 for shift in (0, 2, 4, 6)) for byte in range(256)], np.uint8)
_COUNTS_IN = np.array(
    [[sum(byte >> shift & 3 == code for shift in (0, 2, 4, 6)) for code in range(4)] for byte in range(256)], np.int64
)


@jit(inline="always")
def _by_sample(word):
    """Turn four bytes of four samples each, one a variant, into four bytes of four variants each, one a sample."""
    swap = (word ^ (word >> np.uint32(6))) & np.uint32(0x00CC00CC)
    word = word ^ swap ^ (swap << np.uint32(6))
    swap = (word ^ (word >> np.uint32(12))) & np.uint32(0x0000F0F0)
    return word ^ swap ^ (swap << np.uint32(12))


@jit(parallel=True)
def sum_terms(packed, starts, rows, terms, sums, missing, block):
    """Add the terms of sparse scores to ``sums`` and the number of missing genotypes to ``missing``.

    Score ``s`` has the entries ``starts[s]`` to ``starts[s + 1]`` (excluded): ``rows`` of ``packed`` and ``terms``
    (float64, entries x 4), what each code adds. ``sums`` (float64) and ``missing`` (int32) have the shape
    (scores, 4 x width); what stands at padding samples is meaningless. Work is shared out by score and by ``block``
    bytes of samples; the order of additions for a sample does not depend on either.
    """
    width = packed.shape[1]
    blocks = (width + block - 1) // block
    for task in prange((len(starts) - 1) * blocks):
        score = task // blocks
        first = task % blocks * block
        last = min(width, first + block)
        total = sums[score, 4 * first : 4 * last]
        lost = missing[score, 4 * first : 4 * last]
        low = np.empty(16, np.float64)
        table = np.empty(256, np.float64)
        entry = starts[score]
        while entry + 4 <= starts[score + 1]:
            for x in range(16):
                low[x] = terms[entry, x & 3] + terms[entry + 1, x >> 2]
            for y in range(16):
                high = terms[entry + 2, y & 3] + terms[entry + 3, y >> 2]
                for x in range(16):
                    table[16 * y + x] = low[x] + high
            a = packed[rows[entry], first:last]
            b = packed[rows[entry + 1], first:last]
            c = packed[rows[entry + 2], first:last]
            d = packed[rows[entry + 3], first:last]
            for k in range(last - first):
                word = np.uint32(a[k]) | np.uint32(b[k]) << np.uint32(8)
                word = _by_sample(word | np.uint32(c[k]) << np.uint32(16) | np.uint32(d[k]) << np.uint32(24))
                for s in range(4):
                    codes = word & np.uint32(255)
                    total[4 * k + s] += table[codes]
                    lost[4 * k + s] += _MISSING_IN[codes]
                    word >>= np.uint32(8)
            entry += 4
        while entry < starts[score + 1]:
            for k in range(last - first):
                byte = packed[rows[entry], first + k]
                for s in range(4):
                    code = byte >> (2 * s) & 3
                    total[4 * k + s] += terms[entry, code]
                    lost[4 * k + s] += code == 1
            entry += 1


@jit(parallel=True)
def count_codes(packed, counts):
    """Write the number of each code in every row to ``counts`` (int64, rows x 4); padding counts as code 0."""
    for row in prange(len(packed)):
        found = np.zeros(4, np.int64)
        for k in range(packed.shape[1]):
            for code in range(4):
                found[code] += _COUNTS_IN[packed[row, k], code]
        counts[row] = found


@jit(parallel=True)
def take_columns(packed, columns, taken):
    """Write the genotypes of some samples, ``columns`` in their new order, to ``taken`` (rows x ceil(columns / 4))."""
    for row in prange(len(packed)):
        for k in range(taken.shape[1]):
            byte = 0
            for s in range(min(4, len(columns) - 4 * k)):
                column = columns[4 * k + s]
                byte |= (packed[row, column // 4] >> (2 * (column % 4)) & 3) << (2 * s)
            taken[row, k] = byte
