"""Transcripts: where their exons and coding parts lie, and the coordinates that follow from it.

Positions on the genome are 1-based and inclusive. Offsets are 0-based in the direction of the transcript: ``place``
counts from the transcript's first base through introns as well, ``spliced`` through exons alone.
"""

import sys
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Transcript:
    """A transcript of a gene; ``exons`` and ``coding`` are (first, last) on the genome, in rising order.

    ``name`` has the version where the gene models give one, ``identifier`` is unique in the file. ``phase`` is the
    number of bases before the first whole codon. ``deviation`` says that the transcript is not what the genome has:
    ``bases`` (substitutions) or ``alignment`` (its bases do not lie one to one on the genome).
    """

    identifier: str
    name: str
    gene: str
    gene_id: str
    contig: str
    strand: str
    biotype: str
    exons: tuple[tuple[int, int], ...]
    coding: tuple[tuple[int, int], ...] = ()
    phase: int = 0
    mane: str | None = None
    canonical: bool = False
    chosen_by: str | None = None
    protein: str | None = None
    deviation: str | None = None

    @property
    def start(self) -> int:
        """First position on the genome."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """Last position on the genome."""
        return self.exons[-1][1]

    def place(self, pos: int) -> int:
        """Offset of a position from the transcript's first base; negative before it."""
        return pos - self.start if self.strand == "+" else self.end - pos

    def _turned(self, parts: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
        ordered = parts if self.strand == "+" else parts[::-1]
        ends = [(self.place(a), self.place(b)) for a, b in ordered]
        return [(min(pair), max(pair) + 1) for pair in ends]

    @cached_property
    def blocks(self) -> list[tuple[int, int]]:
        """Exons as (first, end) places, half open, in the direction of the transcript."""
        return self._turned(self.exons)

    @cached_property
    def _firsts(self) -> list[int]:
        return [first for first, _ in self.blocks]

    @cached_property
    def offsets(self) -> list[int]:
        """Spliced offset at which each exon begins, and the transcript's length at last."""
        sums = [0]
        for first, end in self.blocks:
            sums.append(sums[-1] + end - first)
        return sums

    @property
    def length(self) -> int:
        """Bases of all exons."""
        return self.offsets[-1]

    @property
    def span(self) -> int:
        """Bases from the first to the last, introns among them."""
        return self.end - self.start + 1

    def exon_at(self, place: int) -> int | None:
        """Index of the exon that holds a place; None in an intron and outside."""
        index = bisect_right(self._firsts, place) - 1
        return index if index >= 0 and place < self.blocks[index][1] else None

    def touches_exon(self, first: int, last: int) -> bool:
        """Whether any position of a stretch of the genome is in an exon."""
        index = bisect_right(self.exons, (last, sys.maxsize)) - 1
        return index >= 0 and self.exons[index][1] >= first

    def before(self, place: int) -> int:
        """Index of the last exon that begins at or before a place; -1 before the transcript."""
        return bisect_right(self._firsts, place) - 1

    def spliced(self, place: int) -> int | None:
        """Offset in the spliced transcript; None outside exons."""
        index = self.exon_at(place)
        return None if index is None else self.offsets[index] + place - self.blocks[index][0]

    @cached_property
    def translated(self) -> tuple[int, int] | None:
        """Spliced offsets (first, end) of the coding sequence; None where there is none or it is not one piece."""
        if not self.coding:
            return None
        parts = self._turned(self.coding)
        first, last = self.spliced(parts[0][0]), self.spliced(parts[-1][1] - 1)
        if first is None or last is None or last + 1 - first != sum(end - begin for begin, end in parts):
            return None
        return first, last + 1

    @property
    def coding_length(self) -> int:
        """Bases of the coding sequence, the stop codon among them."""
        return sum(last - first + 1 for first, last in self.coding)
