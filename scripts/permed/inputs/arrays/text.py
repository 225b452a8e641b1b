"""Lines of text, plain or packed, in any encoding and with any line end that people's programs write."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from permed.errors import Fault

TEXTS = (".txt", ".csv", ".tsv")
UNPACK = "Unpack it, and name the file with the genotypes"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def lines_of(path: str) -> Iterator[str]:
    """Lines of a text file, a gzip file or the one text in a zip archive; a damaged file is a fault."""
    try:
        with open(path, "rb") as handle:
            magic = handle.read(2)
        if magic == b"PK":
            with zipfile.ZipFile(path) as archive, archive.open(text_member(path, archive)) as member:
                yield from _decoded(io.BufferedReader(member))
            return
        opened = gzip.open if magic == b"\x1f\x8b" else open
        with opened(Path(path), "rb") as packed:
            yield from _decoded(packed)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        remedy = "Copy it again from its source"
        raise Fault(f"the file is cut short or damaged ({error})", path, remedy=remedy) from None
    except (RuntimeError, NotImplementedError) as error:  # a password, a method of packing
        raise Fault(f"the archive cannot be read ({error})", path, remedy=UNPACK) from None


def decoded(start: bytes) -> str:
    """The text of a file's first bytes."""
    return start.decode(_encoding(start), errors="replace")


def text_member(path: str, archive: zipfile.ZipFile) -> str:
    """The one file of text in an archive; a fault that names what is there instead."""
    names = [
        name
        for name in archive.namelist()
        if not name.endswith("/") and not name.startswith("__MACOSX/") and not Path(name).name.startswith(".")
    ]
    texts = [name for name in names if name.lower().endswith(TEXTS)]
    if len(texts) == 1:
        return texts[0]
    others = [name for name in names if not name.lower().endswith(TEXTS)]
    if texts or not others:
        raise Fault(f"the archive holds {len(texts)} text files", path, remedy=UNPACK)
    shown = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    fault = f"the archive holds {shown}: only array text is read out of a .zip"
    raise Fault(fault, path, remedy=f"Unpack it, and name {others[0]} in cohort.genotypes")


def _decoded(handle) -> Iterator[str]:
    yield from io.TextIOWrapper(handle, encoding=_encoding(handle.peek(2)[:2]), errors="replace")


def _encoding(start: bytes) -> str:
    return "utf-16" if start[:2] in _UTF16 else "utf-8-sig"
