"""New people on a panel: planted populations, one alone, missing genotypes, exchanged alleles, files that mislead."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import GenotypeStore, pack
from permed.quality.ancestry.projection import assumed_reference, project_people
from permed.quality.ancestry.results import OUTSIDE_PANEL, SCHEMA, ancestry_table


@pytest.fixture(scope="module")
def cohort(world):
    """Forty new people of each of the panel's populations, as dosages."""
    populations = np.repeat([0, 1, 2], 40)
    return world.draw(populations, 0.01), populations


def table_of(panel, store, assumed=None):
    return ancestry_table(panel, store.samples, project_people(panel, store, assumed))


def named(sim, dosages):
    return sim.store_of(dosages, [f"S{n}" for n in range(dosages.shape[1])])


def test_new_people_are_similar_to_their_own_population(panel, cohort, sim):
    dosages, populations = cohort
    found = table_of(panel, named(sim, dosages))
    assert dict(found.schema) == SCHEMA
    here = (found["state"] == "found").to_numpy()
    assert here.mean() > 0.95
    assert found.filter(here)["population"].to_list() == [f"POP{n}" for n in populations[here]]
    assert found.filter(here)["probability"].median() > 0.99
    assert found.filter(here)["probability"].min() > 0.8  # the outermost may be of a population that is not there
    assert found["reason"][0].startswith("most similar to POP0")
    assert found["n_sites"].min() > 0.9 * len(panel.pos)


def test_new_people_lie_where_the_panels_held_out_people_do(panel, cohort, sim):
    dosages, populations = cohort
    found = project_people(panel, named(sim, dosages)).coordinates[:, :2]
    for number in range(3):
        own = panel.coordinates[panel.population == f"POP{number}"][:, :2]
        here = found[populations == number]
        apart = np.linalg.norm(here.mean(axis=0) - own.mean(axis=0)) / np.linalg.norm(own.mean(axis=0))
        assert apart < 0.05
        assert here.std(axis=0) == pytest.approx(own.std(axis=0), rel=0.4)


def test_a_member_of_the_panel_lies_near_its_own_components(panel, panel_store):
    store, _ = panel_store
    found = project_people(panel, store).coordinates[:, :2]
    for own, here, most in zip(panel.coordinates.T, found.T, panel.expansion, strict=False):
        assert np.corrcoef(own, here)[0, 1] > 0.998
        assert 1 <= np.polyfit(own, here, 1)[0] < 1.05 * most  # a member is not shrunk, but corrected as if it were


def test_a_person_alone_gets_what_it_gets_in_a_cohort(panel, cohort, sim):
    dosages, _ = cohort
    together = table_of(panel, named(sim, dosages))
    for person in (0, 55, 119):
        alone = sim.store_of(dosages[:, [person]], [f"S{person}"])
        assert table_of(panel, alone).rows() == [together.row(person)]


def test_missing_genotypes_move_a_person_little_and_by_as_much_as_is_said(panel, cohort, sim):
    dosages, _ = cohort
    lacking = dosages.copy()
    lacking[np.random.default_rng(8).random(dosages.shape) < 0.2] = 3
    whole, less = (project_people(panel, named(sim, each)) for each in (dosages, lacking))
    moved = (less.coordinates - whole.coordinates)[:, :2]
    assert moved.std() < 0.1 * whole.coordinates[:, :2].std()
    said = np.sqrt(np.diagonal(less.noise - whole.noise, axis1=1, axis2=2).mean(axis=0))
    assert moved.std(axis=0) == pytest.approx(said, rel=0.25)
    assert moved.mean(axis=0) == pytest.approx([0, 0], abs=0.3 * moved.std())
    far = np.linalg.norm(less.coordinates[:, :2], axis=1) / np.linalg.norm(whole.coordinates[:, :2], axis=1)
    assert far.mean() == pytest.approx(1, abs=0.02)  # mean imputation would draw it to the centre by a fifth


def test_exchanged_alleles_and_strands_change_nothing(panel, cohort, sim):
    dosages, _ = cohort
    plain = named(sim, dosages)
    rng = np.random.default_rng(9)
    swapped, turned = (rng.random(len(dosages)) < 0.3 for _ in range(2))
    moved = dosages.copy()
    moved[swapped] = np.array([2, 1, 0, 3], np.uint8)[dosages[swapped]]
    ref = np.where(swapped, np.where(turned, "C", "G"), np.where(turned, "T", "A"))
    alt = np.where(swapped, np.where(turned, "T", "A"), np.where(turned, "C", "G"))
    sites = plain.sites.with_columns(ref=pl.Series(ref), alt=pl.Series(alt), contig=pl.lit("1"))
    other = GenotypeStore(plain.samples, sites, [pack(sim.CODES[moved])])
    one, two = project_people(panel, plain), project_people(panel, other)
    assert two.coordinates == pytest.approx(one.coordinates, abs=1e-6)
    assert two.n_sites.tolist() == one.n_sites.tolist()


def test_a_site_without_an_alternate_is_reference(panel, cohort, sim):
    dosages, _ = cohort
    person = dosages[:, [3]]
    store = sim.store_of(person, ["S3"])
    bare = store.sites.with_columns(alt=pl.when(pl.Series(person[:, 0] == 0)).then(pl.lit(".")).otherwise("alt"))
    again = GenotypeStore(store.samples, bare, store.parts)
    assert project_people(panel, again).coordinates == pytest.approx(project_people(panel, store).coordinates)


def test_somebody_of_another_population_is_outside(panel, world, sim):
    found = table_of(panel, named(sim, world.draw(np.full(50, 3))))
    assert (found["state"] == "absent").mean() > 0.9
    outside = found.filter(pl.col("state") == "absent")
    assert set(outside["population"]) == {OUTSIDE_PANEL}
    assert outside["probability"].null_count() == len(outside)
    assert "mixed ancestry" in outside["reason"][0]


def test_somebody_of_two_populations_is_not_said_to_be_of_one(panel, world, sim):
    found = table_of(panel, named(sim, world.mix(0, 1, 0.5, 50)))
    assert not set(found["population"]) & {"POP0", "POP1", "POP2"}


def test_a_wrong_build_or_few_sites_are_not_assessable(panel, cohort, sim):
    dosages, _ = cohort
    store = named(sim, dosages)
    shifted = GenotypeStore(store.samples, store.sites.with_columns(pl.col("pos") + 137), store.parts)
    found = table_of(panel, shifted)
    assert set(found["state"]) == {"not_assessable"}
    assert found["reason"][0].startswith(f"genotypes at 0 of the panel's {len(panel.pos)} sites")
    assert found["pcs"].null_count() == found["population"].null_count() == len(found)
    few = dosages.copy()
    few[200:, 0] = 3
    states = table_of(panel, named(sim, few))["state"].to_list()
    assert states[0] == "not_assessable"
    assert states[1] == "found"


def test_sites_that_hardly_tell_populations_apart_are_too_few_however_many(panel, cohort, sim):
    dosages, _ = cohort
    loadings = panel.loadings.copy()
    loadings[:500] = loadings[0]
    loadings = np.linalg.qr(loadings)[0]
    there = np.isin(np.arange(len(dosages)), (panel.pos[:500] - 1_000) // 10_000)
    some = np.where(there[:, None], dosages, 3).astype(np.uint8)
    found = table_of(replace(panel, loadings=loadings), named(sim, some))
    assert set(found["state"]) == {"not_assessable"}
    assert found["n_sites"].min() > 450


def test_files_that_hold_only_changes_are_not_assessable(panel, cohort, sim):
    dosages, _ = cohort
    carried = dosages.copy()
    carried[dosages == 0] = 3
    found = table_of(panel, named(sim, carried))
    assert set(found["state"]) == {"not_assessable"}
    assert "only sites that differ from the reference" in found["reason"][0]


def test_files_that_take_everything_for_reference_are_not_assessable(panel, cohort, sim):
    dosages, _ = cohort
    found = table_of(panel, named(sim, np.zeros_like(dosages[:, :2])))
    assert set(found["state"]) == {"not_assessable"}
    assert "taken for reference" in found["reason"][0]


def test_absent_sites_are_reference_where_the_configuration_says_so(panel, cohort, sim):
    dosages, _ = cohort
    person = dosages[:, [7]]
    person[person == 3] = 0
    whole = sim.store_of(person, ["S7"])
    carried = np.flatnonzero(person[:, 0] != 0)
    sparse = GenotypeStore(["S7"], whole.sites[carried], [np.ascontiguousarray(whole.parts[0][carried])])
    assumed = assumed_reference(panel, sparse.sites, [])
    found, expected = project_people(panel, sparse, assumed), project_people(panel, whole)
    assert found.coordinates == pytest.approx(expected.coordinates, abs=1e-6)
    assert found.n_sites.tolist() == expected.n_sites.tolist() == [len(panel.pos)]


def test_nothing_is_assumed_at_sites_set_aside_under_deletions_or_on_other_contigs(panel):
    pos = panel.pos
    sites = pl.DataFrame({"contig": ["chr1"], "pos": [pos[10] - 2], "ref": ["ACGTA"], "alt": ["A"]})
    aside = pl.DataFrame({"contig": ["chr1"], "pos": [pos[20]], "end": [pos[22]]})
    assumed = assumed_reference(panel, sites, [aside])
    assert np.flatnonzero(~assumed).tolist() == [10, 20, 21, 22]
    elsewhere = sites.with_columns(contig=pl.lit("chr2"))
    assert not assumed_reference(panel, elsewhere, []).any()
