"""Stretches without a heterozygous genotype, followed over two-bit genotypes as in :mod:`.kernels`.

``starts`` (float64, 3 x samples) has the position, the number of sites and the information where each person's stretch
began, ``lost`` (int64) the missing genotypes since, ``total`` (float64) what its stretches add up to. ``least`` are the
length, sites and information of a stretch that counts; with a negative length the longest counts, in sites.
"""

import numpy as np

from permed.kernel import jit

POSITION, SITES, INFORMATION = range(3)


@jit
def follow_runs(packed, rows, pos, information, earlier, before, gaps, last, least, starts, lost, total):
    """Follow everybody's stretch over some rows of ``packed``.

    ``pos`` and ``information`` (float64, summed up to each row, ``earlier`` before all) have a value a row; ``before``
    is the number of rows that were followed earlier, the last at ``last``. ``gaps`` (bool) says before which rows
    nothing is known.
    """
    for number in range(len(rows)):
        so_far = information[number - 1] if number else earlier
        if gaps[number]:
            for sample in range(starts.shape[1]):
                _end(sample, last, before + number, so_far, least, starts, lost, total)
                starts[POSITION, sample] = pos[number]
        for k in range(packed.shape[1]):
            byte = packed[rows[number], k]
            upper = byte >> np.uint8(1)
            het, missing = upper & ~byte & np.uint8(0x55), byte & ~upper & np.uint8(0x55)
            if not het | missing:
                continue
            for place in range(4):
                if het >> np.uint8(2 * place) & np.uint8(1):
                    _end(4 * k + place, last, before + number, so_far, least, starts, lost, total)
                    starts[POSITION, 4 * k + place] = pos[number]
                    starts[SITES, 4 * k + place] = before + number + 1
                    starts[INFORMATION, 4 * k + place] = information[number]
                elif missing >> np.uint8(2 * place) & np.uint8(1):
                    lost[4 * k + place] += 1
        last = pos[number]


@jit
def close_runs(ends, least, starts, lost, total):
    """End everybody's stretch at a position, number of sites and information."""
    for sample in range(starts.shape[1]):
        _end(sample, ends[POSITION], ends[SITES], ends[INFORMATION], least, starts, lost, total)


@jit
def _end(sample, position, sites, information, least, starts, lost, total):
    length, number = position - starts[POSITION, sample], sites - starts[SITES, sample]
    gained = information - starts[INFORMATION, sample]
    called = number - lost[sample]
    if number > 0:
        gained *= called / number  # missing genotypes tell nothing
    if least[POSITION] < 0:
        total[sample] = max(total[sample], called)
    elif length >= least[POSITION] and called >= least[SITES] and gained >= least[INFORMATION]:
        total[sample] += length
    starts[POSITION, sample], starts[SITES, sample], starts[INFORMATION, sample] = position, sites, information
    lost[sample] = 0
