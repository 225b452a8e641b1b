"""The committed tables of drugs."""

import pytest

from permed.drugs.dosing.inputs import Levels, Patient
from permed.drugs.dosing.models import load_models
from permed.drugs.medicines import MedicineNames

G, A = "rs9923231 reference (C)", "rs9923231 variant (T)"
VKORC1 = {0: f"{G}/{G}", 1: f"{G}/{A}", 2: f"{A}/{A}"}


@pytest.fixture(scope="session")
def drug_tables(root):
    """Where the tables are."""
    return root / "resources" / "drugs"


@pytest.fixture(scope="session")
def names(drug_tables):
    """Names of medicines."""
    return MedicineNames.load(drug_tables)


@pytest.fixture(scope="session")
def models(drug_tables):
    """Dose equations by name."""
    return {model.name: model for model in load_models(drug_tables)}


@pytest.fixture(scope="session")
def levels(drug_tables):
    """How what is said of people is called in the equations."""
    return Levels.load(drug_tables)


@pytest.fixture(scope="session")
def patient(names):
    """A person whose every input is known, unless None says otherwise; ``vkorc1`` counts variant alleles."""

    def make(age, height, weight, vkorc1=None, cyp2c9=None, race="White", medicines="", **more):
        diplotypes = {"VKORC1": VKORC1.get(vkorc1), "CYP2C9": cyp2c9}
        calls = {
            gene: {"gene": gene, "state": "called" if diplotype else "not_assessable", "diplotype": diplotype}
            for gene, diplotype in diplotypes.items()
        }
        words = ("non-smoker", *more.pop("words", ()))
        taken = None if medicines is None else names.resolve_all(medicines)
        return Patient(age, height, weight, race, words, taken, more.get("target_inr"), calls)

    return make
