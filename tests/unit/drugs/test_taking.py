"""What a person takes, may take and does not tolerate, as advice and reports show it."""

import polars as pl
import pytest

from permed.drugs.converted import advise_with_medicines
from permed.drugs.medicines import MedicineNames
from permed.drugs.phenoconversion import Phenoconversion
from permed.drugs.readings import read_medicines
from permed.reports.drugs import drug_section


@pytest.fixture(scope="module")
def told(root, guidance, domain):
    """Advice and readings of one person with a normal CYP2D6, from the sheet's cells."""
    names = MedicineNames.load(root / "resources" / "drugs", 2026)
    conversion = Phenoconversion.load(root / "resources" / "drugs", root / "resources" / "pharmacogenes")

    def run(medications, smoking=None, gene="CYP2D6", score="2.0", phenotype="Normal Metabolizer"):
        call = {"sample": "P", "gene": gene, "state": "called", "diplotype": "*1/*1", "activity_score": score}
        call |= {"phenotype": phenotype, "reason": None, "phenotype_certain": True, "research": False}
        people = {"sample": ["P"], "birth_year": [1960], "medications": [medications], "smoking": [smoking]}
        people = pl.DataFrame(
            people, {"sample": pl.String, "birth_year": pl.Int64, "medications": pl.String, "smoking": pl.String}
        )
        calls = pl.DataFrame([call], infer_schema_length=None)
        advice = advise_with_medicines(calls, people, guidance, domain, names, conversion)
        return advice, read_medicines(advice, people, names, conversion)

    return run


def row(advice, drug):
    return advice.filter((pl.col("drug") == drug) & pl.col("leading")).row(0, named=True)


def entry(entries, text):
    return entries.filter(pl.col("entry") == text).row(0, named=True)


def test_a_stopped_inhibitor_changes_nothing(told):
    advice, _ = told("codeine; fluoxetine (stopped 2019)")
    codeine = row(advice, "codeine")
    assert codeine["taken"] and codeine["medicines_effect"] is None and codeine["action_with_medicines"] is None


def test_one_that_may_still_act_is_asked(told):
    advice, _ = told("codeine; fluoxetine (stopped)")
    codeine = row(advice, "codeine")
    assert codeine["action_with_medicines"] is None and codeine["medicines_open"]
    assert "not settled whether fluoxetine" in codeine["medicines_effect"]
    assert "when was it stopped" in codeine["medicines_effect"]


def test_a_cream_does_not_count_as_taken(told):
    advice, entries = told("tramadol; Lamisil cream")
    assert row(advice, "tramadol")["action_with_medicines"] is None
    assert "not settled whether terbinafine" in row(advice, "tramadol")["medicines_effect"]
    assert entry(entries, "Lamisil cream")["kinds"] == ["acting"] and not entry(entries, "Lamisil cream")["counted"]


def test_the_four_kinds_are_told_apart(told):
    _, entries = told("codeine; paroxetine; terbinafine; enalapril; wonderpill")
    kinds = {r["entry"]: r["kinds"] for r in entries.to_dicts()}
    assert kinds == {
        "codeine": ["guidance"],
        "paroxetine": ["guidance", "acting"],
        "terbinafine": ["acting"],
        "enalapril": ["no guidance"],
        "wonderpill": ["not recognised"],
    }


def test_a_medicine_in_no_list_says_so_once_where_an_advice_depends_on_the_enzyme(told):
    advice, entries = told("codeine; dacomitinib")
    assert "Not looked up for CYP2D6: dacomitinib." in row(advice, "codeine")["medicines_effect"]
    assert row(advice, "tramadol")["medicines_effect"] is None, "not taken"
    assert entry(entries, "dacomitinib")["not_looked_up"] == ["CYP2D6"]
    assert entry(told("dacomitinib")[1], "dacomitinib")["not_looked_up"] == []


def test_smoking_is_a_medicine_of_its_column(told):
    _, entries = told(None, smoking="yes", gene="CYP1A2", score=None)
    smoking = entry(entries, "smoking: yes")
    assert smoking["acts_on"] == ["CYP1A2 (moderate inducer)"] and smoking["counted"]
    assert not entry(told(None, smoking="no")[1], "smoking: no")["counted"]


def section_of(advice, entries):
    return drug_section(advice.with_columns(own_start=pl.lit(None, pl.String)).to_dicts(), "", (), entries.to_dicts())


def test_an_allergy_is_shown_beside_every_advice_that_offers_the_drug(told):
    poor = {"score": "0.0", "phenotype": "Poor Metabolizer"}
    section = section_of(*told("codeine; allergy: hydrocodone", **poor))
    by_name = {drug["drug"]: drug for drug in section["drugs"]}
    assert by_name["codeine"]["action"] == "avoid"
    assert by_name["codeine"]["alternatives_not_tolerated"] == ['hydrocodone ("allergy: hydrocodone")']
    assert not by_name["hydrocodone"]["taken"]
    assert by_name["hydrocodone"]["not_tolerated"] == "allergy: hydrocodone"
    assert by_name["metoprolol"]["alternatives_not_tolerated"] == [], "another group"
    members = {m["drug"]: m["not_tolerated"] for g in section["alternatives"] for m in g["members"]}
    assert members["hydrocodone"] == "allergy: hydrocodone" and members["tramadol"] is None


def test_questions_go_with_what_is_taken(told):
    advice, entries = told("paroxetin zorpt; tramadoll")
    assert row(advice, "paroxetine")["taken_unread"] == "zorpt"
    assert "tramadol" in row(advice, "tramadol")["taken_questions"]
    section = section_of(advice, entries)
    (spelled,) = [e for e in section["entries"] if e["entry"] == "tramadoll"]
    assert spelled["read"].startswith("tramadol (taken") and spelled["questions"]


def test_an_enzyme_without_a_gene_is_named_beside_the_advice(told):
    """Allopurinol and azathioprine: xanthine oxidase, whatever TPMT is."""
    advice, _ = told("azathioprine; allopurinol 100", gene="TPMT", score=None)
    told_of = row(advice, "azathioprine")["medicines_effect"]
    assert "allopurinol" in told_of and "xanthine oxidase, which breaks down azathioprine" in told_of
    alone = row(told("azathioprine", gene="TPMT", score=None)[0], "azathioprine")["medicines_effect"]
    assert alone is None
