"""What errors of genotyping do to relations: no certain wrong answer, however many sites there are."""

import numpy as np
import pytest

from permed.quality.kinship.first_degree import _log_gamma, _variance
from planted.families import Twin, descend, dosages_of, drop_alleles, lose, misread, nuclear
from planted.families import store_of as planted_store
from planted.populations import Sites, ancestral_frequencies, outbred, spread_sites


def families(rng, sites: Sites, count: int):
    """Quartets, of whom the first child has a second sample; dosages and names."""
    pedigree = {}
    for n in range(count):
        pedigree |= nuclear(f"q{n}", 2) | {f"q{n}t": Twin(f"q{n}c1")}
    frequency = ancestral_frequencies(rng, len(sites))
    return dosages_of(descend(rng, sites, pedigree, lambda r, _: outbred(r, frequency))), list(pedigree)


def relation_of(found) -> dict[frozenset, dict]:
    return {frozenset((row["sample1"], row["sample2"])): row for row in found.pairs.iter_rows(named=True)}


FAULTS = {
    "none": lambda rng, dosages: dosages,
    "5 % of alleles lost": lambda rng, dosages: drop_alleles(rng, dosages, 0.05),
    "2 % of alleles lost": lambda rng, dosages: drop_alleles(rng, dosages, 0.02),
    "1 % of genotypes wrong": lambda rng, dosages: misread(rng, dosages, 0.01),
    "10 % of alleles lost": lambda rng, dosages: drop_alleles(rng, dosages, 0.1),
}


@pytest.mark.parametrize("count", [2_000, 12_000, 60_000])
@pytest.mark.parametrize("fault", FAULTS)
def test_parents_and_siblings_are_never_taken_for_each_other(estimate, fault, count):
    rng = np.random.default_rng(count)
    sites = spread_sites(count)
    dosages, names = families(rng, sites, 5)
    store = planted_store(lose(rng, FAULTS[fault](rng, dosages), 0.01), sites, names)
    found, _ = estimate(store, dict.fromkeys(names, "all"))
    rows = relation_of(found)
    parents = [rows[frozenset((f"q{n}{p}", f"q{n}{c}"))] for n in range(5) for p in "fm" for c in ("c1", "c2", "t")]
    siblings = [rows[frozenset((f"q{n}c1", f"q{n}c2"))] for n in range(5)]
    assert not any(row["relation"] == "siblings" for row in parents)
    assert not any(row["relation"] == "parent-child" for row in siblings)
    told = np.mean([row["relation"] == "parent-child" for row in parents])
    assert told >= (1.0 if fault == "none" else {2_000: 0.0, 12_000: 0.5 * ("10" not in fault), 60_000: 0.9}[count])
    assert all("unrelated" not in row["relation"] for row in parents + siblings)
    assert np.mean([row["kinship_high"] > 0.24 for row in parents]) > 0.8, "intervals reach the truth"
    assert not any(row["relation"] in ("second degree", "third degree") for row in parents)
    assert {rows[frozenset((f"q{n}c1", f"q{n}t"))]["relation"] for n in range(5)} == {"duplicate"}


def test_the_logarithm_of_gamma_is_the_factorials():
    factorials = np.cumsum(np.log(np.arange(1, 30)))
    assert _log_gamma(np.arange(2, 31, dtype=float)) == pytest.approx(factorials, abs=1e-7)
    assert _log_gamma(np.array([0.5])) == pytest.approx(np.log(np.sqrt(np.pi)), abs=1e-7)


@pytest.mark.parametrize("morgans", [0.5, 2.0])
def test_the_variance_of_what_siblings_share_is_what_meiosis_gives(morgans):
    rng = np.random.default_rng(3)
    places = Sites(["chr1"] * 400, np.linspace(1, morgans * 1e8, 400).astype(int).tolist())
    shares = []
    for _ in range(3000):
        strands = [np.cumsum(rng.random(400) < places.odd_recombinations()) % 2 for _ in range(4)]
        shares.append(((strands[0] != strands[1]) & (strands[2] != strands[3])).mean())
    assert np.mean(shares) == pytest.approx(0.25, abs=0.015)
    assert np.var(shares) == pytest.approx(_variance(morgans), rel=0.12)
