"""The manifest: every output with its SHA-256, and everything else that the bytes depend on."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from permed.downloads import digest
from permed.errors import Fault
from permed.reports.evidence import read_sources, table_name
from permed.reports.software import software_versions
from permed.reports.wording import SCHEMA_VERSION
from permed.tables import read_table

REMEDY = "Make it again: snakemake --forcerun write_reports"


def make_manifest(
    outputs: Iterable[Path], indexes: Iterable[Path], knowledge: Iterable[Path], folder: Path, config_digest: str
) -> dict:
    """The manifest of a run. Paths are relative to ``folder``, the results; knowledge tables have their short names.

    Every report that a batch index lists must be there with the SHA-256 that the index has, else a :class:`Fault`.
    """
    folder, indexes = Path(folder), [Path(path) for path in indexes]
    files = {row["path"]: row for row in (_file(path, folder) for path in [*outputs, *indexes])}
    files |= {row["path"]: row for index in indexes for row in verified_reports(index, folder)}
    return {
        "schema_version": SCHEMA_VERSION,
        "software": software_versions(),
        "config_digest": config_digest,
        "knowledge": [
            {"table": table_name(path), "sha256": digest(path), "sources": _sources(path)}
            for path in sorted(map(Path, knowledge), key=table_name)
        ],
        "files": [files[path] for path in sorted(files)],
    }


def verified_reports(index: Path, folder: Path) -> list[dict]:
    """The reports of a batch index (``path sha256 bytes``), each read and compared with what the index says."""
    rows = []
    for row in read_table(index).to_dicts():
        place = PurePosixPath(row["path"])
        if place.is_absolute() or ".." in place.parts:
            raise Fault("the report lies outside the results", row["path"], row["sample"], remedy=REMEDY)
        path = Path(folder) / place
        if not path.is_file():
            raise Fault("the report is not there", path, row["sample"], remedy=REMEDY)
        if digest(path) != row["sha256"]:
            raise Fault("the report was changed after it was written", path, row["sample"], remedy=REMEDY)
        rows.append({"path": place.as_posix(), "sha256": row["sha256"], "bytes": int(row["bytes"])})
    return rows


def unlisted_reports(indexes: Iterable[Path], folder: Path) -> list[str]:
    """Reports below ``folder``/samples that no index lists: of an earlier run, perhaps of people who withdrew."""
    listed = {path for index in indexes for path in read_table(index)["path"].to_list()}
    found = (path.relative_to(folder).as_posix() for path in sorted(Path(folder).glob("samples/*/report.*")))
    return [path for path in found if path not in listed]


def _file(path: Path, folder: Path) -> dict:
    path = Path(path)
    try:
        relative = (path.parent.resolve() / path.name).relative_to(folder.resolve()).as_posix()  # it may be a link
    except ValueError:
        raise Fault("the output lies outside the results", path, remedy="Correct the rule write_manifest") from None
    if not path.is_file():
        raise Fault("the output is not there", path, remedy="Run the workflow again")
    return {"path": relative, "sha256": digest(path), "bytes": path.stat().st_size}


def _sources(path: Path) -> list[dict]:
    return [{key: row[key] for key in ("source", "version", "licence")} for row in read_sources([path])]
