"""Who is outside a panel: members, their children, inbred people and sites nobody looked at are not; a group that the
panel lacks is, or is believed less."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import GenotypeStore, unpack
from permed.quality.ancestry.leaving_out import BOUNDS, trust, trusted
from permed.quality.ancestry.panel import make_panel
from permed.quality.ancestry.projection import assumed_reference, project_people
from permed.quality.ancestry.results import ancestry_table

DOSAGES = np.array([2, 3, 1, 0], np.uint8)  # by the store's codes


@pytest.fixture
def own_world(world):
    """The same populations, with draws of this file's own."""
    return replace(world, rng=np.random.default_rng(11))


def table_of(panel, store, assumed=None):
    return ancestry_table(panel, store.samples, project_people(panel, store, assumed))


def named(sim, dosages):
    return sim.store_of(dosages.astype(np.uint8), [f"S{n}" for n in range(dosages.shape[1])])


def outside(table) -> float:
    return (table["state"] == "absent").mean()


def haplotypes(own_world, population, people):
    return own_world.rng.random((len(own_world.frequencies), people)) < own_world.frequencies[:, [population]]


def test_every_member_of_the_panel_is_inside(panel, panel_store):
    store, _ = panel_store
    table = table_of(panel, store)
    assert outside(table) == 0
    assert set(table["state"]) == {"found"}


def test_children_of_members_are_inside(panel, panel_store, sim):
    """Of one population they are of it; of two they are said to be between."""
    store, labels = panel_store
    parents = DOSAGES[unpack(np.asarray(store.parts[0]), len(store.samples))]
    parents[parents == 3] = 0
    rng = np.random.default_rng(2)
    own = labels["population"].to_numpy()
    pairs = rng.integers(0, len(own), (200, 2))
    passed = [rng.random((len(parents), 200)) < parents[:, pairs[:, n]] / 2 for n in range(2)]
    table = table_of(panel, named(sim, passed[0].astype(int) + passed[1]))
    assert outside(table) < 0.02
    one, other = (own[pairs[:, n]] for n in range(2))
    same = one == other
    assert (table["population"].to_numpy()[same] == one[same]).mean() > 0.97
    both = np.array([" and ".join(sorted(each)) for each in zip(one, other, strict=True)])
    mixed = table["population"].to_numpy()[~same]
    assert (mixed == both[~same]).mean() > 0.9
    reason = table.filter(~pl.Series(same))["reason"][0]
    assert "heterozygous as often as a child of people of both would be" in reason
    assert table.filter(~pl.Series(same))["probability"].null_count() > 0.9 * (~same).sum()


def test_children_of_cousins_are_inside(panel, own_world, sim):
    """Their genotypes are more varied by a sixteenth, as an outsider's are by drift."""
    people = [haplotypes(own_world, n % 3, 1)[:, 0] for n in range(60)]
    others = [haplotypes(own_world, n % 3, 1)[:, 0] for n in range(60)]
    twice = own_world.rng.random((len(own_world.frequencies), 60)) < 1 / 16
    first, second = np.stack(people, 1), np.stack(others, 1)
    table = table_of(panel, named(sim, first.astype(int) + np.where(twice, first, second)))
    assert outside(table) < 0.05
    inside = table.filter(pl.col("state") == "found")
    assert (inside["population"].to_numpy() == [f"POP{int(name[1:]) % 3}" for name in inside["sample"]]).all()


def test_a_population_that_the_panel_lacks_is_outside_though_it_lies_between_others(panel, own_world, sim):
    """Half as far from each of two as these are from one another, so that components show nothing."""
    middle = own_world.frequencies[:, :2].mean(axis=1)
    shape = (1 - 0.08) / 0.08
    drifted = own_world.rng.beta(middle * shape, (1 - middle) * shape)
    table = table_of(panel, named(sim, own_world.rng.binomial(2, drifted[:, None], (len(middle), 60))))
    assert outside(table) > 0.9


@pytest.mark.parametrize("looked_at", [0.95, 0.9, 0.8])
def test_sites_not_looked_at_and_taken_for_reference_make_no_outsiders(panel, own_world, sim, looked_at):
    """A joint file lacks the same sites for all; what is not in it is taken for reference."""
    populations = np.repeat([0, 1, 2], 20)
    dosages = own_world.draw(populations)
    whole = named(sim, dosages)
    there = np.flatnonzero(np.random.default_rng(6).random(len(dosages)) < looked_at)
    cohort = GenotypeStore(whole.samples, whole.sites[there], [np.ascontiguousarray(whole.parts[0][there])])
    assumed = assumed_reference(panel, cohort.sites, [])
    assert assumed.mean() == pytest.approx(1 - looked_at, abs=0.02)
    found = project_people(panel, cohort, assumed)
    table = ancestry_table(panel, cohort.samples, found)
    assert outside(table) == 0
    assert found.looked_at.mean() == pytest.approx(looked_at, abs=0.03)
    own = np.array([f"POP{n}" for n in populations])
    placed = (table["state"] == "found").to_numpy()  # at 0.8 some have too many homozygous reference genotypes
    assert placed.mean() > (0.95 if looked_at > 0.8 else 0.6)
    assert (table["population"].to_numpy() == own)[placed].mean() > 0.95
    if looked_at <= 0.9:
        assert "of the panel's sites seem to have been looked at" in table["reason"][0]


def test_a_variants_only_file_that_lacks_sites_is_no_outsider(panel, own_world, sim):
    """Each person alone, with what is carried at nine sites in ten."""
    rng = np.random.default_rng(8)
    dosages = own_world.draw(np.repeat([0, 1, 2], 7))
    tables = []
    for n in range(dosages.shape[1]):
        whole = sim.store_of(dosages[:, [n]], [f"S{n}"])
        there = np.flatnonzero((rng.random(len(dosages)) < 0.9) & (dosages[:, n] > 0))
        own = GenotypeStore(whole.samples, whole.sites[there], [np.ascontiguousarray(whole.parts[0][there])])
        tables.append(table_of(panel, own, assumed_reference(panel, own.sites, [])))
    table = pl.concat(tables)
    assert outside(table) == 0
    assert (table["population"].to_numpy() == [f"POP{n // 7}" for n in range(21)]).mean() > 0.9


def test_where_half_was_looked_at_nothing_is_said(panel, own_world, sim):
    dosages = own_world.draw(np.repeat([0, 1, 2], 4))
    dosages[np.random.default_rng(3).random(len(dosages)) < 0.5] = 0
    table = table_of(panel, named(sim, dosages), np.zeros(len(panel.pos), bool))
    assert outside(table) == 0
    assert set(table["state"]) == {"not_assessable"}
    assert "Give gVCF files or the regions that were looked at" in table["reason"][0]


def test_all_that_was_looked_at_is_taken_as_it_is(panel, own_world, sim):
    dosages = own_world.draw(np.repeat([0, 1, 2], 30))
    store = named(sim, dosages)
    plain, assumed = project_people(panel, store), project_people(panel, store, np.zeros(len(panel.pos), bool))
    assert (assumed.looked_at == 1).mean() > 0.98
    whole = assumed.looked_at == 1
    assert assumed.coordinates[whole] == pytest.approx(plain.coordinates[whole])


def test_few_sites_make_no_outsiders(panel, own_world, sim):
    dosages = own_world.draw(np.repeat([0, 1, 2], 40))
    dosages[np.random.default_rng(7).random(len(dosages)) < 0.85] = 3
    table = table_of(panel, named(sim, dosages))
    assert table["n_sites"].max() < 0.2 * len(panel.pos)
    assert outside(table) < 0.03


def test_a_panel_says_how_well_it_tells_outsiders(panel):
    assert len(panel.left_out) == 3
    assert panel.left_out.mean() > 0.9  # each drifted on its own, so that none looks like the others
    assert "% of people of a group left out of this panel are told to be outside (POP0 " in panel.summary()


def test_a_group_left_out_is_believed_less_where_the_panel_cannot_tell_it(sim):
    """Two groups that differ little, and a third between them: whoever is missed is not said to be of one for sure."""
    world = sim.make_world(1500, 3, seed=9)
    middle = world.frequencies[:, :2].mean(axis=1)
    shape = (1 - 0.01) / 0.01
    frequencies = np.column_stack([world.frequencies[:, :2], world.rng.beta(middle * shape, (1 - middle) * shape)])
    populations = np.repeat([0, 1, 2], 50)
    dosages = world.rng.binomial(2, frequencies[:, populations]).astype(np.uint8)
    names = [f"R{n}" for n in range(150)]
    without = populations < 2
    panel = make_panel(
        sim.store_of(dosages[:, without], names[:100]), sim.labels_of(names[:100], populations[without]), "GRCh38"
    )
    table = table_of(panel, sim.store_of(dosages[:, ~without], names[100:]))
    missed = table.filter(pl.col("state") == "found")
    sure = missed.filter(pl.col("probability") > 0.99)
    assert len(sure) < 0.1 * len(table)


def test_trust_falls_with_distance_and_with_what_a_panel_cannot_tell():
    rng = np.random.default_rng(1)
    inside = rng.random(1000)
    told = {"A": rng.random(200) ** 8, "B": rng.random(200) ** 8}
    missed = {"A": rng.random(200), "B": rng.random(200)}
    good, poor = trust(inside, told), trust(inside, missed)
    assert (np.diff(good) >= 0).all()
    assert good[-1] > 0.9 > 0.75 > poor[-1]
    assert poor[-1] == pytest.approx(2 / 3, abs=0.03)  # as likely as each of the two groups beforehand
    assert trusted(good, np.array([0.005, 0.02, 0.5, 1.0])).tolist() == [good[0], good[1], good[4], good[4]]
    assert len(BOUNDS) == len(good)


def test_nobody_is_told_to_be_outside_by_sites_that_were_not_looked_at(panel, own_world, sim):
    """People of a population that the panel lacks, in files that hold nine sites in ten."""
    whole = named(sim, own_world.draw(np.full(20, 3)))
    there = np.flatnonzero(np.random.default_rng(6).random(len(whole.sites)) < 0.9)
    cohort = GenotypeStore(whole.samples, whole.sites[there], [np.ascontiguousarray(whole.parts[0][there])])
    table = table_of(panel, cohort, assumed_reference(panel, cohort.sites, []))
    assert set(table["state"]) == {"not_assessable"}
    assert "taken for reference" in table["reason"][0]


@pytest.mark.slow
def test_truth_against_verdict(panel, panel_store, own_world, sim):
    """The table of docs/quality.md: nobody whose ancestors are in the panel is outside, of others nobody is sure."""
    world, sites = own_world, len(own_world.frequencies)
    store, _ = panel_store
    first, second = (np.concatenate([haplotypes(world, n, 60) for n in range(3)], axis=1) for _ in range(2))
    twice = world.rng.random((sites, 180)) < 1 / 16
    crossed = np.concatenate([second[:, 60:], second[:, :60]], axis=1)
    middle = world.frequencies[:, :2].mean(axis=1)
    drifted = world.rng.beta(middle * 19, (1 - middle) * 19)
    kinds = {
        "members": store,
        "newcomers": named(sim, first.astype(int) + second),
        "children of cousins": named(sim, first.astype(int) + np.where(twice, first, second)),
        "children of two populations": named(sim, first.astype(int) + crossed),
        "a population left out": named(sim, world.draw(np.full(100, 3))),
        "one between two": named(sim, world.rng.binomial(2, drifted[:, None], (sites, 100))),
    }
    for kind, people in kinds.items():
        table = table_of(panel, people)
        sure = (table["probability"].fill_null(0) > 0.95).mean()
        unsure = (table["state"] == "not_assessable").mean()
        print(f"{kind}: outside {outside(table):.3f}, not assessable {unsure:.3f}, of one group for sure {sure:.3f}")
        if kind in ("a population left out", "one between two"):
            assert sure < 0.02
        else:
            assert outside(table) < 0.04
