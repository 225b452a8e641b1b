"""What annotation databases say of the cohort's sites."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from permed.evidence.intervals import Intervals
from permed.genome import canonical

FOUND, ABSENT, NOT_COVERED = "found", "absent", "not_covered"


def join_source(sites: pl.DataFrame, name: str, parquet: Path, about: dict, regions: Intervals | None) -> pl.DataFrame:
    """``{name}_state`` and ``{name}_{field}`` for each of ``sites`` (``contig pos ref alt key``; one contig), in order.

    ``about`` is what :func:`~permed.annotation.sources.building.build_source` gave; ``regions`` are the stretches of
    the contig that the database looked at, None where it does not say. A site is ``found``; or ``absent``, where the
    database looked and lists nothing; or ``not_covered``, where it says nothing.
    """
    fields = list(about["fields"])
    hits = _hits(sites, parquet, fields)
    long = pl.when(pl.col("key") & 1 == 1).then(pl.concat_str("ref", pl.lit(">"), "alt"))
    wanted = sites.with_columns(long=long)
    joined = wanted.join(hits, on=["key", "long"], how="left", nulls_equal=True, maintain_order="left", coalesce=True)
    listed = pl.col("_hit").is_not_null()
    looked = pl.Series(_looked_at(sites, about, regions), dtype=pl.Boolean)
    state = pl.when(listed).then(pl.lit(FOUND)).when(looked).then(pl.lit(ABSENT)).otherwise(pl.lit(NOT_COVERED))
    return joined.select(state.alias(f"{name}_state"), *(pl.col(field).alias(f"{name}_{field}") for field in fields))


def _hits(sites: pl.DataFrame, parquet: Path, fields: list[str]) -> pl.DataFrame:
    """Rows whose key is that of a site; two long alleles may share one, so that they are told apart by ``long``."""
    keys = sites.select(pl.col("key").unique().sort())
    low, high = (keys["key"].min(), keys["key"].max()) if len(keys) else (0, 0)
    # A filter, not a join: the reader decodes the keys first and of the other columns only what they let through.
    wanted = pl.col("key").is_between(low, high) & pl.col("key").is_in(keys["key"].implode())
    hits = pl.scan_parquet(parquet).select("key", "long", *fields).filter(wanted).collect(engine="streaming")
    return hits.with_columns(_hit=pl.lit(True))


def _looked_at(sites: pl.DataFrame, about: dict, regions: Intervals | None) -> np.ndarray:
    if regions is None:
        return _on(sites, about["contigs"]) & (about["covers"] == "everywhere")
    ends = (sites["pos"] + sites["ref"].str.len_bytes().cast(pl.Int64) - 1).to_numpy()
    # what was built for another run may not have been read on a contig that the regions have
    return _on(sites, about["read"]) & regions.cover(sites["pos"].to_numpy(), ends)


def _on(sites: pl.DataFrame, contigs: Iterable[str]) -> np.ndarray:
    """Whether each site lies on one of these contigs, in any spelling."""
    known = {canonical(contig) for contig in contigs}
    return np.array([canonical(contig) in known for contig in sites["contig"]], bool)
