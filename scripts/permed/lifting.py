"""Lift the alleles of one variant to the other build with a chain; positions are 1-based.

REF is looked up again on the target: where an alternate is what the target has, both are exchanged; where neither fits
the variant is lost. Left-aligning is left to normalisation.
"""

from dataclasses import dataclass

import polars as pl

from permed.chain import Chain, Place
from permed.genome import reconcile
from permed.reference import Reference, compare_bases
from permed.variants import complement, trim

CHANGES_SCHEMA = {
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "outcome": pl.String,
    "reason": pl.String,
    "new_contig": pl.String,
    "new_pos": pl.Int64,
    "new_ref": pl.String,
    "new_alt": pl.String,
    "file": pl.String,
}
WITHOUT_BASES = ("*", "<*>", "<NON_REF>")
BASES = frozenset("ACGTN")
WINDOW = 256


@dataclass(frozen=True)
class Lifted:
    """A record on the target: ``codes`` gives the new index of each old allele where REF is exchanged, else None."""

    contig: str
    pos: int
    alleles: tuple[str, ...]
    codes: tuple[int, ...] | None = None
    checked: bool = True


@dataclass(frozen=True)
class Lost:
    """Why a record is not lifted, and where its first base lies on the target if that is known."""

    reason: str
    contig: str | None = None
    pos: int | None = None


def lift_alleles(chain: Chain, reference: Reference, contig: str, pos: int, ref: str, alts: list[str]) -> Lifted | Lost:
    """Lift one record's alleles; the contig of the answer is named as the reference's run names it.

    All bases of REF must lie in one piece of the chain. An insertion or deletion must lie there with every place to
    which it can be shifted and a base to either side: where the builds differ in a repeat, its length is not the same.
    """
    named = reconcile(chain.target_lengths, reference.names)
    place = chain.place(contig, pos, pos + len(ref) - 1)
    if isinstance(place, str):
        first = chain.place(contig, pos, pos)
        known = isinstance(first, Place) and first.contig in named
        return Lost(place, named[first.contig], first.start) if known else Lost(place)
    where = named.get(place.contig)
    if where is None:
        return Lost("it lies on a contig that the run does not use")

    def lost(reason: str) -> Lost:
        return Lost(reason, where, place.start)

    ref, alts = ref.upper(), [alt if alt in WITHOUT_BASES else alt.upper() for alt in alts]
    if not all(alt in WITHOUT_BASES or set(alt) <= BASES for alt in alts):
        return lost("symbolic allele or breakend")
    alleles = (ref, *alts)
    if place.reverse:
        alleles = tuple(a if a in WITHOUT_BASES else complement(a) for a in alleles)
    start, codes = place.start, None
    bases = reference.bases(where, start, place.end)
    agrees = compare_bases(alleles[0], bases)
    if agrees is False and not alts and set(bases) <= set("ACGT"):
        return Lifted(where, start, (bases, alleles[0]), (1,))
    if agrees is False:
        if bases not in alleles[1:]:
            return lost(f"neither REF nor ALT is what the other build has ({bases[:20]})")
        at = alleles.index(bases)
        codes = tuple({0: at, at: 0}.get(old, old) for old in range(len(alleles)))
        alleles = tuple(alleles[code] for code in codes)
    if len({len(a) for a in alleles if a not in WITHOUT_BASES}) > 1:
        if place.reverse and start > place.first:
            start, alleles = _anchored(start, alleles, reference.bases(where, start - 1, start - 1))
        elif place.reverse:
            return lost("the builds differ beside the insertion or deletion")
        small = [alt for alt in alleles[1:] if alt not in WITHOUT_BASES]
        if not all(_free_of_gaps(reference, where, place, start, alleles[0], alt) for alt in small):
            return lost("the builds differ beside the insertion or deletion")
    return Lifted(where, start, alleles, codes, checked=agrees is not None)


def _anchored(start: int, alleles: tuple[str, ...], before: str) -> tuple[int, tuple[str, ...]]:
    """Alleles that end in their common base, as turned round ones do, with the base before them in its place."""
    bases = [a for a in alleles if a not in WITHOUT_BASES]
    shared = len({a[-1] for a in bases}) == 1
    return start - 1, tuple(a if a in WITHOUT_BASES else before + (a[:-1] if shared else a) for a in alleles)


def _free_of_gaps(reference: Reference, contig: str, place: Place, start: int, ref: str, alt: str) -> bool:
    """Whether an indel, with every place to which it can be shifted and one base more, lies inside the piece."""
    pos, ref, alt = trim(start, ref, alt)
    first, last = pos - 1, pos + len(ref)
    unit = ref[1:] or alt[1:]
    if len(ref) != len(alt) and ref[0] == alt[0] and min(len(ref), len(alt)) == 1:
        last += _run(lambda at: reference.bases(contig, at, at + WINDOW - 1), pos + len(ref), unit)
        before = _run(lambda at: reference.bases(contig, max(1, at - WINDOW + 1), at)[::-1], pos, unit[::-1], -1)
        first = pos - before
    return place.first <= first and last <= place.last


def _run(window, at: int, unit: str, step: int = 1) -> int:
    """How many bases from ``at`` on (back for a ``step`` of -1) go on repeating ``unit``."""
    length = 0
    while True:
        bases = window(at + step * length)
        for base in bases:
            if base != unit[length % len(unit)]:
                return length
            length += 1
        if len(bases) < WINDOW:
            return length


def changed(old: tuple, outcome: str, reason: str, new: tuple, name: str) -> dict:
    """A row of :data:`CHANGES_SCHEMA`: (contig, pos, ref, alt) before and after, ``swapped`` or ``lost``."""
    return dict(zip(CHANGES_SCHEMA, (*old, outcome, reason, *new, name), strict=True))
