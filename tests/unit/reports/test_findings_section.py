"""Findings and carrier status in reports, by consent."""

import json

import pytest

from permed.reports.findings import summary_items
from write_reports import write_reports

CONSENTS = {
    "ANNA-01": ("findings", "carriers"),
    "BEN_02": ("findings",),
    "CLEO.03": ("carriers",),
    "DEE.04": ("scores",),
}


@pytest.fixture
def reports(make_run, step_inputs):
    folder = make_run(consents=CONSENTS)
    write_reports(**step_inputs(folder))

    def read(sample: str) -> tuple[dict, str]:
        place = folder / "samples" / sample
        return json.loads((place / "report.json").read_text()), (place / "report.html").read_text()

    return read


def test_a_finding_is_shown_with_its_class_its_doubts_and_what_to_do(reports):
    content, page = reports("BEN_02")
    (item,) = content["findings"]["items"]
    assert (item["gene"], item["reportable"], item["classification"]) == ("DEMO1", "yes", "pathogenic")
    assert content["findings"]["counts"] == {"found": 1, "absent": 1, "not_assessable": 1}
    for text in (
        "first condition",
        "DEMO1T1.1:c.12C&gt;T",
        "10 points by our criteria (PVS1,PM2)",
        "ClinVar: Pathogenic, 2 of 4 stars",
        "6 reads, fewer than 10. Confirm it first",
        "Confirm each finding by an accredited method",
        "Relatives may carry the same variant",
        "DEMO2 97.3 %",
        "does not exclude its condition",
    ):
        assert text in page, text
    assert {"kind": "found", "title": "DEMO1"}.items() <= content["summary"][0].items()


def test_what_was_made_of_phenotypes_is_said_where_genes_are_ranked(reports):
    content, page = reports("BEN_02")
    assert [term["term"] for term in content["findings"]["phenotypes"]["terms"]] == ["HP:0001250", None]
    for text in (
        "Genes were sought by: Seizure (HP:0001250).",
        "Not used: “fits” (it is no term). Nothing was sought by it.",
        "These terms were matched exactly, since the run had no ontology",
        "120 genes have such terms; the 100 that fit best were looked at.",
    ):
        assert text in page, text
    content, page = reports("CLEO.03")
    assert content["findings"]["phenotypes"]["terms"] == []
    assert "Seizure" not in page


def test_each_section_needs_its_own_consent(reports):
    ben, cleo, dee = (reports(name)[0] for name in ("BEN_02", "CLEO.03", "DEE.04"))
    assert (len(ben["findings"]["items"]), len(ben["carriers"]["items"])) == (1, 0)
    assert (len(cleo["findings"]["items"]), len(cleo["carriers"]["items"])) == (0, 1)
    assert dee["findings"]["items"] == dee["carriers"]["items"] == dee["carriers"]["couples"] == []
    assert "DEMO1" not in reports("DEE.04")[1]
    assert "did not agree" in cleo["sections"]["findings"]["reason"]


@pytest.mark.parametrize(
    ("copies", "reportable", "title"),
    [
        ("single", "yes", "Carrier: a condition"),
        ("unknown", "yes", "Carrier: a condition"),
        ("homozygous", "yes", "More than a carrier: a condition"),
        ("trans", "yes", "More than a carrier: a condition"),
        ("doubtful", "possible", "Possible finding: a condition"),
    ],
)
def test_the_summary_calls_nobody_a_carrier_who_may_be_more(copies, reportable, title):
    item = {"gene": "G", "condition": "a condition", "copies": copies, "reportable": reportable, "hgvs_c": "c.1A>G"}
    item |= {"zygosity": "heterozygous", "classification": "pathogenic"}
    ((_, _, text, _),) = summary_items({"items": []}, {"items": [item]})
    assert text == title


def test_a_couple_is_shown_to_those_in_it_who_agreed(reports):
    content, page = reports("ANNA-01")
    assert [row["partner"] for row in content["carriers"]["couples"]] == ["DEE.04"]
    assert "DEE.04, of the same family" in page and "(first condition): both carry." in page
    assert reports("CLEO.03")[0]["carriers"]["couples"] == []


def test_without_genes_nothing_is_said_to_be_absent(make_run, step_inputs):
    folder = make_run(consents=CONSENTS)
    write_reports(**step_inputs(folder, findings=None, finding_genes=None, couples=None))
    content = json.loads((folder / "samples/BEN_02/report.json").read_text())
    assert content["sections"]["findings"]["shown"] is False
    assert "neither annotated nor classified" in content["sections"]["findings"]["reason"]
    assert "Nothing to report was found" not in (folder / "samples/BEN_02/report.html").read_text()
