"""Kernels over two-bit genotypes: counting, pruning, products with the matrix of standardised genotypes, projection.

Codes are those of :mod:`permed.genotypes.store`: 0 homozygous ALT, 1 missing, 2 heterozygous, 3 homozygous REF. The
matrix has a row a site and a column a person; ``values`` (float32, sites x 4) holds what each code of a site is there,
0 for missing. Sums run in a fixed order, in one thread.
"""

import numpy as np

from permed.kernel import jit

GROUP = 8  # bytes of genotypes whose tables fit the processor's cache together


@jit(inline="always")
def _ones(word):
    """How many bits of a word are set."""
    word = word - (word >> np.uint64(1) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (word >> np.uint64(2) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@jit
def count_chosen(packed, mask, counts):
    """Write to ``counts`` (int64, rows x 3) the people called, their REF alleles, and their heterozygotes.

    ``mask`` (uint64) has the lower bit of each genotype of the people to count.
    """
    width = packed.shape[1]
    words = np.zeros(len(mask), np.uint64)
    values = words.view(np.uint8)
    people = 0
    for k in range(len(mask)):
        people += _ones(mask[k])
    for row in range(len(packed)):
        values[:width] = packed[row]
        missing, carriers, twice = 0, 0, 0
        for k in range(len(words)):
            first, second = words[k] & mask[k], words[k] >> np.uint64(1) & mask[k]
            missing += _ones(first & ~second)
            carriers += _ones(second)
            twice += _ones(first & second)
        counts[row, 0], counts[row, 1], counts[row, 2] = people - missing, carriers + twice, carriers - twice


@jit
def prune(packed, rows, pos, mask, window, most, keep):
    """Mark in ``keep`` the sites that no kept site before them, within ``window`` bases, correlates with.

    ``rows`` of ``packed`` are one contig's sites in order, ``pos`` their positions; ``most`` is the largest squared
    correlation of dosages, over the people of ``mask`` called at both sites, that two kept sites may have.
    """
    width, size = packed.shape[1], len(mask)
    held = 256
    carrier, twice = np.zeros((held, size), np.uint64), np.zeros((held, size), np.uint64)
    missing = np.zeros((held, size), np.uint64)
    where = np.zeros(held, np.int64)
    words = np.zeros(size, np.uint64)
    values = words.view(np.uint8)
    people, kept = 0, 0
    for k in range(size):
        people += _ones(mask[k])
    for number in range(len(rows)):
        values[:width] = packed[rows[number]]
        at = kept % held
        for k in range(size):
            first, second = words[k] & mask[k], words[k] >> np.uint64(1) & mask[k]
            carrier[at, k], twice[at, k], missing[at, k] = second, first & second, first & ~second
        alone = True
        for back in range(1, min(kept, held - 1) + 1):
            other = (kept - back) % held
            if pos[number] - where[other] > window:
                break
            if _correlation(carrier, twice, missing, at, other, people) > most:
                alone = False
                break
        keep[number] = alone
        if alone:
            where[at] = pos[number]
            kept += 1


@jit(inline="always")
def _correlation(carrier, twice, missing, one, other, people):
    n, x, y, xx, yy, xy = people, 0, 0, 0, 0, 0
    for k in range(carrier.shape[1]):
        lost = missing[one, k] | missing[other, k]
        n -= _ones(lost)
        a, b = carrier[one, k] & ~lost, twice[one, k] & ~lost
        c, d = carrier[other, k] & ~lost, twice[other, k] & ~lost
        ones, twos = _ones(a), _ones(b)
        x, xx = x + ones + twos, xx + ones + 3 * twos
        ones, twos = _ones(c), _ones(d)
        y, yy = y + ones + twos, yy + ones + 3 * twos
        xy += _ones(a & c) + _ones(a & d) + _ones(b & c) + _ones(b & d)
    spread = (n * xx - x * x) * np.float64(n * yy - y * y)
    together = np.float64(n * xy - x * y)
    return together * together / spread if spread > 0 else 1.0


@jit
def times(packed, right, dosages, missing):
    """Sum rows of ``right`` (float32, people x columns) by genotype.

    To ``dosages`` (float32, sites x columns) goes the sum with REF dosages as weights, a missing genotype weighing 0;
    to ``missing`` the sum over missing genotypes. Tables hold the sums of every byte, that is of four people.
    """
    columns = right.shape[1]
    width = packed.shape[1]
    weighed = np.zeros((GROUP, 256, columns), np.float32)
    lost = np.zeros((GROUP, 256, columns), np.float32)
    dosages[:], missing[:] = 0, 0
    for start in range(0, width, GROUP):
        stop = min(start + GROUP, width)
        for byte in range(start, stop):
            _fill_tables(right, byte, weighed[byte - start], lost[byte - start])
        for row in range(len(packed)):
            for byte in range(start, stop):
                value = packed[row, byte]
                table = weighed[byte - start, value]
                for c in range(columns):
                    dosages[row, c] += table[c]
                if value & 0x55 & ~(value >> 1):
                    table = lost[byte - start, value]
                    for c in range(columns):
                        missing[row, c] += table[c]


@jit
def _fill_tables(right, byte, weighed, lost):
    people, columns = right.shape
    for value in range(256):
        weighed[value], lost[value] = 0, 0
        for place in range(4):
            person, code = 4 * byte + place, value >> (2 * place) & 3
            if person < people and code:
                for c in range(columns):
                    if code == 1:
                        lost[value, c] += right[person, c]
                    elif code == 2:
                        weighed[value, c] += right[person, c]
                    else:
                        weighed[value, c] += 2 * right[person, c]


@jit
def transposed_times(packed, values, left, out):
    """Add to ``out`` (float32, people x columns) the transposed matrix times ``left`` (float32, sites x columns).

    Four sites are taken at a time, with a table of what each of the 256 quadruples of their genotypes adds.
    """
    people, columns = out.shape
    table = np.zeros((256, columns), np.float32)
    halves = np.zeros((2, 16, columns), np.float32)
    for first in range(0, len(packed), 4):
        sites = min(4, len(packed) - first)
        for half in range(2):
            for pair in range(16):
                for c in range(columns):
                    total = np.float32(0)
                    for k in range(2):
                        site = 2 * half + k
                        if site < sites:
                            total += values[first + site, pair >> (2 * k) & 3] * left[first + site, c]
                    halves[half, pair, c] = total
        for quadruple in range(256):
            for c in range(columns):
                table[quadruple, c] = halves[0, quadruple & 15, c] + halves[1, quadruple >> 4, c]
        for person in range(people):
            byte, shift = person >> 2, 2 * (person & 3)
            index = 0
            for site in range(sites):
                index |= (packed[first + site, byte] >> shift & 3) << (2 * site)
            for c in range(columns):
                out[person, c] += table[index, c]


@jit
def add_squares(packed, values, squares):
    """Add to ``squares`` (float64, people) the squared standardised genotypes."""
    for row in range(len(packed)):
        for person in range(len(squares)):
            value = values[row, packed[row, person >> 2] >> (2 * (person & 3)) & 3]
            squares[person] += np.float64(value) * value


@jit
def project(packed, values, loadings, first, scores, squares, lost, n_sites, n_reference, expected):
    """Add sites to the projection of the people from number ``first`` on, one a row of the outputs.

    ``scores`` (float64, people x components) take loadings times standardised genotypes, ``squares`` these squared,
    ``lost`` (people x components x components) the lower triangle of the products of the loadings of sites that the
    person lacks; ``n_sites`` the genotypes present, ``n_reference`` those homozygous for REF, ``expected`` how many of
    these the panel lets expect (column 4 of ``values`` has a site's).
    """
    people, size = scores.shape
    for row in range(len(packed)):
        for n in range(people):
            person = first + n
            code = packed[row, person >> 2] >> (2 * (person & 3)) & 3
            if code == 1:
                for i in range(size):
                    for j in range(i + 1):
                        lost[n, i, j] += loadings[row, i] * loadings[row, j]
            else:
                value = values[row, code]
                squares[n] += value * value
                n_sites[n] += 1
                n_reference[n] += code == 3
                expected[n] += values[row, 4]
                for i in range(size):
                    scores[n, i] += value * loadings[row, i]
