"""What reads say of a person's contamination and depth, and how it stands beside what the genotypes say."""

import polars as pl

from permed.quality.reads.mixture import Pileup, estimate

READS_SCHEMA = {
    "sample": pl.String,
    "contamination": pl.Float64,
    "contamination_low": pl.Float64,
    "contamination_high": pl.Float64,
    "contamination_sites": pl.Int64,
    "contamination_reason": pl.String,
    "autosome_depth": pl.Float64,
    "x_depth": pl.Float64,
    "y_depth": pl.Float64,
    "depth_reason": pl.String,
}
OF_GENOTYPES = ("contamination_most", "base_error")  # columns that hold where the reads tell nothing


def reads_row(
    sample: str, piled: Pileup, depths: tuple[dict[str, float | None], str], min_sites: int, frequencies: list[str]
) -> dict:
    """A row of :data:`READS_SCHEMA`; ``depths`` with why there are none, ``frequencies`` names the populations."""
    found = estimate(piled, min_sites)
    row = {"sample": sample, **dict.fromkeys(list(READS_SCHEMA)[1:5]), **depths[0], "depth_reason": depths[1] or None}
    if found is None:
        reason = f"reads at {int(((piled.ref + piled.alt) > 0).sum())} common sites, {min_sites} are needed"
        return row | {"contamination_reason": reason}
    whose = frequencies[found.population]
    reason = f"reads at {found.sites} common sites, {found.depth:.1f} each; frequencies: {whose}"
    estimates = {"contamination": found.share, "contamination_low": found.low, "contamination_high": found.high}
    return row | estimates | {"contamination_sites": found.sites, "contamination_reason": reason}


def prefer_reads(measured: pl.DataFrame, reads: pl.DataFrame) -> pl.DataFrame:
    """Put what the reads say of contamination and depth in the place of what the genotypes say, person by person.

    Depths are taken together, since those of one source only can be compared. Where the reads say nothing of
    contamination the genotypes' answer stays, and the reason says so.
    """
    shared = [name for name in READS_SCHEMA if name not in ("sample", "depth_reason")]
    named = reads.select("sample", *(pl.col(name).alias(f"{name}_of_reads") for name in shared))
    joined = measured.join(named, on="sample", how="left", maintain_order="left")
    estimated = pl.col("contamination_of_reads").is_not_null()
    deep = pl.col("autosome_depth_of_reads").is_not_null()

    def taken(name: str, chosen: pl.Expr) -> pl.Expr:
        return pl.when(chosen).then(pl.col(f"{name}_of_reads")).otherwise(pl.col(name)).alias(name)

    said = pl.concat_str("contamination_reason_of_reads", "contamination_reason", separator="; ", ignore_nulls=True)
    return joined.with_columns(
        *(taken(name, estimated) for name in list(READS_SCHEMA)[1:5]),
        *(pl.when(~estimated).then(pl.col(name)).alias(name) for name in OF_GENOTYPES if name in measured.columns),
        *(taken(name, deep) for name in ("autosome_depth", "x_depth", "y_depth")),
        contamination_reason=pl.when(estimated).then(pl.col("contamination_reason_of_reads")).otherwise(said),
        contamination_method=pl.when(estimated).then(pl.lit("alignments")).otherwise(pl.col("contamination_method")),
        depth_source=pl.when(deep).then(pl.lit("alignments")).otherwise(pl.col("depth_source")),
    ).select(measured.columns)
