"""Read and write tables: Parquet between steps, TSV for people, whole or not at all."""

import gzip
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import polars as pl
from polars.io.plugins import register_io_source

from permed.errors import Fault

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
    """Read Parquet with its types, or TSV with every column as text and an empty cell as null."""
    if Path(path).suffix == ".parquet":
        return pl.read_parquet(path)
    try:
        return pl.read_csv(path, separator="\t", infer_schema=False, null_values=[""], comment_prefix="#")
    except pl.exceptions.NoDataError:
        raise Fault("the table is empty", file=path, remedy="Restore it or make it again") from None
    except pl.exceptions.ComputeError as error:
        if "utf-8" in str(error):
            raise Fault("the table is not UTF-8 text", file=path, remedy="Save it as UTF-8") from None
        fault = "a line has more cells than the header"
        raise Fault(fault, path, line=_longer_line(path), remedy="Give each line the header's cells, in tabs") from None


def line_of(path: Path, row: int) -> int | None:
    """The line (1-based) of a row (0-based) of a TSV without quotes over lines; None of Parquet."""
    if Path(path).suffix == ".parquet":
        return None
    with _opened(path) as text:
        return next(itertools.islice((number for number, _ in _kept(text)), row + 1, None), None)


def _longer_line(path: Path) -> int | None:
    """The first line with more cells than the header; None where no line has."""
    with _opened(path) as text:
        cells = ((number, line.count("\t")) for number, line in _kept(text))
        _, most = next(cells, (0, 0))
        return next((number for number, tabs in cells if tabs > most), None)


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if Path(path).suffix == ".gz" else open(path, encoding="utf-8")


def _kept(text: TextIO) -> Iterator[tuple[int, str]]:
    """The header and the rows of a table, where an empty line is one too, each with the number of its line."""
    lines = ((number, line) for number, line in enumerate(text, 1) if not line.startswith("#"))
    return itertools.dropwhile(lambda numbered: not numbered[1].strip(), lines)


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
