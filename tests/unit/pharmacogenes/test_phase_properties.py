"""Phase that is added removes exactly the readings that it contradicts."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.lowest import match_lowest, weight
from permed.pharmacogenes.calling.matching import match_pairs
from permed.pharmacogenes.definitions import MISSING
from permed.pharmacogenes.reading.patterns import canonical

WHOLE = ["CYP2B6", "CYP2C19", "CYP2C9", "CYP4F2", "NAT2", "SLCO1B1", "TPMT", "UGT1A1"]
SINGLE = ["CACNA1S", "DPYD", "RYR1"]


def carrier(gene, draw):
    """Codes of somebody who carries two alleles, some positions unread, and the alleles."""
    pair = [draw(st.integers(0, len(gene.alleles) - 1)) for _ in range(2)]
    strands = [np.log2(gene.bases[allele] & -gene.bases[allele]).astype(np.int8) for allele in pair]
    codes = np.stack(strands, axis=1)
    unread = draw(st.lists(st.integers(0, len(codes) - 1), max_size=3))
    codes[unread] = MISSING
    return codes, pair


def fitting(gene, pattern):
    return {match.alleles for match in match_pairs(gene, pattern, scored_only=False)}


def is_consistent(gene, codes, blocks, pair) -> bool:
    """Brute force: whether each block lies on the two alleles in one of two ways, and so does each position alone."""
    known = np.flatnonzero((codes >= 0).all(axis=1))
    groups = {}
    for at in known.tolist():
        groups.setdefault(int(blocks[at]) or -2 - at, []).append(at)

    def admits(allele, strand, places):
        return all(gene.bases[allele, at] >> int(codes[at, strand]) & 1 for at in places)

    return all(
        any(admits(one, 0, places) and admits(other, 1, places) for one, other in (pair, pair[::-1]))
        for places in groups.values()
    )


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=25)
@given(data=st.data())
def test_phase_removes_the_pairs_that_it_contradicts_and_no_other(genes, name, data):
    """Any phase, true or not: blocks of some heterozygous positions, turned anyhow."""
    gene = genes[name]
    codes, _ = carrier(gene, data.draw)
    het = np.flatnonzero((codes[:, 0] != codes[:, 1]) & (codes >= 0).all(axis=1))
    none = np.zeros(len(codes), np.int32)
    before = fitting(gene, canonical(codes, none))
    turned, blocks = codes.copy(), none.copy()
    for at in het.tolist():
        blocks[at] = data.draw(st.sampled_from([0, -1, 4, 9]))
        if data.draw(st.booleans()):
            turned[at] = turned[at, ::-1]
    after = fitting(gene, canonical(turned, blocks))
    assert after == {pair for pair in before if is_consistent(gene, turned, blocks, pair)}


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=25)
@given(data=st.data())
def test_true_phase_keeps_the_pair_that_is_carried(genes, name, data):
    gene = genes[name]
    codes, pair = carrier(gene, data.draw)
    blocks = np.array([data.draw(st.sampled_from([0, 4, 9])) for _ in codes], np.int32)
    assume((codes != MISSING).any())
    label = names.diplotype(gene, tuple(sorted(pair)))
    shown = {names.diplotype(gene, one) for one in fitting(gene, canonical(codes, blocks))}
    assert label in shown


@pytest.mark.parametrize("name", SINGLE)
@settings(max_examples=60)
@given(data=st.data())
def test_true_phase_of_single_variants_keeps_how_they_lie(genes, name, data):
    """Variants on planted strands, of which a part of the phase is known: what they do together stays possible, or the
    two of lowest function are taken, which is graver."""
    gene = genes[name]
    codes = np.zeros((len(gene.positions), 2), np.int8)
    alone = [i for i in range(len(gene.alleles)) if gene.changing[i].sum() == 1 and i != gene.reference]
    for allele in data.draw(st.lists(st.sampled_from(alone), max_size=4, unique=True)):
        at = int(np.flatnonzero(gene.changing[allele])[0])
        codes[at, data.draw(st.integers(0, 1))] = int(np.log2(gene.bases[allele, at]))
    het = np.flatnonzero(codes[:, 0] != codes[:, 1])
    whole = np.where(codes[:, 0] != codes[:, 1], 1, 0).astype(np.int32)
    truth = match_lowest(gene, canonical(codes, whole))
    assume(truth is not None)
    blocks = np.zeros(len(codes), np.int32)
    blocks[het] = [data.draw(st.sampled_from([0, 1, 2])) for _ in het]
    found = match_lowest(gene, canonical(codes, blocks))
    if found.found:
        assert _gravity(gene, found.lookup) <= _gravity(gene, truth.lookup)
    else:
        assert set(truth.labels) <= set(found.labels)


def _gravity(gene, lookup) -> float:
    return sum(weight(gene, allele)[0] for allele in lookup)


@settings(max_examples=60)
@given(data=st.data())
def test_more_phase_never_brings_a_reading_back(genes, data):
    """Blocks put together leave a part of what they leave apart."""
    gene = genes["CYP2C19"]
    codes, _ = carrier(gene, data.draw)
    apart = np.array([data.draw(st.sampled_from([0, 1, 2, 3])) for _ in codes], np.int32)
    together = np.where(apart == 2, 1, apart)
    assert fitting(gene, canonical(codes, together)) <= fitting(gene, canonical(codes, apart))
    for blocks in (apart, together):
        assert fitting(gene, canonical(codes, blocks)) <= fitting(gene, canonical(codes, np.zeros_like(blocks)))
