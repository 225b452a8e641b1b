"""PS1, PM1, PM5, PP2 and BP1: changes of one residue, by what is known of it and of its gene."""

import polars as pl

from permed.annotation.acmg.clinvar import says_disease
from permed.annotation.acmg.sites import INFRAME, NO_SOURCE
from permed.annotation.acmg.tables import SPLICING, thresholds
from permed.annotation.acmg.verdicts import ALWAYS, MET, NOT_ASSESSABLE, NOT_MET, Case, cited, judge, rule
from permed.null_variants import has

CONSTRAINED = 3.09  # missense Z of ExAC's and gnomAD's constraint from which a gene counts as constrained
SPOTS = {"gene": pl.String, "first": pl.Int64, "last": pl.Int64, "source": pl.String}
KNOWN = {
    "transcript": pl.String,
    "residue_position": pl.Int64,
    "changed": pl.String,
    "key": pl.UInt64,
    "clinvar_class": pl.String,
    "clinvar_variation_id": pl.String,
}


def known_changes(sites: pl.DataFrame, min_stars: int) -> pl.DataFrame:
    """Changes of one residue that ClinVar classifies (likely) pathogenic with at least so many stars."""
    known = has("missense") & says_disease(min_stars) & pl.col("changed").is_not_null()
    return sites.filter(known).select(*KNOWN)


def compare_changes(sites: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """``same_…`` and ``other_…`` (class, variation): the strongest known change to the same and to another residue.

    A variant is not compared with itself.
    """
    rows = sites.with_row_index("row").select("row", "transcript", "residue_position", "changed", "key")
    pairs = rows.drop_nulls().join(known, on=["transcript", "residue_position"], suffix="_known")
    pairs = pairs.filter(pl.col("key") != pl.col("key_known"))
    out = sites.with_row_index("row").select("row")
    for name, which in (("same", pl.col("changed") == pl.col("changed_known")), ("other", None)):
        chosen = pairs.filter(which if which is not None else pl.col("changed") != pl.col("changed_known"))
        first = chosen.sort("row", pl.col("clinvar_class") != "pathogenic", "clinvar_variation_id", "key_known")
        best = first.unique("row", keep="first").select(
            "row",
            pl.col("clinvar_class").alias(f"{name}_class"),
            pl.col("clinvar_variation_id").alias(f"{name}_variation"),
        )
        out = out.join(best, on="row", how="left", maintain_order="left")
    return out.drop("row")


def has_pathogenic_before(sites: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """Whether a known pathogenic change lies before the next start codon, for losses of the start codon."""
    first = (
        known.filter(pl.col("residue_position") > 1)
        .group_by("transcript")
        .agg(pl.col("residue_position").min().alias("first_known"))
    )
    joined = sites.select("transcript", "start_lost_rescue").join(
        first, on="transcript", how="left", maintain_order="left"
    )
    return joined.select((pl.col("first_known") < pl.col("start_lost_rescue")).fill_null(False)).to_series()


def in_hot_spots(sites: pl.DataFrame, spots: pl.DataFrame | None) -> pl.DataFrame:
    """``in_hot_spot`` and ``before_hot_spot`` (a region ends there or behind), both null where the table does not have
    the gene, and ``hot_spot`` (region and source).
    """
    rows = sites.with_row_index("row").select("row", "gene", "residue_position")
    spots = pl.DataFrame(schema=SPOTS) if spots is None else spots
    inside = rows.join(spots, on="gene").filter(pl.col("residue_position").is_between("first", "last"))
    inside = inside.sort("row", "first", "last").unique("row", keep="first")
    shown = pl.format("{} to {}: {}", "first", "last", "source")
    ends = spots.group_by("gene").agg(pl.col("last").max())
    joined = rows.join(inside.select("row", hot_spot=shown), on="row", how="left", maintain_order="left")
    joined = joined.join(ends, on="gene", how="left", maintain_order="left")
    return joined.select(
        "hot_spot",
        in_hot_spot=pl.when(pl.col("last").is_not_null()).then(pl.col("hot_spot").is_not_null()),
        before_hot_spot=pl.col("residue_position") <= pl.col("last"),
    )


def ps1(sites: pl.DataFrame, complete: bool, shown: str | None) -> pl.Series:
    """The change of the protein that another, pathogenic variant makes."""
    same, text = pl.col("same_class"), "another variant with this change is "
    cases = [
        Case(same == "pathogenic", MET, f"{text}pathogenic", "strong"),
        Case(same.is_not_null(), MET, f"{text}likely pathogenic", "moderate"),
    ]
    return _compared(sites, "PS1", "same", cases, complete, shown)


def pm5(sites: pl.DataFrame, complete: bool, shown: str | None) -> pl.Series:
    """Another change of a residue of which a pathogenic change is known; not counted beside PS1."""
    other, text = pl.col("other_class"), "another change of the residue is "
    cases = [
        Case(pl.col("same_class").is_not_null(), NOT_MET, "PS1 weighs the residue"),
        Case(other == "pathogenic", MET, f"{text}pathogenic", "moderate"),
        Case(other.is_not_null(), MET, f"{text}likely pathogenic", "supporting"),
    ]
    return _compared(sites, "PM5", "other", cases, complete, shown)


def pm1(sites: pl.DataFrame, given: bool) -> pl.Series:
    """In a hot spot or functional region of the user's table."""
    cases = [
        Case(~has(("missense", *INFRAME)), NOT_MET, "no such change"),
        Case(pl.lit(not given), NOT_ASSESSABLE, "no table of hot spots and functional regions is given"),
        Case(pl.col("in_hot_spot").is_null(), NOT_ASSESSABLE, "the table of regions does not have the gene"),
        Case(pl.col("residue_position").is_null(), NOT_ASSESSABLE, "the residue is not known"),
        Case(pl.col("in_hot_spot"), MET, "in a hot spot or functional region"),
        Case(ALWAYS, NOT_MET, "in no region of the table"),
    ]
    return judge(sites, "PM1", cases, value=pl.coalesce("hot_spot", pl.col("residue_position").cast(pl.String)))


def pp2(sites: pl.DataFrame) -> pl.Series:
    """Missense in a gene that bears few of them."""
    score = pl.col("mis_z")
    limit = pl.coalesce(rule(sites, "PP2", "threshold", pl.Float64), pl.lit(CONSTRAINED))
    cases = [
        *_not_missense(),
        Case(rule(sites, "PP2", "use") == "yes", MET, "missense is a mechanism of the gene, by the gene rules"),
        Case(rule(sites, "BP1", "use") == "yes", NOT_MET, "truncations cause disease, by the gene rules"),
        Case(score.is_null(), NOT_ASSESSABLE, "the gene's constraint is not given"),
        Case(score >= limit, MET, "the gene has far fewer missense variants than expected"),
        Case(ALWAYS, NOT_MET, "the gene is not constrained against missense"),
    ]
    value = pl.format("missense Z {}", score)
    return judge(sites, "PP2", cases, value=value, threshold=limit.cast(pl.String))


def bp1(sites: pl.DataFrame) -> pl.Series:
    """Missense in a gene in which truncations cause disease; only by a gene rule."""
    text = "whether only truncations cause disease in the gene is not given"
    cases = [
        *_not_missense(),
        Case(rule(sites, "BP1", "use") == "yes", MET, "truncations cause disease in the gene, by the gene rules"),
        Case(ALWAYS, NOT_ASSESSABLE, text),
    ]
    return judge(sites, "BP1", cases)


def _not_missense() -> list[Case]:
    return [Case(~has("missense"), NOT_MET, "no missense")]


def _compared(
    sites: pl.DataFrame, criterion: str, which: str, found: list[Case], complete: bool, shown: str | None
) -> pl.Series:
    """PS1 or PM5 by its cases of what was ``found``: not where ClinVar was not compared, or splicing is changed."""
    compared = "only those of ClinVar's variants that someone in the cohort carries were compared"
    known = pl.col("same_class").is_not_null() | pl.col(f"{which}_class").is_not_null()
    cases = [
        *_not_missense(),
        Case(pl.col("clinvar_state") == NO_SOURCE, NOT_ASSESSABLE, "no ClinVar is configured"),
        Case(pl.col("changed").is_null(), NOT_ASSESSABLE, "not the change of one residue, or not known"),
        Case(known & _splices(), NOT_ASSESSABLE, "splicing may be affected, so the change of the protein is not all"),
        *found,
        Case(pl.lit(not complete), NOT_ASSESSABLE, compared),
        Case(ALWAYS, NOT_MET, "ClinVar has no such pathogenic change"),
    ]
    variation = pl.format("ClinVar {}: {}", f"{which}_variation", f"{which}_class")
    return judge(sites, criterion, cases, value=variation, source=cited(criterion, shown))


def _splices() -> pl.Expr:
    return pl.col("splicing_score") >= thresholds(SPLICING, "PP3")[-1][1]
