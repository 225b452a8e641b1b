"""Every report says what a site without a record means, and by which evidence."""

import json

import pytest

from permed.reports.evidence import read_context

THRESHOLDS = {"min_depth": 7, "min_genotype_quality": 13}


@pytest.fixture
def context(tmp_path):
    def read(**checked):
        (tmp_path / "inputs.json").write_text(json.dumps({"absent_sites": "reference", "files": [{}, {}], **checked}))
        (tmp_path / "any.txt").write_text("S1\n")
        return read_context(tmp_path / "inputs.json", [tmp_path / "any.txt"], [])

    return read


@pytest.mark.parametrize(
    ("checked", "said", "unsaid", "short"),
    [
        ({}, ["taken to carry"], ["gVCF", "callable", "alignments"], "taken as reference"),
        ({"gvcf": 2}, ["at least 7 reads", "at least 13"], ["was taken to carry", "callable"], "by gVCF blocks"),
        ({"gvcf": 1}, ["at least 7 reads", "This holds only if"], ["callable"], "by gVCF blocks"),
        ({"callable": "a.bed"}, ["callable regions"], ["This holds only if"], "by callable regions"),
        ({"filters": ["PASS", "."]}, ["if their FILTER is among PASS, ."], ["whatever"], "taken as reference"),
        ({"filters": ["any"]}, ["whatever their FILTER says"], ["is among"], "taken as reference"),
        ({"imputed": 1}, ["derived from", "estimates, not measurements"], ["gVCF"], "taken as reference"),
        ({"alignments": "{sample}.bam"}, ["at least 7 ", "This holds only if"], ["gVCF"], "by reads"),
    ],
)
def test_the_meaning_of_absent_sites_names_the_evidence(context, checked, said, unsaid, short):
    found = context(thresholds=THRESHOLDS, **checked)
    for text in said:
        assert text in found.absent_sites_statement
    for text in unsaid:
        assert text not in found.absent_sites_statement
    assert found.absent_sites_short == short


def test_checks_of_an_earlier_version_say_what_they_said(context):
    assert "not looked at" in context(absent_sites="missing").absent_sites_statement
    assert context(absent_sites=None).absent_sites_statement is None
