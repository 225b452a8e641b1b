"""Write the pharmacogene tables of ``resources/`` from the published definitions."""

from pathlib import Path

from permed.pharmacogenes.releases.importer import import_definitions
from permed.step import log, step
from permed.tables import write_table


@step
def import_pharmacogene_definitions(
    definitions: Path,
    phenotypes: Path,
    supplement: Path,
    updates: Path | None = None,
    bases: Path | None = None,
    *,
    tables: Path,
) -> None:
    """Write one TSV a table to the folder ``tables`` from the folders of ClinPGx, CPIC and PyPGx files.

    ``updates`` is ``resources/pharmacogenes/function_updates.tsv``: functions that are newer than those of the folders.
    ``bases`` is ``resources/pharmacogenes/indel_bases.tsv``: the reference around each insertion and deletion, without
    which only the definitions' own spelling of it is known.
    """
    for name, frame in import_definitions(definitions, phenotypes, supplement, updates, bases).items():
        write_table(frame, tables / f"{name}.tsv")
        log.info("%s: %d rows", name, frame.height)
