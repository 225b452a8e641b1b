"""What the genotypes of BCF records say; buffers are as in :mod:`permed.genotypes.kernels`.

Some things are mended where they lie in the buffer: lower-case bases, an alternate that is written twice or that is REF
(its copies get the number of the first; its own letters become ``*``), genotypes of more than two alleles and reads by
allele of another number than there are alleles (both become missing).
"""

import numpy as np

from permed.genotypes.kernels import _integer, _real, _typed, _u16, _u32, _width
from permed.kernel import jit
from permed.observations.bounds import judge
from permed.observations.codes import (
    BELIEVED,
    CONTRADICTED,
    FIRST_OTHER,
    GENOTYPE_FILTER,
    LOW_PROBABILITY,
    ONE_ALLELE,
    SECOND_OTHER,
    SITE_FILTER,
    UNREADABLE,
)

FIELDS = ("GT", "GQ", "RGQ", "GQX", "DP", "MIN_DP", "DPI", "AD", "PL", "FT", "GP", "IGC", "GL")
GT, GQ, RGQ, GQX, DP, MIN_DP, DPI, AD, PL, FT, GP, IGC, GL = range(len(FIELDS))
MIN_DEPTH, MIN_QUALITY, MIN_PROBABILITY, MIN_GENCALL, ANY_FILTER = range(5)  # places in ``bounds``
POLYPLOID, MISFIT, TWICE = range(3)  # rows of ``noted``
FEW = 3  # reads that all have another allele: a homozygote does not look so by errors of reading
TELLING = 10  # reads with which an allele that nobody saw is not there: a heterozygote hides it once in 512
MANY, SLIGHT = 20, 0.05  # of so many reads a smaller share shows no heterozygote
_FLOAT, _CHAR = 5, 7
_NONE = -2  # the second allele of a genotype of one
_STAR, _DOT, _SEMICOLON = 42, 46, 59


@jit
def observe_records(buf, starts, samples, keys, bounds, believed, one_copy, mixed, reference_only, observed, noted):
    """Fill ``observed`` (uint8, records x samples) with the byte of :mod:`.codes`; True where ``buf`` was mended.

    ``keys`` are the dictionary numbers of :data:`FIELDS`, -1 for one that is not asked; ``bounds`` (float64) as the
    places above name them; ``believed`` (uint8, names x 32, padded with 0) are FILTER values with which a genotype is
    believed. ``one_copy`` (records x samples bool; empty where everybody has two) says where one copy is expected:
    where two are, one allele leaves the other unknown. ``mixed`` says that any part of the copies may have another
    allele (mitochondrial DNA), ``reference_only`` (records) that the record's FILTER is
    believed of reference genotypes only. ``noted`` (3 x samples) counts.
    """
    slots = np.empty((len(FIELDS), 3), np.int64)
    codes = np.empty((samples, 2), np.int64)
    mended = False
    for row in range(len(starts)):
        site = starts[row] + 8
        individual = site + _u32(buf, starts[row])
        end = individual + _u32(buf, starts[row] + 4)
        alleles = _u16(buf, site + 18)
        part = _is_beside(buf, starts, row)
        role = np.zeros(alleles, np.int64)
        mended |= _read_alleles(buf, site, individual, alleles, role)
        repeated = (role > 0).any()
        _find_slots(buf, individual, end, np.int64(buf[site + 23]), samples, keys, slots)
        observed[row] = BELIEVED
        if slots[GT, 0] < 0:
            continue
        mended |= _read_genotypes(buf, slots[GT], samples, alleles, role, codes, observed[row], noted)
        if slots[AD, 0] >= 0:
            mended |= _fit_reads(buf, slots[AD], samples, alleles, observed[row], noted)
        for sample in range(samples):
            if codes[sample, 0] < 0 and codes[sample, 1] < 0:
                continue
            code = np.int64(observed[row, sample])
            if code & 15 == BELIEVED:
                single = codes[sample, 1] == _NONE
                if len(one_copy):
                    single |= one_copy[row, sample]
                given = codes[sample], alleles, repeated, part
                doubt = _doubt(buf, slots, sample, given, single, mixed, bounds, believed)
                if doubt == BELIEVED and reference_only[row] and (codes[sample, 0] > 0 or codes[sample, 1] > 0):
                    doubt = SITE_FILTER
                if doubt == BELIEVED and codes[sample, 1] == _NONE and not len(one_copy):
                    doubt = ONE_ALLELE
                observed[row, sample] = code | doubt
    return mended


@jit
def _is_beside(buf, starts, row):
    """Whether the record before or behind has the same position, as the parts of one site have."""
    pos, found = _u32(buf, starts[row] + 12), False
    for other in (row - 1, row + 1):
        if 0 <= other < len(starts):
            found |= _u32(buf, starts[other] + 12) == pos
    return found


@jit
def _read_alleles(buf, site, individual, alleles, role):
    """Fill ``role``: for each allele 0, -1 for one that no record will have, or 1 + the allele that it repeats."""
    ats, sizes = np.empty(alleles, np.int64), np.empty(alleles, np.int64)
    mended, at = False, site + 24
    _, size, at = _typed(buf, at, individual)
    at += size
    for number in range(alleles):
        _, size, at = _typed(buf, at, individual)
        ats[number], sizes[number] = at, size
        small = False
        for k in range(at, at + size):
            small |= _is_small(buf[k])
            if not _is_small(buf[k]) and not _is_base(buf[k]):
                role[number] = -1
        if small and role[number] == 0:
            for k in range(at, at + size):
                buf[k] = buf[k] - 32 if _is_small(buf[k]) else buf[k]
            mended = True
        at += size
    role[0] = 0
    for number in range(1, alleles):
        if role[number]:
            continue
        for earlier in range(number):
            if sizes[earlier] == sizes[number] and role[earlier] == 0:
                same = True
                for k in range(sizes[number]):
                    same &= buf[ats[earlier] + k] == buf[ats[number] + k]
                if same:
                    role[number] = 1 + earlier
                    for k in range(sizes[number]):
                        buf[ats[number] + k] = _STAR
                    mended = True
                    break
    return mended


@jit(inline="always")
def _is_base(letter):
    """Whether it is one of ACGTN."""
    return letter == 65 or letter == 67 or letter == 71 or letter == 84 or letter == 78


@jit(inline="always")
def _is_small(letter):
    """Whether it is one of acgtn."""
    return letter >= 97 and _is_base(letter - 32)


@jit
def _find_slots(buf, at, end, formats, samples, keys, slots):
    """Where each asked field lies: position, number of values and type; -1 for one that the record lacks."""
    slots[:] = -1
    for _ in range(formats):
        kind, _, at = _typed(buf, at, end)
        key = _integer(buf, at, kind)
        kind, size, at = _typed(buf, at + _width(kind), end)
        if size:
            for slot in range(len(keys)):
                if keys[slot] == key:
                    slots[slot, 0], slots[slot, 1], slots[slot, 2] = at, size, kind
        at += _width(kind) * size * samples


@jit
def _read_genotypes(buf, slot, samples, alleles, role, codes, observed, noted):
    """Fill ``codes`` with the alleles of each genotype, -1 for a missing one, -2 for no second one."""
    at, size, kind = slot[0], slot[1], slot[2]
    width = _width(kind)
    ended = 1 - (1 << (8 * width - 1))
    mended = False
    for sample in range(samples):
        first, number = at + width * size * sample, 0
        codes[sample, 0], codes[sample, 1] = -1, _NONE
        for k in range(size):
            value = _integer(buf, first + width * k, kind)
            if value == ended:
                break
            number += 1
            allele = (value >> 1) - 1
            if 0 <= allele < alleles and role[allele] > 0:
                _put(buf, first + width * k, kind, role[allele] << 1 | (value & 1))
                allele = role[allele] - 1
                noted[TWICE, sample] += 1
                mended = True
            if k < 2:
                codes[sample, k] = allele
        if number > 2:
            for k in range(size):
                _put(buf, first + width * k, kind, 0 if k < 2 else ended)
            codes[sample, 0], codes[sample, 1] = -1, -1
            noted[POLYPLOID, sample] += 1
            observed[sample] = UNREADABLE
            mended = True
            continue
        for k in range(min(number, 2)):
            allele = codes[sample, k]
            if 0 < allele < alleles and role[allele] < 0:
                observed[sample] |= FIRST_OTHER if k == 0 else SECOND_OTHER
    return mended


@jit
def _put(buf, at, kind, value):
    for k in range(_width(kind)):
        buf[at + k] = (value >> (8 * k)) & 255


@jit
def _fit_reads(buf, slot, samples, alleles, observed, noted):
    """Make reads by allele missing where there are more or fewer than alleles; such a genotype is not readable."""
    at, size, kind = slot[0], slot[1], slot[2]
    width = _width(kind)
    missing = -(1 << (8 * width - 1))
    mended = False
    for sample in range(samples):
        first, have = at + width * size * sample, 0
        while have < size and _integer(buf, first + width * have, kind) != missing + 1:
            have += 1
        if have == alleles or have == 0 or (have == 1 and _integer(buf, first, kind) == missing):
            continue
        for k in range(size):
            _put(buf, first + width * k, kind, missing if k == 0 else missing + 1)
        observed[sample] = observed[sample] & 0xF0 | UNREADABLE
        noted[MISFIT, sample] += 1
        mended = True
    return mended


@jit
def _doubt(buf, slots, sample, given, single, mixed, bounds, believed):
    """Why a genotype, or half of one, is not believed.

    ``given`` are its alleles, how many there are, whether those of the file were others that are ``repeated``, and
    whether the record may be a ``part`` of a site: then its likelihoods are those of some of the site's genotypes.
    """
    codes, alleles, repeated, part = given
    if slots[FT, 0] >= 0 and bounds[ANY_FILTER] == 0 and not _passes(buf, slots[FT], sample, believed):
        return GENOTYPE_FILTER
    quality = -1.0
    for slot in (GQ, RGQ, GQX):
        if quality < 0:
            quality = _number(buf, slots[slot], sample)
    depth = -1.0
    for slot in (DP, MIN_DP, DPI):
        if depth < 0:
            depth = _number(buf, slots[slot], sample)
    total = _total(buf, slots[AD], sample)
    if depth < 0:
        depth = total
    next_best = _next_best(buf, slots[PL], sample, alleles)
    flat = next_best == 0
    if part:
        pass  # likelihoods of a part of a site leave out genotypes that may be likelier
    elif next_best >= 0:
        # Some callers write a quality of the sum of bases, or of a prior: likelihoods of two reads bound it.
        if not repeated and _is_unlikely(buf, slots[PL], sample, codes, alleles):
            quality = 0.0
        quality = next_best if quality < 0 else min(quality, next_best)
    elif quality >= 0:
        quality = min(quality, _next_best_log(buf, slots[GL], sample, alleles, quality))
    doubt = judge(quality, depth, flat, single, bounds[MIN_DEPTH], bounds[MIN_QUALITY])
    if doubt > BELIEVED:
        return doubt
    if total >= FEW and _is_contradicted(buf, slots[AD], sample, codes, total, mixed, part):
        return CONTRADICTED
    score = _number(buf, slots[IGC], sample)
    if score >= 0 and np.float32(score) < np.float32(bounds[MIN_GENCALL]):  # as the file holds it
        return LOW_PROBABILITY
    whole = codes[0] >= 0 and codes[1] != -1
    if whole and slots[GP, 0] >= 0 and alleles == 2 and slots[GP, 2] == _FLOAT:
        copies = (1 if codes[0] > 0 else 0) + (1 if codes[1] > 0 else 0)
        if copies < slots[GP, 1]:
            share = _real(buf, slots[GP, 0] + 4 * (slots[GP, 1] * sample + copies))
            if share < np.float32(bounds[MIN_PROBABILITY]):  # NaN, for missing, is not
                return LOW_PROBABILITY
    return BELIEVED


@jit
def _number(buf, slot, sample):
    """The first value of a field of a person as float64, negative where it is missing."""
    if slot[0] < 0 or slot[2] == _CHAR:
        return -1.0
    at = slot[0] + _width(slot[2]) * slot[1] * sample
    if slot[2] == _FLOAT:
        value = _real(buf, at)
        return -1.0 if np.isnan(value) else value
    return np.float64(_integer(buf, at, slot[2]))  # missing and end are negative


@jit
def _total(buf, slot, sample):
    """The reads of all alleles, -1 where none is told."""
    if slot[0] < 0 or slot[2] > 3:
        return -1.0
    width, total, told = _width(slot[2]), 0.0, False
    for k in range(slot[1]):
        value = _integer(buf, slot[0] + width * (slot[1] * sample + k), slot[2])
        if value >= 0:
            total += value
            told = True
    return total if told else -1.0


@jit
def _next_best(buf, slot, sample, alleles):
    """How much less likely than the best the next best genotype is, on the phred scale; -1 where nothing tells, or
    there are not as many likelihoods as genotypes of one or two copies."""
    if slot[0] < 0 or slot[2] > 3 or slot[1] < 2:
        return -1.0
    width, told, best, following = _width(slot[2]), 0, np.int64(1 << 40), np.int64(1 << 40)
    for k in range(slot[1]):
        value = _integer(buf, slot[0] + width * (slot[1] * sample + k), slot[2])
        if value < 0:
            break
        told += 1
        if value < best:
            best, following = value, best
        elif value < following:
            following = value
    fits = told == alleles or told == alleles * (alleles + 1) // 2
    return np.float64(following - best) if told > 1 and fits else -1.0


@jit
def _is_unlikely(buf, slot, sample, codes, alleles):
    """Whether another genotype is more likely than the one that is called, where each has a likelihood."""
    if codes[0] < 0 or codes[1] == -1:
        return False
    low, high = min(codes[0], codes[1]), max(codes[0], codes[1])
    own, asked = high * (high + 1) // 2 + low, alleles * (alleles + 1) // 2
    if codes[1] < 0:
        own, asked = codes[0], alleles
    width, told, best, mine = _width(slot[2]), 0, np.int64(1 << 40), np.int64(-1)
    for k in range(slot[1]):
        value = _integer(buf, slot[0] + width * (slot[1] * sample + k), slot[2])
        if value < 0:
            break
        told += 1
        best = min(best, value)
        if k == own:
            mine = value
    return told == asked and mine > best


@jit
def _next_best_log(buf, slot, sample, alleles, otherwise):
    """The same by log10 likelihoods (GL), as phred; ``otherwise`` where nothing tells.

    They only bound a quality that the file gives: phased and imputed genotypes stand beside those of a read or two.
    """
    if slot[0] < 0 or slot[2] != _FLOAT or slot[1] < 2:
        return otherwise
    told, best, following = 0, -np.inf, -np.inf
    for k in range(slot[1]):
        value = _real(buf, slot[0] + 4 * (slot[1] * sample + k))
        if np.isnan(value):
            break
        told += 1
        if value > best:
            best, following = value, best
        elif value > following:
            following = value
    fits = told == alleles or told == alleles * (alleles + 1) // 2
    return 10.0 * (best - following) if told > 1 and fits else otherwise


@jit
def _is_contradicted(buf, slot, sample, codes, total, mixed, part):
    """Whether reads by allele contradict a genotype: nobody saw an allele of it, or hardly anybody did.

    Where any part of the copies may have an allele (``mixed``) a small share contradicts nothing. In one of several
    records of a site (``part``) a 0 beside an alternate may be the alternate of another one: of 1/2 split into 1/0 and
    0/1 neither has reads of REF.
    """
    width = _width(slot[2])
    at = slot[0] + width * slot[1] * sample
    alike = codes[1] == _NONE or codes[0] == codes[1]
    for k in range(1 if alike else 2):
        if codes[k] < 0:
            continue
        if codes[k] >= slot[1]:
            return False
        if part and not alike and codes[k] == 0:
            continue
        reads = _integer(buf, at + width * codes[k], slot[2])
        if reads < 0:
            return False
        if total < TELLING:
            return alike and reads == 0
        few = not alike and not mixed and total >= MANY and reads < SLIGHT * total
        if reads == 0 or (alike and 2 * reads < total) or few:
            return True
    return False


@jit
def _passes(buf, slot, sample, believed):
    """Whether all names of a person's FT, between semicolons, are believed; a missing one is."""
    if slot[2] != _CHAR:
        return True
    at, size = slot[0] + slot[1] * sample, slot[1]
    last = 0
    while last < size and buf[at + last] != 0:
        last += 1
    if last == 0 or (last == 1 and (buf[at] == _DOT or buf[at] == 7)):
        return True
    begin = 0
    for k in range(last + 1):
        if k == last or buf[at + k] == _SEMICOLON:
            if k > begin and not _is_among(buf, at + begin, k - begin, believed):
                return False
            begin = k + 1
    return True


@jit
def _is_among(buf, at, size, names):
    for name in range(len(names)):
        same = size <= names.shape[1]
        for k in range(min(size, names.shape[1])):
            same &= buf[at + k] == names[name, k]
        if same and (size == names.shape[1] or names[name, size] == 0):
            return True
    return False
