"""Cells of tables that people make: separated by tabs, semicolons or commas, in quotes where a program put them.

Every table of a user is read through this module, so that the same file means the same wherever it is named.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from permed.errors import Fault

TAB = "\t"
SPACES = " "  # any number of blanks, as PLINK and R write tables
_OTHERS = (";", ",")
_END = "\x1e"  # stands behind the last cell, so that a quote which was left open is seen
_COMMENT = "#"
_MARK = re.compile(r'"?sep=.?"?[\t;, ]*', re.IGNORECASE)  # of Excel, for itself, above the column names


def separator_of(line: str, spaces: bool = False) -> str:
    """What separates the cells of a line of column names: a tab if there is one, else the semicolon or comma that
    gives more cells; blanks only where ``spaces`` allows them and nothing else does. Without any, a tab."""
    counts = {mark: len(_split(line, mark)[0]) for mark in (TAB, *_OTHERS)}
    if counts[TAB] > 1:
        return TAB
    best = max(_OTHERS, key=counts.get)
    if counts[best] > 1:
        return best
    return SPACES if spaces and len(line.split()) > 1 else TAB


def split_line(line: str, separator: str, path: Path, number: int) -> list[str]:
    """The cells of a line, without quotes around them and blanks at their ends.

    Raises a Fault where a quote is opened and not closed: the lines below would be drawn into the cell.
    """
    if separator == SPACES:
        cells, closed = _split(" ".join(line.split()), SPACES)
    else:
        cells, closed = _split(line, separator)
    if not closed:
        remedy = "Close the quote or take it out, and write no line break within a cell"
        raise Fault("a quote is opened and not closed on its line", path, None, number, remedy)
    return [cell.strip() for cell in cells]


def is_comment(line: str) -> bool:
    """Whether a line is a comment: it begins with ``#``, outside quotes, or tells Excel what separates cells."""
    return line.startswith(_COMMENT) or _MARK.fullmatch(line) is not None


def table_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are neither blank nor comments, each with its number (1-based)."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not is_comment(line):
            yield number, line


def first_line(text: bytes) -> bytes:
    """The line of column names: the first that is neither blank nor a comment."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        line = text[start:] if end < 0 else text[start:end]
        if line.strip() and not is_comment(line.decode()):
            return line
        start = len(text) if end < 0 else end + 1
    return b""


def to_tabs(text: bytes, path: Path, spaces: bool = False, above: int = 0) -> bytes:
    """A table's text with tabs between its cells and no quotes around them, line by line as in the file.

    ``text`` is as :func:`~.plain_text.read_plain` gives it; where it is so already it is returned as it is.
    ``above`` is how many lines of the file are above the text.
    """
    start = first_line(text)
    separator = separator_of(start.decode(), spaces)
    if separator == TAB and b'"' not in text and not _MARK.fullmatch(text[: text.find(b"\n")].decode()):
        return text
    return "\n".join(_rewritten(text.decode(), separator, path, above)).encode()


def _rewritten(text: str, separator: str, path: Path, above: int) -> Iterator[str]:
    columns = len(first_line(text.encode()).split()) if separator == SPACES else 0
    for number, line in enumerate(text.split("\n"), above + 1):
        if not line.strip() or is_comment(line):
            yield f"{_COMMENT}{line.lstrip(_COMMENT)}" if line.strip() else line
            continue
        cells = split_line(line, separator, path, number)
        if columns and len(cells) != columns:  # an empty cell between blanks cannot be seen
            fault = f"{len(cells)} cells under {columns} columns that blanks separate"
            raise Fault(fault, path, None, number, "Separate cells by one tab, and write NA for an empty one")
        if cells[0].startswith(_COMMENT):
            fault = f'"{cells[0]}" begins with {_COMMENT}, which marks comments'
            raise Fault(fault, path, None, number, "Give it another name")
        yield TAB.join(cell.replace(TAB, " ") for cell in cells)


def _split(line: str, separator: str) -> tuple[list[str], bool]:
    """The cells of a line, and whether every quote that opens a cell is closed on it."""
    if '"' not in line:
        return line.split(separator), True
    try:
        cells = next(csv.reader([line + separator + _END], delimiter=separator, skipinitialspace=separator != SPACES))
    except csv.Error:  # a cell too long for the reader, as when a quote is never closed
        return [line], False
    *cells, last = cells
    return (cells, True) if last == _END else ([*cells, last.removesuffix(separator + _END)], False)
