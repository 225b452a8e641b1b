"""The committed tables, and advice for people whose calls are written down."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from permed.drugs.advice import advise
from permed.drugs.cells import Domain
from permed.drugs.guidance import load_guidance
from permed.drugs.medicines import MedicineNames

CALL = {
    "diplotype": None,
    "activity_score": None,
    "phenotype": None,
    "reason": None,
    "other_readings": None,
    "proxied_reading": None,
    "research": False,
    "also_carried": None,
}


@pytest.fixture(scope="session")
def tables(root) -> Path:
    """The committed tables."""
    return root / "resources" / "drugs"


@pytest.fixture(scope="session")
def guidance(tables):
    """The committed guidance."""
    return load_guidance(sorted(tables.glob("*.tsv")))


@pytest.fixture(scope="session")
def domain(root):
    """What the phenotype table knows."""
    return Domain.read(root / "resources" / "pharmacogenes" / "phenotypes.tsv")


@pytest.fixture(scope="session")
def names(tables):
    """Names of medicines."""
    return MedicineNames.load(tables)


@pytest.fixture(scope="session")
def advice_for(guidance, domain, names):
    """Advice for one person from calls written as ``{gene: phenotype}`` or ``{gene: {column: value}}``."""

    def run(calls, medications=None, birth_year=None, drug=None) -> pl.DataFrame:
        asked = tuple(q for q in guidance.questions if drug in (None, q.drug))
        rows = []
        for gene, given in calls.items():
            call = CALL | {"state": "called"} | (given if isinstance(given, dict) else {"phenotype": given})
            certain = call.get("phenotype_certain", call["state"] == "called")
            rows.append({"sample": "P", "gene": gene, **call, "phenotype_certain": certain})
        columns = ["sample", "gene", "state", *CALL]
        schema = {**dict.fromkeys(columns, pl.String), "research": pl.Boolean, "phenotype_certain": pl.Boolean}
        person = {"sample": ["P"], "birth_year": [birth_year], "medications": [medications]}
        schema_of_people = {"sample": pl.String, "birth_year": pl.Int64, "medications": pl.String}
        people = pl.DataFrame(person, schema_of_people)
        return advise(pl.DataFrame(rows, schema=schema), people, replace(guidance, questions=asked), domain, names)

    return run


@pytest.fixture(scope="session")
def row_of():
    """The one row of a drug, by default of the body that leads."""

    def find(advice: pl.DataFrame, drug: str, **others) -> dict:
        chosen = advice.filter(pl.col("drug") == drug)
        for column, value in ({"leading": True} if "body" not in others else {}).items():
            chosen = chosen.filter(pl.col(column) == value)
        for column, value in others.items():
            chosen = chosen.filter(pl.col(column) == value)
        assert chosen.height == 1, chosen.select("drug", "body", "population", "genes", "action")
        return chosen.row(0, named=True)

    return find
