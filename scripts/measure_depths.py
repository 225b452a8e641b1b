"""Depth, genotype quality, allele balance and contamination of every sample."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from permed.frequencies import MIN_COHORT, read_frequencies, reference_frequencies
from permed.quality.depths.contig import Depths, measure_contig
from permed.quality.depths.samples import measure_depths as measure_samples
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def measure_depths(
    variants: list[Path],
    sites: list[Path],
    samples: Path,
    common_sites: Path,
    *,
    depths: Path,
    site_balance: Path,
    build: str = "GRCh38",
    min_sites: int = 100,
    frequencies: Path | None = None,
    reads: list[Path] | None = None,
    threads: int = 1,
) -> None:
    """Measure the genotypes of ``variants``, a BCF a contig with the store's site table of each in ``sites``.

    Allele frequencies are those of ``frequencies``, in a cohort of ten thousand without it the cohort's own, else
    those of ``common_sites``. ``reads`` are the tables of :mod:`measure_alignments`.
    """
    names = read_table(samples)["sample"].to_list()
    own = frequencies is None and len(names) >= MIN_COHORT
    given = None if own else read_frequencies(frequencies or common_sites)
    source = "the cohort's own" if own else (frequencies or common_sites).name

    def measure(path: Path, table: Path) -> tuple[Depths, pl.DataFrame]:
        here = read_table(table)
        found = measure_contig(path, here, reference_frequencies(here, given), len(names), build)
        balance = {"n_het_balance": found.n_het_balance, "het_balance": found.het_balance}
        return found, here.select("contig", "pos", "ref", "alt").with_columns(**balance)

    with ThreadPoolExecutor(threads) as pool:  # kernels run outside the interpreter's lock
        parts, balances = zip(*pool.map(measure, variants, sites), strict=True)
    write_table(pl.concat(balances).with_columns(pl.col("het_balance").fill_nan(None)), site_balance)
    of_reads = pl.concat(map(read_table, reads)) if reads else None
    measured = measure_samples(list(parts), names, source, min_sites, of_reads)
    write_table(measured, depths)
    methods = measured["contamination_method"].fill_null("not assessable").value_counts(sort=True)
    log.info("contamination: %s", ", ".join(f"{n} {method}" for method, n in methods.iter_rows()))
