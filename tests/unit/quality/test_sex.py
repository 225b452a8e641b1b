"""Sex against planted karyotypes, in cohorts that callers and sheets make hard."""

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING
from permed.quality.sexes.inferring import infer_sexes
from permed.quality.thresholds import thresholds_of

X, Y = 400, 60


@pytest.fixture
def cohort(make_store, random_codes):
    """A store of people of planted karyotypes; ``y_filled`` writes chrY for people without one too."""

    def build(karyotypes: list[str], haploid: bool = False, y_filled: bool = False, with_x=True, with_y=True, seed=5):
        rng = np.random.default_rng(seed)
        count = len(karyotypes)
        x, y = random_codes(rng, X, count), random_codes(rng, Y, count)
        y = np.where(y == HET, HOM_REF, y)
        single = np.array([name.count("X") == 1 for name in karyotypes])
        x[:, single] = np.where(x[:, single] == HET, HOM_ALT, x[:, single])
        without = np.array(["Y" not in name for name in karyotypes])
        y[:, without] = HOM_REF if y_filled else MISSING
        parts = {"chr1": (random_codes(rng, 300, count), list(range(1, 301)))}
        if with_x:
            parts["chrX"] = (x, list(range(3_000_000, 3_000_000 + X)))
        if with_y:
            parts["chrY"] = (y, list(range(3_000_000, 3_000_000 + Y)))
        mask = {"chrX": np.tile(single, (X, 1))} if haploid else None
        return make_store(parts, haploid=mask)

    return build


@pytest.fixture
def inferred(metrics_of, thresholds):
    def infer(store, depths=None) -> tuple[list[str], list[str], list[bool]]:
        limits = [thresholds_of(thresholds)] * len(store.samples)
        found = infer_sexes(metrics_of(store), limits, depths)
        return found["sex_inferred"].to_list(), found["sex_evidence"].to_list(), found["sex_unclear"].to_list()

    return infer


MIXED = ["XX", "XY"] * 8


@pytest.mark.parametrize("haploid", [False, True])
def test_xx_xy_and_others_in_a_cohort(cohort, inferred, haploid):
    planted = [*MIXED, "X0", "XXY"]
    sexes, evidence, unclear = inferred(cohort(planted, haploid))
    assert sexes == [*MIXED, "NA" if haploid else "X0", "XXY"]
    assert unclear == [False] * 16 + [haploid, False]
    assert "y_call_rate 0.000 of 60 sites on chrY" in evidence[-2]
    assert not haploid or evidence[-2].startswith("not assessable by genotypes: the caller assumed one X")
    assert "y_call_rate 1.000" in evidence[-1]
    assert ("are haploid, as the caller assumed one X" in evidence[1]) == haploid


def test_a_file_that_writes_y_for_everybody_says_nothing_by_it(cohort, inferred):
    sexes, evidence, _ = inferred(cohort(MIXED, y_filled=True))
    assert sexes == MIXED, "alternates, which nobody with two X has, show a Y"
    assert "chrY is not assessable" in evidence[0]


def test_a_file_without_y_cannot_tell_x0_from_xy(cohort, inferred):
    sexes, evidence, unclear = inferred(cohort([*MIXED, "X0", "XXY"], with_y=False))
    assert sexes == [*["XX", "X?"] * 8, "X?", "XX"]
    assert not any(unclear)
    assert evidence[16].endswith("chrY is not assessable, 0 sites on chrY, 10 are needed")


@pytest.mark.parametrize("planted", [["XY"] * 12, ["XX"] * 12, ["XY"] * 3, ["XX"] * 3, ["XY"], ["XX"]])
def test_all_of_one_sex_and_few_people(cohort, inferred, planted):
    sexes, _, unclear = inferred(cohort(planted))
    assert sexes == planted
    assert not any(unclear)


def test_an_exome_without_x_is_not_assessable(cohort, inferred, verdicts):
    store = cohort(MIXED, with_x=False)
    sexes, evidence, unclear = inferred(store)
    assert set(sexes) == {"NA"}
    assert not any(unclear)
    assert evidence[0].startswith("no sites on chrX outside the pseudoautosomal regions")
    row = verdicts(store, {"S0": "XX"}).row(0, named=True)
    assert row["status"] == "pass"
    assert "sex: no sites on chrX" in row["not_assessable"]


def test_one_woman_with_y_written_is_unclear_and_says_why(cohort, inferred):
    sexes, evidence, unclear = inferred(cohort(["XX"], y_filled=True))
    assert sexes == ["NA"]
    assert unclear == [True]
    assert "too few others show what is usual in this file" in evidence[0]


def test_heterozygous_calls_on_y_are_no_y(make_store, random_codes, inferred):
    rng = np.random.default_rng(1)
    y = np.where(rng.random((Y, 1)) < 0.7, HET, HOM_ALT).astype(np.uint8)
    parts = {"chrX": (random_codes(rng, X, 1), list(range(3_000_000, 3_000_000 + X)))}
    store = make_store(parts | {"chrY": (y, list(range(3_000_000, 3_000_000 + Y)))})
    assert inferred(store)[0] == ["XX"]


def depth_rows(**ratios) -> pl.DataFrame:
    rows = [(name, 30 * x, 30 * y, 30.0) for name, (x, y) in ratios.items()]
    return pl.DataFrame(rows, schema=["sample", "x_depth", "y_depth", "autosome_depth"], orient="row")


def test_reads_tell_apart_what_genotypes_cannot(cohort, inferred):
    store = cohort([*MIXED, "X0", "XXY"], with_y=False)
    depths = depth_rows(S0=(1.0, 0.0), S1=(0.5, 0.45), S16=(0.51, 0.01), S17=(0.98, 0.4))
    sexes, evidence, _ = inferred(store, depths)
    assert sexes == ["XX", "XY", *["XX", "X?"] * 7, "X0", "XXY"]
    assert "x_depth 0.51 of that of autosomes" in evidence[16]


def test_reads_overrule_what_the_caller_assumed(cohort, inferred):
    sexes, evidence, _ = inferred(cohort(MIXED, haploid=True, with_y=False), depth_rows(S1=(1.02, 0.0)))
    assert sexes[1] == "XX"
    assert "as the caller assumed one X" in evidence[1]


def test_reads_against_genotypes_are_unclear(cohort, inferred):
    sexes, evidence, unclear = inferred(cohort(MIXED), depth_rows(S0=(0.5, 0.4)))
    assert sexes[0] == "NA"
    assert unclear[0]
    assert "genotypes and reads do not agree" in evidence[0]


@pytest.mark.parametrize(
    ("planted", "reported", "status"),
    [("XX", "XY", "fail"), ("XY", "XX", "fail"), ("XXY", "XX", "fail"), ("X0", "XY", "fail"), ("XXY", "XY", "warn")]
    + [("X0", "XX", "warn"), ("XXY", "NA", "warn"), ("XX", "NA", "pass"), ("XY", "XY", "pass")],
)
def test_what_the_sheet_says_is_compared(cohort, verdicts, planted, reported, status):
    row = verdicts(cohort([*MIXED, planted]), {"S16": reported}).row(16, named=True)
    assert row["status"] == status, row["reasons"]
    assert row["sex_inferred"] == planted
    if status == "fail":
        assert f"sex_inferred {planted} is not sex_reported {reported} (" in row["reasons"]
