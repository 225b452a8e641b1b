"""Complete the header of a VCF whose records use contigs, FILTER, INFO or FORMAT names that it does not define.

Such a file is valid: the specification asks for definitions of contigs and names, and requires none.
"""

import gzip
import itertools
import re
import tempfile
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pysam

from permed.bgzf import compression
from permed.errors import Fault
from permed.inputs.fields import DERIVED, READ, Changes, reserved, strict_changes
from permed.inputs.lines import INFO_NAME, LOOK, LineWriter, NotOfItsType
from permed.records import ADDED

KINDS = ("contig", "FILTER", "INFO", "FORMAT")
# What the specification (4.3, sections 1.2 and 1.6) lets a name be.
VALID = {
    "contig": re.compile(r"(<)?[0-9A-Za-z!#$%&+./;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*(?(1)>)"),
    "FILTER": re.compile(r"(?!0$)[^\s;,]+"),
    "FORMAT": re.compile(r"[A-Za-z_][0-9A-Za-z_.]*"),
}
MOST_DIGITS = 10
_VALUES = re.compile(r"=[^;]*")


@dataclass
class Through:
    """What reading a VCF through tells: names that records use and the header lacks, by :data:`KINDS`, in the order of
    their first use, and the ``contigs`` that they use.

    ``whole_info`` is false where an INFO name cannot be defined, ``by_line`` true where an empty line has to go.
    """

    undefined: dict[str, list[str]]
    contigs: list[str]
    whole_info: bool = True
    by_line: bool = False


def read_through(path: Path, most: int | None = None) -> Through:
    """Read a VCF (its first ``most`` records, or all) as text.

    Raises a Fault that names the line where it has not the columns of the header, its position is no number, or it
    uses a name that the specification forbids; of INFO nothing but END is read, and any name will do.
    """
    used: dict[str, dict[str, None]] = {kind: {} for kind in KINDS}
    seen: dict[tuple[str, str], None] = {}
    found = Through({}, [])
    with open_text(path) as handle:
        lines, defined = _read_header(handle)
        tabs = lines[-1].rstrip(b"\r\n").count(b"\t") if lines else 0
        for number, line in enumerate(itertools.islice(handle, most), len(lines) + 1):
            cells = line.split(b"\t", 9)[:9]
            if line.count(b"\t") != tabs or len(cells) < 8 or not _is_position(cells[1]):
                if not line.strip():
                    found.by_line = True
                    continue
                _check_columns(line, tabs, path, number)
            texts = [cell.decode("utf-8", "replace").rstrip("\r\n") for cell in (cells[0], *cells[6:])]
            texts[2] = _VALUES.sub("", texts[2])
            for kind, text in zip(KINDS, texts, strict=False):
                if (kind, text) not in seen:
                    seen[kind, text] = None
                    names = [name for name in _names(kind, text, path, number) if name not in defined[kind]]
                    if kind == "INFO" and not all(map(INFO_NAME.fullmatch, names)):
                        found.whole_info = False
                        names = [name for name in names if INFO_NAME.fullmatch(name)]
                    used[kind] |= dict.fromkeys(names)
    found.undefined = {kind: list(names) for kind, names in used.items() if names}
    found.contigs = [text for kind, text in seen if kind == "contig"]
    return found


def write_changed(path: Path, through: Through, changes: Changes, out: Path, most: int | None = None) -> Counter:
    """Write a VCF (its first ``most`` records, or all) in BGZF blocks with its header completed and changed, and its
    lines where ``through`` or ``changes`` need it; count what was done to lines.

    Names that the specification or common programs reserve get their number and type, the others are text.
    Raises a Fault that names line and sample where a value of a field that is read is not of its type.
    """
    with open_text(path) as handle, pysam.BGZFile(str(out), "wb1") as written:
        lines, defined = _read_header(handle)
        columns = lines.pop().decode("utf-8", "surrogateescape").rstrip("\r\n") if lines else ""
        texts = [_in_unicode(line).rstrip("\r\n") for line in lines]
        texts = [*changes.header(texts), *_definitions(_lacking(through, changes, defined)), columns, ""]
        written.write("\n".join(texts).encode("utf-8", "surrogateescape"))
        if through.by_line or changes.by_line or not through.whole_info:
            loose = set(through.undefined.get("FORMAT", []))
            writer = LineWriter(changes, path, columns.split("\t")[9:], through.whole_info, loose)
            for number, line in enumerate(itertools.islice(handle, most), len(lines) + 2):
                written.write(writer.write(line, number))
            return writer.counts
        if most is not None:
            written.write(b"".join(itertools.islice(handle, most)))
            return Counter()
        while piece := handle.read(1 << 20):
            written.write(piece)
    return Counter()


def write_strictly(
    path: Path, lines: list[str], through: Through, out: Path, most: int | None = None
) -> dict[str, int]:
    """Write a VCF, whose header ``lines`` are, with the fields alone that are read, each value of its type.

    Fields that the header does not define are left out where their values are of another type. What remains is as
    :func:`write_changed` has it.
    """
    changes, left = strict_changes(lines, through.contigs), {}
    while True:
        try:
            return left | write_changed(path, through, changes, out, most)
        except NotOfItsType as field:
            changes.left_out.add(str(field))
            left[f"field left out, which no header defines and whose values are not of its type: {field}"] = 1


def header_lines(path: str | Path) -> list[str]:
    """The lines of a VCF's or BCF's header, the names of the columns last, without their ends."""
    with open_text(path) as handle:
        if handle.peek(3)[:3] == b"BCF":
            handle.read(5)
            lines = handle.read(int.from_bytes(handle.read(4), "little")).rstrip(b"\0").splitlines()
        else:
            lines = _header_bytes(handle)
    return [line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in lines]


def needs_coding(path: str | Path) -> bool:
    """Whether a VCF's header has to be written anew to be read: it is not all in UTF-8, or begins with a byte order
    mark, which htslib does not read over."""
    with open(path, "rb") if compression(path) == "none" else gzip.open(path) as handle:
        if handle.peek(len(BOM_UTF8)).startswith(BOM_UTF8):
            return True
        lines = _header_bytes(handle)
    try:
        b"".join(lines).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def open_text(path: Path) -> BinaryIO:
    """A VCF's text, uncompressed, in bytes, without a byte order mark."""
    opens = open if compression(path) == "none" else gzip.open
    handle = opens(path, "rb")
    if handle.peek(len(BOM_UTF8)).startswith(BOM_UTF8):
        handle.read(len(BOM_UTF8))
    return handle


def _is_position(cell: bytes) -> bool:
    """Whether a cell is a number that a BCF can hold as a position; no contig of man is as long."""
    return cell.isdigit() and len(cell) < MOST_DIGITS


def _in_unicode(line: bytes) -> str:
    """A line of a header; where it is not in UTF-8 it is taken for Latin 1, of which every byte is a letter."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _check_columns(line: bytes, tabs: int, path: Path, number: int) -> None:
    cells = line.rstrip(b"\r\n").split(b"\t")
    if len(cells) < 8:
        raise Fault("the line is no record: it has fewer than 8 columns", path, None, number, LOOK)
    if len(cells) != tabs + 1 and (len(cells) <= tabs or any(cell.strip() for cell in cells[tabs + 1 :])):
        fault = f"the line has {len(cells)} columns, and the header names {tabs + 1}"
        raise Fault(fault, path, None, number, LOOK)
    if not _is_position(cells[1]):
        shown = cells[1].decode("utf-8", "replace")
        why = "lies beyond every contig" if cells[1].isdigit() else "is no number"
        raise Fault(f'the position "{shown}" {why}', path, None, number, LOOK)


def _names(kind: str, text: str, path: Path, number: int) -> Iterable[str]:
    if kind == "contig":
        names = [text]
    elif text == "." or (kind == "FILTER" and text == "PASS"):
        return []
    else:
        names = text.split(":" if kind == "FORMAT" else ";")
    if kind == "INFO":
        return [name for name in names if name]
    for name in names:
        if not VALID[kind].fullmatch(name):
            what = "contig" if kind == "contig" else f"{kind} name"
            raise Fault(f'"{name}" is no {what} that the VCF specification allows', path, None, number, LOOK)
    return names


def _lacking(through: Through, changes: Changes, defined: dict[str, set[str]]) -> dict[str, list[str]]:
    """The names that a header has to define beside those that it has, once it and the lines are changed."""
    renamed = set(changes.contigs.values())
    lacking = through.undefined | {"contig": [n for n in through.undefined.get("contig", []) if n not in renamed]}
    formats = [name for name in lacking.get("FORMAT", []) if name in READ or not changes.strict]
    formats = [name for name in formats if name not in changes.left_out]
    if changes.local:
        formats += [name for name in DERIVED if name not in defined["FORMAT"] and name not in formats]
    return lacking | {"FORMAT": formats}


def _header_bytes(handle: BinaryIO) -> list[bytes]:
    lines = []
    for line in handle:
        lines.append(line)
        if not line.startswith(b"##"):
            break
    return lines


def _read_header(handle: BinaryIO) -> tuple[list[bytes], dict[str, set[str]]]:
    """The header's lines, and the names that htslib finds defined in it, by kind."""
    lines = _header_bytes(handle)
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
    return lines, defined


def _definitions(names: dict[str, list[str]]) -> list[str]:
    lines = [f"##contig=<ID={name}>" for name in names.get("contig", [])]
    lines += [f'##FILTER=<ID={name},Description="{ADDED}">' for name in names.get("FILTER", [])]
    for kind in ("INFO", "FORMAT"):
        for name in names.get(kind, []):
            number, value = reserved().get((kind, name), (".", "String"))
            lines.append(f'##{kind}=<ID={name},Number={number},Type={value},Description="{ADDED}">')
    return lines
