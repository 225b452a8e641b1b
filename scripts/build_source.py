"""Turn an annotation database into Parquet by variant key."""

from pathlib import Path

from permed.annotation.sources.building import build_source as build
from permed.annotation.sources.mapping import read_mapping
from permed.downloads import read_lock
from permed.step import log, step
from permed.tables import write_json


@step
def build_source(
    files: list[Path],
    reference: list[Path],
    *,
    parquet: Path,
    about: Path,
    kind: str,
    contigs: list[str],
    build_name: str,
    fields: list[str] | None = None,
    locks: list[Path] | None = None,
    release: str | None = None,
) -> None:
    """Write a database's rows on ``contigs`` to ``parquet`` and what is to be known of it to ``about``.

    ``reference`` is the linked FASTA followed by its indexes, ``kind`` a shipped mapping or the path of one,
    ``release`` what the user says of the version where the file itself does not, and ``locks`` are those of the files
    that were downloaded.
    """
    mapping = read_mapping(kind, fields)
    known = build(files, mapping, contigs, build_name, reference[0], parquet, [read_lock(path) for path in locks or []])
    write_json({"name": parquet.stem, **known, "release": known["release"] or release}, about)
    log.info("%s: %d rows of %s", parquet.stem, known["rows"], mapping.title)
