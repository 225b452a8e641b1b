"""Complete the header of a VCF whose records use contigs, FILTER, INFO or FORMAT names that it does not define.

Such a file is valid: the specification asks for definitions of contigs and names, and requires none.
"""

import csv
import gzip
import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pysam

from permed.bgzf import compression
from permed.errors import Fault
from permed.records import ADDED

RESOURCES = Path(__file__).resolve().parents[3] / "resources" / "inputs"
KINDS = ("contig", "FILTER", "INFO", "FORMAT")
# What the specification (4.3, sections 1.2 and 1.6) lets a name be.
VALID = {
    "contig": re.compile(r"(<)?[0-9A-Za-z!#$%&+./;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*(?(1)>)"),
    "FILTER": re.compile(r"(?!0$)[^\s;,]+"),
    "INFO": re.compile(r"[A-Za-z_][0-9A-Za-z_.]*|1000G"),
    "FORMAT": re.compile(r"[A-Za-z_][0-9A-Za-z_.]*"),
}
NEEDED = ("GT", "END")  # these are read, so they have their type whatever the values of other fields are
_VALUES = re.compile(r"=[^;]*")


def undefined_names(path: Path) -> dict[str, list[str]]:
    """Names that records use and the header lacks, by :data:`KINDS`, in the order of their first use.

    Reads the file through. Raises a Fault that names the line with a name that the specification forbids.
    """
    used: dict[str, dict[str, None]] = {kind: {} for kind in KINDS}
    seen: dict[tuple[str, str], None] = {}
    with open_text(path) as handle:
        _, defined, header_lines = _read_header(handle)
        for number, line in enumerate(handle, header_lines + 1):
            cells = line.split(b"\t", 9)[:9]
            if len(cells) < 8:
                raise Fault("the line is no record: it has fewer than 8 columns", path, None, number, _LOOK)
            texts = [cell.decode("utf-8", "replace").rstrip("\r\n") for cell in (cells[0], *cells[6:])]
            texts[2] = _VALUES.sub("", texts[2])
            for kind, text in zip(KINDS, texts, strict=False):
                if (kind, text) not in seen:
                    seen[kind, text] = None
                    names = _names(kind, text, path, number)
                    used[kind] |= dict.fromkeys(name for name in names if name not in defined[kind])
    return {kind: list(names) for kind, names in used.items() if names}


def write_completed(path: Path, names: dict[str, list[str]], out: Path, reserved: bool = True) -> None:
    """Write a VCF in BGZF blocks with definitions of ``names``, as :func:`undefined_names` gives them.

    Names that the specification or common programs reserve get their number and type, the others are text; with
    ``reserved`` false all but :data:`NEEDED` are text, which keeps any value.
    """
    with open_text(path) as handle, pysam.BGZFile(str(out), "wb1") as written:
        lines, _, _ = _read_header(handle)
        columns = lines.pop()
        written.write(b"".join(lines))
        written.write("".join(f"{line}\n" for line in _definitions(names, reserved)).encode())
        written.write(columns)
        while piece := handle.read(1 << 20):
            written.write(piece)


def open_text(path: Path) -> BinaryIO:
    """A VCF's text, uncompressed, in bytes."""
    return open(path, "rb") if compression(path) == "none" else gzip.open(path)


_LOOK = "Check it with a text editor or bcftools view; write it anew with the program that made it"


def _names(kind: str, text: str, path: Path, number: int) -> Iterable[str]:
    if kind == "contig":
        names = [text]
    elif text == "." or (kind == "FILTER" and text == "PASS"):
        return []
    else:
        names = text.split(":" if kind == "FORMAT" else ";")
    for name in names:
        if not VALID[kind].fullmatch(name):
            what = "contig" if kind == "contig" else f"{kind} name"
            raise Fault(f'"{name}" is no {what} that the VCF specification allows', path, None, number, _LOOK)
    return names


def _read_header(handle: BinaryIO) -> tuple[list[bytes], dict[str, set[str]], int]:
    """The header's lines, the names that htslib finds defined in it, by kind, and how many lines there are."""
    lines = []
    for line in handle:
        lines.append(line)
        if not line.startswith(b"##"):
            break
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "header.vcf"
        alone.write_bytes(b"".join(lines))
        verbosity = pysam.set_verbosity(0)
        try:
            with pysam.VariantFile(str(alone)) as file:
                header = file.header
                groups = (header.contigs, header.filters, header.info, header.formats)
                defined = {kind: set(group) for kind, group in zip(KINDS, groups, strict=True)}
        finally:
            pysam.set_verbosity(verbosity)
    return lines, defined, len(lines)


def _definitions(names: dict[str, list[str]], reserved: bool) -> list[str]:
    lines = [f"##contig=<ID={name}>" for name in names.get("contig", [])]
    lines += [f'##FILTER=<ID={name},Description="{ADDED}">' for name in names.get("FILTER", [])]
    for kind in ("INFO", "FORMAT"):
        for name in names.get(kind, []):
            known = reserved or name in NEEDED
            number, value = _reserved().get((kind, name), (".", "String")) if known else (".", "String")
            lines.append(f'##{kind}=<ID={name},Number={number},Type={value},Description="{ADDED}">')
    return lines


@cache
def _reserved() -> dict[tuple[str, str], tuple[str, str]]:
    with open(RESOURCES / "vcf_fields.tsv", encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter="\t")
        return {(row["kind"], row["id"]): (row["number"], row["type"]) for row in rows}
