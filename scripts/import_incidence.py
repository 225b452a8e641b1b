"""Make a table of rates for absolute risks from a user's own download; run by hand, no rule needs it."""

from pathlib import Path

from permed.scores.risk.downloads import read_download
from permed.scores.risk.tables import read_rates
from permed.step import log, step
from permed.tables import write_table


@step
def import_incidence(
    downloads: list[Path], cause: str, disease: str, source: str, licence: str, *, rates: Path
) -> None:
    """Write ``rates`` (for scores.incidence) of ``disease``, named as in resources/risk/effects.tsv, from CSV
    ``downloads`` of the Global Burden of Disease results tool, in which it is called ``cause``.

    ``source`` and ``licence`` are printed beside the risks; what the licence allows is for the user to see to.
    """
    write_table(read_download(downloads, cause, disease, source, licence), rates)
    log.info("%d tables of rates of %s", len(read_rates(rates)), disease)
