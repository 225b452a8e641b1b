"""Cohort and reference over the same variants: planted panels, missing genotypes, people outside, no panel at all."""

import numpy as np
import polars as pl
import pytest

from permed.inputs.config import defaults, read_schema
from permed.scores.calibration.reference import in_batches

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"
ALT, NO, HET, REF = range(4)
CODE = np.array([REF, HET, ALT])
VARIANTS = 60


@pytest.fixture
def world(tmp_path, make_store, make_score, run_step, root):
    """A panel of two populations with frequencies of their own, and a cohort; gives what the steps wrote.

    ``of`` are the population of each person of the cohort (``outside`` for one similar to none). ``lost`` are variants
    that the panel lacks, ``missing`` (variant, person) genotypes that the cohort lacks.
    """
    match_scores, score_cohort = run_step("match_scores"), run_step("score_cohort")
    score_reference, calibrate_scores = run_step("score_reference"), run_step("calibrate_scores")

    def make(
        of,
        lost=(),
        missing=(),
        with_panel=True,
        quality="pass",
        minimum=100,
        header="",
        size=400,
        held=(),
        part_rows=1000,
        **options,
    ):
        calibrate_scores.__globals__["PART_ROWS"] = part_rows
        rng = np.random.default_rng(42)
        frequency = {"EUR": rng.uniform(0.1, 0.9, VARIANTS)}
        frequency["AFR"] = np.clip(frequency["EUR"] + rng.normal(0, 0.15, VARIANTS), 0.05, 0.95)
        weights = rng.normal(0, 1, VARIANTS).round(3)
        sites = [(100 * (n + 1), "A", "G") for n in range(VARIANTS)]
        names = [name for name in ("EUR", "AFR") for _ in range(size)]
        panel = np.stack([rng.binomial(2, frequency[name]) for name in names], axis=1)
        cohort = np.stack([rng.binomial(2, frequency.get(name, frequency["EUR"])) for name in of], axis=1)
        kept = [n for n in range(VARIANTS) if n not in lost]
        people = [f"R{n}" for n in range(len(names))]
        folder = tmp_path / "panel"
        given = make_store({"1": ([sites[n] for n in kept], CODE[panel[kept]])}, people, folder=folder)
        labels = pl.DataFrame({"sample": people, "population": names, "unrelated": ["true"] * len(people)})
        labels.write_csv(folder / "labels.tsv", separator="\t")
        codes = CODE[cohort].astype(np.uint8)
        for variant, person in missing:
            codes[variant, person] = NO
        own = [f"P{n}" for n in range(len(of))]
        store = make_store({"chr1": (sites, codes)}, own)
        rows = [f"1 {pos} G A {weight}" for (pos, _, _), weight in zip(sites, weights, strict=True)]
        file = make_score(PLAIN, *rows, above=f"#pgs_id=S\n{header}")
        named = ("matches", "variants", "sums", "reference", "comparable", "shares")
        paths = {name: tmp_path / f"{name}.parquet" for name in named}
        agreed = tmp_path / "consent.txt"
        common = {"build": "GRCh38", "absent_sites": "missing", "min_match": 0.0}
        found = {name: paths[name] for name in named[:2]}
        match_scores(store["sites"], [file], store["set_aside"], **found, **common)
        agreed.write_text("".join(f"{name}\n" for name in own))
        seen = pl.DataFrame({"sample": own}).with_columns(
            sex_inferred=pl.lit("XX"),
            sex_reported=pl.lit("XX"),
            status=pl.lit(quality),
            withheld=pl.when(pl.col("sample").is_in(list(held))).then(pl.lit("Withheld: it failed.")),
        )
        seen.write_parquet(tmp_path / "quality.parquet")
        state = pl.when(pl.col("population") == "outside the panel").then(pl.lit("absent")).otherwise(pl.lit("found"))
        placed = pl.DataFrame({"sample": own, "population": of}).with_columns(
            state=state, reason=pl.lit("far from all"), probability=pl.lit(0.9), pcs=pl.lit([0.0] * 4)
        )
        placed.write_parquet(tmp_path / "ancestry.parquet")
        to_sum = (store["genotypes"], store["samples"], tmp_path / "quality.parquet")
        to_sum += (paths["variants"], paths["matches"], agreed)
        how = {"build": "GRCh38", "x_dosage": "once"}
        score_cohort(*to_sum, sums=paths["sums"], min_called=0.0, **how)
        reference = {}
        if with_panel:
            reference = {"panel_genotypes": given["genotypes"], "panel_samples": given["samples"]}
            reference |= {"panel_labels": folder / "labels.tsv", "ancestry": tmp_path / "ancestry.parquet"}
        how["thresholds"] = defaults(read_schema(root / "config/schemas/config.schema.yaml"))["quality"]
        score_reference(*to_sum, **{name: paths[name] for name in named[3:]}, **how, **reference)
        sheet = pl.DataFrame({"sample": own}).with_columns(birth_year=pl.lit(1976), phenotypes=pl.lit(""))
        sheet.write_parquet(tmp_path / "samples.parquet")
        tables = root / "resources/risk"
        calibrate_scores(
            *(paths[n] for n in ("sums", "reference", "comparable", "shares")),
            *(tmp_path / "samples.parquet", tmp_path / "quality.parquet", [file]),
            *(tables / f"{n}.tsv" for n in ("effects", "family_history", "monogenic", "diagnoses")),
            [tables / "rates.tsv"],
            scores=tmp_path / "scores.parquet",
            min_reference=minimum,
            ancestry=tmp_path / "ancestry.parquet" if with_panel else None,
            year=2026,
            **options,
        )
        truth = {
            "weights": weights,
            "cohort": cohort,
            "panel": {name: panel[:, np.array(names) == name] for name in ("EUR", "AFR")},
            "kept": kept,
        }
        tables = {name: pl.read_parquet(path) for name, path in paths.items()}
        return pl.read_parquet(tmp_path / "scores.parquet"), truth, tables

    return make


def true_z(truth, person, population, variants=None):
    variants = truth["kept"] if variants is None else variants
    reference = truth["weights"][variants] @ truth["panel"][population][variants]
    return (truth["weights"][variants] @ truth["cohort"][variants, person] - reference.mean()) / reference.std()


def test_each_person_is_compared_with_the_most_similar_population(world):
    scores, truth, tables = world(["EUR", "AFR", "EUR", "AFR"])
    for person, name in enumerate(["EUR", "AFR", "EUR", "AFR"]):
        row = scores.row(person, named=True)
        assert row["z"] == pytest.approx(true_z(truth, person, name), abs=1e-9)
        reference = truth["weights"] @ truth["panel"][name]
        own = truth["weights"] @ truth["cohort"][:, person]
        assert row["percentile"] == pytest.approx(100 * (reference < own - 1e-9).mean(), abs=0.2)
        assert (row["population"], row["reference_people"], row["population_probability"]) == (name, 400, 0.9)
    assert tables["shares"].row(0, named=True)["reliability"] == pytest.approx(1)


def test_a_withheld_person_has_the_reason_and_nothing_else(world):
    scores, _, _ = world(["EUR", "AFR", "EUR"], held=["P1"])
    row = scores.filter(sample="P1").row(0, named=True)
    told = {"sample", "score", "status", "reason", "percentile_reason", "risk_reason"}
    assert {name for name, value in row.items() if value is not None} == told
    assert (row["status"], row["reason"]) == ("not_assessable", "Withheld: it failed.")
    assert scores.filter(pl.col("sample") != "P1")["population"].to_list() == ["EUR", "EUR"]


def test_variants_that_the_panel_lacks_leave_both_sums(world):
    lost = (3, 17)
    scores, truth, tables = world(["EUR"] * 3, lost=lost)
    share = tables["shares"].row(0, named=True)
    frequency = truth["panel"]["EUR"].mean(axis=1) / 2
    assert share["variants_shared"] == VARIANTS - 2 and 0 < share["lacking"] < 0.1 and share["reliability"] < 1
    for person in range(3):
        assert scores["z"][person] == pytest.approx(true_z(truth, person, "EUR"), abs=1e-9)
    # the sum itself is over all that the cohort has
    assert scores["sum"][0] == pytest.approx(truth["weights"] @ truth["cohort"][:, 0])
    assert (2 * frequency * (1 - frequency) > 0).all()


def test_a_panel_that_lacks_much_gives_no_percentile(world):
    scores, _, tables = world(["EUR"] * 3, lost=range(0, VARIANTS, 3))
    assert tables["shares"]["lacking"][0] > 0.1
    assert scores["z"].null_count() == 3 and scores["percentile"].null_count() == 3
    assert "the reference lacks variants that carry" in scores["percentile_reason"][0]
    assert "no published effect" in scores["risk_reason"][0]
    assert scores["sum"].null_count() == 0 and scores["status"].to_list() == ["found"] * 3


def test_missing_genotypes_count_as_the_mean_of_the_persons_population(world):
    """One person alone: without the panel's frequencies the genotypes would count as nothing."""
    lacking = [3, 20, 41]
    scores, truth, _ = world(["AFR"], missing=[(n, 0) for n in lacking])
    copies = truth["cohort"][:, 0].astype(float)
    means = truth["panel"]["AFR"].mean(axis=1)
    copies[lacking] = means[lacking]
    reference = truth["weights"] @ truth["panel"]["AFR"]
    expected = (truth["weights"] @ copies - reference.mean()) / reference.std()
    assert scores["z"][0] == pytest.approx(expected, abs=1e-9)
    naive = (scores["sum"][0] - reference.mean()) / reference.std()
    assert abs(naive - expected) > 0.1
    frequency = np.hstack([truth["panel"][name] for name in ("EUR", "AFR")]).mean(axis=1) / 2
    variance = truth["weights"] ** 2 * frequency * (1 - frequency)
    assert scores["share_read"][0] == pytest.approx(1 - variance[lacking].sum() / variance.sum())


def test_a_person_of_whom_much_is_not_read_has_no_percentile(world):
    scores, _, _ = world(["AFR", "AFR"], missing=[(n, 0) for n in range(0, VARIANTS, 3)])
    assert scores["percentile"].is_null().to_list() == [True, False] and scores["z"][0] is None
    assert 0.5 < scores["share_read"][0] < 0.9 and scores["share_read"][1] == 1
    said = "the variants without a genotype in this person carry"
    assert scores["percentile_reason"][0].startswith(said) and scores["percentile_reason"][1] is None


def test_nobody_outside_the_panel_has_a_percentile(world):
    scores, _, tables = world(["EUR", "outside the panel"])
    inside, outside = scores.iter_rows(named=True)
    assert inside["percentile"] is not None
    assert outside["z"] is None and outside["percentile"] is None and outside["population"] == "outside the panel"
    assert outside["percentile_reason"] == "outside the panel, which has nobody to compare with: far from all"
    assert outside["sum"] is not None
    assert tables["comparable"]["sample"].to_list() == ["P0"]


def test_too_few_reference_people_give_no_percentile(world):
    scores, _, _ = world(["EUR"], size=60)
    assert scores["percentile_reason"][0] == "there are 60 reference people of EUR to compare with, fewer than 100"


def test_without_a_panel_a_large_cohort_is_compared_with_itself(world):
    scores, truth, _ = world(["EUR"] * 150, with_panel=False)
    sums = truth["weights"] @ truth["cohort"]
    assert scores["z"].to_numpy() == pytest.approx((sums - sums.mean()) / sums.std(), abs=1e-9)
    assert scores["population"].unique().to_list() == ["this cohort"]
    assert scores["percentile"].mean() == pytest.approx(50, abs=1)


def test_without_a_panel_a_small_cohort_has_no_percentile(world):
    scores, _, _ = world(["EUR"] * 40, with_panel=False)
    assert scores["z"].null_count() == 40
    assert "there are 40 usable people of this cohort to compare with, fewer than 100" in scores["percentile_reason"][0]


def test_people_whose_quality_failed_are_no_reference(world):
    scores, _, tables = world(["EUR"] * 150, with_panel=False, quality="fail")
    assert tables["reference"].is_empty() and len(tables["comparable"]) == 150
    assert "there are 0 usable people" in scores["percentile_reason"][0]


def test_risk_follows_from_the_files_own_effect(world):
    header = "#effect_disease=breast cancer\n#effect_hazard_ratio=1.5\n#effect_lower=1.4\n#effect_upper=1.6\n"
    header += "#effect_population=EUR\n#effect_source=planted\n"
    scores, _, _ = world(["EUR", "AFR"], header=header)
    european, african = scores.iter_rows(named=True)
    assert (european["risk_from"], european["risk_to"]) == (50, 60) and european["effect"] == 1.5
    assert (european["absolute_risk"] > european["population_risk"]) == (european["z"] > 0.2)
    assert african["absolute_risk"] is None and "this person is most similar to AFR" in african["risk_reason"]
    both, _, _ = world(["EUR", "AFR"], header=header, across_ancestries=True)
    assert both["across_ancestries"].to_list() == [False, True]


def test_batches_hold_few_variants_or_one_score(monkeypatch):
    monkeypatch.setattr("permed.scores.calibration.reference.BATCH_ROWS", 10)
    sizes = {"A": 4, "B": 6, "C": 1, "D": 30, "E": 2}
    assert in_batches(list("ABCDE"), sizes) == [["A", "B"], ["C"], ["D"], ["E"]]
    assert in_batches([], sizes) == [[]]


def test_people_in_parts_have_the_same_results(world):
    people = ["EUR", "AFR", "EUR", "outside the panel", "AFR"]
    whole, _, _ = world(people, held=["P4"])
    parts, _, _ = world(people, held=["P4"], part_rows=2)
    assert parts.equals(whole) and len(parts) == 5
