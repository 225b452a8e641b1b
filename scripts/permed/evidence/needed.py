"""Give every needed position of a contig a genotype: from evidence of the reference, else from reads, else missing."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from cyvcf2 import VCF

from permed.bcftools import PACKED, bcftools, index_bcf
from permed.evidence.intervals import Intervals
from permed.evidence.known import REFERENCE, Known, Records, annotate, read_records, vcf_header, vcf_line
from permed.variants import trim

MISSING = "./."
Alleles = tuple[str, str]


@dataclass
class Reads:
    """Genotypes from the reads of one person by position: ``copies`` where they are called, and the alternates
    ``carried`` there, as genotypes by alleles."""

    copies: dict[int, int] = field(default_factory=dict)
    carried: dict[int, dict[Alleles, str]] = field(default_factory=dict)

    def genotype(self, pos: int, alleles: Alleles) -> str:
        """The genotype at a called position for alleles that the reads may carry or not."""
        return self.carried.get(pos, {}).get(alleles) or reference_of(self.copies[pos])

    def places(self) -> Intervals:
        """Positions with a genotype."""
        return Intervals.of(list(self.copies), list(self.copies))


def reference_of(copies: int) -> str:
    """The reference genotype of so many copies."""
    return "0" if copies == 1 else "0/0"


def read_reads(files: list[Path], contig: str, samples: list[str]) -> dict[int, Reads]:
    """Genotypes from reads on a contig, by the column of the person in ``samples``."""
    column = {name: number for number, name in enumerate(samples)}
    found: dict[int, Reads] = {}
    for path in files:
        file = VCF(str(path))
        own = [(n, column[name]) for n, name in enumerate(file.samples) if name in column]
        for _, at in own:
            found.setdefault(at, Reads())
        missing: set[tuple[int, int]] = set()
        for record in file(contig) if contig in file.seqnames else ():
            alleles = (record.REF, record.ALT[0] if record.ALT else ".")
            for n, at in own:
                *calls, phased = record.genotypes[n]
                if any(allele < 0 for allele in calls):
                    missing.add((at, record.POS))
                    continue
                found[at].copies[record.POS] = len(calls)
                if any(calls):
                    text = ("|" if phased else "/").join(map(str, calls))
                    found[at].carried.setdefault(record.POS, {})[alleles] = text
        for at, pos in missing:
            found[at].copies.pop(pos, None)
            found[at].carried.pop(pos, None)
        file.close()
    return found


def complete_positions(
    joined: Path,
    positions: pl.DataFrame,
    known: dict[int, Known],
    reads: dict[int, Reads],
    aside: dict[int, Intervals],
    *,
    contig: str,
    samples: list[str],
    explicit: bool,
    weak: dict[int, dict[int, Intervals]] | None = None,
    folder: Path,
    to: Path,
    counts: Counter,
) -> list[str]:
    """Write ``joined`` to ``to`` with a genotype of everybody at the needed ``positions``; give notes of conflicts.

    A position without a record gets one; ``explicit`` writes it even where nobody is known. Reads fill where the files
    give nothing; where both give a genotype and they differ, the file's stays. Nobody is made reference where a record
    was set ``aside``, by column. Reference blocks that are not believed (``weak``, by column and code of doubt) are
    written with what is said of them. Counts ``filled_reference``, ``filled_reads``, ``reads_disagree`` and ``added``.
    """
    places = Intervals.of(positions["pos"].to_numpy(), positions["pos"].to_numpy())
    here = read_records(joined, places)
    rows_at: dict[int, list[int]] = {}
    for row, pos in enumerate(here.pos.tolist()):
        rows_at.setdefault(pos, []).append(row)
    fills, added, notes = [], [], []
    groups = _by_position(positions)
    starts = np.array([rows[0][0] for rows in groups], np.int64)
    ends = np.array([max(end for *_, end in rows) for rows in groups], np.int64)
    at_base, to_end = (_codes(known, len(samples), starts, stop) for stop in (starts, ends))
    for number, rows in enumerate(groups):
        pos = rows[0][0]
        existing = rows_at.get(pos, [])
        place = _Place(
            pos, int(ends[number]), here, existing, at_base[number], to_end[number], known, reads, aside, weak or {}
        )
        notes += [f"{samples[at]}: {contig}:{pos} differs between file and reads" for at in place.conflicts()]
        taken = place.taken_from_reads()
        counts["filled_reads"] += len(taken)
        doubted = {at: place.doubted(at, place.end) for at in place.weak if at not in taken}
        doubted = {at: cell for at, cell in doubted.items() if cell != MISSING}
        for row in existing if taken or doubted else []:
            cells = here.unfilled(row)
            for at in taken:
                cells[at] = reads[at].genotype(pos, here.alleles[row])
            for at, cell in doubted.items():
                cells[at] = cell
            fills.append((pos, here.alleles[row], cells))
        there = {here.alleles[row] for row in existing}
        new = sorted({pair for at in taken for pair in reads[at].carried.get(pos, {})} - there)
        if not new and place.reach < place.end:
            new = [pair for _, ref, alt, _ in rows if (pair := _spelled(pos, ref, alt)) not in there]
        for pair in new:
            end = max(place.end, pos + len(pair[0]) - 1)
            cells = place.cells(pair, end, taken)
            given = [cell for cell in cells if cell != MISSING]
            filled = [n for n, cell in enumerate(cells) if cell != MISSING and ":" not in cell]
            if given or explicit:
                added.append((pos, pair, cells))
                counts["filled_reference"] += sum(n not in taken for n in filled)
    counts["reads_disagree"] += len(notes)
    counts["added"] += len(added)
    filled = _fill(joined, fills, contig, samples, folder)
    _add(filled, added, contig, samples, folder, to)
    return notes


def _spelled(pos: int, ref: str, alt: str | None) -> Alleles:
    """A needed position's alleles as records have them: trimmed, so that nobody's record says the same otherwise."""
    if not alt:
        return ref[:1], "."
    start, short, other = trim(pos, ref, alt)
    return (short, other) if start == pos else (ref, alt)


@dataclass
class _Place:
    """A needed position with what the files, the evidence and the reads say of it."""

    pos: int
    end: int
    records: Records
    rows: list[int]
    at_base: np.ndarray  # by person, what is known of the position's first base, and of all of it: see REFERENCE
    to_end: np.ndarray
    known: dict[int, Known]
    reads: dict[int, Reads]
    aside: dict[int, Intervals]
    weak: dict[int, dict[int, Intervals]]

    def __post_init__(self) -> None:
        self.dosage = self.records.dosage[self.rows]
        nobody = np.zeros(len(self.at_base), bool)
        self.called = (self.dosage >= 0).any(axis=0) if self.rows else nobody
        changes = [len(ref) != len(alt) and alt != "." for ref, alt in (self.records.alleles[row] for row in self.rows)]
        self.measured = (self.dosage[changes] >= 0).any(axis=0) if any(changes) else nobody
        ends = np.where(self.dosage >= 0, self.records.end[self.rows][:, None], 0)
        self.told_to = ends.max(axis=0) if self.rows else nobody.astype(np.int64)  # by each person's own called rows
        self.written = self.records.written[self.rows].any(axis=0) if self.rows else nobody

    @property
    def reach(self) -> int:
        """The last base of which the records that are there tell."""
        return int(self.records.end[self.rows].max()) if self.rows else 0

    def _covered(self, at: int, end: int) -> int:
        if end == self.end:
            return int(self.to_end[at])
        person = self.known.get(at)
        return int(person.fill(np.array([self.pos]), np.array([end]))[0]) if person else 0

    def conflicts(self) -> list[int]:
        """People whose file and reads give different genotypes."""
        found = []
        for at, person in self.reads.items():
            if self.pos not in person.copies:
                continue
            carried = {pair: text.count("1") for pair, text in person.carried.get(self.pos, {}).items()}
            if self.called[at]:
                dosages = zip(self.rows, self.dosage[:, at].tolist(), strict=True)
                said = {self.records.alleles[row]: n for row, n in dosages if n > 0}
                if said != carried:
                    found.append(at)
            elif carried and self.at_base[at]:
                found.append(at)
        return found

    def taken_from_reads(self) -> set[int]:
        """People whose genotype the files do not give and the reads do; no reference where a record was set aside."""
        return {
            at
            for at, person in self.reads.items()
            if self.pos in person.copies
            and not self.written[at]
            and not self.at_base[at]
            and (person.carried.get(self.pos) or not self._is_aside(at))
        }

    def _is_aside(self, at: int) -> bool:
        return at in self.aside and bool(self.aside[at].cover(np.array([self.pos]), np.array([self.pos]))[0])

    def cells(self, alleles: Alleles, end: int, taken: set[int]) -> list[str]:
        """Everybody's genotype for a record that the files have not."""
        cells = []
        for at in range(len(self.called)):
            if at in taken:
                cells.append(self.reads[at].genotype(self.pos, alleles))
            elif self.called[at] and (
                end <= self.told_to[at] or (len(alleles[0]) != len(alleles[1]) and self.measured[at])
            ):
                copies = self.records.copies[self.rows, at][self.dosage[:, at] >= 0]
                cells.append(reference_of(int(copies[0])))
            else:
                code = self._covered(at, end)
                cells.append(str(REFERENCE[code]) if code else self.doubted(at, end))
        return cells

    def doubted(self, at: int, end: int) -> str:
        """What a reference block that is not believed says, with the code of doubt; missing where there is none."""
        start, stop = np.array([self.pos]), np.array([end])
        for code, where in sorted(self.weak.get(at, {}).items()):
            if not self.written[at] and where.cover(start, stop)[0]:
                return f"0/0:{code}"
        return MISSING


def _codes(known: dict[int, Known], size: int, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """What is known of each stretch and person, as indices into :data:`REFERENCE` (stretches, samples)."""
    codes = np.zeros((len(starts), size), np.int8)
    for at, person in known.items():
        codes[:, at] = person.fill(starts, ends)
    return codes


def _by_position(positions: pl.DataFrame) -> list[list[tuple]]:
    groups: dict[int, list[tuple]] = {}
    for row in positions.select("pos", "ref", "alt", "end").iter_rows():
        groups.setdefault(row[0], []).append(row)
    return list(groups.values())


def _fill(joined: Path, fills: list, contig: str, samples: list[str], folder: Path) -> Path:
    if not fills:
        return joined
    text, to = folder / "fill_reads.vcf", folder / "filled_reads.bcf"
    _write(text, fills, contig, samples)
    annotate(joined, text, to)
    return to


def _add(filled: Path, added: list, contig: str, samples: list[str], folder: Path, to: Path) -> None:
    if not added:
        bcftools("view", PACKED, "-o", to, filled)
        return
    text, packed = folder / "added.vcf", folder / "added.bcf"
    _write(text, added, contig, samples)
    bcftools("view", PACKED, "-o", packed, text)
    sorted_ = folder / "added_sorted.bcf"
    bcftools("sort", PACKED, "-T", folder / "sort_added", "-o", sorted_, packed)
    for path in (filled, sorted_):
        index_bcf(path)
    bcftools("concat", "-a", PACKED, "-o", to, filled, sorted_)


def _write(path: Path, rows: list, contig: str, samples: list[str]) -> None:
    with open(path, "w", encoding="utf-8") as out:
        out.write(vcf_header(contig, samples))
        out.writelines(vcf_line(contig, pos, alleles, cells) for pos, alleles, cells in rows)
