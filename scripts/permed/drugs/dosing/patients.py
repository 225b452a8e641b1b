"""From the sheet and the calls to doses: the one entry for a step."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.drugs.dosing import estimates
from permed.drugs.dosing.adjustments import Adjustments
from permed.drugs.dosing.estimates import estimate
from permed.drugs.dosing.inputs import Levels, Patient
from permed.drugs.dosing.models import Model, load_models
from permed.drugs.medicines import MedicineNames
from permed.drugs.phenoconversion import Conversion
from permed.samples import Person

NOTHING_TAKEN = "none"


def patient_of(
    person: Person,
    calls: Iterable[dict],
    names: MedicineNames,
    *,
    year: int | None = None,
    target_inr: float | None = None,
) -> Patient:
    """What the sheet's row and the person's rows of ``calls.parquet`` say for a dose.

    An empty ``medications`` cell is not known; ``none`` says that nothing is taken. A birth year leaves two ages in the
    ``year`` for which the dose is asked; without a year the age is not known.
    """
    age = None
    if person.birth_year is not None and year is not None:
        age = tuple(max(0, years) for years in (year - person.birth_year - 1, year - person.birth_year))
    said = [entry for entry in person.medications if entry.casefold() != NOTHING_TAKEN]
    medicines = names.resolve_all(said) if person.medications else None
    return Patient(
        age,
        person.height_cm,
        person.weight_kg,
        person.population,
        person.phenotypes,
        medicines,
        target_inr,
        {call["gene"]: call for call in calls},
    )


@dataclass(frozen=True)
class Dosing:
    """Every dose table, and what they say of people."""

    models: tuple[Model, ...]
    levels: Levels
    adjustments: Adjustments

    @classmethod
    def load(cls, folder: Path) -> "Dosing":
        """Read the tables of ``resources/drugs``."""
        return cls(load_models(folder), Levels.load(folder), Adjustments.load(folder))

    @property
    def drugs(self) -> tuple[str, ...]:
        """Drugs that have an equation."""
        return tuple(dict.fromkeys(model.drug for model in self.models))

    def estimate_rows(
        self,
        sample: str,
        patient: Patient,
        drugs: Iterable[str] | None = None,
        conversions: Iterable[Conversion] = (),
    ) -> list[dict]:
        """Rows of :data:`estimates.COLUMNS`: each model of the drugs (all by default) for a person.

        Factors that guidelines give on top of a genetic estimate stand in ``notes``, as do medicines that act on an
        enzyme of the drug's models (``conversions``) and are no input of the equation.
        """
        rows, conversions = [], list(conversions)
        for model in (m for m in self.models if drugs is None or m.drug in drugs):
            row = estimate(model, patient, self.levels).as_row(sample)
            if model.genetic:
                row["notes"] += [adjustment.text for adjustment in self.adjustments.of(model.drug, patient.calls)]
            row["notes"] += self._not_considered(model, conversions)
            rows.append(row)
        return rows

    def _not_considered(self, model: Model, conversions: list[Conversion]) -> Iterable[str]:
        genes = {name for other in self.models if other.drug == model.drug for name in other.inputs}
        considered = {medicine for name in model.inputs for medicine in self.levels.of.get(name, ())} | {model.drug}
        for found in (conversion for conversion in conversions if conversion.gene in genes):
            others = [action.words for action in found.actions if action.medicine not in considered]
            if others:
                yield f"The equation does not consider what acts on {found.gene}: {', '.join(others)}."


def estimate_table(rows: list[dict]) -> pl.DataFrame:
    """Rows of estimates as a frame, in the order given."""
    return pl.DataFrame(rows, schema=estimates.COLUMNS)
