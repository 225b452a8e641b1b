"""What criteria without data could still change of a variant's class.

Of those that data decide only BA1 and PM2, which rest on the frequency, and PVS1 and PS1, which are strong or more by
themselves, can keep a variant from having a class. Moderate and supporting ones, and those that a reviewer alone
decides, are hardly ever all known: a class is told without them, and they are listed as not assessed.
"""

import polars as pl

from permed.annotation.acmg.null_variants import pvs1_at_most
from permed.annotation.acmg.tables import criteria, strengths
from permed.annotation.acmg.verdicts import NOT_ASSESSABLE, rule


def undecided(sites: pl.DataFrame, evidence: dict[str, pl.Series]) -> pl.DataFrame:
    """What is open of the verdicts on the sites.

    ``could_add`` are the points that PM2, PVS1 and PS1 could add at most where they are open, ``strong_open`` says
    which of the last two could and why they are open (null if none could), ``frequency_open`` whether BA1 or PM2 are
    open, and ``frequency_text`` why.
    """
    at_most = sites.select(PVS1=pvs1_at_most(sites), PS1=_points(sites, "PS1"), PM2=_points(sites, "PM2"))
    frame = pl.DataFrame(list(evidence.values()))
    open_ = {name: pl.col(name).struct.field("state") == NOT_ASSESSABLE for name in ("BA1", "PM2", "PVS1", "PS1")}
    text = {name: pl.col(name).struct.field("text") for name in open_}
    could = {name: pl.when(open_[name]).then(at_most[name]).otherwise(0) for name in at_most.columns}
    strong = [
        pl.when(could[name] > 0).then(pl.format("{} is open ({})", pl.lit(name), text[name]))
        for name in ("PVS1", "PS1")
    ]
    return frame.select(
        could_add=pl.sum_horizontal(could.values()).cast(pl.Int64),
        strong_open=pl.concat_str(strong, separator=" and ", ignore_nulls=True).replace("", None),
        frequency_open=open_["BA1"] | open_["PM2"],
        frequency_text=pl.when(open_["BA1"]).then(text["BA1"]).otherwise(text["PM2"]),
    )


def _points(sites: pl.DataFrame, criterion: str) -> pl.Expr:
    """The points of a criterion with the strength of the gene rules, or its usual one."""
    strength = pl.coalesce(rule(sites, criterion, "strength"), pl.lit(criteria()[criterion]["strength"]))
    return strength.replace_strict(strengths(), return_dtype=pl.Int64)
