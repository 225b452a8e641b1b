"""The two-bit store: PLINK's bytes, and PLINK itself where it is installed."""

import os
import shutil
import subprocess
import sys

import numpy as np
import polars as pl
import pysam
import pysam.bcftools
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from permed.errors import Fault
from permed.genotypes.read import encode
from permed.genotypes.store import (
    HET,
    HOM_ALT,
    HOM_REF,
    MAGIC,
    MISSING,
    NO_DOSAGE,
    GenotypeStore,
    StoreWriter,
    code_counts,
    pack,
    unpack,
)

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


def test_sidecars_hold_haploid_genotypes_and_dosages_and_are_empty_without(tmp_path):
    rng = np.random.default_rng(6)
    codes = rng.integers(0, 4, (9, 11), np.uint8)
    flags = rng.random((9, 11)) < 0.5
    units = rng.integers(0, 32769, (9, 11)).astype(np.uint16)
    units[rng.random((9, 11)) < 0.2] = NO_DOSAGE
    bits = np.packbits(flags, axis=1, bitorder="little")
    one, two = (write_store(tmp_path, contig, codes) for contig in ("chr1", "chrX"))
    with writer(one, 11) as store:
        store.add(pack(codes))
    with writer(two, 11) as store:  # a chunk with both between chunks with one or nothing
        store.add(pack(codes[:2]))
        store.add(pack(codes[2:4]), bits[2:4])
        store.add(pack(codes[4:6]), bits[4:6], units[4:6])
        store.add(pack(codes[6:7]), dosages=units[6:7])
        store.add(pack(codes[7:]))
    assert [path.with_suffix(s).stat().st_size for path in (one, two) for s in (".haploid", ".dosage")] == [
        0,
        0,
        9 * 2,
        9 * 11 * 2,
    ]
    opened = GenotypeStore.open([one, two], tmp_path / "samples.parquet")
    rows = np.array([9 + 5, 3, 9 + 2, 9 + 6, 9 + 8])
    expected = np.concatenate([np.zeros_like(flags), flags])
    expected[[9, 10, 15, 16, 17]] = False
    assert (opened.haploid(rows) == expected[rows]).all()
    dosages = np.concatenate([np.array([2, np.nan, 1, 0])[codes]] * 2)
    stored = units[4:7] != NO_DOSAGE
    dosages[13:16][stored] = units[4:7][stored] / 16384
    np.testing.assert_array_equal(opened.dosages(rows), dosages[rows].astype(np.float32))
    assert (opened.codes(rows) == np.concatenate([codes, codes])[rows]).all()
    two.with_suffix(".dosage").write_bytes(bytes(7))
    with pytest.raises(Fault, match=r"chrX\.dosage: the genotype store does not fit"):
        GenotypeStore.open([two], tmp_path / "samples.parquet")


def test_nothing_is_left_of_a_store_that_could_not_be_written(tmp_path):
    with pytest.raises(Fault), writer(tmp_path / "chr1.bed", 3) as store:
        store.add(pack(np.zeros((2, 3), np.uint8)), np.ones((2, 1), np.uint8))
        raise Fault("the file is cut short")
    assert list(tmp_path.iterdir()) == []


def writer(bed, samples):
    return StoreWriter(
        bed, bed.with_suffix(".haploid"), bed.with_suffix(".dosage"), bed.with_suffix(".observed"), samples
    )


def step_outputs(folder):
    ends = {name: f".{name}" for name in ("bed", "bim", "haploid", "dosage", "observed")} | {"sites": ".sites.parquet"}
    return {name: folder / f"chr1{end}" for name, end in ends.items()}


def test_the_step_writes_what_the_store_opens_and_refuses_other_people(tmp_path, make_vcf, run_step):
    rows = [("chr1", 10, "A", "C", "1", "0|1", "./."), ("chr1", 20, "G", "T", "0", "1/1", "0/1")]
    vcf, samples = make_vcf(rows, samples=("A", "B", "C")), tmp_path / "samples.parquet"
    pl.DataFrame({"sample": ["A", "B", "C"]}).write_parquet(samples)
    out = step_outputs(tmp_path)
    run_step("pack_genotypes")(vcf, samples, **out)
    store = GenotypeStore.open([out["bed"]], samples)
    assert store.codes([0, 1]).tolist() == [[HOM_ALT, HET, MISSING], [HOM_REF, HOM_ALT, HET]]
    assert store.haploid([0, 1]).tolist() == [[True, False, False]] * 2
    assert store.sites.select("pos", "n_ref", "n_het", "n_alt", "n_missing").rows() == [
        (10, 0, 1, 1, 1),
        (20, 1, 1, 1, 0),
    ]
    assert out["bim"].read_text().splitlines()[0] == "chr1\tchr1:10:A:C\t0\t10\tC\tA"
    pl.DataFrame({"sample": ["A", "C", "B"]}).write_parquet(samples)
    with pytest.raises(Fault, match="not those of the sample table"):
        run_step("pack_genotypes")(vcf, samples, **out)


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
    out = step_outputs(tmp_path)
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


SHORT_OF_MEMORY = """
import resource, runpy, sys
import polars
import permed.genotypes.read, permed.genotypes.store, permed.tables
polars.read_parquet(sys.argv[2])
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (3 << 20),) * 2)  # less than a buffer of records takes
sys.argv = [sys.argv[1], *sys.argv[3:]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_step_that_runs_out_of_memory_says_so_in_one_line_and_leaves_nothing(tmp_path, make_vcf, root):
    vcf = make_vcf([("chr1", 10, "A", "C", "0/1")], ("S1",))
    bcf, out = tmp_path / "in.bcf", tmp_path / "out"
    out.mkdir()
    pysam.bcftools.view("-Ob", "-o", str(bcf), str(vcf), catch_stdout=False)
    pl.DataFrame({"sample": ["S1"]}).write_parquet(tmp_path / "samples.parquet")
    words = ["--variants", bcf, "--samples", tmp_path / "samples.parquet"]
    words += [word for name, file in step_outputs(out).items() for word in (f"--{name}", file)]
    script = root / "scripts" / "pack_genotypes.py"
    command = [sys.executable, "-c", SHORT_OF_MEMORY, script, tmp_path / "samples.parquet", *words]
    environment = {**os.environ, "PYTHONPATH": str(root / "scripts")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1, done.stderr
    assert "pack_genotypes ran out of memory. Give its rule more, with --set-resources" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(out.iterdir()) == [], "neither a file nor a part of one"
