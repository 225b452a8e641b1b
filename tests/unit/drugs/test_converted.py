"""Advice beside other medicines: what they leave of the genotype, and what a drug does to itself is left out."""

import polars as pl
import pytest

from permed.drugs.converted import advise_with_medicines
from permed.drugs.phenoconversion import Phenoconversion

NORMAL = {
    "sample": "P",
    "gene": "CYP2D6",
    "state": "called",
    "diplotype": "*1/*1",
    "activity_score": "2.0",
    "phenotype": "Normal Metabolizer",
    "reason": None,
    "phenotype_certain": True,
    "research": False,
    "contradicted": False,
}


@pytest.fixture(scope="module")
def conversion(root, tables):
    return Phenoconversion.load(tables, root / "resources" / "pharmacogenes")


@pytest.fixture
def converted(guidance, domain, names, conversion):
    """Advice with medicines for one person who takes ``medications`` and has one call."""

    def run(medications: str, others: tuple = (), **call) -> pl.DataFrame:
        schema = {"sample": pl.String, "birth_year": pl.Int64, "medications": pl.String}
        people = pl.DataFrame([("P", None, medications)], schema, orient="row")
        calls = pl.DataFrame([NORMAL | call, *(NORMAL | other for other in others)], infer_schema_length=None)
        return advise_with_medicines(calls, people, guidance, domain, names, conversion)

    return run


def test_a_drug_does_not_change_its_own_advice_beside_another_that_acts_too(converted, row_of):
    """Duloxetine halves a score of 2 (CPIC: factor 0.5), which alone makes it 1; paroxetine's own effect on CYP2D6 is
    in its guideline already and must not make the person a poor metabolizer for paroxetine."""
    advice = converted("paroxetine; duloxetine")
    row = row_of(advice, "paroxetine")
    assert "paroxetine" not in row["medicines_effect"] and "duloxetine" in row["medicines_effect"]
    assert row["phenotypes_with_medicines"] == "Intermediate Metabolizer (activity score 1.0)"
    other = row_of(advice, "codeine")
    assert other["phenotypes_with_medicines"] == "Poor Metabolizer (activity score 0.0)"
    assert other["action_with_medicines"] == "avoid"


def test_a_strong_inhibitor_leaves_nothing_of_a_score_that_is_not_settled(converted, row_of):
    """The factor 0 holds for any score: of a phenotype that alone is certain, and of an open score."""
    open_ = {"state": "not_assessable", "diplotype": "*1/*1 OR *1/*9", "reason": "One position was not read."}
    for call in (open_, {"state": "called", "activity_score": "≥3.0", "phenotype": "Ultrarapid Metabolizer"}):
        row = row_of(converted("paroxetine", **call), "codeine")
        assert row["phenotypes_with_medicines"].startswith("Poor Metabolizer")
        assert row["action_with_medicines"] == "avoid"
    halved = row_of(converted("duloxetine", **open_), "codeine")
    assert halved["action_with_medicines"] is None


def test_a_strong_inhibitor_settles_nothing_where_the_gene_is_not_known(converted, row_of):
    open_ = {"state": "not_assessable", "phenotype_certain": False, "reason": "Most positions were not read."}
    row = row_of(converted("paroxetine", **open_), "codeine")
    assert row["action"] == "not known" and row["action_with_medicines"] is None


def test_a_gene_whose_phenotype_with_medicines_cannot_be_given_does_not_count_as_its_genotype(converted, row_of):
    """Fluvoxamine halves CYP2D6 or leaves it (sources differ) and slows CYP2C19 by no published factor. CPIC on
    amitriptyline with a score of 1 of CYP2D6: a lower dose for normal metabolizers of CYP2C19, but to avoid it in poor
    ones."""
    normal = ({"gene": "CYP2C19", "activity_score": None},)
    row = row_of(converted("fluvoxamine", normal), "amitriptyline")
    assert row["action"] == "standard"
    assert row["phenotypes_with_medicines"] == (
        "not known; Normal Metabolizer or Intermediate Metabolizer (activity score 2.0 or 1.0)"
    )
    assert row["action_with_medicines"] == "not known"
    assert row_of(converted("duloxetine", normal), "amitriptyline")["action_with_medicines"] == "reduce"
