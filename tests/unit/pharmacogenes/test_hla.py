"""HLA alleles with guidance are present, absent or not assessable."""

import csv

import pytest

from permed.pharmacogenes.outside.hla import as_phenotype, presence, read_answers, read_typed


def test_alleles_are_those_of_the_guidance(guided, tables, shared):
    wanted = set()
    with (shared / "facts" / "drugs" / "guidance.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for gene, condition in ((row["gene1"], row["condition1"]), (row["gene2"], row["condition2"])):
                if gene.startswith("HLA"):
                    stated = [c.split()[0] for c in condition.split("|") if c.startswith("*")]
                    wanted |= {(gene, allele, row["drug"]) for allele in stated}
    with (tables / "hla_alleles.tsv").open(encoding="utf-8", newline="") as file:
        ours = list(csv.DictReader(file, delimiter="\t"))
    assert {(row["gene"], row["allele"], drug) for row in ours for drug in row["drugs"].split(",")} == wanted
    assert all(row["source"] and row["version"] and row["licence"] for row in ours)
    assert guided == {"HLA-A": ["*31:01"], "HLA-B": ["*15:02", "*15:11", "*57:01", "*58:01"]}


@pytest.mark.parametrize(
    ("text", "two_fields"),
    [
        ("*57:01", "*57:01"),
        ("HLA-B*57:01", "*57:01"),
        ("B*57:01:01", "*57:01"),
        ("57:01", "*57:01"),
        ("*57:01:01G", "*57:01"),
        ("*57:01P", "*57:01"),
        ("*57:01:01:01", "*57:01"),
        ("*15:220", "*15:220"),
        ("*57", None),
    ],
)
def test_names_are_read(text, two_fields):
    assert read_typed("HLA-B", text).two_fields == two_fields


@pytest.mark.parametrize(
    "text", ["", "*", "A*31:01", "HLA-A*31:01", "5701", "*570", "*9501", "*57:1", "*57G", "*57:01X", "B57", "*1"]
)
def test_what_is_no_name_of_the_gene(text):
    assert read_typed("HLA-B", text) is None


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        (["*57:01", "*07:02"], "*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"),
        (["*57:01", "*15:02:01"], "*15:02 positive; *15:11 negative; *57:01 positive; *58:01 negative"),
        (["*57:03", "*57:10"], "*15:02 negative; *15:11 negative; *57:01 negative; *58:01 negative"),
        (["*57:01"], "*15:02 not_assessable; *15:11 not_assessable; *57:01 positive; *58:01 not_assessable"),
        (["*57", "*07:02"], "*15:02 negative; *15:11 negative; *57:01 not_assessable; *58:01 negative"),
        (["*15", "*58"], "*15:02 not_assessable; *15:11 not_assessable; *57:01 negative; *58:01 not_assessable"),
        (["*57:01:01G", "*44:02"], "*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"),
        (["*57:01:01N", "*44:02"], "*15:02 negative; *15:11 negative; *57:01 not_assessable; *58:01 negative"),
        (["*57:01", "*57"], "*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"),
    ],
)
def test_presence(guided, typed, answers):
    names = [read_typed("HLA-B", name) for name in typed]
    assert as_phenotype(presence(guided["HLA-B"], names)) == answers


def test_stated_answers():
    assert read_answers("HLA-B", "*57:01 positive") == {"*57:01": "positive"}
    assert read_answers("HLA-B", "HLA-B*57:01 Positive; *58:01 negative") == {
        "*57:01": "positive",
        "*58:01": "negative",
    }
    for text in ("positive", "*57 positive", "*57:01", "*57:01 maybe", "*57:01 positive; *57:01 negative"):
        assert read_answers("HLA-B", text) is None
