"""Pharmacogene calls made elsewhere and mitochondrial DNA, through the whole workflow."""

import json

import polars as pl
import pytest


@pytest.fixture
def own(tmp_path, make_vcf, write_config, root):
    """Three people with mitochondrial DNA; A1 and A3 have files of outside calls, and A3 did not agree to them."""
    table = root / "resources" / "pharmacogenes" / "positions.tsv"
    places = pl.read_csv(table, separator="\t", infer_schema=False).filter(contig="chrM").select("pos", "ref", "alts")
    rows = [
        ("chrM", int(pos), ref, alts.split(",")[0], "0", "1" if pos == "1555" else "0", "0")
        for pos, ref, alts in places.rows()
    ]
    make_vcf(rows, ("A1", "A2", "A3"), (("chrM", 16569),))
    agreed = "A1\tpharmacogenes\nA2\tpharmacogenes\nA3\tscores\n"
    (tmp_path / "people.tsv").write_text("sample\tconsent\n" + agreed)
    (tmp_path / "A1.outside.tsv").write_text("CYP2D6\t*1x≥3/*4\nHLA-B\t*57:01/*07:02\n", encoding="utf-8")
    (tmp_path / "A3.outside.tsv").write_text("nonsense\n")
    write_config(
        tmp_path,
        cohort={"samples": "people.tsv", "genotypes": "cohort.vcf.gz"},
        genome={"contigs": ["chrM"]},
        pharmacogenes={"genes": ["CYP2D6", "HLA-B", "MT-RNR1"], "outside_calls": "{sample}.outside.tsv"},
    )
    return tmp_path


def test_outside_calls_stand_over_our_own_and_reports_say_so(own, in_process):
    run = in_process(own, "--configfile", own / "my.yaml")
    assert run.status == 0, run.terminal
    calls = {(row["sample"], row["gene"]): row for row in run.table("pharmacogenes/calls.parquet").to_dicts()}
    found = {key: (row["state"], row["diplotype"], row["origin"]) for key, row in calls.items()}
    assert found == {
        ("A1", "CYP2D6"): ("called", "*1x≥3/*4", "outside"),
        ("A1", "HLA-B"): ("called", "*07:02/*57:01", "outside"),
        ("A1", "MT-RNR1"): ("called", "Reference", "variants"),
        ("A2", "CYP2D6"): ("not_assessable", None, "variants"),
        ("A2", "HLA-B"): ("not_assessable", None, None),
        ("A2", "MT-RNR1"): ("called", "m.1555A>G", "variants"),
    }
    report = json.loads(run.file("samples/A1/report.json").read_text())
    entries = {entry["gene"]: entry for entry in report["pharmacogenes"]}
    assert (entries["CYP2D6"]["origin"], entries["CYP2D6"]["phenotype"]) == ("outside", "Ultrarapid Metabolizer")
    assert entries["HLA-B"]["result"] == "found" and entries["MT-RNR1"]["result"] == "absent"
    assert "Called elsewhere" in run.file("samples/A1/report.html").read_text()
    notes = json.loads(run.file("checks/inputs.json").read_text())["notes"]
    assert "1 of 2 people have no file of pharmacogene calls made elsewhere" in notes


def test_one_persons_faulty_line_stops_nobody_and_is_told_at_the_end(own, in_process):
    (own / "A1.outside.tsv").write_text("# mine\nCYP2D6\t*1/*999\nHLA-B\t*57:01/*07:02\n")
    (own / "A2.outside.tsv").write_text("CYP2D6\tNO_READS/NO_READS\nHLA-C\t*07:01/*07:02\n")
    run = in_process(own, "--configfile", own / "my.yaml")
    assert run.status == 0, run.terminal
    calls = {(row["sample"], row["gene"]): row for row in run.table("pharmacogenes/calls.parquet").to_dicts()}
    assert {key[0]: row["state"] for key, row in calls.items() if key[1] == "CYP2D6"} == {
        "A1": "not_assessable",
        "A2": "not_assessable",
    }
    assert "no allele *999" in calls["A1", "CYP2D6"]["reason"]
    assert "NO_READS/NO_READS" in calls["A2", "CYP2D6"]["reason"]
    assert (calls["A1", "HLA-B"]["state"], calls["A2", "MT-RNR1"]["state"]) == ("called", "called")
    end = run.terminal[run.terminal.rindex("Reports: ") - 600 :]
    assert "A1.outside.tsv line 2, sample A1: CYP2D6 is not assessable: CYP2D6 has no allele *999" in end
    assert "no allele *999" in run.file("samples/A1/report.html").read_text()
    notes = json.loads(run.file("checks/inputs.json").read_text())["notes"]
    assert any("lines of HLA-C are not used" in note for note in notes)


def test_a_fault_of_the_files_form_stops_the_run_before_computing(own, check):
    (own / "A1.outside.tsv").write_text("# mine\nCYP2D6 *1/*4\n")
    run = check(own, own / "my.yaml")
    assert run.status != 0
    (fault,) = json.loads(run.file("checks/inputs.json").read_text())["faults"]
    assert (fault["file"], fault["line"]) == ("A1.outside.tsv", 2)
    assert "no line has fields" in run.terminal


def test_other_callers_output_is_taken_as_it_is(own, in_process):
    (own / "A1.outside.tsv").write_text('{"A": ["A*31:01:02", "A*03:01:01"],\n"B": ["B*57:01:01", "B*07:02:01"]}\n')
    (own / "A2.outside.tsv").write_text(
        "Sample\tGenotype\tFilter\nA2.bam\t*1/*46;*43/*45\tMore_than_one_possible_genotype\n"
    )
    run = in_process(own, "--configfile", own / "my.yaml")
    assert run.status == 0, run.terminal
    calls = {(row["sample"], row["gene"]): row for row in run.table("pharmacogenes/calls.parquet").to_dicts()}
    assert calls["A1", "HLA-B"]["diplotype"] == "*07:02:01/*57:01:01"
    assert "*57:01 positive" in calls["A1", "HLA-B"]["phenotype"]
    assert (calls["A2", "CYP2D6"]["state"], calls["A2", "CYP2D6"]["diplotype"]) == ("multiple", "*1/*46 OR *43/*45")
    assert calls["A1", "CYP2D6"]["origin"] == "variants"
