"""Diplotypes that explain all but one position, against every pair tried one by one."""

import itertools
import random

import numpy as np
import pytest

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.gene import answer_pattern
from permed.pharmacogenes.calling.near import MOST_NEAR, nearly
from permed.pharmacogenes.definitions import NO_STRAND, UNDOCUMENTED
from permed.pharmacogenes.reading.patterns import canonical


def planted(gene, pick, strands=2) -> np.ndarray:
    """Codes (positions, 2) of a carrier of random alleles with one position spoilt: unknown or another base."""
    bits = gene.bases[[pick.randrange(len(gene.alleles)) for _ in range(strands)]]
    codes = np.log2(bits & -bits).astype(np.int8).T
    at = pick.randrange(len(codes))
    codes[at, 0] = UNDOCUMENTED if pick.random() < 0.5 else (codes[at, 0] + 1) % (len(gene.positions[at].alts) + 1)
    return codes if strands == 2 else np.concatenate([codes, np.full_like(codes, NO_STRAND)], axis=1)


def misfits(gene, alleles, codes, blocks) -> int:
    """Strands of positions that the alleles fail to explain, with each block turned as it fails less."""

    def failed(allele, at, strand):
        code = int(codes[at, strand])
        return not (code >= 0 and gene.bases[allele, at] >> code & 1)

    if len(alleles) == 1:
        return sum(failed(alleles[0], at, 0) for at in range(len(codes)))
    groups = {}
    for at in range(len(codes)):
        groups.setdefault(("block", blocks[at]) if blocks[at] else ("own", at), []).append(at)
    one, other = alleles
    return sum(
        min(
            sum(failed(one, at, 0) + failed(other, at, 1) for at in group),
            sum(failed(one, at, 1) + failed(other, at, 0) for at in group),
        )
        for group in groups.values()
    )


@pytest.mark.parametrize("phased", [False, True])
@pytest.mark.parametrize("name", ["UGT1A1", "CYP3A5", "NUDT15", "CYP4F2"])
def test_they_are_those_that_trying_every_pair_finds(genes, name, phased):
    gene, pick, told = genes[name], random.Random(f"{name}{phased}"), 0
    for _ in range(12):
        codes = planted(gene, pick)
        pattern = canonical(codes, np.full(len(codes), -1 if phased else 0))
        pairs = itertools.combinations_with_replacement(range(len(gene.alleles)), 2)
        expected = {pair for pair in pairs if misfits(gene, pair, pattern.codes, pattern.blocks) == 1}
        found = nearly(gene, pattern)
        assert {alleles for alleles, _, _ in found} <= expected
        assert len(found) == min(len(expected), MOST_NEAR)
        assert [score for *_, score in found] == sorted((score for *_, score in found), reverse=True)
        for alleles, at, _ in found:
            lost = [np.delete(of, at, axis=0) for of in (pattern.codes, pattern.blocks)]
            rest = type("Rest", (), {"bases": np.delete(gene.bases, at, axis=1)})
            assert misfits(rest, alleles, *lost) == 0, "without that position the pair fits"
        told += bool(found)
    assert told > 6


def test_one_allele_where_haploid(genes):
    gene, pick = genes["G6PD"], random.Random(5)
    codes = planted(gene, pick, strands=1)
    pattern = canonical(codes, np.zeros(len(codes), np.int32))
    expected = {i for i in range(len(gene.alleles)) if misfits(gene, (i,), pattern.codes, pattern.blocks) == 1}
    assert {alleles[0] for alleles, *_ in nearly(gene, pattern)} <= expected


def test_they_are_told_for_a_no_call_only(genes):
    gene = genes["CYP2C9"]
    codes = np.zeros((len(gene.positions), 2), np.int8)
    assert {one.kind for one in answer_pattern(gene, canonical(codes, codes[:, 0])).weighed} == {"diplotype"}
    at = [position.name for position in gene.positions].index("rs1799853")
    codes[at, 1] = UNDOCUMENTED
    answer = answer_pattern(gene, canonical(codes, codes[:, 0]))
    assert (answer.row["state"], answer.row["diplotype"], answer.row["alternatives"]) == ("no_call", None, None)
    best = answer.weighed[0]
    assert (best.kind, best.diplotype, best.at) == ("nearly", "*1/*1", at)
    reference = names.diplotype(gene, (gene.reference, gene.reference))
    assert best.diplotype == reference and best.behind is None
