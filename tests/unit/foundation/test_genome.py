"""Contig names, lengths and pseudoautosomal regions."""

import pytest

from permed.genome import builds_with_length, canonical, lengths, pseudoautosomal, reconcile


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1", "chr1"),
        ("chr1", "chr1"),
        ("Chr22", "chr22"),
        ("MT", "chrM"),
        ("chrMT", "chrM"),
        ("x", "chrX"),
        ("23", "23"),
    ],
)
def test_common_spellings_have_one_canonical_name(name, expected):
    assert canonical(name) == expected


def test_reconcile_prefers_the_exact_name_and_leaves_out_what_is_not_there():
    assert reconcile(["chr1", "M", "chr9"], ["1", "chr1", "chrM", "GL000192.1"]) == {"chr1": "chr1", "M": "chrM"}


def test_each_build_has_25_contigs_and_no_length_in_common_but_the_mitochondrion():
    own, other = lengths("GRCh38"), lengths("GRCh37")
    assert len(own) == len(other) == 25
    assert [name for name in own if own[name] == other[name]] == ["chrM"]
    assert builds_with_length("10", 135534747) == ["GRCh37"]
    assert builds_with_length("10", 1000) == []


def test_pseudoautosomal_regions_lie_at_both_ends_of_the_contig():
    first, second = pseudoautosomal("GRCh38", "X")
    assert first == (10001, 2781479)
    assert second[1] < lengths("GRCh38")["chrX"]
    assert pseudoautosomal("GRCh38", "chr1") == []
