"""Files of annotation databases from a server on this machine: what is no database is not trusted."""

import gzip
import hashlib

import pysam
import pytest

from download_source import download_source
from permed.annotation.sources.fetch import fetch_source
from permed.bgzf import EOF_BLOCK
from permed.downloads import read_lock
from permed.errors import Fault


@pytest.fixture
def database(server, tmp_path):
    """``/db.vcf.gz``, bgzipped; its bytes."""
    with pysam.BGZFile(str(tmp_path / "made.vcf.gz"), "w") as out:
        out.write(b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    server.answers["/db.vcf.gz"] = (tmp_path / "made.vcf.gz").read_bytes()
    return server.answers["/db.vcf.gz"]


@pytest.fixture
def get(server, tmp_path):
    def make(**checksums):
        to = tmp_path / "kept" / "db.vcf.gz"
        return fetch_source("db", f"{server.address}/db.vcf.gz", to, tmp_path / "kept" / "lock", **checksums, pause=len)

    make.folder = tmp_path / "kept"
    return make


def test_the_step_writes_file_and_lock(database, server, tmp_path):
    file, lock = tmp_path / "db.vcf.gz", tmp_path / "db.vcf.gz.json"
    md5 = hashlib.md5(database).hexdigest()
    server.answers["/db.vcf.gz.md5"] = md5.encode()
    address = f"{server.address}/db.vcf.gz"
    download_source(file=file, lock=lock, source="db", address=address, md5=f"{address}.md5")
    assert file.read_bytes() == database
    assert (read_lock(lock).md5, read_lock(lock).checked_by) == (md5, f"{address}.md5")


def test_either_checksum_is_compared(database, get):
    assert get(sha256=hashlib.sha256(database).hexdigest()).checked_by == "the configuration"
    with pytest.raises(Fault, match="but the configuration gives 000"):
        get(md5="0" * 32)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "the file there is empty"),
        (b"<!DOCTYPE html><title>Log in</title>", "it is a web page and no database"),
        (404, "there is no such file. Check annotation.sources.db; annotation.sources.db.contigs names"),
        (403, "it cannot be downloaded: HTTP 403. .*give annotation.sources.db.path instead of address"),
    ],
)
def test_what_is_no_database_is_not_locked(get, server, answer, message):
    server.answers["/db.vcf.gz"] = answer
    with pytest.raises(Fault, match=message) as caught:
        get()
    assert caught.value.file == f"{server.address}/db.vcf.gz" and caught.value.remedy
    assert not get.folder.exists() or list(get.folder.iterdir()) == []


def test_a_cut_file_is_not_locked_though_the_server_calls_it_whole(database, get, server):
    server.answers["/db.vcf.gz"] = database.removesuffix(EOF_BLOCK)
    with pytest.raises(Fault, match="the file is cut short"):
        get()
    assert list(get.folder.iterdir()) == []


def test_plain_gzip_and_text_are_taken(get, server):
    server.answers["/db.vcf.gz"] = gzip.compress(b"#CHROM\tPOS\n")
    assert get().size > 0
