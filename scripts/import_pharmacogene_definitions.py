"""Write the pharmacogene tables of ``resources/`` from the published definitions."""

from pathlib import Path

from permed.pharmacogenes.releases.importer import Newer, import_definitions
from permed.step import log, step
from permed.tables import write_table


@step
def import_pharmacogene_definitions(
    definitions: Path,
    phenotypes: Path,
    supplement: Path,
    functions: Path | None = None,
    changes: Path | None = None,
    answers: Path | None = None,
    bases: Path | None = None,
    *,
    tables: Path,
) -> None:
    """Write one TSV a table to the folder ``tables`` from the folders of ClinPGx, CPIC and PyPGx files.

    Tables of ``resources/pharmacogenes`` that are kept by hand go over these: ``functions`` is function_updates.tsv,
    ``changes`` definition_updates.tsv, ``answers`` phenotype_updates.tsv: what is newer than the folders. ``bases`` is
    indel_bases.tsv: the reference around each insertion and deletion, without which only the definitions' own spelling
    of it is known.
    """
    newer = Newer(functions, changes, answers)
    for name, frame in import_definitions(definitions, phenotypes, supplement, newer, bases).items():
        write_table(frame, tables / f"{name}.tsv")
        log.info("%s: %d rows", name, frame.height)
