"""Which variants of a score both cohort and reference have, and how much of the score's variance they carry.

A sum over fewer variants is shifted and narrower: cohort and reference are compared over the same variants. The
variance that a variant gives to a score in a population in Hardy-Weinberg proportions is 2 p (1 - p) w2, p being the
frequency of its effect allele; correlations between variants are left aside, which the shares here nearly cancel.
"""

import polars as pl

from permed.scores.match import USED

ENOUGH_PEOPLE = 50  # of a cohort, for its frequencies
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
    extra = ["panel_row", "panel_of", "panel_siblings", "of_reference", "shared"]
    of_panel = kept.with_columns(
        pl.lit("matched").alias("class"), row="panel_row", dosage_of="panel_of", siblings="panel_siblings"
    )
    return kept.drop(extra), of_panel.drop(extra)


def variance_shares(log: pl.DataFrame) -> pl.DataFrame:
    """By score how much of its variance takes part: ``score reliability lacking``.

    ``log`` has ``frequency`` (of either allele; null where nobody knows) and ``shared``. ``reliability`` is the share
    of the variance of the whole score that the shared variants carry, ``lacking`` the share of the matched variants'
    that the reference lacks. A variant of unknown frequency counts as one of the score's mean 2 p (1 - p). Null of a
    score without weights.
    """
    weight = pl.col("weight").fill_null(0.0)
    if "dosage_weights" in log.columns:
        none, _, two = (pl.col("dosage_weights").list.get(n, null_on_oob=True) for n in range(3))
        halved = (two - none) / 2
        weight = pl.coalesce("weight", halved, pl.lit(0.0))
    own = 2 * pl.col("frequency") * (1 - pl.col("frequency"))
    rows = log.filter(~pl.col("class").is_in(NO_PART)).with_columns(_v=own.fill_nan(None), _w=weight**2)
    rows = rows.with_columns(_v=pl.col("_v").fill_null(pl.col("_v").mean().over("score")).fill_null(1.0) * pl.col("_w"))
    used = pl.col("class").is_in(USED)
    sums = rows.group_by("score", maintain_order=True).agg(
        pl.col("_v").sum().alias("all"),
        pl.col("_v").filter(used).sum().alias("matched"),
        pl.col("_v").filter("shared").sum().alias("shared"),
        variants_shared=pl.col("shared").sum().cast(pl.Int64),
    )
    return sums.select(
        "score",
        reliability=pl.when(pl.col("all") > 0).then(pl.col("shared") / pl.col("all")),
        lacking=pl.when(pl.col("matched") > 0).then(1 - pl.col("shared") / pl.col("matched")),
        variants_shared="variants_shared",
    )
