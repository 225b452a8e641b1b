"""Pharmacogene calls made elsewhere as the checks of the input see them."""

import pytest

from permed.inputs.files import outside_files
from permed.inputs.outside_calls import check_outside_calls
from permed.samples import Person
from permed.tables import read_json


@pytest.fixture
def people():
    agreed, other = frozenset({"pharmacogenes"}), frozenset({"scores"})
    return [Person("S1", "XX", None, agreed), Person("S2", "XY", None, agreed), Person("S3", "NA", None, other)]


@pytest.fixture
def check(tmp_path, root, people):
    """Check the text of a cohort's file, or of files by person."""
    tables = sorted((root / "resources" / "pharmacogenes").glob("*.tsv"))

    def run(text, asked=("all",)):
        if isinstance(text, dict):
            for name, own in text.items():
                (tmp_path / f"{name}.tsv").write_text(own)
            return check_outside_calls(str(tmp_path / "{sample}.tsv"), people, tables, list(asked))
        (tmp_path / "cohort.tsv").write_text(text)
        return check_outside_calls(str(tmp_path / "cohort.tsv"), people, tables, list(asked))

    return run


def test_good_lines_pass(check):
    assert check("S1\tCYP2D6\t*1/*4x2\nS2\tHLA-B\t*57:01/*07:02\n") == ([], [])
    assert check({"S1": "CYP2D6\t*1/*4\n", "S2": "# none\n"}) == ([], [])


def test_strangers_and_people_who_did_not_agree_are_notes_and_not_read(check):
    faults, notes = check("S1\tCYP2D6\t*1/*4\nS3\tnonsense\nS8\tnonsense\n")
    assert not faults
    assert any("1 people in the pharmacogene calls made elsewhere are not in the sample sheet" in n for n in notes)
    assert any("of 1 people who did not agree" in note for note in notes)


def test_a_person_without_a_file_is_a_note_and_nobody_with_one_a_fault(check, tmp_path):
    faults, notes = check({"S1": "CYP2D6\t*1/*4\n", "S3": "nonsense"})
    assert not faults and notes == ["1 of 2 people have no file of pharmacogene calls made elsewhere"]
    (tmp_path / "S1.tsv").unlink()
    faults, _ = check({})
    assert [fault.fault for fault in faults] == ["the file is not there"] * 2


def test_faults_name_file_line_and_sample(check, tmp_path):
    faults, _ = check("# comment\nS2\tCYP2D6\t*1/*999\nS1\tG6PD\tB (reference)\nS2\tG6PD\tB (reference)\n")
    assert [(fault.file, fault.line, fault.sample) for fault in faults] == [
        (str(tmp_path / "cohort.tsv"), 2, "S2"),
        (str(tmp_path / "cohort.tsv"), 3, "S1"),
    ]
    assert "*999" in faults[0].fault and "XX" in faults[1].fault and all(fault.remedy for fault in faults)


def test_an_xy_person_has_one_allele_of_a_gene_on_x(check):
    assert check("S2\tG6PD\tB (reference)/B (reference)\n") == ([], [])
    (fault,), _ = check("S2\tG6PD\tB (reference)/A\n")
    assert "XY" in fault.fault and (fault.line, fault.sample) == (1, "S2")


def test_genes_that_are_not_asked_for_are_noted(check):
    assert check("S1\tCYP2D6\t*1/*4\n", asked=["CYP2C19"])[1] == [
        "Calls made elsewhere of CYP2D6 are not used: not among pharmacogenes.genes"
    ]


def test_files_by_name(tmp_path):
    (tmp_path / "S2.tsv").touch()
    pattern = str(tmp_path / "{sample}.tsv")
    assert outside_files(pattern, ["S1", "S2"]) == [(str(tmp_path / "S2.tsv"), "S2")]
    assert [sample for _, sample in outside_files(pattern, ["S1", "S3"])] == ["S1", "S3"]
    assert outside_files("a.tsv", ["S1"]) == [("a.tsv", "")]
    assert outside_files(None, ["S1"]) == outside_files("a.tsv", []) == []


def test_the_report_of_the_checks_names_the_fault(tmp_path, run_step, make_vcf, root):
    sheet, outside, report = (tmp_path / name for name in ("samples.tsv", "outside.tsv", "inputs.json"))
    sheet.write_text("sample\tconsent\nS1\tpharmacogenes\n")
    outside.write_text("CYP9Z9\t*1/*1\n")
    vcf = make_vcf([("chr1", 5, "A", "C", "0/1")])
    tables = sorted((root / "resources" / "pharmacogenes").glob("*.tsv"))
    genes = {"pharmacogenes": ["HLA-B", "CYP2D6"], "known_genes": root / "resources" / "pharmacogenes" / "genes.tsv"}
    given = {"report": report, "outside_calls": str(outside), "outside_tables": tables, **genes}
    run_step("check_inputs")(str(sheet), [str(vcf)], ["chr1"], **given)
    (fault,) = read_json(report)["faults"]
    assert (fault["file"], fault["line"], fault["sample"]) == (str(outside), 1, "S1")
    assert fault["fault"].startswith("CYP9Z9 is no gene")
