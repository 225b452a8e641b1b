"""Sums over two-bit genotypes: uint8 of shape (variants, ceil(samples / 4)), codes as in :mod:`permed.genotypes.store`.

What a variant contributes to any score is a *plane*: a number for each person, which every score that uses the variant
in the same way takes times its weight. Planes are made once for a block of people and a group of variants, which stay
in the processor's cache, and are added up in float64, eight at a time.

Some genotypes need more than two bits. Kernels take ``genotypes`` as (packed, units, unit_of, single, single_of):
``units`` are ALT dosages (uint16, as in the store) of the rows that have any, ``unit_of`` the row of ``units`` for each
row of ``packed``, or -1; ``single`` (uint8) marks genotypes of one copy, ``single_of`` alike. A dosage goes before the
genotype. A single copy is stored as two of its kind, and its dosage doubled.
"""

import numpy as np
from numba import prange

from permed.genotypes.kernels import count_packed
from permed.genotypes.store import DOSAGE_UNIT, HOM_ALT, MISSING, NO_DOSAGE
from permed.kernel import jit

NONE, ONE, TWO, SINGLE_NONE, SINGLE_ONE, MISSING_TWO, MISSING_ONE = range(7)  # columns of a plane's values
KNOWN, IMPUTED, LEFT_OUT = range(3)  # what becomes of a plane's missing genotypes
GROUP = 128  # planes; a byte counts them
_LOST = np.array([sum((byte >> 2 * s & 3 == 1) << 8 * s for s in range(4)) for byte in range(256)], np.uint32)


@jit(parallel=True)
def add_planes(genotypes, places, values, fates, starts, planes, weights, sums, counts, block):
    """Add weighted planes to sparse scores, and count the genotypes that were not called.

    Plane ``p`` is that of row ``places[p]``, with ``values[p]`` (float64, columns as named above) for the copies of
    ALT. ``fates[p]`` is KNOWN when none is missing. Score ``s`` takes of group ``g``, which is :data:`GROUP`
    planes, the entries ``starts[g, s]`` to ``starts[g, s + 1]`` (excluded) of ``planes`` and ``weights``.

    ``sums`` (float64) have the shape (scores, 4 x width), ``counts`` (int32) have three of it: genotypes imputed, left
    out, and of one copy without being left out. What stands at padding samples is meaningless. Work is shared out by
    ``block`` bytes of samples; the order of additions for a sample does not depend on it.
    """
    width = genotypes[0].shape[1]
    for task in prange((width + block - 1) // block):
        first = task * block
        size = min(width, first + block) - first
        here = slice(4 * first, 4 * (first + size))
        plane = np.empty((GROUP, 4 * size), np.float64)
        lost = np.empty((GROUP, size), np.uint32)
        alone = np.zeros((GROUP, size), np.uint32)
        noted = np.zeros((3, size), np.uint32)
        for group in range(len(starts)):
            begin = group * GROUP
            for p in range(begin, min(len(places), begin + GROUP)):
                row, at = places[p], p - begin
                _make_plane(genotypes[0][row, first : first + size], values[p], plane[at], lost[at])
                if genotypes[2][row] >= 0 or genotypes[4][row] >= 0:
                    _refine_plane(genotypes, row, first, values[p], fates[p], plane[at], lost[at], alone[at])
            for score in range(starts.shape[1] - 1):
                entry, end = starts[group, score], starts[group, score + 1]
                if entry < end:
                    total = sums[score, here]
                    count = counts[0, score, here], counts[1, score, here], counts[2, score, here]
                    _add_weighted(plane, planes, weights, entry, end, begin, total)
                    _note(lost, alone, fates, genotypes[4], places, planes, entry, end, begin, noted, count)


@jit
def _make_plane(codes, value, plane, lost):
    table = np.empty((16, 2), np.float64)
    for x in range(16):
        for s in range(2):
            code = x >> 2 * s & 3
            high = value[NONE] if code == 3 else value[ONE]
            low = value[MISSING_TWO] if code == 1 else value[TWO]
            table[x, s] = high if code > 1 else low
    for k in range(len(codes)):
        first, second = codes[k] & 15, codes[k] >> 4
        plane[4 * k] = table[first, 0]
        plane[4 * k + 1] = table[first, 1]
        plane[4 * k + 2] = table[second, 0]
        plane[4 * k + 3] = table[second, 1]
        lost[k] = _LOST[codes[k]]


@jit
def _refine_plane(genotypes, row, first, value, fate, plane, lost, alone):
    """Correct the plane of a row with dosages or single copies."""
    packed, units, unit_of, single, single_of = genotypes
    has_units, has_single = unit_of[row] >= 0, single_of[row] >= 0
    people = units.shape[1] if has_units else single.shape[1]
    gone, one = lost.view(np.uint8), alone.view(np.uint8)
    for k in range(min(len(plane), people - 4 * first)):
        sample = 4 * first + k
        code = packed[row, sample >> 2] >> 2 * (sample & 3) & 3
        dosage = np.int64(units[unit_of[row], sample]) if has_units else np.int64(NO_DOSAGE)
        haploid = has_single and single[single_of[row], sample] != 0
        if dosage != NO_DOSAGE:
            plane[k] = _between(value, dosage / DOSAGE_UNIT, haploid)
            gone[k] = 0
        elif haploid:
            called = value[SINGLE_ONE] if code == HOM_ALT else value[SINGLE_NONE]
            plane[k] = value[MISSING_ONE] if code == MISSING else called
        one[k] = haploid and not (gone[k] and fate == LEFT_OUT)


@jit(inline="always")
def _between(value, dosage, haploid):
    """The value of an ALT dosage of 0 to 2: on the lines between those of whole copies."""
    if haploid:
        return value[SINGLE_NONE] + (value[SINGLE_ONE] - value[SINGLE_NONE]) * dosage / 2
    if dosage <= 1:
        return value[NONE] + (value[ONE] - value[NONE]) * dosage
    return value[ONE] + (value[TWO] - value[ONE]) * (dosage - 1)


@jit
def _add_weighted(plane, planes, weights, entry, end, begin, sums):
    while entry + 8 <= end:
        a, b = planes[entry] - begin, planes[entry + 1] - begin
        c, d = planes[entry + 2] - begin, planes[entry + 3] - begin
        e, f = planes[entry + 4] - begin, planes[entry + 5] - begin
        g, h = planes[entry + 6] - begin, planes[entry + 7] - begin
        wa, wb, wc, wd = weights[entry], weights[entry + 1], weights[entry + 2], weights[entry + 3]
        we, wf, wg, wh = weights[entry + 4], weights[entry + 5], weights[entry + 6], weights[entry + 7]
        for k in range(len(sums)):
            half = sums[k] + wa * plane[a, k] + wb * plane[b, k] + wc * plane[c, k] + wd * plane[d, k]
            sums[k] = half + we * plane[e, k] + wf * plane[f, k] + wg * plane[g, k] + wh * plane[h, k]
        entry += 8
    while entry < end:
        a, wa = planes[entry] - begin, weights[entry]
        for k in range(len(sums)):
            sums[k] += wa * plane[a, k]
        entry += 1


@jit
def _note(lost, alone, fates, single_of, places, planes, entry, end, begin, noted, counts):
    """Add to the counts of a score what was missing in its planes, and what of them was of one copy.

    Counts grow in bytes, four a word, before they are added to the score's own.
    """
    seen = np.zeros(3, np.bool_)
    for at in range(entry, end):
        p = planes[at]
        fate = fates[p]
        if fate != KNOWN:
            seen[fate - 1] = True
            for k in range(lost.shape[1]):
                noted[fate - 1, k] += lost[p - begin, k]
        if single_of[places[p]] >= 0:
            seen[2] = True
            for k in range(lost.shape[1]):
                noted[2, k] += alone[p - begin, k]
    for kind in range(3):
        if seen[kind]:
            few, count = noted[kind].view(np.uint8), counts[kind]
            for k in range(len(few)):
                count[k] += few[k]
            noted[kind] = 0


@jit(parallel=True)
def measure_rows(genotypes, people, measures):
    """Fill ``measures`` (float64, rows x 4) with copies of ALT, alleles called, genotypes missing, dosages.

    A single copy is one allele. Padding does not count.
    """
    packed, units, unit_of, single, single_of = genotypes
    for row in prange(len(packed)):
        copies, alleles, missing, dosages = 0.0, 0, 0, 0
        if unit_of[row] < 0 and single_of[row] < 0:
            found = np.empty((1, 4), np.int64)
            count_packed(packed[row : row + 1], people, found)
            copies, alleles, missing = 2.0 * found[0, 0] + found[0, 2], 2 * (people - found[0, 1]), found[0, 1]
        else:
            for sample in range(people):
                code = packed[row, sample >> 2] >> 2 * (sample & 3) & 3
                dosage = np.int64(units[unit_of[row], sample]) if unit_of[row] >= 0 else np.int64(NO_DOSAGE)
                share = 1 if single_of[row] >= 0 and single[single_of[row], sample] != 0 else 2
                if dosage != NO_DOSAGE:
                    copies += dosage / DOSAGE_UNIT * share / 2
                    dosages += 1
                elif code == MISSING:
                    missing += 1
                    share = 0
                else:
                    copies += (2 if code == HOM_ALT else 1 if code == 2 else 0) * share / 2
                alleles += share
        measures[row, 0], measures[row, 1] = copies, alleles
        measures[row, 2], measures[row, 3] = missing, dosages


@jit(parallel=True)
def take_rows(packed, rows, taken):
    """Copy some rows to ``taken``."""
    for row in prange(len(rows)):
        taken[row] = packed[rows[row]]


@jit(parallel=True)
def take_columns(packed, rows, columns, taken):
    """Write the genotypes of some samples at some rows, ``columns`` in their new order, to ``taken``, which is
    (rows, ceil(columns / 4))."""
    for row in prange(len(rows)):
        source = packed[rows[row]]
        for k in range(taken.shape[1]):
            byte = 0
            for s in range(min(4, len(columns) - 4 * k)):
                column = columns[4 * k + s]
                byte |= (source[column >> 2] >> (2 * (column & 3)) & 3) << (2 * s)
            taken[row, k] = byte
