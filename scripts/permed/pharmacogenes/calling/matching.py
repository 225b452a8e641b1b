"""Which pairs of named alleles explain a pattern of genotypes.

Every pair is tested against the genotypes directly: at each phase block one allele must fit the first strand and the
other the second, or the reverse. This is the same as laying out all sequences that the phase permits and looking for
two that complement each other, without the two-to-the-power-of-heterozygotes sequences.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, Gene
from permed.pharmacogenes.reading.patterns import Pattern


@dataclass(frozen=True)
class Match:
    """Alleles (indices into ``gene.alleles``; one where haploid) that explain a pattern, and their summed score."""

    alleles: tuple[int, ...]
    score: int


def fits(gene: Gene, codes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether each allele admits the base of one strand: (alleles, positions ``at``) from ``codes`` of all positions.

    A missing strand and an unknown alternate fit no allele.
    """
    return gene.admits[codes[at], at].T


def scores(gene: Gene, pattern: Pattern) -> np.ndarray:
    """Specified cells of each allele among the positions present."""
    if not pattern.blank.any():
        return gene.cells
    return gene.cells - gene.specified[:, np.flatnonzero(pattern.blank)].sum(axis=1)


def match_pairs(gene: Gene, pattern: Pattern, *, scored_only: bool = True) -> list[Match]:
    """Every allele or pair that explains the positions present, highest score first, then in the tables' order.

    With ``scored_only`` alleles without a specified cell among the present positions are left out, as they cannot be
    told from the reference. An allele that admits several bases at a position loses one point there if the strand that
    it explains has the reference base.
    """
    present = pattern.present
    if not present.any():
        return []
    found = _on_known_strands(gene, pattern) if scored_only else None
    if found is not None:
        return found
    score = scores(gene, pattern)
    single = np.flatnonzero(present & ~pattern.heterozygous)
    blocks = pattern.block_members()
    candidate = fits(gene, pattern.codes[:, 0], single).all(axis=1)
    if scored_only:
        candidate &= score > 0
    chosen = np.flatnonzero(candidate)
    forward = _by_block(gene, pattern.codes[:, 0], blocks)[chosen]
    reverse = _by_block(gene, pattern.codes[:, 1], blocks)[chosen]
    useful = (forward | reverse).all(axis=1)
    chosen, forward, reverse = chosen[useful], forward[useful], reverse[useful]
    strands = _Strands(forward, reverse, *_wobble_losses(gene, pattern, chosen, blocks))
    score = score[chosen] - _single_loss(gene, pattern, chosen, single)
    if pattern.haploid:
        found = [Match((int(i),), int(s)) for i, s in zip(chosen, score, strict=True)]
    else:
        found = _pairs(chosen, score, strands)
    return sorted(found, key=lambda match: (-match.score, match.alleles))


def _on_known_strands(gene: Gene, pattern: Pattern) -> list[Match] | None:
    """The matches where both strands are known whole; None where they are not or where an allele would lose points.

    A cohort has far fewer strands than pairs of them, so what explains a strand is looked up.
    """
    if len(pattern.block_members()) > 1 or (pattern.codes == MISSING).any():
        return None
    first = explaining(gene, pattern.codes[:, 0].tobytes())
    second = first if pattern.haploid else explaining(gene, pattern.codes[:, 1].tobytes())
    if first is None or second is None:
        return None
    if pattern.haploid:
        found = [Match((i,), score) for i, score in first]
    else:
        pairs = {(min(i, j), max(i, j)): one + other for i, one in first for j, other in second}
        found = [Match(alleles, score) for alleles, score in pairs.items()]
    return sorted(found, key=lambda match: (-match.score, match.alleles))


@lru_cache(maxsize=1 << 16)
def explaining(gene: Gene, strand: bytes) -> tuple[tuple[int, int], ...] | None:
    """The alleles that admit every base of a strand (its codes as bytes) with their scores; those without are left out.

    None where one of them admits several bases at a position: its score depends on the other strand.
    """
    codes = np.frombuffer(strand, np.int8)
    whole = np.flatnonzero(fits(gene, codes, np.arange(len(codes))).all(axis=1) & (gene.cells > 0))
    if gene.wobbles[whole].any():
        return None
    return tuple((int(i), int(gene.cells[i])) for i in whole)


def top(matches: list[Match]) -> list[Match]:
    """Those of the highest score; the list is sorted by score."""
    return [match for match in matches if match.score == matches[0].score]


def _by_block(gene: Gene, codes: np.ndarray, blocks: list[np.ndarray]) -> np.ndarray:
    if not blocks:
        return np.ones((len(gene.alleles), 0), bool)
    starts = np.cumsum([0, *map(len, blocks[:-1])])
    return np.logical_and.reduceat(fits(gene, codes, np.concatenate(blocks)), starts, axis=1)


@dataclass(frozen=True)
class _Strands:
    """By (allele, block): does the allele fit the block's first and second strand, and the points it loses there."""

    forward: np.ndarray
    reverse: np.ndarray
    forward_loss: np.ndarray
    reverse_loss: np.ndarray


def _pairs(chosen: np.ndarray, score: np.ndarray, strands: _Strands) -> list[Match]:
    fine = np.ones((len(chosen), len(chosen)), bool)
    for one, other in zip(strands.forward.T, strands.reverse.T, strict=True):
        fine &= (one[:, None] & other[None, :]) | (other[:, None] & one[None, :])
    first, second = np.nonzero(np.triu(fine))
    totals = score[first] + score[second]
    if strands.forward_loss.any() or strands.reverse_loss.any():
        # An allele that explains both strands by itself was seen with either base: it loses nothing in other pairs.
        alone = fine.diagonal()[:, None]
        loss = _pair_loss(strands, alone)
        np.fill_diagonal(loss, _pair_loss(strands, np.zeros_like(alone)).diagonal())
        totals = totals - loss[first, second]
    pairs = zip(chosen[first].tolist(), chosen[second].tolist(), totals.tolist(), strict=True)
    return [Match((i, j), total) for i, j, total in pairs]


def _pair_loss(strands: _Strands, waived: np.ndarray) -> np.ndarray:
    """Points that each pair loses over the blocks, in the better of the orientations that fit; none for ``waived``."""
    loss = np.zeros((len(waived), len(waived)), np.int64)
    never = np.iinfo(np.int32).max
    losses = (np.where(waived, 0, of).T for of in (strands.forward_loss, strands.reverse_loss))
    for one, other, first, second in zip(strands.forward.T, strands.reverse.T, *losses, strict=True):
        if first.any() or second.any():
            as_given = np.where(one[:, None] & other[None, :], first[:, None] + second[None, :], never)
            turned = np.where(other[:, None] & one[None, :], second[:, None] + first[None, :], never)
            loss += np.minimum(as_given, turned)
    return loss


def _single_loss(gene: Gene, pattern: Pattern, chosen: np.ndarray, single: np.ndarray) -> np.ndarray:
    """Points each allele loses at positions without a choice of base."""
    if not gene.wobbles[chosen].any():
        return np.zeros(len(chosen), np.int64)
    plain = single[pattern.codes[single, 0] == REF]
    return gene.wobble[np.ix_(chosen, plain)].sum(axis=1)


def _wobble_losses(gene: Gene, pattern: Pattern, chosen: np.ndarray, blocks: list[np.ndarray]) -> list[np.ndarray]:
    """Points each allele loses on the first and on the second strand of each block."""
    if not gene.wobbles[chosen].any():
        return [np.zeros((len(chosen), len(blocks)), np.int64)] * 2
    losses = []
    for strand in (0, 1):
        plain = [at[pattern.codes[at, strand] == REF] for at in blocks]
        columns = [gene.wobble[np.ix_(chosen, at)].sum(axis=1) for at in plain]
        losses.append(np.stack(columns, axis=1) if columns else np.zeros((len(chosen), 0), np.int64))
    return losses


def fill(gene: Gene, pattern: Pattern, alleles: tuple[int, ...]) -> Pattern:
    """The pattern with its blank positions filled as a carrier of these alleles would have them.

    Of several bases the lowest code is taken. The filled positions are phased with each other, and with the rest
    where that is one block.
    """
    codes, blocks = pattern.codes.copy(), pattern.blocks.copy()
    blank = pattern.blank
    members = pattern.block_members()
    lowest = [_lowest(gene.bases[allele]) for allele in alleles]
    if len(alleles) == 1:
        codes[blank] = np.stack([lowest[0], np.full(len(codes), NO_STRAND)], axis=1)[blank]
        return Pattern(codes, blocks, pattern.in_sets)
    joined = 1 if len(members) == 1 and pattern.blocks[members[0][0]] else int(blocks.max(initial=0)) + 1
    if joined == 1 and members and not fits(gene, pattern.codes[:, 0], members[0])[alleles[0]].all():
        lowest.reverse()
    codes[blank] = np.stack(lowest, axis=1)[blank]
    blocks[blank & (codes[:, 0] != codes[:, 1])] = joined
    return Pattern(codes, blocks, pattern.in_sets)


def _lowest(bits: np.ndarray) -> np.ndarray:
    return np.log2(bits & -bits).astype(np.int8)
