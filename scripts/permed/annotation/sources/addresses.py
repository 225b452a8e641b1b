"""Which files of an annotation database are downloaded, from where, and with which checksums; by the configuration."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from permed.errors import Fault


class Download(NamedTuple):
    """A file of a database: its address, and its SHA-256 or MD5 or the address of a file that tells it."""

    address: str
    sha256: str | None = None
    md5: str | None = None


def source_downloads(name: str, source: dict, contigs: list[str]) -> tuple[dict[str, Download], list[Fault]]:
    """The downloads of the database ``annotation.sources.{name}`` by file name, and what is wrong with them.

    An address with ``{contig}`` is one file for each of the run's ``contigs`` that ``source`` does not leave out. A
    file is named as in its address; where the contig is only in a folder's name, with the contig before it.
    """
    key = f"annotation.sources.{name}"
    given = source.get("address") or []
    checks = [kind for kind in ("sha256", "md5") if source.get(kind)]
    faults = [
        Fault(f"{key}.{option} is of an address, and there is none", remedy="Give address, or remove it")
        for option in (*checks, "contigs")
        if source.get(option) and not given
    ]
    if len(checks) > 1:
        faults.append(Fault(f"{key} has both sha256 and md5", remedy="Keep sha256"))
    asked = {str(contig) for contig in source.get("contigs") or contigs}
    wanted = [contig for contig in contigs if contig in asked]
    if given and not wanted:
        faults.append(Fault(f"{key}.contigs has no contig of the run", remedy="Name them as genome.contigs does"))
    places = [
        (address.replace("{contig}", contig or ""), _file_name(address, contig), contig)
        for address in ([given] if isinstance(given, str) else given)
        for contig in (wanted if "{contig}" in address else [None])
    ]
    files: dict[str, Download] = {}
    for address, file, contig in places:
        named = file and not file.endswith(".json")  # which a lock's name is
        if not named or file in files:
            fault = f"{key}.address: {address} names {'the same file as another' if named else 'no VCF, BCF or table'}"
            faults.append(Fault(fault, remedy="Give addresses of files with names of their own"))
            continue
        checksums = {kind: _checksum(source[kind], file, contig) for kind in checks}
        files[file] = Download(address, **checksums)
        for kind, checksum in checksums.items():
            if checksum is None:
                fault = f"{key}.{kind} has none of {contig or file}"
                faults.append(Fault(fault, remedy="Give one for each contig or file, or leave the key out"))
    for kind in checks:
        if len(files) > 1 and isinstance(source[kind], str) and "://" not in source[kind]:
            fault = f"{key}.{kind} is one for {len(files)} files"
            faults.append(Fault(fault, remedy="Give a table by contig, or by file name"))
    return files, faults


def _file_name(address: str, contig: str | None) -> str:
    """The last part of an address, in letters that any disk takes."""
    last = unquote(urlsplit(address).path).rpartition("/")[2]
    filled = last.replace("{contig}", contig or "")
    filled = f"{contig}.{filled}" if contig and filled and "{contig}" not in last else filled
    return re.sub(r"[^A-Za-z0-9._+-]", "_", filled)


def _checksum(given: str | dict, file: str, contig: str | None) -> str | None:
    if isinstance(given, dict):
        table = {str(name): value for name, value in given.items()}
        given = table.get(contig or file, table.get(file))
    return given and given.replace("{contig}", contig or "{contig}")
