"""Mother and father: the sheet's columns, pedigree files as programs write them, and what cannot be true of them."""

from pathlib import Path

import pytest

from permed.pedigree import read_ped, with_pedigree
from permed.samples import Person, read_samples

SHEET = Path("samples.tsv")


def person(name, line=2, **cells):
    return Person(name, consent=frozenset({"scores"}), line=line, **cells)


def trio(**child):
    return [person("M", 2, sex="XX"), person("D", 3, sex="XY"), person("C", 4, **child)]


def told(people):
    return {p.sample: (p.mother, p.father, p.sex, p.family) for p in people}


def write(path, text):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_columns_of_the_sheet_are_read(tmp_path):
    sheet = write(
        tmp_path / "s.tsv",
        "sample\tconsent\tmother\tfather\nC\tscores\tM\tNA\nM\tscores\t\t0\n",
    )
    people, faults = read_samples(sheet)
    assert not faults
    people, faults, notes = with_pedigree(people, sheet)
    assert not faults and not notes
    assert told(people) == {"C": ("M", None, "NA", "C"), "M": (None, None, "NA", "C")}


PLAIN = "FAM1 C D M 2 -9\nFAM1 M 0 0 2 1\nFAM1 D 0 0 1 1\n"
FORMS = {
    "blanks": PLAIN,
    "tabs": PLAIN.replace(" ", "\t"),
    "a header of peddy": "#family_id\tsample_id\tpaternal_id\tmaternal_id\tsex\tphenotype\n" + PLAIN,
    "a header without #": "FID IID PAT MAT SEX PHENO\n" + PLAIN,
    "CR LF and BOM": "\ufeff" + PLAIN.replace("\n", "\r\n"),
    "five columns": "FAM1 C D M 2\nFAM1 M 0 0 2\nFAM1 D 0 0 1\n",
    "words for sex, dots for unknown": "FAM1 C D M female .\nFAM1 M . . F .\nFAM1 D . . male .\n",
    "more columns, several blanks": "FAM1  C   D  M 2 2 extra more\nFAM1 M 0 0 2 1 x y\nFAM1 D 0 0 1 1 x y\n\n\n",
    "more people than the sheet": PLAIN + "FAM1 X C Y 1 1\nFAM2 Z 0 0 1 1\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_pedigree_files_as_programs_write_them(form, tmp_path):
    path = write(tmp_path / "x.ped", FORMS[form])
    people, faults, notes = with_pedigree([person("M"), person("D", 3), person("C", 4)], SHEET, path)
    assert not faults and not notes
    expected = {"M": (None, None, "XX", "FAM1"), "D": (None, None, "XY", "FAM1"), "C": ("M", "D", "XX", "FAM1")}
    assert told(people) == expected


def test_the_sheet_holds_where_the_pedigree_is_silent_and_the_family_is_the_sheet_s(tmp_path):
    path = write(tmp_path / "x.ped", "9 C 0 0 0 0\n9 M 0 0 0 0\n")
    people, faults, _ = with_pedigree(trio(mother="M", family="1"), SHEET, path)
    assert not faults
    assert told(people)["C"] == ("M", None, "NA", "1")
    assert told(people)["M"][3] == "9" and told(people)["D"][3] is None


def test_parents_without_genotypes_are_not_known_and_noted(tmp_path):
    path = write(tmp_path / "x.ped", "1 C GRANDPA M 2 0\n1 M 0 OMA 2 0\n")
    people, faults, notes = with_pedigree([person("C"), person("M", 3)], SHEET, path)
    assert not faults
    assert told(people) == {"C": ("M", None, "XX", "1"), "M": (None, None, "XX", "1")}
    assert notes == ["2 parents in the pedigree are not in the sample sheet: nothing is compared with them"]


@pytest.mark.parametrize(
    ("content", "fault", "line"),
    [
        ("1 C D M 1 0\n1 C D M 1 0\n", "the sample is also on line 1", 2),
        ("1 C D M\n", "4 columns, and a .ped has at least 5", 1),
        ("1 0 D M 1 0\n", "the line names no sample", 1),
        ("# nothing\n", "the pedigree names nobody", None),
        ("1 X 0 0 1 0\n", "nobody in the pedigree is in the sample sheet", None),
        ("1 C D OTHER 0 0\n", "mother OTHER contradicts the sample sheet, whose line 4 says M", 1),
        ("#\n1 M 0 0 1 0\n", "sex XY contradicts the sample sheet, whose line 2 says XX", 2),
        (b"1 C D M 1 0\n1 \xff 0 0 1 0\n", "the text is not in UTF-8", 2),
    ],
)
def test_what_is_wrong_with_a_pedigree_is_told_with_its_line(content, fault, line, tmp_path):
    path = write(tmp_path / "x.ped", content)
    _, faults, _ = with_pedigree(trio(mother="M", father="D"), SHEET, path)
    (own,) = [found for found in faults if fault in found.fault]
    assert (own.file, own.line) == (str(path), line)
    assert own.remedy


def test_a_pedigree_that_is_not_there():
    members, faults = read_ped(Path("no.ped"))
    assert not members and "cohort.pedigree" in faults[0].remedy


YEARS = [person("M", 2, birth_year=1980), person("C", 3, mother="M", birth_year=1979)]
LOOP = [person("A", 2, mother="B"), person("B", 3, mother="C"), person("C", 4, mother="A")]


@pytest.mark.parametrize(
    ("people", "fault", "samples"),
    [
        (trio(mother="MUM"), 'mother "MUM" is not a sample of the sheet', ["C"]),
        (trio(mother="D"), "mother D has the sex XY", ["C"]),
        (trio(father="M"), "father M has the sex XX", ["C"]),
        (trio(father="C"), "the person is their own father", ["C"]),
        ([person("X"), person("C", 3, mother="X", father="X")], "mother and father are one sample, X", ["C"]),
        (YEARS, "mother M (1980) is not older than C (1979)", ["C"]),
        (LOOP, "the person is among their own ancestors", ["A", "B", "C"]),
    ],
)
def test_what_cannot_be_true_is_a_fault_of_the_sheet(people, fault, samples):
    _, faults, _ = with_pedigree(people, SHEET)
    assert [found.sample for found in faults] == samples
    assert all(fault in found.fault and found.remedy and found.file == str(SHEET) for found in faults)
    assert [found.line for found in faults] == [p.line for p in people if p.sample in samples]


def test_families_follow_the_links():
    grand = [person("G"), person("M", 3, mother="G"), person("C", 4, mother="M"), person("S", 5), person("T", 6)]
    families = [p.family for p in with_pedigree(grand, SHEET)[0]]
    assert len({*families[:3]}) == 1 and families[0] and families[3:] == [None, None]
    labelled = [person("M"), person("C", 3, mother="M", family="Smith"), person("S", 4, family="M")]
    assert [p.family for p in with_pedigree(labelled, SHEET)[0]] == ["Smith", "Smith", "M"]
    clash = [person("M"), person("C", 3, mother="M"), person("S", 4, family="M"), person("U", 5, family="C")]
    found = [p.family for p in with_pedigree(clash, SHEET)[0]]
    assert found[0] == found[1] not in ("M", "C", None)


@pytest.mark.parametrize(
    "content",
    [
        b"f;C;D;M;2\nf;M;0;0;2\n",
        b'"f","C","D","M","2"\n"f","M","0","0","2"\n',
        "f\tC\tD\tM\t2\nf\tM\t0\t0\t2\n".encode("utf-16"),
        b"f C D M 2\rf M 0 0 2\r",
        "\ufeffFamily ID\tIndividual\tFather\tMother\tSex\nf\tC\u200b\tD\tM\t2\nf\tM\t\t\t2\n".encode(),
    ],
)
def test_a_pedigree_as_spreadsheet_programs_write_it(tmp_path, content):
    members, faults = read_ped(write(tmp_path / "p.ped", content))
    assert not faults
    assert [(m.sample, m.father, m.mother, m.sex) for m in members] == [("C", "D", "M", "XX"), ("M", None, None, "XX")]


def test_a_workbook_is_refused_by_name(tmp_path):
    _, (fault,) = read_ped(write(tmp_path / "p.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)))
    assert "Excel" in fault.fault and fault.file.endswith("p.xls")


@pytest.mark.parametrize("line", ["f C C M 2", "f C D C 2", "f C M D 2", "f C M M 2"])
def test_what_only_the_pedigree_says_is_a_fault_of_the_pedigree(tmp_path, line):
    ped = write(tmp_path / "p.ped", f"# mine\n{line}\n")
    _, faults, _ = with_pedigree(trio(), SHEET, ped)
    assert faults and all((Path(fault.file), fault.line, fault.sample) == (ped, 2, "C") for fault in faults)
    _, faults, _ = with_pedigree(trio(mother="C"), SHEET)
    assert faults and all(Path(fault.file) == SHEET for fault in faults)


def test_twins_and_replicates_share_a_family_and_must_be_samples():
    people = [person("A", 2), person("B", 3, twin_of="A"), person("C", 4, replicate_of="B"), person("D", 5)]
    linked, faults, _ = with_pedigree(people, SHEET)
    assert not faults
    families = {p.sample: p.family for p in linked}
    assert families["A"] == families["B"] == families["C"] is not None and families["D"] is None
    wrong = [person("A", 2, twin_of="X"), person("B", 3, replicate_of="B"), person("C", 4, mother="A", twin_of="A")]
    _, faults, _ = with_pedigree(wrong, SHEET)
    assert [fault.fault for fault in faults] == [
        'twin_of "X" is not a sample of the sheet',
        "replicate_of names the sample itself",
        "twin_of names the parent A",
    ]
