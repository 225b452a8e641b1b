"""Files from an address: whole, compared with a checksum, and locked, so that the same file is used ever after.

A file that was downloaded has a lock beside it: JSON with its address, digests and size. What is there and is what the
lock says is kept, and nothing is asked. A file that differs from its lock, on disk or at the address, is a fault.
"""

import hashlib
import http.client
import logging
import re
import time
import urllib.error
import urllib.request
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from permed.errors import Fault
from permed.step import UNWRITABLE
from permed.tables import atomic, read_json, write_json

ATTEMPTS = 3  # without a chunk of progress between them
WAITING = 60.0  # seconds for an answer
TELLING = 30.0  # seconds between lines on progress
CHUNK = 1 << 20  # bytes
NAMES = {"sha256": "SHA-256", "md5": "MD5"}
CONFIGURATION = "the configuration"
_DIGITS = {"sha256": 64, "md5": 32}
_LONGEST_LIST = 1 << 20  # bytes of a file of checksums
_NO_SUCH_FTP = re.compile(r"""(^|error_perm\(['"])550 """)
_HASHES = "X-Goog-Hash"  # Google Cloud Storage's header with the MD5 of what it sends, in base64

log = logging.getLogger("permed")


@dataclass(frozen=True)
class Checksum:
    """What a file's digest of a ``kind`` (``sha256`` or ``md5``) must be: hexadecimal digits, and what gave them."""

    kind: str
    digits: str
    source: str = CONFIGURATION

    def holds(self, path: Path) -> bool:
        """Whether a file has it."""
        return digest(path, self.kind) == self.digits


@dataclass(frozen=True)
class ChecksumFile:
    """The address of a file that tells the checksum; where ``optional``, it need not be there."""

    kind: str
    address: str
    optional: bool = False


def read_checksum(kind: str, given: str) -> Checksum | ChecksumFile:
    """A checksum as a configuration has it: digits, or the address of a file that tells them."""
    return ChecksumFile(kind, given) if "://" in given else Checksum(kind, given.lower())


@dataclass(frozen=True)
class Remedies:
    """What a user can do where the server has no such file, and where it does not answer."""

    absent: str
    elsewhere: str


@dataclass(frozen=True)
class Lock:
    """What was downloaded: the file's name, its address, digests in hexadecimal, and size in bytes.

    ``checked_by`` is what gave the checksum that it was compared with: the configuration, the address of a file, or a
    header of the answer; null where none did and the first download was trusted. ``md5`` is null where it was not
    compared.
    """

    file: str
    address: str
    sha256: str
    md5: str | None
    size: int
    checked_by: str | None = None

    def check(self, path: Path) -> None:
        """Raise a Fault if the file is not what was downloaded."""
        if digest(path) != self.sha256:
            fault = f"it is not the file that was downloaded from {self.address}: its SHA-256 has changed"
            raise Fault(fault, path, remedy="Remove it; it is downloaded again")


class _Absent(Exception):
    """The server has nothing under this address."""


def read_lock(path: Path) -> Lock:
    """Read a lock; keys that it has from earlier versions are passed over."""
    try:
        said = read_json(path)
        return Lock(**{field.name: said[field.name] for field in fields(Lock) if field.name in said})
    except (ValueError, TypeError):
        raise Fault("it is not the lock of a download", path, remedy="Remove it, and the file it is of") from None


def digest(path: Path, kind: str = "sha256") -> str:
    """The digest of a file, in hexadecimal."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, kind).hexdigest()


def fetch(
    address: str,
    to: Path,
    lock: Path,
    remedies: Remedies,
    checksum: Checksum | ChecksumFile | None = None,
    look: Callable[[Path], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Lock:
    """Download ``address`` to ``to`` and write its ``lock``; what is there already and whole is kept.

    ``look`` raises a Fault where the content is not what it should be; nothing is left under the name then. A file
    that was locked before must be the same again, unless the address or a :class:`Checksum` says otherwise. Downloads
    are tried :data:`ATTEMPTS` times with a ``pause`` in seconds between them, and go on where they stopped if the
    server can.
    """
    before = read_lock(lock) if lock.is_file() else None
    before = before if before and before.address == address else None
    fixed = isinstance(checksum, Checksum)
    if before and to.is_file() and (not fixed or checksum.holds(to)):
        before.check(to)
        return before
    if isinstance(checksum, ChecksumFile):
        checksum = _served(checksum, address, remedies, pause)
    with atomic(to) as beside:
        transfer = _Transfer(address, beside)
        try:
            _answer(address, transfer.request, transfer.save, remedies, pause, transfer.progress)
        except _Absent:
            raise Fault("there is no such file", address, remedy=remedies.absent) from None
        checksum = checksum or transfer.checksum
        _compare(beside, checksum, address)
        sha256 = digest(beside)
        if before and not fixed and sha256 != before.sha256:
            fault = f"the file there has changed since {lock} was written: SHA-256 {sha256}, and not {before.sha256}"
            raise Fault(
                fault, address, remedy="Give the address of a dated file, or remove the lock to take the new one"
            )
        if look:
            look(beside)
        md5 = checksum.digits if checksum and checksum.kind == "md5" else None
        made = Lock(to.name, address, sha256, md5, beside.stat().st_size, checksum.source if checksum else None)
    write_json(asdict(made), lock)
    return made


def _compare(path: Path, checksum: Checksum | None, address: str) -> None:
    if checksum and (found := digest(path, checksum.kind)) != checksum.digits:
        name = NAMES[checksum.kind]
        fault = f"what was downloaded has the {name} {found}, but {checksum.source} gives {checksum.digits}"
        remedy = "Run again; if it stays so, the checksum is of another file, or a proxy on the way damages it"
        raise Fault(fault, address, remedy=remedy)


def _served(checksum: ChecksumFile, address: str, remedies: Remedies, pause: Callable) -> Checksum | None:
    """The checksum of ``address`` that is served under an address of its own; None where it may be absent and is.

    The file has the digits alone, or lines of digits and names as md5sum and its like write them.
    """
    try:
        text = _answer(checksum.address, None, lambda answer: answer.read(_LONGEST_LIST), remedies, pause)
    except _Absent:
        if checksum.optional:
            return None
        raise Fault("there is no such file of checksums", checksum.address, remedy=remedies.absent) from None
    name = urlsplit(address).path.rpartition("/")[2]
    found: dict[bool, list[str]] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        words = re.split(r"[\s*()=]+", line)
        digits = [word.lower() for word in words if re.fullmatch(f"[0-9A-Fa-f]{{{_DIGITS[checksum.kind]}}}", word)]
        if digits:
            named = any(word.rpartition("/")[2] == name for word in words)
            found.setdefault(named, []).append(digits[0])
    digits = found.get(True) or found.get(False) or []
    if len(set(digits)) != 1:
        fault = f"what is served as its {NAMES[checksum.kind]} is none" if not digits else f"it does not name {name}"
        raise Fault(fault, checksum.address, remedy=remedies.elsewhere)
    return Checksum(checksum.kind, digits[0], checksum.address)


class _Transfer:
    """A download to ``path`` that goes on where it stopped, if the server says that the file is still the same."""

    def __init__(self, address: str, path: Path) -> None:
        self.address, self.path = address, path
        self.checksum: Checksum | None = None
        self.furthest = 0
        self._validator: str | None = None

    def request(self) -> urllib.request.Request:
        """What to ask for next: the file, or the rest of it."""
        start = self.path.stat().st_size if self.path.is_file() else 0
        going_on = {"Range": f"bytes={start}-", "If-Range": self._validator} if start and self._validator else {}
        return urllib.request.Request(self.address, headers=going_on)

    def save(self, answer) -> None:
        """Write an answer to disk, and see that it came whole."""
        kept = self._kept(answer)
        expected = answer.headers.get("Content-Length")
        size = int(expected) + kept if expected else None
        self._validator = _validator(answer.headers)
        self.checksum = _hash_of(answer.headers)
        told = time.monotonic()
        with open(self.path, "ab" if kept else "wb") as out:
            while chunk := answer.read(CHUNK):
                out.write(chunk)
                self.furthest = max(self.furthest, out.tell())
                if time.monotonic() - told >= TELLING:
                    told = time.monotonic()
                    whole = f" of {size / 1e6:,.0f}" if size else ""
                    log.info("%s: %s%s MB", self.address, f"{out.tell() / 1e6:,.0f}", whole)
        if size is not None and self.path.stat().st_size != size:
            raise http.client.HTTPException("the connection ended before the whole file had come")

    def progress(self) -> int:
        """Chunks of the file that were ever there."""
        return self.furthest // CHUNK

    def _kept(self, answer) -> int:
        """Bytes on disk that an answer goes on from; 0 where it is the whole file."""
        if getattr(answer, "status", None) != http.client.PARTIAL_CONTENT:
            return 0
        start = self.path.stat().st_size
        follows = answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        if not follows or _validator(answer.headers) not in (None, self._validator):
            self._validator = None
            raise http.client.HTTPException("the server sent another part than it was asked for, or of another file")
        return start


def _validator(headers) -> str | None:
    """What tells that a file is still the same: its ETag, unless that is a weak one, or when it was last modified."""
    etag = headers.get("ETag", "")
    return etag if etag.startswith('"') else headers.get("Last-Modified")


def _hash_of(headers) -> Checksum | None:
    """The MD5 in Google Cloud Storage's header; None without one."""
    found = re.search(r"\bmd5=([A-Za-z0-9+/]{22}==)", ",".join(headers.get_all(_HASHES, [])))
    return Checksum("md5", b64decode(found[1]).hex(), _HASHES) if found else None


def _answer(
    address: str,
    request: Callable | None,
    take: Callable,
    remedies: Remedies,
    pause: Callable,
    progress: Callable[[], int] = lambda: 0,
):
    """What ``take`` makes of the answer; tried again after errors that may pass, as long as there is ``progress``."""
    failures = 0
    while True:
        before = progress()
        try:
            with urllib.request.urlopen(request() if request else address, timeout=WAITING) as answer:
                return take(answer)
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                raise _Absent from None
            reason, passing = f"HTTP {error.code}", error.code in (408, 429) or error.code >= 500
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            if getattr(error, "errno", None) in UNWRITABLE:  # of our own disk
                raise
            if _is_absent(error):
                raise _Absent from None
            reason, passing = str(getattr(error, "reason", error)) or type(error).__name__, True
        failures = 1 if progress() > before else failures + 1
        if not passing or failures >= ATTEMPTS:
            raise Fault(f"it cannot be downloaded: {reason}", address, remedy=remedies.elsewhere)
        log.warning("%s: %s; it is tried again", address, reason)
        pause(2.0 ** (failures - 1))


def _is_absent(error: Exception) -> bool:
    """Whether a file:// or ftp:// address has no file. FTP's answer is told in the text of the error alone."""
    reason = getattr(error, "reason", None)
    return isinstance(reason, FileNotFoundError) or bool(_NO_SUCH_FTP.search(str(reason)))
