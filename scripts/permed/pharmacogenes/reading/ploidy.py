"""What genotypes say where a person may have one copy of the contig, given how many copies are expected.

What does not fit the number of copies (two alleles of one copy, one allele of two) is a question: samples exchanged,
XXY, a mosaic, an artefact. Such a position was read and is not believed.
"""

from dataclasses import replace

import numpy as np

from permed.genome import canonical, pseudoautosomal
from permed.observations.codes import BELIEVED, ONE_ALLELE, TWO_ALLELES
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, Gene
from permed.pharmacogenes.reading.patterns import Pattern
from permed.pharmacogenes.reading.patterns import canonical as uniform

BY_SEX = ("chrX", "chrY")


def by_sex(gene: Gene) -> np.ndarray:
    """At which positions (positions,) the number of copies depends on the sex chromosomes: not in the regions that chrX
    and chrY share."""
    name = canonical(gene.contig)
    if name not in BY_SEX:
        return np.zeros(len(gene.positions), bool)
    pos = np.array([position.pos for position in gene.positions], np.int64)
    shared = [(pos >= start) & (pos <= end) for start, end in pseudoautosomal(gene.build, name)]
    return ~np.logical_or.reduce([np.zeros(len(pos), bool), *shared])


def fit_copies(
    codes: np.ndarray, doubts: np.ndarray, copies: np.ndarray, where: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Genotypes as they are written, read as those of so many copies; what does not fit becomes missing, with a doubt.

    ``codes`` (samples, positions, 2) and ``doubts`` (samples, positions) as in
    :class:`permed.pharmacogenes.reading.assembling.GeneGenotypes`, ``copies`` (samples,) 1 or 2, or
    :data:`permed.sexes.UNKNOWN_COPIES`, for which they stay as they are written; ``where`` (positions,) as
    :func:`by_sex` gives it. Two equal alleles of one copy are one allele.
    """
    codes, doubts = codes.copy(), doubts.copy()
    first, second = codes[:, :, 0], codes[:, :, 1]
    single = second == NO_STRAND
    whole = (first != MISSING) & (second != MISSING)
    one, two = ((copies == number)[:, None] & where for number in (1, 2))
    wrong = {
        TWO_ALLELES: one & whole & ~single & (first != second),
        ONE_ALLELE: two & whole & single,
    }
    half = ~whole & ~single & ((first != MISSING) | (second != MISSING))
    nothing = (one & half) | (two & half & ((first == REF) | (second == REF)))
    for code, these in wrong.items():
        doubts[these & (doubts == BELIEVED)] = code
        nothing |= these
    codes[nothing] = MISSING
    codes[:, :, 1] = np.where(one, NO_STRAND, np.where(two & single, MISSING, codes[:, :, 1]))
    return codes, doubts


def readings(gene: Gene, pattern: Pattern) -> tuple[Pattern, Pattern]:
    """A pattern of a person whose number of copies is not known, read as that of one copy and as that of two."""
    before = np.zeros(len(pattern.codes), bool) if pattern.doubted is None else pattern.doubted
    found = []
    for number in (1, 2):
        written = pattern.codes[None], np.zeros((1, len(pattern.codes)), np.uint8)
        codes, doubts = fit_copies(*written, np.array([number]), by_sex(gene))
        read = uniform(codes[0], pattern.blocks, before | (doubts[0] != BELIEVED))
        found.append(replace(read, in_sets=pattern.in_sets))
    return found[0], found[1]
