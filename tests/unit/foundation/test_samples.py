"""The sample sheet: what it means and every way in which it can be wrong."""

import pytest

from permed.samples import PURPOSES, batches, consenting, read_samples


def sheet(tmp_path, *lines: str):
    path = tmp_path / "samples.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_full_row_and_an_empty_one(tmp_path):
    path = sheet(
        tmp_path,
        "sample\tsex\tbirth_year\tconsent\tmedications\theight_cm\tweight_kg\tpopulation\tfamily\tphenotypes",
        "001\tXX\t1980\tscores, findings\tclopidogrel; warfarin\t170.5\t66\tPOP1\tF1\tHP:0000001",
        "1e5\t\t\tnone\t\t\t\t\t\t",
    )
    (first, second), faults = read_samples(path)
    assert faults == []
    assert first.sample == "001"
    assert first.consent == {"scores", "findings"}
    assert first.medications == ("clopidogrel", "warfarin")
    assert (first.birth_year, first.height_cm, first.line) == (1980, 170.5, 2)
    assert second.sex == "NA"
    assert second.consent == frozenset()
    assert consenting([first, second], "any") == ["001"]
    assert consenting([first, second], "pharmacogenes") == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("S1\tm\tscores", 'sex "m" is not XX, XY or NA'),
        ("S1\tXX\t", "consent is empty"),
        ("S1\tXX\tscors", 'consent "scors" is not known'),
        ("S1\tXX\tnone,scores", "none and something else"),
        ("\tXX\tscores", "has no name"),
        ("../S1\tXX\tscores", "cannot be part of a path"),
        ("..\tXX\tscores", "cannot be part of a path"),
        ("S1\tXX\tscores\textra", "4 cells under 3 columns"),
    ],
)
def test_a_faulty_row_is_named_with_line_and_remedy(tmp_path, row, words):
    _, faults = read_samples(sheet(tmp_path, "sample\tsex\tconsent", "S0\tXX\tscores", row))
    assert len(faults) == 1
    assert words in str(faults[0])
    assert faults[0].line == 3
    assert faults[0].remedy


def test_all_faults_are_found_at_once(tmp_path):
    _, faults = read_samples(sheet(tmp_path, "sample\tsex\tconsent", "S1\tm\t", "S1\tXX\tscores", "S2\tq\tscores"))
    assert len(faults) == 4
    assert "also on line 2" in " ".join(map(str, faults))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["name\tsex"], "no column sample"),
        (["sample\tconsent\tage"], 'column "age" is not known'),
        (["sample\tconsent\tconsent"], "twice"),
        (["sample\tsex", "S1\tXX"], "no column consent"),
        (["sample\tconsent"], "names nobody"),
        ([""], "is empty"),
    ],
)
def test_a_faulty_header(tmp_path, lines, words):
    _, faults = read_samples(sheet(tmp_path, *lines))
    assert words in str(faults[0])


def test_bom_and_crlf_and_unicode_are_taken(tmp_path):
    path = tmp_path / "samples.tsv"
    path.write_bytes("sample\tconsent\r\nZoë_1\tscores\r\n\r\n".encode("utf-8-sig"))
    (person,), faults = read_samples(path)
    assert faults == []
    assert person.sample == "Zoë_1"


def test_latin_1_names_the_line(tmp_path):
    path = tmp_path / "samples.tsv"
    path.write_bytes("sample\tconsent\nS1\tscores\nZoë\tscores\n".encode("latin-1"))
    _, faults = read_samples(path)
    assert faults[0].line == 3
    assert "UTF-8" in str(faults[0])


def test_an_absent_sheet():
    _, faults = read_samples("nowhere.tsv")
    assert "not there" in str(faults[0])


def test_batches_are_stable_when_people_are_added_at_the_end():
    names = [f"S{n}" for n in range(250)]
    before, after = batches(names), batches([*names, "new"])
    assert [len(b) for b in before.values()] == [100, 100, 50]
    assert [name for name in before if before[name] != after[name]] == ["batch0003"]
    assert len(PURPOSES) == 5


def test_family_history_names_disease_and_relative(tmp_path):
    sheet = tmp_path / "people.tsv"
    rows = ["A\tscores\tbreast_cancer:mother; breast cancer:sister", "B\tscores\tnone", "C\tscores\t"]
    sheet.write_text("\n".join(["sample\tconsent\tfamily_history", *rows]) + "\n")
    people, faults = read_samples(sheet)
    assert not faults
    told = [("breast_cancer:mother", "breast cancer:sister"), ("none",), ()]
    assert [person.family_history for person in people] == told


@pytest.mark.parametrize("cell", ["d", "d:aunt", ":mother", "none;d:mother", "d:mother;d:mother"])
def test_family_history_that_cannot_be_read_is_a_fault(tmp_path, cell):
    sheet = tmp_path / "people.tsv"
    sheet.write_text(f"sample\tconsent\tfamily_history\nA\tscores\t{cell}\n")
    _, faults = read_samples(sheet)
    assert len(faults) == 1 and "family_history" in str(faults[0]) and "line 2" in str(faults[0])


@pytest.mark.parametrize(
    ("written", "read"),
    [("47,XXY", "XXY"), ("45,X", "X"), ("mos 45,X[5]/46,XX[15]", "X/XX"), ("xyy", "XYY"), ("NA", None), ("", None)],
)
def test_karyotypes_are_read_as_sex_chromosomes(tmp_path, written, read):
    path = tmp_path / "samples.tsv"
    path.write_text(f"sample\tconsent\tkaryotype\nA\tnone\t{written}\n")
    people, faults = read_samples(path)
    assert faults == [] and people[0].karyotype == read


def test_karyotypes_and_transplants_that_are_none_are_refused(tmp_path):
    path = tmp_path / "samples.tsv"
    path.write_text("sample\tconsent\tkaryotype\ttransplant\nA\tnone\tYY\tkidney\nB\tnone\t\tstem cells\n")
    people, faults = read_samples(path)
    assert [fault.fault for fault in faults] == [
        'karyotype "YY" is not known',
        'transplant "kidney" is not stem_cells or organ',
    ]
    assert people[1].transplant == "stem_cells"
