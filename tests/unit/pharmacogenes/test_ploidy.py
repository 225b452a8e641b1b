"""Genotypes of chrX against the number of copies that are expected, and what holds where that is not known."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.observations.codes import ONE_ALLELE, TWO_ALLELES
from permed.pharmacogenes.calling.gene import answer_pattern, call_gene
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF
from permed.pharmacogenes.evidence.doubted import doubt_sentences
from permed.pharmacogenes.evidence.explaining import Explainer
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.reading.patterns import canonical
from permed.pharmacogenes.reading.ploidy import by_sex, fit_copies
from permed.sexes import UNKNOWN_COPIES, copies_of, why_unknown

GENE = "G6PD"
MEDITERRANEAN = "rs5030868"  # II: deficient; at the positions of A- 202A_376G and of A 376G
A_376, A_202 = "rs1050829", "rs1050828"


@pytest.fixture
def person(genes, make_vcf):
    """Genotypes and the call of a person with so many copies expected, from genotypes by position."""

    def run(copies, given_=None, rest="0/0", absent_sites="missing", without=()):
        gene = genes[GENE]
        rows = [
            (gene.contig, p.pos, p.ref, p.alts[0], (given_ or {}).get(p.name, rest))
            for p in gene.positions
            if p.name not in without
        ]
        path = make_vcf(sorted(rows, key=lambda row: row[1]), contigs=[("chrX", 156_040_895)])
        read = read_genotypes([path], gene, ["S1"], absent_sites=absent_sites, copies={"S1": copies})
        found = call_gene(gene, ["S1"], read).row(0, named=True)
        return read, found | {"doubt": doubt_sentences(gene, read, 1)[0]}

    return run


@pytest.mark.parametrize("one", ["1", "1/1", "1|1"])
@pytest.mark.parametrize("rest", ["0", "0/0", "0|0"])
def test_two_equal_alleles_of_one_copy_are_one(person, one, rest):
    _, found = person(1, {A_376: one, A_202: one}, rest)
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("called", "A- 202A_376G", "Deficient")
    assert found["phenotype_certain"] and not found["doubt"]
    assert person(1, rest=rest)[1]["diplotype"] == "B (reference)"


@pytest.mark.parametrize("het", ["0/1", "1/0", "0|1"])
def test_two_alleles_of_one_copy_are_a_question(person, het):
    read, found = person(1, {MEDITERRANEAN: het})
    assert (found["state"], found["phenotype_certain"]) == ("not_assessable", False)
    assert found["doubt"] == f"Read, but not believed: two alleles where one copy is expected at {MEDITERRANEAN}."
    assert (read.doubts == TWO_ALLELES).sum() == 1 and found["missing_positions"] == MEDITERRANEAN
    assert "Mediterranean" in (found["alternatives"] or "")


def test_one_allele_of_two_copies_is_a_question(person):
    read, found = person(2, {A_376: "1", A_202: "1"}, "0")
    assert (found["state"], found["phenotype_certain"]) == ("not_assessable", False)
    assert "one allele where two copies are expected" in found["doubt"]
    assert (read.doubts == ONE_ALLELE).all()
    _, found = person(2, {A_376: "1"}, "0/0")
    assert found["state"] == "not_assessable" and found["missing_positions"] == A_376


@pytest.mark.parametrize(
    ("given_", "diplotype", "phenotype"),
    [
        ({}, "B (reference)/B (reference)", "Normal"),
        ({A_376: "1/1", A_202: "1/1"}, "A- 202A_376G/A- 202A_376G", "Deficient"),
        ({MEDITERRANEAN: "0/1"}, None, "Variable"),
    ],
)
def test_two_copies_are_read_as_of_any_contig(person, given_, diplotype, phenotype):
    _, found = person(2, given_)
    assert (found["state"], found["phenotype"]) == ("called", phenotype)
    assert diplotype in (None, found["diplotype"]) and "/" in found["diplotype"]


@pytest.mark.parametrize("half", ["./1", "1/.", "0/.", "./.", "."])
def test_half_a_genotype_of_one_copy_is_none(person, half):
    read, found = person(1, {MEDITERRANEAN: half})
    assert found["state"] == "not_assessable" and found["missing_positions"] == MEDITERRANEAN
    assert not read.doubts.any() and not found["doubt"]


def test_sites_without_a_record_are_as_many_copies_as_there_are(person):
    for copies, diplotype in ((1, "B (reference)"), (2, "B (reference)/B (reference)")):
        _, found = person(copies, absent_sites="reference", without=(MEDITERRANEAN, A_376))
        assert (found["state"], found["diplotype"]) == ("called", diplotype)
        _, found = person(copies, without=(MEDITERRANEAN,))
        assert found["missing_positions"] == MEDITERRANEAN and found["state"] == "not_assessable"


@pytest.mark.parametrize(("given_", "phenotype"), [({}, "Normal"), ({A_376: "1/1", A_202: "1/1"}, "Deficient")])
def test_an_unknown_number_of_copies_does_not_matter_where_both_give_one_phenotype(person, given_, phenotype):
    read, found = person(UNKNOWN_COPIES, given_)
    assert read.open_copies.tolist() == [True]
    assert (found["state"], found["phenotype"], found["phenotype_certain"]) == ("multiple", phenotype, True)
    first, second = found["diplotype"].split(" OR ")
    assert second == f"{first}/{first}"
    assert "How many copies of chrX there are is not known" in found["reason"]


@pytest.mark.parametrize(
    ("given_", "rest"), [({MEDITERRANEAN: "0/1"}, "0/0"), ({}, "0"), ({A_376: "1", A_202: "1"}, "0")]
)
def test_an_unknown_number_of_copies_is_told_where_it_matters(person, given_, rest):
    _, found = person(UNKNOWN_COPIES, given_, rest)
    assert (found["state"], found["phenotype_certain"]) == ("not_assessable", False)
    assert "One copy would be:" in found["reason"] and "Two copies:" in found["reason"]
    wrong = (
        "be: two alleles where one copy is" if given_.get(MEDITERRANEAN) else "copies: one allele where two copies are"
    )
    assert f"{wrong} expected." in found["reason"]


def test_evidence_of_an_unknown_number_shows_what_is_written(person, genes):
    read, _ = person(UNKNOWN_COPIES, {MEDITERRANEAN: "0/1"})
    gene = genes[GENE]
    pattern = canonical(read.codes[0], read.blocks[0])
    answer = answer_pattern(gene, type(pattern)(pattern.codes, pattern.blocks, open_copies=True))
    rows = Explainer(gene, None).rows(answer)
    assert any(row[0] == "variant" and gene.positions[row[1]].name == MEDITERRANEAN for row in rows)
    assert {row[0] for row in rows if row[5]} >= {"diplotype"}, "of two copies"


def test_people_of_other_numbers_in_one_file(genes, make_vcf):
    gene = genes[GENE]
    rows = [(gene.contig, p.pos, p.ref, p.alts[0], "0/0", "0/0", "0/0") for p in gene.positions]
    path = make_vcf(sorted(rows, key=lambda row: row[1]), ("S1", "S2", "S3"), [("chrX", 156_040_895)])
    copies = {"S1": 1, "S3": 2}
    read = read_genotypes([path], gene, ["S1", "S2", "S3"], absent_sites="missing", copies=copies)
    found = call_gene(gene, ["S1", "S2", "S3"], read)
    one = "B (reference)"
    assert found["diplotype"].to_list() == [one, f"{one} OR {one}/{one}", f"{one}/{one}"]
    assert found["state"].to_list() == ["called", "multiple", "called"]


def test_autosomes_do_not_ask_for_copies(genes, make_vcf):
    gene = genes["VKORC1"]
    path = make_vcf(
        [(gene.contig, p.pos, p.ref, p.alts[0], "0/1") for p in gene.positions], contigs=[(gene.contig, 2**28)]
    )
    read = read_genotypes([path], gene, ["S1"], absent_sites="missing", copies={"S1": UNKNOWN_COPIES})
    assert read.open_copies is None and not read.doubts.any() and not by_sex(gene).any()


@pytest.mark.parametrize(
    ("reported", "inferred", "copies"),
    [
        ("XX", "XX", 2),
        ("XX", "NA", 2),
        ("XY", "NA", 1),
        ("NA", "XY", 1),
        ("NA", "X0", 1),
        ("NA", "XXY", 2),
        ("XX", "XXY", 2),
        ("XY", "X0", 1),
        ("NA", "NA", UNKNOWN_COPIES),
        ("XX", "XY", UNKNOWN_COPIES),
        ("XY", "XXY", UNKNOWN_COPIES),
        ("XX", "X0", UNKNOWN_COPIES),
    ],
)
def test_copies_of_chrx_by_sex(reported, inferred, copies):
    quality = pl.DataFrame({"sample": ["S1"], "sex_reported": [reported], "sex_inferred": [inferred]})
    assert copies_of(quality, "X") == {"S1": copies}
    assert (reported in why_unknown(quality)["S1"]) == (reported != "NA")


ALLELE = st.sampled_from([MISSING, REF, 1, 2])
GENOTYPE = st.one_of(st.tuples(ALLELE, ALLELE), st.tuples(ALLELE, st.just(NO_STRAND)))


@settings(max_examples=300)
@given(st.lists(GENOTYPE, min_size=1, max_size=6), st.sampled_from([1, 2]))
def test_nothing_that_does_not_fit_is_believed_and_nothing_is_made_up(written, copies):
    """Against the plain rules, genotype by genotype."""
    codes, doubts = fit_copies(
        np.array([written], np.int8),
        np.zeros((1, len(written)), np.uint8),
        np.array([copies]),
        np.ones(len(written), bool),
    )
    for (one, other), read, doubt in zip(written, codes[0].tolist(), doubts[0].tolist(), strict=True):
        kept = [code for code in read if code >= REF]
        assert set(kept) <= {one, other}
        if copies == 1:
            assert read[1] == NO_STRAND
            fits = one >= REF and other in (one, NO_STRAND)
            assert read[0] == (one if fits else MISSING)
            assert doubt == (TWO_ALLELES if min(one, other) >= REF and one != other else 0)
        else:
            assert NO_STRAND not in read
            assert doubt == (ONE_ALLELE if one >= REF and other == NO_STRAND else 0)
            if min(one, other) >= REF:
                assert tuple(read) == (one, other)


def test_the_call_of_an_unknown_number_follows_from_both(genes):
    """Brute force over genotypes at three positions: certain exactly where both numbers are, of one phenotype."""
    gene = genes[GENE]
    at = [n for n, p in enumerate(gene.positions) if p.name in (MEDITERRANEAN, A_376, A_202)]
    for written in itertools.product([(0, 0), (0, 1), (1, 1), (0, NO_STRAND), (MISSING, MISSING)], repeat=len(at)):
        codes = np.zeros((1, len(gene.positions), 2), np.int8)
        codes[0, at] = written
        blocks, none = np.zeros(codes.shape[1], np.int32), np.zeros(codes.shape[:2], np.uint8)
        plain = canonical(codes[0], blocks)
        found = answer_pattern(gene, type(plain)(plain.codes, plain.blocks, open_copies=True)).row
        both = []
        for number in (1, 2):
            fitted, _ = fit_copies(codes, none, np.array([number]), by_sex(gene))
            both.append(answer_pattern(gene, canonical(fitted[0], blocks)).row)
        agree = all(row["phenotype_certain"] for row in both) and both[0]["phenotype"] == both[1]["phenotype"]
        assert found["phenotype_certain"] == agree, written
        assert (found["state"] == "multiple") <= agree
