"""Genotypes made to be as hard as they can be take bounded work, counted in steps, and never end in a false call."""

import numpy as np
import pytest

from permed.pharmacogenes.calling import assessment, combinations, lowest, matching
from permed.pharmacogenes.calling import gene as calling
from permed.pharmacogenes.calling.assessment import MOST_TRIED
from permed.pharmacogenes.calling.combinations import MOST_PARTS
from permed.pharmacogenes.calling.gene import call_pattern
from permed.pharmacogenes.calling.lowest import MOST_BLOCKS
from permed.pharmacogenes.reading.patterns import Pattern, canonical

HARD = ["CFTR", "CYP2D6", "DPYD", "RYR1"]
MOST_WORK = {
    # A pattern is matched once, once more for what its missing positions could be, and once for each answer tried.
    "match_pairs": MOST_TRIED + 2,
    # Each arrangement of the phase blocks has two strands; the first block's orientation does not matter.
    "_components": 2 ** (MOST_BLOCKS - 1) * 2,
}


@pytest.fixture
def work(monkeypatch):
    """Number of times that the steps of the search were taken."""
    counted = dict.fromkeys(MOST_WORK, 0)

    def count(name, function):
        def counting(*given, **options):
            counted[name] += 1
            return function(*given, **options)

        return counting

    for module in (assessment, calling):
        monkeypatch.setattr(module, "match_pairs", count("match_pairs", matching.match_pairs))
    monkeypatch.setattr(lowest, "_components", count("_components", lowest._components))
    return counted


def hard_patterns(gene) -> dict[str, Pattern]:
    size = len(gene.positions)
    het = np.tile(np.array([[0, 1]], np.int8), (size, 1))
    unphased, phased = np.zeros(size, np.int32), np.full(size, -1)
    gaps = het.copy()
    gaps[::2] = -1
    one = np.full((size, 2), -1, np.int8)
    one[0] = 0
    given = {
        "all heterozygous": (het, unphased),
        "each in a phase set of its own": (het, np.arange(1, size + 1)),
        "as many phase sets as are arranged": (het, np.arange(size) % MOST_BLOCKS + 1),
        "one phase set more": (het, np.arange(size) % (MOST_BLOCKS + 1) + 1),
        "all on one strand": (het, phased),
        "every second one missing": (gaps, unphased),
        "one position read": (one, unphased),
        "every second one missing, in phase sets": (gaps, np.arange(1, size + 1)),
    }
    return {name: canonical(codes, blocks) for name, (codes, blocks) in given.items()}


@pytest.mark.parametrize("name", HARD)
def test_work_is_bounded(genes, work, name):
    for what, pattern in hard_patterns(genes[name]).items():
        call_pattern(genes[name], pattern)
        for step, most in MOST_WORK.items():
            assert work[step] <= most, (name, what)
            work[step] = 0


def test_every_arrangement_within_the_bound_is_laid_out(genes, work):
    call_pattern(genes["DPYD"], hard_patterns(genes["DPYD"])["as many phase sets as are arranged"])
    assert work["_components"] == MOST_WORK["_components"]


@pytest.mark.parametrize("name", ["DPYD", "RYR1"])
def test_beyond_the_bound_nothing_is_called_and_the_reason_says_so(genes, name):
    for what in ("each in a phase set of its own", "one phase set more"):
        found = call_pattern(genes[name], hard_patterns(genes[name])[what])
        assert found["state"] == "not_assessable" and not found["phenotype_certain"], what
        assert "more than are tried in every arrangement" in found["reason"], what
        assert "not fully read" not in found["reason"], what


def test_phase_sets_beyond_the_bound_keep_the_cautious_phenotype(genes):
    found = call_pattern(genes["DPYD"], hard_patterns(genes["DPYD"])["one phase set more"])
    assert found["phenotype"] == "Poor Metabolizer"


def test_without_phase_sets_the_published_way_stands(genes):
    found = call_pattern(genes["DPYD"], hard_patterns(genes["DPYD"])["all heterozygous"])
    assert found["state"] == "called" and "The phase is not known" in found["reason"]


@pytest.mark.parametrize("name", ["CFTR", "CYP2D6"])
def test_unphased_heterozygotes_everywhere_fit_nothing(genes, name):
    assert call_pattern(genes[name], hard_patterns(genes[name])["all heterozygous"])["state"] == "no_call"


def test_combinations_of_too_many_alleles_are_not_laid_out_and_the_reason_says_so(genes):
    pattern = hard_patterns(genes["CFTR"])["all on one strand"]
    assert combinations.combinations(genes["CFTR"], pattern) is None
    found = call_pattern(genes["CFTR"], pattern)
    assert found["state"] == "no_call" and found["alternatives"] is None
    assert "combinations are not listed" in found["reason"]


def test_fewer_combinations_are_listed(genes):
    codes = np.zeros((len(genes["CFTR"].positions), 2), np.int8)
    codes[: MOST_PARTS // 2, 1] = 1
    found = call_pattern(genes["CFTR"], canonical(codes, np.full(len(codes), -1)))
    assert found["state"] == "no_call" and "[" in found["research_combinations"]
