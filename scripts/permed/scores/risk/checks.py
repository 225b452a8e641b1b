"""What is wrong with a user's table of rates, with the choice of a group, and with effects in scoring files."""

from pathlib import Path

from permed.errors import Fault
from permed.scores.risk.tables import header_effect, read_rates
from permed.scoring_files import read_header


def check_risk(own: Path | None, shipped: Path, group: str | None, files: list[Path]) -> list[Fault]:
    """Faults of ``own`` rates (scores.incidence), of ``group`` (scores.incidence_group), of headers of ``files``."""
    faults, groups = [], set()
    for path in filter(None, (own, shipped)):
        try:
            groups |= {name for table in read_rates(path) for name in (table.group, table.country)}
        except Fault as fault:
            faults.append(fault)
    if group is not None and not faults and group not in groups:
        known = ", ".join(sorted(groups - {""}))
        faults.append(Fault(f'scores.incidence_group: no table has the group "{group}"', remedy=f"Known are {known}"))
    for path in files:
        try:
            header_effect(path, read_header(path))
        except Fault as fault:
            faults.append(fault)
    return faults
