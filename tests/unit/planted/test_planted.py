"""The simulator against the figures that theory gives for what it draws."""

import numpy as np
import pytest

from planted.families import Child, Founder, Twin, descend, dosages_of, drop_alleles, lose, misread, nuclear, store_of
from planted.populations import admixed, ancestral_frequencies, drift, first_generation, outbred, spread_sites

SITES = 20_000


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(7)


def test_drift_gives_the_fst_asked_for(rng):
    ancestral = ancestral_frequencies(rng, SITES)
    one, other = (drift(rng, ancestral, 0.15) for _ in range(2))
    within = (one * (1 - one) + other * (1 - other)).mean()
    between = (one * (1 - other) + other * (1 - one)).mean()
    assert 1 - within / between == pytest.approx(0.15, abs=0.01)
    assert np.array_equal(drift(rng, ancestral, 0), ancestral)


def test_mixed_people_have_their_shares(rng):
    sites = spread_sites(SITES)
    zero, one = np.zeros(SITES), np.ones(SITES)
    first = first_generation(rng, zero, one)
    assert first.sum(axis=0).tolist() == [1] * SITES
    shares = [admixed(rng, sites, [zero, one], [0.3, 0.7]).mean() for _ in range(20)]
    assert np.mean(shares) == pytest.approx(0.7, abs=0.04)
    assert 0.01 < np.std(shares) < 0.1, "segments are long"


def test_descent_is_mendels(rng):
    sites = spread_sites(SITES)
    frequency = ancestral_frequencies(rng, SITES)
    pedigree = nuclear("x", 2) | {"t": Twin("xc1"), "o": Founder(), "h": Child("xm", "o")}
    people = descend(rng, sites, pedigree, lambda r, _: outbred(r, frequency))
    father, mother, one, other, twin, _, half = dosages_of(people).T.astype(int)
    assert (np.abs(father - one) < 2).all() and (np.abs(mother - other) < 2).all()
    assert np.array_equal(one, twin)
    shared = (people["xc1"] == people["xc2"]).mean()
    assert 0.7 < shared < 0.9
    opposite = (np.abs(one - half) == 2).mean()
    assert 0 < opposite < (np.abs(father - mother) == 2).mean()
    switches = np.diff(np.cumsum(rng.random(SITES) < sites.odd_recombinations()) % 2 != 0).sum()
    assert 20 < switches < 90, "about 31 crossovers and 11 changes between contigs"


def test_faults_are_as_many_as_asked_for(rng):
    dosages = rng.integers(0, 3, (SITES, 3)).astype(np.uint8)
    assert (lose(rng, dosages, 0.1) == 3).mean() == pytest.approx(0.1, abs=0.01)
    dropped = drop_alleles(rng, dosages, 0.05)
    assert (dropped != dosages)[dosages == 1].mean() == pytest.approx(0.05, abs=0.01)
    assert np.array_equal(dropped[dosages != 1], dosages[dosages != 1])
    assert (misread(rng, dosages, 0.02) != dosages).mean() == pytest.approx(0.02, abs=0.005)
    store = store_of(dropped, spread_sites(SITES), list("ABC"))
    assert len(store.sites) == SITES and store.samples == list("ABC")
