"""PP3 and BP4: one predictor of missense changes, chosen in advance, and the splicing score; BP7 of silent changes.

Thresholds are calibrated ones (resources/annotation/acmg/predictors.tsv). A missense change is predicted benign only
where an effect on splicing is excluded too; what PVS1 weighs, PP3 does not weigh again (Walker 2023).
"""

import polars as pl

from permed.annotation.acmg.sites import INFRAME, NO_SOURCE, is_silent
from permed.annotation.acmg.tables import SPLICING, threshold_source, thresholds
from permed.annotation.acmg.verdicts import ALWAYS, MET, NOT_ASSESSABLE, NOT_MET, Case, cited, judge
from permed.null_variants import has, is_null

DONOR_BASES, ACCEPTOR_BASES = 7, 21  # from which on an intron's bases are outside the splice motifs (Walker 2023)
EXON_START, EXON_END = 1, 3  # bases of an exon that are part of them
_SPLICED = thresholds(SPLICING, "PP3")[-1][1]
_NOT_SPLICED = thresholds(SPLICING, "BP4")[-1][1]


def pp3(sites: pl.DataFrame, predictor: str | None, shown: dict[str, str]) -> pl.Series:
    """Predicted to harm the protein or its splicing; the stronger of both."""
    score, splices = pl.col("predictor_score"), pl.col("splicing_score") >= _SPLICED
    missense = has("missense")
    levels = thresholds(predictor or "", "PP3")
    harmed = [Case(missense & (score >= limit), MET, "predicted to harm the protein", s) for s, limit in levels]
    cases = [
        Case(is_null(), NOT_MET, "PVS1 weighs the loss of function"),
        *harmed,
        Case(splices, MET, "predicted to change splicing", "supporting"),
        *_unpredicted(missense, predictor, levels),
        Case(pl.col("splicing_score").is_null(), NOT_ASSESSABLE, _no_splicing(sites)),
        Case(ALWAYS, NOT_MET, "not predicted to harm"),
    ]
    return _judge(sites, "PP3", cases, predictor, shown)


def bp4(sites: pl.DataFrame, predictor: str | None, shown: dict[str, str]) -> pl.Series:
    """Predicted to harm neither the protein nor its splicing."""
    score, spliced = pl.col("predictor_score"), pl.col("splicing_score")
    missense = has("missense")
    levels = thresholds(predictor or "", "BP4")
    weakest = pl.lit(levels[-1][1] if levels else None, pl.Float64)
    cases = [
        Case(is_null(), NOT_MET, "PVS1 weighs the loss of function"),
        Case(has((*INFRAME, "stop_lost")), NOT_MET, "no predictor is calibrated for changes of the protein's length"),
        *_unpredicted(missense, predictor, levels),
        Case(missense & (score > weakest), NOT_MET, "not predicted to be tolerated"),
        Case(spliced > _NOT_SPLICED, NOT_MET, "an effect on splicing is not excluded"),
        Case(spliced.is_null(), NOT_ASSESSABLE, _no_splicing(sites)),
        *[Case(missense & (score <= limit), MET, "predicted to be tolerated", strength) for strength, limit in levels],
        Case(is_silent() | has(("intron", "splice_region")), MET, "not predicted to change splicing", "supporting"),
        Case(ALWAYS, NOT_ASSESSABLE, "such a change may do harm otherwise than by splicing"),
    ]
    return _judge(sites, "BP4", cases, predictor, shown)


def bp7(sites: pl.DataFrame, shown: dict[str, str]) -> pl.Series:
    """Silent, or deep in an intron, outside the splice motifs, and not predicted to change splicing."""
    distance, donor = pl.col("splice_distance"), pl.col("splice_site") == "donor"
    silent = is_silent()
    intron = has(("intron", "splice_region")) & (distance > 0)
    edge = pl.when(donor).then(distance >= -EXON_END).otherwise(distance >= -EXON_START) & (distance <= 0)
    motif = pl.when(donor).then(distance < DONOR_BASES).otherwise(distance < ACCEPTOR_BASES)
    unknown = distance.is_null() & has("splice_region")
    spliced = pl.col("splicing_score")
    cases = [
        Case(~(silent | intron | (has("intron") & distance.is_null())), NOT_MET, "neither silent nor in an intron"),
        Case(unknown | (~silent & distance.is_null()), NOT_ASSESSABLE, "the distance to the splice site is not known"),
        Case(silent & edge, NOT_MET, "at the exon's edge, in the splice motif"),
        Case(intron & motif & ~silent, NOT_MET, "in the splice motif"),
        Case(spliced > _NOT_SPLICED, NOT_MET, "an effect on splicing is not excluded"),
        Case(spliced.is_null(), NOT_ASSESSABLE, _no_splicing(sites)),
        Case(ALWAYS, MET, "outside the splice motifs and not predicted to change splicing"),
    ]
    value = pl.concat_str(
        pl.format("splice distance {}", distance), pl.format("splicing {}", spliced), separator="; ", ignore_nulls=True
    )
    source = cited("BP7", shown.get("splicing"))
    return judge(sites, "BP7", cases, value=value, threshold=f"splicing <= {_NOT_SPLICED}", source=source)


def _unpredicted(missense: pl.Expr, predictor: str | None, levels: tuple) -> list[Case]:
    none = pl.col("predictor_state") == NO_SOURCE
    return [
        Case(missense & none, NOT_ASSESSABLE, "no predictor of missense changes is configured"),
        Case(missense & pl.lit(not levels), NOT_ASSESSABLE, f"nobody has calibrated {predictor}, as far as we know"),
        Case(
            missense & pl.col("predictor_score").is_null(), NOT_ASSESSABLE, "the predictor has no score of the variant"
        ),
    ]


def _no_splicing(sites: pl.DataFrame) -> str:
    configured = len(sites) and sites["splicing_state"][0] != NO_SOURCE
    return "no splicing score of the variant" if configured else "no splicing score is configured"


def _judge(sites: pl.DataFrame, criterion: str, cases: list[Case], predictor: str | None, shown: dict) -> pl.Series:
    sign = ">=" if criterion == "PP3" else "<="
    of_predictor = pl.when(has("missense")).then(pl.format(f"{predictor} {{}}", pl.col("predictor_score")))
    parts = [of_predictor, pl.format("splicing {}", pl.col("splicing_score"))]
    value = pl.concat_str(parts, separator="; ", ignore_nulls=True)
    levels = ", ".join(f"{strength} {limit}" for strength, limit in thresholds(predictor or "", criterion))
    limits = [f"{predictor} {sign} {levels}"] if levels else []
    limits += [f"splicing {sign} {thresholds(SPLICING, criterion)[-1][1]}"]
    papers = [threshold_source(predictor)] if levels else []
    source = "; ".join(
        filter(None, [*(shown.get(role) for role in ("predictor", "splicing")), *papers, threshold_source(SPLICING)])
    )
    return judge(sites, criterion, cases, value=value, threshold="; ".join(limits), source=source)
