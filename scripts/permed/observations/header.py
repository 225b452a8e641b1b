"""The header of a BCF as text, with lines left out and one added; the numbers of the dictionary (IDX) stay."""

import re
from pathlib import Path

import pysam

_LINE = re.compile(r"##(INFO|FORMAT|contig)=<ID=([^,>]+)")


def raw_header(path: Path) -> str:
    """The header of a BCF with its numbers, without the byte that ends it."""
    with pysam.BGZFile(str(path)) as file:
        size = int.from_bytes(file.read(9)[5:], "little")
        return file.read(size).decode().rstrip("\0")


def edited_header(text: str, drop: dict[str, set[str]], added: list[str], own: str, contig: str) -> bytes:
    """The header without the definitions of the names in ``drop`` (by INFO and FORMAT) and with the lines ``added``.

    The contig ``own`` gets the name ``contig``; one that had that name before, of which the file has no records, gets
    the name ``own``.
    """
    names = {own: contig, contig: own}
    lines = []
    for line in text.splitlines():
        found = _LINE.match(line)
        if found and found[1] in drop and found[2] in drop[found[1]]:
            continue
        if found and found[1] == "contig" and found[2] in names:
            line = line[: found.start(2)] + names[found[2]] + line[found.end(2) :]
        if line.startswith("#CHROM"):
            lines += added
        lines.append(line)
    return "\n".join([*lines, ""]).encode() + b"\0"
