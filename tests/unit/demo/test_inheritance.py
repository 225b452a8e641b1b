"""Children receive one copy of each parent, each sex has its chromosomes, and duplicates are the same person."""

from dataclasses import replace

import numpy as np
import pysam
import pytest

from permed.demo.inheritance import draw_founders, inheritance_of, pass_on
from permed.demo.people import Simulated
from permed.demo.sites import Site
from permed.errors import Fault

FATHER = Simulated("F", "A", "XY", None, None, None, "sheet", True, 0.0, 0.0)
MOTHER = replace(FATHER, sample="M", sex="XX")
CHILD = replace(FATHER, sample="C", father="F", mother="M")


@pytest.fixture(scope="module")
def genotypes(files):
    """Called alleles in the VCF: (contig, pos, alts) -> {sample: alleles}."""
    with pysam.VariantFile(str(files.cohort)) as records:
        return {(r.contig, r.pos, r.alts): {n: s.allele_indices for n, s in r.samples.items()} for r in records}


@pytest.mark.parametrize(
    ("child", "father", "mother"), [("PERM003", "PERM001", "PERM002"), ("PERM019", "PERM017", "PERM018")]
)
def test_no_mendelian_error_on_autosomes(genotypes, child, father, mother):
    looked, errors = 0, 0
    for (contig, _, _), calls in genotypes.items():
        trio = [calls[name] for name in (child, father, mother)]
        if contig[3:].isdigit() and not any(None in alleles for alleles in trio):
            (one, two), dad, mum = trio
            looked += 1
            errors += not ((one in dad and two in mum) or (two in dad and one in mum))
    assert looked > 2000
    assert errors == 0


def test_sons_have_their_mothers_x_and_fathers_y(genotypes):
    for (contig, pos, _), calls in genotypes.items():
        son, father, mother = (calls[name] for name in ("PERM019", "PERM017", "PERM018"))
        outside = inheritance_of(Site(contig, pos, "A", ("C",))) == contig
        if contig == "chrX" and outside and None not in (*son, *mother):
            assert len(son) == 1 and son[0] in mother
        elif contig == "chrY" and None not in (*son, *father):
            assert son == father
        elif contig == "chrM" and None not in (*son, *mother):
            assert son == mother


def test_ploidy_follows_the_true_sex(demo, genotypes):
    sexes = {p.sample: p.sex for p in demo.people}
    for (contig, pos, _), calls in genotypes.items():
        kind = inheritance_of(Site(contig, pos, "A", ("C",)))
        for name, alleles in calls.items():
            single = kind in ("chrM", "chrY") or (kind == "chrX" and sexes[name] == "XY")
            assert len(alleles) == (1 if single else 2)
            if kind == "chrY" and sexes[name] == "XX":
                assert alleles == (None,)


def test_duplicates_agree_wherever_both_are_called(genotypes):
    both = [(calls["PERM036"], calls["PERM047"]) for calls in genotypes.values()]
    known = [(a, b) for a, b in both if None not in (*a, *b)]
    assert len(known) > 0.95 * len(both)
    assert all(sorted(a) == sorted(b) for a, b in known)


def test_chromosomes_cross_over_but_blocks_stay_whole():
    sites = [Site("chr1", n * 100_000 + 1, "A", ("C",), block="g" if 800 <= n < 1600 else "") for n in range(2400)]
    switched = 0
    for seed in range(20):
        alleles = np.zeros((len(sites), 3, 2), np.int8)
        alleles[:, 0, 1] = alleles[:, 1, 1] = 1
        copies = pass_on(alleles, sites, [FATHER, MOTHER, CHILD], np.random.default_rng(seed))
        received = alleles[:, 2]
        assert {tuple(row) for row in received[800:1600].tolist()} == {copies[2, "g"]}
        switched += int((np.diff(received[:, 0]) != 0).sum())
    assert 20 < switched < 80  # 240 Mb are 2.4 Morgan, those inside the block aside


def test_founders_follow_their_populations_frequencies():
    frequencies = np.array([[0.2, 0.5], [0.9, 0.0]])
    people = [replace(FATHER, sample=f"{pop}{n}", population=pop) for pop in "AB" for n in range(500)]
    sites = [Site("chr1", 1, "A", ("C", "G"), frequencies=frequencies), Site("chr1", 9, "A", (".",))]
    alleles = draw_founders(sites, people, ["A", "B"], np.random.default_rng(0))
    shares = [[(alleles[0, n : n + 500] == allele).mean() for allele in (1, 2)] for n in (0, 500)]
    assert np.allclose(shares, frequencies, atol=0.05)
    assert not alleles[1].any()


def test_grandchildren_are_refused():
    people = [FATHER, MOTHER, CHILD, replace(CHILD, sample="G", father="C")]
    with pytest.raises(Fault, match="not a founder"):
        pass_on(np.zeros((1, 4, 2), np.int8), [Site("chr1", 1, "A", ("C",))], people, np.random.default_rng(0))
