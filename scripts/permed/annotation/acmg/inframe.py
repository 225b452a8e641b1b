"""PM4 and BP3: changes of the protein's length that keep the reading frame."""

import numpy as np
import polars as pl

from permed.annotation.acmg.sites import INFRAME
from permed.annotation.acmg.verdicts import ALWAYS, MET, NOT_ASSESSABLE, NOT_MET, Case, judge
from permed.evidence.intervals import Intervals
from permed.null_variants import has, is_null

_LOST = "PVS1 weighs the loss of the gene's product"
_OTHER = "no change of the protein's length in frame"
_UNKNOWN = "no table of repeats is given (annotation.classification.repeats)"
_FUNCTION = "whether the repeat has a known function is not given (annotation.classification.hot_spots)"


def in_repeats(sites: pl.DataFrame, repeats: Intervals | None) -> pl.Series:
    """``in_repeat``: whether the bases that change all lie in repeats; null without repeats.

    A first base that REF and ALT share is only the anchor. An insertion lies between two bases; one of them in a repeat
    is enough, since a unit that is put in is left-aligned to the base before the repeat.
    """
    if repeats is None:
        return pl.Series("in_repeat", [None] * len(sites), dtype=pl.Boolean)
    pos = sites["pos"].to_numpy()
    size = sites["ref"].str.len_bytes().to_numpy().astype(np.int64)
    anchored = sites.select(pl.col("ref").str.head(1) == pl.col("alt").str.head(1)).to_series().to_numpy()
    last = pos + size - 1
    changed = repeats.cover(pos + anchored, np.maximum(last, pos + anchored))
    return pl.Series("in_repeat", changed | (anchored & (size == 1) & repeats.cover(pos, pos)))


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
        Case(pl.col("in_hot_spot").is_null() | pl.col("residue_position").is_null(), NOT_ASSESSABLE, _FUNCTION),
        Case(pl.col("in_hot_spot"), NOT_MET, "in a repeat of a functional region"),
        Case(ALWAYS, MET, "the protein's length changes within a repeat"),
    ]
    return judge(sites, "BP3", cases, value=pl.col("consequence"))
