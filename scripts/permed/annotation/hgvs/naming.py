"""Our own projection of a variant onto a transcript: the names of positions, ``c.`` or ``n.`` and ``p.``."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from permed.alleles import complement
from permed.annotation.genes.transcripts import Transcript
from permed.annotation.hgvs.codes import genetic_code, translate
from permed.annotation.hgvs.edits import Edit, shifted, trimmed, unshifted, written
from permed.annotation.hgvs.proteins import OPEN, ProteinChange, describe
from permed.genome import canonical
from permed.reference import Reference

FLANK = 300  # bases beside a transcript
NAME = re.compile(r"([*-]?)(\d+)([+-]\d+)?")
BORDER = "the change can be placed on either side of an exon's border"
OUTSIDE = "the variant reaches beyond the transcript"
KEPT = "the start codon stays as it is when the change is placed before it"
EARLY = "the coding sequence of the gene models has a stop codon before its end"
SPLICE = ProteinChange("?", "the variant touches a splice site, so the protein cannot be predicted")


@dataclass(frozen=True)
class Locus:
    """A transcript with its bases in its own direction, ``flank`` more on each side."""

    transcript: Transcript
    bases: str
    flank: int

    def edit(self, pos: int, ref: str, alt: str) -> Edit:
        """A VCF variant as a change of :attr:`bases`, without shared bases."""
        t = self.transcript
        if t.strand == "+":
            return trimmed(t.place(pos) + self.flank, ref, alt)
        return trimmed(t.place(pos + len(ref) - 1) + self.flank, complement(ref), complement(alt))

    def fits(self, pos: int, ref: str) -> bool:
        """Whether the bases that a VCF variant replaces are here and known."""
        t = self.transcript
        start = (t.place(pos) if t.strand == "+" else t.place(pos + len(ref) - 1)) + self.flank
        there = self.bases[start : start + len(ref)] if start >= 0 else ""
        return there == (ref if t.strand == "+" else complement(ref)) and set(there) <= set("ACGT")

    def name(self, offset: int) -> str | None:
        """HGVS' name of an offset in :attr:`bases`, as in ``12``, ``-3``, ``*7``, ``12+5``; None outside."""
        t, place = self.transcript, offset - self.flank
        if place < 0 or place >= t.span:
            return None
        index = t.before(place)
        first, end = t.blocks[index]
        if place < end:
            return self._exonic(t.offsets[index] + place - first)
        up, down = place - end + 1, t.blocks[index + 1][0] - place
        if up <= down:
            return f"{self._exonic(t.offsets[index + 1] - 1)}+{up}"
        return f"{self._exonic(t.offsets[index + 1])}-{down}"

    def _exonic(self, spliced: int) -> str:
        span = self.transcript.translated
        if span is None:
            return str(spliced + 1)
        first, end = span
        if spliced < first:
            return str(spliced - first)
        return str(spliced - first + 1) if spliced < end else f"*{spliced - end + 1}"

    @cached_property
    def protein(self) -> str:
        """What the coding sequence says, read on past its end where it has no stop codon."""
        return translate(self.messenger[self.transcript.translated[0] :], genetic_code(self.transcript.contig))

    def offset(self, name: str) -> int | None:
        """The offset in :attr:`bases` that a name such as ``12``, ``-3``, ``*7`` or ``12+5`` is of; None if of none."""
        found = NAME.fullmatch(name)
        if not found:
            return None
        t, number = self.transcript, int(found[2])
        first, end = t.translated or (0, 0)
        spliced = {"-": first - number, "*": end - 1 + number}.get(found[1], first + number - 1)
        if not 0 <= spliced < t.length:
            return None
        index = bisect_right(t.offsets, spliced) - 1
        return self.flank + t.blocks[index][0] + spliced - t.offsets[index] + int(found[3] or 0)

    def region(self, edit: Edit) -> tuple[int, ...]:
        """Which exons and introns hold a change, numbered in turn: exon n is 2n, the intron after it 2n + 1.

        An insertion at a border is in both.
        """
        low, high = (edit.first, edit.end - 1) if edit.first < edit.end else (edit.first - 1, edit.first)
        left = self._part(low - self.flank)
        right = left if low == high else self._part(high - self.flank)
        return (left,) if left == right else (left, right)

    def _part(self, place: int) -> int:
        index = self.transcript.before(place)
        if index < 0:
            return -1
        return 2 * index + (place >= self.transcript.blocks[index][1])

    def spliced_edit(self, edit: Edit) -> Edit | None:
        """The change in the spliced transcript; None unless it lies within one exon."""
        parts, t = self.region(edit), self.transcript
        if len(parts) > 1 or parts[0] % 2 or parts[0] < 0:
            return None
        index = parts[0] // 2
        moved = t.offsets[index] - t.blocks[index][0] - self.flank
        return Edit(edit.first + moved, edit.end + moved, edit.inserted)

    @cached_property
    def messenger(self) -> str:
        """Bases of the spliced transcript."""
        return "".join(self.bases[a + self.flank : b + self.flank] for a, b in self.transcript.blocks)


def locus_of(t: Transcript, reference: Reference) -> Locus:
    """A transcript with its bases, and some beside it for repeats that reach out of it."""
    first = max(1, t.start - FLANK)
    bases = reference.bases(t.contig, first, t.end + FLANK)
    if t.strand == "+":
        return Locus(t, bases, t.start - first)
    return Locus(t, complement(bases), len(bases) - (t.end - first + 1))


def coding_name(locus: Locus, edit: Edit) -> tuple[str | None, str | None]:
    """``c.`` or, without coding sequence, ``n.`` description and the reason where there is none.

    The most 3' of the equal descriptions, unless they lie on both sides of an exon's border: then conventions differ
    on the place and what is meant would be lost.
    """
    t = locus.transcript
    if canonical(t.contig) == "chrM":
        return None, "mitochondrial variants are described on the genome alone"
    if t.deviation == "alignment":
        return None, "the transcript does not lie base by base on the reference genome"
    if t.coding and t.translated is None:
        return None, "the coding sequence is not one piece of the transcript"
    if t.coding and t.phase:
        return None, "the start of the coding sequence is not known"
    moved = shifted(edit, locus.bases)
    if _crosses(locus, edit, moved):
        return None, BORDER
    text = written(moved, locus.bases, locus.name)
    return (f"{'c' if t.coding else 'n'}.{text}", None) if text else (None, OUTSIDE)


def _crosses(locus: Locus, edit: Edit, moved: Edit) -> bool:
    """Whether the places that equal descriptions give to a change are not all of one exon or one intron."""
    if edit.inserted and edit.first < edit.end:
        return False
    return locus.region(moved) != locus.region(unshifted(edit, locus.bases))


def protein_name(locus: Locus, edit: Edit) -> ProteinChange | None:
    """The change of the protein; None where the variant lies outside the coding sequence and its splice sites."""
    t = locus.transcript
    if not t.coding or t.translated is None or t.phase:
        return None
    moved = shifted(edit, locus.bases)
    if _crosses(locus, edit, moved):
        return ProteinChange(None, BORDER) if _touches_coding(locus, edit) else None
    inside = locus.spliced_edit(moved)
    if inside is None:
        return SPLICE if _touches_coding(locus, moved) else None
    first, end = t.translated
    if inside.first >= end or inside.end <= first:
        return None
    if t.deviation:
        return ProteinChange(None, "the transcript has other bases than the reference genome")
    if locus.spliced_edit(unshifted(edit, locus.bases)).end <= first:
        return ProteinChange(None, KEPT)
    if inside.first < first:
        return ProteinChange("(Met1?)", first=1)
    stop = locus.protein.find("*")
    if 0 <= stop != (end - first) / 3 - 1 and locus.protein.startswith("M"):
        return ProteinChange(None, EARLY if 3 * stop < end - first else OPEN)
    after = inside.apply(locus.messenger)[first:]
    return describe(locus.protein, after, inside.change, (inside.first - first, inside.end - first), t.contig)


def _touches_coding(locus: Locus, edit: Edit) -> bool:
    """Whether a change that is not within one exon reaches coding bases or the two bases beside a coding exon."""
    t = locus.transcript
    first, end = t.translated
    low, high = edit.first - locus.flank, max(edit.end, edit.first + 1) - locus.flank
    for index, (a, b) in enumerate(t.blocks):
        if t.offsets[index + 1] <= first or t.offsets[index] >= end:
            continue
        inner = index > 0, index < len(t.blocks) - 1
        if low < b + 2 * inner[1] and high > a - 2 * inner[0]:
            return True
    return False
