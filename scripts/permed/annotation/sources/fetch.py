"""A file of an annotation database, downloaded."""

import time
from collections.abc import Callable
from pathlib import Path

from permed.bgzf import EOF_BLOCK, compression
from permed.downloads import Lock, Remedies, fetch, read_checksum
from permed.errors import Fault
from permed.plain_text import is_page


def fetch_source(
    source: str,
    address: str,
    to: Path,
    lock: Path,
    sha256: str | None = None,
    md5: str | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Lock:
    """Download a file of the database ``annotation.sources.{source}`` to ``to`` and write its ``lock``.

    ``sha256`` or ``md5`` is the checksum or the address of a file that tells it. What is there and whole is kept.
    """
    key = f"annotation.sources.{source}"
    remedies = Remedies(
        absent=f"Check {key}; {key}.contigs names the contigs of which there are files, if not of all",
        elsewhere="Check the network (HTTPS_PROXY names a proxy), or fetch it elsewhere and give "
        f"{key}.path instead of address",
    )
    checksum = read_checksum("sha256", sha256) if sha256 else read_checksum("md5", md5) if md5 else None
    return fetch(address, to, lock, remedies, checksum, lambda path: _look(path, address, remedies), pause)


def _look(path: Path, address: str, remedies: Remedies) -> None:
    """Refuse what cannot be the database: it would be trusted ever after where nobody gave a checksum."""
    with open(path, "rb") as handle:
        start = handle.read(1024)
        cut = False
        if compression(path) == "bgzf":
            handle.seek(max(0, path.stat().st_size - len(EOF_BLOCK)))
            cut = handle.read() != EOF_BLOCK
    if not start:
        raise Fault("the file there is empty", address, remedy=remedies.absent)
    if is_page(start):
        raise Fault("it is a web page and no database", address, remedy=remedies.elsewhere)
    if cut:
        raise Fault("the file is cut short: its end-of-file block is missing", address, remedy=remedies.elsewhere)
