"""Write the names of medicines of ``resources/drugs`` from gathered lists of names."""

from pathlib import Path

from permed.drugs.medicines.importer import import_names
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def import_medicine_names(facts: Path, known: Path, added: Path, products: Path | None = None, *, tables: Path) -> None:
    """Write ``medicine_names.tsv``, ``medicine_routes.tsv`` and ``medicine_name_sources.tsv`` to the folder ``tables``.

    ``facts`` is the folder with ``medicine_names.tsv``, ``combinations.tsv`` and ``routes.tsv``, ``known`` is
    ``medicines.tsv``, ``added`` the names kept by hand, ``products`` FDA's directory of products, ``product.txt``.
    """
    made = import_names(facts, read_table(known), read_table(added), products)
    for name, frame in made.items():
        write_table(frame, tables / f"{name}.tsv")
        log.info("%s: %d rows", name, frame.height)
