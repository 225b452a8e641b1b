"""Genes that are called from single variants, where those of lowest function decide.

With known phase each strand is named by the variants it carries; without it the variants found are listed and the two
of lowest function taken as if they lay on different strands, which is the cautious reading.
"""

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.matching import fits
from permed.pharmacogenes.definitions import MISSING, REF, Gene
from permed.pharmacogenes.phenotypes import NOT_AVAILABLE
from permed.pharmacogenes.reading.patterns import Pattern

MOST_BLOCKS = 8  # with more phase blocks than this the arrangements are not laid out: the variants are listed


@dataclass(frozen=True)
class Lowest:
    """What was found: ``labels`` of the diplotypes, the pair ``lookup`` that decides the phenotype, and ``found``.

    ``found`` lists the alleles by name, twice where on both strands; it is empty where the phase is known.
    ``combined`` tells whether a label holds a strand with several alleles. ``lookups`` has the pair of each label.
    ``together`` is the label and the pair if the variants found lay on as few strands as they can, None where that is
    no other reading; ``arranged`` has the pairs of every way in which they may lie. ``unarranged`` is the number of
    phase blocks where there were too many to lay out how they may lie to each other, so that their phase was not
    used.
    """

    labels: list[str]
    lookup: tuple[int, ...]
    found: list[str]
    combined: bool
    lookups: tuple[tuple[int, ...], ...]
    together: tuple[str, tuple[int, ...]] | None = None
    arranged: tuple[tuple[int, ...], ...] = ()
    unarranged: int = 0


def match_lowest(gene: Gene, pattern: Pattern) -> Lowest | None:
    """Name the strands of a pattern, or list its alleles where phase is unknown; None where nothing fits."""
    cleaned = _apply_proxies(gene, pattern)
    usable = _usable(gene, cleaned)
    blocks = cleaned.block_members()
    # The count of blocks before cleaning decides, as the proxy's own phase was part of the input.
    if len(pattern.block_members()) <= 1 or (pattern.in_sets and len(blocks) <= MOST_BLOCKS):
        return _by_strand(gene, cleaned, usable, blocks)
    return replace(_listed(gene, cleaned, usable), unarranged=len(blocks) if pattern.in_sets else 0)


def weight(gene: Gene, allele: int) -> tuple:
    """Sort key of an allele: lowest function first, then by name."""
    value, function = gene.alleles[allele].activity_value, gene.alleles[allele].function
    if gene.activity == "score":
        low = float("inf") if value in (None, NOT_AVAILABLE) else float(value)
    else:
        low = gene.ranks.get(function, len(gene.ranks))
    return low, names.natural(gene.alleles[allele].shown)


def _apply_proxies(gene: Gene, pattern: Pattern) -> Pattern:
    """A proxy's alternate is kept only where the deciding position carries its own or was not read.

    Where both are heterozygous and their phase to each other is not known, the proxy goes where the deciding variant
    goes: what the proxy is phased with says nothing of the deciding variant.
    """
    codes, blocks = pattern.codes.copy(), pattern.blocks.copy()
    for decisive, proxy in _proxies(gene):
        if pattern.present[decisive.position]:
            carried, shown = codes[decisive.position] == decisive.code, codes[proxy.position] == proxy.code
            if _together(pattern, decisive.position, proxy.position):
                codes[proxy.position, shown & ~carried & (codes[decisive.position] != MISSING)] = REF
            elif shown.sum() == carried.sum() == 1:
                codes[proxy.position] = np.where(carried, proxy.code, codes[proxy.position, ~shown])
                blocks[proxy.position] = blocks[decisive.position]
            elif shown.sum() > carried.sum():
                codes[proxy.position, np.flatnonzero(shown)[carried.sum() :]] = REF
    changed = (codes != pattern.codes).any() or (blocks != pattern.blocks).any()
    return Pattern(codes, blocks, pattern.in_sets) if changed else pattern


def _together(pattern: Pattern, one: int, other: int) -> bool:
    """Whether the phase between two positions is known."""
    het = pattern.heterozygous
    return not (het[one] and het[other]) or (pattern.blocks[one] == pattern.blocks[other] != 0)


def _proxies(gene: Gene):
    for proxy in (rule for rule in gene.rules if rule.rule == "proxy"):
        for rule in gene.rules:
            if rule.rule == "decisive" and rule.allele == proxy.allele:
                yield rule, proxy


def _usable(gene: Gene, pattern: Pattern) -> np.ndarray:
    """Alleles that can be told apart: a specified cell present, and no deciding cell standing without its proxy."""
    usable = gene.specified[:, pattern.present].any(axis=1)
    for decisive, proxy in _proxies(gene):
        if pattern.present[decisive.position] and not pattern.present[proxy.position]:
            usable[proxy.allele] = False
    usable[gene.reference] = False
    return usable


def _by_strand(gene: Gene, pattern: Pattern, usable: np.ndarray, blocks: list[np.ndarray]) -> Lowest | None:
    found = []
    for flips in itertools.product((False, True), repeat=max(len(blocks) - 1, 0)):
        codes = pattern.codes.copy()
        for at, flip in zip(blocks[1:], flips, strict=True):
            if flip:
                codes[at] = codes[at, ::-1]
        strands = [_components(gene, codes[:, s], usable) for s in range(1 if pattern.haploid else 2)]
        # As for whole alleles, an arrangement that known alleles do not explain is not how the variants lie.
        if None not in strands:
            found.append(strands)
    if not found:
        return None
    # More cells of the definition explained first, as for whole alleles.
    found.sort(key=lambda strands: (-sum(_score(gene, pattern, s) for s in strands), strands))
    lookups = [tuple(min(strand, key=lambda i: weight(gene, i)) for strand in strands) for strands in found]
    lookup = min(lookups, key=lambda pair: sum(weight(gene, i)[0] for i in pair))
    labels = ["/".join(sorted((names.strand(gene, s) for s in strands), key=_plain_first)) for strands in found]
    combined = any(len(strand) > 1 for strands in found for strand in strands)
    of_label = dict(zip(reversed(labels), reversed(lookups), strict=True))
    distinct = names.distinct(labels)
    return Lowest(distinct, lookup, [], combined, tuple(of_label[label] for label in distinct))


def _plain_first(label: str) -> tuple:
    return label.startswith("["), names.natural(label)


def _score(gene: Gene, pattern: Pattern, strand: tuple[int, ...]) -> int:
    return int(gene.specified[list(strand)][:, pattern.present].sum())


def _components(gene: Gene, codes: np.ndarray, usable: np.ndarray) -> tuple[int, ...] | None:
    """The alleles that together explain one strand, the reference where there is nothing to explain."""
    return _explaining(gene, codes.tobytes(), usable.tobytes())


@lru_cache(maxsize=1 << 16)
def _explaining(gene: Gene, strand: bytes, usable_bytes: bytes) -> tuple[int, ...] | None:
    """The same from the bytes of both arrays: a cohort has far fewer strands than pairs of them."""
    codes, usable = np.frombuffer(strand, np.int8), np.frombuffer(usable_bytes, bool)
    here = codes != MISSING
    open_ = here & (codes != REF)
    fit = fits(gene, codes, np.arange(len(codes)))
    fine = (fit | ~gene.specified | ~here).all(axis=1) & usable
    for decisive, proxy in _proxies(gene):
        fine[proxy.allele] &= not here[decisive.position] or here[proxy.position]
    chosen = []
    for allele in sorted(np.flatnonzero(fine).tolist(), key=lambda i: (-int(gene.specified[i, here].sum()), i)):
        covered = gene.specified[allele] & open_
        if covered.any():
            chosen.append(allele)
            open_ = open_ & ~covered
    if open_.any():
        return None
    return tuple(sorted(chosen)) or (gene.reference,)


def _listed(gene: Gene, pattern: Pattern, usable: np.ndarray) -> Lowest:
    present = np.flatnonzero(pattern.present)
    strands = (0, 1)
    carried = np.stack([fits(gene, pattern.codes[:, s], present) for s in strands])
    cells = gene.specified[:, present]
    other = pattern.codes[present] != REF
    # Cells that an allele shares with another are used up by the one that explains more, here as on a strand.
    left = (other & (pattern.codes[present] != MISSING)).T.copy()
    found: list[int] = []
    # What is left only shrinks, so an allele that is not there whole now will not be there later.
    there = (~cells | (carried & left[:, None, :]).any(axis=0)).all(axis=1) & usable
    for allele in sorted(np.flatnonzero(there).tolist(), key=lambda i: (-int(cells[i].sum()), i)):
        at = np.flatnonzero(cells[allele])
        times = int((carried[:, allele][:, at] & left[:, at]).sum(axis=0).min()) if len(at) else 0
        for _ in range(times):
            found.append(allele)
            for place in at:
                strand = next(s for s in strands if carried[s, allele, place] and left[s, place])
                left[strand, place] = False
    while len(found) < 2:
        found.append(gene.reference)
    found.sort(key=lambda i: (i != gene.reference, names.natural(gene.alleles[i].shown)))
    lookup = tuple(sorted(found, key=lambda i: weight(gene, i))[:2])
    label = names.diplotype(gene, lookup)
    shown = [gene.alleles[i].shown for i in found]
    return Lowest([label], lookup, shown, False, (lookup,), _on_few_strands(gene, found), _arranged(gene, found))


def _on_few_strands(gene: Gene, found: list[int]) -> tuple[str, tuple[int, ...]] | None:
    both, once = _how_often(gene, found)
    if len(once) < 2:
        return None
    strands = ((*both, *once), both or (gene.reference,))
    lookup = _deciding(gene, *strands)
    return "/".join(sorted((names.strand(gene, s) for s in strands), key=_plain_first)), lookup


def _arranged(gene: Gene, found: list[int]) -> tuple[tuple[int, ...], ...]:
    """The deciding pairs of all ways in which variants may lie on two strands.

    That of lowest function decides its strand; on the other strand any other may, if the lower ones lie with the first.
    """
    both, once = _how_often(gene, found)
    if len(once) < 2:
        return ()
    lowest, *rest = sorted(once, key=lambda i: weight(gene, i))
    others = [(*both, one) for one in rest] + [both or (gene.reference,)]
    return tuple(dict.fromkeys(_deciding(gene, (*both, lowest), other) for other in others))


def _how_often(gene: Gene, found: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Variants on both strands, and those on one."""
    variants = [i for i in found if i != gene.reference]
    both = {i for i in variants if variants.count(i) > 1}
    return tuple(sorted(both)), tuple(sorted({*variants} - both))


def _deciding(gene: Gene, *strands: tuple[int, ...]) -> tuple[int, ...]:
    """Of each strand the variant of lowest function, the lowest first."""
    lowest = (min(strand, key=lambda i: weight(gene, i)) for strand in strands)
    return tuple(sorted(lowest, key=lambda i: weight(gene, i)))
