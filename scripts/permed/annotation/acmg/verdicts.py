"""A criterion's verdict on every site: the first of its cases that holds."""

from dataclasses import dataclass

import polars as pl

from permed.annotation.acmg.tables import criteria, strengths

MET, NOT_MET, NOT_ASSESSABLE = "met", "not_met", "not_assessable"
ALWAYS = pl.lit(True)
FIELDS = {
    "criterion": pl.String,
    "state": pl.String,
    "strength": pl.String,
    "points": pl.Int64,
    "value": pl.String,
    "threshold": pl.String,
    "source": pl.String,
    "text": pl.String,
}
SCHEMA = pl.Struct(FIELDS)


@dataclass(frozen=True)
class Case:
    """What holds where ``when`` is true (null counts as false); ``strength`` None is the criterion's usual one.

    Of a case that is not assessable the strength is the highest that it could have.
    """

    when: pl.Expr
    state: str
    text: str
    strength: str | None = None


def rule(sites: pl.DataFrame, criterion: str, part: str, kind: pl.DataType = pl.String) -> pl.Expr:
    """What the gene rules say of a criterion (``use``, ``threshold``, ``strength``, ``source``); null if nothing."""
    name = f"rule_{criterion}_{part}"
    return (pl.col(name) if name in sites.columns else pl.lit(None)).cast(kind)


def cited(criterion: str, shown: str | None) -> str:
    """A criterion's source, after what is shown of the database that it is judged by, if there is one."""
    return "; ".join(filter(None, [shown, criteria()[criterion]["source"]]))


def judge(
    sites: pl.DataFrame,
    criterion: str,
    cases: list[Case],
    *,
    value: pl.Expr | None = None,
    threshold: pl.Expr | str | None = None,
    source: pl.Expr | str | None = None,
) -> pl.Series:
    """The verdict on each of ``sites`` as a series of structs (:data:`SCHEMA`), named by the criterion.

    The last case must always hold. A gene rule that switches the criterion off comes before the cases; one that sets
    the strength changes it: for PVS1, whose strength the decision tree gives, it is the highest one allowed.
    """
    usual = criteria()[criterion]
    off = rule(sites, criterion, "use") == "no"
    cases = [Case(off, NOT_MET, "not applied in this gene, by the gene rules"), *cases]
    chain = pl.lit(None, pl.UInt32)
    for number, case in reversed(list(enumerate(cases))):
        chain = pl.when(case.when.fill_null(False)).then(pl.lit(number, pl.UInt32)).otherwise(chain)
    number = sites.select(chain.alias("case")).to_series()
    outcomes = pl.DataFrame(
        [(c.state, (c.strength or usual["strength"]) if c.state == MET else None, c.text) for c in cases],
        schema={"state": pl.String, "strength": pl.String, "text": pl.String},
        orient="row",
    )
    found = outcomes[number]
    said = {"value": value, "threshold": threshold, "source": source if source is not None else usual["source"]}
    shown = sites.with_columns(
        **{name: _text(part) for name, part in said.items()},
        wanted=rule(sites, criterion, "strength"),
        ruled=pl.when(rule(sites, criterion, "source").is_not_null()).then(
            pl.format("gene rules: {}", rule(sites, criterion, "source"))
        ),
    ).select(*said, "wanted", "ruled")
    frame = pl.concat([found, shown], how="horizontal")
    sign = -1 if criterion.startswith("B") else 1
    points = pl.col("strength").replace_strict(strengths(), default=None, return_dtype=pl.Int64)
    given = points > pl.col("wanted").replace_strict(strengths(), default=None, return_dtype=pl.Int64)
    change = pl.col("strength").is_not_null() & pl.col("wanted").is_not_null()
    change = change & given if criterion == "PVS1" else change
    frame = frame.with_columns(strength=pl.when(change).then("wanted").otherwise("strength"))
    frame = frame.with_columns(
        criterion=pl.lit(criterion),
        points=(sign * points).fill_null(0),
        source=pl.concat_str(pl.col("source"), pl.col("ruled"), separator="; ", ignore_nulls=True),
    )
    return frame.select(pl.struct(*FIELDS).alias(criterion)).to_series()


def _text(part: pl.Expr | str | None) -> pl.Expr:
    return (part if isinstance(part, pl.Expr) else pl.lit(part)).cast(pl.String).replace("", None)
