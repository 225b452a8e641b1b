"""Samples compared with those of earlier runs, whose names a fingerprint does not hold."""

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.genotypes.store import StoreWriter
from permed.quality.kinship.known import compare_known, known_findings, read_known, write_fingerprint
from planted.families import Founder, Twin, descend, dosages_of, drop_alleles, lose, misread, nuclear
from planted.families import store_of as planted_store
from planted.populations import Sites, ancestral_frequencies, outbred, spread_sites

SITES = spread_sites(4_000)
PEDIGREE = nuclear("t") | {"twin": Twin("tc1"), "x": Founder(), "y": Founder()} | {f"o{n}": Founder() for n in range(6)}


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(4)
    frequency = ancestral_frequencies(rng, len(SITES))
    return descend(rng, SITES, PEDIGREE, lambda r, _: outbred(r, frequency))


@pytest.fixture
def run(people):
    """A store of some people under names, over every so-many-th site, with what the laboratory does to genotypes."""

    def make(under: dict[str, str], every: int = 1, fault=lambda rng, dosages: dosages, turned: bool = False):
        rng = np.random.default_rng(len(under))
        some = np.arange(0, len(SITES), every)
        dosages = lose(rng, fault(rng, dosages_of(people, under.values())), 0.02)[some]
        if turned:
            dosages = np.where(dosages == 3, 3, 2 - dosages.astype(np.int64)).astype(np.uint8)
        sites = Sites([SITES.contigs[n] for n in some], [SITES.positions[n] for n in some])
        store = planted_store(dosages, sites, list(under))
        if turned:
            swapped = store.sites.with_columns(ref=pl.lit("G"), alt=pl.lit("A"))
            return type(store)(store.samples, swapped, store.parts)
        return store

    return make


@pytest.fixture
def written(tmp_path):
    """A store as an earlier run's results folder."""

    def write(store, name="earlier"):
        folder = tmp_path / name / "genotypes"
        folder.mkdir(parents=True)
        contigs = store.sites["contig"].unique(maintain_order=True).to_list()
        for contig, part in zip(contigs, store.parts, strict=True):
            paths = [folder / f"{contig}.{kind}" for kind in ("bed", "haploid", "dosage", "observed")]
            with StoreWriter(*paths, len(store.samples)) as writer:
                writer.add(part)
            store.sites.filter(contig=contig).write_parquet(folder / f"{contig}.sites.parquet")
        pl.DataFrame({"sample": store.samples}).write_parquet(folder / "samples.parquet")
        return folder.parent

    return write


def found(store, path, same=None, **given):
    rows = list(compare_known(store, read_known(path, "GRCh38", store.samples), "run 1", **given))
    return {name: [kind for kind, _ in told] for name, told in known_findings(rows, same or {}).items()}


OTHERS = {f"o{n}": f"o{n}" for n in range(6)}


def test_the_same_people_under_the_same_names_are_no_finding(run, written):
    earlier = written(run({"A": "tf", "B": "tm", "C": "tc1", **OTHERS}))
    assert found(run({"A": "tf", "B": "tm", "C": "tc1", "X": "x"}), earlier) == {}
    assert found(run({"X": "x", "Y": "y"}), earlier) == {}


@pytest.mark.parametrize(
    "lab", [lambda rng, d: d, lambda rng, d: drop_alleles(rng, d, 0.05), lambda rng, d: misread(rng, d, 0.01)]
)
@pytest.mark.parametrize("given", [{}, {"every": 2}, {"turned": True}])
def test_duplicates_and_exchanges_over_runs_are_found(run, written, lab, given):
    earlier = written(run({"A": "tf", "B": "tm", "C": "tc1", **OTHERS}, fault=lab, **given))
    assert found(run({"NEW": "tf", "X": "x"}), earlier) == {"NEW": ["known_same"]}
    assert found(run({"A": "x", "X": "y"}), earlier) == {"A": ["known_other"]}
    exchanged = found(run({"A": "tm", "B": "tf", "X": "x"}), earlier)
    assert {name: sorted(kinds) for name, kinds in exchanged.items()} == {
        "A": ["known_other", "known_same"],
        "B": ["known_other", "known_same"],
    }


def test_one_person_alone_is_compared(run, written):
    earlier = written(run({"A": "tf", **OTHERS}))
    assert found(run({"NEW": "tf"}), earlier) == {"NEW": ["known_same"]}
    assert found(run({"A": "tm"}), earlier) == {"A": ["known_other"]}
    assert found(run({"A": "tf"}), earlier) == {}


def test_relatives_are_not_the_same_and_declared_twins_no_finding(run, written):
    earlier = written(run({"C": "tc1", **OTHERS}))
    assert found(run({"F": "tf", "M": "tm"}), earlier) == {}
    assert found(run({"T": "twin"}), earlier) == {"T": ["known_same"]}
    assert found(run({"T": "twin"}), earlier, same={"T": {"C": "identical twin"}}) == {}


def test_who_cannot_be_compared_is_not(run, written):
    earlier = written(run({"A": "tf", **OTHERS}))
    assert found(run({"A": "x"}), earlier, held_out={"A"}) == {}
    carried = run({"A": "x"}, fault=lambda rng, d: np.where(d == 0, 3, d))
    assert found(carried, earlier) == {}
    assert found(run({"A": "x"}, every=20), earlier) == {}, "200 sites are too few"


def test_a_fingerprint_names_nobody_and_finds_everybody(run, tmp_path):
    store = run({"ALICE": "tf", "BOB": "tm", **OTHERS})
    path = tmp_path / "fingerprint.parquet"
    alone = run({"ALICE": "tf"})
    common = alone.sites.select("contig", "pos")
    write_fingerprint(alone, np.zeros(0, np.int64), "GRCh38", path, common)
    assert found(run({"NEW": "tf"}), path) == {"NEW": ["known_same"]}, "one person at sites that are common elsewhere"
    write_fingerprint(store, np.arange(len(SITES)), "GRCh38", path)
    assert b"ALICE" not in path.read_bytes() and b"BOB" not in path.read_bytes()
    assert found(run({"NEW": "tm", "X": "x"}), path) == {"NEW": ["known_same"]}
    assert found(run({"BOB": "tm", "ALICE": "tf"}), path) == {}, "the same people under the same names"
    assert found(run({"BOB": "x"}), path) == {"BOB": ["known_other"]}
    new = run({"NEW": "tm"})
    told = known_findings(compare_known(new, read_known(path, "GRCh38", new.samples), "run 1"), {})
    assert "those of a sample of an earlier run" in told["NEW"][0][1]
    with pytest.raises(Fault, match=r"of GRCh38; genome\.build says GRCh37"):
        read_known(path, "GRCh37", [])
    (tmp_path / "wrong.parquet").write_text("no")
    with pytest.raises(Fault, match="no fingerprint"):
        read_known(tmp_path / "wrong.parquet", "GRCh38", [])
    (tmp_path / "empty").mkdir()
    with pytest.raises(Fault, match="no genotypes of an earlier run"):
        read_known(tmp_path / "empty", "GRCh38", [])
