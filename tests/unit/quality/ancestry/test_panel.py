"""Panels from planted populations: which sites, which people, faults, and the file."""

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.quality.ancestry.checks import check_panel
from permed.quality.ancestry.folders import genotype_faults
from permed.quality.ancestry.labels import read_labels, read_sexes
from permed.quality.ancestry.panel import make_panel, read_panel, write_panel
from permed.quality.ancestry.sites import choose_sites


def test_held_out_people_are_told_apart_and_few_are_outside(panel):
    assert panel.accuracy == 1
    assert panel.outside < 0.05
    assert len(panel.pos) > 2000
    assert int(panel.used) == 2  # three populations span two components


def test_the_panels_people_keep_their_places_though_held_out(panel, panel_store):
    _, labels = panel_store
    for name in ("POP0", "POP1", "POP2"):
        here = (labels["population"] == name).to_numpy()
        others = panel.coordinates[~here][:, :2]
        centre = panel.coordinates[here][:, :2].mean(axis=0)
        assert np.linalg.norm(panel.coordinates[here][:, :2] - centre, axis=1).max() < 0.5 * np.min(
            np.linalg.norm(others - centre, axis=1)
        )


def test_relatives_are_placed_but_make_no_components(panel_store, sim):
    store, labels = panel_store
    copies = np.repeat(store.codes(np.arange(len(store.sites)))[:, :1], 20, axis=1)
    from permed.genotypes.store import GenotypeStore, pack

    names = [*store.samples, *(f"TWIN{n}" for n in range(20))]
    packed = pack(np.concatenate([store.codes(np.arange(len(store.sites))), copies], axis=1))
    twins = sim.labels_of(names[-20:], np.zeros(20, int)).with_columns(unrelated=pl.lit(False))
    family = make_panel(GenotypeStore(names, store.sites, [packed]), pl.concat([labels, twins]), "GRCh38")
    alone = make_panel(store, labels, "GRCh38")
    assert family.singular == pytest.approx(alone.singular)
    assert np.ptp(family.coordinates[-20:], axis=0) == pytest.approx(np.zeros(10), abs=1e-6)
    everybody = pl.concat([labels, twins.with_columns(unrelated=pl.lit(True))])
    drawn = make_panel(GenotypeStore(names, store.sites, [packed]), everybody, "GRCh38")
    assert drawn.singular[2] > 1.5 * alone.singular[2]  # what is prevented: a component of the twins


def test_only_common_unambiguous_single_autosomal_sites_are_chosen(sim):
    world = sim.make_world(60, 1)
    dosages = world.draw(np.zeros(100, int))
    store = sim.store_of(dosages, [f"R{n}" for n in range(100)])
    ref, alt, contig, pos = (store.sites[name].to_list() for name in ("ref", "alt", "contig", "pos"))
    ref[0], alt[0] = "A", "T"
    ref[1], alt[1] = "AC", "A"
    contig[2], contig[59] = "chrX", "chrY"
    pos[4] = pos[3]
    changed = [pl.Series("ref", ref), pl.Series("alt", alt), pl.Series("contig", contig), pl.Series("pos", pos)]
    dosages[5] = 0
    dosages[6, :30] = 3
    from permed.genotypes.store import GenotypeStore

    again = sim.store_of(dosages, store.samples)
    rows, mean, scale = choose_sites(
        GenotypeStore(store.samples, store.sites.with_columns(changed), again.parts), np.ones(100, bool)
    )
    assert not set(rows.tolist()) & {0, 1, 2, 3, 4, 5, 6, 59}
    assert set(rows.tolist()) >= {7, 8, 9}
    assert mean == pytest.approx(dosages[rows].mean(axis=1))
    assert scale == pytest.approx(np.sqrt(2 * mean / 2 * (1 - mean / 2)))


def test_a_panel_comes_back_from_its_file_and_refuses_another_build(panel, tmp_path):
    path = tmp_path / "ancestry.npz"
    write_panel(panel, path)
    again = read_panel(path, "GRCh38")
    assert again.loadings.tolist() == panel.loadings.tolist()
    assert again.samples.tolist() == panel.samples.tolist()
    write_panel(again, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()
    with pytest.raises(Fault, match=r"reference panel is of GRCh38; genome.build says GRCh37"):
        read_panel(path, "GRCh37")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Fault, match="no reference panel that can be read"):
        read_panel(path, "GRCh38")


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([0] * 10 + [1] * 10, "20 unrelated people"),
        ([0] * 40 + [1] * 3, "population POP1 of the panel has 3 unrelated people"),
        ([0] * 40, "one group alone"),
    ],
)
def test_a_panel_of_too_few_people_is_refused(people, words, sim):
    populations, world = np.array(people), sim.make_world(50, 2)
    names = [f"R{n}" for n in range(len(people))]
    with pytest.raises(Fault, match=words):
        make_panel(sim.store_of(world.draw(populations), names), sim.labels_of(names, populations), "GRCh38")


def test_a_panel_of_too_few_sites_is_refused(sim):
    populations, world = np.repeat([0, 1], 30), sim.make_world(100, 2)
    names = [f"R{n}" for n in range(60)]
    with pytest.raises(Fault, match="300 are needed"):
        make_panel(sim.store_of(world.draw(populations), names), sim.labels_of(names, populations), "GRCh38")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sample\tgroup\nA\tX\n", "no column population"),
        ("sample\tpopulation\nA\tX\nA\tY\n", r"line 3, sample A: the sample is listed twice"),
        ("sample\tpopulation\nA\t\n", r"line 2, sample A: population is empty"),
        ("sample\tpopulation\tunrelated\nA\tX\tmaybe\n", r'line 2, sample A: unrelated "maybe" is not yes or no'),
    ],
)
def test_faulty_labels_name_their_line(text, words, tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text(text)
    with pytest.raises(Fault, match=words):
        read_labels(path)


def test_labels_without_groups_are_their_own(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("sample\tpopulation\tnote\n001\tX\tkept as text\n")
    assert read_labels(path).rows() == [("001", "X", "X", True)]


def test_checks_find_what_is_not_there(panel, tmp_path):
    write_panel(panel, tmp_path / "ancestry.npz")
    built = {"quality.reference_panel": str(tmp_path), "scores.reference_panel": "nowhere"}
    faults = check_panel([str(tmp_path / "none.vcf.gz")], None, built, "GRCh37")
    texts = [str(fault) for fault in faults]
    assert [t for t in texts if "none.vcf.gz: the file is not there. Check panel.genotypes" in t]
    assert [t for t in texts if "panel.labels is not set" in t]
    assert [t for t in texts if "genome.build says GRCh37" in t]
    assert [t for t in texts if "nowhere/ancestry.npz: the file is not there. Check scores.reference_panel" in t]
    assert len(faults) == 4
    assert check_panel([], None, {"quality.reference_panel": None}, "GRCh38") == []


def test_labels_may_tell_the_sex(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("sample\tpopulation\tsex\nA\tX\tXX\nB\tX\tmale\nC\tX\t2\nD\tX\tNA\nE\tX\t\n")
    assert read_sexes(path) == {"A": "XX", "B": "XY", "C": "XX", "D": "NA", "E": "NA"}
    path.write_text("sample\tpopulation\nA\tX\n")
    assert read_sexes(path) == {}
    path.write_text("sample\tpopulation\tsex\nA\tX\tM?\n")
    with pytest.raises(Fault, match=r'line 2, sample A: sex "M\?" is not XX, XY or NA'):
        read_sexes(path)


def test_scores_need_the_people_of_a_panel(tmp_path):
    assert genotype_faults(str(tmp_path)) == []  # that it is no panel is said elsewhere
    for name in ("ancestry.npz", "samples.parquet", "labels.tsv"):
        (tmp_path / name).touch()
    (fault,) = genotype_faults(str(tmp_path))
    assert "the reference panel's folder has no genotypes" in str(fault) and str(tmp_path) in str(fault)
    (tmp_path / "chr1.bed").touch()
    assert "has no chr1.sites.parquet" in str(genotype_faults(str(tmp_path))[0])
    (tmp_path / "chr1.sites.parquet").touch()
    assert genotype_faults(str(tmp_path)) == []
