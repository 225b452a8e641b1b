"""Reading genotypes: our parser, cyvcf2 and what was planted give the same, whatever the records hold."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pysam.bcftools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.errors import Fault
from permed.genotypes import bcf
from permed.genotypes.bcf import is_packed_bcf
from permed.genotypes.read import GenotypeReader, encode
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, NO_DOSAGE, unpack

HEADER = """##fileformat=VCFv4.3
##contig=<ID=chr1,length=248956422>
##contig=<ID=chrX,length=156040895>
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">
##FORMAT=<ID=HDS,Number=.,Type=Float,Description="Haplotype dosages">
##FORMAT=<ID=GP,Number=G,Type=Float,Description="Genotype probabilities">
"""


def write_vcf(path: Path, rows, samples: int, header: str = HEADER) -> Path:
    """Write rows of ``contig pos id ref alt formats cell…`` as text."""
    lines = [header + "\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *names(samples)])]
    for contig, pos, name, ref, alt, formats, *cells in rows:
        lines.append("\t".join([contig, str(pos), name, ref, alt, ".", "PASS", ".", formats, *cells]))
    path.write_text("\n".join(lines) + "\n")
    return path


def write_bcf(path: Path, rows, samples: int, header: str = HEADER) -> Path:
    vcf = write_vcf(path.with_suffix(".vcf"), rows, samples, header)
    pysam.bcftools.view("--no-version", "-Ob", "-o", str(path), str(vcf), catch_stdout=False)
    return path


def names(samples: int) -> list[str]:
    return [f"S{n}" for n in range(samples)]


def read(path: Path, threads: int = 1):
    """The site table, codes, haploid flags and dosage units of a whole file."""
    reader = GenotypeReader(path, threads)
    samples = len(reader.samples)
    codes, haploid, dosages = [np.empty((0, samples), int)], [np.empty((0, samples), bool)], [np.empty((0, samples))]
    for records in reader:
        shape = (len(records.packed), samples)
        codes.append(unpack(records.packed, samples))
        bits = records.haploid
        flags = np.zeros(shape) if bits is None else np.unpackbits(bits, axis=1, bitorder="little", count=samples)
        haploid.append(flags.astype(bool))
        dosages.append(np.full(shape, NO_DOSAGE) if records.dosages is None else records.dosages)
    return reader.sites(), np.concatenate(codes), np.concatenate(haploid), np.concatenate(dosages)


def same(one, other) -> bool:
    return one[0].equals(other[0]) and all((a == b).all() for a, b in zip(one[1:], other[1:], strict=True))


ALLELE = st.sampled_from([".", "0", "0", "1", "2"])
GENOTYPE = st.one_of(ALLELE, st.tuples(ALLELE, st.sampled_from("/|"), ALLELE).map("".join))
NUMBER = st.integers(0, 2000).map(lambda n: f"{n / 1000:g}")
HALF = st.integers(0, 1000).map(lambda n: f"{n / 1000:g}")
CELLS = {
    "GT": GENOTYPE,
    "AD": st.just("3,300,70000"),
    "DS": st.one_of(st.just("."), NUMBER, st.sampled_from(["2.005", "2.5", "-0.2", "-0.005"])),
    "HDS": st.one_of(st.just("."), HALF, st.tuples(HALF, HALF).map(",".join)),
    "GP": st.sampled_from([".", "1,0,0", "0.1,0.2,0.7", "0.25,0.5,0.25", "0,30,60", "0.4,0.6", "0.1,0.1,0.1"]),
}


@st.composite
def files(draw):
    samples = draw(st.integers(1, 9))
    rows = []
    for number in range(draw(st.integers(0, 5))):
        formats = [name for name in CELLS if draw(st.booleans())]
        formats = (["GT"] if "GT" in formats else []) + [name for name in formats if name != "GT"] or ["GT"]
        cells = [":".join(draw(CELLS[name]) for name in formats) for _ in range(samples)]
        alt = draw(st.sampled_from(["C", "ACGTACGTACGTACGTACGT", "<NON_REF>"])) + ",G"
        name = draw(st.sampled_from([".", "rs1", "a_name_of_more_than_fifteen_letters;rs2"]))
        rows.append(("chr1" if number < 3 else "chrX", 10 + number, name, "A", alt, ":".join(formats), *cells))
    return rows, samples


def planted(row) -> tuple[list[int], list[bool], list[float]]:
    """Codes, haploid flags and dosage units of a row, one sample after the other, from its text."""
    formats = row[5].split(":")
    codes, haploid, dosages = [], [], []
    for cell in row[6:]:
        of = dict(zip(formats, cell.split(":"), strict=True))
        alleles = of.get("GT", ".").replace("|", "/").split("/")
        called = "." not in alleles
        single = called and len(alleles) == 1
        dosage = dosage_of(of, single)
        if "GT" in of:
            total = sum(map(int, alleles)) * (2 if single else 1) if called else None
        else:
            near = dosage != NO_DOSAGE and abs(dosage - 16384 * round(dosage / 16384)) <= 0.1 * 16384
            total = round(dosage / 16384) if near else None
        codes.append(MISSING if total is None else [HOM_REF, HET, HOM_ALT][min(total, 2)])
        haploid.append(single)
        dosages.append(dosage)
    return codes, haploid, dosages


def dosage_of(of: dict[str, str], single: bool) -> int:
    ds, hds, gp = (
        [float(np.float32(v)) for v in of.get(name, ".").split(",") if v != "."] for name in ("DS", "HDS", "GP")
    )
    value = None
    if ds:
        value = ds[0] * (2 if single else 1)
    elif hds:
        value = sum(hds) * (2 if len(hds) == 1 else 1)
    elif gp and abs(sum(gp) - 1) <= 0.05:
        value = 2 * gp[1] if len(gp) == 2 else gp[1] + 2 * gp[2]
    if value is None or not -0.01 <= value <= 2.01:
        return NO_DOSAGE
    return int(min(max(value, 0), 2) * 16384 + 0.5)


@settings(max_examples=60)
@given(files())
def test_parser_cyvcf2_and_pysam_agree_on_what_was_planted(file):
    rows, samples = file
    with tempfile.TemporaryDirectory() as folder:
        packed = write_bcf(Path(folder) / "a.bcf", rows, samples)
        ours, theirs = read(packed), read(packed.with_suffix(".vcf"))
        assert is_packed_bcf(packed) and same(ours, theirs)
        sites, codes, haploid, dosages = ours
        expected = [planted(row) for row in rows]
        assert codes.tolist() == [row[0] for row in expected]
        assert haploid.tolist() == [row[1] for row in expected]
        assert dosages.tolist() == [row[2] for row in expected]
        with pysam.VariantFile(str(packed)) as opened:
            for site, own, record in zip(sites.iter_rows(named=True), codes, opened, strict=True):
                assert [site[n] for n in ("contig", "pos", "ref", "id")] == [
                    record.chrom,
                    record.pos,
                    record.ref,
                    record.id,
                ]
                assert site["alt"] == record.alts[0]
                if "GT" in record.format:
                    pairs = [call.allele_indices or (None,) for call in record.samples.values()]
                    filled = [[-1 if a is None else a for a in pair] for pair in pairs]
                    assert own.tolist() == encode(np.array([(*p, -2)[:2] for p in filled])).tolist()
                tally = [(own == code).sum() for code in (HOM_REF, HET, HOM_ALT, MISSING)]
                assert tally == [site[n] for n in ("n_ref", "n_het", "n_alt", "n_missing")]


def test_records_lie_across_buffers_and_threads_alike(tmp_path, monkeypatch):
    """Two records of 70,000 people, each larger than a buffer, and many small ones of 700."""
    rng = np.random.default_rng(2)
    cells = np.array(["0/0", "0|1", "1/1", "./.", "1"])
    for samples, sites in ((70_001, 2), (700, 500)):
        drawn = rng.integers(0, 5, (sites, samples))
        rows = [("chr1", 5 + n, ".", "A", "C", "GT", *cells[drawn[n]]) for n in range(sites)]
        path = write_bcf(tmp_path / f"{samples}.bcf", rows, samples)
        monkeypatch.setattr(bcf, "BUFFER", 1 << 17)
        one = read(path)
        assert (one[1] == np.array([HOM_REF, HET, HOM_ALT, MISSING, HOM_ALT])[drawn]).all()
        assert (one[2] == (drawn == 4)).all()
        assert one[0]["pos"].to_list() == list(range(5, 5 + sites))
        assert same(one, read(path, threads=2)) and same(one, read(path, threads=3))


def test_long_alleles_many_alternates_and_large_dictionaries(tmp_path):
    """Lengths that need 8, 16 and 32 bits, allele numbers of 16 bits, FORMAT keys of 16 bits."""
    declared = "".join(f'##INFO=<ID=I{n},Number=1,Type=Integer,Description="x">\n' for n in range(300))
    header = HEADER.replace("##FORMAT", declared + "##FORMAT", 1)
    many = ",".join("A" + "C" * n for n in range(1, 80))
    rows = [
        ("chr1", 10, ".", "A" * 200, "A", "GT", "0/1", "1/1", "./."),
        ("chr1", 20, "x" * 300, "A" * 40_000, "ATT", "GT", "0/1", "1", "."),
        ("chr1", 30, ".", "A", many, "GT", "0|79", "79", "0/."),
        ("chr1", 40, ".", "A", ".", "GT", "0/0", "0", "./."),
    ]
    path = write_bcf(tmp_path / "a.bcf", rows, 3, header)
    sites, codes, haploid, _ = found = read(path)
    assert same(found, read(path.with_suffix(".vcf")))
    assert sites.select("ref", "alt", "id").rows() == [
        ("A" * 200, "A", None),
        ("A" * 40_000, "ATT", "x" * 300),
        ("A", "AC", None),
        ("A", ".", None),
    ]
    assert codes.tolist() == [
        [HET, HOM_ALT, MISSING],
        [HET, HOM_ALT, MISSING],
        [HOM_ALT, HOM_ALT, MISSING],
        [HOM_REF, HOM_REF, MISSING],
    ]
    assert haploid.tolist() == [[False] * 3, [False, True, False], [False, True, False], [False, True, False]]


def test_a_third_allele_is_refused_alike(tmp_path):
    rows = [("chr1", 10, ".", "A", "C", "GT", "0/1", "0/1"), ("chr1", 20, ".", "A", "C", "GT", "0/1/1", "0/1")]
    path = write_bcf(tmp_path / "a.bcf", rows, 2)
    for file in (path, path.with_suffix(".vcf")):
        with pytest.raises(Fault, match="chr1:20 has a genotype of more than two alleles"):
            read(file)


def damaged(path: Path, at: int) -> Path:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    return path


@pytest.fixture
def blocks(tmp_path):
    """A BCF of several blocks and where each one starts."""
    rng = np.random.default_rng(3)
    cells = np.array(["0/0", "0/1", "1/1"])
    rows = [("chr1", 1 + n, ".", "A", "C", "GT", *cells[rng.integers(0, 3, 900)]) for n in range(200)]
    path = write_bcf(tmp_path / "a.bcf", rows, 900)
    content, starts, at = path.read_bytes(), [], 0
    while at < len(content):
        starts.append(at)
        at += int.from_bytes(content[at + 16 : at + 18], "little") + 1
    return path, starts


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3))
def test_whatever_is_wrong_within_records_is_a_fault_or_read(changes):
    """Bytes of records changed at random in blocks whose checksums fit: no crash, no table of another length."""
    row = ("GT:DS:HDS:GP", "0/1:1:0.5,0.5:0,1,0", "1:1:1:.", "./.:.:.:.")
    rows = [("chr1", 10 + n, "rs1", "A" * (1 + 20 * n), "C", *row) for n in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        path = write_bcf(Path(folder) / "a.bcf", rows, 3)
        with pysam.BGZFile(str(path)) as file:
            content = bytearray(file.read())
        start = 9 + int.from_bytes(content[5:9], "little")
        for at, value in changes:
            content[start + at % (len(content) - start)] = value
        with pysam.BGZFile(str(path), "wb") as file:
            file.write(bytes(content))
        try:
            sites, codes, haploid, dosages = read(path)
        except Fault:
            return
        assert len(sites) == len(codes) == len(haploid) == len(dosages)
        assert sites.select("pos", "ref", "alt").null_count().row(0) == (0, 0, 0)


def test_damaged_blocks_are_named(blocks):
    path, starts = blocks
    whole = path.read_bytes()
    assert len(starts) > 4
    for at, fault in (
        (starts[2] + 100, f"block 3, at byte {starts[2]}, is damaged: "),
        (starts[3] - 8, f"block 3, at byte {starts[2]}, is damaged: its checksum"),
        (starts[2], f"block 3, at byte {starts[2]}, is damaged: no block starts there"),
    ):
        path.write_bytes(whole)
        with pytest.raises(Fault, match=fault):
            read(damaged(path, at))


def test_a_file_that_was_cut_is_refused_wherever_the_cut_is(blocks):
    path, starts = blocks
    whole = path.read_bytes()
    path.write_bytes(whole[: starts[-1]])
    with pytest.raises(Fault, match="end-of-file block is missing"):
        read(path)
    path.write_bytes(whole[: starts[2]])
    with pytest.raises(Fault, match="cut short"):
        read(path)
    path.write_bytes(whole[: starts[2]] + whole[starts[-1] :])
    with pytest.raises(Fault, match="ends within"):
        read(path)
    path.write_bytes(whole[: starts[2] + 999])
    with pytest.raises(Fault, match=f"block 3, at byte {starts[2]}, is damaged: the file is cut short within it"):
        read(path)
    vcf = path.with_name("a.vcf.gz")
    pysam.tabix_compress(str(path.with_suffix(".vcf")), str(vcf))
    vcf.write_bytes(vcf.read_bytes()[:-28])
    with pytest.raises(Fault, match="end-of-file block is missing"):
        read(vcf)


def test_dosages_of_split_records_are_those_of_their_alternate(tmp_path):
    """DS, an element an alternate, splits exactly; of GP a part is lost, and it is used only where that part is nil."""
    rows = [
        ("chr1", 10, ".", "A", "C,G", "GT:DS:GP", "1/2:0.9,1.05:0,0,0.05,0.05,0.9,0", "0/1:1,0:0,1,0,0,0,0"),
        ("chr1", 20, ".", "A", "C,G", "GT:GP", "1/2:0,0,0.05,0.05,0.9,0", "0/1:0,0.9,0.1,0,0,0"),
    ]
    whole, split = write_bcf(tmp_path / "a.bcf", rows, 2), tmp_path / "split.bcf"
    pysam.bcftools.norm("-m", "-any", "-Ob", "-o", str(split), str(whole), catch_stdout=False)
    sites, codes, _, dosages = read(split)
    assert sites["alt"].to_list() == ["C", "G", "C", "G"]
    assert codes.tolist() == [[HET, HET], [HET, HOM_REF], [HET, HET], [HET, HOM_REF]]
    expected = [[0.9, 1], [1.05, 0], [np.nan, 1.1], [np.nan, np.nan]]
    found = np.where(dosages == NO_DOSAGE, np.nan, dosages / 16384)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed")
def test_hard_calls_of_dosages_are_those_of_plink2(tmp_path):
    rng = np.random.default_rng(4)
    dosages = rng.integers(0, 2001, (300, 5)) / 1000
    rows = [("chr1", 10 + n, f"v{n}", "A", "C", "DS", *(f"{d:g}" for d in dosages[n])) for n in range(300)]
    path = write_bcf(tmp_path / "a.bcf", rows, 5)
    words = ["plink2", "--vcf", path.with_suffix(".vcf"), "dosage=DS", "--make-bed", "--out", tmp_path / "p"]
    subprocess.run(list(map(str, words)), check=True, capture_output=True)
    theirs = np.frombuffer((tmp_path / "p.bed").read_bytes()[3:], np.uint8).reshape(300, 2)
    _, codes, _, _ = read(path)
    assert (codes == unpack(theirs, 5)).all()
    assert {line.split()[4] for line in (tmp_path / "p.bim").read_text().splitlines()} == {"C"}
