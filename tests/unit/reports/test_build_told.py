"""Every report says by what the build of the genotype files was told, or that it was not checked."""

import json

import pytest

from permed.reports.evidence import read_context


@pytest.fixture
def context(tmp_path):
    def read(*rows):
        files = [{"build": {"checked": bool(by), "by": by}} for by in rows]
        (tmp_path / "inputs.json").write_text(json.dumps({"build": "GRCh38", "reference": None, "files": files}))
        (tmp_path / "any.txt").write_text("S1\n")
        return read_context(tmp_path / "inputs.json", [tmp_path / "any.txt"], [])

    return read


def test_what_told_the_build_is_said(context):
    found = context(["lengths"], ["lengths", "positions"], ["header"])
    means = "contig lengths, the positions of pharmacogenes and the words of the files themselves"
    assert f"That the genotype files are of GRCh38 was told by {means}." in found.reference_statement
    assert found.build_short == "GRCh38" and found.build_unchecked == 0


def test_where_nothing_told_it_every_report_says_so(context):
    found = context(["lengths"], [])
    assert "Nothing in 1 genotype files tells of which build" in found.reference_statement
    assert "that they are of GRCh38 was not checked" in found.reference_statement
    assert found.build_short == "GRCh38 (not checked)"


def test_checks_that_do_not_say_leave_it_open(context):
    found = context()
    assert found.build_short == "GRCh38" and found.build_unchecked is None
    assert "not checked" not in found.build_short
