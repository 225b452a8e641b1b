"""What must hold of every gene's calls whatever the genotypes are."""

import itertools

import numpy as np
import pytest
from cyvcf2 import VCF
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.gene import call_gene, call_pattern
from permed.pharmacogenes.calling.matching import match_pairs, top
from permed.pharmacogenes.reading.assembling import Assembler
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.reading.patterns import canonical
from permed.variants import trim

GENES = (
    "ABCG2 CACNA1S CFTR CYP2B6 CYP2C19 CYP2C9 CYP2D6 CYP3A4 CYP3A5 CYP4F2 "
    "DPYD G6PD IFNL3 NAT2 NUDT15 RYR1 SLCO1B1 TPMT UGT1A1 VKORC1"
).split()
CERTAINTY = {"not_assessable": 0, "multiple": 1, "called": 2}
UNPHASED, PHASED, IN_SETS = range(3)


def laid_down(gene, pair, rng) -> np.ndarray:
    """Base codes of both strands of a carrier; of several bases that an allele admits one is drawn."""
    strands = []
    for allele in pair:
        known = [[code for code in range(int(bits).bit_length()) if bits >> code & 1] for bits in gene.bases[allele]]
        strands.append([codes[rng.integers(len(codes))] for codes in known])
    return np.array(strands, np.int8).T


def phase(kind: int, size: int, rng) -> np.ndarray:
    return [np.zeros(size, np.int32), np.full(size, -1, np.int32), rng.integers(0, 4, size).astype(np.int32)][kind]


@st.composite
def carriers(draw, gene):
    """A pair of alleles, the genotypes of a carrier, and a source of further chance."""
    one, other = (draw(st.integers(0, len(gene.alleles) - 1)) for _ in range(2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return (one, other), laid_down(gene, (one, other), rng), rng


@pytest.mark.parametrize("name", GENES)
def test_a_phased_and_complete_pair_is_found(genes, name):
    gene = genes[name]

    @settings(max_examples=40)
    @given(carriers(gene))
    def check(case):
        pair, codes, _ = case
        pattern = canonical(codes, np.full(len(codes), -1, np.int32))
        planted, found = names.diplotype(gene, pair), call_pattern(gene, pattern)
        if gene.method == "lowest_function":
            assert (found["diplotype"] or found["alternatives"]) == planted
            return
        matches = match_pairs(gene, pattern)
        own = [match for match in matches if match.alleles == tuple(sorted(pair))]
        assert len(own) == 1
        # Only a pair that explains more of the definition's cells may stand in its place.
        better = top(matches)[0].score > own[0].score
        assert better or planted in found["diplotype"].split(names.OR)

    check()


@pytest.mark.parametrize("name", GENES)
def test_an_unphased_and_complete_pair_is_among_those_that_fit(genes, name):
    gene = genes[name]
    if gene.method == "lowest_function":
        pytest.skip("without phase the alleles are listed, not paired")

    @settings(max_examples=40)
    @given(carriers(gene))
    def check(case):
        pair, codes, _ = case
        matches = match_pairs(gene, canonical(codes, np.zeros(len(codes), np.int32)))
        assert tuple(sorted(pair)) in [match.alleles for match in matches]

    check()


@pytest.mark.parametrize("name", GENES)
def test_reading_less_never_makes_a_call_more_certain(genes, name):
    gene, seen = genes[name], set()

    @settings(max_examples=80)
    @given(carriers(gene), st.sampled_from([0, 0.05, 0.3, 0.8]), st.sampled_from([UNPHASED, PHASED, IN_SETS]))
    def check(case, missing, kind):
        _, codes, rng = case
        size = len(codes)
        if rng.random() < 0.3:
            codes = (rng.random((size, 2)) < min(0.3, 1.5 / size)).astype(np.int8)
        codes[rng.random(size) < missing] = -1
        blocks = phase(kind, size, rng)
        read = np.flatnonzero(codes[:, 0] >= 0)
        if not len(read):
            return
        fewer = codes.copy()
        fewer[rng.choice(read)] = -1
        before, after = (call_pattern(gene, canonical(given_, blocks)) for given_ in (codes, fewer))
        seen.add(before["state"])
        if "no_call" in (before["state"], after["state"]):
            return
        assert CERTAINTY[after["state"]] <= CERTAINTY[before["state"]]
        assert (
            before["phenotype_certain"] or not after["phenotype_certain"] or after["phenotype"] == before["phenotype"]
        )
        if after["state"] != "not_assessable":
            now, then = (set(row["diplotype"].split(names.OR)) for row in (after, before))
            assert now >= then if after["state"] == "multiple" else now == then

    check()
    assert seen & {"called", "multiple"} or gene.research


@st.composite
def records_of_split_sites(draw):
    """Genotypes of five people at a site with three alternates, and an order of its split records."""
    genotypes = draw(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=5, max_size=5))
    return genotypes, draw(st.permutations([0, 1, 2])), draw(st.permutations([0, 1, 2, 3, 4]))


def test_the_order_of_records_and_of_samples_does_not_matter(genes, make_vcf):
    gene = genes["UGT1A1"]
    position = next(position for position in gene.positions if len(position.alts) == 3)
    people = [f"S{n}" for n in range(5)]

    @settings(max_examples=40)
    @given(records_of_split_sites())
    def check(case):
        genotypes, order, turned = case
        rows = []
        for code in range(1, 4):
            pos, ref, alt = trim(position.pos, position.ref, position.alts[code - 1])
            calls = ["/".join("." if a < 0 else str(int(a == code)) for a in pair) for pair in genotypes]
            rows.append((gene.contig, pos, ref, alt, *calls))
        path = make_vcf(rows, people, [(gene.contig, 250_000_000)])
        plain = read_genotypes([path], gene, people, absent_sites="missing")
        records, moved = list(VCF(str(path))), Assembler(gene, people)
        for number in order:
            moved.add(records[number], np.arange(5))
        assert np.array_equal(moved.finish(False).codes, plain.codes)
        others = [people[n] for n in turned]
        again = read_genotypes([path], gene, others, absent_sites="missing")
        assert np.array_equal(again.codes, plain.codes[turned])
        by_sample = {row["sample"]: row for row in call_gene(gene, people, plain).iter_rows(named=True)}
        assert {row["sample"]: row for row in call_gene(gene, others, again).iter_rows(named=True)} == by_sample

    check()


def test_the_order_of_files_does_not_matter(genes, make_vcf):
    gene = genes["CYP2C9"]
    halves = []
    for half in (0, 1):
        rows = [(gene.contig, p.pos, p.ref, p.alts[0], "0/1") for p in gene.positions[half::2][:3]]
        contigs = [(gene.contig, 250_000_000)]
        halves.append(make_vcf(sorted(rows, key=lambda row: row[1]), contigs=contigs, name=f"{half}.vcf.gz"))
    found = [
        read_genotypes(list(files), gene, ["S1"], absent_sites="missing").codes
        for files in itertools.permutations(halves)
    ]
    assert np.array_equal(*found) and (found[0] >= 0).all(axis=2).sum() == 6
