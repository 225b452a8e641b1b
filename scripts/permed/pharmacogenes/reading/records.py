"""What one record of a normalised file says about the positions of a definition."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from permed.pharmacogenes.definitions import REF, UNDOCUMENTED, Gene, Position
from permed.variants import trim

UNCHANGED = -9  # the record's alternate leaves the bases of the position as they are
DISPUTED = -10  # the record's REF is not the definition's
BASES = set("ACGTN")


@dataclass(frozen=True)
class Effect:
    """At position ``at`` (index) a strand with the record's alternate has the base of ``code``.

    ``here`` tells whether the record lies at the position itself, so that its reference genotypes are evidence of the
    reference base; a record that only reaches the position from before it says something of its carriers alone.
    """

    at: int
    code: int
    here: bool


class Interpreter:
    """Reads records for the positions of a gene."""

    def __init__(self, gene: Gene) -> None:
        self.positions = gene.positions
        self.order = sorted(range(len(gene.positions)), key=lambda i: gene.positions[i].pos)
        self.places = [gene.positions[i].pos for i in self.order]
        self.keys = [position.keys() for position in gene.positions]
        self.documented = {key for keys in self.keys for key in keys}

    def effects(self, pos: int, ref: str, alt: str | None, end: int) -> list[Effect]:
        """Effects of a record with one alternate, or none (reference, up to ``end``) on the positions it covers.

        Coordinates are 1-based and inclusive. A deletion that the definition knows has an effect at its own position
        only; one that it does not know takes the bases of every position that it covers.
        """
        covered = self.order[bisect_left(self.places, pos) : bisect_right(self.places, end)]
        if alt is None:
            return [Effect(at, self._reference(pos, ref, self.positions[at]), True) for at in covered]
        if not set(alt) <= BASES:
            return []
        known = trim(pos, ref, alt) in self.documented
        found = []
        for at in covered:
            here = self.positions[at].pos == pos
            if not here and (known or len(ref) == 1):
                continue
            code = self._own(pos, ref, alt, at) if here else self._reached(pos, ref, alt, at)
            if code is not None:
                found.append(Effect(at, code, here))
        return found

    @staticmethod
    def _reference(pos: int, ref: str, position: Position) -> int:
        agree = position.pos > pos or ref[0] == position.ref[0]
        return REF if agree else DISPUTED

    def _own(self, pos: int, ref: str, alt: str, at: int) -> int | None:
        position, keys = self.positions[at], self.keys[at]
        shared = min(len(ref), len(position.ref))
        if ref[:shared] != position.ref[:shared]:
            return DISPUTED
        key = trim(pos, ref, alt)
        if key in keys:
            return keys[key]
        if position.is_indel:
            # A substitution of the anchor base does not tell the length of what follows it.
            return UNDOCUMENTED if len(ref) != len(alt) else None
        if len(ref) > len(position.ref):
            if alt.startswith(position.ref):
                return UNCHANGED
            if len(ref) == len(alt):
                return keys.get((pos, position.ref, alt[: len(position.ref)]), UNDOCUMENTED)
        return UNDOCUMENTED

    def _reached(self, pos: int, ref: str, alt: str, at: int) -> int | None:
        position = self.positions[at]
        offset = position.pos - pos
        if len(ref) != len(alt) or position.is_indel:
            return UNDOCUMENTED
        base = alt[offset : offset + len(position.ref)]
        if base == position.ref[: len(base)]:
            return None
        return self.keys[at].get((position.pos, position.ref, base), UNDOCUMENTED)
