"""How many variants of each score match, and whether they are enough."""

import polars as pl

from permed.scores.match import BY_FREQUENCY, USED

_LOST = {
    "ambiguous": "ambiguous (left out on purpose)",
    "allele_mismatch": "allele mismatch",
    "absent": "absent",
    "poor_quality": "of poor quality",
    "not_scorable": "not scorable",
    "duplicate": "duplicate",
}


def summarise(matches: pl.DataFrame, min_match: float) -> pl.DataFrame:
    """A row a score, in order of appearance: how many of its variants are of which class, and whether it is ``found``.

    A term of several sites counts as one variant. ``match_rate`` is the share of all its variants that enter the sum; a
    score below ``min_match``, or of which nothing matches, is ``not_assessable`` with its reason, which tells those
    left out on purpose from those that are not there. ``by_frequency`` counts the A/T and C/G variants among the
    matched whose strand the frequencies told.
    """
    lines = matches.filter(pl.col("term").is_null() | pl.col("term").is_first_distinct())
    counts = lines.group_by("score", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("variants"),
        pl.col("class").is_in(USED).sum().cast(pl.Int64).alias("matched"),
        (pl.col("class") == "matched_flipped").sum().cast(pl.Int64).alias("flipped"),
        *((pl.col("class") == name).sum().cast(pl.Int64).alias(name) for name in (*_LOST, "reference")),
        (pl.col("class").is_in(USED) & (pl.col("reason") == BY_FREQUENCY)).sum().cast(pl.Int64).alias("by_frequency"),
    )
    lost = [pl.when(pl.col(name) > 0).then(pl.format("{} {}", name, pl.lit(text))) for name, text in _LOST.items()]
    why = pl.concat_str(lost, separator=", ", ignore_nulls=True)
    rate = pl.col("match_rate").round(4)
    short = pl.format("{} of {} variants match ({}), below {}: {}", "matched", "variants", rate, pl.lit(min_match), why)
    nothing = pl.format("no variant matches: {}", why)
    enough = (pl.col("match_rate") >= min_match) & (pl.col("matched") > 0)
    return (
        counts.with_columns(match_rate=pl.col("matched") / pl.col("variants"))
        .with_columns(
            status=pl.when(enough).then(pl.lit("found")).otherwise(pl.lit("not_assessable")),
            reason=pl.when(pl.col("matched") == 0).then(nothing).when(~enough).then(short),
        )
        .select(
            "score variants matched match_rate ambiguous flipped absent not_scorable status reason".split()
            + ["allele_mismatch", "duplicate", "reference", "poor_quality", "by_frequency"]
        )
    )
