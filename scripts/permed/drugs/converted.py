"""What the guidance says once the person's other medicines have changed the activity of an enzyme."""

from dataclasses import replace

import polars as pl

from permed.drugs.advice import COLUMNS, advise
from permed.drugs.cells import Domain
from permed.drugs.guidance import Guidance
from permed.drugs.medicines import MedicineNames
from permed.drugs.phenoconversion import Conversion, Phenoconversion, calls_with_medicines

KEY = ["sample", "drug", "body", "population", "genes"]
CONVERTED = {
    "medicines_effect": pl.String,
    "phenotypes_with_medicines": pl.String,
    "action_with_medicines": pl.String,
    "dose_factor_with_medicines": pl.String,
    "label_with_medicines": pl.String,
    "advice_with_medicines": pl.String,
    "priority_with_medicines": pl.Int32,
}
TOLD = {name: name.removesuffix("_with_medicines") for name in list(CONVERTED)[1:]}
BETWEEN = "; "


def advise_with_medicines(
    calls: pl.DataFrame,
    people: pl.DataFrame,
    guidance: Guidance,
    domain: Domain,
    names: MedicineNames,
    conversion: Phenoconversion,
) -> pl.DataFrame:
    """The table of :func:`permed.drugs.advice.advise`, which goes by genotype alone, and beside it :data:`CONVERTED`.

    ``medicines_effect`` says what other medicines do to a row's genes; where a phenotype with medicines was computed,
    the rest says what the guidance has for it. A drug is not counted among the medicines that change its own advice.
    """
    plain = advise(calls, people, guidance, domain, names)
    takers = people.filter(pl.col("medications").cast(pl.String).fill_null("") != "")
    calls_of = calls.partition_by("sample", as_dict=True)
    found = {}
    for sample, cell in takers.select("sample", pl.col("medications").cast(pl.String)).iter_rows():
        own = calls_of[(sample,)].to_dicts() if (sample,) in calls_of else []
        conversions = conversion.convert(own, names.resolve_all(cell))
        if conversions:
            found[sample] = own, conversions
    advice_of = plain.filter(pl.col("sample").is_in(list(found))).partition_by("sample", as_dict=True)
    rows = []
    for sample, (own, conversions) in found.items():
        person = takers.filter(pl.col("sample") == sample)
        again = _again(own, conversions, person, guidance, domain, names)
        rows += _rows(conversions, advice_of[(sample,)], again)
    schema = {name: COLUMNS[name] for name in KEY} | CONVERTED
    return plain.join(pl.DataFrame(rows, schema), on=KEY, how="left", maintain_order="left", nulls_equal=True)


def _rows(conversions: list[Conversion], advice: pl.DataFrame, again: dict[tuple, dict]) -> list[dict]:
    """One row for each of the person's rows with a gene on which another medicine than the drug itself acts."""
    effects = {conversion.gene: conversion for conversion in conversions}
    made = []
    for row in advice.iter_rows(named=True):
        own = [effects[gene] for gene in row["genes"].split(BETWEEN) if gene in effects]
        own = [one for one in own if any(action.medicine != row["drug"] for action in one.actions)]
        if not own:
            continue
        changed = any(one.effect == "changed" for one in own)
        new = again.get(tuple(row[name] for name in KEY)) if changed else None
        told = {to: new[name] for to, name in TOLD.items()} if new else dict.fromkeys(TOLD)
        words = " ".join(dict.fromkeys(one.explanation for one in own))
        made.append({name: row[name] for name in KEY} | {"medicines_effect": words} | told)
    return made


def _again(calls, conversions, person, guidance: Guidance, domain, names) -> dict[tuple, dict]:
    """The advice by the calls that the medicines leave, by :data:`KEY`; a diplotype does not speak for those."""
    changed = {one.gene for one in conversions if one.effect == "changed"}
    if not changed:
        return {}
    left = [
        call | ({"diplotype": None} if call["gene"] in changed else {})
        for call in calls_with_medicines(calls, conversions)
    ]
    asked = tuple(question for question in guidance.questions if changed.intersection(question.genes))
    frame = pl.DataFrame(left, infer_schema_length=None)
    table = advise(frame, person, replace(guidance, questions=asked), domain, names)
    return {tuple(row[name] for name in KEY): row for row in table.iter_rows(named=True)}
