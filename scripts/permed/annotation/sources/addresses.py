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
    wanted = _wanted(source, contigs)
    files: dict[str, Download] = {}
    faults = _option_faults(key, source, checks, wanted)
    for pattern in [given] if isinstance(given, str) else given:
        for contig in wanted if "{contig}" in pattern else [None]:
            address, file = pattern.replace("{contig}", contig or ""), _file_name(pattern, contig)
            named = file and not file.endswith(".json")  # which a lock's name is
            if not named or file in files:
                fault = f"{address} names {'the same file as another' if named else 'no VCF, BCF or table'}"
                faults.append(
                    Fault(f"{key}.address: {fault}", remedy="Give addresses of files with names of their own")
                )
                continue
            files[file] = Download(address, **{kind: _checksum(source[kind], file, contig) for kind in checks})
            faults += [
                Fault(f"{key}.{kind} has none of {contig or file}", remedy="Give one for each, or leave the key out")
                for kind in checks
                if getattr(files[file], kind) is None
            ]
    return files, faults + _shared_faults(key, source, checks, len(files))


def contigs_with_addresses(source: dict, contigs: list[str]) -> list[str]:
    """The run's contigs of which a database has a file at an address; all where one of its files is not of a contig."""
    given = source["address"]
    whole = any("{contig}" not in pattern for pattern in ([given] if isinstance(given, str) else given))
    return contigs if whole else _wanted(source, contigs)


def _wanted(source: dict, contigs: list[str]) -> list[str]:
    asked = {str(contig) for contig in source.get("contigs") or contigs}
    return [contig for contig in contigs if contig in asked]


def _option_faults(key: str, source: dict, checks: list[str], wanted: list[str]) -> list[Fault]:
    """Options that do not go together."""
    faults = [
        Fault(f"{key}.{option} is of an address, and there is none", remedy="Give address, or remove it")
        for option in (*checks, "contigs")
        if source.get(option) and not source.get("address")
    ]
    if len(checks) > 1:
        faults.append(Fault(f"{key} has both sha256 and md5", remedy="Keep sha256"))
    if source.get("address") and not wanted:
        faults.append(Fault(f"{key}.contigs has no contig of the run", remedy="Name them as genome.contigs does"))
    return faults


def _shared_faults(key: str, source: dict, checks: list[str], files: int) -> list[Fault]:
    """Digits of one file that are given for several."""
    return [
        Fault(f"{key}.{kind} is one for {files} files", remedy="Give a table by contig, or by file name")
        for kind in checks
        if files > 1 and isinstance(source[kind], str) and "://" not in source[kind]
    ]


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
