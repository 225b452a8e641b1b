"""Which variants of a score both cohort and reference have, and how much of the score's variance they carry.

A sum over fewer variants is shifted and narrower: cohort and reference are compared over the same variants. The
variance that a variant gives to a score in a population in Hardy-Weinberg proportions is 2 p (1 - p) w2, p being the
frequency of its effect allele; correlations between variants are left aside, which the shares here nearly cancel.

Of men, who have one chrX, a sum over it has another mean or variance than of women, so that one distribution of both
would be neither's. Where variants there carry little they take no part; else each sex is compared with its own.
"""

import polars as pl

from permed.scores.match import USED

COHORT = "this cohort"  # the population's name where the cohort is compared with itself
SEXES = ("XX", "XY")  # that are compared apart where chrX matters
ENOUGH_PEOPLE = 50  # of a cohort, for its frequencies
MOST_LACKING = 0.1  # share of the matched variants' variance that may take no part in a comparison
NO_PART = ("duplicate",)  # classes of rows that say again what another row says


def place_in_panel(log: pl.DataFrame, cohort: pl.DataFrame, panel: pl.DataFrame) -> pl.DataFrame:
    """The log's rows of one contig with ``panel_row``, ``panel_of`` and ``panel_siblings``: where the panel has them.

    ``cohort`` and ``panel`` are sites (``pos ref alt``), a row a store row. A matched variant is the panel's where
    that has the cohort's site; one that the cohort lacks, where the panel has its two alleles. Siblings are as in
    :func:`permed.scores.match.match_contig`.
    """
    rows = log.with_row_index("_n")
    sites = cohort.select(_ref="ref", _alt="alt").with_row_index("row").cast({"row": pl.Int64})
    rows = rows.join(sites, on="row", how="left", maintain_order="left")
    at = panel.select("pos", "ref", "alt").with_row_index("_row").cast({"_row": pl.Int64})
    at = at.filter(pl.col("pos").is_in(rows["pos"].drop_nulls().unique().implode()))
    taken = pl.col("class") == "reference"
    as_alt = {"_ref": "other_allele", "_alt": "effect_allele"}
    as_ref = {"_ref": "effect_allele", "_alt": "other_allele"}
    ways = [
        rows.filter(pl.col("row").is_not_null()).with_columns(_of="dosage_of"),
        rows.filter(taken & (pl.col("dosage_of") == "none")).with_columns(**as_alt, _of=pl.lit("alt")),
        rows.filter(taken & (pl.col("dosage_of") == "two")).with_columns(**as_ref, _of=pl.lit("ref")),
        rows.filter(pl.col("row").is_null() & ~taken).with_columns(**as_alt, _of=pl.lit("alt")),
        rows.filter(pl.col("row").is_null() & ~taken).with_columns(**as_ref, _of=pl.lit("ref")),
    ]
    found = pl.concat([way.select("_n", "pos", "_ref", "_alt", "_of") for way in ways])
    found = found.join(at, left_on=["pos", "_ref", "_alt"], right_on=["pos", "ref", "alt"], how="inner")
    found = found.unique("_n", keep="first", maintain_order=True).select("_n", panel_row="_row", panel_of="_of")
    together = at.with_columns(_short=(pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1))
    groups = together.group_by("pos", "ref", "_short").agg(panel_siblings="_row")
    of_row = together.join(groups, on=["pos", "ref", "_short"], how="left", nulls_equal=True)
    of_row = of_row.select(
        panel_row="_row",
        panel_siblings=pl.col("panel_siblings").list.set_difference(pl.concat_list("_row")).list.sort(),
    )
    joined = rows.join(found, on="_n", how="left", maintain_order="left")
    joined = joined.join(of_row, on="panel_row", how="left", maintain_order="left")
    siblings = pl.when((pl.col("panel_of") == "ref") & (pl.col("panel_siblings").list.len() > 0)).then("panel_siblings")
    return joined.with_columns(panel_siblings=siblings).select(*log.columns, "panel_row", "panel_of", "panel_siblings")


def mark_shared(log: pl.DataFrame, read: pl.Expr) -> pl.DataFrame:
    """Add ``shared``: the row enters the sums, and by ``read`` somebody of the reference has a genotype there; of a
    term, all of whose rows are so."""
    own = pl.col("class").is_in(USED) & read
    if "term" not in log.columns:
        return log.with_columns(shared=own)
    whole = own.all().over("score", "term")
    return log.with_columns(shared=pl.when(pl.col("term").is_null()).then(own).otherwise(whole))


def shared_logs(log: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The log of the shared rows as it is of the cohort, and as it is of the panel."""
    kept = log.filter("shared")
    extra = ["panel_row", "panel_of", "panel_siblings", "of_reference", "shared", "on_x", "set_aside", "by_sex"]
    of_panel = kept.with_columns(
        pl.lit("matched").alias("class"), row="panel_row", dosage_of="panel_of", siblings="panel_siblings"
    )
    return kept.drop(extra, strict=False), of_panel.drop(extra, strict=False)


def with_variance(log: pl.DataFrame) -> pl.DataFrame:
    """Add ``variance``, what a row gives to that of its score, by ``frequency`` (of either allele).

    A variant of unknown frequency (null) counts as one of the score's mean 2 p (1 - p).
    """
    weight = pl.col("weight").fill_null(0.0)
    if "dosage_weights" in log.columns:
        none, _, two = (pl.col("dosage_weights").list.get(n, null_on_oob=True) for n in range(3))
        weight = pl.coalesce("weight", (two - none) / 2, pl.lit(0.0))
    part = ~pl.col("class").is_in(NO_PART)
    rows = log.with_columns(_v=pl.when(part).then(2 * pl.col("frequency") * (1 - pl.col("frequency"))).fill_nan(None))
    known = pl.col("_v").fill_null(pl.col("_v").mean().over("score")).fill_null(1.0)
    return rows.with_columns(variance=pl.when(part).then(known * weight**2).otherwise(0.0)).drop("_v")


def settle_x(log: pl.DataFrame, x_dosage: str) -> pl.DataFrame:
    """Take variants on chrX (``on_x``) out of ``shared`` where what takes part then still carries enough of a score's
    variance, also of men's (``set_aside``); else the score is to be compared ``by_sex``."""
    of_x = pl.col("on_x")
    if "term" in log.columns:
        of_x = pl.when(pl.col("term").is_null()).then(of_x).otherwise(of_x.any().over("score", "term"))
    rows = log.with_columns(_x=pl.col("shared") & of_x)
    variance = pl.col("variance")
    matched, shared, on_x = (
        pl.when(which).then(variance).otherwise(0.0).sum().over("score")
        for which in (pl.col("class").is_in(USED), pl.col("shared"), pl.col("_x"))
    )
    more = {"once": 0, "twice": 1}[x_dosage] * on_x  # of a man's chrX, whose variance is twice a woman's there
    lost = (matched - shared + on_x + more) / (matched + more)
    rows = rows.with_columns(by_sex=pl.col("_x").any().over("score") & ~(lost <= MOST_LACKING))
    return rows.with_columns(
        set_aside=pl.col("_x") & ~pl.col("by_sex"), shared=pl.col("shared") & (pl.col("by_sex") | ~pl.col("_x"))
    ).drop("_x")


def variance_shares(log: pl.DataFrame) -> pl.DataFrame:
    """By score how much of its variance takes part: ``score reliability lacking variants_shared x_set_aside by_sex``.

    ``reliability`` is the share of the variance of the whole score that the shared variants carry, ``lacking`` the
    share of the matched variants' that takes no part. Null of a score without weights. ``x_set_aside`` are the variants
    on chrX that :func:`settle_x` took out.
    """
    used = pl.col("class").is_in(USED)
    sums = log.group_by("score", maintain_order=True).agg(
        pl.col("variance").sum().alias("all"),
        pl.col("variance").filter(used).sum().alias("matched"),
        pl.col("variance").filter("shared").sum().alias("shared"),
        variants_shared=pl.col("shared").sum().cast(pl.Int64),
        x_set_aside=pl.col("set_aside").sum().cast(pl.Int64),
        by_sex=pl.col("by_sex").any(),
    )
    return sums.select(
        "score",
        pl.when(pl.col("all") > 0).then(pl.col("shared") / pl.col("all")).alias("reliability"),
        pl.when(pl.col("matched") > 0).then(1 - pl.col("shared") / pl.col("matched")).alias("lacking"),
        *("variants_shared", "x_set_aside", "by_sex"),
    )
