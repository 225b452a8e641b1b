"""Copy numbers and hybrids by the published values, and by addition where there is none."""

import pytest

from permed.pharmacogenes.copies import activity_value, phenotypes_of_score, published_name, read_parts
from permed.pharmacogenes.phenotypes import add_values
from permed.tables import read_table


@pytest.fixture(scope="module")
def values(tables):
    rows = read_table(tables / "alleles.tsv").filter(gene="CYP2D6")
    return dict(rows.select("allele", "activity_value").rows())


@pytest.fixture(scope="module")
def bands(tables):
    rows = read_table(tables / "phenotypes.tsv").filter(gene="CYP2D6")
    return dict(rows.select("activity_score", "phenotype").rows())


@pytest.mark.parametrize(
    ("strand", "name", "value"),
    [
        # ClinPGx functions of CYP2D6, 2026-07-05.
        ("*1", "*1", "1.0"),
        ("*1x2", "*1x2", "2.0"),
        ("*1x3", "*1x≥3", "≥3.0"),
        ("*1x7", "*1x≥3", "≥3.0"),
        ("*1≥3", "*1x≥3", "≥3.0"),
        ("*1x≥3", "*1x≥3", "≥3.0"),
        ("*2x>=3", "*2x≥3", "≥3.0"),
        ("*4x3", "*4x≥3", "0.0"),
        ("*36+*10", "*36 + *10", "0.25"),
        ("*10 + *36", "*36 + *10", "0.25"),
        ("[*36 + *10x2]", "*36 + *10x2", "0.5"),
        ("*4+*68", "*68 + *4", "0.0"),
        ("*41x3", "*41x3", "0.75"),
        ("*2+*2", "*2x2", "2.0"),
        ("*36+*36+*10", "*36x2 + *10", "0.25"),
        # By addition, the published values of the parts being 0.25, 0.5, 0 and 1.
        ("*10x3", None, "0.75"),
        ("*17x4", None, "2.0"),
        ("*68x2", None, "0.0"),
        ("*13+*2x2", None, "2.0"),
        ("*36x3+*10x2", None, "0.5"),
        ("*35x3", None, "3.0"),
        ("*22x2", None, "n/a"),
        # Unknown count: two or more.
        ("*2xN", None, "≥2.0"),
        ("*10xN", None, "≥0.5"),
        ("*4xN", None, "0.0"),
    ],
)
def test_value_of_a_strand(values, strand, name, value):
    parts = read_parts(strand)
    assert published_name(parts, values) == name
    assert activity_value(parts, values) == value


def test_published_copy_numbers_are_multiples(values):
    """The rule of addition holds for every published copy number with a value."""
    checked = 0
    for name, value in values.items():
        parts = read_parts(name)
        if parts and value != "n/a" and not any(part.open for part in parts):
            total = sum(float(values[part.name]) * part.count for part in parts)
            assert total == float(value), name
            checked += total > 0 and (len(parts) > 1 or parts[0].count > 1)
    assert checked >= 15


@pytest.mark.parametrize(
    ("first", "second", "phenotypes"),
    [
        ("*1", "*1x2", ["Ultrarapid Metabolizer"]),
        ("*2x2", "*4", ["Normal Metabolizer"]),
        ("*1x≥3", "*4", ["Ultrarapid Metabolizer"]),
        ("*2x2", "*17", ["Ultrarapid Metabolizer"]),
        ("*10x3", "*1x2", ["Ultrarapid Metabolizer"]),
        ("*36+*10", "*5", ["Intermediate Metabolizer"]),
        ("*1xN", "*1", ["Ultrarapid Metabolizer"]),
        ("*2xN", "*4", ["Normal Metabolizer", "Ultrarapid Metabolizer"]),
        ("*10xN", "*4", ["Intermediate Metabolizer", "Normal Metabolizer", "Ultrarapid Metabolizer"]),
        ("*4xN", "*5", ["Poor Metabolizer"]),
        ("*35x3", "*17", ["Ultrarapid Metabolizer"]),  # 3.5 stands between 3.0 and 4.0
        ("*1", "*22", ["Indeterminate"]),
    ],
)
def test_phenotypes_of_pairs(values, bands, first, second, phenotypes):
    score = add_values([activity_value(read_parts(strand), values) for strand in (first, second)])
    assert phenotypes_of_score(score, bands) == phenotypes


@pytest.mark.parametrize("strand", ["", "*", "1", "*1x", "*1x0", "*1+", "*1*2", "(*1/*2)xN", "*1xM"])
def test_no_name_of_copies(strand):
    assert read_parts(strand) is None


def test_a_score_of_no_step_has_no_phenotype(bands):
    assert phenotypes_of_score("1.1", bands) == []
    assert phenotypes_of_score("7.0", bands) == ["Ultrarapid Metabolizer"]


@pytest.mark.parametrize(
    ("first", "second", "score", "phenotype"),
    [
        # Rows of the diplotype table of ClinPGx for CYP2D6, 2026-07-05.
        ("*1", "*1x2", "3.0", "Ultrarapid Metabolizer"),
        ("*1", "*1x≥3", "≥4.0", "Ultrarapid Metabolizer"),
        ("*1", "*4x≥3", "1.0", "Intermediate Metabolizer"),
        ("*1", "*9", "1.25", "Normal Metabolizer"),
        ("*1", "*9x2", "1.5", "Normal Metabolizer"),
        ("*1", "*10x2", "1.5", "Normal Metabolizer"),
        ("*1", "*13 + *1x2", "3.0", "Ultrarapid Metabolizer"),
        ("*1", "*13 + *68x2 + *4", "1.0", "Intermediate Metabolizer"),
        ("*1", "*17x2", "2.0", "Normal Metabolizer"),
        ("*161", "*161", "0.0", "Poor Metabolizer"),
        ("*158", "*159", "n/a", "Indeterminate"),
    ],
)
def test_published_diplotypes(values, bands, first, second, score, phenotype):
    assert add_values([activity_value(read_parts(strand), values) for strand in (first, second)]) == score
    assert phenotypes_of_score(score, bands) == [phenotype]
