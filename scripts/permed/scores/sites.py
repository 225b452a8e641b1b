"""The sites of the genotype store as matching needs them: alleles, poor quality, frequencies."""

from pathlib import Path

import polars as pl

from permed.genome import canonical
from permed.genotypes.store import alt_frequency, people_called

FREQUENCY_FROM = 50  # people called, of whom a frequency is taken; as for the imputation of missing genotypes
_KEY = ["pos", "ref", "alt"]


def read_sites(
    path: Path, contig: str, site_quality: Path | None = None, frequencies: list[Path] | None = None
) -> pl.DataFrame:
    """The sites of a contig in the store's order: ``pos ref alt`` and, where they are asked for, ``left_out`` (why a
    site is of poor quality, else null) and ``af`` (the frequency of the alternate; null where fewer than
    :data:`FREQUENCY_FROM` people are called or the table has no such site)."""
    sites = pl.read_parquet(path, columns=_KEY)
    if site_quality:
        poor = pl.scan_parquet(site_quality).filter((pl.col("contig") == contig) & pl.col("left_out").is_not_null())
        poor = poor.select(*_KEY, "left_out").unique(_KEY, keep="first", maintain_order=True).collect()
        sites = sites.join(poor, on=_KEY, how="left", maintain_order="left")
    tables = {canonical(table.name.removesuffix(".sites.parquet")): table for table in frequencies or []}
    if canonical(contig) in tables:
        sites = sites.join(_frequencies(tables[canonical(contig)]), on=_KEY, how="left", maintain_order="left")
    return sites


def _frequencies(path: Path) -> pl.DataFrame:
    table = pl.read_parquet(path, columns=[*_KEY, "n_ref", "n_het", "n_alt"])
    known = table.filter(people_called() >= FREQUENCY_FROM)
    return known.select(*_KEY, af=alt_frequency()).unique(_KEY, keep="first")
