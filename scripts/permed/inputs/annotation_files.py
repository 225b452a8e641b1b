"""Checks of the annotation databases that a run is given, before any of them is read."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from permed.annotation.acmg.given import (
    read_constraint,
    read_dosage,
    read_gene_rules,
    read_hot_spots,
    read_review,
)
from permed.annotation.acmg.sites import ROLES, choose_sources
from permed.annotation.sources.about import read_about
from permed.annotation.sources.mapping import read_mapping
from permed.errors import Fault
from permed.evidence.blocks import bed_rows
from permed.inputs.files import source_files

EVERYWHERE = "everywhere"  # in place of a BED: the user's word that a database looked at all of its contigs


def check_sources(sources: dict[str, dict], contigs: list[str], genes: str | None) -> list[Fault]:
    """Whether each database's files, mapping and regions are there, and whether annotation runs at all.

    Those that an earlier run built are looked at by :func:`~permed.inputs.built_sources.check_built_sources`.
    """
    faults, beds = [], source_regions(sources)
    if sources and not genes:
        faults.append(Fault("annotation.sources needs annotation.genes, which is null", remedy="Give gene models"))
    for name, source in sources.items():
        key = f"annotation.sources.{name}"
        files = source_files(source.get("path") or [], contigs)
        named = [(path, f"{key}.path") for path in files]
        named += [(beds[name], f"{key}.regions")] if name in beds else []
        faults += [
            Fault("the file is not there", path, remedy=f"Check {where} in the config")
            for path, where in named
            if not Path(path).is_file()
        ]
        if name in beds and Path(beds[name]).is_file():
            faults += _found(lambda name=name: bed_rows(Path(beds[name])))
        if not source.get("built"):
            faults += _found(lambda source=source: read_mapping(source["kind"], source.get("fields")))
    return faults


def source_regions(sources: dict[str, dict]) -> dict[str, str]:
    """The BED of what a database looked at, of those that have one."""
    given = {name: source.get("regions") for name, source in sources.items()}
    return {name: path for name, path in given.items() if path and path != EVERYWHERE}


def check_classification(given: dict, sources: dict[str, dict], genes: str | None) -> list[Fault]:
    """Whether each table of ``annotation.classification`` can be read, and each role has one database."""
    readers = {
        "gene_rules": read_gene_rules,
        "dosage": read_dosage,
        "constraint": read_constraint,
        "hot_spots": read_hot_spots,
        "reviewer": read_review,
        "repeats": bed_rows,
    }
    faults = []
    for name, read in readers.items():
        path = given.get(name)
        if path is None:
            continue
        if not genes:
            fault = f"annotation.classification.{name} needs annotation.genes, which is null"
            faults.append(Fault(fault, remedy="Give gene models"))
        elif not Path(path).is_file():
            remedy = f"Check annotation.classification.{name} in the config"
            faults.append(Fault("the file is not there", path, remedy=remedy))
        else:
            faults += _found(lambda read=read, path=path: read(Path(path)))
    return faults + _found(lambda: choose_sources(_described(sources), {role: given.get(role) for role in ROLES}))


def database_of(sources: dict[str, dict], role: str) -> str | None:
    """The name of the one database of a role; None without one, or with several."""
    names = [about["name"] for about in _described(sources) if about["role"] == role]
    return names[0] if len(names) == 1 else None


def _described(sources: dict[str, dict]) -> list[dict]:
    """What is known of the databases before they are read, without those whose mapping or description is faulty."""
    described = []
    for name, source in sources.items():
        try:
            known = read_about(source["built"]) if source.get("built") else asdict(read_mapping(source["kind"]))
        except Fault:
            continue
        described.append({"name": name, **{key: known[key] for key in ("role", "title", "predictor")}})
    return described


def _found(attempt: Callable) -> list[Fault]:
    try:
        attempt()
    except Fault as fault:
        return [fault]
    return []
