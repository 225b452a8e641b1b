"""Where each person stands among a reference, and the absolute risk that follows from it."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.scores.calibration.results import calibrated, people_of, read_components
from permed.scores.calibration.standing import standings
from permed.scores.risk.assess import Settings, assess_risks
from permed.scores.risk.factors import Factors
from permed.scores.risk.tables import gather_rates, read_effects
from permed.step import log, step
from permed.tables import read_table, write_parts
from permed.withholding import withheld

PART_ROWS = 1 << 20  # people times scores that are held at once


@step
def calibrate_scores(
    sums: Path,
    reference: Path,
    comparable: Path,
    shares: Path,
    samples: Path,
    quality: Path,
    files: list[Path],
    effects: Path,
    family_history: Path,
    monogenic: Path,
    rates: list[Path],
    *,
    scores: Path,
    min_reference: int,
    across_ancestries: bool = False,
    year: int | None = None,
    incidence_group: str | None = None,
    ancestry: Path | None = None,
    panel: Path | None = None,
    findings: Path | None = None,
) -> None:
    """Complete the table of ``sums`` by Z, percentile and absolute risk, each with the reason where there is none.

    ``reference``, ``comparable`` and ``shares`` are those of ``score_reference``; ``panel`` is the panel's
    ``ancestry.npz``, whose components and those of ``ancestry`` make scores comparable across ancestries. ``files`` are
    the scoring files, whose headers may give effects. Of several ``rates`` the first that knows a disease is used.
    """
    placed = None if ancestry is None else read_table(ancestry)
    components = None if panel is None or placed is None else (read_components(panel), placed.select("sample", "pcs"))
    settings = Settings(
        *(gather_rates(rates), read_effects(effects, files), Factors(family_history, monogenic)),
        **{"year": year, "group": incidence_group, "across": across_ancestries},
    )
    people = people_of(read_table(samples), read_table(quality), None if findings is None else read_table(findings))
    trained, of_scores, held = read_table(reference), read_table(shares), withheld(quality)

    def complete(rows: pl.DataFrame) -> pl.DataFrame:
        these = pl.scan_parquet(comparable).filter(pl.col("sample").is_in(rows["sample"].unique().implode()))
        standing = standings(trained, these.collect(), of_scores, min_reference, components=components)
        return calibrated(rows, standing, assess_risks(standing, people, settings), placed, held)

    def parts() -> Iterator[pl.DataFrame]:
        whole = pl.scan_parquet(sums)
        for first in range(0, whole.select(pl.len()).collect().item(), PART_ROWS):
            part = complete(whole.slice(first, PART_ROWS).collect())
            log.info("%d percentiles, %d absolute risks", part["z"].count(), part["lifetime_risk"].count())
            yield part

    write_parts(parts(), complete(pl.scan_parquet(sums).head(0).collect()).schema, scores)
