"""What changed in people's findings since an earlier run, and why."""

from pathlib import Path

from permed.findings.compare import Outcome, compare, read_outcome, read_releases
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def compare_findings(
    findings: Path,
    genes: Path,
    classified: Path,
    consent_findings: Path,
    consent_carriers: Path,
    previous: Path,
    *,
    changes: Path,
    databases: list[Path] | None = None,
) -> None:
    """Write ``sample gene variant list before after cause detail``: whom to write to, since ``previous`` ran.

    ``previous`` is the results folder of the earlier run, ``databases`` the descriptions of this run's. Only people who
    agree now are listed, whatever the earlier run knew of others.
    """
    consents = {
        "findings": frozenset(consent_findings.read_text(encoding="utf-8").split()),
        "carriers": frozenset(consent_carriers.read_text(encoding="utf-8").split()),
    }
    now = Outcome(read_table(findings), read_table(genes), read_table(classified), read_releases(databases or []))
    table = compare(read_outcome(previous), now, consents)
    write_table(table, changes)
    log.info("%d changes of %d people", len(table), table["sample"].n_unique())
