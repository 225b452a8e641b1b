"""List the positions at which pharmacogenes, scores and ancestry need a genotype of everybody."""

from pathlib import Path

import polars as pl

from permed.evidence.positions import gene_positions, needed_positions, panel_positions, score_positions
from permed.genome import CONTIGS
from permed.reference import Reference
from permed.scoring_files import SCORE_SCHEMA, read_scores
from permed.scoring_files.indels import left_align
from permed.scoring_files.positions import Lift
from permed.step import log, step
from permed.tables import read_json, read_table, write_table

_PLACE = ["contig", "pos", "effect_allele", "other_allele", "not_scorable"]


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
    chain: Path | None = None,
    panel: Path | None = None,
    checks: Path | None = None,
    columns: dict | None = None,
) -> None:
    """Write the positions of the definitions of ``genes`` and of the variants of the scoring files ``scores``.

    Those of a reference ``panel`` are added where ``checks`` found gVCFs or callable regions, which tell what is
    reference there.

    ``reference`` is the linked FASTA: without it the positions of scores are
    left out, since no REF can be written for them. ``chain`` lifts scoring files of the other build,
    ``columns`` are the configuration's names of their columns.
    """
    of_genes = gene_positions(read_table(definitions), genes, build)
    fasta = Reference(reference, CONTIGS) if reference else None
    variants = pl.DataFrame(schema={name: SCORE_SCHEMA[name] for name in _PLACE})
    for path in scores or [] if fasta else []:
        rows = left_align(read_scores(path, build, Lift(chain, fasta) if chain else None, columns), fasta.bases)
        variants = pl.concat([variants, rows.select(_PLACE)]).unique()  # one file more than the union at any time
    of_scores = score_positions(variants, fasta and fasta.bases)
    told = read_json(checks) if panel and checks else {}
    if told.get("gvcf") or told.get("callable"):
        of_genes = pl.concat([of_genes, panel_positions(panel)])
    found = needed_positions(of_genes, of_scores, contigs)
    write_table(found, positions)
    log.info(
        "%d positions of pharmacogenes and ancestry, %d of scores; %d in all", len(of_genes), len(of_scores), len(found)
    )
