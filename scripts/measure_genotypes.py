"""Count the genotypes of every sample and site in one pass over the store."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.genotypes.store import GenotypeStore
from permed.kernel import set_threads
from permed.quality.batches import batch_names
from permed.quality.counts import Tally
from permed.quality.sexes.store import sexes_of_store
from permed.quality.sites import SCHEMA, choose_people, describe_sites
from permed.quality.thresholds import thresholds_of
from permed.step import log, step
from permed.tables import read_json, read_table, write_parts, write_table


@step
def measure_genotypes(
    genotypes: list[Path],
    samples: Path,
    *,
    sites: Path,
    metrics: Path,
    build: str,
    thresholds: dict,
    balances: Path | None = None,
    positions: Path | None = None,
    inputs: Path | None = None,
    threads: int = 1,
) -> None:
    """Write the site table (a row a site of the store, in order) and the raw metrics of every sample.

    ``thresholds`` are those of the configuration. chrX and chrY are counted first: whether a person has one X or two
    says what counts at sites there. ``balances`` is a table of the allele balance of sites, where reads were counted,
    ``positions`` those that pharmacogenes and scores need, ``inputs`` the report of the checks of the files, which says
    who shares one.
    """
    set_threads(threads)
    people = read_table(samples)
    names = people["sample"].to_list()
    limits = thresholds_of(thresholds)
    batches = batch_names(read_json(inputs)) if inputs else {}
    sexes = list(sexes_of_store(genotypes, samples, build, limits, batches).values())
    tally = Tally(names, build, None if positions is None else read_table(positions), batches)
    counted = choose_people(people, sexes, limits["site_min_people"])

    def tallied() -> Iterator[GenotypeStore]:
        for block in GenotypeStore.blocks(genotypes, samples):
            tally.add(block)
            yield block

    balance = None if balances is None else pl.scan_parquet(balances)
    write_parts(describe_sites(tallied(), counted, build, limits, balance), SCHEMA, sites)
    write_table(tally.table(), metrics)
    left_out = pl.scan_parquet(sites).select(pl.col("left_out").is_not_null().sum()).collect().item()
    log.info("%d autosomal sites of %d people; %d sites to leave out", tally.sites[:5].sum(), len(names), left_out)
