"""Sums of reference people and of the cohort over the variants that both have."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.scores.calibration.panel import COHORT, Panel, cohort_frequencies
from permed.scores.calibration.shared import (
    ENOUGH_PEOPLE,
    mark_shared,
    place_in_panel,
    shared_logs,
    variance_shares,
)
from permed.scores.match import USED
from permed.scores.score import sum_log

BATCH_ROWS = 2_000_000  # of the log that are held at once
SUMS = {"score": pl.String, "sample": pl.String, "population": pl.String, "sum": pl.Float64, "left_out": pl.Int64}
SUMS |= {"share_read": pl.Float64}  # of the variants that both have
_PLACED = {"panel_row": pl.Int64, "panel_of": pl.String, "panel_siblings": pl.List(pl.Int64), "frequency": pl.Float64}


@dataclass(frozen=True)
class Cohort:
    """The cohort's store, the ``people`` who agreed to scores and the sex of each, as ``sum_log`` takes them."""

    beds: list[Path]
    samples: Path
    people: list[str]
    sexes: Mapping[str, str]
    build: str
    x_dosage: str


def in_batches(found: list[str], variants: Mapping[str, int]) -> list[list[str]]:
    """Scores in lists of at most :data:`BATCH_ROWS` variants together, or of one score; one empty list for none."""
    batches: list[list[str]] = [[]]
    rows = 0
    for score in found:
        if batches[-1] and rows + variants[score] > BATCH_ROWS:
            batches.append([])
            rows = 0
        batches[-1].append(score)
        rows += variants[score]
    return batches


def compare_with_panel(
    cohort: Cohort, log: Path, found: list[str], panel: Panel, populations: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Sums of the panel's unrelated people and of the cohort (columns :data:`SUMS`), and each score's variance shares.

    ``populations`` (``sample population``) are the people of the cohort who are similar to one of the panel's; others
    get no sum. A person's missing genotypes count as the mean of that population, those of the panel's people as the
    mean of the panel.
    """
    rows = pl.scan_parquet(log).filter(pl.col("score").is_in(found)).collect()
    parts, tables = [_unplaced(rows, cohort.beds)], []
    for bed in cohort.beds:
        contig = bed.name.removesuffix(".bed")
        here = rows.filter(pl.col("contig") == contig)
        sites, of_panel = pl.read_parquet(bed.with_suffix(".sites.parquet")), panel.sites(contig)
        placed = place_in_panel(here, sites, of_panel)
        needed = placed["panel_row"].drop_nulls().unique().sort()
        known = pl.DataFrame(schema={"panel_row": pl.Int64, "all": pl.Float64})
        if len(needed):
            table = panel.frequencies(contig, needed.to_numpy())
            known = table.select(panel_row=needed, all="all")
            tables.append(pl.concat([of_panel[needed], table], how="horizontal").with_columns(contig=pl.lit(contig)))
        placed = placed.join(known, on="panel_row", how="left", maintain_order="left")
        parts.append(_with_frequency(placed, sites).drop("all"))
    whole = mark_shared(pl.concat(parts, how="diagonal_relaxed"))
    of_cohort, of_panel = shared_logs(whole)
    table = pl.concat(tables) if tables else None
    return (
        _panel_sums(panel, of_panel, found, cohort, table),
        _cohort_sums(cohort, of_cohort, found, populations, table),
        variance_shares(whole),
    )


def compare_with_cohort(
    cohort: Cohort, log: Path, found: list[str], usable: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The same where the cohort is its own reference: the people ``usable`` of it, over all matched variants.

    Missing genotypes count as the mean of all people of the cohort's genotypes.
    """
    rows = pl.scan_parquet(log).filter(pl.col("score").is_in(found)).collect()
    parts, tables = [_unplaced(rows, cohort.beds)], []
    for bed in cohort.beds:
        contig = bed.name.removesuffix(".bed")
        sites = pl.read_parquet(bed.with_suffix(".sites.parquet"))
        here = rows.filter(pl.col("contig") == contig).with_columns(all=pl.lit(None, pl.Float64))
        parts.append(_with_frequency(here, sites).drop("all"))
        tables.append(cohort_frequencies(sites).select("pos", "ref", "alt", pl.col("af").alias(COHORT)))
        tables[-1] = tables[-1].with_columns(contig=pl.lit(contig))
    whole = pl.concat(parts, how="diagonal_relaxed").with_columns(shared=pl.col("class").is_in(USED))
    everybody = pl.DataFrame({"sample": cohort.people, "population": [COHORT] * len(cohort.people)})
    of_cohort = whole.filter("shared").drop("shared", *_PLACED, strict=False)
    sums = _cohort_sums(cohort, of_cohort, found, everybody, pl.concat(tables) if tables else None)
    return sums.filter(pl.col("sample").is_in(usable)), sums, variance_shares(whole)


def _unplaced(rows: pl.DataFrame, beds: list[Path]) -> pl.DataFrame:
    """Rows of contigs that the run does not have, or of no contig at all."""
    contigs = [bed.name.removesuffix(".bed") for bed in beds]
    elsewhere = rows.filter(~pl.col("contig").is_in(contigs).fill_null(False))
    missing = {name: kind for name, kind in _PLACED.items() if name not in rows.columns}
    return elsewhere.with_columns(pl.lit(None, kind).alias(name) for name, kind in missing.items())


def _with_frequency(rows: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """Add ``frequency``: that of the panel, else of the cohort where enough people are called, else the file's own."""
    own = cohort_frequencies(sites).select("af", "people").with_row_index("row").cast({"row": pl.Int64})
    joined = rows.join(own, on="row", how="left", maintain_order="left")
    of_cohort = pl.when(pl.col("people") >= ENOUGH_PEOPLE).then("af")
    of_file = "frequency" if "frequency" in rows.columns else pl.lit(None, pl.Float64)
    known = pl.coalesce(pl.col("all").fill_nan(None), of_cohort, of_file)
    return joined.with_columns(frequency=known).drop("af", "people")


def _panel_sums(
    panel: Panel, log: pl.DataFrame, found: list[str], cohort: Cohort, table: pl.DataFrame | None
) -> pl.DataFrame:
    names = {bed.name.removesuffix(".bed") for bed in panel.beds.values()}
    of_contig = {c: bed.name.removesuffix(".bed") for c in log["contig"].unique() if (bed := panel.bed(c))}
    log = log.with_columns(pl.col("contig").replace(of_contig))
    used = [bed for bed in panel.beds.values() if bed.name.removesuffix(".bed") in names & set(log["contig"])]
    mean = None if table is None else table.select("contig", "pos", "ref", "alt", af="all")
    people = panel.people["sample"].to_list()
    totals = _sum(used, panel.samples, log, found, people, {}, cohort, mean)
    return _long(totals, found, panel.people)


def _cohort_sums(
    cohort: Cohort, log: pl.DataFrame, found: list[str], populations: pl.DataFrame, table: pl.DataFrame | None
) -> pl.DataFrame:
    agreed = pl.DataFrame({"sample": cohort.people}, schema={"sample": pl.String})
    placed = agreed.join(populations.select("sample", "population").drop_nulls(), on="sample", how="inner")
    parts = [pl.DataFrame(schema=SUMS)]
    for (name,), group in placed.group_by("population", maintain_order=True):
        known = table is not None and name in table.columns
        mean = table.select("contig", "pos", "ref", "alt", pl.col(name).fill_nan(None).alias("af")) if known else None
        people = group["sample"].to_list()
        totals = _sum(cohort.beds, cohort.samples, log, found, people, cohort.sexes, cohort, mean)
        parts.append(_long(totals, found, group))
    return pl.concat(parts)


def _sum(beds, samples, log: pl.DataFrame, found, people, sexes, cohort: Cohort, frequencies):
    """What :func:`permed.scores.score.sum_log` gives for a log that is no file."""
    if frequencies is not None:
        frequencies = frequencies.drop_nulls("af")
    with tempfile.TemporaryDirectory(prefix="permed-") as folder:
        path = Path(folder) / "log.parquet"
        log.write_parquet(path)
        return sum_log(
            *(beds, samples, path, found, people),
            **{"build": cohort.build, "sexes": sexes, "x_dosage": cohort.x_dosage, "frequencies": frequencies},
        )


def _long(sums, found: list[str], people: pl.DataFrame) -> pl.DataFrame:
    """Rows by score and person. A person of whom nothing is called has no row."""
    parts = [pl.DataFrame(schema=SUMS)]
    for number, score in enumerate(found):
        part = people.select(
            pl.lit(score).alias("score"),
            "sample",
            "population",
            sum=pl.Series(sums.total[number]),
            left_out=pl.Series(sums.missing[number] - sums.imputed[number]).cast(pl.Int64),
            share_read=pl.Series(1 - sums.missing[number] / max(1, sums.stored[number])),
        )
        called = (sums.alleles[number] > 0) & (
            (sums.stored[number] == 0) | (sums.missing[number] < sums.stored[number])
        )
        parts.append(part.filter(pl.Series(called)))
    return pl.concat(parts)
