"""Builds, contigs and their names, pseudoautosomal regions. Coordinates are 1-based and inclusive."""

import csv
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[2] / "resources" / "genome"
BUILDS = ("GRCh37", "GRCh38")
AUTOSOMES = [f"chr{n}" for n in range(1, 23)]
CONTIGS = [*AUTOSOMES, "chrX", "chrY", "chrM"]


def canonical(contig: str) -> str:
    """The GRCh38 style name of a main contig in any common spelling (``1``, ``Chr1``, ``MT``); others unchanged."""
    bare = contig[3:] if contig.lower().startswith("chr") else contig
    bare = "M" if bare.upper() in ("M", "MT") else bare.upper() if bare.lower() in ("x", "y") else bare
    return f"chr{bare}" if f"chr{bare}" in _MAIN else contig


_MAIN = frozenset(CONTIGS)


def reconcile(wanted: Iterable[str], available: Iterable[str]) -> dict[str, str]:
    """For each wanted contig the name under which ``available`` has it; contigs it does not have are left out.

    An exact name wins over another spelling of the same contig.
    """
    available = list(available)
    by_canonical = {canonical(name): name for name in reversed(available)}
    exact = set(available)
    pairs = ((name, name if name in exact else by_canonical.get(canonical(name))) for name in wanted)
    return {name: found for name, found in pairs if found is not None}


@cache
def lengths(build: str) -> dict[str, int]:
    """Lengths of the main contigs of ``GRCh37`` or ``GRCh38``, by canonical name."""
    return {row["contig"]: int(row["length"]) for row in _rows("contigs.tsv") if row["build"] == build}


@cache
def accessions(build: str) -> dict[str, str]:
    """RefSeq accessions of the main contigs of ``GRCh37`` or ``GRCh38``, by canonical name."""
    return {row["contig"]: row["accession"] for row in _rows("accessions.tsv") if row["build"] == build}


def builds_with_length(contig: str, length: int) -> list[str]:
    """The builds in which a contig has this length."""
    return [build for build in BUILDS if lengths(build).get(canonical(contig)) == length]


@cache
def other_assemblies(contig: str, length: int) -> tuple[str, ...]:
    """The assemblies besides GRCh37 and GRCh38 in which a contig has this length: older ones, T2T-CHM13.

    The mitochondrion is in none of them: its sequence is one in builds that differ, and another in one of the builds.
    """
    rows = _other_lengths().get((canonical(contig), length), [])
    return tuple(rows)


@cache
def assemblies_named(text: str) -> frozenset[str]:
    """The assemblies that a text names by a common word, as a path to a FASTA does: ``GRCh37``, ``T2T-CHM13``.

    A word counts where it stands alone: no letter or digit before it, no digit after it.
    """
    return frozenset(assembly for assembly, word in _words() if word.search(text))


def end_of(contig: str) -> int | None:
    """The last position of a main contig in that of the two builds where it is longer; None for other contigs.

    None too for the mitochondrion, of which longer sequences are in use.
    """
    name = canonical(contig)
    sizes = [lengths(build).get(name) for build in BUILDS]
    return None if name == "chrM" else max((size for size in sizes if size), default=None)


@cache
def _other_lengths() -> dict[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = {}
    for row in _rows("other_assemblies.tsv"):
        found.setdefault((row["contig"], int(row["length"])), []).append(row["assembly"])
    return found


@cache
def _words() -> list[tuple[str, re.Pattern]]:
    rows = _rows("assembly_words.tsv")
    return [
        (row["assembly"], re.compile(rf"(?<![A-Za-z0-9]){re.escape(row['word'])}(?![0-9])", re.IGNORECASE))
        for row in rows
    ]


@cache
def pseudoautosomal(build: str, contig: str) -> list[tuple[int, int]]:
    """Pseudoautosomal regions of chrX or chrY as (start, end); empty for other contigs."""
    rows = (r for r in _rows("pseudoautosomal.tsv") if r["build"] == build and r["contig"] == canonical(contig))
    return [(int(row["start"]), int(row["end"])) for row in rows]


def _rows(name: str) -> list[dict[str, str]]:
    with open(RESOURCES / name, encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))
