"""Checks of annotation databases that an earlier run built, before any is used."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.annotation.sources.about import REBUILD, about_path, read_about
from permed.annotation.sources.building import columns_of, ref_verdicts
from permed.annotation.sources.mapping import read_mapping
from permed.errors import Fault
from permed.genome import CONTIGS, canonical, reconcile
from permed.reference import Reference

PLACES, ROWS = 5, 40  # places on each contig, and rows of each, whose REF is compared with the reference


def is_own(source: dict, folder: str) -> bool:
    """Whether a database would be taken from ``folder``, by its name or as what it is a link to."""
    names = (os.path.abspath, os.path.realpath)
    return bool(source.get("built")) and any(Path(name(source["built"])).is_relative_to(name(folder)) for name in names)


def own_faults(sources: dict[str, dict], folder: str) -> list[Fault]:
    """A fault for each database that would be taken from ``folder``, where this run writes its own."""
    fault = "this run writes its own annotation databases there, and annotation.sources.{}.built names one"
    remedy = "Move it and the .json beside it to another folder, and name it there"
    return [
        Fault(fault.format(name), source["built"], remedy=remedy)
        for name, source in sources.items()
        if is_own(source, folder)
    ]


def check_built_sources(
    sources: dict[str, dict], contigs: list[str], build: str, reference: Reference | None
) -> tuple[list[Fault], list[str]]:
    """Whether each database that an earlier run built fits this run: (faults, notes).

    A contig that the earlier run did not read is no fault: the database is then silent on it, and a note says so.
    """
    faults, notes = [], []
    for name, source in sources.items():
        if not source.get("built"):
            continue
        try:
            notes += _check(f"annotation.sources.{name}", source, contigs, build, reference)
        except Fault as fault:
            faults.append(fault)
    return faults, notes


def _check(key: str, source: dict, contigs: list[str], build: str, reference: Reference | None) -> list[str]:
    """Notes on a database; raises the first Fault."""
    path = Path(source["built"])
    if not path.is_file():
        raise Fault("the file is not there", path, remedy=f"Check {key}.built in the config")
    about = read_about(path)
    if about["build"] != build:
        remedy = f"Name a database that was built on {build}, or give path or address instead of built"
        raise Fault(f"the database was built on {about['build']}; genome.build says {build}", path, remedy=remedy)
    _check_columns(path, about)
    _check_options(key, path, about, source)
    known = [name for name in (contigs if reference is None else reference.lengths) if canonical(name) in CONTIGS]
    names = reconcile(known, about["read"])
    if known and not names:
        fault = f"the run that built the database read none of this run's contigs, but {', '.join(about['read'])}"
        raise Fault(fault, path, remedy=REBUILD)
    if reference is not None:
        _check_reference(path, about, names, reference)
    silent = ", ".join(name for name in known if name not in names)
    return [f"{key}: the run that built {path.name} did not read {silent}: not_covered there"] if silent else []


def _check_columns(path: Path, about: dict) -> None:
    """Whether the Parquet has the columns, perhaps among others, and as many rows as its description says."""
    try:
        scan = pl.scan_parquet(path)
        found, rows = dict(scan.collect_schema()), scan.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError):
        raise Fault("it is no Parquet file that can be read", path, remedy=REBUILD) from None
    wanted = columns_of({name: field["type"] for name, field in about["fields"].items()})
    counted = sum(contig["rows"] for contig in about["read"].values())
    if not wanted.items() <= found.items() or not rows == about["rows"] == counted:
        beside = about_path(path)
        remedy = f"Put back the {beside.name} that was written with it, or give path or address instead of built"
        raise Fault(f"its columns or rows are not those that {beside} tells", path, remedy=remedy)


def _check_options(key: str, path: Path, about: dict, source: dict) -> None:
    """Whether the database is of the ``kind``, and has the ``fields``, that the configuration says."""
    lacking = [field for field in source.get("fields") or [] if field not in about["fields"]]
    if lacking:
        fault = f"the database was built without {', '.join(lacking)}, which {key}.fields names"
        raise Fault(fault, path, remedy=f"It has {', '.join(about['fields'])}. {REBUILD}")
    if not source.get("kind"):
        return
    mapping = read_mapping(source["kind"])
    for name in ("kind", "role", "predictor", "covers"):
        said = getattr(mapping, name)
        if said != about[name]:
            fault = f"the database was built with the {name} {about[name]}, but that of {key}.kind is {said}"
            raise Fault(fault, path, remedy=f"Leave {key}.kind out, or correct it or {key}.built")


def _check_reference(path: Path, about: dict, names: dict[str, str], reference: Reference) -> None:
    """Whether contigs (``names``: of the run, of the database) are as long, and REF is, what the reference has."""
    remedy = "Give the reference that it was built with as genome.reference, or path or address instead of built"
    for contig, own in names.items():
        length, here = about["read"][own]["length"], reference.lengths[contig]
        if length != here:
            fault = f"the database was built on another reference: its {own} has {length} bases, this one's {here}"
            raise Fault(fault, path, remedy=remedy)
    counts: Counter = Counter()
    for contig, rows in _some_rows(path, about["read"], {own: contig for contig, own in names.items()}):
        counts.update(ref_verdicts(rows, contig, reference).tolist())
    if counts[0]:
        fault = "the database was built on another reference: REF is not what this one has in"
        raise Fault(f"{fault} {counts[0]} of {counts[0] + counts[1]} rows looked at", path, remedy=remedy)


def _some_rows(path: Path, read: dict, contigs: dict[str, str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Rows from places spread over each of ``contigs`` (of the database: of the run), whose rows lie together."""
    first = 0
    for own, told in read.items():
        last = first + max(0, told["rows"] - ROWS)
        offsets = {first + (last - first) * place // (PLACES - 1) for place in range(PLACES)}
        for offset in sorted(offsets) if own in contigs and told["rows"] else ():
            size = min(ROWS, told["rows"])
            yield contigs[own], pl.scan_parquet(path).slice(offset, size).select("pos", "ref").collect()
        first += told["rows"]
