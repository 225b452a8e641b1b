"""The ways to write one insertion or deletion: in a repeat it can stand at several places and mean the same sequence.

Positions are 1-based. ``bases`` are the reference's by position; they say how far a change can move, and no further.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

Bases = Mapping[int, str]


class Change(NamedTuple):
    """From ``start`` on the bases ``deleted`` are replaced by ``inserted``, which have no base in common at either end.

    An insertion alone stands before the base ``start``. A record whose REF is its ALT changes nothing: both are empty.
    """

    start: int
    deleted: str
    inserted: str

    @property
    def end(self) -> int:
        """The last deleted base; of an insertion the base before it."""
        return self.start + len(self.deleted) - 1

    @property
    def is_length(self) -> bool:
        """Whether the sequence becomes shorter or longer."""
        return len(self.deleted) != len(self.inserted)


def change_of(pos: int, ref: str, alt: str) -> Change:
    """What a record changes, whatever bases it has before and after that: last ones taken off first, then first ones.

    Alleles that keep an anchor base before, after, or both, give the same change, save for its place in a repeat.
    """
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return Change(pos, ref, alt)


def spellings(change: Change, bases: Bases) -> list[Change]:
    """Every place at which the change gives the same sequence, in order, as far as ``bases`` tell.

    A substitution, or one with a change of length, has the one place.
    """
    return [*reversed([*_moved_left(change, bases)]), change, *_moved_right(change, bases)]


def stretch(changes: list[Change]) -> tuple[int, int]:
    """First and last base over which the spellings of changes can lie; for an insertion that cannot move, before and
    after are none between, so that the last is the one before the first."""
    return min(change.start for change in changes), max(change.end for change in changes)


def is_known(change: Change, bases: Bases) -> bool:
    """Whether ``bases`` show where the spellings end: the base before the first and the base after the last."""
    first, last = stretch(spellings(change, bases))
    return all(at in bases for at in range(first - 1, last + 2))


def is_same(one: Change, other: Change, bases: Bases) -> bool | None:
    """Whether two changes give the same sequence; None where a base between them is not known."""
    if len(one.inserted) - len(one.deleted) != len(other.inserted) - len(other.deleted):
        return False
    first, last = stretch([one, other])
    if not all(at in bases for at in range(first, last + 1)):
        return None
    return _applied(one, bases, first, last) == _applied(other, bases, first, last)


def _applied(change: Change, bases: Bases, first: int, last: int) -> str:
    before = "".join(bases[at] for at in range(first, change.start))
    return before + change.inserted + "".join(bases[at] for at in range(change.end + 1, last + 1))


def _moved_left(change: Change, bases: Bases) -> Iterator[Change]:
    start, unit = change.start, change.deleted or change.inserted
    while _alone(change) and bases.get(start - 1) == unit[-1]:
        start, unit = start - 1, unit[-1] + unit[:-1]
        yield _at(change, start, unit)


def _moved_right(change: Change, bases: Bases) -> Iterator[Change]:
    start, unit = change.start, change.deleted or change.inserted
    while _alone(change) and bases.get(start + len(change.deleted)) == unit[0]:
        start, unit = start + 1, unit[1:] + unit[0]
        yield _at(change, start, unit)


def _alone(change: Change) -> bool:
    return bool(change.deleted) != bool(change.inserted)


def _at(change: Change, start: int, unit: str) -> Change:
    return Change(start, unit, "") if change.deleted else Change(start, "", unit)
