"""What bcftools says is a fault of the file, unless memory or the disk is at its end."""

import errno
from pathlib import Path

import pysam
import pytest

from permed.bcftools import attempt, bcftools, index_bcf
from permed.errors import Fault


class Stopping:
    """A command of pysam.bcftools that stops with a message."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, *words, **options) -> None:
        raise pysam.SamtoolsError(f"bcftools returned with error 1: stdout=None, stderr={self.message}")


@pytest.mark.parametrize("run", [attempt, bcftools])
@pytest.mark.parametrize(
    ("message", "kind", "number"),
    [
        ("Error: could not allocate 691200000 bytes of memory", MemoryError, None),
        ("[E::bgzf_flush] File write failed: No space left on device", OSError, errno.ENOSPC),
        ("[E::bgzf_flush] File write failed: File too large", OSError, errno.EFBIG),
    ],
)
def test_memory_and_disk_are_told_from_files(monkeypatch, run, message, kind, number):
    monkeypatch.setattr(pysam.bcftools, "view", Stopping(message))
    with pytest.raises(kind) as stopped:
        run("view", "x.bcf")
    assert getattr(stopped.value, "errno", None) == number


def test_anything_else_is_the_files(tmp_path):
    (tmp_path / "x.vcf").write_text("##fileformat=VCFv4.2\nno header\n")
    assert attempt("view", tmp_path / "x.vcf")
    with pytest.raises(Fault) as stopped:
        bcftools("view", "-o", tmp_path / "out.vcf", tmp_path / "x.vcf", file=tmp_path / "x.vcf")
    assert stopped.value.file == str(tmp_path / "x.vcf")


def test_a_fault_names_no_file_that_we_made(tmp_path):
    folder, given = tmp_path / ".normalise-1", tmp_path / "mine.vcf"
    for file, named in ((given, str(given)), (None, "0.normalised.bcf")):
        with pytest.raises(Fault) as stopped:
            bcftools("view", "-o", folder / "out.bcf", folder / "0.normalised.bcf", file=file)
        assert str(folder) not in str(stopped.value)
        assert named in str(stopped.value)


def test_a_file_whose_records_lie_beyond_the_length_of_its_header_is_indexed(tmp_path, capfd):
    text = (
        '##fileformat=VCFv4.2\n##contig=<ID=chr22,length=12345>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="">\n'
    )
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n"
    rows = "".join(f"chr22\t{pos}\t.\tG\tA\t.\t.\t.\tGT\t0/1\n" for pos in (5, 20_000_000, 40_000_000))
    (tmp_path / "c.vcf").write_text(text + columns + rows)
    packed = tmp_path / "c.bcf"
    bcftools("view", "-Ob", "-o", packed, tmp_path / "c.vcf")
    index_bcf(packed)
    with pysam.VariantFile(str(packed)) as file:
        assert [record.pos for record in file.fetch("chr22", 19_999_999, 30_000_000)] == [20_000_000]
    assert capfd.readouterr().err == ""


def test_a_file_that_cannot_be_indexed_is_a_fault_of_the_file_that_is_named(tmp_path):
    (tmp_path / "c.bcf").write_bytes(b"no BCF")
    with pytest.raises(Fault) as raised:
        index_bcf(tmp_path / "c.bcf", Path("cohort.vcf"))
    assert raised.value.file == "cohort.vcf"
