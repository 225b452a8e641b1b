"""Downloads from a server on this machine: whole or not at all, compared, locked, gone on with where they stopped."""

import errno
import gzip
import hashlib
import json
import logging
import socket
import socketserver
import threading
from base64 import b64encode

import pytest

from permed import downloads
from permed.downloads import CHUNK, Checksum, Lock, Remedies, digest, fetch, read_checksum, read_lock
from permed.errors import Fault
from permed.plain_text import is_page

CONTENT = b"one file of many bytes\n" * 1000
SHA256, MD5 = hashlib.sha256(CONTENT).hexdigest(), hashlib.md5(CONTENT).hexdigest()
REMEDIES = Remedies(absent="Check the address", elsewhere="Fetch it elsewhere")


@pytest.fixture
def get(server, tmp_path):
    """Download ``/a/file.gz``; ``waited`` are the seconds between the attempts."""
    server.answers["/a/file.gz"] = CONTENT
    waited = []

    def make(checksum=None, look=None, path="/a/file.gz"):
        to, lock = tmp_path / "kept" / "file.gz", tmp_path / "kept" / "file.gz.json"
        return fetch(server.address + path, to, lock, REMEDIES, checksum, look, waited.append)

    make.waited, make.folder = waited, tmp_path / "kept"
    return make


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_first_download_is_trusted_and_locked_and_never_asked_for_again(get, server):
    lock = get()
    assert lock == Lock("file.gz", f"{server.address}/a/file.gz", SHA256, None, len(CONTENT), None)
    assert (get.folder / "file.gz").read_bytes() == CONTENT and names(get.folder) == ["file.gz", "file.gz.json"]
    server.answers.clear()
    assert get() == lock == read_lock(get.folder / "file.gz.json") and server.asked == ["/a/file.gz"]


@pytest.mark.parametrize(("kind", "digits"), [("sha256", SHA256), ("sha256", SHA256.upper()), ("md5", MD5)])
def test_a_checksum_of_the_configuration_is_compared(get, kind, digits):
    lock = get(read_checksum(kind, digits))
    assert lock.checked_by == "the configuration" and lock.md5 == (MD5 if kind == "md5" else None)


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_another_checksum_leaves_nothing(get, kind):
    wrong = "0" * (64 if kind == "sha256" else 32)
    with pytest.raises(Fault, match=f"the configuration gives {wrong}"):
        get(read_checksum(kind, wrong))
    assert names(get.folder) == []


@pytest.mark.parametrize(
    "listed",
    [
        MD5,
        f"{MD5}  /some/where/file_20260309.gz\n",
        f"{'0' * 32}  other.gz\n{MD5} *file.gz\n",
        f"MD5 (other.gz) = {'0' * 32}\nMD5 (file.gz) = {MD5.upper()}\n",
        f"{MD5}  ./a/file.gz\n{'0' * 32}  ./a/file.gz.tbi\n",
    ],
)
def test_a_checksum_is_read_from_the_file_that_is_served(get, server, listed):
    server.answers["/sums"] = listed.encode()
    lock = get(read_checksum("md5", f"{server.address}/sums"))
    assert (lock.md5, lock.checked_by) == (MD5, f"{server.address}/sums")


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (404, r"/sums: there is no such file of checksums. Check the address"),
        (b"<html>log in</html>", "what is served as its MD5 is none"),
        (f"{SHA256}  file.gz\n".encode(), "what is served as its MD5 is none"),
        (f"{MD5}  a.gz\n{'0' * 32}  b.gz\n".encode(), "it does not name file.gz"),
        (f"{'0' * 32}  file.gz\n{MD5}  other.gz\n".encode(), rf"has the MD5 {MD5}, but .*/sums gives 000"),
    ],
)
def test_a_file_of_checksums_that_does_not_tell_is_refused(get, server, listed, message):
    server.answers["/sums"] = listed
    with pytest.raises(Fault, match=message):
        get(read_checksum("md5", f"{server.address}/sums"))
    assert names(get.folder) == []


def test_the_hash_of_google_cloud_storage_is_compared(get, server):
    def sent(md5):
        hashes = f"crc32c=4gcgLQ==,md5={b64encode(bytes.fromhex(md5)).decode()}"
        return lambda headers: (200, {"X-Goog-Hash": hashes}, CONTENT)

    server.answers["/a/file.gz"] = sent("0" * 32)
    with pytest.raises(Fault, match=f"has the MD5 {MD5}, but X-Goog-Hash gives 000"):
        get()
    assert names(get.folder) == []
    server.answers["/a/file.gz"] = sent(MD5)
    assert (get().checked_by, get().md5) == ("X-Goog-Hash", MD5)


def test_a_file_that_changed_on_disk_is_refused(get):
    get()
    (get.folder / "file.gz").write_bytes(CONTENT[1:])
    with pytest.raises(Fault, match=r"kept/file.gz: it is not the file that was downloaded .*Remove it"):
        get()


def test_a_file_that_changed_at_its_address_is_refused_until_its_lock_is_removed(get, server):
    get()
    (get.folder / "file.gz").unlink()
    assert get().sha256 == SHA256, "the same again is welcome"
    (get.folder / "file.gz").unlink()
    server.answers["/a/file.gz"] = CONTENT[1:]
    with pytest.raises(Fault, match=r"the file there has changed since .*file\.gz\.json was written"):
        get()
    assert names(get.folder) == ["file.gz.json"]
    (get.folder / "file.gz.json").unlink()
    assert get().sha256 == hashlib.sha256(CONTENT[1:]).hexdigest()


def test_a_new_checksum_or_address_takes_the_new_file(get, server):
    get()
    newer = CONTENT[1:]
    server.answers |= {"/a/file.gz": newer, "/b/file.gz": CONTENT}
    assert get(Checksum("sha256", SHA256)).sha256 == SHA256 and len(server.asked) == 1, "what is there has it already"
    assert get(Checksum("sha256", hashlib.sha256(newer).hexdigest())).size == len(newer)
    assert get(path="/b/file.gz").sha256 == SHA256
    with pytest.raises(Fault, match="the configuration gives 000"):
        get(Checksum("md5", "0" * 32), path="/b/file.gz")
    assert digest(get.folder / "file.gz") == SHA256, "what was there stays"


def test_content_that_is_refused_leaves_nothing(get):
    def look(path):
        raise Fault(f"it has {path.stat().st_size} bytes")

    with pytest.raises(Fault, match=f"it has {len(CONTENT)} bytes"):
        get(look=look)
    assert names(get.folder) == []


LONG = bytes(range(256)) * (5 * CHUNK // 256) + b"end"


class Dropping:
    """A server that stops after ``part`` bytes each time, and can go on from there unless the file is another."""

    def __init__(self, part, content=LONG, tag='"1"', ranges=True, start_from=None):
        self.part, self.content, self.tag, self.ranges, self.start_from = part, content, tag, ranges, start_from
        self.seen = []

    def __call__(self, headers):
        self.seen.append((headers.get("Range"), headers.get("If-Range")))
        start = 0
        if self.ranges and headers.get("Range") and headers.get("If-Range") == self.tag:
            start = int(headers["Range"].removeprefix("bytes=").removesuffix("-"))
        sent = start if self.start_from is None else self.start_from
        rest = self.content[sent:]
        told = {"ETag": self.tag}
        if start:
            told["Content-Range"] = f"bytes {sent}-{len(self.content) - 1}/{len(self.content)}"
        return (206 if start else 200), told, (len(rest), rest[: self.part])


def test_a_long_download_goes_on_where_it_stopped_as_long_as_there_is_progress(get, server):
    dropping = server.answers["/a/file.gz"] = Dropping(CHUNK)
    lock = get()
    assert (get.folder / "file.gz").read_bytes() == LONG and lock.size == len(LONG)
    assert dropping.seen == [(None, None), *((f"bytes={n * CHUNK}-", '"1"') for n in range(1, 6))]
    assert get.waited == [1] * 5, "five times more than a server without progress is asked"


def test_a_file_that_changes_while_it_is_fetched_is_fetched_anew(get, server):
    other = LONG[::-1]
    second = Dropping(len(other), other, tag='"2"')
    server.answers["/a/file.gz"] = [Dropping(2 * CHUNK), second]
    assert get().sha256 == hashlib.sha256(other).hexdigest()
    assert second.seen == [(f"bytes={2 * CHUNK}-", '"1"')]


@pytest.mark.parametrize("server_of", [{"ranges": False}, {"tag": 'W/"weak"'}])
def test_without_ranges_a_download_starts_again_and_ends_after_three_attempts(get, server, server_of):
    dropping = server.answers["/a/file.gz"] = Dropping(2 * CHUNK, **server_of)
    with pytest.raises(Fault, match="it cannot be downloaded"):
        get()
    assert len(dropping.seen) == 3 and names(get.folder) == []


def test_a_part_of_another_file_is_not_taken_though_the_server_calls_it_the_rest(get, server):
    """A server that passes over If-Range sends the rest of the file that it has by then."""
    other = Dropping(len(LONG), LONG[::-1])

    def second(headers):
        status, told, sent = other(headers)
        return status, {**told, "ETag": '"2"'}, sent

    server.answers["/a/file.gz"] = [Dropping(CHUNK), second, LONG[::-1]]
    assert get().sha256 == hashlib.sha256(LONG[::-1]).hexdigest()


def test_a_part_that_was_not_asked_for_is_not_taken(get, server):
    wrong = Dropping(len(LONG), start_from=7)
    server.answers["/a/file.gz"] = [Dropping(CHUNK), wrong, LONG]
    assert get().sha256 == hashlib.sha256(LONG).hexdigest()
    assert wrong.seen == [(f"bytes={CHUNK}-", '"1"')]


def test_progress_is_told(get, server, monkeypatch, caplog):
    monkeypatch.setattr(downloads, "TELLING", 0)
    server.answers["/a/file.gz"] = LONG
    with caplog.at_level(logging.INFO, logger="permed"):
        get()
    assert f"{server.address}/a/file.gz: 1 of 5 MB" in caplog.messages


@pytest.mark.parametrize(
    ("answer", "message", "asked"),
    [
        (404, r"/a/file.gz: there is no such file. Check the address", 1),
        (410, "there is no such file", 1),
        (403, "it cannot be downloaded: HTTP 403. Fetch it elsewhere", 1),
        (500, "it cannot be downloaded: HTTP 500. Fetch it elsewhere", 3),
        ((len(CONTENT), CONTENT[:99]), "it cannot be downloaded: the connection ended before the whole", 3),
    ],
)
def test_what_cannot_be_had_is_one_fault(get, server, answer, message, asked):
    server.answers["/a/file.gz"] = answer
    with pytest.raises(Fault, match=message):
        get()
    assert len(server.asked) == asked and names(get.folder) == []


def test_a_full_disk_is_not_taken_for_the_network(get, monkeypatch):
    def full(self, answer):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloads._Transfer, "save", full)
    with pytest.raises(OSError, match="No space left"):
        get()
    assert get.waited == [] and names(get.folder) == []


def test_a_file_on_disk_has_an_address_too(tmp_path):
    (tmp_path / "a b.txt").write_bytes(CONTENT)
    to = tmp_path / "kept" / "a"
    lock = fetch(f"{tmp_path.as_uri()}/a%20b.txt", to, tmp_path / "lock.json", REMEDIES)
    assert (to.read_bytes(), lock.sha256) == (CONTENT, SHA256)
    with pytest.raises(Fault, match=r"there is no such file\. Check the address"):
        fetch(f"{tmp_path.as_uri()}/none.txt", tmp_path / "none", tmp_path / "none.json", REMEDIES)


def test_locks_of_earlier_versions_are_read(tmp_path):
    older = {"accession": "PGS1", "file": "f", "address": "a", "sha256": SHA256, "md5": MD5, "size": 3}
    (tmp_path / "lock.json").write_text(json.dumps(older))
    assert read_lock(tmp_path / "lock.json") == Lock("f", "a", SHA256, MD5, 3, None)


@pytest.mark.parametrize("text", ["", "[]", "{}", "<html>"])
def test_what_is_no_lock_is_a_fault(tmp_path, text):
    (tmp_path / "lock.json").write_text(text)
    with pytest.raises(Fault, match=r"lock\.json: it is not the lock of a download\. Remove it"):
        read_lock(tmp_path / "lock.json")


@pytest.fixture
def ftp():
    """An FTP server on this machine that has ``/pub/file.gz`` and ends the first transfer early if ``cut``."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 here")
            for line in self.rfile:
                word, _, name = line.decode().strip().partition(" ")
                self.server.asked += [name] * (word == "RETR")
                if word == "PASV":
                    data = socket.create_server(("127.0.0.1", 0))
                    port = data.getsockname()[1]
                    self.say(f"227 =127,0,0,1,{port >> 8},{port & 255}")
                elif word == "EPSV":
                    data = socket.create_server(("127.0.0.1", 0))
                    self.say(f"229 here (|||{data.getsockname()[1]}|)")
                elif word == "RETR" and name == "file.gz":
                    self.say(f"150 sending ({len(CONTENT)} bytes)")
                    with data.accept()[0] as connection:
                        connection.sendall(CONTENT[:99] if self.server.cut else CONTENT)
                    self.server.cut = False
                    self.say("226 done")
                elif word == "RETR" or (word == "CWD" and name not in ("pub", "/pub")):
                    self.say(f"550 {name}: it isn't here")
                else:
                    self.say({"PWD": '257 "/pub"', "USER": "331 go on", "PASS": "230 in"}.get(word, "250 done"))

        def say(self, line):
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.asked, server.cut = True, [], False
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_ftp_is_tried_again_where_it_was_cut_and_tells_what_is_not_there(ftp, tmp_path):
    address, waited = f"ftp://127.0.0.1:{ftp.server_address[1]}/pub", []
    ftp.cut = True
    lock = fetch(f"{address}/file.gz", tmp_path / "f", tmp_path / "lock", REMEDIES, pause=waited.append)
    assert lock.sha256 == SHA256 and ftp.asked == ["file.gz"] * 2 and waited == [1]
    for absent in (f"{address}/none.gz", f"{address}/none/file.gz"):
        with pytest.raises(Fault, match=f"{absent}: there is no such file. Check the address"):
            fetch(absent, tmp_path / "n", tmp_path / "none", REMEDIES, pause=waited.append)
    assert not (tmp_path / "n").exists() and waited == [1]


def test_web_pages_are_told_from_files():
    assert is_page(b"\n <!DOCTYPE html><title>") and is_page(b"<HTML>")
    assert not is_page(b"#CHROM\tPOS") and not is_page(gzip.compress(b"<html>"))
