"""What goes by age whatever the genotype leads; where the age is not known it is told beside."""

import polars as pl
import pytest

from permed.drugs.ages import load_ages, with_ages

YEAR = 2026


@pytest.fixture
def of_age(advice_for, guidance, tables):
    """The rows of a drug for somebody born in a year."""

    def run(born, drug="codeine", year=YEAR, phenotype="Normal Metabolizer", score="2.0"):
        calls = {"CYP2D6": {"phenotype": phenotype, "activity_score": score, "diplotype": "*1/*1"}}
        people = pl.DataFrame({"sample": ["P"], "birth_year": [born]}, {"sample": pl.String, "birth_year": pl.Int64})
        advice = advice_for(calls, birth_year=born, drug=drug)
        return with_ages(advice, people, load_ages(tables / "ages.tsv"), guidance, year).to_dicts()

    return run


@pytest.mark.parametrize("drug", ["codeine", "tramadol"])
@pytest.mark.parametrize("born", [2015, 2018, 2026])
def test_no_codeine_under_twelve_whatever_the_genotype(of_age, drug, born):
    rows = of_age(born, drug)
    (lead,) = [row for row in rows if row["leading"]]
    assert (lead["body"], lead["action"], lead["status"]) == ("FDA", "contraindicated", "found")
    assert "whatever the genotype" in lead["advice"] and "2017-04-20" in lead["source"]
    assert any(row["body"] == "CPIC" and row["action"] == "standard" for row in rows)


@pytest.mark.parametrize("born", [2014, 2010, 2008])
def test_who_may_be_older_is_told_beside(of_age, born):
    (lead,) = [row for row in of_age(born) if row["leading"]]
    assert lead["body"] == "CPIC"
    assert "under 18 years, after tonsillectomy or adenoidectomy" in lead["branches"]
    assert ("under 12 years:" in lead["branches"]) == (born == 2014)  # 11 or 12 years old


def test_adults_and_people_of_unknown_age(of_age):
    (adult,) = [row for row in of_age(1960) if row["leading"]]
    assert "under 1" not in adult["branches"] and "breast feeding" in adult["branches"]
    for unknown in (of_age(None), of_age(2018, year=None)):
        (lead,) = [row for row in unknown if row["leading"]]
        assert lead["body"] == "CPIC" and "under 12 years: Do not give." in lead["branches"]


def test_other_drugs_are_as_they_were(of_age, advice_for):
    assert all(row["body"] != "FDA" or not row["leading"] for row in of_age(2018, "clopidogrel"))
