"""Scoring files of the PGS Catalog by accession, with their checksums.

The layout of the addresses is that of https://www.pgscatalog.org/downloads/#dl_ftp; a file's MD5 lies beside it with
the further suffix ``.md5``.
"""

import time
from collections.abc import Callable
from pathlib import Path

from permed.downloads import ChecksumFile, Lock, Remedies, fetch
from permed.errors import Fault
from permed.scoring_files import read_header
from permed.scoring_files.positions import named_build

_REMEDIES = Remedies(
    absent="Check the accession in scores.catalog, and scores.catalog_address",
    elsewhere="Check the network (HTTPS_PROXY names a proxy), or fetch it elsewhere and name the file in scores.files",
)


def file_name(accession: str, build: str) -> str:
    """The catalogue's name of a score harmonised to a build."""
    return f"{accession}_hmPOS_{build}.txt.gz"


def fetch_score(
    accession: str, build: str, address: str, to: Path, lock: Path, pause: Callable[[float], None] = time.sleep
) -> Lock:
    """Download a score harmonised to ``build`` to ``to`` and write its ``lock``; what is there already is kept.

    ``address`` is the folder of the scores. The MD5 is checked where the catalogue serves one, and the file's header
    must name the accession and the build.
    """
    url = f"{address.rstrip('/')}/{accession}/ScoringFiles/Harmonized/{file_name(accession, build)}"
    md5 = ChecksumFile("md5", f"{url}.md5", optional=True)
    return fetch(url, to, lock, _REMEDIES, md5, lambda path: _check_header(path, url, accession, build), pause)


def _check_header(path: Path, url: str, accession: str, build: str) -> None:
    packed = path.with_name(f"{path.name}.gz")  # its name must say that it is compressed
    path.rename(packed)
    try:
        header = read_header(packed)
    except Fault as fault:
        raise Fault(fault.fault, url, remedy=_REMEDIES.elsewhere) from None
    finally:
        packed.rename(path)
    if (header.get("pgs_id"), named_build(header.get("hmpos_build"))) != (accession, build):
        said = f"{header.get('pgs_id', 'no accession')}, harmonised to {header.get('hmpos_build', 'no build')}"
        fault = f"the file says that it is {said}, and not {accession}, harmonised to {build}"
        raise Fault(fault, url, remedy="Check scores.catalog_address")
