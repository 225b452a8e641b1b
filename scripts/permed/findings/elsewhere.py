"""Pathogenic variants that were classified for one gene and change another, which lies at the same place, too."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from permed.findings.genotypes import PLACE
from permed.findings.rules import PATHOGENIC

# What changes a protein or its splicing, of the terms of the annotation.
CHANGING = ("splice_acceptor", "splice_donor", "stop_gained", "frameshift", "stop_lost", "start_lost", "missense")
CHANGING += ("feature_elongation", "inframe_insertion", "inframe_deletion", "inframe_altering", "splice_region")
SCHEMA = {**dict.fromkeys(PLACE, pl.String), "pos": pl.Int64, "gene": pl.String}


def classified_elsewhere(classified: pl.DataFrame, tables: Iterable[Path], genes: list[str]) -> pl.DataFrame:
    """``contig pos ref alt gene``: pathogenic variants and the ones of some ``genes`` that they change, but for which
    they were not classified.

    ``tables`` have the variants on the transcripts of each contig (``contig pos ref alt gene consequence mane
    canonical``), of which the MANE and canonical ones count.
    """
    own = classified.filter(pl.col("classification").is_in(PATHOGENIC)).select(*PLACE, _own="gene")
    parts = [pl.DataFrame(schema=SCHEMA)]
    for table in tables:
        rows = pl.scan_parquet(table).filter(pl.col("gene").is_in(genes))
        marked = pl.col("mane").is_not_null() | pl.col("canonical").fill_null(False)
        terms = pl.col("consequence").str.strip_chars_start("*").str.split("&")
        rows = rows.filter(marked & terms.list.eval(pl.element().is_in(CHANGING)).list.any())
        others = rows.select(*SCHEMA).join(own.lazy(), on=PLACE).filter(pl.col("gene").ne_missing(pl.col("_own")))
        parts.append(others.select(*SCHEMA).unique().collect())
    return pl.concat(parts).sort(*PLACE, "gene")
