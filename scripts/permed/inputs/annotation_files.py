"""Checks of the annotation databases that a run is given, before any of them is read."""

from pathlib import Path

from permed.annotation.sources.mapping import read_mapping
from permed.errors import Fault
from permed.inputs.files import source_files


def check_sources(sources: dict[str, dict], contigs: list[str], genes: str | None) -> list[Fault]:
    """Whether each database's files, mapping and regions are there, and whether annotation runs at all."""
    faults = []
    if sources and not genes:
        faults.append(Fault("annotation.sources needs annotation.genes, which is null", remedy="Give gene models"))
    for name, source in sources.items():
        key = f"annotation.sources.{name}"
        files = source_files(source["path"], contigs)
        named = [(path, f"{key}.path") for path in files]
        named += [(source["regions"], f"{key}.regions")] if source.get("regions") else []
        faults += [
            Fault("the file is not there", path, remedy=f"Check {where} in the config")
            for path, where in named
            if not Path(path).is_file()
        ]
        try:
            read_mapping(source["kind"], source.get("fields"))
        except Fault as fault:
            faults.append(fault)
    return faults
