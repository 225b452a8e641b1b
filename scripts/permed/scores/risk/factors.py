"""What multiplies a risk besides the score: relatives with the disease, and findings in single genes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from permed.scores.risk.estimate import Factor
from permed.scores.risk.tables import shown, word
from permed.tables import read_table

MEASURES = {
    "risk_ratio": "risk ratio",
    "relative_risk": "relative risk",
    "rate_ratio": "rate ratio",
    "hazard_ratio": "hazard ratio",
    "odds_ratio": "odds ratio",
}


@dataclass(frozen=True)
class Finding:
    """A gene with a carried finding; not ``certain`` where it is a possible one.

    ``carrier`` is one of a recessive condition alone, which bears on a disease only where a ratio is published.
    """

    gene: str
    condition: str
    certain: bool = True
    carrier: bool = False

    def __str__(self) -> str:
        said = f"a {'' if self.certain else 'possible '}finding in {self.gene}"
        return f"{said} ({self.condition})" if self.condition else said


@dataclass(frozen=True)
class Weighed:
    """The factor of all that has a published ratio, in words what entered it and what stands beside, and the genes."""

    factor: Factor | None
    used: list[str]
    beside: list[str]
    genes: list[str]


class Factors:
    """Published ratios of family history (``disease relatives``) and of genes (``gene disease sex``)."""

    def __init__(self, family_history: Path, monogenic: Path) -> None:
        self._relatives = read_table(family_history).to_dicts()
        self._genes = read_table(monogenic).to_dicts()

    def of(self, disease: str, sex: str, history: Iterable[str], findings: Iterable[Finding]) -> Weighed:
        """What bears on a disease. ``history`` are entries ``disease:relative`` of the sample sheet.

        Of several genes only the one of the highest ratio counts: no ratio of two is published.
        """
        own = [entry for entry in history if word(entry.partition(":")[0]) == disease]
        used, beside, rows = [], [], []
        if own:
            names = ", ".join(entry.partition(":")[2] for entry in own)
            row = self._of_relatives(disease, len(own))
            said = f"{shown(disease)} in the family ({names})"
            (rows.append(row), used.append(_cited(said, row))) if row else beside.append(said)
        known = {row["gene"]: row for row in self._genes if self._fits(row, disease, sex)}
        told = [finding for finding in findings if finding.gene in known or not finding.carrier]
        weighed = [finding for finding in told if finding.gene in known and finding.certain]
        strongest = max(weighed, key=lambda finding: float(known[finding.gene]["value"]), default=None)
        if strongest:
            rows.append(known[strongest.gene])
            used.append(_cited(str(strongest), rows[-1]))
        beside += [str(finding) for finding in told if finding is not strongest]
        return Weighed(_together(rows) if rows else None, used, beside, [finding.gene for finding in told])

    @staticmethod
    def _fits(row: dict, disease: str, sex: str) -> bool:
        return row["disease"] == disease and row["sex"] in (sex, "any")

    def _of_relatives(self, disease: str, number: int) -> dict | None:
        """The row for so many relatives: the exact number, else the highest ``n+`` that it reaches."""
        rows = [row for row in self._relatives if row["disease"] == disease]
        exact = [row for row in rows if row["relatives"] == str(number)]
        open_ended = [row for row in rows if row["relatives"].endswith("+") and int(row["relatives"][:-1]) <= number]
        return (exact or sorted(open_ended, key=lambda row: -int(row["relatives"][:-1])) or [None])[0]


def _cited(said: str, row: dict) -> str:
    level = f"{100 * float(row['level']):.0f} %"
    interval = f"{level} interval {row['lower']} to {row['upper']}"
    return f"{said}: {MEASURES.get(row['measure'], row['measure'])} {row['value']}, {interval} ({row['source']})"


def _together(rows: list[dict]) -> Factor:
    """The product of ratios, their errors taken for independent."""
    variance = 0.0
    for row in rows:
        reach = NormalDist().inv_cdf(0.5 + float(row["level"]) / 2)
        variance += ((math.log(float(row["upper"])) - math.log(float(row["lower"]))) / (2 * reach)) ** 2
    return Factor(sum(math.log(float(row["value"])) for row in rows), math.sqrt(variance))
