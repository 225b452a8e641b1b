"""Records written anew with what was observed of their genotypes; buffers are as in :mod:`.kernels`."""

import numpy as np

from permed.genotypes.kernels import _integer, _typed, _u16, _u32, _width
from permed.kernel import jit
from permed.observations.kernels import _put
from permed.observations.phase_sets import UNTOLD


@jit
def has_filter(buf, starts, number, found):
    """Mark in ``found`` (bool) the records that have the FILTER of a dictionary number."""
    for row in range(len(starts)):
        site = starts[row] + 8
        end = site + _u32(buf, starts[row])
        at = site + 24
        for _ in range(1 + _u16(buf, site + 18)):
            _, size, at = _typed(buf, at, end)
            at += size
        kind, size, at = _typed(buf, at, end)
        for k in range(size):
            found[row] |= _integer(buf, at + _width(kind) * k, kind) == number


@jit
def _is_missing(buf, at, size, kind, sample):
    """Whether any allele of a sample's genotype is missing; so it is where the record has no genotypes."""
    ended = 1 - (1 << (8 * _width(kind) - 1))
    for k in range(size * sample, size * sample + size):
        value = _integer(buf, at + _width(kind) * k, kind)
        if value != ended and value >> 1 <= 0:
            return True
    return at < 0


@jit
def rewrite_records(buf, starts, samples, kept, narrow, own, observed, genotype_key, set_key, sets, out):
    """Copy records to ``out`` without INFO but END and without FORMAT fields that are not ``kept``; their size.

    ``kept`` and ``narrow`` are by dictionary number: the second are fields of one value, which say nothing of a record
    with several alternates. ``own`` are the numbers of AD (-1 where it is not read by allele), END and OBS. A record of
    which ``observed`` says something gets it as OBS, and so does one with a missing genotype where ``genotype_key`` is
    that of GT and not -1. One of which ``sets`` (int32, records x samples, or empty) names phase sets gets these as
    field ``set_key``. Reads by allele are written with one value for each allele: where a record has more, those behind
    belong to people whose reads :func:`observe_records` made missing, and where it has fewer it tells nobody's.
    """
    reads_key, end_key, own_key = own
    to = 0
    for row in range(len(starts)):
        site = starts[row] + 8
        individual = site + _u32(buf, starts[row])
        end = individual + _u32(buf, starts[row] + 4)
        begin = to
        to += 8
        alleles = _u16(buf, site + 18)
        at = site + 24
        for _ in range(1 + alleles):
            _, size, at = _typed(buf, at, individual)
            at += size
        kind, size, at = _typed(buf, at, individual)  # FILTER
        at += _width(kind) * size
        to = _copy(buf, site, at, out, to)
        infos = 0
        for _ in range(_u16(buf, site + 16)):
            first = at
            kind, size, at = _typed(buf, at, individual)
            key = _integer(buf, at, kind)
            kind, size, at = _typed(buf, at + _width(kind), individual)
            at += _width(kind) * size
            if key == end_key:
                to = _copy(buf, first, at, out, to)
                infos += 1
        shared = to - begin - 8
        formats, at, genotypes, genotype_size, kind_of = 0, individual, np.int64(-1), np.int64(0), np.int64(1)
        for _ in range(np.int64(buf[site + 23])):
            first = at
            kind, size, at = _typed(buf, at, end)
            key = _integer(buf, at, kind)
            kind, size, at = _typed(buf, at + _width(kind), end)
            if key == genotype_key and size:
                genotypes, genotype_size, kind_of = at, size, kind
            at += _width(kind) * size * samples
            if key >= len(kept) or not kept[key] or (narrow[key] and alleles > 2):
                continue
            if key != reads_key or size == alleles:
                to = _copy(buf, first, at, out, to)
                formats += 1
            elif size > alleles and alleles < 15:
                to = _copy_first(
                    buf, first, at - _width(kind) * size * samples, (samples, size, alleles), kind, out, to
                )
                formats += 1
        told = False
        for sample in range(samples):
            told |= observed[row, sample] != 0
            if genotype_key >= 0:
                told |= _is_missing(buf, genotypes, genotype_size, kind_of, sample)
        if told:
            formats += 1
            to = _put_key(out, to, own_key)
            out[to] = 0x11
            to += 1
            for sample in range(samples):
                out[to + sample] = observed[row, sample]
            to += samples
        named = False
        for sample in range(samples if len(sets) else 0):
            named |= sets[row, sample] != UNTOLD
        if named:
            formats += 1
            to = _put_key(out, to, set_key)
            out[to] = 0x13
            to += 1
            for sample in range(samples):
                _put(out, to, 3, np.int64(sets[row, sample]))
                to += 4
        _put(out, begin, 3, shared)
        _put(out, begin + 4, 3, to - begin - 8 - shared)
        _put(out, begin + 8 + 16, 2, infos)
        out[begin + 8 + 23] = formats
    return to


@jit
def _put_key(out, to, key):
    """The dictionary number of a field that follows."""
    if key < 128:
        out[to], out[to + 1] = 0x11, key
        return to + 2
    out[to], out[to + 1], out[to + 2] = 0x12, key & 255, key >> 8
    return to + 3


@jit
def _copy_first(buf, field, at, sizes, kind, out, to):
    """Copy a field, whose values begin at ``at``, with the first values of each person: ``sizes`` are people, values
    there and values to be copied, fewer than 15."""
    samples, size, wanted = sizes
    _, _, told = _typed(buf, field, at)
    to = _copy(buf, field, told + _width(_typed(buf, field, at)[0]), out, to)
    out[to] = wanted << 4 | kind
    to += 1
    for sample in range(samples):
        first = at + _width(kind) * size * sample
        to = _copy(buf, first, first + _width(kind) * wanted, out, to)
    return to


@jit
def _copy(buf, first, last, out, to):
    for k in range(first, last):
        out[to] = buf[k]
        to += 1
    return to
