"""Counts over two-bit genotypes: uint8 of shape (sites, ceil(samples / 4)), codes as in :mod:`permed.genotypes.store`.

A byte holds four genotypes and is looked up whole: in one addition it adds to the counts of a site, or to those of four
samples, each in a field of its own of a 64-bit word. Results do not depend on the number of threads.
"""

import numpy as np
from numba import prange

from permed.kernel import jit
from permed.observations.codes import UNLISTED


def _fields(bits: list[dict[int, int]]) -> np.ndarray:
    """For each byte the sum over its four genotypes of ``bits[place][code]``, shifts of a one."""
    table = np.zeros(256, np.uint64)
    for byte in range(256):
        for place, shifts in enumerate(bits):
            code = byte >> (2 * place) & 3
            if code in shifts:
                table[byte] += np.uint64(1) << np.uint64(shifts[code])
    return table


_BY_CODE = _fields([{code: 16 * code for code in range(4)}] * 4)  # a field of 16 bits a code
# A power of two times this number has its exponent in the upper six bits, in some order (Leiserson, Prokop and Randall
# 1998); here as the genotype whose lower bit it is.
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_GENOTYPE_OF = np.zeros(64, np.int64)
for _genotype in range(32):
    _GENOTYPE_OF[(int(_DE_BRUIJN) << 2 * _genotype & (1 << 64) - 1) >> 58] = _genotype
_SITE_BYTES = 1 << 13  # bytes of a site whose counts fit in 16 bits
_MOST = 1e300
_SAME = 1e-11  # two probabilities this much apart, relatively, are equal


@jit(parallel=True)
def count_codes(packed, mask, counts):
    """Write the number of each code in every row to ``counts`` (int64, rows x 4), of the genotypes in ``mask`` only.

    ``mask`` (uint8, width) has both bits of a genotype set that counts; all others count as code 0.
    """
    width = packed.shape[1]
    for row in prange(len(packed)):
        counts[row] = 0
        for first in range(0, width, _SITE_BYTES):
            total = np.uint64(0)
            for k in range(first, min(width, first + _SITE_BYTES)):
                total += _BY_CODE[packed[row, k] & mask[k]]
            for code in range(4):
                counts[row, code] += np.int64(total >> np.uint64(16 * code) & np.uint64(0xFFFF))


@jit(parallel=True)
def tally_samples(packed, rows, weights, counts, missing, weighed, block):
    """Add to each sample's counts over some rows of ``packed``.

    ``counts`` (int64, 2 x 4 * width) gets the heterozygous and the homozygous ALT genotypes, ``missing`` (int64) the
    missing ones. ``weighed`` (float64, 2 x 4 * width) gets for each missing genotype 1 and the row's weight, of rows
    with a weight above 0 only. Work is shared out by ``block`` bytes of samples. Four samples are counted at once in
    the two, four and at last eight bits that each has of a byte, so that a vector instruction counts 128 genotypes.
    """
    width = packed.shape[1]
    for task in prange((width + block - 1) // block):
        first, last = task * block, min(width, task * block + block)
        twos = np.zeros((2, last - first), np.uint8)
        fours = np.zeros((2, 2, last - first), np.uint8)
        for start in range(0, len(rows), 255):
            eights = np.zeros((2, 4, last - first), np.uint8)
            for middle in range(start, min(start + 255, len(rows)), 15):
                fours[:] = 0
                for low in range(middle, min(middle + 15, len(rows)), 3):
                    twos[:] = 0
                    for number in range(low, min(low + 3, len(rows))):
                        _add_row(packed[rows[number], first:last], twos)
                        _note_missing(packed[rows[number], first:last], 4 * first, weights[number], missing, weighed)
                    _widen_twos(twos, fours)
                _widen_fours(fours, eights)
            for kind in range(2):
                for place in range(4):
                    for k in range(last - first):
                        counts[kind, 4 * (first + k) + place] += eights[kind, place, k]


@jit
def _add_row(genotypes, twos):
    for k in range(len(genotypes)):
        byte = genotypes[k]
        twos[0, k] += byte >> np.uint8(1) & ~byte & np.uint8(0x55)
    for k in range(len(genotypes)):
        byte = genotypes[k]
        twos[1, k] += ~(byte | byte >> np.uint8(1)) & np.uint8(0x55)


@jit
def _widen_twos(twos, fours):
    for kind in range(2):
        for half in range(2):
            for k in range(twos.shape[1]):
                fours[kind, half, k] += twos[kind, k] >> np.uint8(2 * half) & np.uint8(0x33)


@jit
def _widen_fours(fours, eights):
    for kind in range(2):
        for place in range(4):
            for k in range(fours.shape[2]):
                eights[kind, place, k] += fours[kind, place & 1, k] >> np.uint8(4 * (place >> 1)) & np.uint8(0x0F)


@jit
def _note_missing(genotypes, sample, weight, missing, weighed):
    """Note each missing genotype; eight bytes are looked at at once, since most have none."""
    for k in range(0, len(genotypes), 8):
        word = np.uint64(0)
        if k + 8 <= len(genotypes):
            for byte in range(8):
                word |= np.uint64(genotypes[k + byte]) << np.uint64(8 * byte)
        else:
            for byte in range(len(genotypes) - k):
                word |= np.uint64(genotypes[k + byte]) << np.uint64(8 * byte)
        lost = word & ~(word >> np.uint64(1)) & np.uint64(0x5555555555555555)
        while lost:
            lowest = lost & (~lost + np.uint64(1))
            at = sample + 4 * k + _GENOTYPE_OF[(lowest * _DE_BRUIJN) >> np.uint64(58)]
            lost ^= lowest
            missing[at] += 1
            if weight > 0:
                weighed[0, at] += 1
                weighed[1, at] += weight


@jit
def add_carriers(packed, rows, carried):
    """Count in ``carried`` (int64, samples) who has the one heterozygous genotype of each of some rows."""
    for row in rows:
        for k in range(packed.shape[1]):
            byte = packed[row, k]
            het = byte >> np.uint8(1) & ~byte & np.uint8(0x55)
            if het:
                place = 0
                while not het >> np.uint8(2 * place) & np.uint8(1):
                    place += 1
                carried[4 * k + place] += 1
                break


@jit
def count_missing(packed, rows, missing):
    """Add the missing genotypes of each sample in some rows to ``missing`` (int64, 4 * width)."""
    nothing = np.empty((2, 0))
    for row in rows:
        _note_missing(packed[row], 0, 0.0, missing, nothing)


@jit(parallel=True)
def count_doubts(packed, observed, rows, uses, doubts, block):
    """Add to ``doubts`` (int64, uses x samples x codes) the called genotypes that are not believed, by code of doubt.

    ``observed`` (uint8, sites x samples) has the codes in its low four bits. ``uses`` (uint8) has for each of ``rows``
    a bit for each use that the row counts for. Work is shared out by ``block`` samples.
    """
    samples = observed.shape[1]
    for task in prange((samples + block - 1) // block):
        first, last = task * block, min(samples, task * block + block)
        for number in range(len(rows)):
            row, told = rows[number], np.uint8(0)
            for sample in range(first, last):
                told |= observed[row, sample]
            if not told & 15:
                continue
            for sample in range(first, last):
                code = observed[row, sample] & 15
                if code and packed[row, sample >> 2] >> np.uint8(2 * (sample & 3)) & 3 != 1:
                    for use in range(len(doubts)):
                        if uses[number] >> np.uint8(use) & 1:
                            doubts[use, sample, code] += 1


@jit(parallel=True)
def tally_unlisted(packed, observed, kinds, unlisted, block):
    """Add to ``unlisted`` (int64, kinds x samples) each person's missing genotypes that no file of theirs has.

    ``observed`` (uint8, sites x samples) says which they are, ``kinds`` (int64) the kind of each site. Work is shared
    out by ``block`` samples.
    """
    samples = observed.shape[1]
    for task in prange((samples + block - 1) // block):
        for row in range(len(observed)):
            for sample in range(task * block, min(samples, task * block + block)):
                if _is_unlisted(packed, observed, row, sample):
                    unlisted[kinds[row], sample] += 1


@jit(parallel=True)
def count_unlisted(packed, observed, rows, members, unlisted):
    """Write to ``unlisted`` (int64) for each of some rows of how many ``members`` (bool) no file has the record."""
    for number in prange(len(rows)):
        total = 0
        for sample in range(len(members)):
            total += members[sample] and _is_unlisted(packed, observed, rows[number], sample)
        unlisted[number] = total


@jit(inline="always")
def _is_unlisted(packed, observed, row, sample):
    said = observed[row, sample] & np.uint8(UNLISTED)
    return said != 0 and packed[row, sample >> 2] >> np.uint8(2 * (sample & 3)) & 3 == 1


@jit(parallel=True)
def hardy_weinberg(hets, homs1, homs2, midp):
    """Write the exact test's mid-p of Hardy-Weinberg proportions for counts (int64) of three genotypes.

    Wigginton, Cutler and Abecasis (Am J Hum Genet 2005): the probability of as many heterozygotes given the alleles,
    and of every less probable number; equally probable ones count half (Graffelman and Moreno, Stat Appl Genet Mol Biol
    2013). NaN without genotypes; 0 below 1e-300.
    """
    for site in prange(len(hets)):
        midp[site] = _midp(hets[site], min(homs1[site], homs2[site]), max(homs1[site], homs2[site]))


@jit
def _midp(het, rare, common):
    if het + rare + common == 0:
        return np.nan
    up = _beyond(float(het), float(rare), float(common), True)
    down = _beyond(float(het), float(rare), float(common), False)
    total = 1 + up[1] + down[1]
    return (0.5 + up[0] + down[0]) / total if total < _MOST else 0.0


@jit
def _beyond(het, rare, common, up):
    """Sums over all larger, or all smaller, numbers of heterozygotes of the probability relative to the observed one.

    The first sum has those at most as probable, equally probable ones half; the second has all.
    """
    tail, total, term = 0.0, 0.0, 1.0
    while (rare > 0) if up else (het > 1):
        if up:
            ratio = 4 * rare * common / ((het + 2) * (het + 1))
            het, rare, common = het + 2, rare - 1, common - 1
        else:
            ratio = het * (het - 1) / (4 * (rare + 1) * (common + 1))
            het, rare, common = het - 2, rare + 1, common + 1
        term *= ratio
        total += term
        if term < 1 - _SAME:
            tail += term
        elif term <= 1 + _SAME:
            tail += 0.5 * term
        if total > _MOST or (ratio < 1 and term < 1e-18 * (1 + tail)):
            break
    return tail, total
