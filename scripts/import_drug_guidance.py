"""Write the guidance tables of ``resources/drugs`` from coded facts of published guidance."""

from pathlib import Path

from permed.drugs.importer import import_guidance
from permed.step import log, step
from permed.tables import write_table


@step
def import_drug_guidance(facts: Path, phenotypes: Path, *, tables: Path) -> None:
    """Write ``guidance.tsv`` and ``groups.tsv`` to the folder ``tables``.

    ``facts`` is the folder with ``guidance.tsv``, ``conflicts.tsv`` and ``names.tsv``, ``phenotypes`` the phenotype
    table of ``resources/pharmacogenes``.
    """
    for name, frame in import_guidance(facts, phenotypes).items():
        write_table(frame, tables / f"{name}.tsv")
        log.info("%s: %d rows", name, frame.height)
