"""Gene models of any kind as a table of transcripts."""

from pathlib import Path

from permed.annotation.genes.reading import read_genes
from permed.step import log, step
from permed.tables import write_table


@step
def prepare_genes(genes: Path, contigs: list[str], build_name: str, *, transcripts: Path) -> None:
    """Write every transcript of the run's contigs with its exons, coding parts and what the gene models say of it."""
    found = read_genes(genes, contigs, build_name)
    write_table(found, transcripts)
    log.info("%d transcripts, %d of them MANE Select", len(found), len(found.filter(mane="select")))
