"""Read and write tables: Parquet between steps, TSV for people, whole or not at all."""

import itertools
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from permed.delimited import first_line, is_comment, table_lines, to_tabs
from permed.errors import Fault
from permed.plain_text import read_plain

_HEAD = 1 << 20  # bytes of a table of which only the column names are asked
ROW_GROUP = 1 << 17  # fixed, so that the bytes do not depend on how the parts came


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary sibling of ``path`` to write to; it takes the name on success and is removed on failure."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as Parquet or TSV, by the suffix; in TSV a list becomes a comma list and null an empty cell."""
    with atomic(path) as beside:
        if Path(path).suffix == ".parquet":
            frame.write_parquet(beside, compression="zstd", statistics=True)
        else:
            flat = frame.with_columns(
                pl.col(n).list.join(",") for n, t in frame.schema.items() if t == pl.List(pl.String)
            )
            flat.write_csv(beside, separator="\t", null_value="", float_precision=None, quote_style="necessary")


def write_parts(parts: Iterable[pl.DataFrame], schema: dict[str, pl.DataType], path: Path) -> None:
    """Write a table that comes in parts of one ``schema`` as Parquet, without holding it whole."""

    def source(columns, predicate, rows, size) -> Iterator[pl.DataFrame]:
        return iter(parts)

    lazy = register_io_source(source, schema=schema, is_pure=True)
    # an open file, not its path: when a part fails, the sink's own thread could open the path after it was removed
    with atomic(path) as beside, open(beside, "wb", buffering=0) as file:
        lazy.sink_parquet(file, compression="zstd", statistics=True, row_group_size=ROW_GROUP, maintain_order=True)


def read_table(path: Path) -> pl.DataFrame:
    """Read Parquet with its types, or a table of text with every column as text and an empty cell as null.

    Text is as people make it (see :mod:`permed.plain_text` and :mod:`permed.delimited`), with a line of column names;
    lines that begin with ``#`` are comments. Columns without a name and blank lines at the end are left out.
    """
    if Path(path).suffix == ".parquet":
        return pl.read_parquet(path)
    text = to_tabs(read_plain(path, what="table"), path)
    table = parse_tabs(text, path, comment_prefix="#")
    filled = table.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    return table.head(filled[-1] + 1 if len(filled) else 0)


def column_names(path: Path) -> list[str]:
    """The column names of a table, Parquet or text; of text only the beginning is read."""
    if Path(path).suffix == ".parquet":
        return pl.read_parquet_schema(path).names()
    text = to_tabs(read_plain(path, what="table", limit=_HEAD), path)
    return [name.strip() for name in first_line(text).decode().split("\t")]


def parse_tabs(text: bytes, path: Path, above: int = 0, **options) -> pl.DataFrame:
    """The table in a text of :func:`~.delimited.to_tabs`, each cell without blanks at its ends, an empty one as null.

    ``above`` is how many lines of the file are above the text; ``options`` are those of :func:`polars.read_csv`. Cells
    beyond the columns are left out where they are empty. Raises a Fault for a row with more, and for no table at all.
    """
    read = {"separator": "\t", "infer_schema": False, "null_values": [""], "quote_char": None, **options}
    try:
        table = pl.read_csv(text, **read)
    except pl.exceptions.NoDataError:
        raise Fault("the table is empty", file=path, remedy="Restore it or make it again") from None
    except pl.exceptions.ComputeError:
        _refuse_long_rows(text, path, above)
        table = pl.read_csv(text, **read, truncate_ragged_lines=True)
    given = [name.strip() for name in first_line(text).decode().split("\t")]
    extra = table.columns[: table.width - len(given)]  # the number of the row, where it is asked for
    own = {}
    for name, column in zip(given, table.columns[len(extra) :], strict=True):
        own.setdefault(name, column)
    cells = [pl.col(column).str.strip_chars().replace("", None).alias(name) for name, column in own.items() if name]
    return table.select(*extra, *cells)


def line_of(path: Path, row: int) -> int | None:
    """The line (1-based) of a row (0-based) of a table of text; None of Parquet."""
    return None if Path(path).suffix == ".parquet" else next(iter(lines_of(path)[row : row + 1]), None)


def lines_of(path: Path) -> list[int]:
    """The line (1-based) of each row of a table of text, blank ones as :func:`read_table` has them."""
    lines = enumerate(read_plain(path, what="table").decode().split("\n"), 1)
    rows = ((number, line) for number, line in lines if not is_comment(line))
    rows = itertools.dropwhile(lambda numbered: not numbered[1].strip(), rows)
    return [number for number, _ in rows][1:]


def _refuse_long_rows(text: bytes, path: Path, above: int) -> None:
    """Raise a Fault for the first line with more cells than the line of column names, empty ones at its end aside."""
    rows = table_lines(text.decode())
    _, head = next(rows, (0, ""))
    columns = len(head.rstrip().split("\t"))
    for number, line in rows:
        found = len(line.rstrip().split("\t"))
        if found > columns:
            remedy = "Separate cells by one tab; in R write without row names (row.names = FALSE)"
            raise Fault(f"{found} cells under {columns} columns", path, None, above + number, remedy)


def write_text(text: str, path: Path) -> None:
    """Write text in UTF-8, whole or not at all."""
    with atomic(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(content, path: Path) -> None:
    """Write JSON, indented by two spaces, keys in the order given; NaN is refused, since JSON has none."""
    write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", path)


def read_json(path: Path):
    """Read a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))
