"""Published dose equations, read from the tables: terms, coefficients, and the limits that sources give."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.tables import read_table

USES = ("constant", "value", "decade", "indicator", "genotype", "count", "unknown")
TRANSFORMS = ("square", "exp")
BODY_SURFACE = "bsa_m2"
DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True)
class Term:
    """One term of the linear predictor, its coefficient in the model's own scale.

    ``use``: ``constant``; ``value`` of a number; whole ``decade`` of an age, at most ``level``; ``indicator`` of a
    level; ``genotype`` indicator of a pair of alleles; ``count`` of the allele ``level`` (0, 1, 2); ``unknown`` is
    what was published for an input that is not known.
    """

    name: str
    use: str
    input: str | None
    level: str | None
    coefficient: float

    def contribution(self, value) -> float:
        """What the term adds; ``value`` is a number, a level, a sorted pair of alleles, or None where not known."""
        if self.use == "constant":
            return self.coefficient
        if value is None or self.use == "unknown":
            return self.coefficient if value is None and self.use == "unknown" else 0.0
        amounts = {
            "value": lambda: value,
            "decade": lambda: min(value // 10, int(self.level)),
            "indicator": lambda: value == self.level,
            "genotype": lambda: "/".join(value) == self.level,
            "count": lambda: value.count(self.level),
        }
        return self.coefficient * amounts[self.use]()


@dataclass(frozen=True)
class Limit:
    """The range of an input for which a source gives the model; ``assumed`` is taken where none is given."""

    input: str
    low: float | None
    high: float | None
    assumed: float | None
    reason: str
    source: str

    def allows(self, value: float) -> bool:
        """Whether a value is within the limits, both included."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Model:
    """A published equation: dose = transform(sum of terms), in ``unit`` per ``per``."""

    name: str
    drug: str
    title: str
    genetic: bool
    transform: str
    per: str
    unit: str
    monitor: str
    remark: str | None
    literature: str
    source: str
    terms: tuple[Term, ...]
    limits: tuple[Limit, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """What the model needs, in the order of its terms; body surface area as height and weight."""
        names = (name for term in self.terms if term.input for name in _asked(term.input))
        return tuple(dict.fromkeys(names))

    def uses(self, name: str) -> set[str]:
        """In which ways the terms use an input."""
        return {term.use for term in self.terms if term.input == name}

    def dose_per_day(self, values: Mapping) -> float | None:
        """Dose per day for one value of each input (None: not known, where the model has a term for that).

        None where the sum is not positive and its square would be a dose without meaning.
        """
        return self.range_per_day({name: (value,) for name, value in values.items()})[0]

    def range_per_day(self, values: Mapping[str, Sequence]) -> tuple[float | None, float | None]:
        """Lowest and highest dose per day over every combination of the inputs' values.

        Terms of different inputs add up and the transformation rises with their sum, so each input counts by itself.
        """
        values = dict(values)
        if self.uses(BODY_SURFACE):
            sizes = product(values["height_cm"], values["weight_kg"])
            values[BODY_SURFACE] = [body_surface(*size) for size in sizes]
        low = high = 0.0
        for name in dict.fromkeys(term.input for term in self.terms):
            terms = [term for term in self.terms if term.input == name]
            sums = [sum(term.contribution(value) for term in terms) for value in (values[name] if name else [None])]
            low, high = low + min(sums), high + max(sums)
        return self._dose(low), self._dose(high)

    def _dose(self, total: float) -> float | None:
        if self.transform == "exp":
            return math.exp(total) / DAYS[self.per]
        return total**2 / DAYS[self.per] if total > 0 else None


def body_surface(height_cm: float, weight_kg: float) -> float:
    """Body surface in m² by DuBois: 0.007184 · weight^0.425 · height^0.725, the formula that Gage 2008 uses."""
    return 0.007184 * weight_kg**0.425 * height_cm**0.725


def load_models(folder: Path) -> tuple[Model, ...]:
    """Read ``dosing_models.tsv``, ``dosing.tsv`` and ``dosing_limits.tsv`` of ``resources/drugs``."""
    folder = Path(folder)
    terms, limits = read_table(folder / "dosing.tsv"), read_table(folder / "dosing_limits.tsv")
    models = []
    for row in read_table(folder / "dosing_models.tsv").iter_rows(named=True):
        of = pl.col("model") == row["model"]
        if row["transform"] not in TRANSFORMS or row["per"] not in DAYS:
            fault = f"the model {row['model']} is not understood"
            raise Fault(fault, folder / "dosing_models.tsv", remedy="Restore the table")
        models.append(
            Model(
                row["model"],
                row["drug"],
                row["title"],
                row["genetic"] == "yes",
                row["transform"],
                row["per"],
                row["unit"],
                row["monitor"],
                row["remark"],
                row["literature"],
                row["source"],
                tuple(_term(term) for term in terms.filter(of).iter_rows(named=True)),
                tuple(_limit(limit) for limit in limits.filter(of).iter_rows(named=True)),
            )
        )
    return tuple(models)


def _asked(name: str) -> tuple[str, ...]:
    return ("height_cm", "weight_kg") if name == BODY_SURFACE else (name,)


def _term(row: dict) -> Term:
    if row["use"] not in USES:
        raise Fault(f'the use "{row["use"]}" of {row["term"]} is not known', "dosing.tsv", remedy="Restore the table")
    return Term(row["term"], row["use"], row["input"], row["level"], float(row["value"]))


def _limit(row: dict) -> Limit:
    low, high, assumed = (float(row[n]) if row[n] is not None else None for n in ("low", "high", "assumed"))
    return Limit(row["input"], low, high, assumed, row["reason"], row["source"])
