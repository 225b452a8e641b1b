"""Where each person stands among a reference, and the absolute risk that follows from it."""

from pathlib import Path

from permed.scores.calibration.results import calibrated, people_of, read_components
from permed.scores.calibration.standing import standings
from permed.scores.risk.assess import Settings, assess_risks
from permed.scores.risk.factors import Factors
from permed.scores.risk.tables import gather_rates, read_effects
from permed.step import log, step
from permed.tables import read_table, write_table
from permed.withholding import withheld


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
    standing = standings(
        *(read_table(path) for path in (reference, comparable, shares)), min_reference, components=components
    )
    settings = Settings(
        *(gather_rates(rates), read_effects(effects, files), Factors(family_history, monogenic)),
        **{"year": year, "group": incidence_group, "across": across_ancestries},
    )
    people = people_of(read_table(samples), read_table(quality), None if findings is None else read_table(findings))
    risks = assess_risks(standing, people, settings)
    write_table(calibrated(read_table(sums), standing, risks, placed, withheld(quality)), scores)
    log.info("%d percentiles, %d absolute risks", standing["z"].count(), risks["lifetime_risk"].count())
