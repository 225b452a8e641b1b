"""The committed names of medicines."""

import pytest

from permed.drugs.medicines import MedicineNames


@pytest.fixture(scope="session")
def drug_tables(root):
    """Where the tables are."""
    return root / "resources" / "drugs"


@pytest.fixture(scope="session")
def names(drug_tables):
    """Names of medicines, read in 2026."""
    return MedicineNames.load(drug_tables, 2026)
