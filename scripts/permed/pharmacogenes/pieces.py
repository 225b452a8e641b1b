"""A large table collected in pieces on disk while it grows, and written whole at the end."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from permed.tables import write_parts


class Pieces:
    """Files beside the table to come, one for each call of :meth:`add`."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.paths: list[Path] = []

    def add(self, frames: Iterable[pl.DataFrame]) -> None:
        """Put rows by, in the order of the calls; nothing where no table is wanted."""
        if self.folder is not None:
            self.paths.append(self.folder / f"{len(self.paths)}.parquet")
            pl.concat(frames).write_parquet(self.paths[-1], compression="lz4")


@contextmanager
def pieces(path: Path | None, schema: dict[str, pl.DataType]) -> Iterator[Pieces]:
    """Collect pieces of the Parquet table ``path``; it is written on success, and the pieces are removed in any case.

    Without a path nothing is collected.
    """
    if path is None:
        yield Pieces(None)
        return
    folder = path.with_name(f".{path.name}.pieces")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        collected = Pieces(folder)
        yield collected
        write_parts(map(pl.read_parquet, collected.paths), schema, path)
    finally:
        shutil.rmtree(folder)
