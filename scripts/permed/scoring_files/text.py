"""The text of a scoring file: lines ``#key=value``, a line of column names, and a table of cells."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.delimited import to_tabs
from permed.errors import Fault
from permed.plain_text import read_plain
from permed.tables import parse_tabs

_OLD_KEYS = {"original_genome_build": "genome_build", "reported_trait": "trait_reported"}
_QUOTES = " \t\"'"  # around the value of a key
_LINE = "_line"
_MARKS = b'" \t,;'  # around a line of the header that a spreadsheet program wrote


@dataclass
class Text:
    """A scoring file's ``header`` by key, and its table from the line of ``columns`` on, under ``above`` lines."""

    header: dict[str, str]
    columns: list[str]
    body: bytes
    above: int


def read_text(path: Path) -> Text:
    """Take a file apart; keys of the header are in lower case with underscores, cells of the table parted by tabs.

    Raises a Fault for a file that is not there, is damaged, is no text, or has no line of column names.
    """
    content = _content(path)
    header, start, lines = _header(content)
    body = content[start:]
    if not body.strip():
        raise Fault("the scoring file is empty", path, remedy="Give a table with a header and a row a variant")
    body = to_tabs(body.removeprefix(b"#"), path, spaces=True, above=lines)
    columns = [name.strip() for name in _line(body, 0)[0].decode().split("\t")]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise Fault(f"the column {twice[0]} is there more than once", path, None, lines + 1, "Keep one of them")
    return Text(header, columns, body, lines)


def read_keys(path: Path) -> dict[str, str]:
    """The lines ``#key=value`` above the table; empty for a file without them."""
    return _header(_content(path))[0]


def read_cells(path: Path, text: Text, wanted: list[str]) -> pl.DataFrame:
    """Those of the ``wanted`` columns that the file has, as text, with the column ``line`` (1-based in the file).

    ``text.columns`` are our names of the columns. Blank rows are left out, empty cells are null. Raises a Fault for a
    row with more cells than columns.
    """
    first = text.above + 2
    table = parse_tabs(text.body, path, text.above, row_index_name=_LINE, row_index_offset=first)
    theirs = [name.strip() for name in _line(text.body, 0)[0].decode().split("\t")]
    own = dict(zip(text.columns, theirs, strict=True))
    filled = table.select(pl.any_horizontal(pl.exclude(_LINE).is_not_null())).to_series()
    return table.filter(filled).select(
        pl.col(_LINE).cast(pl.Int64).alias("line"), *(pl.col(own[name]).alias(name) for name in wanted if name in own)
    )


def _content(path: Path) -> bytes:
    return read_plain(path, "scores.files", "scoring file")


def _line(content: bytes, start: int) -> tuple[bytes, int]:
    """The line that begins at ``start``, and where the next one begins."""
    end = content.find(b"\n", start)
    return (content[start:], len(content)) if end < 0 else (content[start:end], end + 1)


def _header(content: bytes) -> tuple[dict[str, str], int, int]:
    """The keys above the table, where the table begins, and how many lines are above it.

    Column names that are commented out are the table's all the same.
    """
    keys: dict[str, str] = {}
    start = lines = 0
    while start < len(content):
        line, end = _line(content, start)
        told = line.strip(_MARKS)
        if (told and not told.startswith(b"#")) or (b"effect_allele" in told and b"=" not in told):
            break
        key, found, value = told.decode().lstrip("#").partition("=")
        if found:
            key = key.strip().lower().replace(" ", "_")
            keys[_OLD_KEYS.get(key, key)] = value.strip(_QUOTES)
        start, lines = end, lines + 1
    return keys, start, lines
