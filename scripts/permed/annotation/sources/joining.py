"""What annotation databases say of the cohort's sites."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from permed.evidence.intervals import Intervals
from permed.genome import canonical

FOUND, ABSENT, NOT_COVERED = "found", "absent", "not_covered"


class Database(NamedTuple):
    """A database as :func:`~permed.annotation.sources.building.build_source` wrote it, with what it gave as ``about``.

    ``regions`` are the stretches of the contig that the database looked at, None where it does not say.
    """

    name: str
    parquet: Path
    about: dict
    regions: Intervals | None = None


def join_sources(sites: pl.DataFrame, databases: list[Database]) -> pl.DataFrame:
    """``sites`` with the columns that :func:`join_source` gives for each database."""
    return pl.concat([sites, *(join_source(sites, *database) for database in databases)], how="horizontal")


def join_source(sites: pl.DataFrame, name: str, parquet: Path, about: dict, regions: Intervals | None) -> pl.DataFrame:
    """``{name}_state`` and ``{name}_{field}`` for each of ``sites`` (``contig pos ref alt key``; one contig), in order.

    The rest is as in :class:`Database`. A site is ``found``; or ``absent``, where the database looked and lists
    nothing; or ``not_covered``, where it says nothing. Memory grows with ``sites``, not with the database.
    """
    fields = list(about["fields"])
    hits = _hits(sites, parquet, fields)
    row = _rows_of(sites, hits)
    looked = pl.Series(_looked_at(sites, about, regions), dtype=pl.Boolean)
    unlisted = pl.when(looked).then(pl.lit(ABSENT)).otherwise(pl.lit(NOT_COVERED))
    state = pl.when(row.is_not_null()).then(pl.lit(FOUND)).otherwise(unlisted)
    values = hits.select(pl.col(field).gather(row).alias(f"{name}_{field}") for field in fields)
    return pl.select(state.alias(f"{name}_state")).hstack(values)


def _hits(sites: pl.DataFrame, parquet: Path, fields: list[str]) -> pl.DataFrame:
    """Rows whose key is that of a site, by key."""
    low, high = (sites["key"].min(), sites["key"].max()) if len(sites) else (0, 0)
    # A filter, not a join: the reader decodes the keys first and of the other columns only what they let through.
    wanted = pl.col("key").is_between(low, high) & pl.col("key").is_in(sites["key"].implode())
    return pl.scan_parquet(parquet).select("key", "long", *fields).filter(wanted).collect(engine="streaming")


def _rows_of(sites: pl.DataFrame, hits: pl.DataFrame) -> pl.Series:
    """For each site the row of ``hits`` with its alleles, null where there is none."""
    asked, long = sites["key"].to_numpy(), hits["long"]
    listed = np.append(hits["key"].to_numpy(), np.uint64(0))  # no variant's key is 0, so that the last row matches none
    row = np.searchsorted(listed[:-1], asked)
    hashed = np.flatnonzero(asked & np.uint64(1))  # long alleles, of which several can share a key
    alleles = sites[hashed].select(pl.concat_str("ref", pl.lit(">"), "alt")).to_series()
    for site, wanted in zip(hashed, alleles, strict=True):
        while listed[row[site]] == asked[site] and long[int(row[site])] != wanted:
            row[site] += 1
    return pl.select(pl.when(pl.Series(listed[row] == asked)).then(pl.Series(row))).to_series()


def _looked_at(sites: pl.DataFrame, about: dict, regions: Intervals | None) -> np.ndarray:
    """Where the database looked: on its own contigs, there in its regions, or everywhere if it says so."""
    covered = {canonical(contig) for contig in about["contigs"]}
    here = [contig for contig in sites["contig"].unique() if canonical(contig) in covered]
    listed = sites["contig"].is_in(here).to_numpy()
    if regions is None:
        return listed & (about["covers"] == "everywhere")
    ends = (sites["pos"] + sites["ref"].str.len_bytes().cast(pl.Int64) - 1).to_numpy()
    return listed & regions.cover(sites["pos"].to_numpy(), ends)
