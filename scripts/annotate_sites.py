"""The most severe consequence of each variant on a gene."""

from pathlib import Path

from permed.annotation.consequences import annotate_variants
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def annotate_sites(
    variants: Path, sites: Path, reference: list[Path], genes: Path, contig: str, *, annotation: Path
) -> None:
    """Write the annotation of a contig; ``reference`` is the linked FASTA followed by its indexes."""
    table = annotate_variants(variants, read_table(sites), contig, reference[0], genes)
    write_table(table, annotation)
    log.info("%s: %d variants annotated", contig, len(table))
