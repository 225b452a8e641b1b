"""Combinations of known alleles and single changes that would explain genotypes which fit no pair: never a call."""

from itertools import product

import numpy as np

from permed.pharmacogenes import names
from permed.pharmacogenes.definitions import MISSING, REF, Gene
from permed.pharmacogenes.reading.patterns import Pattern

MOST_PARTS = 12  # with more alleles fitting a part of a strand than this their combinations are not laid out


def combinations(gene: Gene, pattern: Pattern) -> list[str] | None:
    """Diplotypes such as ``*1/[*6 + *14]`` or ``*4/g.123A>C`` where both strands are known, else none.

    None instead of a list where a strand has parts of more than :data:`MOST_PARTS` alleles.

    Each strand is explained by alleles that share no specified position, chosen so that they explain as many changes
    as possible; what is left is named as a single change of the genome.
    """
    if len(pattern.block_members()) > 1 or pattern.half_called.any():
        return []
    strands = pattern.codes.T[:1] if pattern.haploid else pattern.codes.T
    options = [_strand(gene, strand) for strand in strands]
    if None in options:
        return None
    return names.distinct(["/".join(sorted(labels, key=_order)) for labels in product(*options)])


def _strand(gene: Gene, codes: np.ndarray) -> list[str] | None:
    here = codes != MISSING
    changed = here & (codes != REF)
    fit = ((gene.bases >> np.maximum(codes, 0).astype(np.int64)) & 1).astype(bool) & (codes >= 0)
    score = (gene.specified & here).sum(axis=1)
    whole = np.flatnonzero((fit | ~here).all(axis=1) & (score > 0))
    if len(whole):
        return names.distinct([gene.alleles[i].shown for i in whole if score[i] == score[whole].max()])
    part = (fit | ~gene.specified | ~here).all(axis=1) & (gene.specified & changed).any(axis=1)
    cells = {int(i): frozenset(np.flatnonzero(gene.specified[i] & here).tolist()) for i in np.flatnonzero(part)}
    cells = {i: own for i, own in cells.items() if not any(own < other for other in cells.values())}
    if len(cells) > MOST_PARTS:
        return None
    wanted = frozenset(np.flatnonzero(changed).tolist())
    chosen = _disjoint(cells)
    explained = [len(wanted & frozenset().union(*(cells[i] for i in alleles))) for alleles in chosen]
    best = [alleles for alleles, many in zip(chosen, explained, strict=True) if many == max(explained)]
    return [_label(gene, codes, alleles, wanted.difference(*(cells[i] for i in alleles))) for alleles in best]


def _disjoint(cells: dict[int, frozenset]) -> list[tuple[int, ...]]:
    """Sets of alleles without a common position to which no further allele can be added."""
    found: list[tuple[int, ...]] = []

    def extend(chosen: tuple[int, ...], used: frozenset, rest: list[int]) -> None:
        if not rest:
            if all(i in chosen or own & used for i, own in cells.items()):
                found.append(chosen)
            return
        first, *others = rest
        if not cells[first] & used:
            extend((*chosen, first), used | cells[first], others)
        extend(chosen, used, others)

    extend((), frozenset(), list(cells))
    return found


def _label(gene: Gene, codes: np.ndarray, alleles: tuple[int, ...], left: frozenset) -> str:
    parts = sorted((gene.alleles[i].shown for i in alleles), key=names.natural)
    parts += [gene.positions[at].change(int(codes[at])) for at in sorted(left)]
    return parts[0] if len(parts) == 1 else f"[{' + '.join(parts)}]"


def _order(label: str) -> tuple:
    return label.startswith("["), label.startswith("g."), names.natural(label)
