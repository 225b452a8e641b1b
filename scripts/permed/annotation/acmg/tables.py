"""The knowledge tables of classification: criteria, strengths, classes, predictors' thresholds, exceptions to BA1."""

from functools import cache
from pathlib import Path

import polars as pl

from permed.tables import read_table
from permed.variants import variant_keys

FOLDER = Path(__file__).resolve().parents[4] / "resources" / "annotation" / "acmg"
CLASSES = ("pathogenic", "likely_pathogenic", "uncertain", "likely_benign", "benign")
NOT_ASSESSABLE = "not_assessable"
SPLICING = "spliceai"  # the predictor of the table that weighs effects on splicing


@cache
def criteria() -> dict[str, dict[str, str]]:
    """By criterion its usual ``strength``, what decides it (``data``, ``reviewer``, ``never``) and ``source``."""
    return {row["criterion"]: row for row in read_table(FOLDER / "criteria.tsv").iter_rows(named=True)}


def named(decided_by: str) -> list[str]:
    """Criteria that ``data``, a ``reviewer`` or nothing (``never``) decides."""
    return [name for name, row in criteria().items() if row["decided_by"] == decided_by]


@cache
def strengths() -> dict[str, int]:
    """Points by strength, without sign."""
    return {row["strength"]: int(row["points"]) for row in read_table(FOLDER / "strengths.tsv").iter_rows(named=True)}


@cache
def labels() -> dict[str, str]:
    """How a strength is written after a criterion, as in PVS1_Strong."""
    return {row["strength"]: row["label"] for row in read_table(FOLDER / "strengths.tsv").iter_rows(named=True)}


@cache
def classes() -> tuple[tuple[str, int | None, int | None], ...]:
    """Classes with the lowest and the highest sum of points, None where there is no such end."""
    rows = read_table(FOLDER / "classes.tsv").iter_rows(named=True)
    return tuple(
        (r["classification"], *(None if r[e] is None else int(r[e]) for e in ("lowest", "highest"))) for r in rows
    )


@cache
def thresholds(predictor: str, criterion: str) -> tuple[tuple[str, float], ...]:
    """Strengths with their thresholds, strongest first; empty for a predictor that nobody has calibrated."""
    rows = read_table(FOLDER / "predictors.tsv").filter(
        (pl.col("predictor") == predictor) & (pl.col("criterion") == criterion)
    )
    found = [(row["strength"], float(row["threshold"])) for row in rows.iter_rows(named=True)]
    return tuple(sorted(found, key=lambda pair: -strengths()[pair[0]]))


@cache
def threshold_source(predictor: str) -> str:
    """Where the thresholds of a predictor are from."""
    rows = read_table(FOLDER / "predictors.tsv").filter(pl.col("predictor") == predictor)
    return rows["source"][0] if len(rows) else ""


@cache
def exception_keys(build: str) -> tuple[int, ...]:
    """Keys of the variants that BA1 does not apply to; all are short enough for a key of their own."""
    rows = read_table(FOLDER / "ba1_exceptions.tsv").filter(pl.col("build") == build)
    return tuple(variant_keys(rows.with_columns(pl.col("pos").cast(pl.Int64))).tolist())
