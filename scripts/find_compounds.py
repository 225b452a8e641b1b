"""What variants that meet in one codon or reading frame do together, in the people who carry them."""

from pathlib import Path

from permed.annotation.compounds import SCHEMA
from permed.annotation.compounds import find_compounds as find
from permed.annotation.genes.table import from_table
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def find_compounds(
    variants: Path,
    index: Path,
    rows: Path,
    models: Path,
    reference: list[Path],
    contig: str,
    samples: list[str],
    *,
    compounds: Path,
) -> None:
    """Write the joint consequences of a contig; ``samples`` are the people who agreed to findings.

    ``index`` is that of ``variants``, beside it."""
    known = from_table(read_table(models).filter(contig=contig))
    table = find(variants, read_table(rows), known, reference[0], samples)
    write_table(table.select(list(SCHEMA)), compounds)
    log.info("%s: %d people with variants that meet", contig, table["sample"].n_unique())
