"""Depth, quality and allele balance summed over BCF records, as :mod:`permed.genotypes.kernels` finds them.

A position of -1 in a row of ``formats`` says that the record has no such field. Values that are missing or stand for
the end of a vector are negative in every width of BCF's integers, as no depth or quality is.
"""

import numpy as np

from permed.genotypes.kernels import GT, GT_KIND, GT_SIZE, _integer, _real, _typed, _u32, _width
from permed.kernel import jit

FORMATS = 6
AD, AD_KIND, DP, DP_KIND, GQ, GQ_KIND = range(FORMATS)
ELSEWHERE, AUTOSOME, X, Y = range(4)
COUNTS = 14
N_DEPTH, DEPTH, N_X, X_DEPTH, N_Y, Y_DEPTH = range(6)
N_LOW_DEPTH, N_GQ, N_LOW_GQ, N_HET, N_OUTSIDE, N_HOM_ALT, N_CHARR, N_Y_NO_CALL = range(6, COUNTS)
SUMS = 5
QUALITY, BALANCE, REF_SHARE, CHARR, CHARR_SQUARED = range(SUMS)
MIN_DEPTH, MAX_DEPTH, MIN_QUALITY = 10, 100, 20  # those of CHARR; the lower ones too of a gnomAD call of high quality
MIN_BALANCE, MAX_BALANCE = 0.2, 0.8  # of ALT; gnomAD has the lower one
SHOWN = 3
SHOWN_REF, SHOWN_ALT, SHOWN_QUALITY = range(SHOWN)
NONE = 255  # instead of a number of reads or a quality; larger ones than 254 are 254


@jit
def find_formats(buf, starts, samples, keys, formats):
    """Write where AD of two values, DP and GQ of one lie in each record; ``keys`` are their dictionary numbers or -1.

    The records have passed :func:`permed.genotypes.kernels.parse_records`. ``formats`` is int64 (records, FORMATS).
    """
    for row in range(len(starts)):
        formats[row] = -1
        site = starts[row] + 8
        at = site + _u32(buf, starts[row])
        end = at + _u32(buf, starts[row] + 4)
        for _ in range(np.int64(buf[site + 23])):
            kind, size, at = _typed(buf, at, end)
            key = _integer(buf, at, kind)
            kind, size, at = _typed(buf, at + _width(kind), end)
            number = 1 <= kind <= 3
            if key == keys[0] and number and size == 2:
                formats[row, AD], formats[row, AD_KIND] = at, kind
            elif key == keys[1] and number and size == 1:
                formats[row, DP], formats[row, DP_KIND] = at, kind
            elif key == keys[2] and (number or kind == 5) and size == 1:
                formats[row, GQ], formats[row, GQ_KIND] = at, kind
            at += _width(kind) * size * samples


@jit
def add_records(
    buf, fields, formats, regions, balanced, ref_af, population, counts, sums, site_counts, site_sums, places, shown
):
    """Add the genotypes of some records to what is known of samples and sites.

    A row a record: ``regions`` (where it lies), ``balanced`` (whether its allele balance tells something: a
    substitution on an autosome, the only record of its position), ``ref_af`` (frequency of REF in each population; NaN
    where CHARR does not use the site). ``population`` is the number of each sample's. ``counts`` is int64 (COUNTS,
    samples), ``sums`` float64 (SUMS, samples); ``site_counts`` and ``site_sums`` are the number of heterozygous
    genotypes and the sum of their balances, one a record. ``places`` is where a record's reads and qualities go in
    ``shown`` (uint8 of shape (SHOWN, sites, samples)), -1 for nowhere; all of them, whatever genotype was called.
    """
    samples = counts.shape[1]
    depth, quality, pairs = np.empty(samples, np.int32), np.empty(samples), np.empty(2 * samples, np.int32)
    reads, alleles = np.empty((2, samples), np.int32), np.empty(2 * samples, np.int32)
    for row in range(len(fields)):
        if regions[row] == ELSEWHERE:
            continue
        _unpack(buf, formats[row, AD], formats[row, AD_KIND], pairs)
        _unpack(buf, formats[row, DP], formats[row, DP_KIND], depth)
        _complete(pairs, reads, depth)
        kind = N_DEPTH + 2 * (regions[row] - AUTOSOME)
        _add_depths(depth, counts[kind], counts[kind + 1])
        if regions[row] == Y:
            _add_no_calls(buf, fields[row, GT], fields[row, GT_KIND], fields[row, GT_SIZE], depth, counts[N_Y_NO_CALL])
        if regions[row] != AUTOSOME:
            continue
        _add_low(depth, MIN_DEPTH, counts[N_LOW_DEPTH])
        _unpack_quality(buf, formats[row, GQ], formats[row, GQ_KIND], quality)
        if places[row] >= 0:
            _show(reads, quality, shown[:, places[row]])
        if formats[row, GQ] >= 0:
            _add_qualities(quality, counts[N_GQ], counts[N_LOW_GQ], sums[QUALITY])
        else:
            quality[:] = MIN_QUALITY  # where there is none CHARR asks for none
        if balanced[row] and formats[row, AD] >= 0 and fields[row, GT_SIZE] == 2:
            _unpack(buf, fields[row, GT], fields[row, GT_KIND], alleles)
            number, total = _add_balances(alleles, reads, depth, quality, ref_af[row], population, counts, sums)
            site_counts[row] += number
            site_sums[row] += total


@jit
def _show(reads, quality, shown):
    """Keep a site's reads and qualities, each in a byte."""
    for sample in range(reads.shape[1]):
        ref, alt, sure = reads[0, sample], reads[1, sample], quality[sample]
        shown[SHOWN_REF, sample] = min(ref, NONE - 1) if ref >= 0 else NONE
        shown[SHOWN_ALT, sample] = min(alt, NONE - 1) if alt >= 0 else NONE
        shown[SHOWN_QUALITY, sample] = np.int64(min(sure, NONE - 1.0)) if sure >= 0 else NONE


@jit
def _add_balances(alleles, reads, depth, quality, ref_af, population, counts, sums):
    """Add the balances of a site's genotypes; the number of heterozygous ones and the sum of theirs."""
    number, total = 0, 0.0
    for sample in range(len(depth)):
        first, second = alleles[2 * sample], alleles[2 * sample + 1]
        if first < 2 or second < 2 or (first | second) < 4:
            continue  # a missing allele, a haploid genotype, or REF alone
        ref, alt = reads[0, sample], reads[1, sample]
        if alt < 0 or ref + alt < MIN_DEPTH:
            continue
        copies = (first >> 1) + (second >> 1) - 2
        if copies == 1:
            balance = alt / (ref + alt)
            counts[N_HET, sample] += 1
            counts[N_OUTSIDE, sample] += balance < MIN_BALANCE or balance > MAX_BALANCE
            sums[BALANCE, sample] += balance
            number += 1
            total += balance
        elif copies == 2:
            share = ref / (ref + alt)
            counts[N_HOM_ALT, sample] += 1
            sums[REF_SHARE, sample] += share
            expected = ref_af[population[sample]]
            if MIN_DEPTH <= depth[sample] <= MAX_DEPTH and quality[sample] >= MIN_QUALITY and not np.isnan(expected):
                counts[N_CHARR, sample] += 1
                sums[CHARR, sample] += share / expected
                sums[CHARR_SQUARED, sample] += (share / expected) ** 2
    return number, total


@jit
def _complete(pairs, reads, depth):
    """Part AD into REF and ALT, both -1 where one is missing, and take their sum where there is no DP."""
    for sample in range(len(depth)):
        ref, alt = pairs[2 * sample], pairs[2 * sample + 1]
        both = ref >= 0 and alt >= 0
        reads[0, sample], reads[1, sample] = ref if both else -1, alt if both else -1
        depth[sample] = depth[sample] if depth[sample] >= 0 else ref + alt if both else -1


@jit
def _add_depths(depth, number, total):
    for sample in range(len(depth)):
        number[sample] += depth[sample] >= 0
        total[sample] += max(depth[sample], 0)


@jit
def _add_no_calls(buf, at, kind, size, depth, number):
    """Count the depths of genotypes whose first allele is missing."""
    for sample in range(len(depth)):
        called = at >= 0 and _integer(buf, at + _width(kind) * size * sample, kind) >> 1 > 0
        number[sample] += depth[sample] >= 0 and not called


@jit
def _add_low(depth, least, number):
    for sample in range(len(depth)):
        number[sample] += 0 <= depth[sample] < least


@jit
def _add_qualities(quality, number, low, total):
    for sample in range(len(quality)):
        number[sample] += quality[sample] >= 0
        low[sample] += 0 <= quality[sample] < MIN_QUALITY
        total[sample] += max(quality[sample], 0.0)


@jit
def _unpack(buf, at, kind, values):
    """Take the integers of a field; -1 where the record does not have it, negative where one is missing."""
    if at < 0:
        values[:] = -1
    elif kind == 1:
        for k in range(len(values)):
            values[k] = np.int8(buf[at + k])
    elif kind == 2:
        for k in range(len(values)):
            values[k] = _integer(buf, at + 2 * k, 2)
    else:
        for k in range(len(values)):
            values[k] = _integer(buf, at + 4 * k, 3)


@jit
def _unpack_quality(buf, at, kind, values):
    """The same for GQ, which may be of floats."""
    if kind == 5:
        for k in range(len(values)):
            value = _real(buf, at + 4 * k)
            values[k] = -1.0 if np.isnan(value) else value
    else:
        for k in range(len(values)):
            values[k] = _integer(buf, at + _width(kind) * k, kind) if at >= 0 else -1
