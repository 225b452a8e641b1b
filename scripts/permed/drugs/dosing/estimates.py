"""A person's dose by a published equation: the estimate, the range that missing inputs leave, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from permed.drugs.dosing.inputs import NUMBERS, Levels, Patient, Possible
from permed.drugs.dosing.models import DAYS, Limit, Model

ESTIMATED, RANGE, DECLINED = "estimated", "range", "declined"
PUBLISHED_UNKNOWN = "the model's term for not known"
NOT_GENETIC = "The equation does not consider the genotype; where that is known, the genetic one goes first."
STATEMENT = "Starting dose estimate for confirmation by the treating physician; monitor {monitor}."


@dataclass(frozen=True)
class Estimate:
    """A dose per day in ``unit``, with the lowest and highest over every value that the inputs can have.

    ``status``: ``estimated`` (there is a point estimate), ``range`` (an input is missing for which the model has no
    term, so there is only a range) or ``declined`` with its ``reasons``. ``inputs`` says what was used for each input,
    ``missing`` which were not given.
    """

    model: Model
    status: str
    dose: float | None = None
    low: float | None = None
    high: float | None = None
    inputs: Mapping[str, str] = None
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        """What a reader must know of the number."""
        return STATEMENT.format(monitor=self.model.monitor)

    def as_row(self, sample: str) -> dict:
        """The estimate as a row of :data:`COLUMNS`; doses rounded to 0.1."""
        week = DAYS["week"]
        return {
            "sample": sample,
            "drug": self.model.drug,
            "model": self.model.title,
            "status": self.status,
            "dose_per_day": _round(self.dose),
            "low_per_day": _round(self.low),
            "high_per_day": _round(self.high),
            "dose_per_week": _round(self.dose, week),
            "low_per_week": _round(self.low, week),
            "high_per_week": _round(self.high, week),
            "unit": self.model.unit,
            "inputs": [f"{name}: {text}" for name, text in self.inputs.items()],
            "missing": list(self.missing),
            "reasons": list(self.reasons),
            "notes": list(self.notes),
            "statement": self.statement if self.status != DECLINED else None,
            "literature": self.model.literature,
            "source": self.model.source,
        }


_FLOATS = [f"{what}_per_{per}" for per in ("day", "week") for what in ("dose", "low", "high")]
_LISTS = ["inputs", "missing", "reasons", "notes"]
COLUMNS = (
    dict.fromkeys(["sample", "drug", "model", "status"], pl.String)
    | dict.fromkeys(_FLOATS, pl.Float64)
    | {"unit": pl.String}
    | dict.fromkeys(_LISTS, pl.List(pl.String))
    | dict.fromkeys(["statement", "literature", "source"], pl.String)
)


def estimate(model: Model, patient: Patient, levels: Levels) -> Estimate:
    """The dose of a model for a person."""
    possible = {name: _with_assumed(model, name, levels.possible(name, patient)) for name in model.inputs}
    inputs = {name: value.text for name, value in possible.items()}
    missing = tuple(name for name, value in possible.items() if not value.given)
    reasons = _reasons(model, possible)
    if reasons:
        return Estimate(model, DECLINED, inputs=inputs, missing=missing, reasons=reasons)
    low, high = model.range_per_day({name: value.values for name, value in possible.items()})
    point, used = _point(model, possible)
    if not _round(low) or (used is not None and point is None):
        reason = "the equation gives no positive dose for values that the inputs can have"
        return Estimate(model, DECLINED, inputs=inputs, missing=missing, reasons=(reason,))
    inputs |= {name: f"{inputs[name]} ({PUBLISHED_UNKNOWN})" for name, value in (used or {}).items() if value is None}
    every = [dose for dose in (low, high, point) if dose is not None]
    status = RANGE if point is None else ESTIMATED
    return Estimate(model, status, point, min(every), max(every), inputs, missing, (), _notes(model, possible))


def _with_assumed(model: Model, name: str, possible: Possible) -> Possible:
    limit = _limit(model, name)
    if possible.given or limit is None or limit.assumed is None:
        return possible
    return Possible((limit.assumed,), False, f"{limit.assumed:g}, assumed: {limit.reason}")


def _limit(model: Model, name: str) -> Limit | None:
    return next((limit for limit in model.limits if limit.input == name), None)


def _reasons(model: Model, possible: Mapping[str, Possible]) -> tuple[str, ...]:
    reasons = [f"{name} {value.problem}" for name, value in possible.items() if value.problem]
    for limit in model.limits:
        outside = [value for value in possible[limit.input].values if not limit.allows(value)]
        if outside:
            reasons.append(f"{limit.input} is {possible[limit.input].text}: {limit.reason} ({limit.source})")
    return tuple(reasons)


def _point(model: Model, possible: Mapping[str, Possible]) -> tuple[float | None, dict | None]:
    """The point estimate and its inputs: each known, or not given and with a published term for not known.

    Of a number with several values (the ages that a birth year leaves) the highest is taken.
    """
    used = {}
    for name, value in possible.items():
        if len(value.values) == 1 or (value.given and name in NUMBERS):
            used[name] = value.values[-1]
        elif not value.given and "unknown" in model.uses(name):
            used[name] = None
        else:
            return None, None
    return model.dose_per_day(used), used


def _notes(model: Model, possible: Mapping[str, Possible]) -> tuple[str, ...]:
    notes = [] if model.genetic else [NOT_GENETIC]
    notes += [f"Of these coefficients {model.remark}."] if model.remark else []
    limited = {limit.input for limit in model.limits}
    open_ = [name for name in ("age_years", "height_cm", "weight_kg") if name in possible and name not in limited]
    if open_:
        notes.append(f"The sources give no limits of {' and '.join(open_)} for this model.")
    genes = [name for name, value in possible.items() if not value.given and model.uses(name) & {"genotype", "count"}]
    if genes:
        notes.append(f"{' and '.join(genes)} not known: the range covers the alleles that the model knows, not others.")
    return tuple(notes)


def _round(dose: float | None, days: int = 1) -> float | None:
    return None if dose is None else round(dose * days, 1)
