"""Fill genotypes that nobody wrote down but that were looked at: evidence of the reference, and reads.

Works on the joined records of a contig, already split. Positions are 1-based. A genotype is only ever filled where the
files give none; where a file says that it is missing, only reads can fill it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from cyvcf2 import VCF

from permed.bcftools import PACKED, bcftools, index_bcf
from permed.evidence.intervals import Intervals
from permed.evidence.positions import POSITION_SCHEMA
from permed.genome import canonical, pseudoautosomal
from permed.observations.bounds import Bounds
from permed.observations.codes import BELIEVED, DEFINITION, DOUBT, FIELD
from permed.observations.places import observed_of

MAY_BE_HAPLOID = ("chrX", "chrY", "chrM")
REFERENCE = np.array([".", "0/0", "0"])  # nothing to say, two copies, one copy
UNFILLED = np.array([".", ".", "./."])  # by the number of copies: bcftools annotate writes it over a missing genotype
_ROWS = 4096


@dataclass(frozen=True)
class Wanted:
    """What the run says about sites without a record.

    ``positions`` are those that need a genotype (columns of ``POSITION_SCHEMA``); ``callable`` has the regions of each
    person, if any; ``alignments`` are BCFs of genotypes from reads; ``sexes`` are XX, XY or NA;
    ``lost`` are records that were set aside before normalising, ``bounds`` what genotypes and blocks need to be
    believed.
    """

    positions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=POSITION_SCHEMA))
    absent_sites: str = "missing"
    callable: dict[str, Path] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    alignments: list[Path] = field(default_factory=list)
    build: str = "GRCh38"
    sexes: dict[str, str] = field(default_factory=dict)
    lost: list[dict] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """Where a person is known to be reference but for the records there are; ``single`` is where of one copy.

    ``lengths`` are positions at which own records of insertions and deletions are called: no other one begins there.
    """

    reference: Intervals
    single: Intervals
    lengths: Intervals = field(default_factory=Intervals.of)

    def fill(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """For each stretch the index into :data:`REFERENCE` of what is known."""
        return self._codes(self.reference.cover(starts, ends), starts)

    def fill_rows(self, records: "Records", stretches: Intervals) -> np.ndarray:
        """The same for records. Insertions and deletions are known by own ones at their position, or where the base
        behind them was looked at too, and all of ``stretches`` over which they can lie if they touch any."""
        changes = np.array([len(ref) != len(alt) and alt != "." for ref, alt in records.alleles], bool)
        starts, ends = records.pos.copy(), records.end + 1
        for start, end in zip(stretches.starts, stretches.ends, strict=True):
            touched = changes & (records.pos <= end) & (records.end >= start)
            starts[touched] = np.minimum(starts[touched], start)
            ends[touched] = np.maximum(ends[touched], end)
        known = self.reference.cover(starts, ends) | self.lengths.cover(records.pos, records.pos)
        return self._codes(np.where(changes, known, self.reference.cover(records.pos, records.end)), records.pos)

    def _codes(self, covered: np.ndarray, starts: np.ndarray) -> np.ndarray:
        return np.where(covered, np.where(self.single.cover(starts, starts), 2, 1), 0)


@dataclass
class Records:
    """Records of a file of one contig: ``pos``, ``end``, ``alleles`` (REF, ALT or ``.``) by row, and for each sample
    (rows, samples) ``dosage``, the number of alternates or -1 where any allele is missing or the genotype is not
    believed, ``written``, whether none is missing, and ``copies``, the number of alleles. ``halves`` has by row the
    genotypes of which a part is missing, by sample."""

    pos: np.ndarray
    end: np.ndarray
    alleles: list[tuple[str, str]]
    dosage: np.ndarray
    written: np.ndarray
    copies: np.ndarray
    halves: list[dict[int, str]]

    def unfilled(self, row: int) -> list[str]:
        """Genotypes of a row that leave everybody's as they are when they are written over missing ones."""
        cells = UNFILLED[self.copies[row]].tolist()
        for at, text in self.halves[row].items():
            cells[at] = text
        return cells


def record_chunks(path: Path, keep: Intervals | None = None) -> Iterator[Records]:
    """Records of a file of one contig, or those that touch ``keep``, some thousand at a time."""
    file = VCF(str(path))
    rows: list[tuple] = []
    for record in file:
        end = record.POS + len(record.REF) - 1
        if keep is not None and not _touches(keep, record.POS, end):
            continue
        written = record.genotype.array()
        calls, phased = written[:, :-1], written[:, -1]
        missing = (calls == -1).any(axis=1) | (calls[:, 0] < 0)
        alleles = (record.REF, record.ALT[0] if record.ALT else ".")
        unknown = missing | ((observed_of(record, len(calls)) & DOUBT) != BELIEVED)
        dosage = np.where(unknown, -1, (calls > 0).sum(axis=1))
        halves = {int(at): _text(calls[at], phased[at]) for at in np.flatnonzero(missing & (calls >= 0).any(axis=1))}
        rows.append((record.POS, end, alleles, dosage, ~missing, (calls != -2).sum(axis=1), halves))
        if len(rows) == _ROWS:
            yield _records(rows, len(file.samples))
            rows = []
    yield _records(rows, len(file.samples))
    file.close()


def read_records(path: Path, keep: Intervals | None = None) -> Records:
    """Records of a file of one contig, or those that touch ``keep``."""
    parts = list(record_chunks(path, keep))
    names = ("pos", "end", "dosage", "written", "copies")
    pos, end, *genotypes = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
    alleles, halves = ([row for part in parts for row in getattr(part, name)] for name in ("alleles", "halves"))
    return Records(pos, end, alleles, *genotypes, halves)


def _records(rows: list[tuple], size: int) -> Records:
    pos, end, alleles, *genotypes, halves = zip(*rows, strict=True) if rows else ((),) * 7
    shaped = (
        np.array(values, kind).reshape(-1, size)
        for values, kind in zip(genotypes, (np.int8, bool, np.int8), strict=True)
    )
    return Records(np.array(pos, np.int64), np.array(end, np.int64), list(alleles), *shaped, list(halves))


def _text(calls: np.ndarray, phased: bool) -> str:
    return ("|" if phased else "/").join("." if allele < 0 else str(allele) for allele in calls if allele != -2)


def one_copy(contig: str, build: str, sex: str, records: Records | None, column: int) -> Intervals:
    """Where a person has one copy of a contig: told by own records outside the shared regions, else by sex."""
    name = canonical(contig)
    if name not in MAY_BE_HAPLOID:
        return Intervals.of()
    shared = Intervals.of(*zip(*pseudoautosomal(build, name), strict=True)) if name != "chrM" else Intervals.of()
    single = name == "chrM" or sex == "XY" or (name == "chrY" and sex == "NA")
    if records is not None:
        apart = ~shared.cover(records.pos, records.pos)
        given = records.copies[apart & (records.dosage[:, column] >= 0), column]
        single = bool((given == 1).all()) if len(given) else single
    return Intervals.everywhere().without(shared) if single else Intervals.of()


def known_reference(
    base: Known,
    records: Records | None,
    column: int,
    documented: set[tuple[int, str, str]],
    aside: Intervals,
    under_deletions: Intervals | None = None,
) -> Known:
    """What is known of one person: ``base`` and the places of own records, without what is missing there.

    At the place of a called record the person has no other alternate. Under the rest of the REF of a deletion the
    carrier has no reference, unless the deletion is ``documented``: then the definition counts what lies under it.
    Nothing is known where records were set ``aside``, and where ``*`` says that a deletion of no record lies over a
    copy (``under_deletions``), unless the person has a called record at that place, which says all of it.
    """
    under_deletions = under_deletions or Intervals.of()
    if records is None:
        return Known(base.reference.without(aside.union(under_deletions)), base.single)
    dosage = records.dosage[:, column]
    own = np.array([(pos, *pair) in documented for pos, pair in zip(records.pos, records.alleles, strict=True)], bool)
    called, missing = dosage >= 0, dosage < 0
    aside = aside.union(under_deletions.without(_at(records, called)))
    whole = called & ((dosage == 0) | own)
    last = np.where(whole, records.end, records.pos)
    under = (dosage > 0) & ~own & (records.end > records.pos)
    read = Intervals.of(records.pos[called], last[called])
    lost = Intervals.of(
        np.concatenate([records.pos[missing], records.pos[under] + 1]),
        np.concatenate([records.end[missing], records.end[under]]),
    )
    single = base.single.union(_at(records, called & (records.copies[:, column] == 1)))
    single = single.without(_at(records, called & (records.copies[:, column] == 2)))
    changes = np.array([len(ref) != len(alt) and alt != "." for ref, alt in records.alleles], bool)
    lengths = _at(records, called & changes).without(_at(records, missing)).without(aside)
    return Known(base.reference.union(read).without(lost).without(aside), single, lengths)


def fill_missing(
    joined: Path,
    known: dict[int, Known],
    stretches: Intervals,
    fill: Path,
    contig: str,
    samples: list[str],
    to: Path,
) -> int:
    """Give the missing genotypes of ``joined`` that ``known`` (by column) knows; write ``to``, count the genotypes.

    ``stretches`` are those of needed insertions and deletions. ``fill`` takes a temporary VCF of the fillings.
    Where there are none ``to`` is not written.
    """
    count = 0
    with open(fill, "w", encoding="utf-8") as out:
        out.write(vcf_header(contig, samples))
        for records in record_chunks(joined):
            cells = np.zeros(records.dosage.shape, np.int8)
            for column, person in known.items():
                cells[:, column] = person.fill_rows(records, stretches)
            cells[records.written] = 0
            for row, half in enumerate(records.halves):
                cells[row, list(half)] = 0
            count += int((cells > 0).sum())
            for row in np.flatnonzero((cells > 0).any(axis=1)):
                given = np.where(cells[row] > 0, REFERENCE[cells[row]], records.unfilled(row))
                out.write(vcf_line(contig, int(records.pos[row]), records.alleles[row], given))
    if count:
        annotate(joined, fill, to)
    return count


def annotate(joined: Path, fill: Path, to: Path) -> None:
    """Write ``joined`` with the genotypes of the VCF ``fill``, and what is said of them, where its own are missing."""
    packed = fill.with_suffix(".bcf")
    bcftools("view", PACKED, "-o", packed, fill)
    index_bcf(packed)
    index_bcf(joined)
    columns = f"+FORMAT/GT,+FORMAT/{FIELD}"
    bcftools("annotate", "-a", packed, "-c", columns, "--pair-logic", "exact", PACKED, "-o", to, joined)


def vcf_header(contig: str, samples: list[str]) -> str:
    """The header of a VCF of genotypes."""
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID={contig}>"]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">', f"{DEFINITION}>"]
    names = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    return "\n".join([*lines, "\t".join(names)]) + "\n"


def vcf_line(contig: str, pos: int, alleles: tuple[str, str], genotypes) -> str:
    """A record of genotypes, each with what is said of it behind a colon if anything is."""
    layout = f"GT:{FIELD}" if any(":" in cell for cell in genotypes) else "GT"
    return "\t".join([contig, str(pos), ".", *alleles, ".", ".", ".", layout, *genotypes]) + "\n"


def _at(records: Records, rows: np.ndarray) -> Intervals:
    return Intervals.of(records.pos[rows], records.pos[rows])


def _touches(keep: Intervals, start: int, end: int) -> bool:
    at = np.searchsorted(keep.starts, end, side="right") - 1
    return bool(at >= 0 and keep.ends[at] >= start)
