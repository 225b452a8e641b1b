"""Counts, Hardy-Weinberg mid-p, missingness and inbreeding beside those of plink2, where it is installed."""

import shutil
import subprocess

import numpy as np
import polars as pl
import pytest

from permed.genotypes.read import read_chunks
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, GenotypeStore, pack
from permed.quality.sites import EVERYBODY, People, describe_sites

pytestmark = pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed")
REAL = {
    "tiny1000G": ("real/prs/pygscatalog/tiny1000G.vcf.gz", "GRCh38"),
    "CINECA": ("real/prs/pgsc_calc/cineca_synthetic_subset.vcf.gz", "GRCh37"),
}


@pytest.fixture
def plink2(tmp_path, write_store):
    """Run plink2 on a store; ``contig`` renames its contigs, so that chrX may be taken for an autosome."""

    def run(store: GenotypeStore, *words, contig: str | None = None, sexes: str = "0") -> dict[str, pl.DataFrame]:
        whole = GenotypeStore(store.samples, store.sites, [np.concatenate(store.parts)])
        beds, _ = write_store(tmp_path / "plink", whole)
        rows = store.sites.select(pl.lit(contig) if contig else pl.col("contig"), "pos", "alt", "ref").rows()
        base = beds[0].with_suffix("")
        lines = [f"{at[0]}\tv{n}\t0\t{at[1]}\t{at[2]}\t{at[3]}\n" for n, at in enumerate(rows)]
        base.with_suffix(".bim").write_text("".join(lines))
        sexes = sexes * len(store.samples) if len(sexes) == 1 else sexes
        people = zip(store.samples, sexes, strict=True)
        base.with_suffix(".fam").write_text("".join(f"0\t{name}\t0\t0\t{sex}\t-9\n" for name, sex in people))
        options = ["--threads", "1", "--nonfounders", "--bad-freqs", "--allow-extra-chr"]
        command = ["plink2", "--bfile", base, *words, *options, "--out", base]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        found = {path.suffix: path for path in base.parent.glob(f"{base.name}.*")}
        return {
            name: pl.read_csv(found[name], separator="\t", infer_schema_length=None, null_values=["nan"])
            for name in (".hardy", ".afreq", ".vmiss", ".smiss", ".het")
            if name in found
        }

    return run


@pytest.fixture
def real(shared):
    """A store of one of the real files."""

    def read(name: str) -> tuple[GenotypeStore, str]:
        path, build = REAL[name]
        chunks = list(read_chunks(shared / path))
        sites, codes = pl.concat([part for part, _ in chunks]), np.concatenate([part for _, part in chunks])
        contigs = sites["contig"].unique(maintain_order=True).to_list()
        parts = [pack(codes[(sites["contig"] == contig).to_numpy()]) for contig in contigs]
        return GenotypeStore([f"S{n}" for n in range(codes.shape[1])], sites, parts), build

    return read


@pytest.fixture
def sites_of(parts_of, thresholds):
    def describe(store: GenotypeStore, build: str = "GRCh38", two_x=None) -> pl.DataFrame:
        everybody = np.ones(len(store.samples), bool)
        two_x = everybody if two_x is None else two_x
        people = People({EVERYBODY: everybody}, two_x, ~two_x, ~two_x, False)
        return pl.concat(describe_sites(iter(parts_of(store)), people, build, thresholds))

    return describe


def compare(sites: pl.DataFrame, metrics: pl.DataFrame, theirs: dict[str, pl.DataFrame]) -> None:
    np.testing.assert_allclose(sites["hwe_p"], theirs[".hardy"]["MIDP"], rtol=1e-5)
    np.testing.assert_array_equal(sites["an"], theirs[".afreq"]["OBS_CT"])
    np.testing.assert_allclose(sites["af"], theirs[".afreq"]["ALT_FREQS"], rtol=1e-5)
    np.testing.assert_allclose(1 - sites["call_rate"], theirs[".vmiss"]["F_MISS"], rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(1 - metrics["call_rate"], theirs[".smiss"]["F_MISS"], rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(metrics["inbreeding"], theirs[".het"]["F"], atol=1e-5)


ASKED = ("--hardy", "midp", "--freq", "--missing", "--het")


def test_simulated_genotypes_with_missing_ones(make_store, random_codes, plink2, sites_of, metrics_of):
    rng = np.random.default_rng(8)
    codes = random_codes(rng, 900, 211, low=0.005, high=0.6)
    codes[rng.random(codes.shape) < 0.03] = MISSING
    codes[:60] = np.where(rng.random((60, 211)) < 0.4, HET, codes[:60])
    store = make_store({"chr1": (codes, list(range(1, 901)))})
    compare(sites_of(store), metrics_of(store), plink2(store, *ASKED))


@pytest.mark.parametrize("name", REAL)
def test_real_genotypes(name, real, plink2, sites_of, metrics_of):
    store, build = real(name)
    autosomal = store.sites["contig"].is_in(["X", "chrX"]).not_().to_numpy()
    codes = store.codes(np.flatnonzero(autosomal))
    store = GenotypeStore(store.samples, store.sites.filter(autosomal), [pack(codes)])
    compare(sites_of(store, build), metrics_of(store, build), plink2(store, *ASKED))


def test_inbreeding_on_x_is_that_of_an_autosome_to_plink2(make_store, random_codes, plink2, metrics_of):
    rng = np.random.default_rng(9)
    codes = random_codes(rng, 500, 90)
    codes[:, ::2] = np.where(codes[:, ::2] == HET, HOM_ALT, codes[:, ::2])
    codes[rng.random(codes.shape) < 0.02] = MISSING
    store = make_store({"chrX": (codes, list(range(3_000_000, 3_000_500)))})
    theirs = plink2(store, "--het", contig="1")
    np.testing.assert_allclose(metrics_of(store)["x_inbreeding"], theirs[".het"]["F"], atol=1e-5)


def test_inbreeding_on_x_of_tiny_1000_genomes(real, plink2, metrics_of):
    store, build = real("tiny1000G")
    on_x = store.sites["contig"].is_in(["X", "chrX"]).to_numpy()
    outside = ~store.sites["pos"].is_between(10_001, 2_781_479) & ~store.sites["pos"].is_between(
        155_701_383, 156_030_895
    )
    rows = np.flatnonzero(on_x & outside.to_numpy())
    assert len(rows) > 20
    store = GenotypeStore(store.samples, store.sites[rows], [pack(store.codes(rows))])
    theirs = plink2(store, "--het", contig="1")
    np.testing.assert_allclose(metrics_of(store, build)["x_inbreeding"], theirs[".het"]["F"], atol=1e-5)


def test_x_is_tested_among_those_with_two_and_counts_one_allele_of_the_others(
    make_store, random_codes, plink2, sites_of
):
    rng = np.random.default_rng(10)
    codes = random_codes(rng, 300, 80)
    two_x = np.arange(80) % 3 > 0
    codes[:, ~two_x] = np.where(codes[:, ~two_x] == HET, HOM_REF, codes[:, ~two_x])
    codes[rng.random(codes.shape) < 0.02] = MISSING
    store = make_store({"chrX": (codes, list(range(5_000_000, 5_000_300)))})
    sites = sites_of(store, two_x=two_x)
    theirs = plink2(store, "--freq", sexes="".join("2" if two else "1" for two in two_x))
    np.testing.assert_array_equal(sites["an"], theirs[".afreq"]["OBS_CT"])
    np.testing.assert_allclose(sites["af"], theirs[".afreq"]["ALT_FREQS"], rtol=1e-5)
    women = make_store({"chrX": (codes[:, two_x], list(range(5_000_000, 5_000_300)))})
    np.testing.assert_allclose(
        sites["hwe_p"], plink2(women, "--hardy", "midp", contig="1")[".hardy"]["MIDP"], rtol=1e-5
    )
