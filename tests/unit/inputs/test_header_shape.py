"""A file that cannot be read as a VCF is refused by what it is, with the line, and one that can be is taken."""

import codecs
import gzip

import pytest

from permed.inputs.genotype_files import look

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"
ROW = "chr1\t100\t.\tA\tC\t.\t.\t.\tGT\t0/1"


def text(columns=COLUMNS, row=ROW, first="##fileformat=VCFv4.2", note="##note=x") -> str:
    return "\n".join([first, note, "##contig=<ID=chr1>", columns, row, ""])


WRONG = {
    "wide": (codecs.BOM_UTF16_LE + text().encode("utf-16-le"), None, "UTF-16"),
    "wide without a mark": (text().encode("utf-16-le"), None, "UTF-16"),
    "wide and packed": (gzip.compress(codecs.BOM_UTF16_BE + text().encode("utf-16-be")), None, "UTF-16"),
    "page": (b"<!DOCTYPE html><html>404</html>\n", None, "web page"),
    "xz": (b"\xfd7zXZ\x00" + bytes(30), None, "an xz archive"),
    "empty first line": (b"\n" + text().encode(), 1, "empty"),
    "first line quoted": (f'"{text()}'.encode(), 1, "quotes"),
    "no first line": (text().split("\n", 1)[1].encode(), 1, "##fileformat=VCF"),
    "nothing but columns": (f"{COLUMNS}\n{ROW}\n".encode(), 1, "##fileformat=VCF"),
    "old line ends": (text().replace("\n", "\r").encode(), 1, "CR"),
    "spaces": (text(COLUMNS.replace("\t", " "), ROW.replace("\t", " ")).encode(), 4, "spaces"),
    "no columns": (text(ROW, ROW).encode(), 4, "no line of column names"),
    "header alone": (b"##fileformat=VCFv4.2\n##note=x\n", 2, "no line of column names"),
    "empty line": (text(f"\n{COLUMNS}").encode(), 4, "empty, within the header"),
    "a quoted line": (text(note='"##note=<ID=""x"">"').encode(), 2, "quotes, within the header"),
    "lower case": (text(COLUMNS.lower()).encode(), 4, "column names are not"),
    "no number sign": (text(COLUMNS[1:]).encode(), 4, "column names are not"),
    "a column too few": (text(COLUMNS.replace("\tQUAL", "")).encode(), 4, "column names are not"),
    "no FORMAT": (text(COLUMNS.replace("FORMAT\t", "")).encode(), 4, "not FORMAT"),
    "tabs at the end": (text(f"{COLUMNS}\t\t").encode(), 4, "ends in tabs"),
    "no name": (text(COLUMNS.replace("S1", "\tS1")).encode(), 4, "a sample has no name"),
    "far position": (text(row=ROW.replace("100", "99999999999")).encode(), 5, "lies beyond every contig"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_its_line(cohort, name):
    content, line, words = WRONG[name]
    path = cohort.write("c.vcf", content)
    (fault,) = look(str(path)).faults
    assert words in fault.fault and fault.line == line and fault.file == str(path)
    assert fault.remedy and "/tmp" not in fault.fault.replace(str(path), "")


@pytest.mark.parametrize("packed", [False, True])
def test_a_header_in_latin_1_is_taken(cohort, take, truth, packed):
    content = cohort.text().replace(b"\n##contig", "\n##note=café\n##contig".encode("latin-1"), 1)
    path = cohort.write("c.vcf.gz" if packed else "c.vcf", content, packed=packed)
    assert look(str(path)).faults == []
    assert take(path).records() == truth


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("c.bim", "belongs to genotypes"), ("c.ped", "PLINK's text"), ("c.gen.gz", "Oxford's text"),
        ("c.vcf.gz.tbi", "is an index"), ("c.bam", "holds alignments"), ("c.sample", "belongs to genotypes"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_told_by_its_name(cohort, name, words):
    path = cohort.write(name, b"1 rs1 0 100 A C\n")
    (fault,) = look(str(path)).faults
    assert words in fault.fault and fault.remedy
