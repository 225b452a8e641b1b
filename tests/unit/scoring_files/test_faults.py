"""Bad scoring files: each gives one clear fault of its own, with the file, the line where it has one, and a remedy."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permed.scoring_files import SCORE_SCHEMA, check_scoring_file, read_scoring_file
from permed.scoring_files.rows import COLUMNS

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"
DOSAGE = "dosage_0_weight dosage_1_weight dosage_2_weight"


def lines(*rows):
    return "".join("\t".join("" if cell == "_" else cell for cell in row.split()) + "\n" for row in rows)


GOOD = lines(PLAIN, "1 5 A G 1", "1 6 A G 2")
PACKED = gzip.compress(lines(PLAIN, *["1 5 A G 1"] * 99).encode())
FAULTS = {
    "a column is missing": (
        lines("chr_name chr_position effect_allele", "1 5 A"),
        None,
        "is missing: effect_weight",
    ),
    "columns under other names": (
        lines("chromo place gains loses much", "1 5 A G 1"),
        None,
        "columns are missing: effect_allele",
    ),
    "one of three dosage columns": (lines(f"{PLAIN} dosage_1_weight", "1 5 A G 1 2"), None, "dosage_0_weight, beside"),
    "a column twice": (
        lines(f"{PLAIN} effect_weight", "1 5 A G 1 2"),
        1,
        "effect_weight is there more than once",
    ),
    "rsIDs alone": (lines("rsID effect_allele effect_weight", "rs1 A 1"), None, "rsIDs and no positions"),
    "a weight that is a word": (lines(PLAIN, "1 5 A G 1", "1 6 A G high"), 3, 'effect_weight "high" is not a number'),
    "a weight with a decimal comma": (lines(PLAIN, "1 5 A G 0,5"), 2, 'effect_weight "0,5" is not a number'),
    "an infinite weight": (lines(PLAIN, "1 5 A G inf"), 2, 'effect_weight "inf" is not a number'),
    "no weight": (lines(PLAIN, "1 5 A G _"), 2, 'effect_weight "" is not a number'),
    "two dosage weights of three": (lines(f"{PLAIN} {DOSAGE}", "1 5 A G _ 0 1 _"), 2, '"0 1 " are not three numbers'),
    "a negative position": (lines(PLAIN, "1 -5 A G 1"), 2, 'the position "-5" is not a positive integer'),
    "a position of zero": (lines(PLAIN, "1 0 A G 1"), 2, 'the position "0" is not a positive integer'),
    "a position in thousands": (lines(PLAIN, "1 1,005 A G 1"), 2, 'the position "1,005" is not a positive integer'),
    "a position beyond the end": (lines(PLAIN, "21 46709984 A G 1"), 2, "chr21:46709984 is beyond the end"),
    "a contig by plink's number": (lines(PLAIN, "23 5 A G 1"), 2, 'the contig "23" is not known'),
    "a contig read as a decimal": (lines(PLAIN, "1.0 5 A G 1"), 2, 'the contig "1.0" is not known'),
    "the other build": ("#genome_build=hg19\n" + GOOD, None, "the run's build is GRCh38; genome_build is hg19"),
    "no build of harmonised places": (lines("hm_chr hm_pos effect_allele effect_weight", "1 5 A 1"), None, "no #HmPOS"),
    "more cells than columns": (lines(PLAIN, "1 5 A G 1 more"), 2, "6 cells under 5 columns"),
    "nothing": ("", None, "the scoring file is empty"),
    "a header alone": ("#pgs_id=PGS1\n#genome_build=GRCh38\n", None, "the scoring file is empty"),
    "names and no rows": (lines(PLAIN), None, "there are no rows"),
    "cut short": (PACKED[:-20], None, "the compressed file is damaged or cut short"),
    "damaged": (PACKED[:30] + b"xxxx" + PACKED[34:], None, "the compressed file is damaged or cut short"),
    "Latin-1": (GOOD.encode() + "1\t7\tA\tG\t1\tMüller\n".encode("latin-1"), 4, "the text is not in UTF-8"),
    "a web page": (
        "<!DOCTYPE html>\n<html><title>Sign in</title></html>\n",
        None,
        "it is a web page and no scoring file",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_bad_file_has_a_fault_of_its_own(write, name):
    content, line, words = FAULTS[name]
    path = write(content, "bad.txt")
    faults = check_scoring_file(path, "GRCh38")
    assert len(faults) == 1, faults
    assert (faults[0].file, faults[0].line) == (str(path), line)
    assert words in faults[0].fault and faults[0].remedy


def test_no_two_kinds_of_fault_read_alike(write):
    said = {check_scoring_file(write(content), "GRCh38")[0].fault for content, _, _ in FAULTS.values()}
    assert len(said) == len(FAULTS) - 2  # nothing and a header alone, cut short and damaged


def test_a_page_under_the_name_of_a_compressed_file(write):
    assert "it is a web page" in check_scoring_file(write(b"<html>Sign in</html>", "PGS1.txt.gz"), "GRCh38")[0].fault


def test_a_good_file_has_none(write):
    same = (GOOD.replace("\t", ","), GOOD.replace("\t", ";"), GOOD.replace("\t", "  "), GOOD.encode("utf-16"))
    for text in (
        *same,
        GOOD.replace("\n", "\r"),
        GOOD,
        GOOD.replace("\n", "\r\n"),
        f"\ufeff{GOOD}",
        GOOD + "\n\n",
        GOOD.replace("1\n", "1\t\t\n"),
    ):
        assert check_scoring_file(write(text), "GRCh38") == []


NUMBERS, FLAGS = ["1", "0.5", "-2"], ["", "", "", "TRUE", "FALSE"]
PLACES = {"chr_name": ["1", "X", "MT", "1_x_2", "6_alt"], "chr_position": ["5", "6", "5_x_6", "5;6", "", "-1"]}
ALLELES = ["A", "T", "AC", "e4", "e9", "A_x_C", "A;C", "A/C", "A;C/A;T", "HLA-A*02:01", "", "/", ";", "\u03b54"]
CELLS = {
    **{name: FLAGS for name in COLUMNS if name.startswith("is_")},
    **{name: ["", *NUMBERS] for name in COLUMNS if name.startswith("dosage_")},
    **PLACES,
    "hm_chr": PLACES["chr_name"],
    "hm_pos": PLACES["chr_position"],
    "effect_allele": ALLELES,
    "other_allele": ALLELES,
    "effect_weight": [*NUMBERS, *NUMBERS, "", "1e400"],
    "effect_type": ["", "", "", "dominant", "additive", "odd"],
    "locus_name": ["", "APOE"],
    "rsID": ["", "rs1", "rs1;rs2"],
}
ROWS = st.lists(st.tuples(*(st.sampled_from(CELLS.get(name, ["", "0.5", "S1"])) for name in COLUMNS)), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.sampled_from(["37", "38"]))
def test_whatever_the_cells_hold_a_file_gives_rows_or_faults(write, rows, build):
    text = f"#HmPOS_build=GRCh{build}\n#genome_build=GRCh38\n" + "\t".join(COLUMNS) + "\n"
    file = read_scoring_file(write(text + "".join("\t".join(row) + "\n" for row in rows)), "GRCh38")
    assert list(file.rows.columns) == list(SCORE_SCHEMA)
    if not file.faults:
        whole = file.rows.filter(file.rows["not_scorable"].is_null())
        assert whole.select("contig", "pos", "effect_allele", "effect_type").null_count().sum_horizontal()[0] == 0
        assert (whole["weight"].is_null() == (whole["effect_type"] == "dosage")).all()


@pytest.mark.parametrize("nothing", ["NA", "NR", ".", "-", "NaN"])
def test_words_for_nothing_are_no_positions(write, table, nothing):
    columns = "rsID chr_name chr_position effect_allele other_allele effect_weight"
    rows = [f"rs{n} {nothing} {nothing} A G 0.1" for n in range(3)]
    (fault,) = check_scoring_file(write("#genome_build=GRCh38\n" + table(columns, *rows)), "GRCh38")
    assert "position" in fault.fault and "harmonised" in fault.remedy
    (one,) = check_scoring_file(write("#genome_build=GRCh38\n" + table(columns, *rows, "rs9 1 0 A G 1")), "GRCh38")
    assert '"0"' in one.fault, "the row that has a position is still looked at"
