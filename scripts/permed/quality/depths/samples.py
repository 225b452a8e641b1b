"""Depth, genotype quality, allele balance and contamination of each sample, from the sums over genotypes."""

import numpy as np
import polars as pl

from permed.quality.depths.contamination.people import FIELDS, Estimate, estimate_people
from permed.quality.depths.contig import Depths
from permed.quality.depths.kernels import (
    BALANCE,
    CHARR,
    DEPTH,
    N_CHARR,
    N_DEPTH,
    N_GQ,
    N_HET,
    N_HOM_ALT,
    N_LOW_DEPTH,
    N_LOW_GQ,
    N_OUTSIDE,
    N_X,
    N_Y,
    N_Y_NO_CALL,
    QUALITY,
    REF_SHARE,
    X_DEPTH,
    Y_DEPTH,
)
from permed.quality.reads.samples import prefer_reads

MIN_SEX_SITES = 10
FAIL = 0.05  # share of foreign reads from which somebody is accused where the caller names none
DEPTH_SCHEMA = {
    "sample": pl.String,
    "mean_depth": pl.Float64,
    "mean_gq": pl.Float64,
    "het_balance": pl.Float64,
    "contamination": pl.Float64,
    "contamination_method": pl.String,
    "contamination_reason": pl.String,
    "x_depth": pl.Float64,
    "y_depth": pl.Float64,
    "autosome_depth": pl.Float64,
    "depth_source": pl.String,
    "contamination_low": pl.Float64,
    "contamination_high": pl.Float64,
    "contamination_sites": pl.Int64,
    "contamination_most": pl.Float64,
    "base_error": pl.Float64,
    "charr": pl.Float64,
    "charr_sites": pl.Int64,
    "n_depth": pl.Int64,
    "low_depth_share": pl.Float64,
    "n_gq": pl.Int64,
    "low_gq_share": pl.Float64,
    "n_het_balance": pl.Int64,
    "het_outside_share": pl.Float64,
    "n_hom_alt": pl.Int64,
    "hom_alt_ref_share": pl.Float64,
    "n_x_depth": pl.Int64,
    "n_y_depth": pl.Int64,
    "n_y_no_call": pl.Int64,
    "not_assessable": pl.String,
}


def measure_depths(
    found: Depths,
    samples: list[str],
    frequencies: list[str],
    min_sites: int,
    reads: pl.DataFrame | None = None,
    estimates: list[Estimate] | None = None,
) -> pl.DataFrame:
    """One row a sample from the sums of all contigs, ``found``; ``frequencies`` names those that were taken for each.

    A mean of fewer than ``min_sites`` genotypes (of chrX and chrY: of ten) is null and ``not_assessable`` says why.
    ``y_depth`` is that of all genotypes on chrY with one, the ``n_y_no_call`` without a call among them.
    What ``reads`` (of :data:`permed.quality.reads.samples.READS_SCHEMA`) tell of a person takes the place of that.

    ``contamination`` is that of :func:`permed.quality.depths.contamination.fit.fit_mixture`, a stranger's share;
    ``contamination_most`` what the reads do not exclude, be it a relative's; ``estimates`` are these where they are at
    hand. Beside it stands CHARR (Lu et al., Am J Hum Genet 2023; the bounds are those of Hail's compute_charr), the
    mean over homozygous ALT genotypes of the share of REF reads over the frequency of REF: wrong bases add to it, and
    it falls short where foreign reads make a heterozygote of a homozygote or a doubtful one.
    """
    has, counts, sums = found.has, found.counts, found.sums
    n_het, n_hom, n_charr = counts[N_HET], counts[N_HOM_ALT], counts[N_CHARR]
    estimates = estimates or estimate_people(found, min_sites, FAIL)
    method = [_method(*row, min_sites) for row in zip(estimates, n_het.tolist(), n_hom.tolist(), strict=True)]
    rows = zip(method, counts.T, estimates, frequencies, strict=True)
    reasons = [_reason(has, *row, min_sites) for row in rows]
    aligned = {} if reads is None else {row["sample"]: row for row in reads.iter_rows(named=True)}
    fitted = dict(zip(FIELDS, np.array([e.values() for e in estimates]).reshape(-1, len(FIELDS)).T, strict=True))
    columns = {
        "sample": samples,
        "mean_depth": _mean(counts[DEPTH], counts[N_DEPTH], min_sites),
        "mean_gq": _mean(sums[QUALITY], counts[N_GQ], min_sites),
        "het_balance": _mean(sums[BALANCE], n_het, min_sites),
        **fitted,
        "contamination_method": method,
        "contamination_reason": reasons,
        "x_depth": _mean(counts[X_DEPTH], counts[N_X], MIN_SEX_SITES),
        "y_depth": _mean(counts[Y_DEPTH], counts[N_Y], MIN_SEX_SITES),
        "autosome_depth": _mean(counts[DEPTH], counts[N_DEPTH], min_sites),
        "depth_source": ["genotypes" if number >= min_sites else None for number in counts[N_DEPTH].tolist()],
        "contamination_sites": [estimate.sites for estimate in estimates],
        "charr": _mean(sums[CHARR], n_charr, min_sites),
        "charr_sites": n_charr,
        "n_depth": counts[N_DEPTH],
        "low_depth_share": _mean(counts[N_LOW_DEPTH], counts[N_DEPTH], min_sites),
        "n_gq": counts[N_GQ],
        "low_gq_share": _mean(counts[N_LOW_GQ], counts[N_GQ], min_sites),
        "n_het_balance": n_het,
        "het_outside_share": _mean(counts[N_OUTSIDE], n_het, min_sites),
        "n_hom_alt": n_hom,
        "hom_alt_ref_share": _mean(sums[REF_SHARE], n_hom, min_sites),
        "n_x_depth": counts[N_X],
        "n_y_depth": counts[N_Y],
        "n_y_no_call": counts[N_Y_NO_CALL],
        "not_assessable": [
            _unknown(has, row, min_sites, aligned.get(name)) for name, row in zip(samples, counts.T, strict=True)
        ],
    }
    table = pl.DataFrame(columns, schema=DEPTH_SCHEMA, strict=False)
    table = table.with_columns(pl.col(name).fill_nan(None) for name, kind in DEPTH_SCHEMA.items() if kind == pl.Float64)
    return table if reads is None else prefer_reads(table, reads)


def _method(estimate: Estimate, n_het: int, n_hom: int, least: int) -> str | None:
    if estimate.mixture:
        return "allele_depths"
    return "allele_balance" if n_het >= least or n_hom >= least else None


def _reason(
    has: frozenset[str], method: str | None, counts: np.ndarray, estimate: Estimate, frequencies: str, least: int
) -> str:
    """How contamination was estimated, or why it was not."""
    found = f"{estimate.sites} sites of known frequency where the alternate allele was read"
    if estimate.mixture:
        error = f"{estimate.mixture.error:.2%} of the bases are wrong"
        return f"{found}, {estimate.depth:.1f} reads each; {error}; frequencies: {frequencies}"
    if "AD" not in has:
        return "the file has no AD"
    given = f"{found}, {least} are needed; frequencies: {frequencies}"
    if method is None:
        n_het, n_hom = (int(counts[kind]) for kind in (N_HET, N_HOM_ALT))
        return f"{given}; {n_het} heterozygous and {n_hom} homozygous ALT genotypes with 10 reads in AD"
    return f"{given}; allele balance is given instead, which is no fraction"


def _unknown(has: frozenset[str], counts: np.ndarray, least: int, aligned: dict | None) -> str:
    """What cannot be assessed and why; contamination has a column of its own. ``aligned`` is what the reads say."""
    unknown = []
    for what, name, kind, needed in (
        ("depth", "DP", N_DEPTH, least),
        ("genotype quality", "GQ", N_GQ, least),
        ("allele balance", "AD", N_HET, least),
        ("chrX depth", "DP", N_X, MIN_SEX_SITES),
        ("chrY depth", "DP", N_Y, MIN_SEX_SITES),
    ):
        column = {N_X: "x_depth", N_Y: "y_depth"}.get(kind)
        reads = f"; alignments: {aligned['depth_reason']}" if column and aligned and aligned["depth_reason"] else ""
        if column and aligned and not reads:
            if aligned[column] is None:
                unknown.append(f"{what}: the reference and the alignments have none in common")
        elif name not in has and not (name == "DP" and "AD" in has):
            unknown.append(f"{what}: the file has no {name}{reads}")
        elif counts[kind] < needed:
            unknown.append(f"{what}: {int(counts[kind])} genotypes, {needed} are needed{reads}")
    return "; ".join(unknown)


def _mean(total: np.ndarray, number: np.ndarray, least: int) -> np.ndarray:
    """Means; NaN where there are fewer than ``least``."""
    return np.divide(total, number, out=np.full(len(number), np.nan), where=number >= max(least, 1))
