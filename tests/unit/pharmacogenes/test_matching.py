"""The direct search over pairs against laying out every sequence that the phase permits."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.pharmacogenes.calling.matching import match_pairs
from permed.pharmacogenes.definitions import Allele, Gene, Position
from permed.pharmacogenes.reading.patterns import canonical, distinct


def make_gene(cells: list[list[int]]) -> Gene:
    """A gene whose alleles have these base codes, -1 where open; the first is the reference."""
    table = np.array(cells, np.int64)
    specified = table >= 0
    specified[0] = True
    bases = np.where(specified, 1 << np.maximum(table, 0), 1)
    positions = tuple(Position("chr1", n + 1, "A", ("C", "G"), f"rs{n}", False) for n in range(table.shape[1]))
    alleles = tuple(Allele(f"*{n}", f"*{n}", None, None) for n in range(len(cells)))
    none = np.zeros_like(specified)
    plain = {"contig": "chr1", "method": "diplotype", "activity": "function", "research": False, "version": "1"}
    plain |= {"undocumented_as_reference": False, "unphased_candidates": "top", "reference": 0}
    rules = {"phenotypes": {}, "priorities": (), "rules": (), "ranks": {}}
    return Gene(
        "G", positions=positions, alleles=alleles, bases=bases, specified=specified, wobble=none, **plain, **rules
    )


def by_sequences(gene: Gene, codes: np.ndarray, blocks: np.ndarray) -> dict[tuple[int, int], int]:
    """Pairs and scores by enumerating all arrangements of the phase blocks."""
    present = (codes >= 0).all(axis=1)
    groups: dict[object, list[int]] = {}
    for at in np.flatnonzero(present):
        groups.setdefault(int(blocks[at]) or f"alone {at}", []).append(at)
    found = {}
    for flips in itertools.product((0, 1), repeat=len(groups)):
        strands = np.zeros((2, len(codes)), int)
        for flip, members in zip(flips, groups.values(), strict=True):
            for at in members:
                strands[:, at] = codes[at, ::-1] if flip else codes[at]
        fits = [
            [
                i
                for i in range(len(gene.alleles))
                if all(gene.bases[i, at] >> strands[s, at] & 1 for at in np.flatnonzero(present))
                and gene.specified[i, present].any()
            ]
            for s in (0, 1)
        ]
        for pair in itertools.product(*fits):
            found[tuple(sorted(pair))] = int(gene.specified[list(pair)][:, present].sum())
    return found


@st.composite
def cases(draw):
    size = draw(st.integers(1, 5))
    alleles = draw(st.lists(st.lists(st.integers(-1, 2), min_size=size, max_size=size), min_size=1, max_size=5))
    genotype = st.one_of(st.just((-1, -1)), st.tuples(st.integers(0, 2), st.integers(0, 2)))
    codes = draw(st.lists(genotype, min_size=size, max_size=size))
    blocks = draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
    return [[0] * size, *alleles], np.array(codes, np.int8), np.array(blocks, np.int32)


@settings(max_examples=150)
@given(cases())
def test_pairs_are_those_of_all_sequences(case):
    cells, codes, blocks = case
    gene = make_gene(cells)
    if (codes < 0).all():
        assert match_pairs(gene, canonical(codes, blocks)) == []
        return
    found = {match.alleles: match.score for match in match_pairs(gene, canonical(codes, blocks))}
    assert found == by_sequences(gene, codes, blocks)


def test_equal_genotypes_are_one_pattern():
    codes = np.array([[[0, 1], [0, 0]], [[1, 0], [0, 0]], [[0, 1], [0, 1]]], np.int8)
    patterns, which = distinct(codes, np.zeros((3, 2), np.int32))
    assert len(patterns) == 2 and which.tolist() == [0, 0, 1]


def test_the_names_of_phase_sets_do_not_matter():
    codes = np.array([[[0, 1], [1, 0]], [[1, 0], [0, 1]], [[0, 1], [0, 1]]], np.int8)
    patterns, which = distinct(codes, np.array([[5, 5], [9, 9], [9, 9]], np.int32))
    assert len(patterns) == 2 and which.tolist() == [0, 0, 1]
