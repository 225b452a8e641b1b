"""Where each person stands among a reference, and the absolute risk that follows from it."""

from pathlib import Path

import polars as pl

from permed.scores.calibration.calibrating import Calibration
from permed.scores.calibration.results import people_of, read_components
from permed.scores.risk.assess import Settings
from permed.scores.risk.factors import Factors
from permed.scores.risk.tables import gather_rates, read_diagnoses, read_effects
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
    diagnoses: Path,
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
    findings_consent: Path | None = None,
) -> None:
    """Complete the table of ``sums`` by Z, percentile and absolute risk, each with the reason where there is none.

    ``reference``, ``comparable`` and ``shares`` are those of ``score_reference``; ``panel`` is the panel's
    ``ancestry.npz``, whose components and those of ``ancestry`` make scores comparable across ancestries. ``files`` are
    the scoring files, whose headers may give effects. Of several ``rates`` the first that knows a disease is used.
    ``findings`` are weighed with the risks of people in ``findings_consent``.
    """
    placed = None if ancestry is None else read_table(ancestry)
    components = None if panel is None or placed is None else (read_components(panel), placed.select("sample", "pcs"))
    # A finding bears on the risk of those alone who agreed to findings: a carrier's may have agreed to less.
    agreed = findings_consent.read_text(encoding="utf-8").splitlines() if findings_consent else []
    carried = None if findings is None else read_table(findings).filter(pl.col("sample").is_in(agreed))
    calibration = Calibration(
        reference=read_table(reference),
        comparable=comparable,
        shares=read_table(shares),
        minimum=min_reference,
        components=components,
        ancestry=placed,
        withheld=withheld(quality),
        people=people_of(read_table(samples), read_table(quality), carried),
        settings=Settings(
            gather_rates(rates),
            read_effects(effects, files),
            Factors(family_history, monogenic),
            year=year,
            group=incidence_group,
            across=across_ancestries,
            diagnoses=read_diagnoses(diagnoses),
        ),
    )
    parts = calibration.in_parts(sums, PART_ROWS)
    write_parts(parts, next(parts).schema, scores)
    told = pl.scan_parquet(scores).select(pl.col("z").count(), pl.col("lifetime_risk").count()).collect()
    log.info("%d percentiles, %d absolute risks", *told.row(0))
