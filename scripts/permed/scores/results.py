"""The table of results: a row a person and score."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from permed.scores.score import Sums

NOT_YET = {
    "z": pl.Float64,
    "percentile": pl.Float64,
    "population": pl.String,
    "absolute_risk": pl.Float64,
    "population_risk": pl.Float64,
}
SCHEMA = {
    "sample": pl.String,
    "score": pl.String,
    "sum": pl.Float64,
    "denominator": pl.Int64,
    "average": pl.Float64,
    **NOT_YET,
    "status": pl.String,
    "n_missing": pl.Int64,
    "imputed": pl.Int64,
    "reason": pl.String,
    "called": pl.Float64,
    "dosages": pl.Boolean,
    "note": pl.String,
}
PART_ROWS = 1 << 20


def score_rows(
    people: list[str], scores: pl.DataFrame, found: list[str], sums: Sums, min_called: float
) -> Iterator[pl.DataFrame]:
    """Rows by person and score, both in the order given, some people at a time, with the columns of :data:`SCHEMA`.

    ``scores`` has ``score`` and the ``reason`` why it is not assessable; ``found`` are those summed, in the order of
    the arrays of ``sums``. ``called`` is the share of the score's variants in the store that have a genotype in the
    person. Sums are null where a score was not summed, or ``called`` is 0 or below ``min_called``. ``dosages`` says
    whether imputed dosages entered; ``note`` what a reader of the sum should know.
    """
    number = {score: n for n, score in enumerate(found)}
    place = np.array([number.get(score, -1) for score in scores["score"]], np.int64)
    of_score = scores.select("score", "reason").with_columns(
        summed=pl.Series(place >= 0),
        stored=pl.Series(np.where(place >= 0, np.append(sums.stored, 0)[place], 0)),
        dosages=pl.Series(np.where(place >= 0, np.append(sums.by_dosage, 0)[place], 0) > 0),
        on_x=pl.Series(np.where(place >= 0, np.append(sums.on_x, 0)[place], 0)),
    )
    batch = max(1, PART_ROWS // max(1, len(scores)))
    for first in range(0, len(people), batch):
        some = slice(first, min(first + batch, len(people)))
        yield _rows(people[some], of_score, place, sums, some, min_called)


def withheld_rows(held: dict[str, str], scores: pl.Series) -> pl.DataFrame:
    """A row without a result for each person of ``held`` (with the reason) and each of ``scores``."""
    rows = [{"sample": name, "score": score, "reason": why} for name, why in held.items() for score in scores]
    blank = dict.fromkeys(SCHEMA) | {"status": "not_assessable"}
    return pl.DataFrame([blank | row for row in rows], schema=SCHEMA, orient="row")


def _rows(
    people: list[str], of_score: pl.DataFrame, place: np.ndarray, sums: Sums, some: slice, min_called: float
) -> pl.DataFrame:
    size = len(of_score)

    def by_person(values: np.ndarray) -> pl.Series:
        if not len(values):
            return pl.Series(np.zeros(len(people) * size, values.dtype))
        return pl.Series(values[:, some].T[:, place].ravel())

    table = of_score[np.tile(np.arange(size), len(people))].with_columns(
        pl.Series("sample", people, pl.String).gather(np.repeat(np.arange(len(people)), size)),
        sum=by_person(sums.total),
        denominator=by_person(sums.alleles).cast(pl.Int64),
        n_missing=by_person(sums.missing).cast(pl.Int64),
        imputed=by_person(sums.imputed).cast(pl.Int64),
        unsexed=pl.Series(np.repeat(sums.unsexed[some], size)),
    )
    none_called = pl.lit("no genotype is called at the score's variants")
    called = pl.col("stored") - pl.col("n_missing")
    few = pl.format(
        "{} of the score's {} variants in the cohort have a genotype in this person ({}), below {}",
        called,
        "stored",
        pl.col("called").round(4),
        pl.lit(min_called),
    )
    as_coded = pl.format(
        "the sex is not known: at the score's variants on chrX ({}) a genotype counts the alleles that the input wrote",
        "on_x",
    )
    nothing = (pl.col("denominator") == 0) | ((pl.col("stored") > 0) & (called == 0))
    table = table.with_columns(
        called=pl.when(pl.col("summed") & (pl.col("stored") > 0)).then(called / pl.col("stored")),
        known=pl.col("summed") & ~nothing,
    ).with_columns(few=(pl.col("called") < min_called).fill_null(False))
    known = pl.col("known") & ~pl.col("few")
    return table.select(
        "sample",
        "score",
        pl.when(known).then("sum").alias("sum"),
        pl.when(known).then("denominator").alias("denominator"),
        pl.when(known).then(pl.col("sum") / pl.col("denominator")).alias("average"),
        *(pl.lit(None, kind).alias(name) for name, kind in NOT_YET.items()),
        pl.when(known).then(pl.lit("found")).otherwise(pl.lit("not_assessable")).alias("status"),
        pl.when("summed").then("n_missing").alias("n_missing"),
        pl.when(known).then("imputed").alias("imputed"),
        pl.when(~pl.col("summed"))
        .then(pl.coalesce("reason", none_called))
        .when(~pl.col("known"))
        .then(none_called)
        .when("few")
        .then(few)
        .alias("reason"),
        "called",
        pl.when("summed").then("dosages").alias("dosages"),
        pl.when(known & pl.col("unsexed") & (pl.col("on_x") > 0)).then(as_coded).alias("note"),
    )
