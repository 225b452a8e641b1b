"""Put the phase from reads of all batches into one table."""

from pathlib import Path

import polars as pl

from permed.step import log, step
from permed.tables import read_table, write_table


@step
def gather_phase(phases: list[Path], *, phase: Path) -> None:
    """Write the tables ``phases`` one after the other."""
    table = pl.concat(map(read_table, phases))
    log.info("%d positions of %d people", table.height, table["sample"].n_unique())
    write_table(table, phase)
