"""The absolute risks of a cohort: who gets one, over which ages, and the reason of everybody who gets none."""

import math
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import polars as pl

from permed.scores.risk.estimate import Factor, Model
from permed.scores.risk.factors import Factors, Finding
from permed.scores.risk.hazards import population_risk
from permed.scores.risk.tables import Effect, RateTable, choose_effect, choose_rates, shown, word

YEARS = 10
READ_DIGITS = 2  # of the share of variants read, so that people can be computed together
NUMBERS = "absolute_risk population_risk risk_lower risk_upper combined_risk combined_lower combined_upper".split()
LIFETIME = [f"lifetime_{name.removeprefix('absolute_')}" for name in NUMBERS]
LIFETIME = [name.replace("lifetime_risk_", "lifetime_") for name in LIFETIME]
SCHEMA = {
    "sample": pl.String,
    "score": pl.String,
    **dict.fromkeys(NUMBERS, pl.Float64),
    "risk_from": pl.Int64,
    "risk_to": pl.Int64,
    **dict.fromkeys(LIFETIME, pl.Float64),
    "lifetime_from": pl.Int64,
    "lifetime_to": pl.Int64,
    "disease": pl.String,
    "age": pl.Int64,
    "sex": pl.String,
    "combined_with": pl.String,
    "beside": pl.String,
    "carried": pl.String,
    "effect": pl.Float64,
    "effect_lower": pl.Float64,
    "effect_upper": pl.Float64,
    "effect_ancestry": pl.String,
    "effect_source": pl.String,
    "rates": pl.String,
    "rates_source": pl.String,
    "across_ancestries": pl.Boolean,
    "risk_reason": pl.String,
    "ten_year_reason": pl.String,
}


@dataclass(frozen=True)
class Settings:
    """What the configuration and the tables say. ``year`` is the one in which ages are counted.

    ``diagnoses`` are the other words that name a disease (as :func:`~.tables.read_diagnoses` gives them).
    """

    rates: list[RateTable]
    effects: dict[str, list[Effect]]
    factors: Factors
    year: int | None = None
    group: str | None = None
    across: bool = False
    diagnoses: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """What of a person bears on a risk; ``sex`` is XX, XY or why it is neither."""

    sex: str
    birth_year: int | None = None
    phenotypes: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def age(self, year: int | None) -> int | None:
        """The age that is reached in a year."""
        return None if year is None or self.birth_year is None else year - self.birth_year


@dataclass
class _Case:
    """A person and score with a risk to compute from age ``start``, and what its row says so far.

    ``ten_years`` is the age at which ten years from now end, None where there is no such risk.
    """

    z: float
    start: int
    ten_years: int | None
    table: RateTable
    effect: Effect
    reliability: float
    read: float
    factor: Factor | None
    row: dict = field(default_factory=dict)

    @property
    def model(self) -> tuple:
        """What tells models apart."""
        effect = self.effect
        return self.table.label, self.table.sex, effect.disease, effect.hazard_ratio, effect.lower, self.reliability

    @property
    def group(self) -> tuple:
        """Cases of one group are computed at once."""
        factor = self.factor or Factor()
        return (
            self.model,
            self.start,
            self.ten_years or 0,
            self.read,
            self.factor is None,
            factor.log_ratio,
            factor.log_deviation,
        )


def assess_risks(standings: pl.DataFrame, people: dict[str, Person], settings: Settings) -> pl.DataFrame:
    """A row a row of ``standings`` (columns of :mod:`permed.scores.calibration.standing`), columns :data:`SCHEMA`."""
    parts = [pl.DataFrame(schema=SCHEMA)]
    for (score,), told in standings.group_by("score", maintain_order=True):
        known = bool(settings.effects.get(str(score)))
        parts.append(_of_score(told, people, settings) if known else _without_effect(told))
    return pl.concat(parts)


def _without_effect(told: pl.DataFrame) -> pl.DataFrame:
    """Rows of a score of which no effect is known, however many people."""
    _, reason, _ = choose_effect([], "", False)
    empty = {name: pl.lit(None, kind) for name, kind in SCHEMA.items()}
    filled = empty | {"sample": pl.col("sample"), "score": pl.col("score"), "risk_reason": pl.lit(reason)}
    return told.select(**filled)


def _of_score(standings: pl.DataFrame, people: dict[str, Person], settings: Settings) -> pl.DataFrame:
    rows, cases = [], []
    for told in standings.iter_rows(named=True):
        case = _case(told, people.get(told["sample"], Person("the sex is not known")), settings)
        rows.append(case.row if isinstance(case, _Case) else case)
        cases += [case] if isinstance(case, _Case) else []
    cases.sort(key=lambda case: case.group)
    for _, of_model in groupby(cases, key=lambda case: case.model):
        same = list(of_model)
        model = _model(same[0])
        for _, alike in groupby(same, key=lambda case: case.group):
            _fill(model, list(alike))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _case(told: dict, person: Person, settings: Settings) -> "_Case | dict":
    row = dict.fromkeys(SCHEMA) | {"sample": told["sample"], "score": told["score"]}
    effects = settings.effects[told["score"]]
    row["disease"] = effects[0].disease
    if told["z"] is None:
        return row | {"risk_reason": f"without a percentile there is no risk: {told['percentile_reason']}"}
    effect, reason, across = choose_effect(effects, told["population"], settings.across)
    if effect is None:
        return row | {"risk_reason": reason}
    row["disease"] = effect.disease
    names = {effect.disease, *settings.diagnoses.get(effect.disease, ())}
    named = next((phenotype for phenotype in person.phenotypes if names & _readings(phenotype)), None)
    if named:
        meant = named if word(named) != effect.disease else shown(effect.disease)
        said = f"the sample sheet names {meant} among this person's diagnoses"
        return row | {"risk_reason": f"{said}; a risk of a first diagnosis does not apply"}
    if person.sex not in ("XX", "XY"):
        return row | {"risk_reason": f"rates differ by sex: {person.sex}"}
    table, reason = choose_rates(settings.rates, effect.disease, person.sex, settings.group)
    if table is None:
        return row | {"risk_reason": reason}
    age = person.age(settings.year)
    if age is not None and not 0 <= age < table.rates.end:
        said = f"the rates end at age {table.rates.end}" if age >= 0 else "the year of birth lies after drugs.year"
        return row | {"risk_reason": f"{said}; in {settings.year} this person is {age}"}
    weighed = settings.factors.of(effect.disease, person.sex, person.history, person.findings)
    row |= {
        "combined_with": "; ".join(weighed.used) or None,
        "beside": "; ".join(weighed.beside) or None,
        "carried": ", ".join(weighed.genes) or None,
        "effect": effect.hazard_ratio,
        "effect_lower": effect.lower,
        "effect_upper": effect.upper,
        "effect_ancestry": effect.ancestry,
        "effect_source": effect.source,
        "rates": table.label,
        "rates_source": table.source,
        "across_ancestries": across,
        "age": age,
        "sex": person.sex,
        "ten_year_reason": _no_ten_years(person, age, table, settings),
    }
    start = max(table.rates.first, age or 0)
    ten_years = None if age is None or row["ten_year_reason"] else min(age + YEARS, table.rates.end)
    shares = [1.0 if told[name] is None else told[name] for name in ("reliability", "share_read")]
    read = round(shares[1], READ_DIGITS)
    return _Case(told["z"], start, ten_years, table, effect, shares[0], read, weighed.factor, row)


def _readings(phenotype: str) -> set[str]:
    """What an entry of the sheet may name: itself, or each of its parts where its comma separates diagnoses."""
    return {word(phenotype), word(phenotype.replace(",", " ")), *map(word, phenotype.split(","))}


def _no_ten_years(person: Person, age: int | None, table: RateTable, settings: Settings) -> str | None:
    if person.birth_year is None:
        return "the year of birth is not known"
    if age is None:
        return "drugs.year does not say in which year ages are counted"
    if age + YEARS <= table.rates.first:
        return f"the rates begin at age {table.rates.first} only"
    return None


def _model(case: _Case) -> Model:
    effect = case.effect
    return Model(case.table.rates, math.log(effect.hazard_ratio), effect.log_deviation, case.reliability)


def _fill(model: Model, cases: list[_Case]) -> None:
    """Write the numbers into the rows of people of one age who have the same factor."""
    first = cases[0]
    z, end = np.array([case.z for case in cases]), model.rates.end
    spans = [(LIFETIME, "lifetime", end)]
    if first.ten_years is not None:
        spans.append((NUMBERS, "risk", first.ten_years))
    age = first.start
    for names, prefix, until in spans:
        columns = [np.full(len(z), np.nan)] * len(names)
        low, high = model.interval(z, age, until, None, first.read)
        told = np.full(len(z), population_risk(model.rates, age, until))
        columns[:4] = [model.risk(z, age, until, None, first.read), told, low, high]
        if first.factor:
            with_factor = (z, age, until, first.factor, first.read)
            columns[4:] = [model.risk(*with_factor), *model.interval(*with_factor)]
        for case, *numbers in zip(cases, *columns, strict=True):
            case.row |= {name: _number(value) for name, value in zip(names, numbers, strict=True)}
            case.row |= {f"{prefix}_from": age, f"{prefix}_to": until}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
