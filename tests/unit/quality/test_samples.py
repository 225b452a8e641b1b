"""Sample metrics against planted truth and, where it is installed, plink2."""

import shutil
import subprocess

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import HOM_ALT, HOM_REF, MAGIC, MISSING, SITE_SCHEMA, GenotypeStore, code_counts, pack
from permed.inputs.config import complete_config, read_schema
from permed.quality.samples import measure_samples


@pytest.fixture(scope="module")
def thresholds(root):
    return complete_config({}, read_schema(root / "config/schemas/config.schema.yaml"))[0]["quality"]


def make_store(parts: dict[str, tuple[np.ndarray, list[int]]], transitions: float = 0.677) -> GenotypeStore:
    """A store from codes and positions a contig; ``transitions`` is the share of sites that are transitions."""
    tables = []
    for contig, (codes, positions) in parts.items():
        alternates = ["G" if n % 31 < 31 * transitions else "C" for n in range(len(codes))]
        columns = {"contig": contig, "pos": positions, "ref": "A", "alt": alternates, "key": 0, "id": None}
        tables.append(pl.DataFrame({**columns, **code_counts(codes)}).select(*SITE_SCHEMA))
    samples = [f"S{n}" for n in range(next(iter(parts.values()))[0].shape[1])]
    return GenotypeStore(samples, pl.concat(tables), [pack(codes) for codes, _ in parts.values()])


def random_codes(rng, sites: int, samples: int) -> np.ndarray:
    frequency = rng.uniform(0.1, 0.9, (sites, 1))
    alternates = (rng.random((sites, samples)) < frequency).astype(int) + (rng.random((sites, samples)) < frequency)
    return np.array([HOM_REF, 2, HOM_ALT], np.uint8)[alternates]


def test_call_rate_sex_and_reasons(thresholds):
    rng = np.random.default_rng(3)
    autosomal, x = random_codes(rng, 900, 24), random_codes(rng, 600, 24)
    males = np.arange(24) % 2 == 1
    x[:, males] = np.where(x[:, males] == 2, HOM_ALT, x[:, males])
    autosomal[:90, 4] = MISSING
    autosomal[:30, 5] = MISSING
    store = make_store({"chr1": (autosomal, list(range(900))), "X": (x, list(range(3_000_000, 3_000_600)))})
    reported = {f"S{n}": "XY" if male else "XX" for n, male in enumerate(males)} | {"S6": "XY", "S7": "NA"}
    got = measure_samples(store, reported, "GRCh38", thresholds).to_dicts()
    assert [row["sex_inferred"] for row in got] == ["XY" if male else "XX" for male in males]
    assert [n for n, row in enumerate(got) if row["status"] == "fail"] == [4, 6]
    assert got[4]["reasons"] == "call_rate 0.9000 is below 0.95"
    assert got[4]["call_rate"] == pytest.approx(0.9)
    assert got[5]["status"] == "warn"
    assert "sex_inferred XX is not sex_reported XY" in got[6]["reasons"]
    assert got[7]["status"] == "pass"
    assert all(abs(row["inbreeding"]) < 0.15 for row in got)
    assert got[0]["ti_tv"] == pytest.approx(2.1, abs=0.3)


def test_heterozygous_genotypes_on_one_x_are_flagged(thresholds):
    rng = np.random.default_rng(3)
    x = random_codes(rng, 600, 12)
    x = np.where(x == 2, HOM_ALT, x)
    x[:20, 4] = 2
    x[:3, 5] = 2
    parts = {"chr1": (random_codes(rng, 400, 12), list(range(400)))}
    store = make_store(parts | {"chrX": (x, list(range(3_000_000, 3_000_600)))})
    got = measure_samples(store, {}, "GRCh38", thresholds)
    assert set(got["sex_inferred"]) == {"XY"}
    flagged = [n for n, reasons in enumerate(got["reasons"]) if "x_het_share" in reasons]
    assert flagged == [4]
    assert "x_het_share 0.033 is above 0.01 in XY (20 of 600 genotypes" in got["reasons"][4]


def test_one_sample_has_no_cohort_statistics_and_sex_by_the_het_ratio(thresholds):
    rng = np.random.default_rng(4)
    codes, x = random_codes(rng, 400, 1), random_codes(rng, 60, 1)
    store = make_store({"chr1": (codes, list(range(400))), "chrX": (x, list(range(5_000_000, 5_000_060)))})
    (row,) = measure_samples(store, {"S0": "XX"}, "GRCh38", thresholds).to_dicts()
    assert row["inbreeding"] is None
    assert "inbreeding: 1 people, 10 are needed" in row["not_assessable"]
    assert row["sex_inferred"] == "XX"
    assert row["status"] == "pass"


def test_pseudoautosomal_sites_say_nothing_of_sex(thresholds):
    rng = np.random.default_rng(4)
    codes = random_codes(rng, 400, 2)
    par = random_codes(rng, 60, 2)
    store = make_store({"chr1": (codes, list(range(400))), "chrX": (par, list(range(20_000, 20_060)))})
    got = measure_samples(store, {}, "GRCh38", thresholds)
    assert got["sex_inferred"].to_list() == ["NA", "NA"]
    assert "sex: 0 alternate genotypes" in got["not_assessable"][0]


def test_too_few_sites_are_no_pass(thresholds):
    store = make_store({"chr1": (np.full((20, 3), HOM_REF, np.uint8), list(range(20)))})
    got = measure_samples(store, {}, "GRCh38", thresholds)
    assert got["status"].to_list() == ["warn"] * 3
    assert got["call_rate"].null_count() == 3


def test_a_heterozygosity_outlier_is_named(thresholds):
    rng = np.random.default_rng(6)
    codes = random_codes(rng, 2000, 30)
    codes[:, 9] = np.where(rng.random(2000) < 0.5, np.uint8(2), codes[:, 9])
    got = measure_samples(make_store({"chr1": (codes, list(range(2000)))}), {}, "GRCh38", thresholds)
    assert "het_rate" in got["reasons"][9]
    assert "inbreeding" in got["reasons"][9]
    assert [n for n, reasons in enumerate(got["reasons"]) if "het_rate" in reasons] == [9]


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed")
def test_inbreeding_is_plink2s(tmp_path, thresholds):
    rng = np.random.default_rng(8)
    codes = random_codes(rng, 700, 60)
    codes[rng.random(codes.shape) < 0.02] = MISSING
    store = make_store({"chr1": (codes, list(range(1, 701)))})
    (tmp_path / "s.bed").write_bytes(MAGIC + pack(codes).tobytes())
    rows = zip(store.sites["pos"], store.sites["alt"], strict=True)
    (tmp_path / "s.bim").write_text("".join(f"1\tv{pos}\t0\t{pos}\t{alt}\tA\n" for pos, alt in rows))
    (tmp_path / "s.fam").write_text("".join(f"0\tS{n}\t0\t0\t0\t-9\n" for n in range(60)))
    words = ["plink2", "--bfile", tmp_path / "s", "--het", "--out", tmp_path / "p"]
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
    expected = pl.read_csv(tmp_path / "p.het", separator="\t")["F"].to_list()
    got = measure_samples(store, {}, "GRCh38", thresholds)["inbreeding"].to_list()
    assert got == pytest.approx(expected, abs=1e-5)
