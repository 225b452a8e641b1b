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
COUNTS = 13
N_DEPTH, DEPTH, N_X, X_DEPTH, N_Y, Y_DEPTH = range(6)
N_LOW_DEPTH, N_GQ, N_LOW_GQ, N_HET, N_OUTSIDE, N_HOM_ALT, N_CHARR = range(6, COUNTS)
SUMS = 5
QUALITY, BALANCE, REF_SHARE, CHARR, CHARR_SQUARED = range(SUMS)
MIN_DEPTH, MAX_DEPTH, MIN_QUALITY = 10, 100, 20  # those of CHARR; the lower ones too of a gnomAD call of high quality
MIN_BALANCE, MAX_BALANCE = 0.2, 0.8  # of ALT; gnomAD has the lower one


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
def add_records(buf, fields, formats, regions, balanced, ref_af, counts, sums, site_counts, site_sums):
    """Add the genotypes of some records to what is known of samples and sites.

    A row a record: ``regions`` (where it lies), ``balanced`` (whether its allele balance tells something: a
    substitution on an autosome, the only record of its position), ``ref_af`` (frequency of REF; NaN where CHARR does
    not use the site). ``counts`` is int64 (samples, COUNTS), ``sums`` float64 (samples, SUMS); ``site_counts`` and
    ``site_sums`` are the number of heterozygous genotypes and the sum of their balances, one a record.
    """
    for row in range(len(fields)):
        if regions[row] == ELSEWHERE:
            continue
        place, kind, pairs = fields[row, GT], fields[row, GT_KIND], balanced[row] and fields[row, GT_SIZE] == 2
        ad, dp, gq = formats[row, AD], formats[row, DP], formats[row, GQ]
        for sample in range(len(counts)):
            count, total = counts[sample], sums[sample]
            ref, alt = _value(buf, ad, formats[row, AD_KIND], 2 * sample), np.int64(-1)
            if ref >= 0:
                alt = _value(buf, ad, formats[row, AD_KIND], 2 * sample + 1)
            depth = _value(buf, dp, formats[row, DP_KIND], sample)
            if depth < 0 and alt >= 0:
                depth = ref + alt
            _add_depth(count, regions[row], depth)
            if regions[row] != AUTOSOME:
                continue
            quality = _quality(buf, gq, formats[row, GQ_KIND], sample)
            if quality >= 0:
                count[N_GQ] += 1
                count[N_LOW_GQ] += quality < MIN_QUALITY
                total[QUALITY] += quality
            if not pairs or alt < 0 or ref + alt < MIN_DEPTH:
                continue
            first, second = _value(buf, place, kind, 2 * sample), _value(buf, place, kind, 2 * sample + 1)
            if first < 2 or second < 2:
                continue  # a missing allele, or a haploid genotype
            copies = (first >> 1) + (second >> 1) - 2
            if copies == 1:
                balance = alt / (ref + alt)
                count[N_HET] += 1
                count[N_OUTSIDE] += balance < MIN_BALANCE or balance > MAX_BALANCE
                total[BALANCE] += balance
                site_counts[row] += 1
                site_sums[row] += balance
            elif copies == 2:
                count[N_HOM_ALT] += 1
                total[REF_SHARE] += ref / (ref + alt)
                if MIN_DEPTH <= depth <= MAX_DEPTH and (gq < 0 or quality >= MIN_QUALITY):
                    _add_charr(count, total, ref / (ref + alt) / ref_af[row])


@jit(inline="always")
def _add_depth(count, region, depth):
    if depth >= 0:
        kind = N_DEPTH + 2 * (region - AUTOSOME)
        count[kind] += 1
        count[kind + 1] += depth
        if region == AUTOSOME:
            count[N_LOW_DEPTH] += depth < MIN_DEPTH


@jit(inline="always")
def _add_charr(count, total, share):
    if not np.isnan(share):
        count[N_CHARR] += 1
        total[CHARR] += share
        total[CHARR_SQUARED] += share * share


@jit(inline="always")
def _value(buf, at, kind, number):
    """An integer of a field; negative where it is missing, at the end of a vector, or the field is not there."""
    return _integer(buf, at + _width(kind) * number, kind) if at >= 0 else np.int64(-1)


@jit(inline="always")
def _quality(buf, at, kind, sample):
    """A genotype's quality; negative where it has none."""
    if at < 0 or kind != 5:
        return np.float64(_value(buf, at, kind, sample))
    value = _real(buf, at + 4 * sample)
    return np.float64(-1) if np.isnan(value) else value
