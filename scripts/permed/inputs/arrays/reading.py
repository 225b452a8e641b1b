"""Reading array text: consumers' raw data and the laboratory's final reports.

Lines are read by the layouts of resources/inputs/array_layouts.tsv. A line that cannot be read is left out and
counted: one of 700,000 does not cost the file, many show that it is something else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from permed.errors import Fault
from permed.genome import CONTIGS
from permed.inputs.arrays.layouts import Columns, columns_by_order, columns_of, lacking
from permed.inputs.arrays.text import decoded, lines_of
from permed.inputs.chromosomes import contig_of

LINES = "lines that are no marker with chromosome, position and genotype"
CHROMOSOMES = "lines of a chromosome that is not known"
LEFT_OUT = (LINES, CHROMOSOMES)
NO_BASES = "alleles that are no bases"
HALF = "one allele where two are expected"
POOR = "genotypes of a GenCall score below {}"
MAX_UNREAD = 0.10  # of the lines; more of them show that the file is something else,
FEW_UNREAD = 10  # unless they are so few
FEW_NAMES = 6  # in a line of names between blanks; longer ones may be sentences
LOOKED_AT = 20  # first lines that tell the order of columns without names
UNREADABLE = "?"
_BUILD = re.compile(r"\b(?:build\s*|GRCh|NCBI|hg|b)(36|37|38|18|19)(?!\d)", re.IGNORECASE)
_BUILDS = {"36": "NCBI36", "18": "NCBI36", "37": "GRCh37", "19": "GRCh37", "38": "GRCh38"}
_UNPLACED = {"0", "", "-", "--", ".", "UN", "NA"}
_NO_CALL = {"", "-", "--", "0", "00", ".", "..", "NA", "N", "NN", "NC", "-/-", "0/0", "./."}
_LETTERS = frozenset("ACGTID")
_HAPLOID = {"chrX", "chrY", "chrM"}
_SECTION = re.compile(r"\[(\w+)\]")
_REMEDY = "Give the raw data as the company exports them, with marker, chromosome, position and genotype"
_PLUS = "Export the report with SNP Name, Chr, Position, Allele1 - Plus and Allele2 - Plus"


@dataclass
class ArrayCalls:
    """What an array file says: its build, if it says one, and rows (contig, position, marker, alleles).

    Contigs are canonical names; ``alleles`` holds one or two letters, nothing for a no-call and ``?`` for what cannot
    be read. ``unplaced`` counts markers without a chromosome or position. ``problems`` gives the number of lines with
    each thing wrong and the first of them. ``samples`` are the people whom the file names, of whom there is one.
    """

    build: str | None = None
    rows: list[tuple[str, int, str, str]] = field(default_factory=list)
    unplaced: int = 0
    problems: dict[str, tuple[int, int]] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)

    def note_problem(self, problem: str, line: int) -> None:
        """Count a line with something wrong."""
        number, first = self.problems.get(problem, (0, line))
        self.problems[problem] = (number + 1, first)


def is_array(start: bytes) -> bool:
    """Whether a file that starts so is array text."""
    text = decoded(start)
    lines = text.splitlines()
    if any(_SECTION.match(line.strip()) for line in lines[:1]) or any(map(_header, lines)):
        return True
    rows = [line for line in lines if line.strip() and not line.startswith("#")][:LOOKED_AT]
    rows = rows[:-1] if len(rows) > 1 else rows
    rows = rows[1:] if len(rows) > 1 and not _is_row(_cells(rows[0])) else rows  # names that are of no layout
    found = sum(_is_row(_cells(line)) for line in rows)
    return bool(rows) and found >= (1 - MAX_UNREAD) * len(rows)


def read_array(path: str) -> ArrayCalls:
    """Read array text, plain, gzip or zip; a Fault where it holds none, several people's, or not the plus strand's."""
    calls = ArrayCalls()
    columns: Columns | None = None
    waiting: list[tuple[int, list[str]]] = []
    named = section = ""
    for number, line in enumerate(lines_of(path), 1):
        if line.startswith("#") or not line.strip():
            calls.build = calls.build or _build(line)
            columns = columns if calls.rows else _header(line) or columns
            continue
        mark = _SECTION.match(line.strip()) if not calls.rows else None
        if mark:
            section = mark.group(1).lower()
            continue
        if section and section != "data":
            calls.build = calls.build or _build(line)
            continue
        if not calls.rows and not waiting and (found := _header(line)):
            columns = _on_plus(path, number, found)
            continue
        cells = _cells(line)
        if section == "data" and columns is None:
            _refuse_report(path, number, cells)
        if columns is None:
            if not waiting and not named and not _is_row(cells):
                named = line  # names of columns that are of no layout; the order decides
                continue
            waiting.append((number, cells))
            if len(waiting) == LOOKED_AT:
                columns = _by_order(waiting)
                _take(path, calls, columns, waiting)
            continue
        _take(path, calls, columns, [(number, cells)])
    if columns is None:
        _take(path, calls, _by_order(waiting), waiting)
    _judge(path, calls)
    return calls


def _judge(path: str, calls: ArrayCalls) -> None:
    unread = [calls.problems[name] for name in LEFT_OUT if name in calls.problems]
    lines, first = sum(number for number, _ in unread), min((first for _, first in unread), default=None)
    if not calls.rows:
        raise Fault("the file holds no genotype", path, line=first, remedy=_REMEDY)
    read = len(calls.rows) + calls.unplaced
    if lines > read or lines > max(FEW_UNREAD, MAX_UNREAD * (lines + read)):
        fault = f"{lines} of {lines + read} lines are no marker with chromosome, position and genotype"
        raise Fault(f"{fault}; this is the first", path, line=first, remedy=_REMEDY)


def _take(path: str, calls: ArrayCalls, columns: Columns, rows: list[tuple[int, list[str]]]) -> None:
    """Add lines, given as number and cells, to what was read."""
    for number, cells in rows:
        if len(cells) != columns.width:  # tabs may have been doubled
            filled = [cell for cell in cells if cell]
            cells = filled if len(filled) == columns.width or (not columns.width and "" in cells[:3]) else cells
        parsed = _parsed(cells, columns)
        if parsed is None:
            calls.note_problem(LINES, number)
            continue
        contig, pos, marker, alleles = parsed
        if columns.sample >= 0 and cells[columns.sample] not in calls.samples:
            calls.samples.append(cells[columns.sample])
            _refuse_several(path, number, calls.samples)
        if contig == "0" or pos < 1:
            calls.unplaced += 1
            continue
        if contig not in CONTIGS:
            calls.note_problem(CHROMOSOMES, number)
            continue
        least = columns.layout.least_quality
        if alleles and least is not None and columns.quality >= 0 and _below(cells[columns.quality], least):
            calls.note_problem(POOR.format(least), number)
            alleles = ""
        if alleles == UNREADABLE:
            calls.note_problem(NO_BASES, number)
        elif len(alleles) == 1 and contig not in _HAPLOID:
            calls.note_problem(HALF, number)
            alleles = UNREADABLE
        calls.rows.append((contig, pos, marker, alleles))


def _parsed(cells: list[str], columns: Columns) -> tuple[str, int, str, str] | None:
    """(contig, position, marker, alleles) of a line's cells; None where they are no marker."""
    if len(cells) <= columns.last:
        return None
    code, place = cells[columns.chromosome], cells[columns.position]
    contig = _contig(code)
    if not (place.isascii() and place.isdigit()):
        if place in _UNPLACED and len(code) <= 6:
            return "0", 0, cells[columns.marker], ""
        return None
    return contig, int(place), cells[columns.marker], _alleles(*[cells[n] for n in columns.alleles])


@lru_cache(1024)
def _alleles(*cells: str) -> str:
    """Letters of the genotype in one cell or two; empty for a no-call, ``?`` for what cannot be read."""
    words = [cell.upper() for cell in cells]
    if all(word in _NO_CALL for word in words):
        return ""
    letters = "".join(words).replace("/", "").replace("|", "")
    known = letters.strip("-0.") if len(letters) == 2 else letters
    return known if 1 <= len(known) <= 2 and set(known) <= _LETTERS else UNREADABLE


def _contig(code: str) -> str:
    """The canonical name of a chromosome, ``0`` for none, and what is written where it is not known."""
    return "0" if code.upper().removeprefix("CHR") in _UNPLACED else contig_of(code)


def _below(quality: str, least: float) -> bool:
    """Whether a quality is below a bound; what is no number is."""
    try:
        return not float(quality) >= least
    except ValueError:
        return quality not in ("", "NA")


def _by_order(rows: list[tuple[int, list[str]]]) -> Columns:
    """The columns of a table without names, by its first lines: one of genotypes, or two of alleles."""
    two = all(len(cells) > 4 and max(len(cells[3]), len(cells[4])) < 2 for _, cells in rows)
    return columns_by_order(bool(rows) and two)


def _is_row(cells: list[str]) -> bool:
    """Whether cells are those of a line with a marker, a chromosome, a position and a genotype, in this order."""
    cells = [cell for cell in cells if cell] if "" in cells[:3] else cells
    if len(cells) < 4 or not cells[2].isdigit() or len(cells[1]) > 6:
        return False
    word = cells[3].upper()
    return word in _NO_CALL or (len(word) <= 3 and set(word) <= _LETTERS | set("-0./|"))


def _header(line: str) -> Columns | None:
    """The columns that a line names, in a comment or not."""
    text = line.lstrip("#").strip()
    if "pos" not in text.lower():
        return None
    words = text.replace('"', "").split()
    found = columns_of([name for name in _cells(text) if name])
    return found or (columns_of(words) if len(words) <= FEW_NAMES else None)


def _on_plus(path: str, line: int, columns: Columns) -> Columns:
    strand = columns.layout.strand
    if strand == "plus":
        return columns
    fault = f"the alleles are given on the strand that Illumina calls {strand.capitalize()}, not on the plus strand"
    raise Fault(fault, path, line=line, remedy=_PLUS)


def _refuse_report(path: str, line: int, names: list[str]) -> None:
    lacks = ", ".join(lacking(names))
    raise Fault(f"the report lacks the columns {lacks}", path, line=line, remedy=_PLUS)


def _refuse_several(path: str, line: int, samples: list[str]) -> None:
    if len(samples) > 1:
        fault = f"the file holds genotypes of several people, {samples[0]} and {samples[1]} among them"
        raise Fault(fault, path, line=line, remedy="Export a file for each person, or give them as VCF or PLINK")


def _build(line: str) -> str | None:
    found = _BUILD.search(line)
    return _BUILDS[found.group(1)] if found else None


def _cells(line: str) -> list[str]:
    """Cells without quotes, of which some exports write too many."""
    line = line.strip("\r\n").replace('"', "")
    mark = next((mark for mark in "\t,;" if mark in line), None)
    return [cell.strip() for cell in line.split(mark)]


def problem_notes(path: str, calls: ArrayCalls) -> Iterator[str]:
    """What was left out of a file, with the first line of each kind."""
    for problem, (number, first) in calls.problems.items():
        done = "left out" if problem in LEFT_OUT else "taken as not read"
        yield f"{path}: {number} {problem}, {done}; line {first} is the first"
