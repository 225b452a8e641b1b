"""A phenotype is certain only if every reading that the genotypes allow has it: brute force over all phases."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permed.pharmacogenes.calling.gene import call_pattern
from permed.pharmacogenes.calling.lowest import match_lowest, weight
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


HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"


def of_function(gene, name):
    return next(i for i, allele in enumerate(gene.alleles) if allele.shown == name)


def laid(gene, strands: list[list[int]]) -> np.ndarray:
    """Codes of two strands that carry these alleles."""
    codes = np.zeros((len(gene.positions), 2), np.int8)
    for strand, alleles in enumerate(strands):
        for allele in alleles:
            for at in np.flatnonzero(gene.specified[allele]):
                codes[at, strand] = int(np.log2(int(gene.bases[allele, at])))
    return codes


def scores_of(gene, found) -> set[str]:
    return {phenotype_of(gene, lookup)[0] for lookup in (*found.lookups, *found.arranged)}


@given(data=st.data())
def test_phase_of_the_proxy_of_hapb3_settles_nothing(genes, data):
    """Brute force over the strands: what the deciding variant's own phase leaves open stays, and nothing else does."""
    gene = genes["DPYD"]
    hapb3, proxied = of_function(gene, HAPB3), {rule.position for rule in gene.rules}
    singles = [i for i in range(len(gene.alleles)) if i != gene.reference and gene.specified[i].sum() == 1]
    singles = [i for i in singles if int(np.flatnonzero(gene.specified[i])[0]) not in proxied]
    others = data.draw(st.lists(st.sampled_from(singles), min_size=1, max_size=3, unique=True))
    carried = [hapb3, *others]
    place = {a: int(np.flatnonzero(gene.specified[a])[0]) for a in others}
    if len(set(place.values())) < len(others):
        return
    decisive, proxy = (next(r.position for r in gene.rules if r.rule == kind) for kind in ("decisive", "proxy"))
    place[hapb3] = decisive
    truth = [data.draw(st.integers(0, 1)) for _ in carried]
    codes = laid(gene, [[a for a, side in zip(carried, truth, strict=True) if side == s] for s in (0, 1)])
    blocks = np.zeros(len(codes), np.int64)
    het = sorted({*place.values(), proxy})
    blocks[het] = [data.draw(st.sampled_from([0, 3, 8])) for _ in het]
    if not blocks.any():
        blocks[proxy] = 3
    found = match_lowest(gene, canonical(codes, blocks))
    every = set()
    for sides in itertools.product((0, 1), repeat=len(carried)):
        kept = all(
            (sides[i] == sides[j]) == (truth[i] == truth[j])
            for i, j in itertools.combinations(range(len(carried)), 2)
            if blocks[place[carried[i]]] == blocks[place[carried[j]]] != 0
        )
        if kept:
            strands = [[a for a, side in zip(carried, sides, strict=True) if side == s] for s in (0, 1)]
            pair = [min(s or [gene.reference], key=lambda i: weight(gene, i)) for s in strands]
            every.add(phenotype_of(gene, tuple(sorted(pair, key=lambda i: weight(gene, i))))[0])
    assert scores_of(gene, found) == every, (carried, truth, blocks[het])
    row = call_pattern(gene, canonical(codes, blocks))
    assert row["activity_score"] == min(every, key=lambda score: float("inf") if score == "n/a" else float(score))
    if row["phenotype_certain"]:
        assert len({phenotype_of(gene, lookup)[1] for lookup in (*found.lookups, *found.arranged)}) == 1


def test_hapb3_in_two_phase_sets_keeps_both_readings(genes):
    gene = genes["DPYD"]
    hapb3, star2 = of_function(gene, HAPB3), of_function(gene, "c.1905+1G>A (*2A)")
    decisive, proxy = (next(r.position for r in gene.rules if r.rule == kind) for kind in ("decisive", "proxy"))
    codes = laid(gene, [[hapb3, star2], []])
    blocks = np.zeros(len(codes), np.int64)
    (at,) = np.flatnonzero(gene.specified[star2])
    blocks[[proxy, at]] = 5
    for own in (0, 9):
        blocks[decisive] = own
        row = call_pattern(gene, canonical(codes, blocks))
        assert (row["state"], row["activity_score"], row["phenotype_certain"]) == ("multiple", "0.5", False)
        assert "1.0" in row["other_readings"]
    blocks[decisive] = 5
    row = call_pattern(gene, canonical(codes, blocks))
    assert (row["state"], row["activity_score"], row["phenotype_certain"]) == ("called", "1.0", True)
