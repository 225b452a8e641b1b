"""Kinship in people of mixed ancestry, with a panel's components and without a panel."""

import numpy as np
import polars as pl
import pytest

from permed.quality.ancestry.panel import make_panel
from permed.quality.ancestry.projection import project_people
from permed.quality.ancestry.results import ancestry_table
from permed.quality.kinship.admixture import panel_mixture
from planted.families import Child, Founder, descend, dosages_of, lose, prefixed
from planted.families import store_of as planted_store
from planted.populations import ancestral_frequencies, drift, first_generation, outbred, spread_sites

FST = 0.15
SITES = spread_sites(12_000)
GROUPS = ("A", "B", "C")


def world(seed: int):
    """Frequencies of three populations, and how to draw somebody of one, or of two as ``A/B``."""
    rng = np.random.default_rng(seed)
    ancestral = ancestral_frequencies(rng, len(SITES), 0.1, 0.9)
    own = {name: drift(rng, ancestral, FST) for name in GROUPS}

    def draw(r, kind):
        parts = kind.split("/")
        return outbred(r, own[kind]) if len(parts) == 1 else first_generation(r, own[parts[0]], own[parts[1]])

    return rng, draw


@pytest.fixture(scope="module")
def panel():
    """A panel of 60 people of each population, by seed."""
    made = {}

    def make(seed: int):
        if seed not in made:
            rng, draw = world(seed)
            names = [f"{group}{n}" for group in GROUPS for n in range(60)]
            people = {name: draw(rng, name[0]) for name in names}
            store = planted_store(dosages_of(people), SITES, names)
            kinds = [name[0] for name in names]
            labels = pl.DataFrame({"sample": names, "population": kinds, "superpopulation": kinds})
            made[seed] = make_panel(store, labels.with_columns(unrelated=pl.lit(True)), "GRCh38")
        return made[seed]

    return make


@pytest.fixture
def related(estimate, panel):
    """Relations by pair of a pedigree's people, with a panel or without."""

    def make(pedigree: dict, with_panel: bool, seed: int = 3, names=None, families=None, **given) -> dict:
        rng, draw = world(seed)
        rng = np.random.default_rng(seed + 100)
        people = descend(rng, SITES, pedigree, draw)
        names = names or list(pedigree)
        store = planted_store(lose(rng, dosages_of(people, names), 0.01), SITES, names)
        mixture = None
        if with_panel:
            own = panel(seed)
            mixture = panel_mixture(own, store, ancestry_table(own, names, project_people(own, store)))
        found, _ = estimate(store, families or dict.fromkeys(names, "all"), mixture=mixture, **given)
        return {frozenset((row["sample1"], row["sample2"])): row for row in found.pairs.iter_rows(named=True)}

    return make


FIRST = {f"x{n}": Founder("A/B") for n in range(10)}


@pytest.mark.parametrize("seed", [3, 4])
def test_unrelated_children_of_two_populations_are_unrelated(related, seed):
    plain = related(FIRST, False, seed)
    assert len(plain) == 45
    assert np.mean([row["kinship"] for row in plain.values()]) > 0.05, "KING-robust by itself says third degree"
    assert sum(row["relation"] == "third degree" for row in plain.values()) <= 2
    assert not any("second" in row["relation"].split(" and ")[-1] for row in plain.values())
    told = related(FIRST, True, seed)
    assert {row["relation"] for row in told.values()} <= {
        "unrelated",
        "undetermined between third degree and unrelated",
    }
    assert sum(row["relation"] == "unrelated" for row in told.values()) >= 40
    assert np.mean([row["kinship_adjusted"] for row in told.values()]) == pytest.approx(0, abs=0.012)


def half_families(count: int) -> dict:
    """A man of A, his child a with a woman of A, his child b with a woman of B, and a's child with a man of A."""
    family = {"f": Founder("A"), "m": Founder("A"), "w": Founder("B"), "s": Founder("A")}
    family |= {"a": Child("f", "m"), "b": Child("f", "w"), "g": Child("a", "s")}
    return {name: origin for n in range(count) for name, origin in prefixed(str(n), family).items()}


TRUTH = {"fa": "parent-child", "fb": "parent-child", "ag": "parent-child", "ab": "second degree", "fg": "second degree"}
TRUTH |= {"bg": "third degree", "wb": "parent-child"}
ORDER = ["duplicate", "first degree", "parent-child", "siblings", "second degree", "third degree", "unrelated"]


def reaches(relation: str, truth: str) -> bool:
    ends = relation.removeprefix("undetermined between ").split(" and ")
    return ORDER.index(ends[0]) <= ORDER.index(truth) <= ORDER.index(ends[-1])


@pytest.mark.parametrize("with_panel", [True, False])
def test_relatives_with_one_parent_of_another_population_stay_relatives(related, with_panel):
    pedigree = half_families(6)
    found = related(pedigree, with_panel, names=[name for name in pedigree if name[1:] != "s"])
    right = {pair: [] for pair in TRUTH}
    for n in range(6):
        for pair, truth in TRUTH.items():
            row = found[frozenset((f"{n}{pair[0]}", f"{n}{pair[1]}"))]
            right[pair].append(reaches(row["relation"], truth))
            assert row["relation"] != "unrelated" or (truth == "third degree" and not with_panel)
    assert all(np.mean(own) >= (0.8 if with_panel or pair != "bg" else 0.5) for pair, own in right.items()), right
    strangers = [row for pair, row in found.items() if len({name[0] for name in pair}) == 2]
    assert sum(row["relation"] != "unrelated" and not row["relation"].endswith("unrelated") for row in strangers) == 0


def test_relatives_of_other_ancestry_are_listed_though_no_family_asks(related):
    pedigree = half_families(6)
    names = [name for name in pedigree if name[1:] != "s"]
    found = related(pedigree, True, names=names, families={"0f": "none"})
    listed = [frozenset((f"{n}{a}", f"{n}{b}")) in found for n in range(6) for a, b in TRUTH]
    assert np.mean(listed) >= 0.9
    strangers = [pair for pair in found if len({name[0] for name in pair}) == 2]
    assert len(strangers) <= 2


def test_a_panel_changes_nothing_in_people_of_one_population(related):
    pedigree = {f"{n}{k}": v for n in range(4) for k, v in (("f", Founder("A")), ("m", Founder("A")))}
    pedigree |= {f"{n}c": Child(f"{n}f", f"{n}m") for n in range(4)}
    plain, told = (related(pedigree, with_panel) for with_panel in (False, True))
    assert {pair: row["relation"] for pair, row in plain.items()} == {p: row["relation"] for p, row in told.items()}
    assert all(row["kinship_adjusted"] is None for row in told.values())
