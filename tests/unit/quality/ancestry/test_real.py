"""1000 Genomes at 1,004 sites: groups told apart and calibrated; a group that the panel does not hold."""

import numpy as np
import polars as pl
import pytest

from permed.genotypes.read import GenotypeReader
from permed.genotypes.store import GenotypeStore, pack, unpack
from permed.quality.ancestry.panel import make_panel
from permed.quality.ancestry.projection import project_people
from permed.quality.ancestry.results import ancestry_table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def thousand(shared):
    """The store of 3,202 people and their labels in its order; those of phase 3 count as unrelated."""
    vcf = shared / "real/prs/pygscatalog/tiny1000G.vcf.gz"
    table = shared / "facts/panels/samples_1kg.tsv"
    if not vcf.is_file() or not table.is_file():
        pytest.skip("the 1000 Genomes sites or labels are not in ../shared")
    reader = GenotypeReader(vcf)
    packed = np.concatenate([records.packed for records in reader])
    order = pl.DataFrame({"sample": reader.samples})
    labels = order.join(pl.read_csv(table, separator="\t"), on="sample", how="left", maintain_order="left")
    unrelated = pl.col("phase3_release") == "yes"
    labels = labels.select("sample", "population", "superpopulation", unrelated=unrelated)
    return GenotypeStore(reader.samples, reader.sites(), [packed]), labels


def some(store, keep):
    codes = unpack(np.asarray(store.parts[0]), len(store.samples))[:, keep]
    return GenotypeStore([name for name, k in zip(store.samples, keep, strict=True) if k], store.sites, [pack(codes)])


@pytest.fixture(scope="module")
def halves(thousand):
    """A panel of half the people, and what is said of the other half."""
    store, labels = thousand
    mine = np.arange(len(labels)) % 2 == 0
    panel = make_panel(some(store, mine), labels.filter(mine), "GRCh38")
    others = some(store, ~mine)
    return panel, others, labels.filter(~mine)["superpopulation"].to_numpy()


def test_people_who_were_not_in_the_panel_are_similar_to_their_group(halves):
    panel, others, truth = halves
    table = ancestry_table(panel, others.samples, project_people(panel, others))
    assert (table["state"] == "found").mean() > 0.96
    found = table["probability"].is_not_null().to_numpy()
    assert found.mean() > 0.96  # a few, of mixed populations, are said to be between two groups
    said, right = table["probability"].to_numpy()[found], table["population"].to_numpy()[found] == truth[found]
    assert right.mean() > 0.97
    assert -0.01 < right.mean() - said.mean() < 0.08  # what is lacking may be of a group that the panel does not hold
    for low, high in ((0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        here = (said >= low) & (said < high)
        assert here.sum() > 30
        assert said[here].mean() < right[here].mean() + 0.03  # never surer than right; a little too cautious is fine


def test_the_panel_says_how_well_it_does_on_held_out_people(halves):
    panel, _, _ = halves
    assert panel.accuracy > 0.97
    assert panel.brier < 0.05
    assert panel.log_loss < 0.1
    assert panel.outside < 0.02


def test_half_of_the_sites_still_tell_groups_apart_and_say_how_surely(halves):
    panel, others, truth = halves
    codes = unpack(np.asarray(others.parts[0]), len(others.samples))
    codes[np.random.default_rng(6).random(codes.shape) < 0.55] = 1
    sparse = GenotypeStore(others.samples, others.sites, [pack(codes)])
    table = ancestry_table(panel, others.samples, project_people(panel, sparse))
    found = table["probability"].is_not_null().to_numpy()
    right = (table["population"].to_numpy() == truth)[found]
    assert right.mean() > 0.95
    assert -0.01 < right.mean() - table["probability"].to_numpy()[found].astype(float).mean() < 0.12


@pytest.mark.parametrize(("group", "least"), [("AFR", 0.9), ("SAS", 0.3)])
def test_a_group_that_the_panel_does_not_hold_is_outside(thousand, group, least):
    store, labels = thousand
    here = (labels["superpopulation"] == group).to_numpy()
    panel = make_panel(some(store, ~here), labels.filter(~here), "GRCh38")
    others = some(store, here)
    table = ancestry_table(panel, others.samples, project_people(panel, others))
    assert (table["state"] == "absent").mean() > least
    assert (table["state"] == "found").mean() < 0.4  # others lie where a child of two groups would
    sure = table.filter(pl.col("probability") > 0.95)
    assert len(sure) < 0.05 * len(table)  # whoever is missed is not said to be of one group for sure
