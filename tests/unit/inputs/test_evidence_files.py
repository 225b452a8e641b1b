"""Callable regions and gVCFs as the checks of the input see them."""

import gzip
import re

import pysam
import pytest

from permed.inputs.evidence_files import check_callable, has_reference_blocks
from permed.inputs.files import of_samples


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1\t0\t100\n", None),
        ("", "the file has no regions"),
        ("# nothing\n", "the file has no regions"),
        ("chr7\t0\t100\n", r"none of its contigs \(chr7\)"),
        ("1\t0\t100\n1\tx\t5\n", "line 2: the line is not one of a BED"),
        ("1\t0\t248956423\n", "1:0-248956423 ends beyond the contig in GRCh38"),
    ],
)
def test_callable_regions_are_checked(tmp_path, text, fault):
    path = tmp_path / "S1.bed"
    path.write_text(text)
    found = check_callable([str(path)], ["chr1"], "GRCh38")
    assert len(found) == (fault is not None)
    if fault:
        assert re.search(fault, str(found[0]))
        assert found[0].file == str(path)
        assert found[0].remedy


def test_absent_and_binary_regions(tmp_path):
    (tmp_path / "a.bed").write_bytes(b"\x1f\x8b\x00damaged")
    faults = check_callable([str(tmp_path / "none.bed"), str(tmp_path / "a.bed")], ["chr1"], "GRCh38")
    assert [fault.fault for fault in faults] == [
        "the file is not there",
        "the compressed file is damaged or cut short",
    ]


def test_a_pattern_names_a_file_for_each_person():
    assert of_samples("a/{sample}.bed", ["S1", "S2"]) == ["a/S1.bed", "a/S2.bed"]
    assert of_samples("a.bed", ["S1", "S2"]) == ["a.bed"]
    assert of_samples(None, ["S1"]) == of_samples("a.bed", []) == []


RECORD = "chr1\t5\t.\tA\t{}\t.\t.\t{}\tGT\t0/0\n"
HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr1>\n"
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n##INFO=<ID=BEND,Number=1,Type=Integer,Description="x">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)


@pytest.mark.parametrize(
    ("alt", "info", "expected"),
    [
        ("<NON_REF>", "END=9", True),
        ("<*>", ".", True),
        (".", "END=9", True),
        (".", ".", False),
        (".", "BEND=9", False),
        ("G,<NON_REF>", ".", False),
        ("<DEL>", "END=9", False),
    ],
)
@pytest.mark.parametrize("kind", ["plain", "gzip", "bcf"])
def test_a_gvcf_is_known_by_its_blocks(tmp_path, alt, info, expected, kind):
    text = HEADER + RECORD.format("G", ".") + RECORD.format(alt, info)
    path = tmp_path / "a.vcf"
    path.write_text(text)
    if kind == "gzip":
        path.write_bytes(gzip.compress(text.encode()))
    if kind == "bcf":
        pysam.bcftools.view("-Ob", "-o", str(tmp_path / "a.bcf"), str(path), catch_stdout=False)
        path = tmp_path / "a.bcf"
    assert has_reference_blocks(str(path)) == expected


def test_another_format_has_no_blocks(tmp_path):
    (tmp_path / "a.bed").write_bytes(b"\x6c\x1b\x01")
    assert not has_reference_blocks(str(tmp_path / "a.bed"))
