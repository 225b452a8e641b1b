"""Gene models of any kind as a table of transcripts."""

from pathlib import Path

from permed.annotation.genes.reading import read_genes
from permed.annotation.genes.table import to_table
from permed.step import log, step
from permed.tables import write_table


@step
def prepare_genes(genes: Path, contigs: list[str], build_name: str, *, transcripts: Path) -> None:
    """Write every transcript of the run's contigs with its exons, coding parts and what the gene models say of it."""
    found = read_genes(genes, contigs, build_name)
    write_table(to_table(found), transcripts)
    tagged = sum(1 for t in found if t.mane == "select")
    log.info("%d transcripts, %d of them MANE Select", len(found), tagged)
