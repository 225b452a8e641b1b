"""Planted worlds whose cohort and panel are drawn from the same people: who and what may enter a comparison."""

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.inputs.config import defaults, read_schema
from permed.quality.thresholds import thresholds_of
from permed.scores.calibration.panel import Panel
from permed.scores.calibration.reference import Cohort, compare_with_cohort, compare_with_panel
from permed.scores.calibration.results import calibrated
from permed.scores.calibration.shared import COHORT
from permed.scores.calibration.standing import standings
from permed.scores.calibration.stores import Store
from permed.scores.log import LOG_SCHEMA
from permed.scores.risk.assess import SCHEMA as RISK

ALT, NO, HET, REF = range(4)
CODE = np.array([REF, HET, ALT], np.uint8)
ON_X = 5_000_000  # outside the pseudoautosomal regions
LOG_COLUMNS = "score line contig pos effect_allele other_allele weight effect_type row dosage_of siblings class term"
LOG = {name: LOG_SCHEMA[name] for name in LOG_COLUMNS.split()}


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
    _, made, labels = world([], [1.0] * 30)
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


@pytest.fixture
def compare(root):
    """Standings of a made world against its panel, or against itself; the panel's sexes are found."""
    limits = thresholds_of(defaults(read_schema(root / "config/schemas/config.schema.yaml"))["quality"])

    def run(log, made, labels=None, x_dosage="once", minimum=100, sexes=None, known=True):
        cohort = own_cohort(made, x_dosage, sexes)
        if labels is None:
            tables = compare_with_cohort(cohort, log, ["S"])
        else:
            panel = Panel.of(Store.of(*made["panel"][:2], "GRCh38", x_dosage), labels)
            panel = panel.with_sexes({}, limits) if known else panel
            placed = pl.DataFrame({"sample": cohort.people, "population": "EUR"})
            tables = compare_with_panel(cohort, log, ["S"], panel, placed)
        return standings(*tables, minimum), tables

    return run


def means_by_sex(told, made, column):
    """Of men and of women."""
    men = dict(zip(*made["cohort"][2:4], strict=True))
    flagged = told.with_columns(man=pl.col("sample").replace_strict(men))
    return [flagged.filter(man=man)[column].mean() for man in (True, False)]


@pytest.mark.parametrize("x_dosage", ["once", "twice"])
@pytest.mark.parametrize("against", ["panel", "cohort"])
def test_men_and_women_are_each_compared_with_their_own_on_chrx(world, compare, x_dosage, against):
    """Cohort and panel are one population: each sex is as a whole in the middle, with a spread of 1."""
    log, made, labels = world([], [1.0] * 40, people=600, reference=800)
    told, (reference, _, shares) = compare(log, made, labels if against == "panel" else None, x_dosage)
    assert shares["by_sex"].to_list() == [True] and reference["sex"].unique().sort().to_list() == ["XX", "XY"]
    assert means_by_sex(told, made, "z") == pytest.approx([0, 0], abs=0.25)
    assert means_by_sex(told, made, "percentile") == pytest.approx([50, 50], abs=7)
    men = dict(zip(*made["cohort"][2:4], strict=True))
    for man, sex in ((True, "XY"), (False, "XX")):
        rows = told.filter(pl.col("sample").replace_strict(men) == man)
        assert rows["z"].std() == pytest.approx(1, abs=0.15)
        assert rows["reference_sex"].unique().to_list() == [sex]
        assert rows["reference_people"].unique().to_list() == [400 if against == "panel" else 300]


def test_z_of_a_man_is_that_among_the_men_of_the_panel(world, compare):
    log, made, labels = world([1.0] * 10, [1.0] * 60)
    told, _ = compare(log, made, labels)
    by_person = dict(told.select("sample", "z").iter_rows())
    copies = {
        name: np.array([2, 0, 1, 0])[made[name][4]["chr1"]].sum(axis=0)
        + np.array([2, 0, 1, 0])[made[name][4]["chrX"]].sum(axis=0) / np.where(made[name][3], 2, 1)
        for name in ("cohort", "panel")
    }
    for person in range(4):
        own = copies["panel"][made["panel"][3] == made["cohort"][3][person]]
        expected = (copies["cohort"][person] - own.mean()) / own.std()
        assert by_person[f"P{person}"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("x_dosage", ["once", "twice"])
def test_variants_on_chrx_that_carry_little_are_left_out_of_the_comparison(world, compare, x_dosage):
    """Sexes then are compared together, and nobody's has to be known."""
    log, made, labels = world([1.0] * 180, [1.0] * 8, people=400)
    told, (_, _, shares) = compare(log, made, labels, x_dosage, known=False, sexes={})
    share = shares.row(0, named=True)
    assert (share["by_sex"], share["x_set_aside"], share["variants_shared"]) == (False, 8, 180)
    assert 0 < share["lacking"] < 0.1 and share["reliability"] == pytest.approx(1 - share["lacking"])
    assert told["percentile"].null_count() == 0 and told["reference_people"].unique().to_list() == [400]
    assert means_by_sex(told, made, "percentile") == pytest.approx([50, 50], abs=6)


def test_counted_twice_chrx_carries_twice_as_much_in_men(world, compare):
    """What is little in women may be much in men: 8 % of a woman's variance is 15 % of a man's."""
    log, made, labels = world([1.0] * 92, [1.0] * 8)
    by_sex = {mode: compare(log, made, labels, mode)[1][2]["by_sex"][0] for mode in ("once", "twice")}
    assert by_sex == {"once": False, "twice": True}


def test_who_is_of_no_known_sex_has_no_percentile_on_chrx(world, compare):
    log, made, labels = world([1.0] * 10, [1.0] * 60)
    sexes = sexes_of(*made["cohort"][2:4]) | {"P0": "NA", "P2": "X0"}
    told, _ = compare(log, made, labels, sexes=sexes)
    without = told.filter(pl.col("percentile").is_null())
    assert sorted(without["sample"]) == ["P0", "P2"]
    assert "not known that this person has either" in without["percentile_reason"][0]


def test_each_sex_needs_enough_reference_people(world, compare):
    log, made, labels = world([1.0] * 10, [1.0] * 60, reference=180)
    told, _ = compare(log, made, labels)
    assert told["percentile"].null_count() == len(told)
    said = "there are 90 reference people of EUR with XY to compare with, fewer than 100"
    assert told["percentile_reason"][0] == said
    unsexed, _ = compare(log, made, labels, known=False)
    assert "there are 0 reference people of EUR with XY" in unsexed["percentile_reason"][0]


def test_reported_sexes_stand_where_chrx_says_nothing(world):
    _, made, labels = world([1.0] * 4, [], reference=40)
    limits = {"min_cohort": 1, "min_sites": 100}
    panel = Panel.of(Store.of(*made["panel"][:2], "GRCh38"), labels)
    assert panel.with_sexes({"R1": "XX"}, limits).store.sexes["R1"] == "XX"
    assert panel.with_sexes({"R1": "XX"}, limits).store.sexes["R2"] == "NA"


def test_one_decisive_genotype_that_is_missing_leaves_no_percentile(world, compare):
    """Of 100 variants one is missing, which carries nearly all of the variance."""
    log, made, _ = world([5.0] + [0.05] * 99, [], people=150, missing=[("chr1", 0, 0), ("chr1", 50, 1)])
    told, _ = compare(log, made)
    decisive, other = (told.filter(sample=name).row(0, named=True) for name in ("P0", "P1"))
    assert decisive["share_read"] < 0.05 and decisive["percentile"] is None and decisive["z"] is None
    assert "the variants without a genotype in this person carry" in decisive["percentile_reason"]
    assert other["share_read"] > 0.999 and other["percentile"] is not None
    assert other["reference_people"] == 149  # nor is who is not read a reference for others


def test_terms_of_unknown_phase_make_the_reference_a_biased_sample(tmp_path, make_store, make_log, compare):
    rng = np.random.default_rng(9)
    names = [f"P{n}" for n in range(400)]
    for frequency, biased in ((0.5, True), (0.1, False)):
        codes = CODE[rng.binomial(2, frequency, (3, 400))]
        both = (codes[:2] == HET).all(axis=0)
        assert (both.mean() > 0.05) == biased and both.any()
        sites = [(1000 * (n + 1), "A", "G") for n in range(3)]
        paths = make_store({"chr1": (sites, codes)}, names, folder=tmp_path / f"{frequency}")
        made = {"cohort": (paths["genotypes"], paths["samples"], names, np.zeros(400, bool), None)}
        kind = pl.when(pl.col("line") < 2).then(pl.lit("haplotype")).otherwise("effect_type")
        term = pl.when(pl.col("line") < 2).then(0).cast(pl.Int64)
        log = make_log([("chr1", 1000 * (n + 1), n, 1.0) for n in range(3)], effect_type=kind, term=term)
        told, (reference, _, _) = compare(log, made)
        assert set(reference.filter(pl.col("left_out") > 0)["sample"]) == {names[n] for n in np.flatnonzero(both)}
        assert told["reference_people"].unique().to_list() == [400 - both.sum()]
        if biased:
            assert told["percentile"].null_count() == 400
            assert f"not known whole in {both.sum()} of the 400 usable people" in told["percentile_reason"][0]
        else:
            copies = np.array([2, 0, 1, 0])[codes]
            sums = np.minimum(copies[0], copies[1]) + copies[2]
            z = (sums - sums[~both].mean()) / sums[~both].std()
            assert told["percentile"].is_null().to_list() == both.tolist()
            assert told["z"].drop_nulls().to_numpy() == pytest.approx(z[~both], abs=1e-9)
            assert "chromosomes of a term of several variants" in told.filter(both)["percentile_reason"][0]


def test_a_panel_without_genotypes_is_a_fault(world):
    _, made, labels = world([1.0] * 4, [])
    with pytest.raises(Fault, match="has no genotypes"):
        Panel.of(Store.of([], made["panel"][1], "GRCh38"), labels)


def test_the_population_told_is_that_of_the_reference_people(world, compare):
    """Also where somebody is most similar to a population with whom nobody was compared."""
    log, made, _ = world([1.0] * 20, [], people=150)
    told, (_, comparable, _) = compare(log, made)
    blank = {name: pl.lit(None, pl.Float64) for name in ("denominator", "average", "absolute_risk", "population_risk")}
    sums = comparable.select("sample", "score", "sum", status=pl.lit("found"), **blank)
    ancestry = pl.DataFrame({"sample": made["cohort"][2], "population": "EUR", "reason": "", "probability": 0.9})
    whole = calibrated(sums, told, pl.DataFrame(schema=RISK), ancestry)
    assert whole["percentile"].null_count() == 0 and whole["population"].unique().to_list() == [COHORT]
