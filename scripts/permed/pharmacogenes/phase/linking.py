"""Phase from what fragments show: which heterozygous positions lie together on a chromosome."""

from dataclasses import dataclass

import numpy as np

# A read shows a wrong base in at most one of a hundred (its least quality), so a fragment joins two positions wrongly
# in about one of fifty: that three of three do is less likely than one in a hundred thousand. Where more than a tenth
# disagree, errors are not what separates them: reads of another copy, or a genotype that is wrong.
LEAST_FRAGMENTS = 3
LEAST_AGREEING = 0.9


@dataclass(frozen=True)
class Linked:
    """Positions that fragments connect. ``turned`` tells by position whether its first allele lies on the strand of
    the first position's second one; None where the fragments contradict each other. ``supporting`` and ``against``
    count, by position, the fragments that place it so and those that place it otherwise."""

    positions: tuple[int, ...]
    turned: tuple[bool, ...] | None
    supporting: tuple[int, ...]
    against: tuple[int, ...]


def link(fragments: list[dict[int, int]]) -> list[Linked]:
    """Sets of positions with their phase, in the order of positions; ``fragments`` give the allele (0, 1) by position.

    Two positions are connected by at least :data:`LEAST_FRAGMENTS` fragments of which :data:`LEAST_AGREEING` agree.
    What has fewer fragments says nothing. Positions joined by connections that contradict each other, or between which
    enough fragments disagree, are given as a set without phase.
    """
    positions = sorted({at for shown in fragments for at in shown})
    index = {at: n for n, at in enumerate(positions)}
    together, apart = np.zeros((2, len(positions), len(positions)), int)
    for shown in fragments:
        for one, other in [(a, b) for a in shown for b in shown if a != b]:
            table = together if shown[one] == shown[other] else apart
            table[index[one], index[other]] += 1
    total = together + apart
    enough = total >= LEAST_FRAGMENTS
    firm = enough & (np.maximum(together, apart) >= LEAST_AGREEING * total)
    sets = []
    for members in _components(enough):
        # A position whose fragments disagree does not spoil those that are joined firmly without it.
        for part in _components(firm, members):
            turned = _turned(part, firm, apart > together)
            within = np.ix_(part, part)
            if len(part) > 1 and turned is not None and not (enough[within] & ~firm[within]).any():
                sets.append(_linked([positions[n] for n in part], turned, fragments))
            elif len(part) > 1:
                sets.append(_without_phase([positions[n] for n in part]))
        loose = [n for n in members if not firm[n].any()]
        if loose:
            sets.append(_without_phase([positions[n] for n in loose]))
    return sorted(sets, key=lambda linked: linked.positions)


def _components(joined: np.ndarray, among: list[int] | None = None) -> list[list[int]]:
    """Groups of two or more that ``joined`` connects, and with ``among`` only those of its members."""
    left = set(range(len(joined)) if among is None else among)
    found = []
    while left:
        group, todo = set(), [min(left)]
        while todo:
            one = todo.pop()
            if one in left:
                left.discard(one)
                group.add(one)
                todo += np.flatnonzero(joined[one]).tolist()
        if len(group) > 1:
            found.append(sorted(group))
    return found


def _turned(members: list[int], firm: np.ndarray, opposed: np.ndarray) -> dict[int, bool] | None:
    """By member whether it is turned against the first; None where connections contradict each other."""
    turned, todo = {members[0]: False}, [members[0]]
    while todo:
        one = todo.pop()
        for other in np.flatnonzero(firm[one]).tolist():
            wanted = turned[one] ^ bool(opposed[one, other])
            if other not in turned:
                turned[other] = wanted
                todo.append(other)
            elif turned[other] != wanted:
                return None
    return turned


def _linked(positions: list[int], turned: dict[int, bool], fragments: list[dict[int, int]]) -> Linked:
    turns = [turned[n] for n in sorted(turned)]
    strand = dict(zip(positions, turns, strict=True))
    supporting, against = dict.fromkeys(positions, 0), dict.fromkeys(positions, 0)
    for shown in fragments:
        sides = {at: shown[at] ^ strand[at] for at in shown if at in strand}
        for at, side in sides.items():
            others = [other for place, other in sides.items() if place != at]
            agree = others.count(side)
            supporting[at] += 2 * agree > len(others)
            against[at] += 2 * agree < len(others)
    return Linked(tuple(positions), tuple(turns), tuple(supporting.values()), tuple(against.values()))


def _without_phase(positions: list[int]) -> Linked:
    none = (0,) * len(positions)
    return Linked(tuple(positions), None, none, none)
