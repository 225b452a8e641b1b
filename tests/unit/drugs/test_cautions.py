"""Advice by readings that are no result: another phase, told with its share where it is graver, and a proxy."""

import pytest

from permed.other_readings import OtherReading, read, written

EUROPEAN = {"population": "European", "source": "a table"}


def uncertain(diplotype: str, phenotype: str, *others: OtherReading) -> dict:
    """A call that other readings do not contradict."""
    return {
        "diplotype": diplotype,
        "phenotype": phenotype,
        "phenotype_certain": False,
        "reason": "The phenotype is not certain.",
        "other_readings": written(list(others)),
    }


def tpmt(least=None, most=None, phenotype="Poor Metabolizer") -> dict:
    where = EUROPEAN if most is not None else {}
    other = OtherReading("*3B/*3C", None, phenotype, least, most, **where)
    return uncertain("*1/*3A", "Intermediate Metabolizer", other)


NORMAL = {"NUDT15": {"phenotype": "Normal Metabolizer", "diplotype": "*1/*1"}}


def test_a_cell_comes_back():
    readings = (OtherReading("*3B/*3C", None, "Poor Metabolizer", 0.0, 0.0009, "European", "a table"),)
    assert read(written(list(readings))) == readings
    assert read(written([OtherReading("*5/*6", "1.0", None)])) == (OtherReading("*5/*6", "1.0", None),)
    assert written([]) is None
    assert read(None) == ()


@pytest.mark.parametrize(
    ("share", "told"),
    [
        ((0.0, 0.0009), "Of people with these genotypes that is at most 0.09 % (European; a table)."),
        ((0.0, 0.00002), "Of people with these genotypes that is less than 0.01 % (European; a table)."),
        ((0.0, 0.2), "Of people with these genotypes that is at most 20 % (European; a table)."),
        ((None, None), "How common that is among people with these genotypes is not known."),
    ],
)
def test_a_graver_reading_is_told_and_does_not_lead(advice_for, row_of, share, told):
    certain = {"TPMT": {"phenotype": "Intermediate Metabolizer", "diplotype": "*1/*3A"}} | NORMAL
    row = row_of(advice_for({"TPMT": tpmt(*share)} | NORMAL), "azathioprine", body="CPIC")
    plain = row_of(advice_for(certain), "azathioprine", body="CPIC")
    assert (row["action"], row["dose"], row["status"]) == (plain["action"], plain["dose"], "found")
    assert plain["caution"] is None
    line = row["caution"]
    assert line.startswith("If the phase is another (TPMT *3B/*3C, Poor Metabolizer): ")
    assert told in line
    assert line.endswith("Phase or enzyme activity settles it.")


def test_a_share_of_one_percent_counts(advice_for, row_of):
    row = row_of(advice_for({"TPMT": tpmt(0.01, 0.03)} | NORMAL), "thioguanine", body="CPIC")
    assert row["phenotypes"] == "Normal Metabolizer; Intermediate Metabolizer or Poor Metabolizer"
    plain = row_of(advice_for({"TPMT": tpmt()} | NORMAL), "thioguanine", body="CPIC")
    # Both readings ask for less; what differs between them is not told as certain.
    assert row["action"] == plain["action"] == "reduce"
    assert plain["dose"]
    assert row["dose"] is None
    assert row["caution"] is None


def test_a_milder_reading_stands_in_the_note(advice_for, row_of):
    other = OtherReading("*5/*37", None, "Normal Function")
    call = uncertain("*1/*15", "Decreased Function", other)
    row = row_of(advice_for({"SLCO1B1": call}), "simvastatin", body="CPIC")
    assert row["caution"] is None
    assert "In another phase the advice would be: standard dose" in row["note"]


def test_a_reading_without_phenotype_is_not_known(advice_for, row_of):
    other = OtherReading("*4/*16", None, "Indeterminate")
    call = uncertain("*1/*6", "Intermediate Metabolizer", other, OtherReading("*4/*99", None, "n/a"))
    row = row_of(advice_for({"CYP2B6": call}), "efavirenz", body="CPIC", population="over_40_kg")
    assert row["caution"] is None
    assert "In another phase the advice would be: " in row["note"]


def test_the_gravest_of_two_genes(advice_for, row_of):
    nudt15 = uncertain("*1/*2", "Intermediate Metabolizer", OtherReading("*3/*6", None, "Poor Metabolizer"))
    calls = {"TPMT": tpmt(0.0, 0.0009), "NUDT15": nudt15}
    row = row_of(advice_for(calls), "thioguanine", body="CPIC")
    assert "NUDT15 *3/*6, Poor Metabolizer, with TPMT *3B/*3C, Poor Metabolizer" in row["caution"]
    assert "not known" in row["caution"]


def test_a_score_of_another_phase(advice_for, row_of):
    other = OtherReading("*3/*11", "0.5", "Poor Metabolizer", 0.0, 0.004, **EUROPEAN)
    call = uncertain("*1/*18", "Intermediate Metabolizer", other) | {"activity_score": "1.5"}
    row = row_of(advice_for({"CYP2C9": call}), "celecoxib", body="CPIC")
    assert "at most 0.4 %" in row["caution"]


def proxied(diplotype: str, phenotype: str) -> dict:
    return {
        "state": "not_assessable",
        "phenotype_certain": False,
        "reason": "The repeat was not read.",
        "proxied_reading": written([OtherReading(diplotype, None, phenotype, population="European", source="it")]),
    }


def test_a_proxy_is_a_caution_and_no_answer(advice_for, row_of):
    row = row_of(advice_for({"UGT1A1": proxied("*80+*28/*80+*28", "Poor Metabolizer")}), "atazanavir", body="CPIC")
    assert (row["status"], row["action"], row["advice"]) == ("not_assessable", "not known", row["advice"])
    assert "(UGT1A1 *80+*28/*80+*28, Poor Metabolizer)" in row["caution"]
    assert "Have it tested" in row["caution"]
    without = row_of(advice_for({"UGT1A1": {"state": "not_assessable"}}), "atazanavir", body="CPIC")
    assert without["caution"] is None
    assert {k: v for k, v in row.items() if k not in ("caution", "reason")} == {
        k: v for k, v in without.items() if k not in ("caution", "reason")
    }


def test_a_proxy_never_says_that_the_usual_is_fine(advice_for):
    advice = advice_for({"UGT1A1": proxied("*1/*1", "Normal Metabolizer")}).filter(genes="UGT1A1")
    assert advice.height
    assert advice["caution"].null_count() == advice.height
    assert set(advice["action"]) <= {"not known", "none"}
