"""What is known of each person's listed genes: found, absent, or not assessable, with the share that was looked at."""

import polars as pl

from permed.findings.coverage import ASSUMED, CALLABLE, GVCF, SITES
from permed.findings.lists import SECONDARY
from permed.findings.rules import POSSIBLE, YES

SCHEMA = {
    **dict.fromkeys(("sample", "gene", "list", "state"), pl.String),
    "share": pl.Float64,
    "reason": pl.String,
    "basis": pl.String,
}
BASIS = {
    GVCF: "by the file's reference blocks",
    CALLABLE: "by the callable regions",
    ASSUMED: "if every site without a record was looked at and is reference, which this run assumes and cannot check",
    SITES: "by the records of the file alone",
}
NO_MODEL = "the gene is not in the gene models, or not on a contig of this run"
UNREAD = "a position of this gene at which a variant to report is known was not read, or not well enough"
NAMED = "the place of the only change that is reported of this gene was not looked at, or is not in the gene models"
TOGETHER = "variants of this gene that the person carries may act together, which could not be classified"
ELSEWHERE = "the person carries a pathogenic variant of another gene that changes this one, at the same place, too"
UNCLASSED = "a variant of this gene that the person carries could not be classified"
ABSENT = "no pathogenic or likely pathogenic small variant in the {} of coding bases looked at, {}"
ABSENT_RULE = "nothing to report by the rule of this gene in the {} of coding bases looked at, {}"


def gene_states(
    asked: pl.DataFrame,
    coverage: pl.DataFrame,
    findings: pl.DataFrame,
    open_genes: pl.DataFrame,
    withheld: dict[str, str],
    min_coverage: float,
) -> pl.DataFrame:
    """The columns of :data:`SCHEMA` for each row of ``asked`` (``sample list gene by_rule``), in its order.

    ``by_rule`` marks genes of which not every pathogenic variant is reported: of these an absence never says that
    there is no pathogenic variant, since that would tell carriers from others.

    ``coverage`` is what :func:`~permed.findings.coverage.looked_at` gives of all contigs, ``findings`` the table of
    findings, ``open_genes`` (``sample gene unread unclassed elsewhere together``) counts candidates not read, variants
    without a class, variants classified for another gene and joint consequences.
    ``absent`` is only said of genes of which at least the share ``min_coverage`` was looked at, and only where nothing
    is open; ``share`` is rounded down.
    """
    needed = f"{100 * min_coverage:g} %"
    answers = findings.group_by("sample", "list", "gene").agg(
        yes=(pl.col("reportable") == YES).any(),
        possible=(pl.col("reportable") == POSSIBLE).any(),
        told=pl.coalesce(pl.col("reason").filter(pl.col("reportable") == YES).first(), pl.col("reason").first()),
    )
    held = pl.DataFrame(list(withheld.items()), schema={"sample": pl.String, "held": pl.String}, orient="row")
    share = ((pl.col("looked_at") * 1000 // pl.col("bases")) / 1000).round(3)
    # a gene may lie on two contigs, as those of the pseudoautosomal regions do in some gene models
    named = pl.col("named").drop_nulls()
    coverage = coverage.group_by("sample", "gene", maintain_order=True).agg(
        pl.col("bases", "looked_at").sum(),
        pl.col("basis").first(),
        lost=pl.when(named.len() > 0).then((named.sum() == 0) | (named.sum() > pl.col("named_looked_at").sum())),
    )
    frame = asked
    for table, keys in (
        (answers, ["sample", "list", "gene"]),
        (coverage.select("sample", "gene", "basis", "lost", share=share), ["sample", "gene"]),
        (open_genes, ["sample", "gene"]),
        (held, ["sample"]),
    ):
        frame = frame.join(table, on=keys, how="left", maintain_order="left")
    percent = pl.format("{} %", (pl.col("share") * 100).round(1))
    ground = pl.col("basis").replace_strict(BASIS, default="", return_dtype=pl.String)
    few = pl.format("{} of the coding bases were looked at, {}; {} are needed", percent, ground, pl.lit(needed))
    chain = [
        (pl.col("held").is_not_null(), "not_assessable", pl.col("held")),
        (pl.col("yes").fill_null(False), "found", pl.col("told")),
        (pl.col("possible").fill_null(False), "not_assessable", pl.col("told")),
        (pl.col("share").is_null(), "not_assessable", pl.lit(NO_MODEL)),
        ((pl.col("list") == SECONDARY) & pl.col("lost").fill_null(False), "not_assessable", pl.lit(NAMED)),
        (pl.col("unread").fill_null(0) > 0, "not_assessable", pl.lit(UNREAD)),
        (pl.col("unclassed").fill_null(0) > 0, "not_assessable", pl.lit(UNCLASSED)),
        (pl.col("elsewhere").fill_null(0) > 0, "not_assessable", pl.lit(ELSEWHERE)),
        (pl.col("together").fill_null(0) > 0, "not_assessable", pl.lit(TOGETHER)),
        (pl.col("share") < min_coverage, "not_assessable", few),
    ]
    plain, ruled = pl.format(ABSENT, percent, ground), pl.format(ABSENT_RULE, percent, ground)
    state, reason = pl.lit("absent"), pl.when("by_rule").then(ruled).otherwise(plain)
    for condition, name, text in reversed(chain):
        state = pl.when(condition).then(pl.lit(name)).otherwise(state)
        reason = pl.when(condition).then(text).otherwise(reason)
    share = pl.when(pl.col("held").is_null()).then("share")
    return frame.select("sample", "gene", "list", state=state, share=share, reason=reason, basis="basis")
