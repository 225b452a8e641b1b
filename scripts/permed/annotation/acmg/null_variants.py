"""PVS1: variants that abolish a gene's product, by ClinGen's decision tree (Abou Tayoun 2018, doi:10.1002/humu.23626).

Of the tree, what needs data that are not at hand is decided downwards or left open: whether losses of function are
frequent in the exon, and whether a nearby cryptic splice site rescues, is not looked at.
"""

from dataclasses import replace

import polars as pl

from permed.annotation.acmg.given import SUFFICIENT
from permed.annotation.acmg.sites import NO_SOURCE
from permed.annotation.acmg.verdicts import ALWAYS, MET, NOT_ASSESSABLE, NOT_MET, Case, judge, rule
from permed.null_variants import SPLICE, has, is_cut, is_null

MUCH = 0.1  # share of the protein above which its loss weighs strongly
LAST_EXONS = 2  # before which the skipped exon must lie for its broken frame to end where decay reaches
_NO_MECHANISM = "whether loss of function is a mechanism of the gene is not given"
_TOLD_BY = "annotation.classification.gene_rules or dosage tells it"


def pvs1(sites: pl.DataFrame) -> pl.Series:
    """Loss of function in a gene in which it is known to cause disease."""
    main = pl.col("mane").is_not_null() | pl.col("canonical")
    known = (rule(sites, "PVS1", "use") == "yes") | (pl.col("haploinsufficiency") == SUFFICIENT)
    cases = [
        _no_loss(),
        Case(~known.fill_null(False), NOT_ASSESSABLE, f"{_NO_MECHANISM}; {_TOLD_BY}"),
        Case(~main.fill_null(False), NOT_ASSESSABLE, "the transcript is not known to be the relevant one"),
        *_tree(),
    ]
    said = pl.coalesce("nmd_reason", pl.format("exon {} skipped", "skipped_exon"))
    value = pl.when(is_null()).then(pl.concat_str("consequence", said, separator="; ", ignore_nulls=True))
    return judge(sites, "PVS1", cases, value=value)


def pvs1_at_most(sites: pl.DataFrame) -> pl.Series:
    """The points of PVS1 at most, if loss of function is the gene's mechanism and the transcript the relevant one."""
    tree = [replace(case, state=MET) if case.state == NOT_ASSESSABLE else case for case in _tree()]
    return judge(sites, "PVS1", [_no_loss(), *tree]).struct.field("points")


def _no_loss() -> Case:
    return Case(~is_null(), NOT_MET, "no variant that abolishes the gene's product")


def _tree() -> list[Case]:
    start, splice, cut = has("start_lost"), has(SPLICE), is_cut()
    critical = pl.col("in_hot_spot").fill_null(False)
    cut_off = pl.col("before_hot_spot").fill_null(False)
    before = pl.col("upstream_pathogenic")
    far = pl.col("skipped_exon") < pl.col("exons") - LAST_EXONS
    broken, lost, share = ~pl.col("skipped_in_frame"), pl.col("protein_lost"), pl.col("skipped_share")
    return [
        Case(start & before, MET, "start codon lost; pathogenic variants lie before the next one", "moderate"),
        Case(
            start & (pl.col("clinvar_state") == NO_SOURCE),
            MET,
            "start codon lost; no ClinVar is configured that may know pathogenic variants before the next one",
            "supporting",
        ),
        Case(start, MET, "start codon lost; no pathogenic variant is known before the next one", "supporting"),
        Case(splice & (share == 0), NOT_MET, "the exon beside the splice site holds no coding bases"),
        Case(splice & broken & far, MET, "splice site lost; the frame breaks and decay is expected", "very_strong"),
        Case(splice & critical, MET, "splice site lost; a critical region is changed", "strong"),
        Case(splice & broken, MET, "splice site lost near the end; the transcript may escape decay", "moderate"),
        Case(splice & (share > MUCH), MET, "splice site lost; the frame holds, over 10 % is missing", "strong"),
        Case(splice & ~broken, MET, "splice site lost; the frame holds, 10 % or less is missing", "moderate"),
        Case(splice, NOT_ASSESSABLE, "what the loss of the splice site does to the frame is not known"),
        Case(cut & (pl.col("nmd") == "triggers"), MET, "nonsense-mediated decay is expected", "very_strong"),
        Case(cut & pl.col("nmd").is_null(), NOT_ASSESSABLE, "whether the transcript decays is not known"),
        Case(cut_off, MET, "escapes decay; a critical region is cut off", "strong"),
        Case(lost > MUCH, MET, "escapes decay; over 10 % of the protein is cut off", "strong"),
        Case(lost <= MUCH, MET, "escapes decay; 10 % or less of the protein is cut off", "moderate"),
        Case(ALWAYS, NOT_ASSESSABLE, "the share of the protein that is cut off is not known", "strong"),
    ]
