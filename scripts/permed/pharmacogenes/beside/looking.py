"""Looking for what people carry beside the alleles, where gene models tell what variants do."""

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from permed.pharmacogenes.beside.carriers import read_carriers
from permed.pharmacogenes.beside.telling import Beside
from permed.pharmacogenes.beside.variants import null_variants
from permed.pharmacogenes.definitions import Gene
from permed.step import log

NOT_LOOKED = (
    "Null variants beside the alleles were not looked for: that needs gene models (annotation.genes) and their FASTA "
    "(genome.reference)"
)
NO_MODEL = "Null variants beside the alleles of {genes} were not looked for: the gene models do not have them"


@dataclass(frozen=True)
class Consequences:
    """What the run's variants do: ``rows`` are the tables of variants on transcripts by contig, ``models`` has the
    transcripts of the genes that are asked for; None where the run has no gene models."""

    rows: dict[str, Path]
    models: pl.DataFrame | None

    @classmethod
    def open(cls, rows: list[Path], models: Path | None, contigs: list[str], genes: list[Gene]) -> "Consequences":
        """Those of ``genes`` in which a loss counts; ``rows`` has a table a contig. What is not there is logged."""
        asked = [gene for gene in genes if gene.loss_lowers_function]
        if models is None:
            if asked:
                log.info(NOT_LOOKED)
            return cls({}, None)
        columns = ["contig", "gene", "name", "chosen_by"]
        own = pl.scan_parquet(models).select(columns).filter(pl.col("gene").is_in([gene.name for gene in asked]))
        found = cls(dict(zip(contigs, rows, strict=True)), own.collect())
        without = sorted({gene.name for gene in asked} - set(found.models["gene"]))
        if without:
            log.info(NO_MODEL.format(genes=", ".join(without)))
        return found

    def look(self, blank: Beside, contig: str | None, files: list[Path], copies: dict[str, int] | None) -> Beside:
        """``blank`` with what its people carry beside its gene's alleles in ``files``, if a loss counts in the gene.

        ``contig`` is the run's name of the gene's contig, None where it has none; ``copies`` tells by sample how many
        copies of it are expected, where that depends on the sex.
        """
        gene = blank.gene
        if self.models is None or contig is None or not gene.loss_lowers_function:
            return blank
        variants = null_variants(self.rows[contig], self.models, gene, contig, blank.build)
        return replace(blank, observed=read_carriers(files, gene, variants, blank.samples, copies))
