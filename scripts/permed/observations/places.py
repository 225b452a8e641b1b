"""Put together what several records of one file say of one place, as when a site was split into rows by another tool.

Of each copy (strand) of a person the rows of a place together say: an alternate, where a row has one; unknown, where a
row is missing, not believed or was set aside and none has an alternate; else REF. A row's copy of REF is only "not this
alternate": where the copy is unknown by another row, the row's genotype is not believed. Half a genotype, such as the
``1/.`` and ``./1`` of vt decompose, is completed where the rows settle the other half, and a missing one where other
rows have an alternate on each copy.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cyvcf2 import VCF

from permed.bcftools import PACKED, bcftools, index_bcf
from permed.observations.codes import BELIEVED, DEFINITION, DOUBT, FIELD, PART

MISSING, NO_STRAND = -1, -2
_DELETIONS = ("<DEL", "<CN0>")
_WITHOUT = ("symbolic",)  # reasons that say nothing of the others at a place


@dataclass
class _Row:
    """A row of a place: its ``span`` of changed bases (0-based, half-open; of no length for an insertion), strands
    (samples, 2) of 0, 1, -1 missing, -2 none, bytes of doubt, and which genotypes are phased."""

    ref: str
    alt: str
    span: tuple[int, int]
    strands: np.ndarray
    observed: np.ndarray
    phased: np.ndarray


def settle_places(
    part: Path,
    to: Path,
    contig: str,
    people: list[str],
    crowded: set[int],
    aside: list[dict],
    marks: dict[tuple[int, str, str], str],
    folder: Path,
) -> int:
    """Write ``part`` (split, aligned records of one contig and file) to ``to`` with its places put together.

    ``crowded`` are positions at which the file had several records, ``aside`` the rows that were set aside of it,
    ``marks`` what INFO of rows says of the site that they were split from. Gives how many genotypes changed; where none
    did ``to`` is not written.
    """
    wanted = crowded | {pos for pos, *_ in marks}
    if not wanted:
        return 0
    lost = _lost(aside, wanted, people)
    changed, lines = 0, []
    for pos, rows in _places(part, wanted):
        before = [(row.strands.copy(), row.observed.copy()) for row in rows]
        _settle(rows, [one for one in lost if one[0] == pos], _incomplete(pos, rows, marks), len(people))
        for row, (strands, observed) in zip(rows, before, strict=True):
            number = int(((row.strands != strands).any(axis=1) | (row.observed != observed)).sum())
            changed += number
            if number:
                lines.append(_line(contig, pos, row))
    if changed:
        _write(part, to, contig, people, lines, folder)
    return changed


def doubt_under_deletions(part: Path, to: Path, contig: str, people: list[str], aside: list[dict], folder: Path) -> int:
    """Write ``part`` to ``to`` with the genotypes in doubt that lie under a deletion without bases which their person
    carries (a symbolic one, set ``aside``): one copy of what is written there twice is not there.

    Gives how many they are; where there are none ``to`` is not written.
    """
    column = {name: n for n, name in enumerate(people)}
    carried = [
        (row["pos"] + 1, row["end"], [column[name] for name in row["samples"] if name in column])
        for row in aside
        if row["samples"] and row["end"] > row["pos"] and row["alt"].upper().startswith(_DELETIONS)
    ]
    if not carried:
        return 0
    index_bcf(part)
    found: dict[tuple, _Row] = {}
    file, changed = VCF(str(part)), 0
    for start, end, whose in carried:
        for record in file(f"{contig}:{start}-{end}"):
            key = (record.POS, record.REF, *record.ALT)
            row = found[key] if key in found else _row(record)
            lost = np.isin(np.arange(len(people)), whose) & ~(row.strands == MISSING).any(axis=1)
            lost &= (row.observed & DOUBT) == BELIEVED
            if start <= record.POS and lost.any():
                row.observed[lost] |= PART
                found[key] = row
                changed += int(lost.sum())
    file.close()
    if changed:
        _write(part, to, contig, people, [_line(contig, key[0], found[key]) for key in sorted(found)], folder)
    return changed


def span_of(pos: int, ref: str, alt: str) -> tuple[int, int]:
    """The bases that a variant changes, 0-based and half-open; of an insertion the place between two bases.

    A row without an alternate speaks of all bases of its REF.
    """
    start, end, other = pos - 1, pos - 1 + len(ref), len(alt)
    if alt in (".", ""):
        return start, end
    first = 0
    while first < min(len(ref), other) and ref[first] == alt[first]:
        first += 1
    last = 0
    while last < min(len(ref), other) - first and ref[-1 - last] == alt[other - 1 - last]:
        last += 1
    return start + first, end - last


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two changes lie at one place: they share bases, or one is put in where the other begins or lies."""
    if one[0] == one[1] or other[0] == other[1]:
        return one[0] <= other[1] and other[0] <= one[1] and not _beside(one, other)
    return one[0] < other[1] and other[0] < one[1]


def _beside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether an insertion follows the last base of a change: it is of the next place."""
    point, stretch = (one, other) if one[0] == one[1] else (other, one)
    return stretch[0] != stretch[1] and point[0] == stretch[1]


def _lost(aside: list[dict], wanted: set[int], people: list[str]) -> list[tuple[int, tuple[int, int], np.ndarray]]:
    """(position, span, whose) of rows set aside at the places."""
    column = {name: n for n, name in enumerate(people)}
    found = []
    for row in aside:
        if row["pos"] not in wanted or row["reason"].startswith(_WITHOUT):
            continue
        whose = np.ones(len(people), bool)
        if row["samples"] is not None:
            whose[:] = False
            whose[[column[name] for name in row["samples"] if name in column]] = True
        for alt in row["alt"].split(","):
            bases = set(alt.upper()) <= set("ACGTN")
            span = span_of(row["pos"], row["ref"], alt if bases else ".")
            found.append((row["pos"], span, whose))
    return found


def _incomplete(pos: int, rows: list[_Row], marks: dict[tuple[int, str, str], str]) -> bool:
    """Whether rows tell of a split site of which not all parts are there."""
    told = {marks[key] for row in rows if (key := (pos, row.ref, row.alt)) in marks}
    for mark in told:
        same = sum(marks.get((pos, row.ref, row.alt)) == mark for row in rows)
        alternates = mark.split("/")[1:] or mark.split(":")[-1].split(",")
        if same < max(2, len(alternates)):
            return True
    return False


def _places(part: Path, wanted: set[int]):
    """Each wanted position with its rows."""
    file, at, rows = VCF(str(part)), None, []
    for record in file:
        if at != record.POS:
            if rows:
                yield at, rows
            at, rows = record.POS, []
        if record.POS in wanted:
            rows.append(_row(record))
    if rows:
        yield at, rows
    file.close()


def _row(record) -> _Row:
    calls = record.genotype.array()
    strands = calls[:, :-1].astype(np.int64)
    if strands.shape[1] == 1:
        strands = np.concatenate([strands, np.full_like(strands, NO_STRAND)], axis=1)
    alt = record.ALT[0] if record.ALT else "."
    return _Row(
        record.REF,
        alt,
        span_of(record.POS, record.REF, alt),
        np.minimum(strands, 1),
        observed_of(record, len(calls)),
        calls[:, -1].astype(bool),
    )


def observed_of(record, samples: int) -> np.ndarray:
    """The byte of each genotype of a cyvcf2 record."""
    try:
        values = record.format(FIELD)  # record.FORMAT may not be asked of a record that was not unpacked
    except KeyError:
        values = None
    return np.zeros(samples, np.int64) if values is None else np.maximum(values[:, 0], 0).astype(np.int64)


def _settle(rows: list[_Row], lost: list, incomplete: bool, samples: int) -> None:
    own = [row.strands.copy() for row in rows]
    doubted = [(row.observed & DOUBT) != BELIEVED for row in rows]
    for k, row in enumerate(rows):
        has = np.zeros((samples, 2), bool)
        open_ = np.full((samples, 2), incomplete)
        for n, other in enumerate(rows):
            if n != k and not _meet(row.span, other.span):
                continue
            strands = _other_strand(own[k], own[n], row.phased & other.phased) if n != k else own[n]
            has |= (strands == 1) & ~doubted[n][:, None]
            open_ |= (strands == MISSING) | doubted[n][:, None]
        for _, span, whose in lost:
            if _meet(row.span, span):
                open_ |= whose[:, None]
        unknown = open_ & ~has
        row.strands[(own[k] == MISSING) & has] = 0
        written = ~(row.strands == MISSING).any(axis=1)
        part = written & ((row.strands == 0) & unknown).any(axis=1) & ((row.observed & DOUBT) == BELIEVED)
        row.observed[part] |= PART


def _other_strand(mine: np.ndarray, theirs: np.ndarray, phased: np.ndarray) -> np.ndarray:
    """Another row's strands, turned round where both have an alternate on one strand that nothing says is the same."""
    both = (mine == 1) & (theirs == 1)
    one_each = ((mine == 1).sum(axis=1) == 1) & ((theirs == 1).sum(axis=1) == 1)
    turn = both.any(axis=1) & one_each & ~phased & (theirs[:, 1] != NO_STRAND)
    turned = theirs.copy()
    turned[turn] = theirs[turn, ::-1]
    return turned


def _line(contig: str, pos: int, row: _Row) -> str:
    cells = []
    for strands, phased, observed in zip(row.strands.tolist(), row.phased.tolist(), row.observed.tolist(), strict=True):
        alleles = ["." if code < 0 else str(code) for code in strands if code != NO_STRAND]
        cells.append(f"{('|' if phased else '/').join(alleles)}:{observed}")
    return "\t".join([contig, str(pos), ".", row.ref, row.alt, ".", ".", ".", f"GT:{FIELD}", *cells]) + "\n"


def _write(part: Path, to: Path, contig: str, people: list[str], lines: list[str], folder: Path) -> None:
    """Give the rows of ``lines`` their genotypes in a copy of ``part``."""
    text, packed = folder / "places.vcf", folder / "places.bcf"
    head = ["##fileformat=VCFv4.2", f"##contig=<ID={contig}>"]
    head += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">', f"{DEFINITION}>"]
    names = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *people]
    text.write_text("\n".join([*head, "\t".join(names), ""]) + "".join(lines), encoding="utf-8")
    bcftools("view", PACKED, "-o", packed, text)
    index_bcf(packed)
    index_bcf(part)
    columns = f"FORMAT/GT,FORMAT/{FIELD}"
    bcftools("annotate", "-a", packed, "-c", columns, "--pair-logic", "exact", "-Ob1", "-o", to, part)
