"""The table of results: a row a person and score."""

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


def score_rows(people: list[str], scores: pl.DataFrame, found: list[str], sums: Sums) -> pl.DataFrame:
    """Rows by person and score, both in the order given.

    ``scores`` has ``score`` and the ``reason`` why it is not assessable; ``found`` are those summed, in the order of
    the arrays of ``sums``. Sums are null where a score was not summed or nothing of it is called in a person.
    """
    size = len(scores)
    place = np.array([found.index(score) if score in found else -1 for score in scores["score"]], np.int64)
    at = np.flatnonzero(place >= 0)
    summed = np.broadcast_to(place >= 0, (len(people), size))
    known = np.zeros(summed.shape, bool)
    called = (sums.stored[:, None] == 0) | (sums.missing < sums.stored[:, None])
    known[:, at] = (called & (sums.alleles > 0))[place[at]].T
    table = {"sum": np.zeros(summed.shape)}
    table |= {name: np.zeros(summed.shape, np.int64) for name in ("denominator", "n_missing", "imputed")}
    for name, values in zip(table, (sums.total, sums.alleles, sums.missing, sums.imputed), strict=True):
        table[name][:, at] = values[place[at]].T
    of_score = scores[np.tile(np.arange(size), len(people))]
    frame = pl.DataFrame({name: values.ravel() for name, values in table.items()}).with_columns(
        of_score["score"],
        of_score["reason"],
        pl.Series("sample", people, pl.String).gather(np.repeat(np.arange(len(people)), size)),
        known=pl.Series(known.ravel()),
        summed=pl.Series(summed.ravel()),
    )
    none_called = pl.lit("no genotype is called at the score's variants")
    return frame.select(
        "sample",
        "score",
        pl.when("known").then("sum").alias("sum"),
        pl.when("known").then("denominator").alias("denominator"),
        pl.when("known").then(pl.col("sum") / pl.col("denominator")).alias("average"),
        *(pl.lit(None, kind).alias(name) for name, kind in NOT_YET.items()),
        pl.when("known").then(pl.lit("found")).otherwise(pl.lit("not_assessable")).alias("status"),
        pl.when("summed").then("n_missing").alias("n_missing"),
        pl.when("known").then("imputed").alias("imputed"),
        pl.when(~pl.col("known")).then(pl.coalesce("reason", none_called)).alias("reason"),
    )
