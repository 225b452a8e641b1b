"""Kinship of the cohort, the relations it shows, and where they contradict the sample sheet."""

from pathlib import Path

from permed.errors import Fault
from permed.genotypes.store import GenotypeStore
from permed.kernel import set_threads
from permed.quality.kinship.findings import declared_parents
from permed.quality.kinship.pedigree import judge_pedigree
from permed.quality.kinship.sites import kinship_sites
from permed.quality.kinship.table import estimate_pairs, hold_out, unseen
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def estimate_kinship(
    genotypes: list[Path],
    samples: Path,
    metrics: Path,
    *,
    kinship: Path,
    pedigree: Path,
    build: str,
    least_call_rate: float,
    listed: str = "related",
    fewest_sites: int = 1000,
    most_sites: int = 200_000,
    screen_above: int = 20_000,
    sites: Path | None = None,
    threads: int = 1,
) -> None:
    """Write related pairs and each person's verdict.

    ``metrics`` has the columns ``sample call_rate``; ``sites``, where given, the column ``left_out`` for each site of
    the store in its order. ``listed`` is ``related`` or ``all``; with more people than ``screen_above`` pairs come from
    a screen.
    """
    set_threads(threads)
    store, people = GenotypeStore.open(genotypes, samples), read_table(samples)
    table = store.sites
    if sites is not None:
        left_out = read_table(sites)["left_out"]
        if len(left_out) != len(table):
            raise Fault("it does not list the sites of the store", sites, remedy="Delete it and run again")
        table = table.with_columns(left_out)
    chosen = kinship_sites(table, build, most_sites, fewest_sites)
    call_rates = dict(read_table(metrics).select("sample", "call_rate").iter_rows())
    held_out = hold_out(store, chosen.rows, call_rates, least_call_rate)
    found = estimate_pairs(
        store,
        chosen,
        dict(people.select("sample", "family").iter_rows()),
        held_out,
        every=listed == "all",
        screen_above=screen_above,
        fewest=fewest_sites,
        declared=[(child, parent) for child, _, parent in declared_parents(people)],
    )
    write_table(found.pairs, kinship)
    write_table(judge_pedigree(found.pairs, people, held_out, chosen.problem), pedigree)
    log.info("%d pairs of %d people over %d sites", len(found.pairs), len(store.samples), len(chosen.rows))
    log.info("%s", chosen.problem or unseen(len(store.samples) - len(held_out), chosen, found.screened))
