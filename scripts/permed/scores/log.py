"""The log of matching: what became of every line of every score, checked over all contigs of a score."""

import polars as pl

from permed.scores.match import BY_CHOICE, BY_FREQUENCY, SITE_LOG, USED
from permed.scoring_files import SCORE_SCHEMA

LOG_SCHEMA = {**SCORE_SCHEMA, **SITE_LOG, "reason": pl.String}
del LOG_SCHEMA["not_scorable"]


def unmatched(rows: pl.DataFrame, verdict: str, reason: pl.Expr) -> pl.DataFrame:
    """Log rows of variants that are not looked for at any site."""
    empty = {name: pl.lit(None, kind) for name, kind in SITE_LOG.items()}
    return rows.with_columns(**{**empty, "class": pl.lit(verdict)}, reason=reason)


def collect_log(parts: list[pl.DataFrame], scores: pl.Series, first_term: int = 0) -> pl.DataFrame:
    """The logs of all contigs as one, by score in the order of ``scores`` and by line.

    Terms that lack a part and duplicates are set aside, and so are A/T and C/G variants that only frequencies put on
    the other strand. Terms get numbers from ``first_term`` on.
    """
    columns = [pl.col(name).cast(kind) for name, kind in LOG_SCHEMA.items()]
    order = pl.DataFrame({"score": scores, "_order": range(len(scores))}, schema_overrides={"_order": pl.Int64})
    whole = pl.concat([part.select(columns) for part in parts]).join(order, on="score", how="left")
    whole = whole.sort("_order", "line", maintain_order=True)
    whole = _number_terms(whole, first_term).drop("_order")
    return set_duplicates_aside(_complete_terms(_doubt_flips(whole)))


def set_duplicates_aside(matches: pl.DataFrame) -> pl.DataFrame:
    """Keep the first of the rows of a score that say the same of one site; the others become ``duplicate``.

    Rows say the same when they match one site with one effect type, whichever allele they call the effect allele:
    such pairs come from variants that were merged, and their sum would count the site twice. Rows of different effect
    types (additive and dominant, or dominant and recessive) are parts of one model and are all kept. Terms say the same
    when all their parts do.
    """
    alleles = pl.concat_list(pl.col("effect_allele"), pl.col("other_allele").fill_null(pl.col("effect_allele")))
    place = pl.when(pl.col("row").is_null()).then(
        pl.concat_str("pos", alleles.list.sort().list.join("/"), separator=":")
    )
    key = ["score", "contig", "effect_type", "row", "_place", "_rest"]
    rows = matches.with_row_index("_variant")
    used = rows.filter(pl.col("class").is_in(USED)).with_columns(_place=place)
    used = used.join(_rest_of_terms(used), on="_variant", how="left")
    first = used.group_by(key).agg(
        pl.col("line").first().alias("_first"),
        pl.col("weight").first().alias("_weight"),
        pl.col("dosage_of").first().alias("_of"),
        pl.len().alias("_times"),
    )
    several = used.join(first.filter(pl.col("_times") > 1), on=key, how="inner", nulls_equal=True)
    several = several.filter(pl.col("line") != pl.col("_first"))
    same_allele = pl.col("dosage_of") == pl.col("_of")
    other = pl.col("weight").ne_missing(pl.when(same_allele).then("_weight").otherwise(-pl.col("_weight")))
    again = several.select(
        "_variant", "_first", pl.when(other).then(pl.lit(", with another weight")).otherwise(pl.lit("")).alias("_how")
    )
    rows = rows.join(again, on="_variant", how="left", maintain_order="left")
    twice = pl.col("_first").is_not_null()
    said = pl.format("the site is also on line {}{}", "_first", "_how")
    return rows.with_columns(
        pl.when(twice).then(pl.lit("duplicate")).otherwise("class").alias("class"),
        pl.when(twice).then(said).otherwise("reason").alias("reason"),
    ).drop("_variant", "_first", "_how")


def _number_terms(log: pl.DataFrame, start: int) -> pl.DataFrame:
    """Number terms through, in the log's order, over all scores."""
    terms = log.filter(pl.col("term").is_not_null()).select("score", "term").unique(maintain_order=True)
    numbers = terms.with_row_index("_number", start)
    joined = log.join(numbers, on=["score", "term"], how="left", maintain_order="left")
    return joined.with_columns(term=pl.col("_number").cast(pl.Int64)).drop("_number")


def _complete_terms(log: pl.DataFrame) -> pl.DataFrame:
    """Give all parts of a term the class of its first part that does not match, since the term needs them all."""
    lost = log.filter(pl.col("term").is_not_null() & ~pl.col("class").is_in(USED))
    if lost.is_empty():
        return log
    first = lost.group_by("term", maintain_order=True).first()
    first = first.select("term", _class="class", _reason=pl.format("{}:{} of its sites: {}", "contig", "pos", "reason"))
    joined = log.join(first, on="term", how="left", maintain_order="left")
    gone = pl.col("_class").is_not_null() & pl.col("class").is_in(USED)
    return joined.with_columns(
        pl.when(gone).then("_class").otherwise("class").alias("class"),
        pl.when(gone).then("_reason").otherwise("reason").alias("reason"),
        pl.when(~gone).then("dosage_of").alias("dosage_of"),
        pl.when(~gone).then("siblings").alias("siblings"),
    ).drop("_class", "_reason")


def _doubt_flips(log: pl.DataFrame) -> pl.DataFrame:
    """Leave out what only frequencies put on the other strand, in scores of which nothing else is on it.

    There the frequencies differ because the populations do.
    """
    told = pl.col("reason").eq(BY_FREQUENCY).fill_null(False)
    flipped = pl.col("class") == "matched_flipped"
    supported = (flipped & ~told).any().over("score")
    doubted = flipped & told & ~supported
    reason = f"{BY_CHOICE}; the frequencies tell the other strand, on which no other variant of the score is"
    return log.with_columns(
        pl.when(doubted).then(pl.lit("ambiguous")).otherwise("class").alias("class"),
        pl.when(doubted).then(pl.lit(reason)).otherwise("reason").alias("reason"),
        pl.when(~doubted).then("dosage_of").alias("dosage_of"),
    )


def _rest_of_terms(used: pl.DataFrame) -> pl.DataFrame:
    """By row of a term, what all its parts are, as one text: only terms that are the same throughout say the same."""
    part = pl.format(
        "{}:{}:{}:{}",
        "contig",
        "pos",
        "effect_allele",
        pl.col("dosage_weights").list.eval(pl.element().cast(pl.String)).list.join(",").fill_null(""),
    )
    terms = used.filter(pl.col("term").is_not_null())
    return terms.select("_variant", _rest=part.sort().str.join(" ").over("term"))
