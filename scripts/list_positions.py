"""List the positions at which pharmacogenes and scores need a genotype of everybody."""

from pathlib import Path

import polars as pl

from permed.evidence.positions import gene_positions, needed_positions, score_positions
from permed.reference import Reference
from permed.scoring_files import SCORE_SCHEMA, read_scores
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def list_positions(
    definitions: Path,
    *,
    positions: Path,
    contigs: list[str],
    genes: list[str],
    build: str = "GRCh38",
    scores: list[Path] | None = None,
    reference: Path | None = None,
) -> None:
    """Write the positions of the definitions of ``genes`` and of the variants of the scoring files ``scores``.

    ``reference`` is the linked FASTA: without it the positions of scores are
    left out, since no REF can be written for them.
    """
    of_genes = gene_positions(read_table(definitions), genes, build)
    files = [read_scores(path, build) for path in scores or []] if reference else []
    variants = pl.concat([pl.DataFrame(schema=SCORE_SCHEMA), *files])
    bases = Reference(reference, variants["contig"].drop_nulls().unique().to_list()).bases if reference else None
    of_scores = score_positions(variants, bases)
    found = needed_positions(of_genes, of_scores, contigs)
    write_table(found, positions)
    log.info("%d positions of pharmacogenes, %d of scores; %d in all", len(of_genes), len(of_scores), len(found))
