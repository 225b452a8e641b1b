"""A table that grows gene by gene and is read person by person: collected in pieces on disk, written at the end."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from permed.tables import write_parts


class Pieces:
    """Files beside the table to come; those of the same people are put together when it is written."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.paths: dict[tuple[int, int], list[Path]] = {}

    def add(self, first: int, frames: Iterable[pl.DataFrame]) -> None:
        """Put by rows of the people from ``first`` on, some people a frame; nothing where no table is wanted.

        Every call for the same ``first`` has the same people in the same frames, and a row for each of them.
        """
        for number, frame in enumerate(frames if self.folder is not None else ()):
            paths = self.paths.setdefault((first, number), [])
            paths.append(self.folder / f"{first}-{number}-{len(paths)}.parquet")
            frame.write_parquet(paths[-1], compression="lz4")

    def parts(self) -> Iterator[pl.DataFrame]:
        """The rows by person, in the order in which they came within each."""
        for _, paths in sorted(self.paths.items()):
            frames = [pl.read_parquet(path) for path in paths]
            people = pl.Enum(frames[0]["sample"].unique(maintain_order=True))
            yield pl.concat(frames).sort(pl.col("sample").cast(people), maintain_order=True)


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
        write_parts(collected.parts(), schema, path)
    finally:
        shutil.rmtree(folder)
