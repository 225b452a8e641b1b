"""Verdicts on samples against planted truth."""

import numpy as np
import pytest

from permed.genotypes.store import HOM_ALT, HOM_REF, MISSING


def test_call_rate_sex_and_reasons(make_store, random_codes, verdicts):
    rng = np.random.default_rng(3)
    autosomal, x = random_codes(rng, 900, 24), random_codes(rng, 600, 24)
    males = np.arange(24) % 2 == 1
    x[:, males] = np.where(x[:, males] == 2, HOM_ALT, x[:, males])
    autosomal[:90, 4] = MISSING
    autosomal[:30, 5] = MISSING
    store = make_store({"chr1": (autosomal, list(range(900))), "X": (x, list(range(3_000_000, 3_000_600)))})
    reported = {f"S{n}": "XY" if male else "XX" for n, male in enumerate(males)} | {"S6": "XY", "S7": "NA"}
    got = verdicts(store, reported).to_dicts()
    assert [row["sex_inferred"] for row in got] == ["XY" if male else "XX" for male in males]
    assert [n for n, row in enumerate(got) if row["status"] == "fail"] == [4, 6]
    assert got[4]["reasons"] == "call_rate 0.9000 is below 0.95"
    assert got[4]["call_rate"] == pytest.approx(0.9)
    assert got[5]["status"] == "warn"
    assert "sex_inferred XX is not sex_reported XY" in got[6]["reasons"]
    assert got[7]["status"] == "pass"
    assert all(abs(row["inbreeding"]) < 0.15 for row in got)
    assert got[0]["ti_tv"] == pytest.approx(2.1, abs=0.3)


def test_heterozygous_genotypes_on_one_x_are_flagged(make_store, random_codes, verdicts):
    rng = np.random.default_rng(3)
    x = random_codes(rng, 600, 12)
    x = np.where(x == 2, HOM_ALT, x)
    x[:20, 4] = 2
    x[:3, 5] = 2
    parts = {"chr1": (random_codes(rng, 400, 12), list(range(400)))}
    store = make_store(parts | {"chrX": (x, list(range(3_000_000, 3_000_600)))})
    got = verdicts(store)
    assert set(got["sex_inferred"]) == {"XY"}
    flagged = [n for n, reasons in enumerate(got["reasons"]) if "x_het_share" in reasons]
    assert flagged == [4]
    assert "x_het_share 0.033 is above 0.01 in XY (20 of 600 genotypes" in got["reasons"][4]


def test_one_sample_has_no_cohort_statistics_and_sex_by_the_het_ratio(make_store, random_codes, verdicts):
    rng = np.random.default_rng(4)
    codes, x = random_codes(rng, 400, 1), random_codes(rng, 60, 1)
    store = make_store({"chr1": (codes, list(range(400))), "chrX": (x, list(range(5_000_000, 5_000_060)))})
    (row,) = verdicts(store, {"S0": "XX"}).to_dicts()
    assert row["inbreeding"] is None
    assert "inbreeding: 1 people, 10 are needed" in row["not_assessable"]
    assert row["sex_inferred"] == "XX"
    assert row["status"] == "pass"


def test_pseudoautosomal_sites_say_nothing_of_sex(make_store, random_codes, verdicts):
    rng = np.random.default_rng(4)
    codes = random_codes(rng, 400, 2)
    par = random_codes(rng, 60, 2)
    store = make_store({"chr1": (codes, list(range(400))), "chrX": (par, list(range(20_000, 20_060)))})
    got = verdicts(store)
    assert got["sex_inferred"].to_list() == ["NA", "NA"]
    assert "sex: no sites on chrX outside" in got["not_assessable"][0]


def test_too_few_sites_are_no_pass(make_store, random_codes, verdicts):
    store = make_store({"chr1": (np.full((20, 3), HOM_REF, np.uint8), list(range(20)))})
    got = verdicts(store)
    assert got["status"].to_list() == ["warn"] * 3
    assert got["call_rate"].null_count() == 3


def test_a_heterozygosity_outlier_is_named(make_store, random_codes, verdicts):
    rng = np.random.default_rng(6)
    codes = random_codes(rng, 2000, 30)
    codes[:, 9] = np.where(rng.random(2000) < 0.5, np.uint8(2), codes[:, 9])
    got = verdicts(make_store({"chr1": (codes, list(range(2000)))}))
    assert "het_rate" in got["reasons"][9]
    assert "inbreeding" in got["reasons"][9]
    assert [n for n, reasons in enumerate(got["reasons"]) if "het_rate" in reasons] == [9]
