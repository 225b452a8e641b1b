"""Phase of genotypes: which set each phased one belongs to, as PS or GATK's PGT and PID say; buffers as in
:mod:`permed.genotypes.kernels`.

A set is a number. That of PS stays as it is written, if it is 1 or more and of the first file of a person; any other
name of a set (PID, text, 0) becomes a number from :data:`FIRST_NAMED` on, of 2^30, by a digest of the name, so that
two names hardly ever have one number, and one name always the same.
"""

import numpy as np

from permed.genotypes.kernels import _integer, _typed, _u32, _width
from permed.kernel import jit

PHASE_FIELDS = ("GT", "PS", "PGT", "PID")
GT, PS, PGT, PID = range(len(PHASE_FIELDS))
NAMED, UNNAMED = range(2)  # rows of ``told``
UNTOLD = -(1 << 31)  # the missing number of BCF
FIRST_NAMED = 1 << 30
_CHAR, _FLOAT, _PIPE = 7, 5, 124
_NO_DECIMAL = 0x7F800001  # the missing decimal of BCF, as bits


@jit
def settle_sets(buf, starts, samples, keys, strict, earlier, sets, told):
    """Fill ``sets`` (int32, records x samples) with phase sets, :data:`UNTOLD` for none; True where anything changed.

    ``keys`` are the dictionary numbers of :data:`PHASE_FIELDS`, -1 for one that the header lacks. An unphased
    heterozygous genotype of which PGT tells the order of its alleles, and PID the set, becomes phased in ``buf``. A
    phased heterozygous one becomes unphased where PS is no set, and where there is none for the people of ``strict``
    (bool), whose others name some; else it stays, and is of one set a contig with others of its kind. ``earlier`` is
    how many other files of the same people come before this one: sets of two files are never one. ``told`` (bool, 2 x
    samples) notes in :data:`NAMED` whose heterozygous genotypes name sets, in :data:`UNNAMED` whose are phased without
    one.
    """
    slots = np.empty((len(PHASE_FIELDS), 3), np.int64)
    changed = False
    for row in range(len(starts)):
        site = starts[row] + 8
        individual = site + _u32(buf, starts[row])
        end = individual + _u32(buf, starts[row] + 4)
        _find(buf, individual, end, np.int64(buf[site + 23]), samples, keys, slots)
        sets[row] = UNTOLD
        if slots[GT, 0] < 0 or slots[GT, 1] < 2:
            continue
        width = _width(slots[GT, 2])
        for sample in range(samples):
            at = slots[GT, 0] + width * slots[GT, 1] * sample
            first, second = _integer(buf, at, slots[GT, 2]), _integer(buf, at + width, slots[GT, 2])
            third = _integer(buf, at + 2 * width, slots[GT, 2]) if slots[GT, 1] > 2 else -1
            own, same = _own_set(buf, slots[PS], sample, earlier)
            if first < 2 or second < 2 or third >= 0 or first >> 1 == second >> 1:
                # Of what is not heterozygous the set says nothing, but stays.
                sets[row, sample] = own
                changed |= not same
                continue
            if second & 1 and own != UNTOLD:
                sets[row, sample] = own
                told[NAMED, sample] = True
                changed |= not same
                continue
            changed |= not same
            if second & 1 and same and not strict[sample]:
                told[UNNAMED, sample] = True
                if earlier:
                    sets[row, sample] = _number_of(np.uint64(0), earlier)
                    changed = True
                continue
            order = _order(buf, slots, sample, (first >> 1) - 1, (second >> 1) - 1)
            if order < 0:
                if second & 1:
                    _write(buf, at, width, first & ~1, second & ~1)
                    changed = True
                continue
            told[NAMED, sample] = True
            one, other = (first, second) if order == 0 else (second, first)
            _write(buf, at, width, one & ~1, other | 1)
            sets[row, sample] = _number_of(_digest(buf, slots[PID], sample), earlier)
            changed = True
    return changed


@jit
def _find(buf, at, end, formats, samples, keys, slots):
    """Where each field lies: position, number of values and type; -1 for one that the record lacks."""
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
def _own_set(buf, slot, sample, earlier):
    """The number of the set that PS names, and whether it is as PS has it; several values, or decimals, are no set."""
    if slot[0] < 0:
        return UNTOLD, True
    kind, size = slot[2], slot[1]
    if kind == _CHAR:
        if _length(buf, slot, sample) == 0:
            return UNTOLD, True
        return _number_of(_digest(buf, slot, sample), earlier), False
    if kind == _FLOAT:
        return UNTOLD, _integer(buf, slot[0] + 4 * size * sample, 3) == _NO_DECIMAL
    width = _width(kind)
    missing = -(1 << (8 * width - 1))
    at = slot[0] + width * size * sample
    value = _integer(buf, at, kind)
    if value == missing or value == missing + 1:
        return UNTOLD, True
    if size > 1 and _integer(buf, at + width, kind) != missing + 1:
        return UNTOLD, False
    if value > 0 and not earlier:
        return value, True
    return _number_of(np.uint64(value + (1 << 40)), earlier), False


@jit
def _order(buf, slots, sample, first, second):
    """0 where PGT has the alleles as GT has them, 1 for the other way round, -1 where it does not tell."""
    if slots[PGT, 0] < 0 or slots[PID, 0] < 0 or slots[PGT, 2] != _CHAR or slots[PID, 2] != _CHAR:
        return -1
    size = _length(buf, slots[PGT], sample)
    if _length(buf, slots[PID], sample) == 0 or size < 3:
        return -1
    at = slots[PGT, 0] + slots[PGT, 1] * sample
    number, one, pipes = 0, -1, 0
    for k in range(size):
        letter = np.int64(buf[at + k])
        if letter == _PIPE and k > 0 and k < size - 1:
            one, number, pipes = number, 0, pipes + 1
        elif 48 <= letter <= 57 and number < 10_000:
            number = 10 * number + letter - 48
        else:
            return -1
    if pipes != 1:
        return -1
    if one == first and number == second:
        return 0
    return 1 if one == second and number == first else -1


@jit
def _length(buf, slot, sample):
    """Letters of a person's text, 0 for a missing one."""
    at, size = slot[0] + slot[1] * sample, 0
    while size < slot[1] and buf[at + size] != 0:
        size += 1
    if size == 1 and (buf[at] == 46 or buf[at] == 7):
        return 0
    return size


@jit
def _digest(buf, slot, sample):
    """FNV-1a of a person's text (Fowler, Noll, Vo; 64 bits)."""
    at, found = slot[0] + slot[1] * sample, np.uint64(14695981039346656037)
    for k in range(_length(buf, slot, sample)):
        found = (found ^ np.uint64(buf[at + k])) * np.uint64(1099511628211)
    return found


@jit
def _number_of(name, earlier):
    """One of 2^30 numbers, by the finaliser of MurmurHash3 (Appleby), in which every bit of the name counts."""
    found = name ^ (np.uint64(earlier) * np.uint64(0x9E3779B97F4A7C15))
    found = (found ^ (found >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    found = (found ^ (found >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    found ^= found >> np.uint64(33)
    return np.int64(found & np.uint64(FIRST_NAMED - 1)) + FIRST_NAMED


@jit
def _write(buf, at, width, first, second):
    """Two values of a genotype, whose numbers have the width that they had."""
    for k in range(width):
        buf[at + k] = (first >> (8 * k)) & 255
        buf[at + width + k] = (second >> (8 * k)) & 255
