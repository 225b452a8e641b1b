"""Records of BCF read and packed: buffers are uint8 arrays of inflated BCF, positions in them are 0-based bytes.

What a record holds is noted in a row of :data:`FIELDS` (int64); a position of -1 says that the record has no such
field. Values are little-endian whatever the machine; a genotype byte is (allele + 1) << 1 | phased, 0 or 1 for a
missing allele, 0x81 where a genotype has fewer alleles than the record has room for (VCF specification 4.3, 6.3.3).
"""

import numpy as np

from permed.genotypes.store import DOSAGE_UNIT, NO_DOSAGE
from permed.kernel import jit
from permed.observations.codes import UNLISTED

FIELDS = 18
STATUS, CONTIG, POS, ID, ID_SIZE, REF, REF_SIZE, ALT, ALT_SIZE = range(9)
GT, GT_SIZE, GT_KIND, DS, HDS, HDS_SIZE, GP, GP_SIZE, OBS = range(9, 18)
WHOLE, BROKEN, POLYPLOID = range(3)
TOLERANCE = 0.01  # a dosage this much below 0 or above 2 is rounding
GP_TOLERANCE = 0.05
HARD_CALL_DISTANCE = 1638  # 0.1, in units of a dosage
_END, _NONE = 0x81, 0x80
_FLOAT_END = 0x7F800002


@jit(inline="always")
def _u16(buf, at):
    return np.int64(buf[at]) | np.int64(buf[at + 1]) << 8


@jit(inline="always")
def _u32(buf, at):
    return _u16(buf, at) | _u16(buf, at + 2) << 16


@jit(inline="always")
def _i32(buf, at):
    value = _u32(buf, at)
    return value - (value >> 31 << 32)


@jit(inline="always")
def _integer(buf, at, kind):
    """An integer of BCF type 1, 2 or 3: int8, int16, int32."""
    if kind == 1:
        return np.int64(buf[at]) - (np.int64(buf[at]) >> 7 << 8)
    if kind == 2:
        return _u16(buf, at) - (_u16(buf, at) >> 15 << 16)
    return _i32(buf, at)


@jit(inline="always")
def _width(kind):
    """Bytes a value of a BCF type; 0 for none."""
    if kind == 1 or kind == 7:
        return 1
    if kind == 2:
        return 2
    if kind == 3 or kind == 5:
        return 4
    return 0


@jit
def _typed(buf, at, end):
    """Read a type byte: (type, number of values, position of the first); type -1 where it does not fit."""
    if at >= end:
        return -1, 0, at
    kind, size = np.int64(buf[at]) & 15, np.int64(buf[at]) >> 4
    at += 1
    if size == 15:
        if at >= end:
            return -1, 0, at
        wide = np.int64(buf[at]) & 15
        if wide < 1 or wide > 3 or at + 1 + _width(wide) > end:
            return -1, 0, at
        size = _integer(buf, at + 1, wide)
        at += 1 + _width(wide)
    if size < 0:
        return -1, 0, at
    return kind, size, at


@jit
def find_records(buf, start, end, starts):
    """Write where each whole record of ``buf[start:end]`` starts; give their number and where the rest starts."""
    count = 0
    while start + 32 <= end:
        size = 8 + _u32(buf, start) + _u32(buf, start + 4)
        if size < 32 or start + size > end:
            break
        starts[count] = start
        count += 1
        start += size
    return count, start


@jit
def parse_records(buf, starts, samples, keys, fields):
    """Fill a row of ``fields`` for each record; ``keys`` are the dictionary numbers of GT, DS, HDS, GP and OBS, or
    -1."""
    for row in range(len(starts)):
        fields[row] = -1
        fields[row, STATUS] = _parse(buf, starts[row], samples, keys, fields[row])


@jit
def _parse(buf, start, samples, keys, found):
    site = start + 8
    individual = site + _u32(buf, start)
    end = individual + _u32(buf, start + 4)
    if individual < site + 24:
        return BROKEN
    alleles, formats = _u16(buf, site + 18), np.int64(buf[site + 23])
    if formats and (_u32(buf, site + 20) & 0xFFFFFF) != samples:
        return BROKEN
    found[CONTIG], found[POS] = _i32(buf, site), _i32(buf, site + 4) + 1
    found[REF_SIZE], found[ALT_SIZE] = 0, 0
    at = site + 24
    for number in range(1 + alleles):
        kind, size, at = _typed(buf, at, individual)
        if kind < 0 or (kind != 7 and size) or at + size > individual:
            return BROKEN
        for k in range(at, at + size):
            if buf[k] <= 32:  # no space, tab or line's end is in a name or an allele
                return BROKEN
        if number == 0:
            found[ID], found[ID_SIZE] = at, size
        elif number == 1:
            found[REF], found[REF_SIZE] = at, size
        elif number == 2:
            found[ALT], found[ALT_SIZE] = at, size
        at += size
    if found[REF_SIZE] == 0 or found[POS] < 0:
        return BROKEN
    at = individual
    for _ in range(formats):
        kind, size, at = _typed(buf, at, end)
        if kind < 1 or kind > 3 or size != 1 or at + _width(kind) > end:
            return BROKEN
        key = _integer(buf, at, kind)
        kind, size, at = _typed(buf, at + _width(kind), end)
        if kind < 0 or (_width(kind) == 0 and size) or at + _width(kind) * size * samples > end:
            return BROKEN
        if key == keys[0] and size:
            if kind > 3:
                return BROKEN
            found[GT], found[GT_SIZE], found[GT_KIND] = at, size, kind
        elif kind == 5 and key == keys[1] and size == 1:
            found[DS] = at
        elif kind == 5 and key == keys[2] and 1 <= size <= 2:
            found[HDS], found[HDS_SIZE] = at, size
        elif kind == 5 and key == keys[3] and 2 <= size <= 3:
            found[GP], found[GP_SIZE] = at, size
        elif kind == 1 and key == keys[4] and size == 1:
            found[OBS] = at
        at += _width(kind) * size * samples
    return WHOLE


@jit
def site_text(buf, fields, text):
    """Write ``ref<tab>alt<tab>id<newline>`` of every record, ``.`` for no alternate, nothing for no id; its size."""
    to = 0
    for row in range(len(fields)):
        for part in range(3):
            column = REF if part == 0 else ALT if part == 1 else ID
            at, size = fields[row, column], fields[row, column + 1]
            if part == 1 and size == 0:
                text[to] = 46
                to += 1
            elif not (part == 2 and size == 1 and buf[at] == 46):
                for k in range(size):
                    text[to] = buf[at + k]
                    to += 1
            text[to] = 10 if part == 2 else 9
            to += 1
    return to


@jit
def pack_records(buf, fields, samples, packed, haploid):
    """Pack genotypes; without GT they are missing. True when a called one is haploid, whose bit is then set.

    ``packed`` is (records, ceil(samples / 4)), ``haploid`` (records, ceil(samples / 8)) with a bit a sample, all 0.
    A record with a genotype of three alleles gets the status POLYPLOID.
    """
    any_haploid = False
    words, whole = (samples + 3) // 4, samples // 4
    genotypes = np.zeros(words, np.uint64)
    values = genotypes.view(np.uint8)
    for row in range(len(fields)):
        at = fields[row, GT]
        if at < 0:
            packed[row] = 0x55
        else:
            if fields[row, GT_SIZE] == 2 and fields[row, GT_KIND] == 1:
                # Read where they lie, whatever the alignment: a copy costs as much as the packing.
                rare = _pack_common(buf[at : at + 8 * whole].view(np.uint64), packed[row])
                _copy(buf[at + 8 * whole : at + 2 * samples], values[8 * whole :])
                rare |= _pack_common(genotypes[whole:], packed[row, whole:])
                if rare:
                    _copy(buf[at : at + 2 * samples], values)
            else:
                if not _take_pairs(buf, at, fields[row, GT_SIZE], fields[row, GT_KIND], samples, values):
                    fields[row, STATUS] = POLYPLOID
                rare = _pack_common(genotypes, packed[row])
            if rare:
                any_haploid |= _double_haploid(values, samples, haploid[row])
                if _pack_common(genotypes, packed[row]):
                    _pack_any(values, samples, packed[row])
        if samples % 4:
            packed[row, words - 1] &= (1 << (2 * (samples % 4))) - 1
    return any_haploid


@jit
def _take_pairs(buf, at, size, kind, samples, values):
    """Turn genotypes of any integer type and up to two alleles into pairs of bytes; False when one has more."""
    width = _width(kind)
    for sample in range(samples):
        values[2 * sample + 1] = _END
        for allele in range(size):
            value = _integer(buf, at, kind)
            at += width
            ended = value == 1 - (1 << (8 * width - 1))
            if allele < 2:
                values[2 * sample + allele] = _END if ended else _NONE if value < 0 else min(value, 6)
            elif not ended:
                return False
    return True


@jit
def _copy(source, target):
    for k in range(len(source)):
        target[k] = source[k]


@jit
def _pack_common(genotypes, packed):
    """Pack diploid genotypes of missing, first and second alleles, four a word, without branches.

    True when there is another kind of genotype, with fewer than two alleles or one beyond the second: its code is
    wrong then.
    """
    lane = np.uint64(0x0001000100010001)
    found = np.uint64(0)
    for k in range(len(genotypes)):
        word = genotypes[k]
        ref, alt = word >> np.uint64(1), word >> np.uint64(2)
        found |= (word & ref & np.uint64(0x0202020202020202)) | (word & np.uint64(0xF8F8F8F8F8F8F8F8))
        called = ref | alt
        called &= called >> np.uint64(8)  # in the lowest bit of each lane of 16: whether both alleles are
        high = ((ref & (alt >> np.uint64(8))) | (alt & (ref >> np.uint64(8))) | (ref & (ref >> np.uint64(8)))) & lane
        low = ((ref & (ref >> np.uint64(8))) | ~called) & lane
        codes = low | high << np.uint64(1)
        codes |= codes >> np.uint64(14)
        packed[k] = np.uint8((codes | codes >> np.uint64(28)) & np.uint64(255))
    return found != 0


@jit
def _double_haploid(values, samples, haploid):
    """Repeat the allele of haploid genotypes and set the bits of the called ones; whether there are any."""
    found = False
    for sample in range(samples):
        first, second = values[2 * sample], values[2 * sample + 1]
        ended = second == _END
        called = ended and first > 1 and first < _NONE
        values[2 * sample + 1] = first if ended else second
        haploid[sample >> 3] |= np.uint8(called) << np.uint8(sample & 7)
        found |= called
    return found


@jit
def _pack_any(values, samples, packed):
    """Pack genotypes of two alleles, whatever they are."""
    packed[:] = 0
    for sample in range(samples):
        first, second = values[2 * sample], values[2 * sample + 1]
        code = 1
        if 1 < first < _NONE and 1 < second < _NONE:
            dosage = (np.int64(first) >> 1) + (np.int64(second) >> 1) - 2
            code = 3 if dosage == 0 else 2 if dosage == 1 else 0
        packed[sample >> 2] |= np.uint8(code << (2 * (sample & 3)))


@jit
def take_observed(buf, fields, samples, merged, observed):
    """Copy what was observed beside genotypes, uint8 (records, samples); 0 where nothing is said. Whether any is.

    In a file that was ``merged`` nothing said of a missing genotype says that no file of the person has the record.
    """
    any_observed = False
    for row in range(len(fields)):
        at = fields[row, OBS]
        for sample in range(samples):
            value = np.int64(buf[at + sample]) if at >= 0 else _NONE
            observed[row, sample] = value if value < _NONE else UNLISTED if merged else 0
            any_observed |= observed[row, sample] != 0
    return any_observed


@jit
def count_packed(packed, samples, counts):
    """Write the number of each code in every row to ``counts`` (int64, rows x 4); padding is not counted."""
    width = packed.shape[1]
    words = np.zeros((width + 7) // 8, np.uint64)
    values = words.view(np.uint8)
    low = np.uint64(0x5555555555555555)
    for row in range(len(packed)):
        values[:width] = packed[row]
        ones, twos, threes = 0, 0, 0
        for k in range(len(words)):
            first, second = words[k] & low, words[k] >> np.uint64(1) & low
            both = first & second
            threes += _set_bits(both)
            ones += _set_bits(first ^ both)
            twos += _set_bits(second ^ both)
        counts[row, 0], counts[row, 1] = samples - ones - twos - threes, ones
        counts[row, 2], counts[row, 3] = twos, threes


@jit(inline="always")
def _set_bits(word):
    """How many of the even bits are set; the odd ones are 0."""
    word = (word & np.uint64(0x3333333333333333)) + (word >> np.uint64(2) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@jit
def fill_dosages(buf, fields, samples, haploid, dosages):
    """Write ALT dosages, uint16 of shape (records, samples): DS, where it is missing HDS, where both are GP.

    ``haploid`` are the bits of :func:`pack_records`: the dosage of a haploid genotype, 0 to 1, is doubled.
    """
    for row in range(len(fields)):
        ds, hds, gp = fields[row, DS], fields[row, HDS], fields[row, GP]
        haplotypes, states = fields[row, HDS_SIZE], fields[row, GP_SIZE]
        for sample in range(samples):
            value = np.float64(np.nan)
            if ds >= 0:
                single = haploid[row, sample >> 3] >> (sample & 7) & 1
                value = _real(buf, ds + 4 * sample) * (1 + single)
            if np.isnan(value) and hds >= 0:
                at = hds + 4 * haplotypes * sample
                one = haplotypes == 1 or _u32(buf, at + 4) == _FLOAT_END
                value = 2 * _real(buf, at) if one else _real(buf, at) + _real(buf, at + 4)
            if np.isnan(value) and gp >= 0:
                at = gp + 4 * states * sample
                none, some = _real(buf, at), _real(buf, at + 4)
                one = states == 2 or _u32(buf, at + 8) == _FLOAT_END
                two = 0.0 if one else _real(buf, at + 8)
                if abs(none + some + two - 1) <= GP_TOLERANCE:
                    value = 2 * some if one else some + 2 * two
            dosages[row, sample] = _unit(value)


@jit(inline="always")
def _real(buf, at):
    """A 32-bit float as float64; what stands for missing or the end of a vector is NaN."""
    return np.float64(np.uint32(_u32(buf, at)).view(np.float32))


@jit(inline="always")
def _unit(value):
    if value >= -TOLERANCE and value <= 2 + TOLERANCE:
        return np.uint16(np.floor(min(max(value, 0.0), 2.0) * DOSAGE_UNIT + 0.5))
    return np.uint16(NO_DOSAGE)


@jit
def round_dosages(dosages, packed):
    """Pack hard calls from dosages: within 0.1 of an integer that genotype, else missing."""
    packed[:] = 0
    for row in range(len(dosages)):
        for sample in range(dosages.shape[1]):
            dosage = np.int64(dosages[row, sample])
            nearest = (dosage + DOSAGE_UNIT // 2) // DOSAGE_UNIT
            code = 1
            if dosage != NO_DOSAGE and abs(dosage - nearest * DOSAGE_UNIT) <= HARD_CALL_DISTANCE:
                code = 3 if nearest == 0 else 2 if nearest == 1 else 0
            packed[row, sample >> 2] |= np.uint8(code << (2 * (sample & 3)))
