"""Inhibitors, inducers and substrates of newer lists beside those of the table."""

import re

import polars as pl

from permed.drugs.medicines.names import MedicineNames

ROLES = ("inhibitor", "inducer", "substrate")
UNSPECIFIED = "unspecified"
NO_ENZYME = "CYP (unspecified)"  # inducers of which a list does not say of what
REGIMEN = "+"
_DENIED = "is not a sensitive substrate"  # a footnote that denies its row


def with_newer(table: pl.DataFrame, newer: pl.DataFrame, names: MedicineNames, version: str) -> pl.DataFrame:
    """``interactions.tsv`` with those rows of ``newer`` that it lacks.

    ``newer`` has the columns ``drug enzyme role strength note source licence``. A row is lacking if no row has its
    enzyme, medicine and role, or none states its strength; one whose note denies it is left out. A role of a regimen
    belongs to its medicines together and to none alone: they are joined by ``+``.
    """
    held: dict[tuple, set[str]] = {}
    for row in table.iter_rows(named=True):
        strengths = held.setdefault((row["enzyme"], row["drug"], row["role"]), set())
        strengths.update(row["strength"].split(" or ") if row["basis"] != "inferred" else [])
    added = []
    for row in newer.iter_rows(named=True):
        drug = _ours(row["drug"], names)
        if drug is None or row["enzyme"] == NO_ENZYME or row["role"] not in ROLES or _denies(row):
            continue
        strength = _strength(row["strength"])
        strengths = held.setdefault((row["enzyme"], drug, row["role"]), set())
        if strength in strengths or (strengths and strength == UNSPECIFIED):
            continue
        strengths.add(strength)
        told = {"enzyme": row["enzyme"], "drug": drug, "role": row["role"], "strength": strength}
        basis = "stated" if row["role"] != "substrate" and strength != UNSPECIFIED else None
        told |= {"basis": basis, "note": row["note"], "source": _source(row["source"]), "version": version}
        added.append(told | {"licence": row["licence"]})
    joined = pl.concat([table, pl.DataFrame(added, table.schema)])
    return joined.sort("enzyme", "drug", "role", maintain_order=True)


def _ours(drug: str, names: MedicineNames) -> str | None:
    """Our name of a medicine or regimen; None where one of its medicines has none."""
    parts = [names.look_up(re.sub(r" \(.*\)", "", part)) for part in drug.split(REGIMEN)]
    if not all(len(meanings) == 1 and len(meanings[0].ingredients) == 1 for meanings in parts):
        return None
    return REGIMEN.join(sorted(meanings[0].ingredients[0] for meanings in parts))


def _denies(row: dict) -> bool:
    return row["role"] == "substrate" and _DENIED in (row["note"] or "")


def _strength(text: str | None) -> str:
    strength = re.sub(r" \(.*\)", "", text or UNSPECIFIED)
    return UNSPECIFIED if strength == "transporter" else strength


def _source(text: str) -> str:
    text = re.sub(r"file-index ids? [\d and,]+", "public list ", text)
    return re.sub(r" \(\d+ rows, .*?\)|; counts and footnotes.*", "", text)
