"""Doses by size, age and medicines of a person: published equations, and starts of guidance by body size."""

import polars as pl

from permed.drugs.dosing.patients import Dosing, estimate_table, patient_of
from permed.drugs.medicines import MedicineNames
from permed.drugs.own_dose import own_start
from permed.drugs.phenoconversion import Phenoconversion
from permed.samples import Person

BETWEEN = ";"


def doses_of(
    calls: pl.DataFrame,
    people: pl.DataFrame,
    dosing: Dosing,
    names: MedicineNames,
    conversion: Phenoconversion,
    year: int | None,
) -> pl.DataFrame:
    """Each equation's dose, range or refusal for everyone in ``people`` (rows of the sample table), in their order.

    ``year`` is the one for which ages are counted; without it no age is known.
    """
    calls_of = calls.partition_by("sample", as_dict=True)
    rows = []
    for row in people.iter_rows(named=True):
        own = calls_of[(row["sample"],)].to_dicts() if (row["sample"],) in calls_of else []
        patient = patient_of(_person(row), own, names, year=year)
        conversions = conversion.convert(own, patient.medicines or ())
        rows += dosing.estimate_rows(row["sample"], patient, conversions=conversions)
    return estimate_table(rows)


def with_own_starts(advice: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Advice with ``own_start``: the start by size in mg a day for the person's height and weight."""
    sizes = {row[0]: row[1:] for row in people.select("sample", "height_cm", "weight_kg").iter_rows()}
    starts = advice.select("sample", "start_by_size").iter_rows()
    told = [own_start(by_size, *sizes[sample]) if by_size else None for sample, by_size in starts]
    return advice.with_columns(pl.Series("own_start", told, pl.String))


def _person(row: dict) -> Person:
    told = {name: row[name] for name in ("birth_year", "height_cm", "weight_kg", "population")}
    medications, phenotypes = _entries(row["medications"]), _entries(row["phenotypes"])
    return Person(row["sample"], row["sex"] or "NA", medications=medications, phenotypes=phenotypes, **told)


def _entries(cell: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (entry.strip() for entry in (cell or "").split(BETWEEN))))
