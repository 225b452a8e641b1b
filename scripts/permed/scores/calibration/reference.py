"""Sums of reference people and of the cohort over the variants that both have."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.scores.calibration.panel import Panel
from permed.scores.calibration.shared import (
    COHORT,
    ENOUGH_PEOPLE,
    SEXES,
    mark_shared,
    place_in_panel,
    settle_x,
    shared_logs,
    variance_shares,
    with_variance,
)
from permed.scores.calibration.stores import SITE, Store, frequency
from permed.scores.chunks import outside_shared

BATCH_ROWS = 2_000_000  # of the log that are held at once
# ``sex`` is null where both are compared together; ``left_out`` counts variants and terms that are unknown in a person
# and not imputed; ``share_read`` is the share of the compared variance that has genotypes.
SUMS = {"score": pl.String, "sample": pl.String, "population": pl.String, "sex": pl.String, "sum": pl.Float64}
SUMS |= {"left_out": pl.Int64, "share_read": pl.Float64}

Means = Mapping[str | None, pl.DataFrame]  # contig pos ref alt af, by population


@dataclass(frozen=True)
class Cohort:
    """The cohort's ``store``, the ``people`` who agreed to scores and those of them whose quality is ``usable``.

    Genotypes of nobody else are read.
    """

    store: Store
    people: list[str]
    usable: list[str]


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
    parts, found_means = [], []
    for contig, rows in _by_contig(log, found):
        sites = panel.store.sites(contig)
        placed = place_in_panel(rows, cohort.store.sites(contig), sites)
        needed = _rows_of(placed, "panel_row", "panel_siblings")
        shares = panel.frequencies(contig, needed.to_numpy())
        found_means.append({name: _mean(contig, sites[needed], af) for name, af in shares.items()})
        known = pl.DataFrame({"panel_row": needed, "of_reference": shares[None]})
        placed = placed.join(known, on="panel_row", how="left", maintain_order="left")
        parts.append(_with_frequency(placed, cohort, contig))
    whole = _settled(parts, pl.col("of_reference").is_not_null(), cohort.store)
    of_cohort, of_panel = shared_logs(whole)
    of_panel = of_panel.with_columns(
        pl.col("contig").replace({name: panel.store.name(name) for name in of_panel["contig"].unique()})
    )
    means = {name: pl.concat([each[name] for each in found_means]) for name in found_means[0]}
    shares = variance_shares(whole)
    return (
        _sums(panel.store, of_panel, shares, panel.people, means[None]),
        _cohort_sums(cohort, of_cohort, shares, populations, means),
        shares,
    )


def compare_with_cohort(cohort: Cohort, log: Path, found: list[str]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The same where the cohort is its own reference, that is its usable people, over all matched variants.

    Missing genotypes count as the mean of these people.
    """
    parts, means = [], []
    for contig, rows in _by_contig(log, found):
        needed = _rows_of(rows, "row", "siblings")
        own = frequency(cohort.store.counts(contig, needed.to_numpy(), cohort.usable))
        means.append(_mean(contig, cohort.store.sites(contig)[needed], own))
        known = pl.DataFrame({"row": needed, "of_reference": own})
        rows = rows.join(known, on="row", how="left", maintain_order="left")
        parts.append(_with_frequency(rows, cohort, contig))
    read = pl.col("row").is_null() | pl.col("of_reference").is_not_null() | (not cohort.usable)
    whole = _settled(parts, read, cohort.store)
    everybody = pl.DataFrame({"sample": cohort.people, "population": COHORT})
    shares = variance_shares(whole)
    sums = _cohort_sums(cohort, whole.filter("shared"), shares, everybody, {COHORT: pl.concat(means)})
    return sums.filter(pl.col("sample").is_in(cohort.usable)), sums, shares


def _by_contig(log: Path, found: list[str]) -> list[tuple[str, pl.DataFrame]]:
    """The log's rows of some scores by contig; "" for those of none."""
    rows = pl.scan_parquet(log).filter(pl.col("score").is_in(found)).collect()
    parts = rows.partition_by("contig", maintain_order=True) or [rows]
    return [(part["contig"][0] if len(part) and part["contig"][0] else "", part) for part in parts]


def _rows_of(rows: pl.DataFrame, own: str, siblings: str) -> pl.Series:
    """The rows of the store, sorted, that these rows of the log take."""
    both = pl.concat([rows[own], rows[siblings].explode().cast(rows[own].dtype)])
    return both.drop_nulls().unique().sort()


def _mean(contig: str, sites: pl.DataFrame, af: pl.Series) -> pl.DataFrame:
    return sites.select(pl.lit(contig).alias("contig"), *SITE, af=af).drop_nulls("af")


def _with_frequency(rows: pl.DataFrame, cohort: Cohort, contig: str) -> pl.DataFrame:
    """Add ``frequency``, that of the reference, else of the cohort's usable people where enough are called, else the
    file's own; and ``on_x``."""
    needed = rows.filter(pl.col("of_reference").is_null())["row"].drop_nulls().unique().sort()
    counts = cohort.store.counts(contig, needed.to_numpy(), cohort.usable)
    own = pl.select(pl.when(pl.Series(counts[:, 2]) >= ENOUGH_PEOPLE).then(frequency(counts))).to_series()
    joined = rows.join(pl.DataFrame({"row": needed, "_own": own}), on="row", how="left", maintain_order="left")
    of_file = "frequency" if "frequency" in rows.columns else pl.lit(None, pl.Float64)
    return joined.with_columns(
        frequency=pl.coalesce("of_reference", "_own", of_file),
        on_x=pl.Series(outside_shared(contig, rows["pos"], cohort.store.build), dtype=pl.Boolean),
    ).drop("_own")


def _settled(parts: list[pl.DataFrame], read: pl.Expr, store: Store) -> pl.DataFrame:
    """The log of all contigs with what takes part in the comparison, and how."""
    whole = mark_shared(with_variance(pl.concat(parts, how="diagonal_relaxed")), read)
    return settle_x(whole, store.x_dosage)


def _cohort_sums(
    cohort: Cohort, log: pl.DataFrame, shares: pl.DataFrame, populations: pl.DataFrame, means: Means
) -> pl.DataFrame:
    agreed = pl.DataFrame({"sample": cohort.people}, schema={"sample": pl.String})
    placed = agreed.join(populations.select("sample", "population").drop_nulls(), on="sample", maintain_order="left")
    parts = [pl.DataFrame(schema=SUMS)]
    for (name,), group in placed.group_by("population", maintain_order=True):
        parts.append(_sums(cohort.store, log, shares, group, means.get(name)))
    return pl.concat(parts)


def _sums(
    store: Store, log: pl.DataFrame, shares: pl.DataFrame, people: pl.DataFrame, mean: pl.DataFrame | None
) -> pl.DataFrame:
    """Rows by score and person (``people``: ``sample population``), columns :data:`SUMS`; ``log`` is of the store."""
    found = shares["score"].to_list()
    sums = store.sums(log, found, people["sample"].to_list(), mean)
    variance = dict(log.group_by("score").agg(pl.col("variance").sum()).iter_rows())
    sexes = [sex if (sex := store.sexes.get(name)) in SEXES else "NA" for name in people["sample"]]
    parts = [pl.DataFrame(schema=SUMS)]
    for number, (score, by_sex) in enumerate(shares.select("score", "by_sex").iter_rows()):
        whole = variance.get(score, 0.0)
        part = people.select(
            pl.lit(score).alias("score"),
            *("sample", "population"),
            pl.Series("sex", sexes if by_sex else [None] * len(people), pl.String),
            pl.Series("sum", sums.total[number]),
            pl.Series("left_out", sums.missing[number] - sums.imputed[number]).cast(pl.Int64),
            pl.Series("share_read", 1 - sums.unread[number] / whole if whole else np.ones(len(people))),
        )
        parts.append(part)
    return pl.concat(parts)
