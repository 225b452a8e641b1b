"""Planted faults are there in number, frequencies differ between populations as they should, normalisation undoes."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pysam
import pysam.bcftools
import pytest

from permed.demo.reference import Islands
from permed.demo.sites import FAULTS, FEW, FST, TRANSITION, assign_kinds, draw_places, make_sites
from permed.genome import lengths
from permed.variants import trim

GENOME = {name: lengths("GRCh38")[name] for name in ("chr1", "chr22", "chrX", "chrY", "chrM")}


@pytest.fixture(scope="module")
def normal(files, tmp_path_factory):
    """Alleles after bcftools norm, biallelic."""
    out = tmp_path_factory.mktemp("norm") / "norm.bcf"
    arguments = ["-m", "-any", "-f", str(files.reference), "--check-ref", "w", "-Ob", "-o", str(out), str(files.cohort)]
    pysam.bcftools.norm(*arguments, catch_stdout=False)
    with pysam.VariantFile(str(out)) as records:
        return Counter((r.contig, r.pos, r.ref, r.alts[0]) for r in records if r.alts)


def test_faults_are_planted_in_number(truth):
    assert Counter(truth["sites"]["kind"]) | Counter(FAULTS) == Counter(truth["sites"]["kind"])
    counted = Counter(truth["sites"]["kind"])
    assert {kind: counted[kind] for kind in FAULTS} == FAULTS
    assert counted["indel"] > 30
    assert counted["multiallelic"] > 5


def test_reference_agrees_but_for_the_planted_records(files, truth):
    planted = {
        (row["contig"], row["pos"]): row["kind"]
        for row in truth["sites"].to_dicts()
        if row["kind"] in ("ref_on_n", "ref_mismatch")
    }
    found = {}
    with pysam.FastaFile(str(files.reference)) as fasta, pysam.VariantFile(str(files.cohort)) as records:
        for r in records:
            there = fasta.fetch(r.contig, r.pos - 1, r.pos - 1 + len(r.ref))
            if there != r.ref:
                found[r.contig, r.pos] = "ref_on_n" if there == "N" else "ref_mismatch"
    assert found == planted


def test_norm_gives_the_planted_normal_forms(normal, truth):
    rows = truth["sites"].filter(truth["sites"]["normal_pos"].is_not_null()).to_dicts()
    assert len(rows) == FAULTS["not_left_aligned"] + FAULTS["not_trimmed"]
    for row in rows:
        assert (row["contig"], row["normal_pos"], row["normal_ref"], row["normal_alt"]) in normal
        assert (row["contig"], row["pos"], row["ref"], row["alts"]) not in normal


def test_norm_leaves_all_other_variants_in_place(normal, truth):
    for row in truth["sites"].filter(truth["sites"]["normal_pos"].is_null()).to_dicts():
        times = 2 if row["kind"] == "duplicate_record" else 1
        if row["kind"] not in ("monomorphic", "star", "symbolic"):
            for alt in row["alts"].split(","):
                assert normal[row["contig"], *trim(row["pos"], row["ref"], alt)] == times


def test_norm_keeps_every_pharmacogene_variant_where_its_definition_has_it(normal, demo):
    places = [
        (site.contig, *trim(site.pos, site.ref, alt))
        for definition in demo.definitions.values()
        for site in definition.sites
        for alt in site.alts
    ]
    assert len(places) > 1200
    assert [place for place in places if normal[place] != 1] == []
    assert normal["chr2", 233760233, "C", "CAT"] == normal["chr2", 233760233, "CAT", "C"] == 1


def test_overlapping_deletion_and_star_agree(files, truth):
    for row in truth["sites"].filter(truth["sites"]["kind"] == "star").to_dicts():
        with pysam.VariantFile(str(files.cohort)) as records:
            deletion, inside = records.fetch(row["contig"], row["pos"] - 3, row["pos"])
            star = inside.alts.index("*") + 1
            for sample in deletion.samples:
                one, other = (r.samples[sample].allele_indices for r in (deletion, inside))
                assert one.count(1) == other.count(star)


def test_transitions_outnumber_transversions_twofold(demo):
    changes = [(s.ref, s.alts[0]) for s in demo.sites if s.kind == "snv" and not s.block]
    transitions = sum(TRANSITION[ref] == alt for ref, alt in changes)
    assert 1.8 < transitions / (len(changes) - transitions) < 2.5


def test_populations_differ_by_the_fixation_index(demo):
    """Hudson's estimator on the true frequencies: variance between over total, pair by pair."""
    snv = [s.frequencies[:, 0] for s in demo.sites if s.kind == "snv" and s.frequencies is not None]
    p = np.array([f for f in snv if 0.1 < f.mean() < 0.9])
    top, bottom = 0.0, 0.0
    for a, b in ((0, 1), (0, 2), (1, 2)):
        top += ((p[:, a] - p[:, b]) ** 2).sum()
        bottom += (p[:, a] * (1 - p[:, b]) + p[:, b] * (1 - p[:, a])).sum()
    assert top / bottom == pytest.approx(FST, abs=0.025)


def test_places_keep_off_what_is_reserved_and_each_other():
    reserved = [("chr22", 10_000_000, 20_000_000), ("chrX", 1, 2_000_000)]
    places = draw_places(GENOME, 3000, reserved, np.random.default_rng(1))
    counts = Counter(contig for contig, _ in places)
    assert counts["chrY"] == FEW["chrY"]
    assert counts["chrM"] == FEW["chrM"]
    assert 500 < counts["chrX"] < FEW["chrX"]
    assert not any(c == contig and start <= pos <= end for c, start, end in reserved for contig, pos in places)
    assert all(a[0] != b[0] or b[1] - a[1] >= 250 for a, b in pairwise(places))


def test_faults_are_planted_on_autosomes_only():
    kinds = assign_kinds(draw_places(GENOME, 3000, [], np.random.default_rng(1)), np.random.default_rng(2))
    assert {kind for (contig, _), kind in kinds.items() if contig in FEW} == {"snv"}


@pytest.mark.parametrize("kind", ["indel", "multiallelic", "not_left_aligned", "not_trimmed", "star", "snv"])
def test_alleles_are_valid_whatever_the_draw(kind):
    rng = np.random.default_rng(7)
    places = {("chr1", 1000 * n): kind for n in range(1, 150)}
    islands = Islands([(c, pos - 30, pos + 60) for c, pos in places], {"chr1": 200_000}, rng)
    for site in make_sites(places, islands, 2, rng):
        assert islands.read(site.contig, site.pos, len(site.ref)) == site.ref
        assert len({site.ref, *site.alts}) == len(site.alts) + 1
        assert site.frequencies.shape == (2, len([alt for alt in site.alts if alt != "*"]))
        assert (site.frequencies.sum(axis=1) <= 1).all()
