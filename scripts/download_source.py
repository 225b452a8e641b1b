"""Download a file of an annotation database."""

from pathlib import Path

from permed.annotation.sources.fetch import fetch_source
from permed.step import log, step


@step
def download_source(
    *, file: Path, lock: Path, source: str, address: str, sha256: str | None = None, md5: str | None = None
) -> None:
    """Write the file and a lock with its address and digests; a file that is there and whole is kept.

    ``source`` is the database's name in the configuration; ``sha256`` or ``md5`` its checksum or the address of one.
    """
    made = fetch_source(source, address, file, lock, sha256, md5)
    checked = made.checked_by or "nobody: this first download is trusted and locked"
    log.info("%s: %d bytes, SHA-256 %s, checked by %s", made.address, made.size, made.sha256, checked)
