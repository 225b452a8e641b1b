"""Points and classes (Tavtigian 2020, doi:10.1002/humu.24088), and what may not be counted twice.

PM1 and PP3 together count as strong at most (Pejaver 2022, doi:10.1016/j.ajhg.2022.10.013); that PVS1 and PP3, PS1 and
PM5, BA1 and BS1 exclude each other is decided where the criteria are.
"""

import polars as pl

from permed.annotation.acmg.clinvar import DISEASE
from permed.annotation.acmg.tables import NOT_ASSESSABLE, classes, criteria, labels, named, strengths
from permed.annotation.acmg.verdicts import MET, NOT_MET


def limited(evidence: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """The verdicts with PM1 and PP3 counted as strong at most together: beside one that is, the other is not."""
    frame = pl.DataFrame([evidence["PM1"], evidence["PP3"]])
    most = strengths()["strong"]
    pm1, pp3 = (pl.col(name).struct.field("points") for name in ("PM1", "PP3"))
    both = (pm1 > 0) & (pp3 > 0) & (pm1 + pp3 > most)
    dropped = {"PM1": both & (pm1 < most), "PP3": both & (pm1 >= most)}
    return evidence | {
        name: frame.select(pl.when(drop).then(_not_counted(name, other)).otherwise(name).alias(name)).to_series()
        for (name, drop), other in zip(dropped.items(), ("PP3", "PM1"), strict=True)
    }


def _not_counted(criterion: str, other: str) -> pl.Expr:
    text = pl.format(
        "{}; not counted beside {}, which is strong", pl.col(criterion).struct.field("text"), pl.lit(other)
    )
    none = {"state": pl.lit(NOT_MET), "strength": pl.lit(None, pl.String), "points": pl.lit(0, pl.Int64)}
    return pl.col(criterion).struct.with_fields(**none, text=text)


def summed(evidence: dict[str, pl.Series]) -> pl.DataFrame:
    """``points``, ``criteria`` (those met, with their strength where it is not the usual one), ``evidence`` (list of
    verdicts), ``not_assessed`` (criteria without data) and ``benign_alone``.
    """
    frame = pl.DataFrame(list(evidence.values()))
    states = {name: pl.col(name).struct.field("state") for name in evidence}
    met = [pl.when(states[name] == MET).then(_label(name)) for name in evidence]
    open_ = [
        pl.when(states[name].fill_null(NOT_ASSESSABLE) == NOT_ASSESSABLE).then(pl.lit(name))
        if name in evidence
        else pl.lit(name)
        for name in criteria()
        if name not in named("never")
    ]
    points = pl.sum_horizontal(pl.col(name).struct.field("points") for name in evidence)
    return frame.select(
        points=points.cast(pl.Int64),
        criteria=pl.concat_str(met, separator=",", ignore_nulls=True),
        evidence=_listed(evidence),
        not_assessed=pl.concat_str(open_, separator=",", ignore_nulls=True),
        benign_alone=pl.col("BA1").struct.field("strength") == criteria()["BA1"]["strength"],
    )


def _listed(evidence: dict[str, pl.Series]) -> pl.Series:
    """The verdicts of each site as a list, without the null ones."""
    rows = pl.concat([v.alias("verdict").to_frame().with_row_index("row") for v in evidence.values()])
    given = rows.filter(pl.col("verdict").struct.field("criterion").is_not_null())
    return given.group_by("row").agg("verdict").sort("row")["verdict"]


def class_of(points: pl.Expr) -> pl.Expr:
    """The class of a sum of points."""
    chain = pl.lit(None, pl.String)
    for name, lowest, highest in classes():
        inside = pl.lit(True)
        inside = inside if lowest is None else inside & (points >= lowest)
        inside = inside if highest is None else inside & (points <= highest)
        chain = pl.when(inside).then(pl.lit(name)).otherwise(chain)
    return chain


def own_class() -> tuple[pl.Expr, pl.Expr]:
    """Our class and its reason, from ``mitochondrial``, ``gene`` and the columns of :func:`summed` and ``undecided``.

    What is open counts as if it were met: a variant that it could make (likely) pathogenic has no class, another has
    that which it would have then. Where the frequency is open BA1 could make any variant benign: only a benign class
    stands.
    """
    points, highest = pl.col("points"), pl.col("points") + pl.col("could_add")
    plain, careful = class_of(points), class_of(highest)
    stands = plain.is_in(DISEASE)
    open_ = pl.col("frequency_open") & ~careful.is_in(["benign", "likely_benign"])
    could = careful.is_in(DISEASE) & ~stands
    said = pl.format("points: {}", points)
    strong = pl.col("strong_open")
    lacking = pl.format("the frequency in the general population is open: {}", "frequency_text")
    harmful = pl.format(
        "{}; the variant could be {}, with up to {} points instead of {}",
        strong,
        careful.str.replace("_", " "),
        highest,
        points,
    )
    if_absent = pl.when("frequency_open").then(
        pl.lit("holds even if the variant is absent from the general population")
    )
    if_met = pl.format("{}, with which it has at most {} points", strong, highest)
    mitochondrial = "mitochondrial variants have criteria of their own, which are not applied here"
    cases = [
        (pl.col("mitochondrial"), pl.lit(NOT_ASSESSABLE), pl.lit(mitochondrial)),
        (pl.col("gene").is_null(), pl.lit(NOT_ASSESSABLE), pl.lit("no gene of the gene models is touched")),
        (pl.col("benign_alone"), pl.lit("benign"), pl.lit("BA1 stands alone")),
        (open_, pl.lit(NOT_ASSESSABLE), _joined(lacking, strong)),
        (could, pl.lit(NOT_ASSESSABLE), harmful),
        (stands, plain, _joined(said, if_met)),
    ]
    chosen, reason = careful, _joined(said, if_absent, if_met)
    for when, name, why in reversed(cases):
        chosen = pl.when(when).then(name).otherwise(chosen)
        reason = pl.when(when).then(why).otherwise(reason)
    return chosen, reason


def _joined(*parts: pl.Expr) -> pl.Expr:
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)


def _label(criterion: str) -> pl.Expr:
    strength = pl.col(criterion).struct.field("strength")
    text = strength.replace_strict(labels(), default=None, return_dtype=pl.String)
    usual = strength == criteria()[criterion]["strength"]
    return pl.when(usual).then(pl.lit(criterion)).otherwise(pl.concat_str(pl.lit(f"{criterion}_"), text))
