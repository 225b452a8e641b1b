"""Changes of residues that ClinVar calls pathogenic, on every transcript: what PS1 and PM5 compare with."""

import tempfile
from pathlib import Path

import polars as pl

from permed.annotation.acmg.clinvar import clinvar_columns, says_disease
from permed.annotation.acmg.missense import KNOWN, known_changes
from permed.annotation.acmg.sites import residue_change
from permed.annotation.consequences import consequences
from permed.null_variants import split_terms
from permed.variants import contig_keys

LONGEST = 3  # bases that one codon has


def clinvar_changes(
    database: Path, contig: str, reference: Path, models: pl.DataFrame, genes: Path, min_stars: int, folder: Path
) -> pl.DataFrame:
    """The changes of one residue (:data:`~permed.annotation.acmg.missense.KNOWN`) among ClinVar's variants of a contig.

    ``database`` is ClinVar as ``build_source`` wrote it, ``models`` the table of transcripts, ``genes`` the file to
    name when the models are refused. A variant is compared on every transcript that it changes.
    """
    # by key, since a database that an earlier run built may spell the contig otherwise
    here = pl.col("key").is_between(*(pl.lit(key, pl.UInt64) for key in contig_keys(contig)))
    listed = pl.scan_parquet(database).filter(here).collect()
    origin = pl.col("origin") if "origin" in listed.columns else pl.lit(None, pl.String)
    named = {f"clinvar_{name}": pl.col(name) for name in ("significance", "stars", "variation_id")}
    rows = listed.select("pos", "ref", "alt", "key", **named, clinvar_origin=origin)
    size = pl.col("ref").str.len_bytes()
    rows = rows.filter((size == pl.col("alt").str.len_bytes()) & (size <= LONGEST))
    rows = rows.with_columns(clinvar_columns(rows))
    rows = rows.filter(says_disease(min_stars)).sort("pos", "ref", "alt")
    models = models.filter(contig=contig)
    if rows.is_empty() or models.is_empty():
        return pl.DataFrame(schema=KNOWN)
    with tempfile.TemporaryDirectory(prefix=".known-", dir=folder) as name:
        path = Path(name) / "known.vcf"
        _write_vcf(rows, contig, path)
        found = consequences(path, contig, reference, models, genes)
    names = models.select("identifier", transcript="name")
    joined = found.join(names, on="identifier", maintain_order="left").join(
        rows, on=["pos", "ref", "alt"], maintain_order="left"
    )
    return known_changes(joined.with_columns(terms=split_terms(), **residue_change()), min_stars)


def _write_vcf(rows: pl.DataFrame, contig: str, path: Path) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"##fileformat=VCFv4.2\n##contig=<ID={contig}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for pos, ref, alt in rows.select("pos", "ref", "alt").iter_rows():
            file.write(f"{contig}\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\n")
