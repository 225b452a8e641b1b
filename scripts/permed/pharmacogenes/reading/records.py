"""What one record of a normalised file says about the positions of a definition."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from permed.pharmacogenes.definitions import MISSING, REF, UNDOCUMENTED, Gene, Position
from permed.pharmacogenes.spelling import Bases, Change, change_of, is_same, spellings

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
    """Reads records for the positions of a gene. ``aligned`` tells that they were left-aligned on a reference FASTA."""

    def __init__(self, gene: Gene, aligned: bool = True) -> None:
        self.positions = gene.positions
        indels = {at for at, position in enumerate(gene.positions) if position.is_indel}
        self.order = sorted(set(range(len(gene.positions))) - indels, key=lambda i: gene.positions[i].pos)
        self.places = [gene.positions[i].pos for i in self.order]
        self.keys = [position.keys() for position in gene.positions]
        self.documented = {key for keys in self.keys for key in keys}
        # Where an undocumented base counts as the reference's, another length would too, and be called.
        other = UNDOCUMENTED if aligned and not gene.undocumented_as_reference else MISSING
        self.indels = [_Indel(at, gene.positions[at], self.keys[at], other) for at in sorted(indels)]

    def effects(self, pos: int, ref: str, alt: str | None, end: int) -> list[Effect]:
        """Effects of a record with one alternate, or none (reference, up to ``end``) on the positions it covers.

        Coordinates are 1-based and inclusive. A deletion that the definition knows has an effect at its own position
        only; one that it does not know takes the bases of every position that it covers. An insertion or deletion of
        the definition is read in each of its spellings, and what else changes the length near it is another allele.
        """
        covered = self.order[bisect_left(self.places, pos) : bisect_right(self.places, end)]
        if alt is None:
            found = [Effect(at, self._reference(pos, ref, self.positions[at]), True) for at in covered]
            return found + [effect for indel in self.indels if (effect := indel.reference(pos, ref, end))]
        if not set(alt) <= BASES:
            return []
        change = change_of(pos, ref, alt)
        own = {indel.at: code for indel in self.indels if (code := indel.code(pos, ref, change))}
        known = bool(own) or change in self.documented
        found = []
        for at in covered:
            here = self.positions[at].pos == pos
            if (known and change not in self.keys[at]) or (not here and len(ref) == 1):
                continue
            code = self._own(pos, ref, alt, at) if here else self._reached(pos, ref, alt, at)
            if code is not None:
                found.append(Effect(at, code, here))
        for indel in self.indels:
            effect = indel.effect(pos, ref, change, own.get(indel.at), known)
            found += [effect] if effect else []
        return found

    def begun(self, pos: int, end: int) -> list[int]:
        """Insertions and deletions (indices) whose first base a record covers, whatever it says of the rest."""
        return [indel.at for indel in self.indels if pos <= indel.position.pos <= end]

    def spanned(self, pos: int, ref: str, alt: str | None) -> list[int]:
        """Positions (indices) behind the first base of a substitution of several bases, which is a genotype of each."""
        if alt is None or len(ref) != len(alt) or not set(alt) <= BASES:
            return []
        last = pos + len(ref) - 1
        inside = self.order[bisect_right(self.places, pos) : bisect_right(self.places, last)]
        return [at for at in inside if self.positions[at].pos + len(self.positions[at].ref) - 1 <= last]

    def defined(self, pos: int, ref: str, alts: str) -> list[int]:
        """Insertions and deletions (indices) of which one of some alternates, behind commas, is a definition's allele,
        however it is written."""
        changes = [change_of(pos, ref, alt) for alt in alts.split(",") if set(alt) <= BASES and set(ref) <= BASES]
        return [indel.at for indel in self.indels for own in changes if indel.code(pos, ref, own) is not None]

    def touched(self, pos: int, end: int) -> list[int]:
        """Insertions and deletions (indices) over whose stretch a record lies."""
        return [
            indel.at for indel in self.indels if indel.position.around[0] <= end and pos <= indel.position.around[1]
        ]

    @staticmethod
    def _reference(pos: int, ref: str, position: Position) -> int:
        agree = position.pos > pos or ref[0] == position.ref[0]
        return REF if agree else DISPUTED

    def _own(self, pos: int, ref: str, alt: str, at: int) -> int:
        position, keys = self.positions[at], self.keys[at]
        shared = min(len(ref), len(position.ref))
        if ref[:shared] != position.ref[:shared]:
            return DISPUTED
        change = change_of(pos, ref, alt)
        if change in keys:
            return keys[change]
        if len(ref) > len(position.ref):
            if alt.startswith(position.ref):
                return UNCHANGED
            if len(ref) == len(alt):
                return keys.get(change_of(pos, position.ref, alt[: len(position.ref)]), UNDOCUMENTED)
        return UNDOCUMENTED

    def _reached(self, pos: int, ref: str, alt: str, at: int) -> int | None:
        position = self.positions[at]
        offset = position.pos - pos
        if len(ref) != len(alt):
            return UNDOCUMENTED
        base = alt[offset : offset + len(position.ref)]
        if base == position.ref[: len(base)]:
            return None
        return self.keys[at].get(change_of(position.pos, position.ref, base), UNDOCUMENTED)


class _Indel:
    """A position whose alternates change the length: read only where all of its stretch was looked at."""

    def __init__(self, at: int, position: Position, keys: dict[Change, int], other: int) -> None:
        self.at = at
        self.position = position
        self.keys = keys
        self.other = other
        self.first, self.last = position.around
        self.bases = position.known_bases()

    def reference(self, pos: int, ref: str, end: int) -> Effect | None:
        """What a record without an alternate says: something only if it covers the whole stretch."""
        if not self._agrees(pos, ref):
            return Effect(self.at, DISPUTED, True)
        return Effect(self.at, REF, True) if self._covers(pos, end) else None

    def code(self, pos: int, ref: str, change: Change) -> int | None:
        """The code of the alternate that a record's change is, however it is written."""
        return self.keys.get(change) or self._seen_same(pos, ref, change)

    def effect(self, pos: int, ref: str, change: Change, code: int | None, known: bool) -> Effect | None:
        """What a record with one alternate says, whose change is the alternate of ``code`` or none of this position's;
        ``known`` tells that some position documents it."""
        end = pos + len(ref) - 1
        near = self._is_near(pos, ref, change)
        if not self._agrees(pos, ref) and (near or pos <= self.position.pos <= end):
            return Effect(self.at, DISPUTED, True)
        if code:
            return Effect(self.at, code, True)
        if known:
            return None
        whole = self._covers(pos, end)
        if not near:
            return Effect(self.at, UNCHANGED, True) if whole else None
        if not change.is_length:
            # A substitution tells the length of a stretch only if its REF has all of it, and then not of its carriers.
            return Effect(self.at, MISSING, True) if whole else None
        if pos == self.position.pos:
            # A genotype says all of its site: who does not have this length there has no other that begins there.
            return Effect(self.at, self.other, True)
        return Effect(self.at, MISSING, False)

    def _agrees(self, pos: int, ref: str) -> bool:
        """Whether the REF has the bases that are known of the stretch."""
        return all(self.bases.get(pos + i, base) == base for i, base in enumerate(ref))

    def _covers(self, pos: int, end: int) -> bool:
        return pos <= self.first and end >= self.last

    def _is_near(self, pos: int, ref: str, change: Change) -> bool:
        """Whether a base of the stretch, or the place between two of them, is changed in some spelling."""
        if pos > self.last + 1 or pos + len(ref) < self.first:
            return False
        return any(
            spelled.start <= self.last and spelled.end >= self.first
            if spelled.deleted
            else self.first < spelled.start <= self.last
            for spelled in spellings(change, self._with(pos, ref))
        )

    def _with(self, pos: int, ref: str) -> Bases:
        """The bases known of the stretch and those of a record's REF."""
        return self.bases | {pos + i: base for i, base in enumerate(ref)}

    def _seen_same(self, pos: int, ref: str, change: Change) -> int | None:
        """The code of an alternate that is the same as the change by the bases of the record's own REF.

        It tells what the spellings cannot where the bases around the position are not known on the build.
        """
        if self.position.stretch_known or not change.is_length:
            return None
        seen = self._with(pos, ref)
        return next((code for own, code in self.keys.items() if is_same(own, change, seen)), None)
