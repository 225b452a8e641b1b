"""Array text and PLINK filesets of another build end as the records that they hold on the run's build."""

import numpy as np
import pytest

from permed.chain import Chain
from permed.inputs.genotype_files import look
from permed.variants import complement

# Source chr1: 100 new bases, target 1-1500, target 1501-2500 turned round, target 2601-4000; chr2 is the same.
SHIFT, AFTER, LENGTH = 100, 2601, 4000
SOURCE_LENGTH = SHIFT + 1500 + 1000 + 1400


@pytest.fixture
def chain(tmp_path) -> Chain:
    pieces = [
        ("chr1", SOURCE_LENGTH, SHIFT, "+", 0, 1500),
        ("chr1", SOURCE_LENGTH, SHIFT + 1500, "-", LENGTH - 2500, 1000),
        ("chr1", SOURCE_LENGTH, SHIFT + 2500, "+", AFTER - 1, 1400),
        ("chr2", LENGTH, 0, "+", 0, LENGTH),
    ]
    heads = [
        f"chain 9 {contig} {length} + {at} {at + size} {contig} {LENGTH} {strand} {there} {there + size} {n}\n{size}"
        for n, (contig, length, at, strand, there, size) in enumerate(pieces)
    ]
    path = tmp_path / "other.chain"
    path.write_text("\n\n".join(heads) + "\n")
    return Chain(path, ["chr1", "chr2"])


def on_source(contig: str, pos: int) -> tuple[int, bool] | None:
    """Where a base of the target lies on the source, and whether it is turned round there."""
    if contig == "chr2":
        return pos, False
    if pos <= 1500:
        return pos + SHIFT, False
    if pos <= 2500:
        return SHIFT + 1500 + (2500 - pos) + 1, True
    return (pos - AFTER + 1 + SHIFT + 2500, False) if pos >= AFTER else None


def of_source(cohort, people=None):
    """The cohort's SNVs as the source build has them: (contig, pos, ref, alt, allele pairs), and their rows."""
    sites, rows = [], []
    for row, (contig, pos, ref, alt) in enumerate(cohort.sites):
        place = on_source(contig, pos)
        if place and len(ref) == len(alt) == 1:
            alleles = (complement(ref), complement(alt)) if place[1] else (ref, alt)
            sites.append((contig, place[0], *alleles))
            rows.append(row)
    order = sorted(range(len(sites)), key=lambda n: sites[n][:2])
    return [sites[n] for n in order], [rows[n] for n in order]


def array_text(cohort, person: int, build: str | None) -> bytes:
    sites, rows = of_source(cohort)
    lines = [f"# on {build}"] if build else []
    lines.append("# rsid\tchromosome\tposition\tgenotype")
    for n, ((contig, pos, ref, alt), row) in enumerate(zip(sites, rows, strict=True)):
        pair = cohort.genotypes[row][person]
        letters = "--" if min(pair) < 0 else "".join((ref, alt)[a] for a in pair)
        lines.append(f"rs{n}\t{contig.removeprefix('chr')}\t{pos}\t{letters}")
    return "\n".join([*lines, ""]).encode()


@pytest.mark.parametrize("build", ["build 37", None])
def test_array_text_of_another_build_has_the_genotypes_of_the_runs(cohort, take, truth, chain, build):
    path = cohort.write("S1.txt", array_text(cohort, 0, build))
    looked = look(str(path), None, "GRCh38", cohort.reference, chain)
    assert looked.lift and not looked.faults
    run = take(path, chain=chain, sample="S1")
    found = {row[:2]: row[2:] for row in run.records()}
    rows = of_source(cohort)[1]
    assert len(found) == len(rows)
    for contig, pos, ref, alt, genotype, *_ in (truth[row] for row in rows):
        own = found[contig, pos]
        assert own[0] == ref
        letters = [(own[0], own[1])[a] if a is not None else None for a in own[2]]
        assert sorted(letters, key=str) == sorted([(ref, alt)[a] if a is not None else None for a in genotype], key=str)


def test_markers_without_a_place_are_counted_and_listed(cohort, take, chain):
    text = array_text(cohort, 0, "build 37") + b"rsX\t1\t50\tAC\n"
    run = take(cohort.write("S1.txt", text), chain=chain, sample="S1")
    run.records()
    assert run.done["counts"]["lost in lifting"] == 1
    (row,) = run.changes
    assert (row["contig"], row["pos"], row["outcome"]) == ("chr1", 50, "lost")
    assert row["reason"] == "it has no place on the other build"


def test_array_text_of_the_runs_build_stays_where_it_is(cohort, take, chain):
    lines = ["# build 38", *(f"rs{n}\t{c}\t{p}\t{r}{a}" for n, (c, p, r, a) in enumerate(cohort.sites) if len(a) == 1)]
    run = take(cohort.write("S1.txt", "\n".join([*lines, ""]).encode()), chain=chain, sample="S1")
    assert {row[:2] for row in run.records()} == {site[:2] for site in cohort.sites if len(site[3]) == 1}
    assert not run.changes


@pytest.mark.parametrize("exchanged", [False, True])
def test_a_bed_of_another_build_has_the_records_of_the_runs(cohort, take, truth, chain, exchanged):
    rows = lifted_cohort(cohort)
    path = cohort.write_bed(exchanged=exchanged)
    looked = look(str(path), None, "GRCh38", cohort.reference, chain)
    assert looked.lift and not looked.faults
    run = take(path, chain=chain)
    assert run.records() == sorted((truth[row] for row in rows), key=lambda row: row[:2])
    assert run.done["counts"]["lost in lifting"] == 0


def test_a_pgen_of_another_build_with_indels_and_an_exchanged_ref(cohort, take, truth, chain):
    sites, rows = [], []
    for row, (contig, pos, ref, alt) in enumerate(cohort.sites):
        place = on_source(contig, pos)
        if place and not place[1] and (contig, pos) != ("chr1", 1500):  # an insertion at the edge of a piece is lost
            sites.append((contig, place[0], ref, alt))
            rows.append(row)
    contig, pos, ref, alt = sites[0]
    sites[0] = (contig, pos, alt, ref)  # the other build has the other base
    genotypes = cohort.genotypes[rows].copy()
    genotypes[0] = np.where(genotypes[0] < 0, -1, 1 - genotypes[0])
    cohort.sites, cohort.genotypes = sites, genotypes
    run = take(cohort.write_pgen(), chain=chain)
    expected = sorted((truth[row] for row in rows), key=lambda row: row[:2])
    assert run.records() == [(*row[:4], *(tuple(sorted(g, key=str)) for g in row[4:])) for row in expected]
    (swapped,) = run.changes
    assert (swapped["outcome"], swapped["new_ref"], swapped["new_alt"]) == ("swapped", ref, alt)


def test_without_a_chain_a_bed_of_another_build_is_refused(cohort):
    lifted_cohort(cohort)
    looked = look(str(cohort.write_bed()), None, "GRCh38", cohort.reference)
    assert "no allele is the reference's" in looked.faults[0].fault


def lifted_cohort(cohort) -> list[int]:
    """Make the cohort's sites those of the source; give their rows on the target."""
    sites, rows = of_source(cohort)
    cohort.sites, cohort.genotypes = sites, cohort.genotypes[rows]
    return rows
