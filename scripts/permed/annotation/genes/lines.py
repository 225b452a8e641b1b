"""The lines of gene models in GFF3, read in pieces: of a whole genome's only what makes transcripts is kept."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genome import accessions, canonical, reconcile

COLUMNS = ("seqid", "origin", "feature", "start", "end", "score", "strand", "phase", "attributes")
NAMES = ("ID", "Parent", "Name", "gene", "gene_name", "biotype", "transcript_type", "gene_biotype", "gene_type")
MODEL = (*NAMES, "tag", "transcript_id", "version", "exception", "Note")
PART = ("Parent", "protein_id", "exception", "Note")
PARTS = ("exon", "CDS")
LEAVES = ("five_prime_UTR", "three_prime_UTR", "start_codon", "stop_codon")  # have an ID in GENCODE, and no children
REMEDY = "Give GFF3 as Ensembl, GENCODE or RefSeq publish it, of the build of genome.reference"
PIECE = 1 << 24  # bytes of lines that are held as text at a time


def read_lines(path: Path, contigs: list[str], build: str) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Exons and coding parts, and what may be their parents, on the run's contigs; None where no line is on them.

    Contigs may be spelt otherwise or be RefSeq accessions; ``contig`` is the run's own name. Attributes are columns,
    null where a line has not one.
    """
    by_accession = {accession: contig for contig, accession in accessions(build).items()}
    wanted = {*contigs, *map(canonical, contigs)}
    seen: dict[str, str] = {}  # spelling in the file: without accessions
    parts, models = [], []
    for piece in _pieces(path):
        for name in piece["seqid"].unique(maintain_order=True).drop_nulls():
            seen.setdefault(name, by_accession.get(name, name))
        rows = piece.filter(
            pl.col("seqid").is_in([n for n, known in seen.items() if {known, canonical(known)} & wanted])
        )
        rows = _with_positions(rows, path)
        is_part = pl.col("feature").is_in(PARTS)
        parts.append(_parted(_with_attributes(rows.filter(is_part), PART)))
        is_model = ~is_part & pl.col("attributes").str.contains("ID=", literal=True) & ~pl.col("feature").is_in(LEAVES)
        models.append(_with_attributes(rows.filter(is_model), MODEL).drop("start", "end", "phase"))
    spelt = {known: name for name, known in seen.items()}
    back = {spelt[theirs]: ours for ours, theirs in reconcile(contigs, seen.values()).items()}
    if not back:
        return None
    contig = pl.col("seqid").cast(pl.String).replace_strict(back, return_dtype=pl.Categorical).alias("contig")
    kept = pl.col("seqid").cast(pl.String).is_in(list(back))
    return tuple(pl.concat(frames).filter(kept).with_columns(contig).drop("seqid") for frames in (parts, models))


def _pieces(path: Path) -> Iterator[pl.DataFrame]:
    """The lines as texts, some at a time."""
    schema = dict.fromkeys(COLUMNS, pl.String)
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            while piece := file.read(PIECE):
                try:
                    yield pl.read_csv(
                        piece + file.readline(), separator="\t", has_header=False, schema=schema, quote_char=None,
                        truncate_ragged_lines=True, comment_prefix="#", extra_columns="ignore",
                    )  # fmt: skip
                except pl.exceptions.NoDataError:
                    continue
    except (pl.exceptions.PolarsError, OSError, EOFError, zlib.error) as error:
        raise Fault(f"the gene models cannot be read: {str(error).splitlines()[0]}", path, remedy=REMEDY) from None


def _with_positions(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    rows = rows.with_columns(pl.col("start", "end").cast(pl.Int64, strict=False))
    broken = rows.filter(pl.col("start").is_null() | pl.col("end").is_null() | (pl.col("start") > pl.col("end")))
    if len(broken):
        row = broken.row(0, named=True)
        text = f"{row['feature']} ({row['attributes']}) on {row['seqid']} has no start and end in order"
        raise Fault(f"the gene models cannot be read: {text}", path, remedy=REMEDY)
    return rows.drop("origin", "score")


def _with_attributes(lines: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The lines with these attributes as columns, null where a line has not one or nothing in it."""
    fields = [pl.col("attributes").str.extract(rf"(?:^|;)\s*{name}=([^;]+)", 1).alias(name) for name in names]
    narrow = pl.col("seqid", "strand").cast(pl.Categorical)
    return lines.with_columns(narrow, *fields).drop("attributes")


def _parted(parts: pl.DataFrame) -> pl.DataFrame:
    """A row for each part and parent ``of`` it, with ``first`` and ``last`` position; names are held once."""
    parts = parts.with_columns(of=pl.col("Parent").fill_null(""))
    if parts["of"].str.contains(",", literal=True).any():
        parts = parts.with_columns(pl.col("of").str.split(",")).explode("of", empty_as_null=True)
    phase = pl.when(pl.col("phase").is_in(["1", "2"])).then("phase").otherwise(pl.lit("0"))
    return parts.select(
        "seqid",
        *(pl.col(name).cast(pl.Categorical) for name in ("of", "protein_id")),
        *(pl.col(name).cast(pl.Int64).alias(to) for name, to in (("start", "first"), ("end", "last"))),
        "exception",
        "Note",
        coding=pl.col("feature") == "CDS",
        phase=phase.cast(pl.Int8),
    )
