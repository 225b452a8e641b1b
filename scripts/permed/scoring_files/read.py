"""Read a scoring file: its rows, what its header says, and all that is wrong with it."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.scoring_files.cells import cell_faults
from permed.scoring_files.layouts import name_columns
from permed.scoring_files.positions import Lift, find_positions, lift_rows, without_positions
from permed.scoring_files.rows import COLUMNS, NO_POSITION, SCORE_SCHEMA, build_rows
from permed.scoring_files.text import read_cells, read_keys, read_text
from permed.scoring_files.weights import find_weights

_SUFFIXES = {".gz", ".bgz", ".txt", ".tsv", ".csv", ".score", ".scorefile"}


@dataclass
class ScoringFile:
    """A file's ``rows`` (columns of :data:`SCORE_SCHEMA`), its ``header``, the ``origin`` of its positions in words.

    ``logarithms`` says of which ratios the weights are the logarithms; it is empty where they are effects as given.
    """

    path: Path
    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCORE_SCHEMA))
    header: dict[str, str] = field(default_factory=dict)
    origin: str = ""
    logarithms: str = ""
    faults: list[Fault] = field(default_factory=list)


def read_header(path: Path) -> dict[str, str]:
    """Lines ``#key=value`` above the table; keys in lower case with underscores, empty for a file without them."""
    return read_keys(Path(path))


def read_scores(
    path: Path, build: str, lift: Lift | None = None, columns: dict[str, dict[str, str]] | None = None
) -> pl.DataFrame:
    """Variants of the scores in a file, in the file's order, with the columns of :data:`SCORE_SCHEMA`.

    ``line`` is the line of the file (1-based); a row of several sites gives a row a site, which share ``term``.
    ``contig`` is canonical, alleles are upper case, ``other_allele`` is null when neither the author nor the
    harmonisation knows it. ``effect_type`` is one of :data:`EFFECT_TYPES`; with ``dosage`` the weights for 0, 1 and 2
    copies are in ``dosage_weights`` and ``weight`` is null. ``frequency`` is that of the effect allele, where the file
    gives it. ``not_scorable`` says why a row cannot be computed, else null; such rows may lack position and weight.
    The score is named by ``pgs_id`` of the header, else row by row by the column ``accession``, else by the file.
    ``lift`` places a file of the other build. ``columns`` are the user's names of columns by file (as the
    configuration names it, or its name alone), theirs by ours.

    Raises the first :class:`Fault` of :func:`check_scoring_file`.
    """
    file = read_scoring_file(path, build, lift, columns)
    if file.faults:
        raise file.faults[0]
    return file.rows


def check_scoring_file(path: Path, build: str, lift: Lift | None = None) -> list[Fault]:
    """Everything that keeps a scoring file from being used with the run's build."""
    return read_scoring_file(path, build, lift).faults


def read_scoring_file(
    path: Path, build: str, lift: Lift | None = None, columns: dict[str, dict[str, str]] | None = None
) -> ScoringFile:
    """Read a file with all that is wrong with it; with faults its rows are not to be used."""
    path = Path(path)
    named = columns or {}
    try:
        text = name_columns(path, read_text(path), COLUMNS, named.get(str(path)) or named.get(path.name))
        positions = find_positions(path, text.header, text.columns, build, lift)
        table = read_cells(path, text, COLUMNS)
        weights = find_weights(path, text.header, table)
    except Fault as fault:
        return ScoringFile(path, faults=[fault])
    rows = build_rows(table, text.header, positions, _file_name(path), weights)
    faults = cell_faults(path, rows, positions.build, weights)
    if not faults and (rows["not_scorable"] == NO_POSITION).fill_null(False).all():
        faults = [without_positions(path, text.header, build, "none of its variants has a position")]
    rows = rows.select(pl.col(name).cast(kind) for name, kind in SCORE_SCHEMA.items())
    if positions.build != build and lift and not faults:
        rows = lift_rows(rows, lift, build)
    return ScoringFile(path, rows, text.header, positions.origin, weights.told, faults)


def _file_name(path: Path) -> str:
    name = Path(path.name)
    while name.suffix.lower() in _SUFFIXES:
        name = name.with_suffix("")
    return str(name)
