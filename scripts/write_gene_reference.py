"""Write the reference of the pharmacogenes from their tables."""

from pathlib import Path

from permed.pharmacogenes.releases.listing import gene_reference
from permed.step import step
from permed.tables import write_text


@step
def write_gene_reference(tables: Path = Path("resources/pharmacogenes"), *, reference: Path) -> None:
    """Write docs/genes.md: which genes are called and by which release, and which are not and why."""
    write_text(gene_reference(tables), reference)
