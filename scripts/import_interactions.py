"""Add newer lists of inhibitors, inducers and substrates to ``interactions.tsv``."""

from pathlib import Path

from permed.drugs.medicines import MedicineNames
from permed.drugs.medicines.interactions import with_newer
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def import_interactions(known: Path, newer: Path, version: str, *, table: Path) -> None:
    """Write ``table``: the rows of ``known`` and those of ``newer`` that it lacks or whose strength differs.

    ``newer`` has the columns ``drug enzyme role strength note source licence``; names of medicines are looked up in the
    tables beside ``known``.
    """
    held = read_table(known)
    joined = with_newer(held, read_table(newer), MedicineNames.load(known.parent), version)
    write_table(joined, table)
    log.info("%d rows, %d of them new", joined.height, joined.height - held.height)
