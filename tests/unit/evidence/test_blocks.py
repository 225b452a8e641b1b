"""Reference blocks and callable regions as stretches, against sets of positions counted one by one."""

import gzip

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permed.errors import Fault
from permed.evidence.blocks import bed_rows, drop_blocks, may_have_blocks, read_blocks, read_callable
from permed.evidence.intervals import Intervals
from permed.observations.bounds import Bounds
from permed.observations.codes import GENOTYPE_FILTER, LOW_DEPTH, LOW_QUALITY, NO_READS, ONE_ALLELE
from permed.observations.observing import People

stretches = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 8)).map(lambda p: (p[0], p[0] + p[1])), max_size=8)

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=1000>
##ALT=<ID=NON_REF,Description="Any">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Least depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=RGQ,Number=1,Type=Integer,Description="Quality of the reference">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
"""
FT = '##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter of the genotype">\n'
HEADER += FT


@pytest.fixture
def make_bcf(tmp_path):
    def make(rows, samples=("S1",), header=HEADER):
        text = header + "\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *samples]) + "\n"
        for pos, ref, alt, end, formats, *cells in rows:
            info = f"END={end}" if end else "."
            text += "\t".join(["chr1", str(pos), ".", ref, alt, ".", ".", info, formats, *cells]) + "\n"
        (tmp_path / "in.vcf").write_text(text)
        pysam.bcftools.view("-Ob", "-o", str(tmp_path / "in.bcf"), str(tmp_path / "in.vcf"), catch_stdout=False)
        return tmp_path / "in.bcf"

    return make


def positions(intervals: Intervals) -> set[int]:
    return {p for a, b in zip(intervals.starts.tolist(), intervals.ends.tolist(), strict=True) for p in range(a, b + 1)}


def of(pairs) -> Intervals:
    return Intervals.of([a for a, _ in pairs], [b for _, b in pairs])


@given(stretches, stretches, stretches)
def test_sets_of_stretches_are_sets_of_positions(one, two, asked):
    first, second = of(one), of(two)
    mine, theirs = positions(first), positions(second)
    assert mine == {p for a, b in one for p in range(a, b + 1)}
    assert positions(first.union(second)) == mine | theirs
    assert positions(first.without(second)) == mine - theirs
    assert all(second - first > 1 for first, second in zip(first.ends, first.starts[1:], strict=False))
    starts, ends = (np.array([pair[n] for pair in asked], np.int64) for n in (0, 1))
    assert first.cover(starts, ends).tolist() == [set(range(a, b + 1)) <= mine for a, b in asked]


def people(*names):
    return People(list(names), np.zeros(len(names), bool), "GRCh38")


def test_a_block_without_a_quality_is_believed_by_its_least_depth_and_half_of_it_where_one_copy_is(make_bcf, tmp_path):
    depths = {1: "0/0:9:40", 10: "0/0:10:40", 20: "0:5:40", 30: "0:4:40", 40: "0/0:0:0"}
    rows = [(pos, "A", "<NON_REF>", pos + 4, "GT:MIN_DP:DP", cell) for pos, cell in depths.items()]
    found = read_blocks(make_bcf(rows), "chrX", tmp_path, Bounds(), people("S1"))
    assert positions(found.good["S1"]) == {*range(10, 15), *range(20, 25)}
    weak = {code: positions(where) for code, where in found.weak["S1"].items()}
    assert weak == {LOW_DEPTH: {*range(1, 6), *range(30, 35)}, NO_READS: set(range(40, 45))}


def test_one_allele_where_everybody_has_two_copies_leaves_the_other_unknown(make_bcf, tmp_path):
    """As Strelka writes bases beside a heterozygous deletion."""
    rows = [(1, "A", "<NON_REF>", 5, "GT:DP", "0:45"), (10, "A", "<NON_REF>", 15, "GT:DP", "0/0:45")]
    found = read_blocks(make_bcf(rows), "chr1", tmp_path, Bounds(), people("S1"))
    assert positions(found.good["S1"]) == set(range(10, 16))
    assert {code: positions(where) for code, where in found.weak["S1"].items()} == {ONE_ALLELE: set(range(1, 6))}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("0/0:50:30:0,50,900:.", None),
        ("0/0:33:30:0,7,40:.", LOW_QUALITY),
        ("0/0:50:30:0,0,0:.", LOW_QUALITY),
        ("0/0:50:0:0,0,0:.", NO_READS),
        ("0/0:.:30:0,25,900:.", None),
        ("0/0:.:30:0,9,900:.", LOW_QUALITY),
        ("0/0:48:30:0,.,.:PASS", None),
        ("0/0:48:30:3,0,90:PASS", LOW_QUALITY),
        ("0/0:48:30:0,50,900:LowGQ;LowDP", GENOTYPE_FILTER),
        ("0/0:48:30:0,50,900:PASS", None),
    ],
)
def test_likelihoods_and_filters_of_a_block_are_asked_as_of_any_genotype(make_bcf, tmp_path, cell, code):
    row = (10, "A", "<NON_REF>", 12, "GT:GQ:DP:PL:FT", cell)
    found = read_blocks(make_bcf([row]), "chr1", tmp_path, Bounds(), people("S1"))
    assert positions(found.good["S1"]) == (set() if code else {10, 11, 12})
    assert set(found.weak["S1"]) == ({code} if code else set())


def test_a_filter_of_genotypes_that_is_a_number_is_not_asked_of_blocks_either(make_bcf, tmp_path):
    number = HEADER.replace(FT, FT.replace("String", "Integer"))
    row = (10, "A", "<NON_REF>", 12, "GT:GQ:FT", "0/0:50:1")
    found = read_blocks(make_bcf([row], header=number), "chr1", tmp_path, Bounds(), people("S1"))
    assert positions(found.good["S1"]) == {10, 11, 12}


def test_a_block_is_reference_by_its_depth_and_quality(make_bcf, tmp_path):
    rows = [
        (1, "A", "<NON_REF>", 9, "GT:DP:GQ:MIN_DP", "0/0:40:99:10"),
        (10, "A", "<NON_REF>", 19, "GT:DP:GQ:MIN_DP", "0/0:40:99:9"),  # where there is a quality it decides
        (20, "A", "<NON_REF>", 29, "GT:DP:GQ", "0/0:10:20"),
        (30, "A", "<NON_REF>", 39, "GT:DP:GQ", "0/0:10:19"),
        (40, "A", "<NON_REF>", 49, "GT:DP:RGQ", "0/0:10:20"),
        (50, "A", "<*>", None, "GT:DP:GQ", "0|0:10:20"),  # a block of one base
        (60, "A", ".", 69, "GT:DP:GQ", "0/0:10:20"),
        (70, "A", "<NON_REF>", 79, "GT:DP:GQ", "./.:10:20"),
        (80, "A", "<NON_REF>", 89, "GT:DP", "0/0:10"),  # without a quality the depth decides
        (90, "A", "<NON_REF>", 99, "GT:GQ", "0/0:99"),
        (100, "A", "<NON_REF>", 109, "GT:DP:GQ", "0:10:20"),
        (110, "A", "G,<NON_REF>", None, "GT:DP:GQ", "0/1:30:99"),
        (120, "A", ".", None, "GT:DP:GQ", "0/0:30:99"),
    ]
    path = make_bcf(rows)
    assert may_have_blocks(path)
    found = read_blocks(path, "chrX", tmp_path, Bounds(), people("S1"))
    truth = {*range(1, 30), *range(40, 51), *range(60, 70), *range(80, 110)}
    assert positions(found.good["S1"]) == truth
    assert positions(found.single["S1"]) == set(range(100, 110))
    assert {code: positions(where) for code, where in found.weak["S1"].items()} == {LOW_QUALITY: set(range(30, 40))}
    assert found.count == 11
    drop_blocks(path, tmp_path / "rest.bcf")
    with pysam.VariantFile(str(tmp_path / "rest.bcf")) as file:
        assert [record.pos for record in file] == [110, 120]


def test_a_block_that_failed_its_filter_is_no_evidence(make_bcf, tmp_path):
    rows = [(n, "A", "<NON_REF>", n + 4, "GT:DP:GQ", "0/0:30:99") for n in (10, 20, 30)]
    path = make_bcf(rows)
    text = pysam.bcftools.view(str(path)).replace("##contig", '##FILTER=<ID=LowGQX,Description="x">\n##contig', 1)
    (tmp_path / "f.vcf").write_text(text.replace("\t20\t.\tA\t<NON_REF>\t.\t.", "\t20\t.\tA\t<NON_REF>\t.\tLowGQX"))
    given = tmp_path / "f.vcf", "chr1", tmp_path
    believed = {filters: positions(read_blocks(*given, Bounds(filters=filters), people("S1")).good["S1"])
                for filters in (("PASS", "."), ("PASS", ".", "LowGQX"), ("any",))}  # fmt: skip
    whole = {n + k for n in (10, 20, 30) for k in range(5)}
    assert list(believed.values()) == [whole - set(range(20, 25)), whole, whole]


def test_blocks_of_several_people_are_told_apart(make_bcf, tmp_path):
    rows = [
        (1, "A", "<NON_REF>", 9, "GT:DP:GQ", "0/0:30:99", "./.:0:0"),
        (10, "A", "<*>", 12, "GT:DP:GQ", ".", "0/0:30:99"),
    ]
    found = read_blocks(make_bcf(rows, ("S1", "S2")), "chr1", tmp_path, Bounds(), people("S1", "S2"))
    assert [positions(found.good[name]) for name in ("S1", "S2")] == [set(range(1, 10)), {10, 11, 12}]


@pytest.mark.parametrize("packed", [False, True])
def test_callable_regions_are_half_open_from_zero(tmp_path, packed):
    text = "# comment\ntrack name=x\n1\t0\t2\tname\n1\t5\t6\n1\t9\t9\n2\t0\t100\n"
    path = tmp_path / ("a.bed.gz" if packed else "a.bed")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert positions(read_callable(path, "chr1")) == {1, 2, 6}
    assert not read_callable(path, "chr3")


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_callable_regions_in_other_codings_and_with_other_line_ends(tmp_path, coding, end):
    (tmp_path / "a.bed").write_bytes(f"chr1\t0\t2{end}chr2\t0\t9{end}".encode(coding))
    assert positions(read_callable(tmp_path / "a.bed", "chr1")) == {1, 2}


@pytest.mark.parametrize("line", ["chr1\t5", "chr1\t7\t5", "chr1\tone\t5", "chr1 1 5"])
def test_a_line_that_is_no_bed_is_named(tmp_path, line):
    (tmp_path / "a.bed").write_text(f"chr1\t1\t5\n{line}\n")
    with pytest.raises(Fault, match=r"a\.bed line 2"):
        bed_rows(tmp_path / "a.bed")
