"""Factors that guidelines give on top of a calculated dose: told with their source, never applied silently."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from permed.drugs.usable import diplotypes_of
from permed.tables import read_table

CARRIED, NOT_KNOWN = "carried", "not_known"


@dataclass(frozen=True)
class Adjustment:
    """A factor for a calculated dose; ``state`` is ``carried`` or ``not_known``, where the gene was not called."""

    drug: str
    gene: str
    variant: str
    state: str
    factor_low: float
    factor_high: float
    population: str | None
    strength: str | None
    literature: str
    source: str

    @property
    def text(self) -> str:
        """What to tell the physician."""
        who = "carried" if self.state == CARRIED else "not known whether it is carried"
        where = f", for {self.population}" if self.population else ""
        grade = f" ({self.strength})" if self.strength else ""
        factor = f"{self.factor_low:g} to {self.factor_high:g} times the calculated dose"
        return f"{self.variant}: {who}. For carriers {self.literature} gives {factor}{where}{grade}; not applied here."


class Adjustments:
    """The table ``dosing_adjustments.tsv``."""

    def __init__(self, rows: list[dict]) -> None:
        self.rows = rows

    @classmethod
    def load(cls, folder: Path) -> "Adjustments":
        """Read the table of ``resources/drugs``."""
        return cls(read_table(Path(folder) / "dosing_adjustments.tsv").rows(named=True))

    def of(self, drug: str, calls: Mapping[str, dict]) -> list[Adjustment]:
        """What concerns a person; of several equally good diplotypes any that carries the variant counts.

        A marker that is not among the calls is not known; it is told for one copy.
        """
        told = []
        for row in (row for row in self.rows if row["drug"] == drug):
            copies = _copies(calls.get(row["gene"]), (row["alleles"] or "").split("|"))
            wanted = {int(n) for n in row["copies"].split("|")}
            state = CARRIED if copies and copies & wanted else NOT_KNOWN if copies is None and 1 in wanted else None
            if state:
                low, high = float(row["factor_low"]), float(row["factor_high"])
                words = (row["population"], row["strength"], row["literature"], row["source"])
                told.append(Adjustment(drug, row["gene"], row["variant"], state, low, high, *words))
        return told


def _copies(call: dict | None, alleles: list[str]) -> set[int] | None:
    """How many of the alleles each equally good diplotype has; None if the gene was not called."""
    return {sum(name in alleles for name in text.split("/")) for text in diplotypes_of(call)} or None
