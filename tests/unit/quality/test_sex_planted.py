"""Sex told of planted karyotypes in every convention of callers and in cohorts of any size: truth against verdict."""

from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from permed.quality.sexes.inferring import infer_sexes
from permed.quality.thresholds import thresholds_of
from planted.callers import CONVENTIONS, JOINT, Caller, Written, together, write
from planted.karyotypes import mosaic, plain

HEALTHY = {
    "XX": (plain("XX"), "XX"),
    "XX, half of X homozygous": (plain("XX", 0.5), "XX"),
    "XX, nine tenths of X homozygous": (plain("XX", 0.9), "XX"),
    "XY": (plain("XY"), "XY"),
    "X0": (plain("X0"), "XX"),
    "XXX": (plain("XXX"), "XX"),
    "XXY": (plain("XXY"), "XY"),
    "XYY": (plain("XYY"), "XY"),
    "mosaic, X0 in 0.3": (mosaic(0.3), "XX"),
    "mosaic, X0 in 0.6": (mosaic(0.6), "XX"),
}
SWAPPED = {"XX as XY": (plain("XX"), "XY"), "XY as XX": (plain("XY"), "XX")}
OTHERS = [(plain("XX"), "XX"), (plain("XY"), "XY")] * 10
TOLD = {  # what may be said of each karyotype, whatever the file
    "XX": {"XX"},
    "XY": {"XY", "X?"},
    "X0": {"X0", "X?", "NA"},
    "XXX": {"XXX", "XX"},
    "XXY": {"XXY", "XX", "XY", "NA"},
    "XYY": {"XYY", "XY", "X?"},
}
ABOUT_SEX = ("sex_inferred", "x_depth", "y_depth", "y_call_rate", "chrX")
NO_DEPTH = {"depth_source": "genotypes", "mean_depth": None, "mean_gq": None, "het_balance": None}
NO_DEPTH |= {"contamination": None, "contamination_method": None, "contamination_reason": None}


@pytest.fixture
def judged(verdicts, metrics_of, thresholds):
    """Verdicts on what was written; the status is that of sex alone: call rates of such small files say little."""
    from permed.quality.judge import judge_samples

    def judge(written: Written) -> list[dict]:
        depths = written.depths
        if depths is not None:
            depths = depths.with_columns(**{name: pl.lit(value) for name, value in NO_DEPTH.items()})
        return judge_samples(metrics_of(written.store), written.people, thresholds, depths=depths).to_dicts()

    return judge


def table_of(judged, people: dict, conventions: dict[str, Caller], sizes=(1, 3, 20)) -> dict[tuple[str, str], Counter]:
    """Counts of (karyotype told, status) by (convention, planted person)."""
    found: dict[tuple[str, str], Counter] = {}
    for size in sizes:
        for convention, caller in conventions.items():
            for name, person in people.items():
                rng = np.random.default_rng(size)
                row = judged(write(rng, [*OTHERS[: size - 1], person], caller, x_sites=400, autosomal=200))[-1]
                told = any(word in row["reasons"] for word in ABOUT_SEX)
                status = row["status"] if told or row["status"] == "fail" else "pass"
                found.setdefault((convention, name), Counter())[row["sex_inferred"], status] += 1
    return found


QUICK = {name: CONVENTIONS[name] for name in ("joint", "array without chrY", "variants only")}


@pytest.mark.parametrize(
    "convention", [*QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in CONVENTIONS if n not in QUICK)]
)
def test_truth_against_verdict(judged, convention):
    """Nobody healthy fails, but XXY entered as XY where chrY is not in the file; no exchange passes."""
    caller = CONVENTIONS[convention]
    for (_, name), counts in table_of(judged, HEALTHY, {convention: caller}).items():
        without_y = name == "XXY" and caller.y_of_women == "absent"
        assert without_y or not any(status == "fail" for _, status in counts), (name, counts)
        allowed = TOLD["XX"] | {"NA"} if name.startswith(("mosaic", "XX, ")) else TOLD[name]
        assert {told for told, _ in counts} <= allowed, (name, counts)
    for (_, name), counts in table_of(judged, SWAPPED, {convention: caller}).items():
        assert not any(status == "pass" for _, status in counts), (name, counts)
        hidden = (
            caller.y_of_women == "absent" if name == "XY as XX" else caller.haploid == "declared" and not caller.depth
        )
        assert {status for _, status in counts} == {"warn" if hidden else "fail"}, (name, counts)


@pytest.mark.parametrize("size", [1, 3, 20])
@pytest.mark.parametrize("depth", [30.0, None])
def test_a_woman_whose_x_the_caller_wrote_haploid_is_no_man(judged, size, depth):
    for y in ("missing", "absent"):
        caller = Caller(haploid="declared", depth=depth, y_of_women=y)
        row = judged(write(np.random.default_rng(2), [*OTHERS[: size - 1], (plain("XX"), "XY")], caller))[-1]
        assert row["status"] == ("fail" if depth else "warn"), row
        assert row["sex_inferred"] == ("XX" if depth else "NA")
        assert depth or "not assessable by genotypes: the caller assumed one X" in row["reasons"]
        assert "the caller" in row["reasons"] or "the caller" in row["sex_evidence"]


def test_a_called_y_without_reads_contradicts_itself(judged):
    """Called at every site, alternates among them, and a depth of 0.04."""
    for size in (1, 3):
        for person in ((plain("XX"), "XX"), (plain("XY"), "XY")):
            written = write(np.random.default_rng(3), [*OTHERS[: size - 1], (plain("XXY"), person[1])], JOINT)
            if person[1] == "XY":
                written = write(np.random.default_rng(3), [*OTHERS[: size - 1], person], JOINT)
            last = pl.col("sample") == written.store.samples[-1]
            one = 0.5 if person[1] == "XY" else 1.0
            written.depths = written.depths.with_columns(
                y_depth=pl.when(last).then(0.04 * 30).otherwise("y_depth"),
                x_depth=pl.when(last).then(one * 30).otherwise("x_depth"),
                n_y_depth=pl.when(last).then(120).otherwise("n_y_depth"),
            )
            row = judged(written)[-1]
            assert (row["sex_inferred"], row["status"]) == ("NA", "warn"), row
            assert "y_call_rate" in row["reasons"] and "y_depth 0.04" in row["reasons"]


def test_every_woman_of_a_cohort_has_misplaced_reads(judged):
    for caller in (JOINT, replace(JOINT, misplaced=0.45), replace(JOINT, depth=12.0), replace(JOINT, het_y=True)):
        for women in (1, 2, 12):
            rows = judged(write(np.random.default_rng(women), [(plain("XX"), "XX")] * women, caller))
            assert {(row["sex_inferred"], row["status"]) for row in rows} == {("XX", "pass")}


def test_an_array_without_y_among_genomes_is_told_by_its_own_sites(judged, metrics_of):
    rng = np.random.default_rng(5)
    genomes = write(rng, OTHERS[:8], JOINT, x_sites=600, autosomal=900)
    array = write(rng, OTHERS[:6], CONVENTIONS["array without chrY"], x_sites=200, autosomal=300)
    both = together(genomes, array)
    metrics = metrics_of(both.store)
    assert metrics["y_total"].to_list() == [120] * 8 + [0] * 6
    assert metrics["batch"].n_unique() == 2
    assert metrics["call_rate"].min() == 1
    rows = judged(both)
    assert [row["sex_inferred"] for row in rows] == ["XX", "XY"] * 4 + ["XX", "X?"] * 3
    assert {row["status"] for row in rows} == {"pass"}, [row["reasons"] for row in rows]


def test_an_array_with_y_among_genomes_that_write_reference_for_women(judged):
    rng = np.random.default_rng(6)
    genomes = write(rng, OTHERS[:8], CONVENTIONS["chrY as reference in women"], x_sites=600, autosomal=900)
    array = write(rng, OTHERS[:6], CONVENTIONS["without depth"], x_sites=300, y_sites=50, autosomal=300)
    rows = judged(together(genomes, array))
    assert [row["sex_inferred"] for row in rows] == ["XX", "XY"] * 7
    assert {row["status"] for row in rows} == {"pass"}


@pytest.mark.parametrize(
    ("written", "status"), [("47,XXY", "pass"), ("XXY", "pass"), ("47,XYY", "warn"), ("46,XX", "fail"), (None, "warn")]
)
def test_a_karyotype_of_the_sheet_is_no_surprise(judged, written, status):
    cohort = write(np.random.default_rng(1), [*OTHERS[:8], (plain("XXY"), "XY")], JOINT)
    karyotypes = pl.Series([None] * 8 + [written], dtype=pl.String)
    cohort.people = cohort.people.with_columns(karyotype=karyotypes)
    row = judged(cohort)[-1]
    assert (row["sex_inferred"], row["status"]) == ("XXY", status)
    assert status != "pass" or f"karyotype {written}, as the sheet says" in row["reasons"]


def test_a_mosaic_turner_woman_is_told_by_her_karyotype(judged):
    cohort = write(np.random.default_rng(1), [*OTHERS[:8], (plain("X0"), "XX")], JOINT)
    cohort.people = cohort.people.with_columns(karyotype=pl.Series([None] * 8 + ["45,X/46,XX"], dtype=pl.String))
    assert (judged(cohort)[-1]["sex_inferred"], judged(cohort)[-1]["status"]) == ("X0", "pass")


def test_depth_is_of_the_sites_looked_at(metrics_of, thresholds):
    """Fifteen calls of eight reads among 120 sites are 0.03 of autosomes, and not 0.27."""
    written = write(np.random.default_rng(8), OTHERS[:4], JOINT)
    found = infer_sexes(metrics_of(written.store), [thresholds_of(thresholds)] * 4, written.depths)
    shares = [float(text.split("y_depth ")[1].split()[0]) for text in found["sex_evidence"]]
    assert max(shares[0::2]) < 0.05
    assert min(shares[1::2]) > 0.4
    assert max(written.depths["y_depth"].to_list()[0::2]) > 5


@pytest.mark.parametrize("catch", [0.68, 0.8, 1.25])
def test_a_kit_that_catches_x_unevenly_makes_no_mosaics(judged, catch):
    written = write(np.random.default_rng(9), [*OTHERS[:12], (plain("XXX"), "XX")], JOINT)
    written.depths = written.depths.with_columns(x_depth=pl.col("x_depth") * catch)
    rows = judged(written)
    assert [row["sex_inferred"] for row in rows] == ["XX", "XY"] * 6 + ["XXX"]
    assert {row["status"] for row in rows[:12]} == {"pass"}
