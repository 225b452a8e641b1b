"""Write the manifest of the run and check that every report is as it was written."""

from pathlib import Path

from permed.reports.manifest import make_manifest, unlisted_reports
from permed.step import log, step
from permed.tables import write_json


@step
def write_manifest(
    outputs: list[Path],
    indexes: list[Path],
    knowledge: list[Path],
    *,
    manifest: Path,
    config_digest: str,
    folder: str | None = None,
) -> None:
    """Write SHA-256 and size of every output and report, versions, knowledge tables and the configuration's digest.

    ``folder`` is the results folder, by default that of the manifest; the paths in the manifest are relative to it.
    """
    results = Path(folder or manifest.parent)
    made = make_manifest(outputs, indexes, knowledge, results, config_digest)
    for path in unlisted_reports(indexes, results):
        log.warning("%s is of an earlier run and not in the manifest; remove it if the person withdrew", path)
    write_json(made, manifest)
    log.info("%d files in the manifest", len(made["files"]))
