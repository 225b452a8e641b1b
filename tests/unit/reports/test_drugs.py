"""The report's section on medicines: warnings and what is taken first, nothing unknown told as harmless."""

import html
import json
import re

import polars as pl
import pytest

from permed.reports.cohort import read_advice
from write_reports import write_reports

HLA = {"gene": "HLA-B", "state": "called", "phenotype": "*57:01 positive; *58:01 negative"}
CLEAR = {"gene": "CYP2C19", "state": "called", "diplotype": "*1/*1", "phenotype": "Normal Metabolizer"}
POOR = {"gene": "CYP2C19", "state": "called", "diplotype": "*2/*2", "phenotype": "Poor Metabolizer"}


@pytest.fixture
def report(make_run, step_inputs):
    """The section of the JSON report and the page of one person with these calls and medicines."""

    def make(*calls, medications="", consent=("pharmacogenes",)) -> tuple[dict, str]:
        run = make_run(calls=list(calls), evidence=[], consents={"P1": consent}, medications=medications)
        write_reports(**step_inputs(run))
        folder = run / "samples/P1"
        return json.loads((folder / "report.json").read_text()), (folder / "report.html").read_text(encoding="utf-8")

    return make


def section(page: str) -> str:
    """The text of the page's section on medicines, without tags."""
    inner = page[page.index('<h2 id="drugs">') : page.index('<h2 id="quality">')]
    return " ".join(re.sub(r"<[^>]+>", " ", inner).split())


def test_a_warning_comes_first_and_is_in_the_summary(report):
    content, page = report(HLA, CLEAR)
    (warning,) = content["drugs"]["warnings"]
    assert warning["drugs"] == ["abacavir"]
    assert warning["genes"] == ["HLA-B: *57:01 positive"]
    text = section(page)
    assert text.index("Warning: hypersensitivity") < text.index("Medicines that this person takes")
    assert content["summary"][0]["kind"] == "warning" and content["summary"][0]["text"] == "abacavir"


def test_a_usual_dose_beside_which_a_null_variant_is_carried_is_no_good_news(report):
    also = "T1.1:c.9A>T p.(Arg3Ter) (stop gained, heterozygous)"
    plain, before = report(CLEAR, medications="citalopram")
    assert "function may be lost" not in before and not plain["drugs"]["card"]
    content, page = report(CLEAR | {"also_carried": also}, medications="citalopram")
    (taken,) = content["drugs"]["taken"]
    assert taken["action"] == "standard" and taken["also_carried"] == [f"CYP2C19: {also}"]
    text = html.unescape(section(page))
    said = f"CYP2C19: {also}: not in the definitions, so function may be lost, and the advice does not count that."
    assert said in text[: text.index("Card")]
    assert "citalopram : standard dose; function may be lost" in text
    assert "works as usual by its named alleles alone" in text and "works as usual by" not in section(before)
    (item,) = [one for one in content["summary"] if one["title"] == "citalopram, taken"]
    assert item["kind"] == "not_assessable" and "function may be lost" in item["text"]
    members = {m["drug"]: m["reason"] for group in content["drugs"]["alternatives"] for m in group["members"]}
    assert "function may be lost" in members["citalopram"]


def test_a_side_effect_is_not_ruled_out_where_a_null_variant_is_carried(report):
    usual = {"gene": "G6PD", "state": "called", "diplotype": "B (reference)", "phenotype": "Normal"}
    harm = "acute haemolytic anaemia"
    content, _ = report(usual)
    assert harm not in {one["harm"] for one in content["drugs"]["open_warnings"]}
    content, _ = report(usual | {"also_carried": "T1.1:c.9A>T (stop gained, hemizygous)"})
    assert harm in {one["harm"] for one in content["drugs"]["open_warnings"]}


def test_a_gene_that_is_not_known_is_told_beside_each_side_effect(report):
    content, page = report(CLEAR)
    harms = {one["harm"] for one in content["drugs"]["open_warnings"]}
    assert {"malignant hyperthermia", "hearing loss", "acute haemolytic anaemia"} <= harms
    assert content["drugs"]["warnings"] == []
    assert "Not known malignant hyperthermia: desflurane" in section(page)
    assert "no warning" not in page.lower()


def test_taken_medicines_come_first_and_unknown_names_are_listed(report):
    content, page = report(POOR, HLA, medications="Clopidogrel;wonderpill")
    assert content["drugs"]["drugs"][0]["drug"] == "clopidogrel"
    assert content["drugs"]["taken"][0]["action"] == "avoid"
    assert content["drugs"]["unlisted"] == ["wonderpill"]
    text = section(page)
    assert "Not recognised" in text and "which medicine is" in text
    assert text.index("clopidogrel taken") < text.index("Every medicine")


def test_every_entry_for_a_drug_counts_as_listed_and_a_part_that_is_not_known_is_told(report):
    content, _ = report(POOR, medications="Tylenol with codeine;codeine;Plavix + wonderpill;quinoa")
    assert {drug["drug"] for drug in content["drugs"]["taken"]} == {"codeine", "clopidogrel"}
    assert content["drugs"]["unlisted"] == ["quinoa", "wonderpill (in Plavix + wonderpill)"]


def test_advice_on_a_taken_medicine_is_told_for_each_of_its_populations(report):
    """Who has taken carbamazepine for months without harm is to be watched; only who has not is to be spared it."""
    calls = (HLA | {"gene": "HLA-A", "phenotype": "*31:01 positive"}, HLA | {"phenotype": "*15:02 negative"})
    _, page = report(*calls, medications="carbamazepine")
    told = section(page).partition("Medicines that this person takes")[2].partition("Card")[0]
    assert "People who have not taken it before: Do not choose this medicine." in told
    assert "more than 3 months without harm: Watch effect and side effects closely." in told
    assert "People for whom there is no other medicine: Choose another medicine." in told


def test_medicines_that_change_an_enzyme_are_told_beside_the_genotype(report):
    """Paroxetine stops CYP2D6: codeine is to be avoided, which the genotype alone does not say."""
    normal = {"gene": "CYP2D6", "state": "called", "diplotype": "*1/*1", "phenotype": "Normal Metabolizer"}
    content, page = report(normal | {"activity_score": "2.0"}, medications="paroxetine;codeine")
    drugs = {drug["drug"]: drug for drug in content["drugs"]["drugs"]}
    (row,) = drugs["codeine"]["leading"]
    assert (row["action"], row["action_with_medicines"]) == ("standard", "avoid")
    assert row["phenotypes_with_medicines"].startswith("Poor Metabolizer")
    assert "paroxetine (strong inhibitor)" in row["medicines_effect"]
    assert drugs["codeine"]["actionable"] and "codeine, taken" in {item["title"] for item in content["summary"]}
    # What a drug does to its own enzyme is for its guideline to weigh.
    assert drugs["paroxetine"]["leading"][0]["action_with_medicines"] is None
    assert "with the other medicines: avoid" in section(page)


def test_a_taken_drug_is_in_the_summary_where_others_change_its_gene_by_no_known_factor(report):
    """Fluvoxamine slows CYP2C19, which clopidogrel needs: "standard dose" by genotype is not all there is to say."""
    content, _ = report(CLEAR, medications="clopidogrel;fluvoxamine")
    (item,) = (item for item in content["summary"] if item["title"] == "clopidogrel, taken")
    assert item["kind"] == "not_assessable"
    assert item["text"] == "Standard dose; other medicines change its genes by no known factor"
    alone, _ = report(CLEAR, medications="clopidogrel")
    assert "clopidogrel, taken" not in {item["title"] for item in alone["summary"]}


def test_an_unknown_gene_stays_unknown_with_an_inhibitor(report):
    content, page = report(CLEAR, medications="paroxetine;codeine")
    drugs = {drug["drug"]: drug for drug in content["drugs"]["drugs"]}
    assert drugs["codeine"]["leading"][0]["action_with_medicines"] is None
    assert "paroxetine" in drugs["codeine"]["leading"][0]["medicines_effect"]
    assert "Other medicines: Acts on CYP2D6" in section(page)


def test_the_card_holds_what_asks_for_other_than_the_usual(report):
    content, page = report(POOR, HLA)
    card = {drug["drug"] for drug in content["drugs"]["card"]}
    assert {"abacavir", "clopidogrel", "voriconazole"} <= card
    assert not {"allopurinol", "lansoprazole"} & card
    assert "Confirm before treatment changes." in section(page)


def test_nobody_without_calls_reads_that_anything_is_usual(report):
    content, page = report()
    assert content["drugs"]["known"] == 0
    assert {drug["action"] for drug in content["drugs"]["drugs"]} == {"not known"}
    assert "Standard dose" not in section(page)


def test_members_of_a_group_are_ranked_and_the_unknown_come_last(report):
    content, _ = report(POOR, {"gene": "SLCO1B1", "state": "called", "phenotype": "Poor Function"})
    groups = {group["title"]: group["members"] for group in content["drugs"]["alternatives"]}
    statins = {member["drug"]: member["rank"] for member in groups["Statins"]}
    assert statins["fluvastatin"] is None
    assert statins["atorvastatin"] == statins["pravastatin"] == statins["rosuvastatin"] == 1
    assert statins["simvastatin"] == statins["lovastatin"] == 2
    assert groups["Statins"][-1]["drug"] == "fluvastatin"
    assert groups["Statins"][0]["reason"] == "SLCO1B1 Poor Function (CPIC)"


def test_members_that_other_medicines_make_worse_rank_there(report):
    """CPIC avoids codeine and tramadol in poor metabolizers of CYP2D6, which paroxetine makes of anybody."""
    normal = {"gene": "CYP2D6", "state": "called", "diplotype": "*1/*1", "phenotype": "Normal Metabolizer"}
    content, _ = report(normal | {"activity_score": "2.0"}, medications="paroxetine")
    (opioids,) = (group for group in content["drugs"]["alternatives"] if group["title"] == "Opioids")
    members = {member["drug"]: member for member in opioids["members"]}
    assert members["codeine"]["action"] == members["tramadol"]["action"] == "avoid"
    assert "CYP2D6 Normal Metabolizer" in members["codeine"]["reason"]
    assert "paroxetine (strong inhibitor)" in members["codeine"]["reason"]


def test_without_consent_there_is_no_advice(report):
    content, page = report(POOR, medications="clopidogrel", consent=("scores",))
    assert content["drugs"]["drugs"] == [] and content["drugs"]["unlisted"] == []
    assert "clopidogrel" not in page


def test_the_table_of_advice_has_the_contracts_columns_first(make_run):
    advice = pl.read_parquet(make_run() / "pharmacogenes/advice.parquet")
    assert advice.columns[:9] == "sample drug genes phenotypes action dose_factor strength source taken".split()
    assert set(advice["sample"]) == {"ANNA-01", "BEN_02"}


def test_the_table_of_the_cohort_says_what_other_medicines_change(make_run):
    """Its "standard" for codeine beside paroxetine must not stand alone."""
    normal = {"gene": "CYP2D6", "state": "called", "diplotype": "*1/*1", "phenotype": "Normal Metabolizer"}
    run = make_run(
        calls=[normal | {"activity_score": "2.0"}],
        evidence=[],
        consents={"P1": ("pharmacogenes",)},
        medications="paroxetine;codeine",
    )
    shown = read_advice(run / "pharmacogenes/advice.parquet")
    row = shown.filter((pl.col("drug") == "codeine") & pl.col("leading")).row(0, named=True)
    assert (row["action"], row["action_with_medicines"]) == ("standard", "avoid")
    assert "paroxetine (strong inhibitor)" in row["medicines_effect"]


def test_equations_show_what_they_used_or_why_they_decline(report):
    content, page = report(CLEAR, medications="none")
    doses = content["drugs"]["doses"]
    assert {row["drug"] for row in doses} == {"warfarin"} and {row["status"] for row in doses} == {"declined"}
    assert all(row["reasons"] and row["dose_per_day"] is None for row in doses)
    assert "Starting doses by published equations" in section(page) and "no dose is computed" in section(page)
    assert content["drugs"]["unlisted"] == [], "none is no medicine"
