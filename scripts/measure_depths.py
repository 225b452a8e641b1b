"""Depth, genotype quality, allele balance and contamination of every sample."""

import functools
import itertools
import operator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from permed.frequencies import MIN_COHORT, common_reference, populations, read_frequencies, site_frequencies
from permed.genotypes.store import GenotypeStore
from permed.quality.depths.contamination.people import estimate_people
from permed.quality.depths.contamination.spacing import spacing
from permed.quality.depths.contig import Depths, measure_contig
from permed.quality.depths.populations import likeliest
from permed.quality.depths.samples import measure_depths as measure_samples
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def measure_depths(
    variants: list[Path],
    genotypes: list[Path],
    samples: Path,
    common_sites: Path,
    *,
    depths: Path,
    site_balance: Path,
    build: str = "GRCh38",
    min_sites: int = 100,
    fail_contamination: float = 0.05,
    frequencies: Path | None = None,
    reads: list[Path] | None = None,
    threads: int = 1,
) -> None:
    """Measure the genotypes of ``variants``, a BCF a contig, whose store is in ``genotypes``.

    Allele frequencies are those of ``frequencies``, in a cohort of ten thousand without it the cohort's own, else
    those of ``common_sites``; of several populations each person's likeliest. ``reads`` are the tables of
    :mod:`measure_alignments`; from ``fail_contamination`` on somebody is accused.
    """
    store = GenotypeStore.open(genotypes, samples)
    own = frequencies is None and len(store.samples) >= MIN_COHORT
    given = None if own else read_frequencies(frequencies or common_sites)
    population = likeliest(store, given)
    every = spacing(store, given)
    starts = np.cumsum([0, *map(len, store.parts)])
    here = [slice(start, end) for start, end in itertools.pairwise(starts)]

    def measure(path: Path, rows: slice) -> Depths:
        sites = store.sites[rows]
        ref_af = common_reference(site_frequencies(sites, given))
        return measure_contig(path, sites, ref_af, population, build, every)

    with ThreadPoolExecutor(threads) as pool:  # kernels run outside the interpreter's lock
        found = functools.reduce(operator.add, pool.map(measure, variants, here))
    balances = {"n_het_balance": found.n_het_balance, "het_balance": found.het_balance}
    balance = store.sites.select("contig", "pos", "ref", "alt").with_columns(**balances)
    write_table(balance.with_columns(pl.col("het_balance").fill_nan(None)), site_balance)
    name = "the cohort's own" if own else (frequencies or common_sites).name
    columns = [name] if own else [f"{column} of {name}" for column in populations(given)]
    sources = [columns[number] for number in population]
    of_reads = pl.concat(map(read_table, reads)) if reads else None
    estimates = estimate_people(found, min_sites, fail_contamination, threads)
    measured = measure_samples(found, store.samples, sources, min_sites, of_reads, estimates)
    write_table(measured, depths)
    methods = measured["contamination_method"].fill_null("not assessable").value_counts(sort=True)
    log.info("contamination: %s", ", ".join(f"{n} {method}" for method, n in methods.iter_rows()))
