"""Where the records of a VCF or BCF lie: at definition positions, and beyond the ends of contigs.

A file is read by its index where it has one, at the positions alone, else in one pass of which the first five columns
are looked at. Positions are 1-based.
"""

import itertools
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pysam

from permed.bcftools import opened
from permed.errors import Fault
from permed.genome import BUILDS, canonical, end_of, lengths
from permed.inputs.definition_places import Fits, places, rsid_places
from permed.inputs.formats import format_of
from permed.inputs.headers import open_text

SMALL = 4 << 20  # bytes; up to here a pass costs less than a second, and sees what the index would not show
ENOUGH = 20  # positions after which an answer that is clear is final


@dataclass(frozen=True)
class Record:
    """The place of a record; ``line`` is that of the text, None for a BCF or a record found by an index."""

    line: int | None
    contig: str
    pos: int
    name: str
    ref: str


@dataclass
class Survey:
    """What the records of a file say of its build.

    ``beyond_build`` has the first record that lies beyond the end of a contig on each build, and for the key ``both``
    the first that does on both.
    """

    fits: Fits = field(default_factory=Fits)
    beyond_build: dict[str, Record] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count a record."""
        contig = canonical(record.contig)
        if end_of(contig) is not None:
            for build in BUILDS:
                if record.pos > lengths(build)[contig] + 1:
                    self.beyond_build.setdefault(build, record)
            if is_beyond(contig, record.pos):
                self.beyond_build.setdefault("both", record)
        self.fits.add(contig, record.pos, record.name, [record.ref])


def is_beyond(contig: str, pos: int) -> bool:
    """Whether a position lies beyond a contig on both builds; the telomere, at the length plus one, does not."""
    end = end_of(contig)
    return end is not None and pos > end + 1


def beyond_fault(path: str, record: Record) -> Fault:
    """The refusal of a record beyond the end of both builds' contig."""
    contig = canonical(record.contig)
    ends = " and ".join(f"{lengths(build)[contig]:,} in {build}" for build in BUILDS)
    fault = f"a record at {record.contig}:{record.pos} lies beyond the end of the contig ({ends})"
    remedy = "Give files of GRCh37 or GRCh38; if the file is of one, correct the record or leave it out"
    return Fault(fault, path, None, record.line, remedy)


def survey(path: str, whole: bool) -> Survey:
    """Look at the records of a VCF or BCF.

    A small file is read through, a larger one asked by its index; a larger one without an index is read through with
    ``whole``, else nothing is seen of it. A damaged file is looked at up to the damage: it is refused elsewhere.
    """
    found = Survey()
    if Path(path).stat().st_size > SMALL:
        if _has_index(path) and _by_index(path, found):
            return found
        if not whole:
            return found
    with suppress(OSError, EOFError, ValueError, zlib.error):
        for record in _records(path):
            found.add(record)
    return found


def first_beyond(path: str, index: str) -> Record | None:
    """The first record of an indexed file that lies beyond the end of both builds' contig."""
    with pysam.VariantFile(path, index_filename=index) as file:
        for own in file.header.contigs:
            end = end_of(own)
            if end is None:
                continue
            try:
                for record in file.fetch(own, end + 1):
                    if is_beyond(own, record.pos):
                        return Record(None, own, record.pos, record.id or ".", record.ref)
            except ValueError:  # the index has no record of the contig
                continue
    return None


def _has_index(path: str) -> bool:
    """Whether an index is beside the file and not older: a stale one would show other records."""
    indexes = [Path(f"{path}.{ending}") for ending in ("tbi", "csi")]
    return any(i.is_file() and i.stat().st_mtime >= Path(path).stat().st_mtime for i in indexes)


def _by_index(path: str, found: Survey) -> bool:
    """Count the records at definition positions and beyond the contigs by the user's index; False if it fails.

    Records that a wrong index hides are only fewer that tell: what is counted are records of the file.
    """
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(path) as file:
            if file.index is None:
                return False
            for own in file.header.contigs:
                contig = canonical(own)
                wanted = sorted({pos for build in BUILDS for pos in places(build).get(contig, {})})
                last = end_of(contig)
                spans = [(pos - 1, pos) for pos in wanted] + ([(min(_ends(contig)) + 1, None)] if last else [])
                for start, stop in spans if _holds(file, own) else []:
                    for record in file.fetch(own, start, stop):
                        if stop is None or record.pos == stop:
                            found.add(Record(None, own, record.pos, record.id or ".", record.ref))
                            if stop is None and "both" in found.beyond_build:
                                break
                seen = sum(fit.seen for fit in found.fits.by_build.values())
                if seen >= ENOUGH and found.fits.verdict() is not None:
                    break
    except (OSError, ValueError):
        return False
    finally:
        pysam.set_verbosity(verbosity)
    return True


def _ends(contig: str) -> list[int]:
    return [lengths(build)[contig] for build in BUILDS]


def _holds(file: pysam.VariantFile, contig: str) -> bool:
    """Whether the index knows a contig."""
    try:
        next(iter(file.fetch(contig)), None)
    except ValueError:
        return False
    return True


def _records(path: str) -> Iterator[Record]:
    if format_of(path) == "bcf":
        with opened(Path(path)) as file:
            yield from (Record(None, r.chrom, r.pos, r.id or ".", r.ref) for r in file)
        return
    with open_text(Path(path)) as lines:
        yield from _told(enumerate(lines, 1))


def _told(lines: Iterable[tuple[int, bytes]]) -> Iterator[Record]:
    """The records at places that say something; the others are passed over as quickly as can be."""
    wanted: dict[bytes, tuple[str, frozenset[int], float]] = {}
    known = {rsid.encode() for rsid in rsid_places()}
    for number, line in itertools.dropwhile(lambda pair: pair[1].startswith(b"#"), lines):
        cells = line.split(b"\t", 4)
        if len(cells) < 5:
            continue
        if cells[0] not in wanted:
            wanted[cells[0]] = _wanted(cells[0].decode("utf-8", "replace"))
        own, at, last = wanted[cells[0]]
        pos = int(cells[1])
        if pos in at or pos > last or cells[2] in known:
            yield Record(number, own, pos, cells[2].decode("latin-1"), cells[3].decode("latin-1"))


def _wanted(own: str) -> tuple[str, frozenset[int], float]:
    """A contig's name, its definition positions on either build, and its end on the build where it is shorter."""
    contig = canonical(own)
    at = frozenset(pos for build in BUILDS for pos in places(build).get(contig, {}))
    return own, at, min(_ends(contig)) if end_of(contig) is not None else float("inf")
