"""Download a score of the PGS Catalog, harmonised to the run's build."""

from pathlib import Path

from permed.scores.fetch import fetch_score
from permed.step import log, step


@step
def download_score(*, score: Path, lock: Path, accession: str, build: str, address: str) -> None:
    """Write the scoring file and a lock with its address and digests; a file that is there and whole is kept."""
    made = fetch_score(accession, build, address, score, lock)
    log.info("%s: %d bytes, SHA-256 %s, MD5 of the catalogue %s", made.address, made.size, made.sha256, made.md5)
