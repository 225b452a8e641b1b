"""Clumping and thresholding: of each group of correlated variants the one with the smallest p-value.

As ``plink --clump`` (1.9) chooses index variants: greedily by p-value, ties by position; a variant below the threshold
that lies within the window of an earlier one and has an r² above the limit with it is not one. r² is that of ALT counts
over the people called at both, where PLINK 1.9 estimates haplotype frequencies; the two agree but for chance.
"""

import math

import numpy as np
import polars as pl

from permed.genotypes.store import HET, HOM_ALT, HOM_REF
from permed.scores.train.harmonise import Counts
from permed.scores.train.kernels import clump
from permed.scores.train.ld import Panel

TIE = 1e-12  # of logarithms of p-values


def choose_variants(
    matched: pl.DataFrame, panel: Panel, counts: Counts, *, p: float, r2: float, window_kb: float
) -> pl.DataFrame:
    """The index variants among ``matched`` rows (``at contig pos effect log10_p``), with ``clumped``, how many others
    each stands for; by contig in the panel's order and by position."""
    significant = pl.col("log10_p") <= math.log10(p) + TIE
    rows = counts.drop(matched, pl.when(~significant).then(pl.lit(f"p-value above {p:g}")))
    kept = []
    for contig in rows["contig"].unique(maintain_order=True):
        here = rows.filter(pl.col("contig") == contig).sort("pos", "at")
        codes = panel.codes(here["at"].to_numpy())
        varies = pl.Series(_varies(codes))
        here = counts.drop(here, pl.when(~varies).then(pl.lit("does not vary in the LD reference")))
        codes = np.ascontiguousarray(codes[varies.to_numpy()])
        order = here.with_row_index("_row").sort("log10_p", "pos", "at")["_row"].to_numpy().astype(np.int64)
        index = np.empty(len(here), np.int64)
        clump(codes, here["pos"].to_numpy(), order, round(window_kb * 1000), r2, index)
        own = index == np.arange(len(here))
        here = here.with_columns(clumped=pl.Series(np.bincount(index, minlength=len(here)) - 1))
        reason = pl.when(~pl.Series(own)).then(pl.lit("in LD with a variant of smaller p-value"))
        kept.append(counts.drop(here, reason))
    chosen = pl.concat(kept) if kept else rows.with_columns(clumped=pl.lit(0, pl.Int64))
    counts.used = len(chosen)
    return chosen


def _varies(codes: np.ndarray) -> np.ndarray:
    """Which variants have two different genotypes among the people called."""
    return sum((codes == code).any(axis=1).astype(np.int64) for code in (HOM_REF, HET, HOM_ALT)) > 1
