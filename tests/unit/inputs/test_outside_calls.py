"""Pharmacogene calls made elsewhere as the checks of the input see them."""

import pytest

from permed.inputs.files import outside_files, told_lines
from permed.inputs.outside_calls import check_outside_calls
from permed.samples import Person
from permed.tables import read_json, write_json


@pytest.fixture
def people():
    agreed, other = frozenset({"pharmacogenes"}), frozenset({"scores"})
    return [Person("S1", "XX", None, agreed), Person("S2", "XY", None, agreed), Person("S3", "NA", None, other)]


@pytest.fixture
def check(tmp_path, root, people):
    """Check the text of a cohort's file, or of files by person."""
    tables = sorted((root / "resources" / "pharmacogenes").glob("*.tsv"))

    def joined(found):
        faults, notes, left_out = found
        return faults, notes + left_out

    def run(text, asked=("all",)):
        if isinstance(text, dict):
            for name, own in text.items():
                (tmp_path / f"{name}.tsv").write_text(own)
            return joined(check_outside_calls(str(tmp_path / "{sample}.tsv"), people, tables, list(asked)))
        (tmp_path / "cohort.tsv").write_text(text)
        return joined(check_outside_calls(str(tmp_path / "cohort.tsv"), people, tables, list(asked)))

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


def test_lines_that_cannot_be_read_are_notes_with_file_line_and_sample(check):
    faults, notes = check("# comment\nS2\tCYP2D6\t*1/*999\nS1\tG6PD\tB (reference)\nS2\tCYP2C19\tNone\n")
    assert not faults and [note.split(": ")[0] for note in notes] == [
        "cohort.tsv line 2, sample S2",
        "cohort.tsv line 3, sample S1",
        "cohort.tsv line 4, sample S2",
    ]
    assert "*999" in notes[0] and "XX" in notes[1] and "says None" in notes[2]
    assert all("not assessable" in note for note in notes)


def test_an_xy_person_has_one_allele_of_a_gene_on_x(check):
    assert check("S2\tG6PD\tB (reference)/B (reference)\n") == ([], [])
    assert check("S2\tG6PD\tB (reference)\n") == ([], [])
    _, (note,) = check("S2\tG6PD\tB (reference)/A\n")
    assert "XY" in note and note.startswith("cohort.tsv line 1, sample S2: G6PD")


def test_genes_without_tables_are_one_note_a_file(check, tmp_path):
    faults, notes = check("S1\tHLA-C\t*07:01/*07:02\nS1\tCYP2D6\t*1/*4\nS2\tCYP2D7\tx\nS2\tHLA-C\t*07:01/*07:02\n")
    assert not faults and len(notes) == 1
    assert notes[0].startswith(f"{tmp_path / 'cohort.tsv'}: lines of HLA-C, CYP2D7 are not used")


def test_a_file_of_strangers_alone_is_refused(check):
    (fault,), _ = check("X1\tCYP2D6\t*1/*4\nX2\tCYP2D6\t*1/*4\n")
    assert "no line is of a person of the sheet" in fault.fault and fault.remedy


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
    outside.write_text("no fields\n")
    vcf = make_vcf([("chr1", 5, "A", "C", "0/1")])
    tables = sorted((root / "resources" / "pharmacogenes").glob("*.tsv"))
    genes = {"pharmacogenes": ["HLA-B", "CYP2D6"], "known_genes": root / "resources" / "pharmacogenes" / "genes.tsv"}
    given = {"report": report, "outside_calls": str(outside), "outside_tables": tables, **genes}
    run_step("check_inputs")(str(sheet), [str(vcf)], ["chr1"], **given)
    (fault,) = read_json(report)["faults"]
    assert (fault["file"], fault["line"], fault["sample"]) == (str(outside), 1, None)
    assert fault["fault"].startswith("no line has fields")


def test_what_was_left_out_is_told_again_and_not_at_any_length(tmp_path):
    report = tmp_path / "inputs.json"
    assert told_lines(report) == []
    write_json({"left_out": [f"line {number}" for number in range(30)]}, report)
    told = told_lines(report)
    assert told[0] == "Left out: line 0" and len(told) == 21 and "and 10 more" in told[-1]
