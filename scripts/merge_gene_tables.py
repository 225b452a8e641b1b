"""Put a user's own genes behind ours."""

from pathlib import Path

from permed.pharmacogenes.own_genes import merged
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def merge_gene_tables(ours: list[Path], folder: Path, *, tables: list[Path]) -> None:
    """Write each of our tables of genes with the rows of the user's ``folder`` behind them, in the same order.

    Raises the faults of the folder together, each with its file and line.
    """
    known = {path.stem: path for path in ours}
    found = merged(known, folder)
    for path in tables:
        write_table(found[path.stem], path)
    own = found["genes"]["gene"].to_list()[read_table(known["genes"]).height :]
    log.info("own genes: %s", ", ".join(own))
