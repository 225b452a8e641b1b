"""Planted worlds whose cohort and panel are drawn from the same people: who and what may enter a comparison."""

import numpy as np
import polars as pl
import pytest

from permed.scores.calibration.panel import COHORT, Panel
from permed.scores.calibration.reference import Cohort, compare_with_cohort, compare_with_panel
from permed.scores.calibration.standing import standings
from permed.scores.calibration.stores import Store

ALT, NO, HET, REF = range(4)
CODE = np.array([REF, HET, ALT], np.uint8)
ON_X = 5_000_000  # outside the pseudoautosomal regions
LOG = {
    "score": pl.String,
    "line": pl.Int64,
    "contig": pl.String,
    "pos": pl.Int64,
    "effect_allele": pl.String,
    "other_allele": pl.String,
    "weight": pl.Float64,
    "effect_type": pl.String,
    "row": pl.Int64,
    "dosage_of": pl.String,
    "siblings": pl.List(pl.Int64),
    "class": pl.String,
    "term": pl.Int64,
}


def genotypes(rng, frequencies, men, on_x):
    """ALT copies (variants, people); on chrX a man has his one allele twice."""
    shape = (len(frequencies), len(men))
    one, two = (rng.random(shape) < frequencies[:, None] for _ in range(2))
    return np.where(on_x & men, 2 * one, one.astype(int) + two)


@pytest.fixture
def make_log(tmp_path):
    """Write the log of one additive score of the ALT alleles, from (contig, pos, row, weight) a variant."""

    def make(variants, **columns):
        rows = [
            ("S", n, contig, pos, "G", "A", weight, "additive", row, "alt", None, "matched", None)
            for n, (contig, pos, row, weight) in enumerate(variants)
        ]
        table = pl.DataFrame(rows, schema=LOG, orient="row").with_columns(**columns)
        table.write_parquet(tmp_path / "log.parquet")
        return tmp_path / "log.parquet"

    return make


@pytest.fixture
def world(tmp_path, make_store, make_log):
    """A cohort and a panel of one population over the same variants, half of whose people are men.

    ``weights`` are of variants of chr1 and of chrX. Gives log, stores by name, people by name, and who is a man.
    """

    def make(on_1, on_x, people=300, reference=400, seed=3, missing=()):
        rng = np.random.default_rng(seed)
        sites = {"chr1": [(1000 * (n + 1), "A", "G") for n in range(len(on_1))]}
        sites["chrX"] = [(ON_X + 1000 * n, "A", "G") for n in range(len(on_x))]
        frequency = {contig: rng.uniform(0.2, 0.8, len(rows)) for contig, rows in sites.items()}
        made = {}
        for name, size, letter in (("cohort", people, "P"), ("panel", reference, "R")):
            men = np.arange(size) % 2 == 0
            codes = {c: CODE[genotypes(rng, frequency[c], men, c == "chrX")] for c in sites}
            if name == "cohort":
                for contig, variant, person in missing:
                    codes[contig][variant, person] = NO
            names = [f"{letter}{n}" for n in range(size)]
            given = {contig: (rows, codes[contig]) for contig, rows in sites.items() if rows}
            paths = make_store(given, names, folder=tmp_path / name)
            made[name] = (paths["genotypes"], paths["samples"], names, men, codes)
        labels = tmp_path / "labels.tsv"
        pl.DataFrame({"sample": made["panel"][2], "population": "EUR"}).write_csv(labels, separator="\t")
        variants = [("chr1", pos, n, on_1[n]) for n, (pos, _, _) in enumerate(sites["chr1"])]
        variants += [("chrX", pos, n, on_x[n]) for n, (pos, _, _) in enumerate(sites["chrX"])]
        return make_log(variants), made, labels

    return make


def sexes_of(names, men):
    return {name: "XY" if man else "XX" for name, man in zip(names, men, strict=True)}


def own_cohort(made, x_dosage="once", sexes=None, people=None, usable=None):
    beds, samples, names, men, _ = made["cohort"]
    store = Store.of(beds, samples, "GRCh38", x_dosage, sexes=sexes_of(names, men) if sexes is None else sexes)
    people = names if people is None else people
    return Cohort(store, people, people if usable is None else usable)


def test_genotypes_of_people_who_may_not_enter_are_not_counted(world):
    """The missing genotype of one person counts as the mean of those who agreed and are usable, not of all."""
    log, made, _ = world([1.0] * 20, [], people=200, missing=[("chr1", 0, 0)])
    names, codes = made["cohort"][2], made["cohort"][4]["chr1"]
    agreed, usable = names[:120], names[:60]
    sums, every, _ = compare_with_cohort(own_cohort(made, people=agreed, usable=usable), log, ["S"])
    assert sums["sample"].to_list() == usable and every["sample"].to_list() == agreed
    copies = np.array([2, np.nan, 1, 0])[codes]
    expected = np.nansum(copies[:, 0]) + np.nanmean(copies[0, :60])
    assert every["sum"][0] == pytest.approx(expected, abs=1e-12)
    assert abs(np.nanmean(copies[0, :60]) - np.nanmean(copies[0])) > 0.005
    assert abs(np.nanmean(copies[0, :60]) - np.nanmean(copies[0, :120])) > 0.005


def test_frequencies_count_chromosomes(world):
    """Of a man one chrX is counted, in the frequency of a population and so in what a missing genotype counts for."""
    log, made, labels = world([], [1.0] * 30)
    beds, samples, names, men, codes = made["panel"]
    store = Store.of(beds, samples, "GRCh38", sexes=sexes_of(names, men))
    copies = np.array([2, 0, 1, 0])[codes["chrX"]]
    expected = (copies[:, ~men].sum(axis=1) + copies[:, men].sum(axis=1) / 2) / (2 * (~men).sum() + men.sum())
    shares = Panel.of(store, labels).frequencies("X", np.arange(30))
    assert shares["EUR"].to_numpy() == pytest.approx(expected, abs=1e-12)
    assert np.abs(copies.mean(axis=1) / 2 - expected).max() > 0.005


def test_a_population_may_have_any_name(world):
    """Not even the names of our own columns are taken for anything else."""
    log, made, labels = world([1.0] * 12, [])
    beds, samples, names, _, codes = made["panel"]
    groups = ["all" if n < 150 else "pos" for n in range(len(names))]
    pl.DataFrame({"sample": names, "population": groups}).write_csv(labels, separator="\t")
    panel = Panel.of(Store.of(beds, samples, "GRCh38"), labels)
    shares = panel.frequencies("chr1", np.arange(12))
    copies = np.array([2, 0, 1, 0])[codes["chr1"]] / 2
    assert shares["all"].to_numpy() == pytest.approx(copies[:, :150].mean(axis=1))
    assert shares["pos"].to_numpy() == pytest.approx(copies[:, 150:].mean(axis=1))
    assert shares[None].to_numpy() == pytest.approx(copies.mean(axis=1))
    placed = pl.DataFrame({"sample": ["P0", "P1"], "population": ["all", "pos"]})
    reference, comparable, shares = compare_with_panel(own_cohort(made), log, ["S"], panel, placed)
    told = standings(reference, comparable, shares, 100)
    assert dict(told.select("sample", "reference_people").iter_rows()) == {"P0": 150, "P1": 250}


def test_variants_at_which_nobody_of_the_reference_is_read_take_no_part(world):
    nobody = [("chr1", 4, n) for n in range(150)]
    log, made, _ = world([1.0] * 30, [], people=150, missing=nobody)
    reference, comparable, shares = compare_with_cohort(own_cohort(made), log, ["S"])
    assert shares["variants_shared"][0] == 29
    told = standings(reference, comparable, shares, 100)
    assert told["percentile"].null_count() == 0 and told["population"].unique().to_list() == [COHORT]
