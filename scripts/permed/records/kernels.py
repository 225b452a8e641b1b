"""Whether genotypes and fields of BCF records fit the number of alleles; buffers are as in permed.genotypes.kernels."""

import numpy as np

from permed.genotypes.kernels import _integer, _typed, _u16, _u32, _width
from permed.kernel import jit

ANY, PER_ALT, PER_ALLELE, PER_GENOTYPE, LOOSE_PER_ALT, LOOSE_PER_ALLELE = range(6)
_UNKNOWN = -1
_FLOAT = 5
_NUMBERS = (1, 2, 3, _FLOAT)
_NONE = 0x80  # from this byte on none is an allele: a missing value, or the end of a shorter genotype
_FLOAT_MISSING, _FLOAT_END = 0x7F800001, 0x7F800002


@jit
def survey_records(buf, starts, samples, gt, two_copies, pos):
    """Fill ``pos`` (1-based) of the records; whether any has an allele that is not of the letters ACGTN alone, one that
    is there twice, genotypes of more than two alleles or, where everybody has ``two_copies``, of one."""
    found = False
    for row in range(len(starts)):
        site = starts[row] + 8
        individual = site + _u32(buf, starts[row])
        end = individual + _u32(buf, starts[row] + 4)
        pos[row] = 1 + np.int64(_u32(buf, site + 4))
        alleles, at = _u16(buf, site + 18), site + 24
        _, size, at = _typed(buf, at, individual)
        at += size
        first, last_at, last_size = at, 0, 0
        for number in range(alleles):
            _, size, at = _typed(buf, at, individual)
            for k in range(at, at + size):
                letter = buf[k]
                found |= not (letter == 65 or letter == 67 or letter == 71 or letter == 84 or letter == 78)
            other = first
            for _ in range(number):  # few have more than one
                _, last_size, last_at = _typed(buf, other, individual)
                same = last_size == size
                for k in range(size if same else 0):
                    same &= buf[last_at + k] == buf[at + k]
                found |= same
                other = last_at + last_size
            at += size
        at = individual
        for _ in range(np.int64(buf[site + 23])):
            kind, _, at = _typed(buf, at, end)
            key = _integer(buf, at, kind)
            kind, size, at = _typed(buf, at + _width(kind), end)
            found |= key == gt and (size > 2 or (two_copies and _has_single(buf, at, size, kind, samples)))
            at += _width(kind) * size * samples
    return found


@jit
def _has_single(buf, at, size, kind, samples):
    """Whether any genotype of the record has one allele, and not a missing one."""
    if kind > 3:
        return False
    width, found = _width(kind), False
    for sample in range(samples):
        first = at + width * size * sample
        if size == 1 or _integer(buf, first + width, kind) == 1 - (1 << (8 * width - 1)):
            found |= _integer(buf, first, kind) > 1
    return found


@jit
def check_fields(buf, starts, samples, gt, kinds, wrong, nameless):
    """Compare the records that begin at ``starts`` with ``kinds``, what each FORMAT number (of the dictionary) counts.

    Marks in ``wrong`` the numbers of fields that do not fit and may be left out, in ``nameless`` the rows without ALT
    that have a genotype with one. Gives (row, number, sample, value) of the first that must be refused, with the
    allele for ``gt``, else the count of values; row is -1 where there is none.
    """
    copies = np.empty(samples, np.int64)
    for row in range(len(starts)):
        individual = starts[row] + 8 + _u32(buf, starts[row])
        end = individual + _u32(buf, starts[row] + 4)
        alleles, formats = _u16(buf, starts[row] + 26), np.int64(buf[starts[row] + 31])
        copies[:] = _UNKNOWN
        for turn in range(2):
            at = individual
            for _ in range(formats):
                kind, size, at = _typed(buf, at, end)
                if kind < 1 or kind > 3 or size != 1:
                    break
                key = _integer(buf, at, kind)
                kind, size, at = _typed(buf, at + _width(kind), end)
                if kind < 0:
                    break
                if turn == 0 and key == gt and 1 <= kind <= 3:
                    sample, allele = -1, -1
                    if kind > 1 or size != 2 or _count_pairs(buf, at, alleles, copies):
                        sample, allele = _count_copies(buf, at, size, kind, alleles, copies)
                    if sample >= 0 and alleles > 1:
                        return row, key, sample, allele
                    nameless[row] |= sample >= 0
                elif (
                    turn == 1
                    and key < len(kinds)
                    and kinds[key] != ANY
                    and not wrong[key]
                    and kind in (1, 2, 3, _FLOAT)
                ):
                    sample, have = _first_misfit(buf, at, size, kind, alleles, copies, kinds[key])
                    if sample >= 0 and kinds[key] in (PER_ALT, PER_ALLELE):
                        return row, key, sample, have
                    wrong[key] = sample >= 0
                at += _width(kind) * size * samples
    return -1, -1, -1, -1


@jit
def _count_pairs(buf, at, alleles, copies):
    """As :func:`_count_copies` for two alleles of a byte each, the common case; True where one may not be there."""
    last, beyond = 2 * alleles + 1, False
    for sample in range(len(copies)):
        one, two = np.int64(buf[at + 2 * sample]), np.int64(buf[at + 2 * sample + 1])
        beyond |= (one > last and one < _NONE) or (two > last and two < _NONE)
        known = 1 if two >= _NONE else 2 if two > 1 else _UNKNOWN
        copies[sample] = known if 1 < one < _NONE else _UNKNOWN
    return beyond


@jit
def _count_copies(buf, at, size, kind, alleles, copies):
    """Fill in how many alleles each genotype has, -1 where one is missing; the first with one that is not there."""
    ended = -(1 << (8 * _width(kind) - 1)) + 1
    first, beyond = -1, -1
    for sample in range(len(copies)):
        known, number = True, 0
        for k in range(size):
            value = _integer(buf, at + _width(kind) * (size * sample + k), kind)
            if value <= ended:
                break
            number += 1
            known &= value > 1
            if (value >> 1) > alleles and first < 0:
                first, beyond = sample, (value >> 1) - 1
        copies[sample] = number if known and number else _UNKNOWN
    return first, beyond


@jit
def _first_misfit(buf, at, size, kind, alleles, copies, counted):
    """The first sample whose number of values is not that of ``counted``, with its number; -1 where all fit."""
    for sample in range(len(copies)):
        have, missing = _count_values(buf, at + _width(kind) * size * sample, size, kind)
        if missing and have <= 1:
            continue
        pairs, fits = alleles * (alleles + 1) // 2, False
        if counted == PER_GENOTYPE:
            fits |= have == alleles and copies[sample] in (_UNKNOWN, 1)
            fits |= have == pairs and copies[sample] in (_UNKNOWN, 2)
        elif counted in (PER_ALLELE, LOOSE_PER_ALLELE):
            fits = have == alleles
        else:
            fits = have == alleles - 1
        if not fits:
            return sample, have
    return -1, -1


@jit
def _count_values(buf, at, size, kind):
    """How many values a person has, and whether the first of them is missing."""
    have, missing = 0, size == 0
    for k in range(size):
        if kind == _FLOAT:
            value = _u32(buf, at + 4 * k)
            none, ended = value == _FLOAT_MISSING, value == _FLOAT_END
        else:
            value, low = _integer(buf, at + _width(kind) * k, kind), -(1 << (8 * _width(kind) - 1))
            none, ended = value == low, value == low + 1
        if ended:
            missing |= k == 0
            break
        have += 1
        missing |= none and k == 0
    return have, missing
