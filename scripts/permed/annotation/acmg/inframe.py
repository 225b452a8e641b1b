"""PM4 and BP3: changes of the protein's length that keep the reading frame."""

import polars as pl

from permed.annotation.acmg.sites import INFRAME, has, is_null
from permed.annotation.acmg.verdicts import ALWAYS, MET, NOT_ASSESSABLE, NOT_MET, Case, judge

_LOST = "PVS1 weighs the loss of the gene's product"
_OTHER = "no change of the protein's length in frame"
_UNKNOWN = "no table of repeats is given (annotation.classification.repeats)"


def pm4(sites: pl.DataFrame) -> pl.Series:
    """The protein is longer or shorter, outside repeats, or its stop codon is lost."""
    cases = [
        Case(is_null(), NOT_MET, _LOST),
        Case(has("stop_lost"), MET, "the stop codon is lost"),
        Case(~has(INFRAME), NOT_MET, _OTHER),
        Case(pl.col("in_repeat").is_null(), NOT_ASSESSABLE, _UNKNOWN),
        Case(pl.col("in_repeat"), NOT_MET, "in a repeat"),
        Case(ALWAYS, MET, "the protein's length changes outside repeats"),
    ]
    return judge(sites, "PM4", cases, value=pl.col("consequence"))


def bp3(sites: pl.DataFrame) -> pl.Series:
    """The protein is longer or shorter within a repeat that is no region of the table of hot spots."""
    cases = [
        Case(is_null(), NOT_MET, _LOST),
        Case(~has(INFRAME), NOT_MET, _OTHER),
        Case(pl.col("in_repeat").is_null(), NOT_ASSESSABLE, _UNKNOWN),
        Case(~pl.col("in_repeat"), NOT_MET, "in no repeat"),
        Case(pl.col("in_hot_spot"), NOT_MET, "in a repeat of a functional region"),
        Case(ALWAYS, MET, "the protein's length changes within a repeat"),
    ]
    return judge(sites, "BP3", cases, value=pl.col("consequence"))
