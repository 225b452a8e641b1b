"""The variants of all scores of a run, from its scoring files, in batches that bound the memory."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.downloads import Lock
from permed.errors import Fault
from permed.scoring_files import SCORE_SCHEMA, ScoringFile, read_scoring_file
from permed.scoring_files.positions import Lift
from permed.step import log

BATCH_ROWS = 2_000_000  # of scoring files that are held at once
DEFAULT_TERMS = "terms of use of EMBL-EBI, which hold where the PGS Catalog's file names no licence"
_HEADER = {
    "name": "pgs_name",
    "trait": "trait_reported",
    "license": "license",
    "citation": "citation",
    "genome_build": "genome_build",
    "weight_type": "weight_type",
}
ABOUT_SCHEMA = dict.fromkeys(["score", *_HEADER, "file", "positions", "address", "sha256"], pl.String)


def read_batches(
    files: list[Path],
    build: str,
    lift: Lift | None = None,
    locks: list[Lock] | None = None,
    columns: dict[str, dict[str, str]] | None = None,
    size: int = BATCH_ROWS,
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Variants of whole files until they are ``size`` rows, with a row a score of what its file says of it.

    ``locks`` are of the files that were downloaded; ``columns`` as :func:`~permed.scoring_files.read_scores` takes
    them. Raises a Fault for a file that cannot be used, that is not what was
    downloaded, or that has a score of another file.
    """
    locked = {lock.file: lock for lock in locks or []}
    origin: dict[str, Path] = {}
    rows, about = [], []
    for path in files:
        lock = locked.get(Path(path).name)
        if lock:
            lock.check(Path(path))
        file = read_scoring_file(path, build, lift, columns)
        if file.faults:
            raise file.faults[0]
        rows.append(file.rows)
        about += _about(file, origin, lock)
        if sum(map(len, rows)) >= size:
            yield pl.concat(rows), pl.DataFrame(about, schema=ABOUT_SCHEMA)
            rows, about = [], []
    if rows or not files:
        yield pl.concat([pl.DataFrame(schema=SCORE_SCHEMA), *rows]), pl.DataFrame(about, schema=ABOUT_SCHEMA)


def _about(file: ScoringFile, origin: dict[str, Path], lock: Lock | None) -> list[dict]:
    said = {name: file.header.get(key) or None for name, key in _HEADER.items()}
    said |= {"file": file.path.name, "positions": file.origin}
    if file.logarithms:
        said["weight_type"] = f"{said['weight_type'] or 'not said'}; summed are {file.logarithms}"
        log.info("%s: summed are %s", file.path.name, file.logarithms)
    if lock and not said["license"]:
        said["license"] = DEFAULT_TERMS
    said |= {"address": lock and lock.address, "sha256": lock and lock.sha256}
    scores = file.rows["score"].unique(maintain_order=True).to_list()
    for score in scores:
        if score in origin:
            fault = f"the score {score} is also in {origin[score]}"
            raise Fault(fault, file.path, remedy="Name each score in one file only")
        origin[score] = file.path
    return [{"score": score, **said} for score in scores]
