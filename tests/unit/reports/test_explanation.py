"""The fold-out with the evidence of a call: what was read, what was not, what was weighed; never a call by itself."""

import html
import json
import re

import pytest

from permed.reports.explanation import explanation, summary
from write_reports import write_reports

PLACE = {"contig": "chr10", "pos": 94781859}
VARIANT = {
    "kind": "variant",
    "position": "rs4244285",
    **PLACE,
    "genotype": "G|A",
    "depth": 31,
    "allele_depths": "G 14, A 17",
    "supports": "*1; *2",
}
UNREAD = {"kind": "missing", "position": "rs12248560", "contig": "chr10", "pos": 94761900, "hides": "*17"}
COUNTS = [
    {"kind": "missing", "positions": 1},
    {"kind": "reference", "positions": 31, "depth": 9, "position": "rs4986893"},
    {"kind": "assumed", "positions": 2},
]
BEST = {"kind": "diplotype", "diplotype": "*1/*2", "score": 36, "behind": 0, "phenotype": "Intermediate Metabolizer"}
LOST = {"kind": "alternative", "diplotype": "*5/*6", "score": 3, "behind": 33, "phenotype": "Poor Metabolizer"}
POSSIBLE = {"kind": "possible", "diplotype": "*2/*17", "phenotype": "Intermediate Metabolizer"}
CALL = {"gene": "CYP2C19", "state": "called", "diplotype": "*1/*2", "phenotype": "Intermediate Metabolizer"}


def plain(page: str) -> str:
    """The text of a page as it is read."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


def of_gene(*rows, gene="CYP2C19") -> list[dict]:
    return [{"gene": gene, **row} for row in rows]


@pytest.fixture
def page(make_run, step_inputs):
    """The page of one gene's call with its evidence, and its text without tags."""

    def make(evidence, **call) -> tuple[str, str]:
        run = make_run(calls=[CALL | call], evidence=evidence)
        write_reports(**step_inputs(run, formats=["html"], advice=None))
        page = (run / "samples/BEN_02/report.html").read_text(encoding="utf-8")
        return page, plain(page)

    return make


def test_a_fold_out_for_each_gene_with_evidence(page):
    found, text = page(of_gene(VARIANT, UNREAD, *COUNTS, BEST, LOST))
    assert found.count("<details>") == found.count("<summary>") == 1
    assert "Evidence for CYP2C19" in text
    assert "31 positions read with the reference base only, the shallowest with 9 reads (rs4986893)" in text
    assert "2 positions taken for reference without a record in the files" in text
    assert "1 position not read, hiding no allele that would fit." in text
    assert "rs4244285 chr10:94781859 read G|A 31 (G 14, A 17) Speaks for *1, *2." in text
    assert "Could hide *17." in text
    assert "*5/*6 explains the genotypes too, 33 points behind Poor Metabolizer" in text
    regions = re.findall('<div class="scroll" role="region" aria-label="CYP2C19: [^"]+" tabindex="0">', found)
    assert len(regions) == 2, "a table that scrolls is reached by the keyboard and has a name"


def test_what_fits_is_no_call_where_positions_are_missing(page):
    call = {"state": "not_assessable", "missing_positions": "rs12248560", "reason": "1 of 35 positions was not read."}
    _, text = page(of_gene(UNREAD, BEST, POSSIBLE), **call)
    assert "*1/*2 fits what was read; not a call" in text
    assert "*2/*17 possible, as positions were not read" in text
    assert "explains the genotypes best" not in text


def test_combinations_are_marked_as_research(page):
    call = {"state": "no_call", "diplotype": None, "phenotype": None, "research_combinations": "*1/[*6 + *14]"}
    _, text = page([], **call)
    assert "For research, never a call. Combinations of known alleles and changes would explain" in text
    assert "*1/[*6 + *14]." in text and "Evidence for" not in text


def test_readings_of_two_phenotypes_are_both_told(make_run, step_inputs):
    one = {**BEST, "diplotype": "A/B", "phenotype": "Poor Metabolizer", "activity_score": "0.0"}
    other = {**BEST, "diplotype": "Reference/[A + B]", "phenotype": "Normal Metabolizer", "activity_score": "2.0"}
    call = {"gene": "DPYD", "state": "multiple", "diplotype": "A/B OR Reference/[A + B]"}
    call |= {"phenotype": "Poor Metabolizer", "activity_score": "0.0"}
    run = make_run(calls=[call], evidence=of_gene(one, other, gene="DPYD"))
    write_reports(**step_inputs(run, formats=["json"]))
    (entry,) = json.loads((run / "samples/BEN_02/report.json").read_text())["pharmacogenes"]
    assert entry["phenotype"] == "Poor Metabolizer OR Normal Metabolizer"
    assert entry["activity_score"] == "0.0 OR 2.0"
    assert entry["phenotypes_agree"] is False and entry["result"] == "not_assessable"
    assert [row["diplotype"] for row in entry["evidence"]["diplotypes"]] == ["A/B", "Reference/[A + B]"]


def test_several_phenotypes_called_elsewhere_are_not_those_of_the_variants(make_run, step_inputs):
    call = {"gene": "CYP2D6", "state": "multiple", "diplotype": "*1/*2xN", "origin": "outside"}
    call |= {"phenotype": "Normal Metabolizer OR Ultrarapid Metabolizer", "activity_score": "≥3.0"}
    run = make_run(calls=[call], evidence=of_gene({**BEST, "phenotype": "Normal Metabolizer"}, gene="CYP2D6"))
    write_reports(**step_inputs(run, formats=["json"]))
    (entry,) = json.loads((run / "samples/BEN_02/report.json").read_text())["pharmacogenes"]
    assert (entry["phenotype"], entry["activity_score"]) == (call["phenotype"], "≥3.0")
    assert entry["phenotypes_agree"] is False and entry["result"] == "not_assessable"


def test_evidence_of_variants_is_not_that_of_a_call_made_elsewhere(page):
    said = "CYP2C19 was called elsewhere. What follows is what the genotypes of this run show;"
    _, text = page(of_gene(VARIANT, BEST), diplotype="*17/*17", phenotype="Ultrarapid Metabolizer", origin="outside")
    assert said in text and "*1/*2 fits what was read; not a call" in text and "best" not in text
    _, text = page(of_gene(VARIANT, BEST))
    assert said not in text and "*1/*2 explains the genotypes best" in text


def test_what_is_carried_beside_the_alleles_stands_with_the_call_and_in_its_evidence(page):
    also = "T1.1:c.9A>T p.(Arg3Ter) (stop gained, heterozygous)"
    row = {"kind": "also_carried", "position": "T1.1:c.9A>T p.(Arg3Ter)", "contig": "chr10", "pos": 94781900}
    row |= {"genotype": "A/T", "depth": 30, "allele_depths": "A 16, T 14", "consequence": "splice_donor&stop_gained"}
    elsewhere = {**row, "kind": "also_doubted", "position": "chr10:5 A>T (GRCh37)", "contig": None, "pos": None}
    _, text = page(of_gene(VARIANT, BEST, row, elsewhere), also_carried=also)
    assert f"Carried also, not in the definitions: {also}" in text
    told = "carried also; not in the definitions A/T 30 (A 16, T 14) splice donor, stop gained"
    assert f"T1.1:c.9A>T p.(Arg3Ter) chr10:94781900 {told}" in text
    assert "chr10:5 A>T (GRCh37) read, but not believed; not in the definitions" in text
    _, text = page(of_gene(VARIANT, BEST))
    assert "not in the definitions" not in text


def test_whether_variants_beside_the_alleles_were_looked_for_is_said(make_run, step_inputs):
    for annotated, said in ((True, "are told beside the call"), (False, "were not looked for")):
        run = make_run(f"run-{annotated}", calls=[CALL])
        given = step_inputs(run, formats=["html"]) | ({} if annotated else {"annotation": []})
        write_reports(**given)
        assert said in plain((run / "samples/BEN_02/report.html").read_text(encoding="utf-8"))


def test_a_base_taken_for_reference_is_not_said_to_be_read(page):
    _, text = page(of_gene({**VARIANT, "kind": "assumed", "depth": None, "allele_depths": None}, *COUNTS, BEST))
    assert "rs4244285 chr10:94781859 not read; taken for the base of the files' reference G|A" in text
    assert "2 positions taken for reference" in text


def test_many_positions_are_cut_in_the_page_and_whole_in_the_file(make_run, step_inputs):
    rows = of_gene(*({**UNREAD, "position": f"rs{n}"} for n in range(100, 150)))
    run = make_run(calls=[CALL], evidence=rows)
    write_reports(**step_inputs(run))
    text = plain((run / "samples/BEN_02/report.html").read_text(encoding="utf-8"))
    assert "rs129" in text and "rs130" not in text and "20 more positions are in the JSON report." in text
    (entry,) = json.loads((run / "samples/BEN_02/report.json").read_text())["pharmacogenes"]
    assert len(entry["evidence"]["positions"]) == 50


def test_without_evidence_there_is_no_fold_out(page):
    assert "<details>" not in page([])[0]
    assert explanation([]) is None


def test_depth_is_told_only_where_it_is_known():
    row = {**COUNTS[1], "depth": None, "position": None}
    assert summary(explanation([row])) == "31 positions read with the reference base only"


def test_what_nearly_fits_names_the_position_that_does_not(page):
    near = {**BEST, "kind": "nearly", "position": "rs1799853", "diplotype": "*1/*1", "behind": None}
    _, text = page(of_gene(near), state="no_call", diplotype=None, phenotype=None)
    assert "*1/*1 explains every position but rs1799853 Intermediate Metabolizer" in text
    assert "best" not in text.split("Evidence for")[1].split("Polygenic")[0]


def test_alleles_of_the_best_diplotype_come_first():
    nothing = dict.fromkeys(("positions", "hides", "activity_score"))
    many = {**nothing, **VARIANT, "supports": "; ".join(f"*{n}" for n in range(1, 30))}
    best = {**nothing, **BEST, "position": None, "diplotype": "*1/*27"}
    (row,) = explanation([many, best])["positions"]
    assert row["supports"][:3] == ["*1", "*27", "*2"]
