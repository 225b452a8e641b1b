"""Text files that people make, whatever program wrote them: read as UTF-8 with one kind of line end.

Excel's "Unicode text" is UTF-16 with a mark, its "CSV UTF-8" has a byte order mark, and its text on old Macs ends lines
with CR. Names that were copied hold characters that nobody sees. What is no text, such as a workbook, is refused by
what it is and not by its name's ending.
"""

import codecs
import gzip
import re
import unicodedata
import zipfile
import zlib
from pathlib import Path

from permed.errors import Fault

SAVE_AS = 'Save it from the spreadsheet program as "Text (tab delimited)" or "CSV UTF-8" and name that file'
_UNPACK = "Unpack it, or compress it with gzip, and name that file"
_GZIP = b"\x1f\x8b"
# How formats begin, from their specifications (also the list "file signatures" that file(1) keeps).
_NO_TEXT = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls) or another Office file", SAVE_AS),
    (b"PAR1", "a Parquet file", "Write it as tab-separated text"),
    (b"%PDF", "a PDF", "Give the table as tab-separated text"),
    (b"{\\rtf", "a rich text document (RTF)", "Save it as plain text"),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a rar archive", _UNPACK),
)
_MARKS = (  # UTF-32 first: its mark begins as that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PAGE = re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE)
_LINE_END = re.compile(rb"\r+\n|\r")
# Soft hyphens, zero-width characters, marks of the direction of writing and byte order marks show nothing.
_INVISIBLE = [0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
_SPACES = [0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
_CLEAN = dict.fromkeys(_INVISIBLE) | dict.fromkeys(_SPACES, " ")


def read_plain(path: Path, key: str = "", what: str = "file", limit: int | None = None) -> bytes:
    """The text of a file as UTF-8: unpacked if it is gzipped, in NFC, lines ended by LF, without what nobody sees.

    ``key`` is the configuration's name of the file and ``what`` what it should be, for messages. ``limit`` is how many
    bytes of a long file to read, up to the last whole line of them.

    Raises a Fault for a file that is not there, is damaged, or is no text.
    """
    path = Path(path)
    remedy = f"Check {key} in the config" if key else "Check the path in the config"
    try:
        content = _unpacked(path, what, limit)
    except FileNotFoundError:
        raise Fault(f"the {what} is not there", path, remedy=remedy) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Fault("the compressed file is damaged or cut short", path, remedy="Fetch it again") from None
    except OSError:
        raise Fault(f"the {what} cannot be read", path, remedy="Check that it is a readable file") from None
    _refuse_others(path, content, what)
    if content.startswith(_GZIP):
        raise Fault("the file is compressed twice", path, remedy="Unpack it once")
    content = _utf8(path, content, limit is not None)
    if b"\r" in content:
        content = _LINE_END.sub(b"\n", content)
    if limit is not None and len(content) >= limit:
        content = content[: content.rfind(b"\n") + 1] or content
    return content if content.isascii() else clean(content.decode()).encode()


def clean(text: str) -> str:
    """Text in NFC without characters that nobody sees, and with plain spaces for those of other widths."""
    return unicodedata.normalize("NFC", text.translate(_CLEAN))


def is_page(start: bytes) -> bool:
    """Whether a file that begins so is a web page, as proxies and log-ins send in a file's place."""
    return _PAGE.match(start) is not None


def _unpacked(path: Path, what: str, limit: int | None) -> bytes:
    with open(path, "rb") as handle:
        packed = handle.read(2) == _GZIP
        handle.seek(0)
        if path.suffix in (".gz", ".bgz") and not packed:
            _refuse_others(path, handle.read(1024), what)
            remedy = "Compress it, or drop the suffix from its name"
            raise Fault("the file is not compressed with gzip", path, remedy=remedy)
        return (gzip.GzipFile(fileobj=handle) if packed else handle).read(-1 if limit is None else limit)


def content_fault(path: Path, content: bytes, what: str) -> Fault | None:
    """The refusal of a file that is no text or no ``what``, which says what it is by its ``content``; else None."""
    if is_page(content):
        remedy = "Fetch it again: a proxy or a log-in page answered in its place"
        return Fault(f"it is a web page and no {what}", path, remedy=remedy)
    if content.startswith(b"PK\x03\x04"):
        kind, remedy = _kind_of_zip(path)
        return Fault(f"it is {kind}, and no text", path, remedy=remedy)
    for start, kind, remedy in _NO_TEXT:
        if content.startswith(start):
            return Fault(f"it is {kind}, and no text", path, remedy=remedy)
    return None


def _refuse_others(path: Path, content: bytes, what: str) -> None:
    if fault := content_fault(path, content, what):
        raise fault


def _kind_of_zip(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype").decode("ascii", "replace") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return "a zip archive", _UNPACK
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook (.xlsx)", SAVE_AS
    if "opendocument.spreadsheet" in kind:
        return "an OpenDocument spreadsheet (.ods)", SAVE_AS
    if any(name.startswith("Index/") for name in names):
        return "a Numbers spreadsheet", SAVE_AS
    if "opendocument" in kind or any(name.startswith("word/") for name in names):
        return "a document of a word processor", "Save it as plain text"
    return "a zip archive", _UNPACK


def _utf8(path: Path, content: bytes, cut: bool) -> bytes:
    """Content as UTF-8 without its byte order mark; ``cut`` says that its last character may be torn."""
    marked = next((pair for pair in _MARKS if content.startswith(pair[0])), (b"", _unmarked(content)))
    content, coding = content.removeprefix(marked[0]), marked[1]
    try:
        text = codecs.getincrementaldecoder(coding)().decode(content, final=not cut)
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = None if coding != "utf-8" else len(re.findall(rb"\r+\n|\r|\n", before)) + 1
        remedy = "Save it as text in UTF-8 (in Excel: CSV UTF-8)"
        raise Fault("the text is not in UTF-8", path, None, line, remedy) from None
    text = text.rstrip("\x1a")  # DOS ended files so
    if "\0" in text:
        raise Fault("the file is binary, and no text", path, remedy="Give the table as text in UTF-8")
    return text.encode() if coding != "utf-8" or cut or content.endswith(b"\x1a") else content


def _unmarked(content: bytes) -> str:
    """UTF-16 without a mark has a zero in every other byte of its letters, digits and tabs; else UTF-8 is taken."""
    start = content[:200]
    for coding, high in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(start) >= 8 and high.count(0) * 2 > len(high):
            return coding
    return "utf-8"
