"""Ratios among weights are summed as logarithms, or refused; never as they are."""

import math

import pytest

from permed.scoring_files import check_scoring_file, read_scoring_file
from permed.scoring_files.checks import check_scores

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"
BUILD = "#genome_build=GRCh38\n"
ROWS = ["1 5 A G 1.5", "1 6 C T 0.8", "1 7 C T 1.1"]
LOGARITHMS = [math.log(1.5), math.log(0.8), math.log(1.1)]


@pytest.mark.parametrize(
    "said", ["OR", "HR", "or", "OR/HR", "Odds ratio", "odds_ratio", "hazard ratios", "ORs", "RR", "Relative Risk"]
)
def test_declared_ratios_become_logarithms_and_the_run_says_so(write, table, said):
    path = write(BUILD + f"#weight_type={said}\n" + table(PLAIN, *ROWS))
    file = read_scoring_file(path, "GRCh38")
    assert not file.faults and file.rows["weight"].to_list() == pytest.approx(LOGARITHMS)
    assert said in file.logarithms
    _, (note,) = check_scores([path], "GRCh38")
    assert "logarithms of ratios" in note and str(path) in note


@pytest.mark.parametrize("said", ["beta", "log(OR)", "ln(OR)", "logOR", "NR", "", "log odds ratio", "OR (log)"])
def test_what_is_no_ratio_stays_as_it_is(write, table, said):
    file = read_scoring_file(write(BUILD + f"#weight_type={said}\n" + table(PLAIN, *ROWS)), "GRCh38")
    assert not file.faults and file.rows["weight"].to_list() == [1.5, 0.8, 1.1] and not file.logarithms


@pytest.mark.parametrize(("name", "words"), [("OR", "odds"), ("HR", "hazard")])
def test_a_column_of_ratios_alone_is_taken_by_its_logarithms(write, table, name, words):
    file = read_scoring_file(write(BUILD + table(PLAIN.replace("effect_weight", name), *ROWS)), "GRCh38")
    assert not file.faults and file.rows["weight"].to_list() == pytest.approx(LOGARITHMS)
    assert f"{words} ratios (column {name})" in file.logarithms


def test_beside_a_weight_a_ratio_is_information(write, table):
    file = read_scoring_file(write(BUILD + table(f"{PLAIN} OR", "1 5 A G 0.4 1.5", "1 6 C T 0.2 1.2")), "GRCh38")
    assert not file.faults and file.rows["weight"].to_list() == [0.4, 0.2]


def test_weights_that_are_the_logarithms_of_the_ratios_beside_them_are_not_taken_again(write, table):
    rows = ["1 5 A G 0.405 1.5", "1 6 C T -0.223 0.8"]
    file = read_scoring_file(write(BUILD + "#weight_type=OR\n" + table(f"{PLAIN} OR", *rows)), "GRCh38")
    assert not file.faults and file.rows["weight"].to_list() == [0.405, -0.223] and not file.logarithms


@pytest.mark.parametrize("value", ["0", "-0.2", "-1e-3"])
def test_a_ratio_that_is_none_is_a_fault_with_its_line(write, table, value):
    path = write(BUILD + "#weight_type=OR\n" + table(PLAIN, "1 5 A G 1.5", f"1 6 C T {value}"))
    (fault,) = check_scoring_file(path, "GRCh38")
    assert f'effect_weight "{value}" is no ratio' in fault.fault and fault.line == 5 and "log(OR)" in fault.remedy


def test_logarithms_that_are_declared_as_ratios_are_refused(write, table):
    path = write(BUILD + "#weight_type=OR\n" + table(PLAIN, *(f"1 {n} A G 0.{n}" for n in range(1, 5))))
    (fault,) = check_scoring_file(path, "GRCh38")
    assert "as logarithms and no ratios are" in fault.fault and "log(OR)" in fault.remedy


def test_ratios_by_dosage_and_of_terms(write, table):
    dosage = "chr_name chr_position effect_allele other_allele dosage_0_weight dosage_1_weight dosage_2_weight"
    path = write(BUILD + "#weight_type=OR\n" + table(dosage, "1 5 A G 1 1.5 3"))
    (weights,) = read_scoring_file(path, "GRCh38").rows["dosage_weights"].to_list()
    assert weights == pytest.approx([0, math.log(1.5), math.log(3)])
    (fault,) = check_scoring_file(write(BUILD + "#weight_type=OR\n" + table(dosage, "1 5 A G 0 1 2")), "GRCh38")
    assert "not three numbers above 0" in fault.fault
    terms = table(f"{PLAIN} is_interaction", "1 5_x_7 A_x_C G_x_T 1.5 TRUE")
    rows = read_scoring_file(write(BUILD + "#weight_type=HR\n" + terms), "GRCh38").rows
    assert rows["weight"].to_list() == pytest.approx([math.log(1.5)] * 2)


def test_weights_that_look_like_undeclared_ratios_are_noted(write, table):
    rows = [f"1 {n + 5} A G {0.8 + n / 50}" for n in range(30)]
    faults, (note,) = check_scores([write(BUILD + table(PLAIN, *rows))], "GRCh38")
    assert not faults and "look like ratios" in note
    counts = [f"1 {n + 5} A G 1" for n in range(30)]
    assert check_scores([write(BUILD + table(PLAIN, *counts), "counts.txt")], "GRCh38") == ([], [])


@pytest.mark.parametrize("said", ['"OR"', "' OR '", 'OR"'])
def test_a_quoted_word_means_what_it_says(write, table, said):
    file = read_scoring_file(write(BUILD + f"#weight_type={said}\n" + table(PLAIN, *ROWS)), "GRCh38")
    assert not file.faults and file.rows["weight"].to_list() == pytest.approx(LOGARITHMS)


@pytest.mark.parametrize("said", ["inverse OR", "1/OR", "OR per SD", "scaled odds", "exp(b)", "hazard"])
def test_words_of_ratios_that_do_not_tell_what_to_sum_are_refused(write, table, said):
    (fault,) = check_scoring_file(write(BUILD + f"#weight_type={said}\n" + table(PLAIN, *ROWS)), "GRCh38")
    assert said in fault.fault and "log(OR)" in fault.remedy


@pytest.mark.parametrize(
    "said", ["log-transformed odds ratio", "ln(HR)", "beta (log odds)", "Inverse-variance weighting", "PRS weight"]
)
def test_words_of_logarithms_and_of_no_ratio_are_taken(write, table, said):
    file = read_scoring_file(write(BUILD + f"#weight_type={said}\n" + table(PLAIN, *ROWS)), "GRCh38")
    assert not file.faults and file.rows["weight"].to_list() == [1.5, 0.8, 1.1]
