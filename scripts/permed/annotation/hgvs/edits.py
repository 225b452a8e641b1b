"""A change of a sequence, where HGVS puts it and how HGVS writes it. Offsets are 0-based, half open.

Rules: HGVS Nomenclature (den Dunnen 2016, version 21): of equal descriptions the most 3' one; duplication before
insertion; inversion and deletion-insertion otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

from permed.alleles import complement


@dataclass(frozen=True)
class Edit:
    """Bases ``first`` to ``end`` (half open, none when equal) are replaced by ``inserted``."""

    first: int
    end: int
    inserted: str

    @property
    def change(self) -> int:
        """By how many bases the sequence becomes longer; negative when shorter."""
        return len(self.inserted) - (self.end - self.first)

    def apply(self, bases: str) -> str:
        """The sequence after the change."""
        return bases[: self.first] + self.inserted + bases[self.end :]


def trimmed(first: int, deleted: str, inserted: str) -> Edit:
    """The change without the bases that both alleles share, last ones first; alleles of VCF may share any."""
    shared = 0
    while shared < min(len(deleted), len(inserted)) and deleted[-1 - shared] == inserted[-1 - shared]:
        shared += 1
    deleted, inserted = deleted[: len(deleted) - shared], inserted[: len(inserted) - shared]
    shared = 0
    while shared < min(len(deleted), len(inserted)) and deleted[shared] == inserted[shared]:
        shared += 1
    return Edit(first + shared, first + len(deleted), inserted[shared:])


def shifted(edit: Edit, bases: str) -> Edit:
    """The most 3' of the equal descriptions of a deletion or insertion; others stay."""
    first, end, inserted = edit.first, edit.end, edit.inserted
    if first < end and not inserted:
        while end < len(bases) and bases[first] == bases[end]:
            first, end = first + 1, end + 1
    elif first == end and inserted:
        turned = 0
        while end < len(bases) and bases[end] == inserted[turned % len(inserted)]:
            turned, first, end = turned + 1, first + 1, end + 1
        turned %= len(inserted)
        inserted = inserted[turned:] + inserted[:turned]
    return Edit(first, end, inserted)


def unshifted(edit: Edit, bases: str) -> Edit:
    """The most 5' of the equal descriptions of a deletion or insertion; others stay."""
    size = len(bases)
    turned = shifted(Edit(size - edit.end, size - edit.first, edit.inserted[::-1]), bases[::-1])
    return Edit(size - turned.end, size - turned.first, turned.inserted[::-1])


def written(edit: Edit, bases: str, name: Callable[[int], str | None]) -> str | None:
    """The change in HGVS' words; ``name`` gives the name of an offset. None where an offset has none.

    ``edit`` is shifted before.
    """
    first, end, inserted = edit.first, edit.end, edit.inserted
    deleted = bases[first:end]
    if first == end:
        size = len(inserted)
        if first >= size and bases[first - size : first] == inserted:
            return _joined(_range(first - size, first, name), "dup")
        left, right = name(first - 1), name(first)
        return None if left is None or right is None else f"{left}_{right}ins{inserted}"
    where = _range(first, end, name)
    if not inserted:
        return _joined(where, "del")
    if len(deleted) == len(inserted) == 1:
        return _joined(where, f"{deleted}>{inserted}")
    if len(deleted) > 1 and complement(deleted) == inserted:
        return _joined(where, "inv")
    return _joined(where, f"delins{inserted}")


def _joined(where: str | None, what: str) -> str | None:
    return None if where is None else where + what


def _range(first: int, end: int, name: Callable[[int], str | None]) -> str | None:
    left = name(first)
    right = left if end - first == 1 else name(end - 1)
    if left is None or right is None:
        return None
    return left if end - first == 1 else f"{left}_{right}"
