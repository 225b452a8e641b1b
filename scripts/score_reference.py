"""Sum scores of reference people, and of the cohort in the same way, so that the two can be compared."""

from pathlib import Path

import polars as pl

from permed.genome import canonical
from permed.kernel import set_threads
from permed.quality.ancestry.labels import read_sexes
from permed.quality.thresholds import thresholds_of
from permed.scores.calibration.panel import Panel
from permed.scores.calibration.reference import Cohort, compare_with_cohort, compare_with_panel, in_batches
from permed.scores.calibration.stores import Store
from permed.scores.match import USED
from permed.sexes import sexes_of
from permed.step import log, step
from permed.tables import read_table, write_table
from permed.withholding import released


@step
def score_reference(
    genotypes: list[Path],
    samples: Path,
    quality: Path,
    variants: Path,
    matches: Path,
    consent: Path,
    *,
    reference: Path,
    comparable: Path,
    shares: Path,
    build: str,
    x_dosage: str,
    thresholds: dict,
    panel_genotypes: list[Path] | None = None,
    panel_samples: Path | None = None,
    panel_labels: Path | None = None,
    ancestry: Path | None = None,
    threads: int = 1,
) -> None:
    """Write sums of the reference people (``reference``), of the people in ``consent`` over the same variants
    (``comparable``), and how much of each score's variance these carry (``shares``).

    With a panel its unrelated people are the reference, and people are compared who by ``ancestry`` are similar to one
    of its populations; without, the people of the cohort whose quality did not fail. The sex of the panel's people is
    found by ``thresholds``, those of quality.
    """
    set_threads(threads)
    about, seen = read_table(matches), read_table(quality)
    found = about.filter(pl.col("status") == "found")["score"].to_list()
    people, _ = released(consent, quality)
    usable = set(seen.filter(pl.col("status") != "fail")["sample"])
    store = Store.of(genotypes, samples, build, x_dosage, sexes=sexes_of(seen))
    cohort = Cohort(store, people, [name for name in people if name in usable])
    batches = in_batches(found, dict(about.select("score", "variants").iter_rows()))
    if panel_samples and panel_labels and ancestry:
        used = pl.scan_parquet(variants).filter(pl.col("class").is_in(USED)).select("contig").unique().collect()
        panel = Panel.of(Store.of(panel_genotypes or [], panel_samples, build, x_dosage), panel_labels)
        if any(canonical(contig) == "chrX" for contig in used["contig"].drop_nulls()):
            panel = panel.with_sexes(read_sexes(panel_labels), thresholds_of(thresholds))
        placed = read_table(ancestry).filter(pl.col("state") == "found").select("sample", "population")
        parts = [compare_with_panel(cohort, variants, some, panel, placed) for some in batches]
        log.info("%d people of the panel, %d of the cohort similar to them", len(panel.people), len(placed))
    else:
        parts = [compare_with_cohort(cohort, variants, some) for some in batches]
    for tables, path in zip(zip(*parts, strict=True), (reference, comparable, shares), strict=True):
        write_table(pl.concat(tables), path)
