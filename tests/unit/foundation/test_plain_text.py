"""Text as programs write it is read, and what is no text is refused by what it is."""

import bz2
import gzip
import lzma
import zipfile

import pytest

from permed.errors import Fault
from permed.plain_text import clean, read_plain

TEXT = "sample\tconsent\nZo\u00eb\tscores\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\r\r\n").encode(),
        TEXT.replace("\u00eb", "e\u0308").encode(),
        TEXT.replace("Z", "\u200bZ").encode(),
        TEXT.replace("scores", "sco\u00adres").encode(),
        (TEXT + "\x1a").encode(),
        gzip.compress(TEXT.encode("utf-16")),
    ],
)
def test_the_same_table_is_read_whoever_wrote_it(tmp_path, content):
    (tmp_path / "t.txt").write_bytes(content)
    assert read_plain(tmp_path / "t.txt").decode() == TEXT


def test_blanks_of_all_widths_are_blanks():
    assert clean("a\u00a0b\u2003c\u3000d\u2028e") == "a b c d e"


def archive(path, *names, mimetype=None):
    with zipfile.ZipFile(path, "w") as file:
        if mimetype:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "x")


@pytest.mark.parametrize(
    ("made", "words", "remedy"),
    [
        (lambda path: archive(path, "[Content_Types].xml", "xl/workbook.xml"), "Excel workbook (.xlsx)", "CSV UTF-8"),
        (
            lambda path: archive(path, mimetype="application/vnd.oasis.opendocument.spreadsheet"),
            "OpenDocument spreadsheet (.ods)",
            "CSV UTF-8",
        ),
        (lambda path: archive(path, "Index/Document.iwa"), "Numbers spreadsheet", "CSV UTF-8"),
        (lambda path: archive(path, "word/document.xml"), "word processor", "plain text"),
        (lambda path: archive(path, "samples.tsv"), "a zip archive", "Unpack it"),
        (lambda path: path.write_bytes(b"PK\x03\x04cut"), "a zip archive", "Unpack it"),
        (lambda path: path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"x"), "(.xls)", "CSV UTF-8"),
        (lambda path: path.write_bytes(b"%PDF-1.7"), "a PDF", "tab-separated"),
        (lambda path: path.write_bytes(b"{\\rtf1 text}"), "RTF", "plain text"),
        (lambda path: path.write_bytes(bz2.compress(b"x")), "bzip2", "gzip"),
        (lambda path: path.write_bytes(lzma.compress(b"x")), "an xz archive", "gzip"),
        (lambda path: path.write_bytes(b"<!DOCTYPE html><html>"), "a web page", "Fetch it again"),
        (lambda path: path.write_bytes(b"a\tb\n\0\1\2\t"), "binary", "UTF-8"),
        (lambda path: path.write_bytes(gzip.compress(b"text")[:-9]), "damaged or cut short", "Fetch it again"),
        (lambda path: path.mkdir(), "cannot be read", "readable file"),
        (lambda path: None, "is not there", "cohort.samples"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path, made, words, remedy):
    made(path := tmp_path / "samples.tsv")
    with pytest.raises(Fault) as fault:
        read_plain(path, "cohort.samples", "sample sheet")
    assert words in fault.value.fault and remedy in fault.value.remedy and fault.value.file == str(path)


def test_latin_1_is_named_with_its_line_whatever_ends_it(tmp_path):
    (tmp_path / "t.txt").write_bytes("a\rb\r\nM\u00fcller\n".encode("latin-1"))
    with pytest.raises(Fault, match="not in UTF-8") as fault:
        read_plain(tmp_path / "t.txt")
    assert fault.value.line == 3


def test_of_a_long_file_whole_lines_of_its_beginning_are_read(tmp_path):
    (tmp_path / "t.txt.gz").write_bytes(gzip.compress("\u00e4\u00e4\n".encode() * 1000))
    assert read_plain(tmp_path / "t.txt.gz", limit=12).decode() == "\u00e4\u00e4\n" * 2
