"""Genotypes from reads against planted haplotypes and depths; and how they complete the files."""

import random

import polars as pl
import pysam
import pytest

from genotype_alignments import genotype_alignments
from permed.errors import Fault
from permed.evidence.alignments import link_alignments
from permed.evidence.known import Wanted
from permed.evidence.positions import POSITION_SCHEMA
from permed.inputs.evidence_files import check_alignments
from permed.normalise.contig import normalise_contig

RNG = random.Random(11)
SEQUENCE = "".join(RNG.choices("ACGT", k=4000))
READ = 60
# Where a person's reads lie (start from 0, end), how many there are, and what the second copy carries.
DEEP, THIN = (1000, 1400, 20), (2000, 2400, 5)
HET, DELETION, HOM = 1100, 1200, 1300  # 1-based


def base(pos):
    return SEQUENCE[pos - 1]


def other(pos):
    return "ACGT"[("ACGT".index(base(pos)) + 1) % 4]


NEEDED = [1050, HET, DELETION, HOM, 2200, 3000]


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "reference.fa"
    path.write_text(f">1\n{SEQUENCE}\n")
    pysam.faidx(str(path))
    return path


@pytest.fixture
def positions(tmp_path):
    rows = [("chr1", pos, base(pos), [other(pos)], pos, None) for pos in NEEDED]
    pl.DataFrame(rows, schema=POSITION_SCHEMA, orient="row").write_parquet(tmp_path / "positions.parquet")
    return tmp_path / "positions.parquet"


@pytest.fixture
def people(tmp_path):
    pl.DataFrame({"sample": ["S1", "S2"], "sex": ["XX", "NA"]}).write_parquet(tmp_path / "samples.parquet")
    return tmp_path / "samples.parquet"


@pytest.fixture
def make_reads(tmp_path):
    """A BAM (or CRAM) of one person; ``plain`` has no variants."""

    def make(name, contig="chr1", length=4000, read_group="same", plain=False, fasta=None):
        header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": contig, "LN": length}]}
        if read_group:
            header["RG"] = [{"ID": "x", "SM": name if read_group == "same" else read_group}]
        reads = []
        for first, last, depth in (DEEP, THIN):
            for start in range(first - READ, last, READ):
                for number in range(depth):
                    reads.append(read(start + number, number % 2 == 0, plain, len(reads)))
        path = tmp_path / f"{name}.{'cram' if fasta else 'bam'}"
        options = {"reference_filename": str(fasta)} if fasta else {}
        with pysam.AlignmentFile(str(path), "wc" if fasta else "wb", header=header, **options) as out:
            for segment in sorted(reads, key=lambda segment: segment.reference_start):
                out.write(segment)
        return path

    return make


def read(start, second, plain, number):
    """A read of one copy from ``start`` (0-based), with the bases that the copy has."""
    segment = pysam.AlignedSegment()
    bases = list(SEQUENCE[start : start + READ])
    cigar = [(0, READ)]
    at = {pos: pos - 1 - start for pos in (HET, HOM, DELETION)}
    if not plain:
        if 0 <= at[HOM] < READ:
            bases[at[HOM]] = other(HOM)
        if second and 0 <= at[HET] < READ:
            bases[at[HET]] = other(HET)
        if second and 5 <= at[DELETION] < READ - 7:
            kept = at[DELETION] + 1
            bases = bases[:kept] + bases[kept + 2 :]
            cigar = [(0, kept), (2, 2), (0, READ - kept - 2)]
    segment.query_name, segment.flag, segment.reference_id = f"r{number}", 16 * (number % 2), 0
    segment.reference_start, segment.mapping_quality, segment.cigartuples = start, 60, cigar
    segment.query_sequence = "".join(bases)
    segment.query_qualities = pysam.qualitystring_to_array("I" * len(bases))
    segment.set_tag("RG", "x")
    return segment


@pytest.fixture
def genotype(tmp_path, positions, people, reference):
    def run(paths, samples, **options):
        out = tmp_path / "alignments" / "batch0.bcf"
        out.parent.mkdir(exist_ok=True)
        places = {"positions": positions, "people": people, "reference": [reference], "contigs": ["chr1"]}
        index = out.with_name("batch0.bcf.csi")
        genotype_alignments(paths, samples, **places, variants=out, index=index, **options)
        with pysam.VariantFile(str(out)) as file:
            assert list(file.header.samples) == samples
            return out, {(r.pos, *r.alleles): [shown(c) for c in r.samples.values()] for r in file}

    return run


def shown(call) -> str:
    return "/".join("." if a is None else str(a) for a in call["GT"])


TRUTH = {
    (1050, base(1050)): ["0/0"],
    (HET, base(HET), other(HET)): ["0/1"],
    (DELETION, SEQUENCE[DELETION - 1 : DELETION + 2], base(DELETION)): ["0/1"],
    (HOM, base(HOM), other(HOM)): ["1/1"],
    (2200, base(2200)): ["./."],
}


def test_reads_give_planted_genotypes_where_they_are_deep_enough(make_reads, genotype):
    path = make_reads("S1")
    _, found = genotype([path], ["S1"])
    assert {key: cells for key, cells in found.items() if key in TRUTH} == TRUTH
    assert {key[0] for key in found} == set(NEEDED) - {3000}
    assert not list(path.parent.glob("S1.*bai")), "nothing is written in the user's folder"
    _, found = genotype([path], ["S1"], min_depth=5, min_genotype_quality=10)
    assert found[2200, base(2200)] == ["0/0"]


def test_where_the_reference_has_n_reads_tell_nothing(make_reads, genotype, reference):
    text = SEQUENCE[:1049] + "N" + SEQUENCE[1050:]
    reference.write_text(f">1\n{text}\n")
    _, found = genotype([make_reads("S1")], ["S1"])
    assert all(cells == ["./."] for key, cells in found.items() if key[0] == 1050)


def test_people_of_a_batch_are_reference_at_each_others_variants(make_reads, genotype):
    _, found = genotype([make_reads("S1"), make_reads("S2", plain=True)], ["S1", "S2"], threads=2)
    assert found[HET, base(HET), other(HET)] == ["0/1", "0/0"]
    assert found[2200, base(2200)] == ["./.", "./."]


def test_a_cram_is_read_with_the_runs_reference(make_reads, genotype, tmp_path):
    fasta = tmp_path / "made_with.fa"
    fasta.write_text(f">chr1\n{SEQUENCE}\n")
    pysam.faidx(str(fasta))
    path = make_reads("S1", fasta=fasta)
    _, found = genotype([path], ["S1"])
    assert {key: cells for key, cells in found.items() if key in TRUTH} == TRUTH


def test_what_is_no_alignment_is_a_fault(tmp_path):
    (tmp_path / "S1.bam").write_bytes(b"nothing")
    with pytest.raises(Fault, match=r"S1\.bam.*S1"):
        link_alignments(tmp_path / "S1.bam", "S1", ["chr1"], tmp_path)


def test_files_are_completed_by_reads_and_win_where_they_differ(make_reads, genotype, make_vcf, tmp_path, positions):
    bcf, _ = genotype([make_reads("S1"), make_reads("S2", plain=True)], ["S1", "S2"])
    rows = [
        ("chr1", HOM, base(HOM), other(HOM), "0/1", "./."),  # the reads of the first say 1/1
        ("chr1", 2200, base(2200), other(2200), "./.", "0/1"),
    ]
    vcf = make_vcf(rows, ("S1", "S2"), (("chr1", len(SEQUENCE)),))
    for absent in ("missing", "reference"):
        wanted = Wanted(positions=pl.read_parquet(positions), alignments=[bcf], absent_sites=absent)
        (tmp_path / "work").mkdir(exist_ok=True)
        done = normalise_contig([vcf], "chr1", ["S1", "S2"], None, tmp_path / "out.bcf", tmp_path / "work", wanted)
        with pysam.VariantFile(str(tmp_path / "out.bcf")) as file:
            found = {(r.pos, *r.alleles): [shown(c) for c in r.samples.values()] for r in file}
        deletion = SEQUENCE[DELETION - 1 : DELETION + 2]
        assert found == {
            (1050, base(1050)): ["0/0", "0/0"],
            (HET, base(HET), other(HET)): ["0/1", "0/0"],
            (DELETION, deletion, base(DELETION)): ["0/1", "0/0"],
            (HOM, base(HOM), other(HOM)): ["0/1", "0/0"],
            (2200, base(2200), other(2200)): ["./.", "0/1"],
        } | ({(3000, base(3000)): ["./.", "./."]} if absent == "reference" else {})
        assert done.counts["reads_disagree"] == 1
        assert done.notes == [f"S1: chr1:{HOM} differs between file and reads"]
        assert done.counts["filled_reads"] == 7


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, None),
        ({"read_group": None}, None),
        ({"read_group": "NA1"}, "names it for S1, and its read groups (@RG SM) say NA1"),
        ({"length": 249250621}, "as in GRCh37; genome.build says GRCh38"),
        ({"contig": "chr9"}, "its header has none of the run's contigs"),
    ],
)
def test_alignments_are_checked_before_computing(make_reads, tmp_path, given, fault):
    path = str(make_reads("S1", **given))
    found = check_alignments("{sample}.bam", [path], ["S1"], ["1"], "GRCh38", "reference.fa")
    assert [fault in str(f) and f.file == path for f in found] == ([True] if fault else [])


def test_damaged_absent_and_useless_alignments(make_reads, tmp_path):
    def faults(path, pattern="{sample}.bam", samples=("S1",), reference="r.fa"):
        return [f.fault for f in check_alignments(pattern, [str(path)], list(samples), ["chr1"], "GRCh38", reference)]

    whole = make_reads("S1").read_bytes()
    (tmp_path / "cut.bam").write_bytes(whole[:-40])
    (tmp_path / "empty.bam").write_bytes(b"")
    (tmp_path / "other.bam").write_text("@SQ\tSN:chr1\tLN:4000\nr\t0\tchr1\t1\t60\t4M\t*\t0\t0\tACGT\tIIII\n")
    assert "cut short" in faults(tmp_path / "cut.bam")[0]
    assert faults(tmp_path / "empty.bam") == ["the file is empty"]
    assert faults(tmp_path / "other.bam") == ["the file is SAM text"]
    assert faults(tmp_path / "none.bam") == ["the file is not there"]
    assert "one file for all" in faults("a.bam", "a.bam", ("S1", "S2"))[0]
    assert "need a reference" in faults("a.bam", reference=None)[0]
    assert faults("a.bam", None) == []


def test_mitochondrial_reads_show_changes_on_a_part_and_count_along_rcrs_only(make_reads, people, tmp_path):
    fasta = tmp_path / "mito.fa"
    fasta.write_text(f">chrM\n{SEQUENCE}\n")
    pysam.faidx(str(fasta))
    rows = [("chrM", pos, base(pos), [other(pos)], pos, None) for pos in (1050, HET, HOM)]
    places = tmp_path / "mito.parquet"
    pl.DataFrame(rows, schema=POSITION_SCHEMA, orient="row").write_parquet(places)
    out = tmp_path / "mito.bcf"
    for length, expected in ((16569, ["0/0", "0/1", "1/1"]), (16571, [])):
        reads = make_reads("S1", contig="MT", length=length)
        given = {"positions": places, "people": people, "reference": [fasta], "contigs": ["chrM"]}
        genotype_alignments([reads], ["S1"], **given, variants=out, index=tmp_path / "mito.bcf.csi")
        with pysam.VariantFile(str(out)) as file:
            assert ["/".join(map(str, record.samples[0]["GT"])) for record in file] == expected
