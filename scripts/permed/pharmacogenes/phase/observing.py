"""Which allele of a heterozygous position each sequenced fragment shows. Windows are 0-based, ends excluded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pysam

LEAST_MAPPING_QUALITY = 20  # a read that fits elsewhere as well tells nothing of this place
LEAST_BASE_QUALITY = 20  # at most one base in a hundred is wrong
FLANK = 5  # bases on each side of an indel that a read has to cover
LONGEST_REPEAT = 200  # an indel that can slide further than this is left alone
LEFT_OUT = pysam.FUNMAP | pysam.FSECONDARY | pysam.FQCFAIL | pysam.FDUP | pysam.FSUPPLEMENTARY


@dataclass(frozen=True)
class Site:
    """A heterozygous position, named by ``at``, as reads see it.

    ``sequences`` are those of the window from ``start`` to ``end`` with the allele of the first and of the second
    strand; the outer ``flank`` bases on each side are the reference's.
    """

    at: int
    start: int
    end: int
    sequences: tuple[str, str]
    flank: int


def make_site(at: int, pos: int, ref: str, alleles: tuple[str, str], bases: Callable[[int, int], str]) -> Site | None:
    """The window in which reads tell two ``alleles`` of a position (``pos`` 1-based, VCF form) apart.

    ``bases`` gives the reference's bases of a 0-based window. A substitution is its own window. That of an indel
    reaches over the repeat in which it can slide, so that a read that ends inside the repeat does not count. None
    where the reference has other bases than ``ref`` or unknown ones.
    """
    start, end = pos - 1, pos - 1 + len(ref)
    if bases(start, end) != ref:
        return None
    if all(len(allele) == len(ref) for allele in alleles):
        return Site(at, start, end, alleles, 0)
    after = bases(end, end + LONGEST_REPEAT + FLANK)
    slide = max(_slide(_change(ref, allele), after) for allele in alleles)
    if slide >= LONGEST_REPEAT or len(after) < slide + FLANK or start < FLANK:
        return None
    left, right = bases(start - FLANK, start), after[: slide + FLANK]
    if not set(left + right) <= set("ACGT"):
        return None
    return Site(at, start - FLANK, end + slide + FLANK, (left + alleles[0] + right, left + alleles[1] + right), FLANK)


def shown_allele(read: pysam.AlignedSegment, site: Site) -> int | None:
    """0 or 1 for the allele of the first or the second strand; None where the read does not tell.

    The read's bases over the window must have the length of an allele's sequence and be it; beside an indel one other
    base is let pass. Bases of the allele, and of the repeat that it lies in, below the least quality do not count.
    """
    first, last = _query_window(read, site)
    qualities = read.query_qualities
    if first is None or last is None or read.query_sequence is None or qualities is None:
        return None
    if min(qualities[first + site.flank : last - site.flank], default=0) < LEAST_BASE_QUALITY:
        return None
    seen = read.query_sequence[first:last].upper()
    differ = [
        sum(a != b for a, b in zip(seen, own, strict=True)) if len(own) == len(seen) else len(seen) + len(own)
        for own in site.sequences
    ]
    best = min(differ)
    return differ.index(best) if differ[0] != differ[1] and best <= (1 if site.flank else 0) else None


def observe(file: pysam.AlignmentFile, contig: str, sites: list[Site]) -> list[dict[int, int]]:
    """For each fragment that shows two sites or more: the allele (0 or 1) by site.

    Unmapped, secondary, supplementary, duplicate and failed reads are left out, as are those that map poorly. Both
    reads of a pair speak for one fragment; where they disagree on a site, it says nothing there.
    """
    fragments: dict[str, dict[int, int | None]] = {}
    for site in sites:
        for read in _usable(file.fetch(contig, site.start, site.end)):
            shown = shown_allele(read, site)
            if shown is not None:
                of = fragments.setdefault(read.query_name, {})
                of[site.at] = shown if of.get(site.at, shown) == shown else None
    told = ({at: shown for at, shown in of.items() if shown is not None} for of in fragments.values())
    return [of for of in told if len(of) > 1]


def _usable(reads: Iterable[pysam.AlignedSegment]) -> Iterable[pysam.AlignedSegment]:
    return (read for read in reads if not read.flag & LEFT_OUT and read.mapping_quality >= LEAST_MAPPING_QUALITY)


def _query_window(read: pysam.AlignedSegment, site: Site) -> tuple[int | None, int | None]:
    """The read's bases over a window; None for an end of it to which no base is aligned."""
    ref, query = read.reference_start, 0
    first = last = None
    for operation, length in read.cigartuples or ():
        if operation in (pysam.CMATCH, pysam.CEQUAL, pysam.CDIFF):
            if ref <= site.start < ref + length:
                first = query + site.start - ref
            if ref < site.end <= ref + length:
                last = query + site.end - ref
            ref, query = ref + length, query + length
        elif operation in (pysam.CINS, pysam.CSOFT_CLIP):
            query += length
        elif operation in (pysam.CDEL, pysam.CREF_SKIP):
            ref += length
        if ref >= site.end:
            break
    return first, last


def _change(ref: str, allele: str) -> str:
    """What an allele inserts after or deletes from the end of ``ref``; all of the longer one where it is neither."""
    short, long = sorted((ref, allele), key=len)
    return long[len(short) :] if long.startswith(short) else long


def _slide(change: str, after: str) -> int:
    """Over how many of the bases ``after`` the changed bases can be moved to the right without another sequence."""
    moved = 0
    while change and moved < len(after) and after[moved] == change[moved % len(change)]:
        moved += 1
    return moved
