"""Sample sheets as spreadsheet programs, R and people make them: the same people, or one fault with line and remedy."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permed.samples import PURPOSES, commented_names, read_samples

HEADER = ["sample", "sex", "consent", "medications", "height_cm", "phenotypes"]
ROWS = [
    HEADER,
    ["A", "XX", "scores,findings", "clopidogrel;warfarin", "170.5", "Diabetes mellitus, type 2;Asthma"],
    ["B", "NA", "none", "", "", ""],
]


def quoted(cell, separator):
    return f'"{cell}"' if separator in cell else cell


def text(separator="\t", end="\n"):
    return "".join(separator.join(quoted(cell, separator) for cell in row) + end for row in ROWS)


def read(tmp_path, content):
    path = tmp_path / "samples.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_samples(path)


EXCEL = text().replace("scores,findings", '"scores,findings"').replace("Diabetes", '"Diabetes').replace("ma\n", 'ma"\n')
ENTRIES = text().replace("Diabetes mellitus, type 2;Asthma", '"Diabetes mellitus, type 2";"Asthma"')
R = "\n".join(
    [
        '"","sample","sex","consent","medications","height_cm","phenotypes"',
        '"1","A","XX","scores,findings","clopidogrel;warfarin",170.5,"Diabetes mellitus, type 2;Asthma"',
        '"2","B",NA,"none","",NA,""',
    ]
)
SAME = {
    "tabs": text(),
    "Excel's quotes": EXCEL,
    "entries in quotes of their own": ENTRIES,
    "trailing tabs": text(end="\t\t\n") + "\t\t\t\t\t\t\t\n\t\n",
    "CR line ends": text(end="\r"),
    "CRLF line ends": text(end="\r\n"),
    "semicolons": text(";"),
    "commas": text(","),
    "commas and blanks": text(",").replace(",XX,", ", XX , "),
    "a byte order mark": text().encode("utf-8-sig"),
    "semicolons in UTF-8 of Excel": text(";", "\r\n").encode("utf-8-sig"),
    "Unicode text": EXCEL.replace("\n", "\r\n").encode("utf-16"),
    "column names in other cases": text().replace("sample", "Sample").replace("height_cm", "Height CM"),
    "values in other cases": text().replace("XX", "xx").replace("scores,f", "Scores, F").replace("none", "None"),
    "a decimal comma": text().replace("170.5", "170,5"),
    "zero-width characters": text().replace("A\tXX", "\u200bA\u2060\tX\u00adX").replace("sample", "\u200esample"),
    "no-break spaces": text().replace("A\tXX", "\u00a0A\u00a0\tXX\u3000").replace(", type", ",\u00a0type"),
    "comments and blank lines": "# who\n\n" + text().replace("B\t", '# B is "new\n\nB\t') + "\n# end\n",
    "a header behind #": "#" + text(),
    "R's write.csv": R,
    "cells at the end left out": text().replace("none\t\t\t", "none"),
    "consent by semicolons": text(",").replace('"scores,findings"', "scores;findings"),
    "no end of the last line": text().rstrip("\n"),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_people_whoever_wrote_the_sheet(tmp_path, name):
    (first, second), faults = read(tmp_path, SAME[name])
    assert not faults
    assert (first.sample, first.sex, first.consent) == ("A", "XX", {"scores", "findings"})
    assert first.medications == ("clopidogrel", "warfarin") and first.height_cm == 170.5
    assert first.phenotypes == ("Diabetes mellitus, type 2", "Asthma")
    assert (second.sample, second.consent, second.phenotypes) == ("B", frozenset(), ())


def test_a_name_in_decomposed_letters_is_the_composed_one(tmp_path):
    (person,), faults = read(tmp_path, "sample\tconsent\nZoe\u0308\tscores\n")
    assert not faults and person.sample == "Zo\u00eb"


HEAD = "sample\tsex\tconsent\tmedications\n"
FAULTS = {
    "an open quote": (HEAD + 'A\tXX\t"scores\t\nB\tXX\tscores\t\n', 2, "opened and not closed"),
    "a line break in a cell": (HEAD + 'A\tXX\t"scores,\nfindings"\t\n', 2, "opened and not closed"),
    "a comma list without quotes": ("sample,sex,consent,family\nA,XX,scores,findings\n", 2, "stands beside consent"),
    "a list that makes a cell too many": ("sample;consent;medications\nA;scores;one;two\n", 2, "4 cells under 3"),
    "an empty cell too many": ("sample;consent;medications;family\nA;scores;one;two;\n", 2, "5 cells under 4"),
    "a name that begins with #": ('sample\tconsent\n"#1"\tscores\n', 2, "cannot be part of a path"),
    "a column without a name": ("sample\tconsent\t\nA\tscores\tleft\n", 1, 'line 2 has "left" in it'),
    "a near name of a column": ("sample\tconsent\tmedication\nA\tscores\t\n", 1, "medication"),
    "a column in two cases": ("sample\tSample\tconsent\nA\tA\tscores\n", 1, "sample is there twice"),
    "blanks": ("sample sex consent\nA XX scores\n", 1, "separated by blanks"),
    "row names of R": ("sample\tconsent\n1\tA\tscores\n", 2, "3 cells under 2 columns"),
    "a semicolon within an entry": ('sample\tconsent\tphenotypes\nA\tscores\t"""a; b"""\n', 2, "semicolon within"),
    "thousands": ("sample\tconsent\theight_cm\nA\tscores\t1,705\n", 2, 'height_cm "1,705"'),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_would_mean_something_else_is_one_fault(tmp_path, name):
    content, line, words = FAULTS[name]
    _, (fault,) = read(tmp_path, content)
    assert words in fault.fault and fault.line == line and fault.remedy and fault.file.endswith("samples.tsv")


def test_a_near_name_of_a_column_is_told(tmp_path):
    _, (fault,) = read(tmp_path, FAULTS["a near name of a column"][0])
    assert "Did you mean medications?" in fault.remedy


def test_terms_between_commas_are_terms_and_a_diagnosis_keeps_its_comma(tmp_path):
    sheet = "sample\tconsent\tphenotypes\nA\tscores\tHP:0000001, HP:0000002;Colitis, ulcerative\n"
    (person,), _ = read(tmp_path, sheet)
    assert person.phenotypes == ("HP:0000001", "HP:0000002", "Colitis, ulcerative")


def test_names_of_comments_are_known_with_their_lines(tmp_path):
    read(tmp_path, "sample\tconsent\n#1\tscores\nA\tscores\n# note\n")
    assert commented_names(tmp_path / "samples.tsv") == {"#1": 2, "# note": 4}
    assert commented_names(tmp_path / "none.tsv") == {}


CELLS = st.sampled_from(["A", '"', '""', "#", ",", ";", "\t", "\r", "\n", "sample", "consent", "scores", "\u200b", " "])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(CELLS, max_size=30))
def test_whatever_a_sheet_holds_it_gives_people_or_faults(tmp_path, cells):
    people, faults = read(tmp_path, "sample\tconsent\n" + "".join(cells))
    assert people or faults
    assert all(fault.file.endswith("samples.tsv") and fault.remedy for fault in faults)
    assert all(person.consent <= set(PURPOSES) for person in people)


@pytest.mark.parametrize("mark", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;"])
def test_the_line_that_tells_excel_its_separator_is_no_header(tmp_path, mark):
    people, faults = read(tmp_path, f"{mark}\n{text(';')}")
    assert not faults and [person.sample for person in people] == ["A", "B"]
    assert people[0].phenotypes == ("Diabetes mellitus, type 2", "Asthma")


@pytest.mark.parametrize("name", ["samples", "Sample ID", "sample_name", "smaple"])
def test_a_column_that_is_nearly_sample_is_asked_about(tmp_path, name):
    _, (fault, *_) = read(tmp_path, text().replace("sample", name, 1))
    assert fault.fault == "there is no column sample" and f"Is it {name}?" in fault.remedy and fault.line == 1
