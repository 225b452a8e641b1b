"""The two-bit store: PLINK's bytes, and PLINK itself where it is installed."""

import shutil
import subprocess

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from permed.errors import Fault
from permed.genotypes.read import encode
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MAGIC, MISSING, GenotypeStore, code_counts, pack, unpack

CODES = hnp.arrays(np.uint8, st.tuples(st.integers(0, 9), st.integers(1, 13)), elements=st.integers(0, 3))


@given(CODES)
def test_unpacking_gives_what_was_packed_and_padding_is_zero(codes):
    packed = pack(codes)
    assert (unpack(packed, codes.shape[1]) == codes).all()
    rest = codes.shape[1] % 4
    assert not rest or not (packed[:, -1] >> (2 * rest)).any()


def test_a_byte_is_what_the_plink_format_documents():
    assert pack(np.array([[HOM_ALT, HET, HOM_REF, MISSING]], np.uint8)).tolist() == [[0b01_11_10_00]]


def test_every_genotype_has_its_code():
    alleles = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [-1, -1], [-1, 1], [0, -1], [0, -2], [1, -2], [-1, -2]])
    expected = [HOM_REF, HET, HET, HOM_ALT, MISSING, MISSING, MISSING, HOM_REF, HOM_ALT, MISSING]
    assert encode(alleles).tolist() == expected


def write_store(folder, contig, codes):
    counts = code_counts(codes)
    sites = pl.DataFrame({"contig": contig, "pos": range(1, len(codes) + 1), "ref": "A", "alt": "C", **counts})
    sites.write_parquet(folder / f"{contig}.sites.parquet")
    (folder / f"{contig}.bed").write_bytes(MAGIC + pack(codes).tobytes())
    pl.DataFrame({"sample": [f"S{n}" for n in range(codes.shape[1])]}).write_parquet(folder / "samples.parquet")
    return folder / f"{contig}.bed"


def test_rows_are_found_across_contigs(tmp_path):
    rng = np.random.default_rng(1)
    parts = [rng.integers(0, 4, (n, 7), np.uint8) for n in (5, 0, 8)]
    beds = [write_store(tmp_path, f"chr{n}", codes) for n, codes in enumerate(parts, 1)]
    store = GenotypeStore.open(beds, tmp_path / "samples.parquet")
    rows = np.array([12, 0, 5, 5, 4])
    assert (store.codes(rows) == np.concatenate(parts)[rows]).all()
    assert store.column(["S3", "S0"]).tolist() == [3, 0]


def test_a_store_that_was_cut_is_refused(tmp_path):
    bed = write_store(tmp_path, "chr1", np.zeros((5, 7), np.uint8))
    bed.write_bytes(bed.read_bytes()[:-1])
    with pytest.raises(Fault, match="does not fit its site table"):
        GenotypeStore.open([bed], tmp_path / "samples.parquet")


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed")
def test_plink_reads_our_packed_bcf_with_the_same_counts(tmp_path, make_vcf, run_step):
    rows = [
        ("chr1", 10, "A", "C", "0/0", "0|1", "1/1", "./.", "0/1"),
        ("chr1", 20, "GT", "G", "1/1", "./1", "0/0", "0/0", "0/1"),
    ]
    names = [f"S{n}" for n in range(5)]
    vcf = make_vcf(rows, samples=names)
    pl.DataFrame({"sample": names}).write_parquet(tmp_path / "samples.parquet")
    (tmp_path / "samples.fam").write_text("".join(f"0\t{n}\t0\t0\t0\t-9\n" for n in names))
    out = {"bed": tmp_path / "chr1.bed", "sites": tmp_path / "chr1.sites.parquet", "bim": tmp_path / "chr1.bim"}
    run_step("pack_genotypes")(vcf, tmp_path / "samples.parquet", **out)
    words = ["--bed", out["bed"], "--bim", out["bim"], "--fam", tmp_path / "samples.fam", "--geno-counts"]
    subprocess.run(["plink2", *map(str, words), "--out", str(tmp_path / "p")], check=True, capture_output=True)
    plink = pl.read_csv(tmp_path / "p.gcount", separator="\t")
    ours = pl.read_parquet(out["sites"])
    for theirs, own in (
        ("HOM_REF_CT", "n_ref"),
        ("HET_REF_ALT_CTS", "n_het"),
        ("TWO_ALT_GENO_CTS", "n_alt"),
        ("MISSING_CT", "n_missing"),
    ):
        assert plink[theirs].to_list() == ours[own].to_list()
