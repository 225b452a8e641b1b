"""Reports of people who are no longer admitted: a withdrawn consent takes effect on what was written before."""

from collections.abc import Iterable
from pathlib import Path

REPORT_FILES = ("report.html", "report.json", "fhir.json")


def remove_reports(folder: Path, admitted: Iterable[str]) -> list[str]:
    """Remove the reports under ``folder`` (``samples/``) of everybody who is not admitted; give their names.

    Only files that the workflow itself writes are removed, and a person's folder only when nothing else is in it.
    """
    kept = set(admitted)
    removed = []
    for person in sorted(path for path in folder.glob("*") if path.is_dir() and path.name not in kept):
        files = [person / name for name in REPORT_FILES if (person / name).is_file()]
        for file in files:
            file.unlink()
        if files:
            removed.append(person.name)
        if not any(person.iterdir()):
            person.rmdir()
    return removed
