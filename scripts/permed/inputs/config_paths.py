"""Paths of a configuration that a shell would fill in and nobody else does (``~``, ``*``, variables), and patterns
that nothing stands for."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from permed.errors import Fault

# The keys that hold paths; * stands for a name that users choose.
PATHS = (
    "outdir",
    "knowledge",
    *(f"cohort.{name}" for name in ("samples", "genotypes", "callable", "alignments", "structural", "pedigree")),
    *(f"genome.{name}" for name in ("reference", "chain")),
    *(f"quality.{name}" for name in ("frequencies", "reference_panel", "known")),
    *(f"panel.{name}" for name in ("genotypes", "labels")),
    "annotation.genes",
    *(f"annotation.sources.*.{name}" for name in ("path", "built", "kind", "regions")),
    *(
        f"annotation.classification.{name}"
        for name in ("clinvar", "gene_rules", "dosage", "constraint", "hot_spots", "repeats", "reviewer")
    ),
    *(f"findings.{name}" for name in ("secondary", "carriers", "phenotypes", "ontology", "previous")),
    *(f"scores.{name}" for name in ("files", "strand_frequencies", "reference_panel", "incidence")),
    *(f"scores.train.*.{name}" for name in ("summary", "ld")),
    "pharmacogenes.outside_calls",
)
_HOME = re.compile(r"~[\w.-]*(/|$)")
_VARIABLE = re.compile(r"\$(\w+|\{\w+\})")
_BRACES = re.compile(r"\{\w*\}")
_MEANS = {"{contig}": "chromosome", "{sample}": "person's name"}
# What may stand in braces in a path; where nothing is said, {contig}.
_FILLED = {
    "cohort.genotypes": ("{contig}", "{sample}"),
    **dict.fromkeys(("cohort.callable", "cohort.alignments", "pharmacogenes.outside_calls"), ("{sample}",)),
    **dict.fromkeys(("cohort.samples", "cohort.pedigree", "genome.reference", "genome.chain", "panel.labels"), ()),
    "annotation.genes": (),
}
_PATTERN = re.compile(r"[*?]|\[[^]]+\]")


def take_paths(config: dict, file: str) -> tuple[dict, list[Fault]]:
    """The configuration without the paths that hold what only a shell fills in, and a fault for each of these.

    ``config`` is as the user wrote it, ``file`` names it in messages. Names that exist as they are written are kept.
    """
    faults, wrong = [], set()
    for key, path in _paths(config):
        if _HOME.match(path) and not Path(path).exists():
            fault, home = f"{key}: the ~ of {path} is not replaced by a home folder", os.path.expanduser(path)
            remedy = f"Write the path in full{f', as in {home}' if home != path else ''}"
        elif (variable := _VARIABLE.search(path)) and not Path(path).exists():
            fault = f"{key}: the {variable[0]} of {path} is not replaced by a value"
            remedy = "Write the path in full"
        elif (braces := _unfilled(key, path)) and not Path(path).exists():
            fault = f"{key}: {braces} in {path} stands for nothing"
            told = " or ".join(f"{name} for the {_MEANS[name]}" for name in _FILLED.get(key, ("{contig}",)))
            remedy = f"Write {told}" if told else "Write the path of one file"
        elif (mark := _PATTERN.search(path)) and not Path(path).exists():
            fault = f"{key}: {path} is taken as a file's name: {mark[0]} does not stand for other letters"
            remedy = "Name the files in a list"
            if key in ("cohort.genotypes", "panel.genotypes"):
                remedy += ", or write {contig} for a chromosome or {sample} for a person in the name"
            elif key in ("cohort.callable", "cohort.alignments", "pharmacogenes.outside_calls"):
                remedy = "Write {sample} for the person's name"
        else:
            continue
        faults.append(Fault(fault, file, remedy=remedy))
        wrong.add((key, path))
    return _without(config, wrong, "") if wrong else config, faults


def _unfilled(key: str, path: str) -> str | None:
    """The first braces of a path that nothing fills."""
    may = _FILLED.get(key, ("{contig}",))
    return next((braces for braces in _BRACES.findall(path) if braces not in may), None)


def _without(given, wrong: set[tuple[str, str]], key: str):
    """What is given under a key without the paths that are wrong."""
    if isinstance(given, dict):
        named = {name: (f"{key}.{name}".lstrip("."), value) for name, value in given.items()}
        return {name: _without(value, wrong, of) for name, (of, value) in named.items() if not _is(of, value, wrong)}
    if isinstance(given, list):
        return [value for value in given if not _is(key, value, wrong)]
    return given


def _is(key: str, value, wrong: set[tuple[str, str]]) -> bool:
    whole = isinstance(value, list) and value and all(_is(key, entry, wrong) for entry in value)
    return bool(whole) or (isinstance(value, str) and (key, value) in wrong)


def _paths(config: dict) -> Iterator[tuple[str, str]]:
    """The paths of a configuration, each with its key."""
    for key in PATHS:
        yield from _under(config, key.split("."), "")


def _under(given, parts: list[str], above: str) -> Iterator[tuple[str, str]]:
    if not parts:
        values = given if isinstance(given, list) else [given]
        yield from ((above, value) for value in values if isinstance(value, str))
    elif isinstance(given, dict):
        names = given if parts[0] == "*" else [parts[0]]
        for name in names:
            if name in given:
                yield from _under(given[name], parts[1:], f"{above}.{name}".lstrip("."))
