"""The changes of residues that ClinVar calls pathogenic on a contig."""

from pathlib import Path

from permed.annotation.acmg.known import clinvar_changes
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def list_known_changes(
    database: Path,
    models: Path,
    reference: list[Path],
    genes: Path,
    contig: str,
    *,
    known: Path,
    min_stars: int | None = None,
) -> None:
    """Write the changes that PS1 and PM5 compare with; ``reference`` is the linked FASTA followed by its indexes.

    ``database`` is ClinVar as ``build_source`` wrote it and ``models`` what ``prepare_genes`` made of ``genes``.
    """
    stars = 2 if min_stars is None else min_stars
    table = clinvar_changes(database, contig, reference[0], read_table(models), genes, stars, known.parent)
    write_table(table, known)
    log.info("%s: %d known changes", contig, len(table))
