"""The rows of a sample sheet as spreadsheet programs and editors write them, before anything is known of people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from permed.delimited import SPACES, TAB, is_comment, separator_of, split_line
from permed.errors import Fault
from permed.plain_text import read_plain

LISTS_IN_QUOTES = "In a sheet separated by {} put a cell that holds one in quotes, or separate cells by tabs"
_NAMES = {TAB: "tabs", ";": "semicolons", ",": "commas", SPACES: "blanks"}


@dataclass
class Sheet:
    """``columns`` under our names where they are known, from ``line`` (1-based); ``rows`` are line and cells by column.

    ``comments`` are the first cells of the lines that begin with ``#``; ``near`` says why no column may be ours.
    """

    columns: list[str]
    line: int
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    comments: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    near: str = ""


def read_sheet(path: Path, known: list[str], purposes: Iterable[str]) -> Sheet:
    """Take a sheet apart. ``known`` are the columns that it may have, in whatever case of letters, and ``purposes`` the
    words of consent, which stand in no other column.

    Rows without any cell, columns without name and cells at the ends of all rows are left out, and lines that begin
    with ``#``; column names that are commented out are column names all the same. Raises a Fault for a file that is no
    text or has no header.
    """
    text = read_plain(path, "cohort.samples", "sample sheet").decode()
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip(' \t,;"')]
    comments, header = _above(lines, known)
    if header is None:
        raise Fault("the sample sheet is empty", file=path, remedy=f"Give it a header: {' '.join(known)}")
    number, line = header
    separator = separator_of(line)
    names = split_line(line.removeprefix("#"), separator, path, number)
    columns = [_our_name(name, known) for name in names]
    sheet = Sheet([name for name in columns if name], number)
    if separator == TAB and len(sheet.columns) == 1 and len(names[0].split()) > 1:
        sheet.near = "the columns are separated by blanks, and cells may hold blanks"
    cells_of = []
    for row_number, row in lines:
        if row_number <= number:
            continue
        if is_comment(row):
            comments.setdefault(row.split(separator)[0].strip(), row_number)
            continue
        cells = split_line(row, separator, path, row_number)
        if fault := _fault_of(cells, columns, separator, purposes):
            sheet.faults.append(Fault(fault[0], path, None, row_number, fault[1]))
            continue
        cells_of.append((row_number, cells + [""] * (len(columns) - len(cells))))
    sheet.faults += _nameless(path, columns, cells_of, number)
    sheet.rows = [
        (row_number, {name: cell for name, cell in zip(columns, cells, strict=False) if name})
        for row_number, cells in cells_of
    ]
    sheet.comments = comments
    return sheet


def _above(lines: list[tuple[int, str]], known: list[str]) -> tuple[dict[str, int], tuple[int, str] | None]:
    """What the comments above the header begin with, and the header's number and line; None without one."""
    comments: dict[str, int] = {}
    for number, line in lines:
        bare = line.removeprefix("#")
        cells = [_our_name(cell.strip(' "'), known) for cell in bare.split(separator_of(bare))]
        if not is_comment(line) or ("sample" in cells and len(set(cells) & set(known)) > 1):
            return comments, (number, line)
        comments.setdefault(line.split(separator_of(line))[0].strip(), number)
    return comments, None


def _our_name(name: str, known: list[str]) -> str:
    """A column's name as we write it, if it differs at most by capitals, blanks and hyphens; else as it is."""
    plain = "_".join(name.lower().replace("-", " ").replace("_", " ").split())
    return plain if plain in known else name


def _fault_of(cells: list[str], columns: list[str], separator: str, purposes: Iterable[str]) -> tuple[str, str] | None:
    """What is wrong with the number of a row's cells, and the remedy.

    Where separators can stand within cells, a cell too many, though empty, may be a list without quotes.
    """
    quotes = LISTS_IN_QUOTES.format(_NAMES[separator])
    found = len(cells) if separator != TAB else max((n for n, cell in enumerate(cells, 1) if cell), default=0)
    if found > len(columns):
        named = sum(map(bool, columns))
        remedy = "Separate cells by one tab; in R write without row names (row.names = FALSE)"
        return f"{found} cells under {named} columns", remedy if separator == TAB else quotes
    if separator != TAB:
        own = columns.index("consent") if "consent" in columns else len(columns)
        strays = [cell for cell in cells[own + 1 :] if cell.lower() in purposes]
        if strays:
            return f'"{strays[0]}" stands beside consent and not in it', quotes
    return None


def _nameless(path: Path, columns: list[str], rows: list[tuple[int, list[str]]], line: int) -> list[Fault]:
    """Faults of columns without a name that hold something, numbers of rows aside, as R writes them."""
    faults = []
    for place, name in enumerate(columns):
        cells = [(number, cells[place]) for number, cells in rows]
        if name or [cell for _, cell in cells] == [str(n) for n in range(1, len(cells) + 1)]:
            continue
        filled = next(((number, cell) for number, cell in cells if cell), None)
        if filled:
            fault = f'column {place + 1} has no name, but line {filled[0]} has "{filled[1]}" in it'
            faults.append(Fault(fault, path, None, line, "Name the column or empty it"))
    return faults
