"""What becomes of each row: planted swaps, strands, repeats and rows that cannot be trusted."""

import polars as pl
import pytest

from permed.errors import Fault
from permed.scores.train.harmonise import Counts, check_quality, match_reference, sample_size
from permed.scores.train.summary import SUMMARY_SCHEMA


def rows(*given):
    """Rows of ``rsid contig pos effect_allele other_allele effect`` and further columns by name."""
    table = []
    for line, (rsid, contig, pos, effect_allele, other_allele, effect, more) in enumerate(given, 2):
        row = {"line": line, "rsid": rsid, "contig": contig, "pos": pos, "z": effect * 10, "log10_p": -3.0}
        row |= {"effect_allele": effect_allele, "other_allele": other_allele, "effect": effect}
        table.append({**dict.fromkeys(SUMMARY_SCHEMA), **row, **more})
    return pl.DataFrame(table, schema=SUMMARY_SCHEMA)


REFERENCE = pl.DataFrame(
    {
        "contig": ["chr1"] * 5 + ["chr2"],
        "pos": [10, 20, 30, 30, 40, 10],
        "rsid": ["rs1", "rs2", "rs3", "rs4", "rs5", "rs6"],
        "a1": ["A", "G", "C", "T", "CT", "A"],
        "a2": ["C", "A", "A", "A", "C", "G"],
        "frequency": [None] * 6,
    },
    schema_overrides={"frequency": pl.Float64},
).with_row_index("at")


@pytest.mark.parametrize("by", ["position", "rsid"])
def test_effects_are_turned_to_the_reference_s_first_allele(by):
    given = rows(
        ("rs1", "chr1", 10, "A", "C", 0.1, {}),
        ("rs2", "chr1", 20, "A", "G", 0.2, {}),  # exchanged
        ("rs3", "chr1", 30, "G", "T", 0.3, {}),  # the other strand
        ("rs6", "chr2", 10, "C", "T", 0.6, {}),  # exchanged on the other strand
        ("rs5", "chr1", 40, "C", "CT", 0.5, {}),  # an insertion, exchanged
    )
    counts = Counts(read=5)
    found = match_reference(given, REFERENCE, counts, by=by, same_build=True)
    assert found["at"].to_list() == [0, 1, 2, 4, 5]
    assert found["effect"].to_list() == [0.1, -0.2, 0.3, -0.5, -0.6]
    assert found["z"].to_list() == [1, -2, 3, -5, -6]
    assert (counts.used, counts.left_out) == (5, {})


def test_rows_that_fit_no_variant_or_one_twice_are_counted():
    given = rows(
        ("rs1", "chr1", 10, "A", "C", 0.1, {}),
        ("rs1", "chr1", 10, "C", "A", 0.1, {}),
        ("rs9", "chr1", 99, "A", "C", 0.1, {}),
        ("rs2", "chr1", 20, "G", "T", 0.1, {}),
        ("rs6", "chr2", 10, "A", "G", 0.1, {}),
    )
    counts = Counts(read=5)
    found = match_reference(given, REFERENCE, counts, by="position", same_build=True)
    assert found["at"].to_list() == [5]
    assert counts.left_out == {
        "not in the LD reference": 1,
        "other alleles than the LD reference has": 1,
        "the same variant more than once": 2,
    }


def test_positions_that_disagree_under_the_same_rsid_are_of_another_build():
    given = rows(("rs1", "chr1", 710, "A", "C", 0.1, {}), ("rs6", "chr2", 711, "A", "G", 0.1, {}))
    with pytest.raises(Fault, match="2 of 2 variants are not where"):
        match_reference(given, REFERENCE, Counts(), by="rsid", same_build=True)
    assert len(match_reference(given, REFERENCE, Counts(), by="rsid", same_build=False)) == 2


def test_rows_that_cannot_be_trusted_are_counted_under_their_reasons():
    given = rows(
        ("rs1", "chr1", 10, "A", "C", 0.1, {"frequency": 0.3, "info": 0.9}),
        ("rs2", "chr1", 10, "A", "T", 0.1, {}),
        ("rs3", "chr1", 10, "G", "C", 0.1, {}),
        ("rs4", "chr1", 10, "A", "<DEL>", 0.1, {}),
        ("rs5", "chrX", 10, "A", "C", 0.1, {}),
        ("rs6", "chr1", 10, "A", "C", 0.1, {"frequency": 0.995}),
        ("rs7", "chr1", 10, "A", "C", 0.1, {"info": 0.5}),
        ("rs8", "chr1", 10, "A", "C", 9.0, {}),
        ("rs9", "chr1", 10, "A", "C", 0.1, {"z": None}),
        ("rs10", "chr1", 10, "A", "A", 0.1, {}),
        (None, None, None, None, "A", 0.1, {}),
    )
    counts = Counts()
    kept = check_quality(given, counts, min_frequency=0.01, min_info=0.8, n=5000)
    assert kept["rsid"].to_list() == ["rs1"]
    assert counts.read == 11
    assert counts.left_out == {
        "alleles read the same on both strands": 2,
        "alleles are not written in A, C, G, T": 2,
        "not on an autosome": 1,
        "minor allele frequency below 0.01": 1,
        "imputation quality below 0.8": 1,
        "effect too large for the sample size (z² above n)": 1,
        "no effect, or no standard error and p-value for it": 1,
        "both alleles are the same": 1,
    }


def test_variants_of_few_people_are_left_out():
    given = rows(*((f"rs{k}", "chr1", k, "A", "C", 0.1, {"n": 1000.0 if k else 600.0}) for k in range(10)))
    counts = Counts()
    kept = check_quality(given, counts, min_frequency=0, min_info=0, n=None)
    assert len(kept) == 9
    assert list(counts.left_out.values()) == [1]
    assert sample_size(kept, None, "study.tsv") == 1000


def test_a_study_without_a_size_is_refused():
    with pytest.raises(Fault, match="no sample size is configured"):
        sample_size(rows(("rs1", "chr1", 10, "A", "C", 0.1, {})), None, "study.tsv")


def test_frequencies_of_the_other_allele_betray_exchanged_columns():
    share = [0.1 + 0.01 * k for k in range(30)]
    table = {"contig": ["chr1"] * 30, "pos": range(30), "rsid": [f"rs{k}" for k in range(30)], "a1": ["A"] * 30}
    reference = pl.DataFrame(table).with_columns(a2=pl.lit("C"), frequency=pl.Series(share)).with_row_index("at")
    right = rows(*((f"rs{k}", "chr1", k, "C", "A", 0.1, {"frequency": 1 - f + 0.02}) for k, f in enumerate(share)))
    assert len(match_reference(right, reference, Counts(), by="rsid", same_build=True)) == 30
    wrong = right.with_columns(effect_allele="other_allele", other_allele="effect_allele")
    with pytest.raises(Fault, match="exchanged, or is it the frequency of the other allele"):
        match_reference(wrong, reference, Counts(), by="rsid", same_build=True)
