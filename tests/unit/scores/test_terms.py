"""Weights by dosage and terms of several variants, as a log of matching gives them: planted truth."""

import numpy as np
import polars as pl
import pytest

from permed.scores.score import sum_log

ALT, NO, HET, REF = range(4)
LOG = {
    "score": pl.String,
    "contig": pl.String,
    "pos": pl.Int64,
    "row": pl.Int64,
    "weight": pl.Float64,
    "effect_type": pl.String,
    "dosage_of": pl.String,
    "siblings": pl.List(pl.Int64),
    "dosage_weights": pl.List(pl.Float64),
    "term": pl.Int64,
    "class": pl.String,
}


@pytest.fixture
def score(make_store, tmp_path):
    """Sum rows of a log, given as what differs from a plain variant of chr1, over genotypes of ``contig: codes``."""

    def make(genotypes, *rows, sexes=None, x_dosage="once", **options):
        contigs = {}
        for contig, codes in genotypes.items():
            sites = [(10 * (n + 1) + 50_000_000 * (contig == "chrX"), "A", "G") for n in range(len(codes))]
            contigs[contig] = (sites, np.array(codes, np.uint8))
        people = [f"P{n}" for n in range(len(codes[0]))]
        store = make_store(contigs, people)
        plain = {"score": "S", "contig": "chr1", "pos": 10, "weight": 1.0, "effect_type": "additive", "siblings": []}
        plain |= {"dosage_of": "alt", "dosage_weights": None, "term": None, "class": "matched"}
        pl.DataFrame([plain | row for row in rows], schema=LOG).write_parquet(tmp_path / "log.parquet")
        sexes = dict(zip(people, sexes, strict=True)) if sexes else None
        return sum_log(
            *(store["genotypes"], store["samples"], tmp_path / "log.parquet", ["S"], people),
            **{"build": "GRCh38", "sexes": sexes, "x_dosage": x_dosage, **options},
        )

    return make


def test_weights_by_dosage_are_the_effect_of_the_genotype(score):
    weights = [0.5, -3.0, 20.0]
    sums = score(
        {"chr1": [[REF, HET, ALT, NO], [REF, HET, ALT, REF]]},
        {"row": 0, "dosage_weights": weights, "effect_type": "dosage", "weight": None},
        {"row": 1, "dosage_weights": [0, 100, 1000], "effect_type": "dosage", "dosage_of": "ref", "weight": None},
    )
    assert sums.total[0].tolist() == [1000.5, 97, 20, 1000]
    assert sums.alleles[0].tolist() == [4, 4, 4, 2]


def test_weights_by_dosage_are_imputed_by_the_frequencies_given(score):
    frequencies = pl.DataFrame({"contig": ["1"], "pos": [10], "ref": ["A"], "alt": ["G"], "af": [0.25]})
    sums = score(
        {"chr1": [[NO, HET]]},
        {"row": 0, "dosage_weights": [16, 32, 64], "effect_type": "dosage", "weight": None},
        frequencies=frequencies,
    )
    assert sums.total[0].tolist() == [9 + 12 + 4, 32]  # 9, 6 and 1 sixteenths of people have 0, 1 and 2 copies
    assert sums.imputed[0].tolist() == [1, 0]
    assert sums.alleles[0].tolist() == [2, 2]


def parts(kind, *rows, term=7, weight=10.0):
    return [{"effect_type": kind, "term": term, "weight": weight, **row} for row in rows]


def known(sums):
    """The sums of the people of whom nothing is missing."""
    return [total if lost == 0 else None for total, lost in zip(sums.total[0], sums.missing[0], strict=True)]


def test_an_interaction_is_the_product_of_dosages(score):
    genotypes = {
        "chr1": [[REF, HET, ALT, HET, NO, NO, ALT], [ALT] * 7],
        "chr2": [[HET, HET, ALT, NO, REF, ALT, HET]],
    }
    rows = parts("interaction", {"row": 0}, {"row": 0, "contig": "chr2"})
    sums = score(genotypes, *rows, {"row": 1, "weight": 1000})
    assert sums.total[0].tolist() == [2000, 2010, 2040, 2000, 2000, 2000, 2020]
    assert sums.missing[0].tolist() == [0, 0, 0, 1, 0, 1, 0]  # without one of the factors it is known to be nothing
    assert sums.alleles[0].tolist() == [4, 4, 4, 2, 4, 2, 4]
    assert sums.stored.tolist() == [2]


def test_a_haplotype_counts_where_no_phase_is_needed(score):
    """The haplotype has G at the first variant (ALT) and A at the second (REF)."""
    first = [ALT, ALT, HET, HET, REF, ALT, NO, NO, HET]
    second = [REF, HET, REF, HET, HET, ALT, REF, ALT, NO]
    rows = parts("haplotype", {"row": 0}, {"row": 1, "dosage_of": "ref"})
    sums = score({"chr1": [first, second]}, *rows)
    expected = [20, 10, 10, None, 0, 0, None, 0, None]
    assert [
        total if lost == 0 else None for total, lost in zip(sums.total[0], sums.missing[0], strict=True)
    ] == expected
    assert sums.alleles[0].tolist() == [0 if total is None else 2 for total in expected]
    assert sums.imputed.sum() == 0


def test_a_diplotype_is_all_or_nothing(score):
    """One copy of ALT at the first variant, two at the second."""
    first = [HET, HET, ALT, REF, NO, NO, HET]
    second = [ALT, HET, ALT, NO, ALT, REF, NO]
    rows = parts("diplotype", {"row": 0, "dosage_weights": [0.0, 1.0, 0.0]}, {"row": 1})
    sums = score({"chr1": [first, second]}, *rows)
    expected = [10, 0, 0, 0, None, 0, None]
    assert [
        total if lost == 0 else None for total, lost in zip(sums.total[0], sums.missing[0], strict=True)
    ] == expected


def test_a_diplotype_of_two_heterozygous_variants_needs_their_phase(score):
    one = {"dosage_weights": [0.0, 1.0, 0.0]}
    sums = score({"chr1": [[HET, REF], [HET, HET]]}, *parts("diplotype", {"row": 0, **one}, {"row": 1, **one}))
    assert sums.missing[0].tolist() == [1, 0]


def test_a_term_of_which_a_variant_is_absent_is_not_summed(score):
    rows = parts("interaction", {"row": 0}, {"row": None, "class": "absent", "dosage_of": None})
    sums = score({"chr1": [[HET], [ALT]]}, *rows, {"row": 1})
    assert (sums.total[0].tolist(), sums.stored.tolist(), sums.missing[0].tolist()) == ([2], [1], [0])


def test_a_site_taken_for_the_reference_is_a_factor(score):
    rows = parts("interaction", {"row": 0}, {"row": None, "class": "reference", "dosage_of": "two"})
    assert score({"chr1": [[HET, REF]]}, *rows).total[0].tolist() == [20, 0]


MEN = ["XY", "XY", "XY", "XX", "XX", "NA"]
ON_X = {"contig": "chrX", "pos": 50_000_010}


@pytest.mark.parametrize(
    ("x_dosage", "totals", "alleles"),
    [("once", [1, 0, 0, 1, 2, 2], [1, 1, 0, 2, 2, 2]), ("twice", [2, 0, 0, 1, 2, 2], [2, 2, 0, 2, 2, 2])],
)
def test_a_mans_one_chromosome_x(score, x_dosage, totals, alleles):
    """The third man is heterozygous, which cannot be; the sex of the last person is not known."""
    genotypes = {"chrX": [[ALT, REF, HET, HET, ALT, ALT]]}
    sums = score(genotypes, {"row": 0, **ON_X}, sexes=MEN, x_dosage=x_dosage)
    assert sums.total[0].tolist() == totals
    assert sums.alleles[0].tolist() == alleles
    assert sums.missing[0].tolist() == [0, 0, 1, 0, 0, 0]
    assert sums.on_x.tolist() == [x_dosage == "once"]
    assert sums.unsexed.tolist() == [False] * 5 + [True]


def test_one_x_without_a_y_is_one_and_two_with_a_y_are_two(score):
    sums = score({"chrX": [[ALT] * 4]}, {"row": 0, **ON_X}, sexes=["XY", "X0", "XX", "XXY"])
    assert sums.total[0].tolist() == sums.alleles[0].tolist() == [1, 1, 2, 2] and not sums.unsexed.any()


@pytest.mark.parametrize("kind", ["dominant", "recessive"])
def test_an_effect_on_chromosome_x_shows_in_who_has_one_copy(score, kind):
    sums = score({"chrX": [[ALT, REF, HET, HET, ALT, REF]]}, {"row": 0, "effect_type": kind, **ON_X}, sexes=MEN)
    assert sums.total[0].tolist() == [1, 0, 0, kind == "dominant", 1, 0]


def test_other_alternates_of_a_site_do_not_take_a_mans_one_allele_away(score):
    """The effect allele is REF: A>C and A>G are two rows of one site, which is one allele of a man, two of a woman."""
    row = {"row": 0, "dosage_of": "ref", "siblings": [1], **ON_X}
    genotypes = {"chrX": [[REF, ALT, REF, REF, HET, REF], [REF, REF, ALT, REF, REF, HET]]}
    sums = score(genotypes, row, sexes=["XY", "XY", "XY", "XX", "XX", "XX"])
    assert sums.total[0].tolist() == [1, 0, 0, 2, 1, 1]
    assert sums.alleles[0].tolist() == [1, 1, 1, 2, 2, 2]


def test_terms_and_sites_taken_for_the_reference_count_one_chromosome_x(score):
    reference = {"row": None, "class": "reference", "dosage_of": "two", **ON_X}
    rows = [*parts("interaction", {"row": 0, **ON_X}, {"row": 0}), {**reference, "weight": 1000}]
    genotypes = {"chrX": [[ALT, REF, HET, HET, ALT, REF]], "chr1": [[HET] * 6]}
    sums = score(genotypes, *rows, sexes=MEN)
    assert sums.total[0].tolist() == [1010, 1000, 1000, 2010, 2020, 2000]
    assert sums.alleles[0].tolist() == [3, 3, 1, 4, 4, 4]
