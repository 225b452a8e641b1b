"""A phenotype is certain only if every reading that the genotypes allow has it: brute force over all phases."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permed.pharmacogenes.calling.gene import call_pattern
from permed.pharmacogenes.calling.lowest import weight
from permed.pharmacogenes.definitions import REF
from permed.pharmacogenes.phenotypes import phenotype_of
from permed.pharmacogenes.reading.patterns import canonical

MOST = 7  # heterozygous positions whose phases are laid out


def admitted(gene, strand: np.ndarray) -> list[int]:
    """Alleles whose cells admit every base of a strand, by the tables alone."""
    return [
        allele
        for allele in range(len(gene.alleles))
        if all(code >= 0 and gene.bases[allele, at] >> int(code) & 1 for at, code in enumerate(strand))
    ]


def readings(gene, codes: np.ndarray) -> set:
    """The phenotypes of every pair of named alleles under every phase."""
    het = np.flatnonzero(codes[:, 0] != codes[:, 1])
    found = set()
    for flips in itertools.product((False, True), repeat=max(len(het) - 1, 0)):
        turned = codes.copy()
        for at, flip in zip(het[1:], flips, strict=True):
            turned[at] = turned[at, ::-1] if flip else turned[at]
        for one, other in itertools.product(admitted(gene, turned[:, 0]), admitted(gene, turned[:, 1])):
            found.add(phenotype_of(gene, tuple(sorted((one, other))))[1])
    return found


def drawn(gene, data) -> np.ndarray:
    """Genotypes of two alleles of the tables without phase; one of several bases at random."""
    strands = []
    for _ in range(2):
        allele = data.draw(st.integers(0, len(gene.alleles) - 1))
        bits = [[c for c in range(7) if int(cell) >> c & 1] or [REF] for cell in gene.bases[allele]]
        strands.append([data.draw(st.sampled_from(options)) if len(options) > 1 else options[0] for options in bits])
    return np.array(strands, np.int8).T


GENES = "ABCG2 CYP2B6 CYP2C19 CYP2C9 CYP3A4 CYP3A5 CYP4F2 NAT2 NUDT15 SLCO1B1 TPMT UGT1A1".split()


@pytest.mark.parametrize("name", GENES)
@given(data=st.data())
def test_certain_means_that_every_reading_has_one_phenotype(genes, name, data):
    gene = genes[name]
    codes = drawn(gene, data)
    if (codes[:, 0] != codes[:, 1]).sum() > MOST:
        return
    row = call_pattern(gene, canonical(codes, np.zeros(len(codes), np.int64)))
    every = readings(gene, np.sort(codes, axis=1))
    if row["state"] == "called":
        assert row["phenotype_certain"] == (len(every) == 1 and not every & {None, "n/a"}), (row, every)
    elif row["phenotype_certain"]:
        assert len(every) == 1


@pytest.mark.parametrize("name", ["DPYD", "RYR1", "CACNA1S"])
@given(data=st.data())
def test_variants_of_lowest_function_are_weighed_in_every_arrangement(genes, name, data):
    """Brute force over the strands on which up to five variants without phase may lie."""
    gene = genes[name]
    variants = [i for i in range(len(gene.alleles)) if i != gene.reference and gene.specified[i].sum() == 1]
    carried = data.draw(st.lists(st.sampled_from(variants), min_size=2, max_size=5, unique=True))
    codes = np.zeros((len(gene.positions), 2), np.int8)
    places = set()
    for allele in carried:
        (at,) = np.flatnonzero(gene.specified[allele])
        codes[at, 1] = int(np.log2(int(gene.bases[allele, at])))
        places.add(int(at))
    proxied = {rule.position for rule in gene.rules}
    if len(places) < len(carried) or places & proxied:
        return
    row = call_pattern(gene, canonical(codes, np.zeros(len(codes), np.int64)))
    every = set()
    for strands in itertools.product((0, 1), repeat=len(carried)):
        sides = [[a for a, side in zip(carried, strands, strict=True) if side == s] for s in (0, 1)]
        pair = [min(side or [gene.reference], key=lambda i: weight(gene, i)) for side in sides]
        every.add(phenotype_of(gene, tuple(sorted(pair, key=lambda i: weight(gene, i))))[1])
    assert row["phenotype_certain"] == (len(every) == 1 and not every & {None, "n/a"}), (carried, every, row)
