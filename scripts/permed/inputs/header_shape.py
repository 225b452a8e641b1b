"""What keeps a file from being read as a VCF before any of its fields is looked at: its coding, its header's shape."""

import codecs
import gzip
from pathlib import Path

from permed.bgzf import compression
from permed.errors import Fault
from permed.inputs.headers import header_lines
from permed.plain_text import content_fault

COLUMNS = tuple("#CHROM POS ID REF ALT QUAL FILTER INFO".split())
ANEW = "Write it anew with the program that made it; spreadsheets and word processors do not keep a VCF as it is"
FORMATS = "Give VCF, BCF, PLINK .bed or .pgen, BGEN, or array text; a VCF starts with ##fileformat=VCF"
# Files that are no genotypes to be named, or of a format that is not read, by the endings of their names.
_BESIDE = "Name the .bed, .pgen or .bgen that it lies beside"
_TEXT = "Convert it with plink --make-bed or plink2 --make-pgen, and name that file"
_OTHERS = {
    **dict.fromkeys((".bim", ".fam", ".pvar", ".psam", ".sample"), ("belongs to genotypes and holds none", _BESIDE)),
    **dict.fromkeys((".ped", ".map", ".tped", ".lgen"), ("is of PLINK's text format, which is not read", _TEXT)),
    **dict.fromkeys((".gen", ".haps"), ("is of Oxford's text format, which is not read", _TEXT)),
    **dict.fromkeys((".tbi", ".csi", ".bgi"), ("is an index", "Name the file that it is the index of")),
    **dict.fromkeys(
        (".bam", ".cram"), ("holds alignments", "Name it under cohort.alignments, and genotypes under cohort.genotypes")
    ),
}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_START = 4096


def other_fault(path: str) -> Fault | None:
    """The refusal of a file whose name says that it is no file of genotypes, or of a format that is not read."""
    kind = Path(path).with_suffix("").suffix if Path(path).suffix == ".gz" else Path(path).suffix
    fault, remedy = _OTHERS.get(kind, ("", ""))
    return Fault(f"the file {fault}", path, remedy=remedy) if fault else None


def unknown_fault(path: str) -> Fault:
    """The refusal of a file of no format that is read, by what it is where its start tells that."""
    start = _start_of(path)
    if fault := content_fault(Path(path), start, "genotype file"):
        return fault
    if start.startswith(_WIDE) or b"#\0#\0" in start[:64]:
        return Fault("the text is in UTF-16, as Windows writes it", path, remedy="Save it as text in UTF-8")
    text = start.removeprefix(codecs.BOM_UTF8)
    lines = text.split(b"\n")
    first = next((number for number, line in enumerate(lines, 1) if line.strip()), 1)
    shown = lines[first - 1].strip()
    if first > 1 and shown.startswith(b"##fileformat=VCF"):
        return Fault("the line is empty, and a VCF starts with ##fileformat=VCF", path, None, 1, "Take the line out")
    if shown.startswith(b'"#'):
        return Fault("the lines of the header are in quotes", path, None, first, ANEW)
    if shown.lower().startswith((b"##", b"#chrom\t", b"fileformat=vcf", b"chrom\tpos\tid\tref")):
        remedy = "Add ##fileformat=VCFv4.2 as first line, if the file is a VCF"
        return Fault("the first line of a VCF, ##fileformat=VCF…, is not there", path, None, first, remedy)
    return Fault("the file is not a VCF or BCF, nor of another format that is read", path, remedy=FORMATS)


def check_shape(path: str) -> None:
    """Raise a Fault that names the line where a VCF's header does not end in the line of column names."""
    lines = header_lines(path)
    number, last = len(lines), lines[-1] if lines else ""
    columns = last.split("\t")
    if "\r" in last:
        raise Fault("the lines end in CR, as on old Macs", path, None, 1, "Save it with line ends of Unix (LF)")
    if tuple(columns[: len(COLUMNS)]) != COLUMNS:
        raise _columns_fault(path, last, number)
    if len(columns) > len(COLUMNS) and columns[len(COLUMNS)] != "FORMAT":
        fault = f'the ninth column is "{columns[len(COLUMNS)]}" and not FORMAT'
        raise Fault(fault, path, None, number, ANEW)
    names = columns[len(COLUMNS) + 1 :]
    if all(name.strip() for name in names):
        return
    if all(name.strip() for name in "\t".join(names).rstrip("\t ").split("\t")):
        raise Fault("the line of column names ends in tabs", path, None, number, "Take them out")
    remedy = "Name it, with bcftools reheader"
    raise Fault("a sample has no name in the line of column names", path, None, number, remedy)


def _columns_fault(path: str, line: str, number: int) -> Fault:
    shown = line.strip()
    start = "#CHROM, parted by tabs from POS, ID, REF, ALT, QUAL, FILTER, INFO, FORMAT and the samples"
    remedy = f"The line of column names starts with {start}"
    if not shown:
        return Fault("the line is empty, within the header", path, None, number, "Take the line out")
    if shown.startswith('"'):
        return Fault("the line is in quotes, within the header", path, None, number, ANEW)
    if shown.split()[:2] == list(COLUMNS[:2]) and "\t" not in shown:
        return Fault("the columns are parted by spaces and not by tabs", path, None, number, ANEW)
    if shown.lstrip("#").upper().startswith("CHROM"):
        return Fault("the column names are not those of a VCF", path, None, number, remedy)
    return Fault("there is no line of column names (#CHROM …) at the end of the header", path, None, number, remedy)


def _start_of(path: str) -> bytes:
    try:
        with open(path, "rb") if compression(path) == "none" else gzip.open(path) as handle:
            return handle.read(_START)
    except (OSError, EOFError):
        return b""
