"""Kinship of the cohort, the relations it shows, and where they contradict the sample sheet."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genotypes.store import GenotypeStore
from permed.kernel import set_threads
from permed.quality.kinship.admixture import panel_mixture
from permed.quality.kinship.findings import STEM_CELLS, declared_parents, declared_same
from permed.quality.kinship.known import compare_known, known_findings, read_known, write_fingerprint
from permed.quality.kinship.pedigree import judge_pedigree
from permed.quality.kinship.sites import kinship_sites
from permed.quality.kinship.table import estimate_pairs, hold_out, unseen
from permed.quality.sexes.inferring import infer_sexes
from permed.quality.thresholds import thresholds_of
from permed.step import log, step
from permed.tables import read_table, write_table


def _sexes(metrics: pl.DataFrame, people: pl.DataFrame, depths: pl.DataFrame | None, quality: dict) -> dict[str, str]:
    """XX or XY of those of whom it is certain, by name."""
    groups = dict(people.select("sample", "group").iter_rows())
    limits = [thresholds_of(quality, groups.get(name)) for name in metrics["sample"]]
    told = infer_sexes(metrics, limits, depths).filter(~pl.col("sex_unclear"))
    return dict(told.filter(pl.col("sex_inferred").is_in(["XX", "XY"])).select("sample", "sex_inferred").iter_rows())


def _of_donors(people: pl.DataFrame) -> dict[str, str]:
    """People whose genotypes may be a donor's, with the reason."""
    if "transplant" not in people.columns:
        return {}
    names = people.filter(pl.col("transplant") == STEM_CELLS)["sample"]
    return dict.fromkeys(names, "the sheet declares a transplant of stem cells, so the genotypes may be the donor's")


MIXED = 0.05  # contamination from which on somebody is nobody's relative, unless the configuration fails others


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
    depths: Path | None = None,
    thresholds: dict | None = None,
    ancestry: Path | None = None,
    panel: Path | None = None,
    known: list[Path] | None = None,
    fingerprint: Path | None = None,
    common_sites: Path | None = None,
    listed: str = "related",
    fewest_sites: int = 1000,
    most_sites: int = 200_000,
    screen_above: int = 20_000,
    sites: Path | None = None,
    threads: int = 1,
) -> None:
    """Write related pairs and each person's verdict.

    ``metrics`` has the columns ``sample call_rate``, and those of sex if ``thresholds``, the section quality of the
    configuration, are to tell it; ``depths`` may say who is contaminated. ``sites``, where given, has the column
    ``left_out`` for each site of the store in its order. ``listed`` is ``related`` or ``all``; with more people than
    ``screen_above`` pairs come from a screen. With ``ancestry``, everybody's places on the components of ``panel``,
    kinship is adjusted for it. ``known`` are earlier runs or fingerprints of theirs, with which people are compared;
    ``fingerprint`` is written for later runs, at ``common_sites`` where the files have them.
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
    measured, reads = read_table(metrics), None if depths is None else read_table(depths)
    call_rates = dict(measured.select("sample", "call_rate").iter_rows())
    mixed = {} if reads is None else dict(reads.select("sample", "contamination").iter_rows())
    most = thresholds["fail_contamination"] if thresholds else MIXED
    held_out = hold_out(store, chosen.rows, call_rates, least_call_rate, mixed, most) | _of_donors(people)
    declared = [(child, parent) for child, _, parent in declared_parents(people)]
    same = [(one, other, said) for one, own in declared_same(people).items() for other, said in own.items()]
    mixture = None
    if ancestry is not None and panel is not None:
        from permed.quality.ancestry.panel import read_panel  # brings what a run without a panel need not load

        mixture = panel_mixture(read_panel(panel, build), store, read_table(ancestry))
    found = estimate_pairs(
        store,
        chosen,
        dict(people.select("sample", "family").iter_rows()),
        held_out,
        every=listed == "all",
        screen_above=screen_above,
        fewest=fewest_sites,
        declared=declared,
        mixture=mixture,
        same=[pair for pair in same if pair[0] < pair[1]],
    )
    write_table(found.pairs, kinship)
    sexes = _sexes(measured, people, reads, thresholds) if thresholds else {}
    aside = {*held_out, *_of_donors(people)}
    earlier = ((str(path), read_known(path, build, store.samples)) for path in known or [])
    before = [row for source, run in earlier for row in compare_known(store, run, source, aside)]
    told = known_findings(before, declared_same(people))
    write_table(judge_pedigree(found.pairs, people, held_out, chosen.problem, sexes, told), pedigree)
    if fingerprint is not None:
        common = None if common_sites is None else pl.read_csv(common_sites, separator="\t", comment_prefix="#")
        write_fingerprint(store, chosen.rows, build, fingerprint, common)
    log.info("%d pairs of %d people over %d sites", len(found.pairs), len(store.samples), len(chosen.rows))
    log.info("%s", chosen.problem or unseen(len(store.samples) - len(held_out), chosen, found.screened))
