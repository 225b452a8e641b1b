"""Sites: what is left out, and above all what is not."""

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING
from permed.quality.sites import choose_people, describe_sites
from permed.quality.thresholds import thresholds_of


@pytest.fixture
def sites_of(parts_of, thresholds):
    def describe(store, population=None, family=None, sexes=None, balances=None, **limits) -> pl.DataFrame:
        count = len(store.samples)
        people = pl.DataFrame({"population": population or [None] * count, "family": family or [None] * count})
        chosen = choose_people(people, sexes or ["XX"] * count, thresholds["site_min_people"])
        return pl.concat(
            describe_sites(iter(parts_of(store)), chosen, "GRCh38", thresholds_of(thresholds) | limits, balances)
        )

    return describe


def planted(rng, random_codes, people: int) -> np.ndarray:
    """Site 0 all heterozygous, site 1 without any, site 2 a tenth missing, the others as they should be."""
    codes = random_codes(rng, 40, people, 0.3, 0.5)
    codes[0] = HET
    codes[1] = np.where(rng.random(people) < 0.5, HOM_REF, HOM_ALT)
    codes[2, rng.random(people) < 0.12] = MISSING
    return codes


def test_faulty_sites_are_left_out_with_the_reason(make_store, random_codes, sites_of):
    codes = planted(np.random.default_rng(2), random_codes, 300)
    store = make_store({"chr1": (codes, list(range(1, 41)))})
    sites = sites_of(store, population=["POP"] * 300)
    reasons = sites["left_out"].to_list()
    assert [n for n, reason in enumerate(reasons) if reason] == [0, 1, 2]
    assert "below 1e-08 (too many heterozygotes among 300 people of POP)" in reasons[0]
    assert "too few heterozygotes" in reasons[1]
    assert reasons[2] == f"call_rate {sites['call_rate'][2]:.4f} is below 0.95"


def test_in_a_mixture_too_few_heterozygotes_are_no_fault(make_store, random_codes, sites_of):
    codes = planted(np.random.default_rng(2), random_codes, 300)
    store = make_store({"chr1": (codes, list(range(1, 41)))})
    reasons = sites_of(store)["left_out"].to_list()
    assert [n for n, reason in enumerate(reasons) if reason] == [0, 2]
    assert "among 300 people in all" in reasons[0]


def test_populations_are_tested_by_themselves(make_store, sites_of):
    rng = np.random.default_rng(4)
    drawn = (rng.random((2, 300, 2)) < np.repeat([0.05, 0.95], 150)[:, None]).sum(axis=2)
    codes = np.array([HOM_REF, HET, HOM_ALT], np.uint8)[drawn]
    store = make_store({"chr1": (codes, [1, 2])})
    mixed, apart = sites_of(store), sites_of(store, population=["A"] * 150 + ["B"] * 150)
    assert max(mixed["hwe_p"]) < 1e-20
    assert min(apart["hwe_p"]) > 1e-3
    assert apart["left_out"].null_count() == 2


@pytest.mark.parametrize("people", [1, 12, 60])
def test_a_family_and_a_single_person_lose_no_site(make_store, sites_of, people):
    codes = np.full((5, people), HET, np.uint8)
    codes[2, ::2] = MISSING
    store = make_store({"chr1": (codes, list(range(1, 6)))})
    assert sites_of(store)["left_out"].null_count() == 5


def test_of_a_family_one_person_is_counted(make_store, sites_of):
    codes = np.full((3, 400), HET, np.uint8)
    store = make_store({"chr1": (codes, [1, 2, 3])})
    sites = sites_of(store, family=[f"F{n // 10}" for n in range(400)])
    assert sites["hwe_people"].to_list() == [40] * 3
    assert sites["left_out"].null_count() == 3


def test_y_and_mitochondria_count_one_allele_and_are_not_tested(make_store, sites_of):
    codes = np.array([[HOM_ALT, MISSING, HOM_REF, MISSING]] * 2, np.uint8)
    store = make_store({"chrY": (codes, [5_000_000, 5_000_001]), "chrM": (codes, [10, 20])})
    sites = sites_of(store, sexes=["XY", "XX", "XY", "XX"])
    assert sites["ac"].to_list() == [1] * 4
    assert sites["an"].to_list() == [2] * 4
    assert sites["call_rate"].to_list() == [1, 1, 0.5, 0.5]
    assert sites["hwe_p"].null_count() == 4


def test_allele_balance_of_a_site_is_judged_where_it_is_known_and_asked_for(make_store, random_codes, sites_of):
    rng = np.random.default_rng(5)
    store = make_store({"chr1": (random_codes(rng, 4, 20), [10, 20, 30, 40])})
    known = {"contig": "chr1", "pos": [20, 40], "ref": "A", "alt": ["G", "G"], "het_balance": [0.12, 0.48]}
    balances = pl.DataFrame(known).lazy()
    assert sites_of(store, balances=balances)["left_out"].null_count() == 4
    sites = sites_of(store, balances=balances, min_site_het_balance=0.2)
    assert sites["het_balance"].to_list() == [None, 0.12, None, 0.48]
    assert sites["left_out"].to_list() == [None, "het_balance 0.120 is below 0.2", None, None]


def test_a_site_of_y_that_most_miss_is_left_out_although_it_is_not_tested(make_store, sites_of):
    codes = np.full((2, 240), MISSING, np.uint8)
    codes[0, ::2] = HOM_REF
    codes[1, ::4] = HOM_ALT
    store = make_store({"chrY": (codes, [5_000_000, 5_000_001])})
    sites = sites_of(store, sexes=["XY", "XX"] * 120)
    assert sites["left_out"].to_list() == [None, "call_rate 0.5000 is below 0.95"]
    assert sites["an"].to_list() == [120, 60]


def test_rows_are_those_of_the_store(make_store, random_codes, write_store, run_step, tmp_path, thresholds):
    rng = np.random.default_rng(3)
    parts = {c: (random_codes(rng, 30, 9), list(range(1, 31))) for c in ("chr1", "chr2", "chrX")}
    store = make_store(parts)
    beds, samples = write_store(tmp_path / "store", store)
    out = {"sites": tmp_path / "sites.parquet", "metrics": tmp_path / "metrics.parquet"}
    run_step("measure_genotypes")(beds, samples, **out, build="GRCh38", thresholds=thresholds)
    sites = pl.read_parquet(out["sites"])
    assert sites.columns[:10] == "contig pos ref alt call_rate ac an af hwe_p left_out".split()
    assert sites.select("contig", "pos", "ref", "alt").equals(store.sites.select("contig", "pos", "ref", "alt"))
    first = [path.read_bytes() for path in out.values()]
    run_step("measure_genotypes")(beds, samples, **out, build="GRCh38", thresholds=thresholds, threads=2)
    assert [path.read_bytes() for path in out.values()] == first
