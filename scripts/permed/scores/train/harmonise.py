"""Rows of summary statistics that can be trusted, and their variants in the alleles of an LD reference.

Each row that is left out is counted under its reason. A variant whose alleles read the same on both strands (A/T, C/G)
is left out even where frequencies could tell the strand, since matching a score to a cohort leaves it out as well: as
the chosen variant of its locus it would take the locus with it.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import AUTOSOMES

COMPARED = 20  # variants from which frequencies are judged
MAX_MISPLACED = 0.1  # share of variants of the same rsID at another position
_ACGT, _TGCA = list("ACGT"), list("TGCA")
_BASES = "^[ACGT]+$"


@dataclass
class Counts:
    """How many rows were read, how many were used, and why the others were not."""

    read: int = 0
    used: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def drop(self, rows: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
        """The rows for which ``reason`` is null; the others are counted."""
        marked = rows.with_columns(reason.alias("_reason"))
        for row in marked.filter(pl.col("_reason").is_not_null()).group_by("_reason").len().sort("_reason").iter_rows():
            self.left_out[row[0]] = self.left_out.get(row[0], 0) + row[1]
        return marked.filter(pl.col("_reason").is_null()).drop("_reason")


def check_quality(
    rows: pl.DataFrame, counts: Counts, *, min_frequency: float, min_info: float, n: float | None
) -> pl.DataFrame:
    """Leave out rows that cannot be used or trusted; ``n`` is the study's size if the file has no column for it."""
    counts.read = len(rows)
    effect, other, size = pl.col("effect_allele"), pl.col("other_allele"), pl.coalesce("n", pl.lit(n, pl.Float64))
    rarer = pl.min_horizontal("frequency", 1 - pl.col("frequency"))
    turned = other.replace_strict(_ACGT, _TGCA, default=None, return_dtype=pl.String)
    reasons = {
        "alleles are not written in A, C, G, T": ~effect.str.contains(_BASES).fill_null(False)
        | ~other.str.contains(_BASES).fill_null(False),
        "both alleles are the same": effect == other,
        "alleles read the same on both strands": (effect == turned).fill_null(False),
        "not on an autosome": pl.col("contig").is_not_null() & ~pl.col("contig").is_in(AUTOSOMES),
        "no effect, or no standard error and p-value for it": pl.col("z").is_null() | pl.col("log10_p").is_null(),
        f"minor allele frequency below {min_frequency:g}": rarer < min_frequency,
        f"imputation quality below {min_info:g}": pl.col("info") < min_info,
        "effect too large for the sample size (z² above n)": pl.col("z").pow(2) > size,
    }
    reason = pl.coalesce(pl.when(wrong.fill_null(False)).then(pl.lit(name)) for name, wrong in reasons.items())
    rows = counts.drop(rows, reason)
    if rows["n"].null_count() < len(rows):
        few = rows["n"].quantile(0.9, "linear") / 1.5
        thin = pl.when(pl.col("n") < few).then(pl.lit("sample size below two thirds of the 90th percentile's"))
        rows = counts.drop(rows, thin)
    return rows


def match_reference(
    rows: pl.DataFrame, reference: pl.DataFrame, counts: Counts, *, by: str, same_build: bool
) -> pl.DataFrame:
    """The reference's variants that the summary statistics have, in the reference's order.

    ``reference`` has ``at`` (its own number), ``contig pos rsid a1 a2 frequency``, alleles upper case, the last that
    of a1 or null. ``by`` is ``rsid`` or ``position``. ``effect``, ``z`` and ``file_frequency`` come back for a1.
    ``contig`` and ``pos`` are the reference's, ``file_contig`` and ``file_pos`` the study's; ``same_build`` says that
    both should be the same. The two are refused where places or frequencies show that they do not belong together.
    """
    key = ["rsid"] if by == "rsid" else ["contig", "pos"]
    renamed = {"contig": "file_contig", "pos": "file_pos"} if by == "rsid" else {"rsid": "file_rsid"}
    have = rows.rename({**renamed, "frequency": "file_frequency"})
    if by == "position":
        have = have.with_columns(file_contig="contig", file_pos="pos")
    there = reference.select(key).unique().with_columns(_there=pl.lit(True))
    have = have.join(there, on=key, how="left", maintain_order="left")
    have = counts.drop(have, pl.when(pl.col("_there").is_null()).then(pl.lit("not in the LD reference"))).drop("_there")
    pairs = have.join(reference, on=key, how="inner", maintain_order="left").with_columns(way=_way())
    fits = pairs.filter(pl.col("way").is_not_null())
    misfit = ~pl.col("line").is_in(fits["line"].implode())
    counts.drop(have, pl.when(misfit).then(pl.lit("other alleles than the LD reference has")))
    repeated = fits.filter(pl.col("at").is_duplicated() | pl.col("line").is_duplicated())["line"]
    again = pl.when(pl.col("line").is_in(repeated.implode())).then(pl.lit("the same variant more than once"))
    fits = counts.drop(fits.unique("line", keep="first", maintain_order=True), again)
    if by == "rsid" and same_build:
        _check_places(fits)
    same = pl.col("way").str.starts_with("same")
    sign = pl.when(same).then(1.0).otherwise(-1.0)
    turned = pl.when(same).then("file_frequency").otherwise(1 - pl.col("file_frequency"))
    matched = fits.with_columns(effect=pl.col("effect") * sign, z=pl.col("z") * sign, file_frequency=turned).sort("at")
    _check_frequencies(matched)
    counts.used = len(matched)
    return matched


def _way() -> pl.Expr:
    """How a row's alleles become those of the reference; the strand as written before the other one."""
    effect, other, a1, a2 = (pl.col(name) for name in ("effect_allele", "other_allele", "a1", "a2"))
    turned, other_turned = _complement(effect), _complement(other)
    ways = {
        "same": (effect == a1) & (other == a2),
        "exchanged": (effect == a2) & (other == a1),
        "same, other strand": (turned == a1) & (other_turned == a2),
        "exchanged, other strand": (turned == a2) & (other_turned == a1),
    }
    return pl.coalesce(pl.when(fits).then(pl.lit(name)) for name, fits in ways.items())


def _complement(allele: pl.Expr) -> pl.Expr:
    """The other strand of single bases; of longer alleles none, since they are anchored on the strand they are on."""
    return allele.replace_strict(_ACGT, _TGCA, default=None, return_dtype=pl.String)


def _check_places(fits: pl.DataFrame) -> None:
    """Refuse summary statistics that claim the reference's build and have its variants elsewhere."""
    placed = fits.filter(pl.col("file_pos").is_not_null())
    off = placed.filter((pl.col("file_pos") != pl.col("pos")) | (pl.col("file_contig") != pl.col("contig")))
    if len(placed) and len(off) > MAX_MISPLACED * len(placed):
        fault = f"{len(off)} of {len(placed)} variants are not where the LD reference has them under the same rsID"
        raise Fault(fault, remedy="Say of which build the positions are: build and ld_build in scores.train")


def _check_frequencies(matched: pl.DataFrame) -> None:
    """Refuse a study whose alleles have the frequencies that the other ones have in the reference."""
    both = matched.select(study="file_frequency", here="frequency").drop_nulls()
    as_said, exchanged = ((both["study"] - other).abs().median() for other in (both["here"], 1 - both["here"]))
    if len(both) >= COMPARED and exchanged < as_said:
        fault = (
            f"frequencies of effect alleles are off by {as_said:.2f} from the LD reference's, those of the others by"
        )
        remedy = "Are effect_allele and other_allele exchanged, or is it the frequency of the other allele?"
        raise Fault(f"{fault} {exchanged:.2f} (medians of {len(both)} variants)", remedy=remedy)


def sample_size(rows: pl.DataFrame, n: float | None, path) -> float:
    """The study's size: what the configuration says, else the median of the file's column."""
    if n is not None:
        return float(n)
    if rows["n"].null_count() == len(rows):
        remedy = "Give n in scores.train (of cases and controls the effective one, 4 / (1/cases + 1/controls))"
        raise Fault("there is no column n, and no sample size is configured", path, remedy=remedy)
    return float(np.median(rows["n"].drop_nulls().to_numpy()))
