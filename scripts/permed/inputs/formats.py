"""Which format a genotype file has, by its content."""

import gzip
import zipfile
from codecs import BOM_UTF8
from collections.abc import Iterable
from pathlib import Path

from permed.bgzf import compression
from permed.inputs.arrays import is_array
from permed.inputs.bgen import is_bgen

START = 1 << 16


def format_of(path: str | Path) -> str | None:
    """``vcf``, ``bcf``, ``bed``, ``pgen``, ``bgen`` or ``array`` by the file's content; None for anything else.

    A file that is compressed but damaged from its start counts by its name, so that the damage can be reported.
    """
    with open(path, "rb") as handle:
        magic = handle.read(24)
    if magic[:2] == b"\x6c\x1b":
        return "bed" if magic[2:3] in (b"\x00", b"\x01") else "pgen"
    if is_bgen(magic):
        return "bgen"
    if magic[:4] == b"PK\x03\x04":
        return "array" if zipfile.is_zipfile(path) else None
    try:
        with open(path, "rb") if compression(path) == "none" else gzip.open(path) as handle:
            start = _read_start(handle)
    except (OSError, EOFError):
        start = b""
    if not start and magic[:2] == b"\x1f\x8b":
        return "bcf" if Path(path).suffix == ".bcf" else "vcf"
    if start.removeprefix(BOM_UTF8).startswith(b"##fileformat=VCF"):
        return "vcf"
    if start.startswith(b"BCF\x02"):
        return "bcf"
    return "array" if is_array(start) else None


def formats_of(paths: Iterable[str | Path]) -> list[str | None]:
    """The formats of those files that are there and not empty."""
    return [format_of(path) for path in paths if Path(path).is_file() and Path(path).stat().st_size]


def _read_start(handle) -> bytes:
    """The first bytes; what could be read where a compressed file is damaged further on."""
    read = b""
    try:
        while len(read) < START and (more := handle.read(4096)):
            read += more
    except (OSError, EOFError):
        pass
    return read
