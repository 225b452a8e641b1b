"""The text of a scoring file: lines ``#key=value``, a line of column names, and a table separated by tabs."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.plain_text import is_page

_OLD_KEYS = {"original_genome_build": "genome_build", "reported_trait": "trait_reported"}
_TABS = "Separate cells by one tab"


@dataclass
class Text:
    """A scoring file's ``header`` by key, and its table from the line of ``columns`` on, under ``above`` lines."""

    header: dict[str, str]
    columns: list[str]
    body: bytes
    above: int


def read_text(path: Path) -> Text:
    """Take a file apart; keys of the header are in lower case with underscores.

    Raises a Fault for a file that is not there, is damaged, is no text in UTF-8, or has no line of column names.
    """
    content = _content(path)
    header, start, lines = _header(content)
    names = _line(content, start)[0]
    if not names.strip():
        raise Fault("the scoring file is empty", path, remedy="Give a table with a header and a row a variant")
    columns = [name.strip() for name in names.decode().split("\t")]
    if len(columns) == 1 and "," in columns[0]:
        raise Fault("its cells are separated by commas", path, None, lines + 1, _TABS)
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise Fault(f"the column {twice[0]} is there more than once", path, None, lines + 1, "Keep one of them")
    return Text(header, columns, content[start:], lines)


def read_keys(path: Path) -> dict[str, str]:
    """The lines ``#key=value`` above the table; empty for a file without them."""
    return _header(_content(path))[0]


def read_table(path: Path, text: Text, wanted: list[str]) -> pl.DataFrame:
    """Those of the ``wanted`` columns that the file has, as text, with the column ``line`` (1-based in the file).

    Blank rows are left out, empty cells are null. Raises a Fault for a row with more cells than columns.
    """

    def parse(**options) -> pl.DataFrame:
        return pl.read_csv(
            text.body,
            separator="\t",
            infer_schema=False,
            quote_char=None,
            row_index_name="_line",
            row_index_offset=text.above + 2,
            **options,
        )

    try:
        table = parse()
    except pl.exceptions.ComputeError:
        _refuse_long_rows(path, text)
        table = parse(truncate_ragged_lines=True)
    own = dict(zip(text.columns, table.columns[1:], strict=True))
    cells = pl.exclude("_line").str.strip_chars().replace("", None)
    table = table.filter(~pl.all_horizontal(cells.is_null()))
    return table.select(
        pl.col("_line").cast(pl.Int64).alias("line"),
        *(pl.col(own[name]).str.strip_chars().replace("", None).alias(name) for name in wanted if name in own),
    )


def _content(path: Path) -> bytes:
    """The whole file, decompressed, without a byte order mark."""
    try:
        with open(path, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
            handle.seek(0)
            if path.suffix in (".gz", ".bgz") and not packed:
                _refuse_pages(path, handle.read(1024))
                remedy = "Compress it, or drop the suffix from its name"
                raise Fault("the file is not compressed with gzip", path, remedy=remedy)
            content = (gzip.GzipFile(fileobj=handle) if packed else handle).read()
    except FileNotFoundError:
        raise Fault("the scoring file is not there", path, remedy="Check scores.files in the config") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Fault("the compressed file is damaged or cut short", path, remedy="Fetch it again") from None
    except OSError:
        raise Fault("the scoring file cannot be read", path, remedy="Check that it is a readable file") from None
    _refuse_pages(path, content)
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Fault("the text is not in UTF-8", path, None, line, "Save it as tab-separated text in UTF-8") from None
    return content


def _refuse_pages(path: Path, content: bytes) -> None:
    if is_page(content):
        remedy = "Fetch it again: a proxy or a log-in page answered in its place"
        raise Fault("it is a web page and no scoring file", path, remedy=remedy)


def _line(content: bytes, start: int) -> tuple[bytes, int]:
    """The line that begins at ``start``, and where the next one begins."""
    end = content.find(b"\n", start)
    return (content[start:], len(content)) if end < 0 else (content[start:end], end + 1)


def _header(content: bytes) -> tuple[dict[str, str], int, int]:
    """The keys above the table, where the table begins, and how many lines are above it."""
    keys: dict[str, str] = {}
    start = lines = 0
    while start < len(content):
        line, end = _line(content, start)
        if line.strip() and not line.startswith(b"#"):
            break
        key, found, value = line.decode().lstrip("#").partition("=")
        if found:
            key = key.strip().lower().replace(" ", "_")
            keys[_OLD_KEYS.get(key, key)] = value.strip()
        start, lines = end, lines + 1
    return keys, start, lines


def _refuse_long_rows(path: Path, text: Text) -> None:
    columns = len(text.columns)
    for number, line in enumerate(text.body.split(b"\n"), text.above + 1):
        found = line.rstrip().count(b"\t") + 1
        if found > columns:
            raise Fault(f"{found} cells under {columns} columns", path, None, number, _TABS)
