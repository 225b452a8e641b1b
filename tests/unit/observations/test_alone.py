"""Nobody's result depends on who else is in the run, and less information is never more certain."""

import importlib.util
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.evidence.positions import gene_positions, needed_positions
from permed.observations.codes import BELIEVED, PARTLY
from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.definitions import load_genes
from permed.pharmacogenes.reading.files import read_genotypes

_found = importlib.util.spec_from_file_location("observations_cohorts", Path(__file__).with_name("cohorts.py"))
cohorts = importlib.util.module_from_spec(_found)
_found.loader.exec_module(cohorts)
ROOT = Path(__file__).resolve().parents[3]
TABLES = ROOT / "resources" / "pharmacogenes"
GENES = {gene.name: gene for gene in load_genes(TABLES, ["UGT1A1", "NUDT15", "VKORC1"])}
DEFINED = pl.read_csv(TABLES / "positions.tsv", separator="\t", infer_schema=False)
COMPARED = ("state", "diplotype", "activity_score", "phenotype", "alternatives", "phenotype_certain")


def places_of(name: str) -> list:
    rows = gene_positions(DEFINED, [name], "GRCh38").sort("pos")
    placed = rows.select("pos", "ref", "alts", "end").iter_rows()
    return [cohorts.Place(pos, ref, tuple(alts), end) for pos, ref, alts, end in placed]


PLACES = {name: places_of(name) for name in GENES}


def positions_of(name: str) -> pl.DataFrame:
    gene = GENES[name]
    empty = pl.DataFrame(schema={"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alts": pl.List(pl.String)})
    return needed_positions(gene_positions(DEFINED, [name], "GRCh38"), empty, [gene.contig])


def results(name: str, done, absent_sites: str) -> dict[str, dict]:
    """Of each person what the pharmacogene is read as and called."""
    gene = GENES[name]
    read = read_genotypes(
        [done.variants], gene, done.people, absent_sites=absent_sites, set_aside=[done.set_aside], aligned=False
    )
    called = call_gene(gene, done.people, read)
    told = {}
    for n, row in enumerate(called.iter_rows(named=True)):
        told[row["sample"]] = {key: row[key] for key in COMPARED}
        told[row["sample"]]["codes"] = np.sort(read.codes[n], axis=1).tolist()
        # That only the base before a change was looked at is a reason and no result.
        told[row["sample"]]["doubts"] = np.where(read.doubts[n] == PARTLY, BELIEVED, read.doubts[n]).tolist()
    return told


def with_people(name: str):
    return st.tuples(st.just(name), cohorts.cohorts(PLACES[name]))


@pytest.mark.slow
@settings(max_examples=60)
@given(
    made=st.one_of([with_people(name) for name in ("UGT1A1", "NUDT15", "VKORC1")]),
    absent_sites=st.sampled_from(["missing", "reference"]),
)
def test_a_person_is_the_same_alone_and_in_any_cohort(made, absent_sites):
    name, people = made
    with tempfile.TemporaryDirectory() as temporary:
        folder, contig, positions = Path(temporary), GENES[name].contig, positions_of(name)
        files = cohorts.write_all(folder, contig, people, PLACES[name])
        names = [person.name for person in people]
        runs = [names, names[:2][::-1], *([one] for one in names)]
        found = [
            results(name, cohorts.run(folder, files, own, contig, positions, absent_sites=absent_sites), absent_sites)
            for own in runs
        ]
    for person in people:
        alone = found[2 + names.index(person.name)][person.name]
        for whole in found[:2]:
            assert whole.get(person.name, alone) == alone, (person, [one.kind for one in people])


def degraded(person, place: int, how: str):
    """A person of whom less is known at a place."""
    seen = list(person.seen)
    changed = {
        "low": {"quality": cohorts.LOW},
        "absent": {"quality": cohorts.ABSENT},
        "unknown": {"copies": (cohorts.UNKNOWN, cohorts.UNKNOWN)},
        "half": {"copies": (seen[place].copies[0], cohorts.UNKNOWN)},
        "first base": {"covered": "first base"},
    }[how]
    seen[place] = replace(seen[place], **changed)
    return replace(person, seen=seen)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    made=st.one_of([with_people(name) for name in ("UGT1A1", "NUDT15", "VKORC1")]),
    place=st.integers(0, 100),
    how=st.sampled_from(["low", "absent", "unknown", "half", "first base"]),
)
def test_less_information_is_never_more_certain(made, place, how):
    name, people = made
    place %= len(PLACES[name])
    with tempfile.TemporaryDirectory() as temporary:
        folder, contig, positions = Path(temporary), GENES[name].contig, positions_of(name)
        found = []
        for number, cohort in enumerate((people, [degraded(person, place, how) for person in people])):
            own = folder / str(number)
            own.mkdir()
            files = cohorts.write_all(own, contig, cohort, PLACES[name])
            done = cohorts.run(own, files, [person.name for person in cohort], contig, positions)
            found.append(results(name, done, "missing"))
    for person in people:
        before, after = (told[person.name] for told in found)
        for one, other in zip(before["codes"], after["codes"], strict=True):
            assert other == one or min(other) < 0 or -1 in other, (person, how, place)
        if after["state"] == "called":
            assert before["state"] == "called", (person, how, place, before, after)
            assert after["diplotype"] == before["diplotype"]
