"""Two records of one variant: completed by each other where they agree, believed nowhere where they do not."""

import pysam
import pytest

from permed.normalise.duplicates import has_duplicates, merge_duplicates

NAMES = ("S1", "S2", "S3", "S4", "S5", "S6")


@pytest.fixture
def merge(make_vcf, tmp_path):
    def run(*rows):
        vcf = make_vcf([("chr1", *row) for row in rows], NAMES, index=False)
        removed, conflicts = merge_duplicates(vcf, tmp_path / "out.bcf")
        with pysam.VariantFile(str(tmp_path / "out.bcf")) as file:
            found = [(r.pos, r.ref, r.alts[0], *map(genotype, r.samples.values())) for r in file]
        return found, removed, conflicts, has_duplicates(vcf)

    return run


def genotype(call) -> str:
    return ("|" if call.phased else "/").join("." if a is None else str(a) for a in call["GT"])


def test_genotypes_are_completed_kept_or_set_missing(merge):
    found, removed, conflicts, several = merge(
        (10, "A", "C", "0/1", "./.", "0/0", "0|1", "1|1", "./1"),
        (10, "A", "G", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0"),
        (10, "A", "C", "0/1", "1|1", "0/1", "1|0", "./.", "0/1"),
        (11, "A", "C", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0"),
    )
    assert found[0] == (10, "A", "C", "0/1", "1|1", "./.", "0/1", "1|1", "0/1")
    assert [row[:3] for row in found[1:]] == [(10, "A", "G"), (11, "A", "C")]
    assert (removed, conflicts, several) == (1, [(10, "A", "C", ["S3"])], True)


def test_without_duplicates_nothing_changes(merge):
    rows = [(10, "A", "C", *["0|1"] * 6), (10, "A", "G", *["0/0"] * 6), (12, "A", "C", *["./."] * 6)]
    found, removed, conflicts, several = merge(*rows)
    assert found == rows
    assert (removed, conflicts, several) == (0, [], False)


@pytest.mark.parametrize("genotypes", [("./.", "0/1", "1/1"), ("0/1", "1/1", "0/1")])
def test_a_third_record_does_not_settle_a_conflict(merge, genotypes):
    rows = [(10, "A", "C", *[a] * 6) for a in genotypes]
    found, removed, conflicts, _ = merge(*rows)
    assert found == [(10, "A", "C", *["./."] * 6)]
    assert removed == 2
    assert conflicts[0][3] == list(NAMES)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("0/0", "./.", "./."), ("./.", "0|0", "./."), ("0/1", "./.", "0/1"), ("./.", "1/1", "1/1"), ("0/0", "0/0", "0/0")],
)
def test_in_one_file_a_spelling_that_is_unknown_wins_over_the_reference(make_vcf, tmp_path, one, other, expected):
    vcf = make_vcf([("chr1", 10, "A", "C", *[cell] * 6) for cell in (one, other)], NAMES, index=False)
    merge_duplicates(vcf, tmp_path / "out.bcf", one_file=True)
    with pysam.VariantFile(str(tmp_path / "out.bcf")) as file:
        assert [genotype(call) for record in file for call in record.samples.values()] == [expected] * 6
