"""The true sums, recomputed from the written VCF and scoring files in another way."""

import csv
import gzip
import math
from collections import Counter

import cyvcf2
import pytest

from permed.demo.scores import PLANS

FLIP = dict(zip("ACGT", "TGCA", strict=True))


def read_scoring_file(path):
    with gzip.open(path, "rt") as lines:
        text = lines.read().splitlines()
    header = dict(line[1:].split("=", 1) for line in text if line.startswith("#") and "=" in line)
    return header, list(csv.DictReader((line for line in text if not line.startswith("#")), delimiter="\t"))


@pytest.fixture(scope="module")
def sites(files):
    """Genotype texts of the cohort by (contig without chr, position)."""
    reader = cyvcf2.VCF(str(files.cohort))
    return reader.samples, {(v.CHROM[3:], str(v.POS)): (v.REF, v.ALT, [g[:-1] for g in v.genotypes]) for v in reader}


def classify(row, sites):
    """The class of a line of a scoring file, as (class, whether the effect allele is ALT)."""
    effect, other = row["effect_allele"], row["other_allele"]
    if set(effect + other) - set("ACGT"):
        return "not_scorable", None
    if (row["chr_name"], row["chr_position"]) not in sites:
        return "absent", None
    ref, alts, _ = sites[row["chr_name"], row["chr_position"]]
    if FLIP[effect] == other:
        return "ambiguous", effect == alts[0]
    for kind, pair in (("matched", (effect, other)), ("flipped", (FLIP[effect], FLIP[other]))):
        if set(pair) == {ref, alts[0]}:
            return kind, pair[0] == alts[0]
    raise AssertionError(row)


def test_classes_are_the_planted_ones(files, sites, truth):
    planted = [
        tuple(r.values())
        for r in truth["score_variants"].select("score", "chr_position", "class", "effect_is").to_dicts()
    ]
    found = []
    for name, path in files.scores.items():
        for row in read_scoring_file(path)[1]:
            kind, is_alt = classify(row, sites[1])
            effect = None if is_alt is None else "alt" if is_alt else "ref"
            found.append((name, row["chr_position"] or None, kind, effect))
    assert found == planted


def test_sums_are_the_planted_ones(files, sites, truth):
    samples, genotypes = sites
    planted = {(r["sample"], r["score"]): r for r in truth["scores"].to_dicts()}
    assert len(planted) == 2 * len(samples)
    for name, path in files.scores.items():
        parts, alleles = {s: [] for s in samples}, Counter()
        for row in read_scoring_file(path)[1]:
            kind, is_alt = classify(row, genotypes)
            if kind in ("matched", "flipped"):
                for sample, called in zip(samples, genotypes[row["chr_name"], row["chr_position"]][2], strict=True):
                    if -1 not in called:
                        parts[sample].append(called.count(int(is_alt)) * float(row["effect_weight"]))
                        alleles[sample] += 2
        for sample in samples:
            row = planted[sample, name]
            assert row["sum"] == pytest.approx(math.fsum(parts[sample]), abs=1e-9)
            assert row["denominator"] == alleles[sample]
            assert row["average"] == pytest.approx(math.fsum(parts[sample]) / alleles[sample], abs=1e-9)


def test_some_genotypes_of_scored_sites_are_missing(truth):
    table = truth["score_variants"]
    assert table["missing_genotypes"].max() > 5
    assert truth["scores"]["denominator"].n_unique() > 5


def test_one_score_passes_the_gate_and_one_fails_however_ambiguous_ones_count():
    for name, passes in (("PGSDEMO1", True), ("PGSDEMO2", False)):
        plan = PLANS[name]
        matched = plan["effect_alt"] + plan["effect_ref"] + plan["flipped"]
        for counted in (matched, matched + plan["ambiguous"]):
            assert (counted / sum(plan.values()) >= 0.75) is passes


def test_headers_say_that_scores_are_simulated(files):
    for name, path in files.scores.items():
        header, rows = read_scoring_file(path)
        assert header["pgs_id"] == name
        assert header["format_version"] == "2.0"
        assert header["genome_build"] == "GRCh38"
        assert int(header["variants_number"]) == len(rows)
        assert "simulated" in header["pgs_name"]
        assert "imulated" in header["trait_reported"]
