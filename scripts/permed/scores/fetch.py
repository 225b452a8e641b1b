"""Scoring files of the PGS Catalog by accession, with their checksums.

The layout of the addresses is that of https://www.pgscatalog.org/downloads/#dl_ftp; a file's MD5 lies beside it with
the further suffix ``.md5``.
"""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from permed.errors import Fault
from permed.scoring_files import read_header
from permed.scoring_files.positions import named_build
from permed.tables import atomic, read_json, write_json

ATTEMPTS = 3
WAITING = 60.0  # seconds for an answer
_CHUNK = 1 << 20
_ELSEWHERE = "Check the network (HTTPS_PROXY names a proxy), or fetch it elsewhere and name the file in scores.files"


@dataclass(frozen=True)
class Lock:
    """What was downloaded: the file's name, where it came from, its digests; ``md5`` is null where none is served."""

    accession: str
    file: str
    address: str
    sha256: str
    md5: str | None
    size: int

    def check(self, path: Path) -> None:
        """Raise a Fault if the file is not what was downloaded."""
        if digest(path, "sha256") != self.sha256:
            raise Fault(
                f"it is not the file that was downloaded from {self.address}: its SHA-256 has changed",
                path,
                remedy="Remove it; it is downloaded again",
            )


def read_lock(path: Path) -> Lock:
    """Read a lock."""
    return Lock(**read_json(path))


def file_name(accession: str, build: str) -> str:
    """The catalogue's name of a score harmonised to a build."""
    return f"{accession}_hmPOS_{build}.txt.gz"


def fetch_score(
    accession: str, build: str, address: str, to: Path, lock: Path, pause: Callable[[float], None] = time.sleep
) -> Lock:
    """Download a score harmonised to ``build`` to ``to`` and write its ``lock``; what is there already is kept.

    ``address`` is the folder of the scores. A file that is there is kept if the lock says that it is whole and was
    downloaded from the same address. The download is tried :data:`ATTEMPTS` times with a ``pause`` in seconds between
    them; its MD5 is checked where the catalogue serves one, and its header must name the accession and the build.
    """
    url = f"{address.rstrip('/')}/{accession}/ScoringFiles/Harmonized/{file_name(accession, build)}"
    if to.is_file() and lock.is_file():
        kept = read_lock(lock)
        if kept.address == url:
            kept.check(to)
            return kept
    md5 = _checksum(url, pause)
    with atomic(to) as beside:
        _download(url, beside, pause)
        found = digest(beside, "md5")
        if md5 and found != md5:
            fault = f"what was downloaded has the MD5 {found}, the catalogue's {md5}"
            raise Fault(fault, url, remedy="Run again; if it stays so, the file or a proxy on the way is damaged")
        packed = beside.with_name(f".{to.name}.partial.gz")
        beside.rename(packed)
        try:
            _check_header(packed, url, accession, build)
        finally:
            packed.rename(beside)
        made = Lock(accession, to.name, url, digest(beside, "sha256"), md5, beside.stat().st_size)
    write_json(asdict(made), lock)
    return made


def digest(path: Path, kind: str) -> str:
    """The digest of a file, in hexadecimal."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, kind).hexdigest()


def _checksum(url: str, pause: Callable) -> str | None:
    """The MD5 that is served beside a file; None where none is."""
    try:
        text = _answer(f"{url}.md5", lambda answer: answer.read(1024), pause).decode("ascii", "replace")
    except _Absent:
        return None
    first = (text.split() or [""])[0].lower()
    if len(first) != 32 or set(first) - set("0123456789abcdef"):
        raise Fault("what is served as its MD5 is none", f"{url}.md5", remedy=_ELSEWHERE)
    return first


def _download(url: str, to: Path, pause: Callable) -> None:
    def save(answer) -> None:
        expected = answer.headers.get("Content-Length")
        with open(to, "wb") as out:
            while chunk := answer.read(_CHUNK):
                out.write(chunk)
        if expected and to.stat().st_size != int(expected):
            raise http.client.IncompleteRead(b"")

    try:
        _answer(url, save, pause)
    except _Absent:
        remedy = "Check the accession in scores.catalog, and scores.catalog_address"
        raise Fault("the catalogue has no such file", url, remedy=remedy) from None


class _Absent(Exception):
    """The server has nothing under this address."""


def _answer(url: str, take: Callable, pause: Callable):
    """What ``take`` makes of the answer; tried again after errors that may pass."""
    for attempt in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(url, timeout=WAITING) as answer:
                return take(answer)
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                raise _Absent from None
            reason, passing = f"HTTP {error.code}", error.code in (408, 429) or error.code >= 500
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            if isinstance(getattr(error, "reason", None), FileNotFoundError):
                raise _Absent from None
            reason, passing = str(getattr(error, "reason", error)) or type(error).__name__, True
        if not passing:
            break
        if attempt + 1 < ATTEMPTS:
            pause(2.0**attempt)
    raise Fault(f"it cannot be downloaded: {reason}", url, remedy=_ELSEWHERE)


def _check_header(path: Path, url: str, accession: str, build: str) -> None:
    try:
        header = read_header(path)
    except Fault as fault:
        raise Fault(fault.fault, url, remedy=_ELSEWHERE) from None
    if (header.get("pgs_id"), named_build(header.get("hmpos_build"))) != (accession, build):
        said = f"{header.get('pgs_id', 'no accession')}, harmonised to {header.get('hmpos_build', 'no build')}"
        fault = f"the file says that it is {said}, and not {accession}, harmonised to {build}"
        raise Fault(fault, url, remedy="Check scores.catalog_address")
