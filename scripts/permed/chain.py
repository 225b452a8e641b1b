"""UCSC chain files: where the bases of one build lie on another. Positions are 1-based and inclusive.

Format: https://genome.ucsc.edu/goldenPath/help/chain.html (0-based half-open there; minus counts from the end).
"""

import gzip
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from permed.errors import Fault
from permed.genome import CONTIGS, builds_with_length, canonical

REMEDY = "Give a UCSC chain file, plain or compressed with gzip, such as hg19ToHg38.over.chain.gz"


@dataclass(frozen=True, order=True)
class Block:
    """An ungapped piece: bases ``start`` to ``end`` of a source contig lie at ``first`` to ``last`` of ``contig``.

    ``reverse`` tells that they run the other way there, on the minus strand.
    """

    start: int
    end: int
    contig: str
    first: int
    last: int
    reverse: bool


@dataclass(frozen=True)
class Place:
    """Bases ``start`` to ``end`` of a target contig, inside the piece from ``first`` to ``last`` without a gap."""

    contig: str
    start: int
    end: int
    reverse: bool
    first: int
    last: int


class Chain:
    """The pieces of a chain file between main contigs (and ``contigs``), by canonical name.

    ``source_lengths`` and ``target_lengths`` are those that the file states. Bases to which the file gives two places,
    and places that it gives to two bases, count as not known.
    """

    def __init__(self, path: Path, contigs: list[str] | None = None) -> None:
        self.path = Path(path)
        self.source_lengths: dict[str, int] = {}
        self.target_lengths: dict[str, int] = {}
        wanted = {canonical(contig) for contig in [*CONTIGS, *(contigs or [])]}
        pieces: dict[str, list[Block]] = {}
        landed: dict[str, list[tuple[int, int]]] = {}
        for source, block in self._read(wanted):
            pieces.setdefault(source, []).append(block)
            landed.setdefault(block.contig, []).append((block.first, block.last))
        self._pieces = {contig: sorted(blocks) for contig, blocks in pieces.items()}
        self._starts = {contig: [block.start for block in blocks] for contig, blocks in self._pieces.items()}
        self._split = {c: _covered_twice([(b.start, b.end) for b in blocks]) for c, blocks in self._pieces.items()}
        self._merged = {contig: _covered_twice(spans) for contig, spans in landed.items()}

    def place(self, contig: str, start: int, end: int) -> Place | str:
        """The place of the bases ``start`` to ``end`` of a source contig, or the reason why they have none."""
        contig = canonical(contig)
        blocks = self._pieces.get(contig, [])
        if _meets(self._split.get(contig, []), start, end):
            return "the chain gives it several places"
        at = bisect_right(self._starts.get(contig, []), start) - 1
        block = blocks[at] if at >= 0 and blocks[at].end >= start else None
        if block is None or block.end < end:
            nothing = block is None and (at + 1 == len(blocks) or blocks[at + 1].start > end)
            return "it has no place on the other build" if nothing else "only a part of it has a place"
        if block.reverse:
            first, last = block.last - (end - block.start), block.last - (start - block.start)
        else:
            first, last = block.first + (start - block.start), block.first + (end - block.start)
        if _meets(self._merged[block.contig], first, last):
            return "the chain puts two places of the build there"
        return Place(block.contig, first, last, block.reverse, block.first, block.last)

    def _read(self, wanted: set[str]) -> Iterator[tuple[str, Block]]:
        line = [0]
        heads = 0
        try:
            with _opened(self.path) as lines:
                rows = _counted(lines, line)
                for row in rows:
                    if row.strip() and not row.startswith("#"):
                        heads += 1
                        yield from self._read_chain(row.split(), rows, wanted)
        except (ValueError, IndexError):
            raise Fault("the line is not of a chain file", self.path, line=line[0], remedy=REMEDY) from None
        except (OSError, EOFError, zlib.error):
            raise Fault("the chain file cannot be read", self.path, remedy=REMEDY) from None
        if not heads:
            raise Fault("the chain file holds no chain", self.path, remedy=REMEDY)

    def _read_chain(self, head: list[str], rows, wanted: set[str]) -> Iterator[tuple[str, Block]]:
        """The blocks of a chain whose head is read; the rows that follow are taken up to its last block."""
        if head[0] != "chain" or head[4] != "+" or head[9] not in "+-":
            raise ValueError(head)
        source, target = canonical(head[2]), canonical(head[7])
        source_length, here, here_end, target_length, there, there_end = (int(head[n]) for n in (3, 5, 6, 8, 10, 11))
        kept = source in wanted and target in wanted
        if kept:
            self.source_lengths[source], self.target_lengths[target] = source_length, target_length
        while True:
            sizes = [int(cell) for cell in next(rows, "").split()]
            size = sizes[0]
            if kept:
                forward = (there + 1, there + size)
                backward = (target_length - there - size + 1, target_length - there)
                first, last = backward if head[9] == "-" else forward
                yield source, Block(here + 1, here + size, target, first, last, head[9] == "-")
            here, there = here + size, there + size
            if len(sizes) == 1:
                break
            here, there = here + sizes[1], there + sizes[2]
        if (here, there) != (here_end, there_end):
            raise ValueError("the blocks do not add up")

    def builds(self) -> tuple[set[str], set[str]]:
        """The builds whose contig lengths the file's source and target have."""
        return _builds(self.source_lengths), _builds(self.target_lengths)


def build_of(lengths: dict[str, int | None]) -> str | None:
    """The one build of which a header's contig lengths are; None where they tell none, or tell several."""
    found = _builds(lengths)
    return found.pop() if len(found) == 1 else None


def _builds(lengths: dict[str, int | None]) -> set[str]:
    found = [builds_with_length(contig, length) for contig, length in lengths.items() if length is not None]
    return {builds[0] for builds in found if len(builds) == 1}


def _counted(lines, line: list[int]) -> Iterator[str]:
    for line[0], row in enumerate(lines, 1):
        yield row


def _opened(path: Path):
    with path.open("rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="ascii") if packed else path.open(encoding="ascii")


def _covered_twice(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that two or more of the spans cover, sorted and apart."""
    twice: list[tuple[int, int]] = []
    reached = 0
    for start, end in sorted(spans):
        if start <= reached:
            overlap = (start, min(end, reached))
            if twice and overlap[0] <= twice[-1][1] + 1:
                overlap = (twice[-1][0], max(twice.pop()[1], overlap[1]))
            twice.append(overlap)
        reached = max(reached, end)
    return twice


def _meets(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    at = bisect_right(spans, (end, float("inf"))) - 1
    return at >= 0 and spans[at][1] >= start
