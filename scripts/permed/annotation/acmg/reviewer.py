"""A reviewer's verdicts put in the place of what data say."""

import polars as pl

from permed.annotation.acmg.tables import criteria, strengths
from permed.annotation.acmg.verdicts import FIELDS, MET


def reviewed(sites: pl.DataFrame, evidence: dict[str, pl.Series], review: pl.DataFrame | None) -> dict[str, pl.Series]:
    """The verdicts with a reviewer's in their place, in the order of the table of criteria.

    A criterion that only a reviewer can judge is null where there is no verdict of one.
    """
    made = {}
    for criterion, usual in criteria().items():
        rows = None if review is None else review.filter(pl.col("criterion") == criterion)
        computed = evidence.get(criterion)
        if computed is None and (rows is None or not len(rows)):
            continue
        if rows is None or not len(rows):
            made[criterion] = computed
            continue
        sign = -1 if criterion.startswith("B") else 1
        met = pl.col("state") == MET
        strength = pl.when(met).then(pl.col("strength").fill_null(usual["strength"]))
        points = strength.replace_strict(strengths(), default=None, return_dtype=pl.Int64)
        said = {
            "criterion": pl.lit(criterion),
            "state": pl.col("state"),
            "strength": strength,
            "points": (sign * points).fill_null(0),
            "value": pl.lit(None, pl.String),
            "threshold": pl.lit(None, pl.String),
            "source": pl.format("reviewer: {}", "source"),
            "text": pl.coalesce("text", pl.lit("a reviewer's verdict")),
        }
        own = rows.select("key", "ref", "alt", verdict=pl.struct(**{name: said[name] for name in FIELDS}))
        found = sites.select("key", "ref", "alt").join(
            own, on=["key", "ref", "alt"], how="left", maintain_order="left"
        )["verdict"]
        if computed is not None:
            pair = pl.DataFrame({"theirs": found, "ours": computed})
            whose = pl.when(pl.col("theirs").struct.field("criterion").is_not_null())
            found = pair.select(whose.then("theirs").otherwise("ours")).to_series()
        made[criterion] = found.alias(criterion)
    return made
