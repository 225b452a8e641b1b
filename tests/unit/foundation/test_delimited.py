"""Cells of tables that people make."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permed.delimited import separator_of, split_line, to_tabs
from permed.errors import Fault


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("sample\tsex", "\t"),
        ("sample\tbirth;year, maybe", "\t"),
        ("sample;sex;consent", ";"),
        ("sample,sex,consent", ","),
        ('"sample","sex;or","consent"', ","),
        ("sample", "\t"),
        ("sample sex", "\t"),
    ],
)
def test_the_header_tells_what_separates_cells(line, separator):
    assert separator_of(line) == separator


def test_blanks_separate_only_where_they_may():
    assert separator_of("CHR  SNP BP", spaces=True) == " "


@pytest.mark.parametrize(
    ("line", "separator", "cells"),
    [
        ('A\tXX\t"scores,findings"', "\t", ["A", "XX", "scores,findings"]),
        ('"A";"say ""x"""; "b;c"', ";", ["A", 'say "x"', "b;c"]),
        ('A, XX , "scores, findings"', ",", ["A", "XX", "scores, findings"]),
        ('A\t5" tall\tx', "\t", ["A", '5" tall', "x"]),
        ('A\t"one";"two"', "\t", ["A", 'one;"two"']),
        ("A\t\t", "\t", ["A", "", ""]),
        ('""\tx', "\t", ["", "x"]),
        ("a   b  c ", " ", ["a", "b", "c"]),
    ],
)
def test_a_line_is_split_as_a_spreadsheet_wrote_it(line, separator, cells):
    assert split_line(line, separator, "t.tsv", 1) == cells


@pytest.mark.parametrize("line", ['A\t"open\tx', 'A\t"', '"A\tx'])
def test_a_quote_that_is_left_open_is_a_fault(line):
    with pytest.raises(Fault, match="opened and not closed") as fault:
        split_line(line, "\t", "t.tsv", 7)
    assert (fault.value.file, fault.value.line) == ("t.tsv", 7)


def test_lines_keep_their_numbers():
    text = b'# a note, with a "quote\nname;n\n\n"a;b";1\n'
    assert to_tabs(text, "t.csv") == b'# a note, with a "quote\nname\tn\n\na;b\t1\n'
    assert to_tabs(b"name\tn\na\t1\n", "t.tsv") == b"name\tn\na\t1\n"
    with pytest.raises(Fault, match="marks comments") as fault:
        to_tabs(b'name,n\n"#1",2\n', "t.csv")
    assert fault.value.line == 2


CELL = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=6).map(str.strip)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.sampled_from(["\t", ";", ","]))
def test_what_the_csv_writer_wrote_is_read_back(rows, separator):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    lines = out.getvalue().split("\n")[:-1]
    assert [tuple(split_line(line, separator, "t", 1)) for line in lines] == rows


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_the_line_that_tells_excel_its_separator_becomes_a_comment(tmp_path, separator):
    rows = [["gene", "weight"], ["A", "1"]]
    content = f"sep={separator}\n" + "".join(separator.join(row) + "\n" for row in rows)
    assert to_tabs(content.encode(), tmp_path / "t.csv").splitlines()[1:] == [b"gene\tweight", b"A\t1"]
    assert to_tabs(content.encode(), tmp_path / "t.csv").startswith(b"#sep=")
