"""Take an annotation database that an earlier run built."""

from pathlib import Path

from permed.annotation.sources.about import REBUILD, read_about, taken
from permed.downloads import digest
from permed.errors import Fault
from permed.reference import link_file
from permed.step import log, step
from permed.tables import write_json


@step
def take_source(
    built: Path,
    *,
    parquet: Path,
    about: Path,
    fields: list[str] | None = None,
    release: str | None = None,
) -> None:
    """Link the database ``built`` as ``parquet`` and write what is known of it to ``about``, under its name here.

    ``fields`` are those to keep, all without it, and ``release`` what the user says of the version where the database
    itself does not. Raises a Fault where the database is not what the earlier run wrote.
    """
    known = taken(read_about(built), parquet.stem, fields, release)
    if digest(built) != known["sha256"]:
        raise Fault("the file is not what the run that built it wrote: its SHA-256 has changed", built, remedy=REBUILD)
    link_file(built, parquet)
    write_json(known, about)
    log.info("%s: %d rows of %s, built earlier", parquet.stem, known["rows"], known["title"])
