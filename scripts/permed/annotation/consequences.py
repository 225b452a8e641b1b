"""Consequences of variants on transcripts, by bcftools csq: one row a variant and transcript."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pysam.bcftools

from permed.annotation.genes.table import to_gff3
from permed.annotation.genes.transcripts import Transcript
from permed.annotation.hgvs.codes import csq_code
from permed.bcftools import bcftools
from permed.errors import Fault
from permed.reference import Reference
from permed.tables import read_table

RANKS = Path(__file__).resolve().parents[3] / "resources" / "annotation" / "consequences.tsv"
FIELDS = ("consequence", "_gene", "identifier", "_biotype", "_strand", "amino_acid_change", "dna_change")
SCHEMA = {"pos": pl.Int64, "ref": pl.String, "alt": pl.String, "entry": pl.String}
# csq keeps state between calls in one process, so that a second call can fail: each runs in a fresh one.
_PROGRAM = "import sys, pysam.bcftools as b; b.csq(*sys.argv[1:], catch_stdout=False)"


def consequences(
    variants: Path, contig: str, reference: Path, transcripts: Sequence[Transcript], genes: Path
) -> pl.DataFrame:
    """Rows ``pos ref alt identifier consequence amino_acid_change dna_change rank`` of a contig, one a transcript.

    Each record is judged alone (csq's local mode), so that the answer does not depend on who else is in the cohort.
    ``consequence`` has csq's terms, several joined by ``&``; ``rank`` is that of the most severe of them, 1 the worst.
    ``genes`` is the file to name when csq refuses the models.
    """
    entries = pl.DataFrame(schema=SCHEMA)
    if transcripts:
        with tempfile.TemporaryDirectory(prefix=".annotate-", dir=variants.parent) as folder:
            entries = _run_csq(variants, contig, reference, transcripts, genes, Path(folder))
    return ranked(_with_introns(split_entries(entries), transcripts))


def split_entries(entries: pl.DataFrame) -> pl.DataFrame:
    """``pos ref alt entry`` with csq's entries as columns; one row a variant and transcript.

    csq tells of a change in the coding sequence and of one beside it in entries of their own: their terms are joined.
    """
    fields = pl.col("entry").str.split_exact("|", len(FIELDS) - 1).struct.rename_fields(FIELDS)
    split = entries.with_columns(fields).unnest("entry")
    texts = ["amino_acid_change", "dna_change"]
    split = split.with_columns(pl.col("identifier", "_gene", *texts).replace("", None))
    split = split.with_columns(pl.coalesce("identifier", "_gene").alias("identifier"))  # introns have no transcript
    key = ["pos", "ref", "alt", "identifier"]
    split = split.select(*key, "consequence", *texts)
    repeated = split.select(pl.struct(key).is_duplicated()).to_series()
    if not repeated.any():
        return split
    several = split.filter(repeated).with_columns(pl.col("consequence").str.split("&"))
    terms = pl.col("consequence").explode().unique(maintain_order=True).str.join("&")
    firsts = [pl.col(name).drop_nulls().first() for name in texts]
    joined = several.group_by(key, maintain_order=True).agg(terms, *firsts)
    return pl.concat([split.filter(~repeated), joined])


def _with_introns(rows: pl.DataFrame, transcripts: Sequence[Transcript]) -> pl.DataFrame:
    """The rows with ``intron`` for ``non_coding`` where no exon is touched: csq does not look for exons there."""
    known = {t.identifier: t for t in transcripts if not t.coding}
    terms = rows["consequence"].to_list()
    asked = rows.with_row_index().filter(pl.col("consequence") == "non_coding")
    for index, pos, ref, identifier in asked.select("index", "pos", "ref", "identifier").iter_rows():
        if not known[identifier].touches_exon(pos, pos + len(ref) - 1):
            terms[index] = "intron"
    return rows.with_columns(consequence=pl.Series(terms, dtype=pl.String))


def ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``rank``, that of the most severe term of ``consequence``; terms without a rank come last."""
    ranks = {row["consequence"]: int(row["rank"]) for row in read_table(RANKS).iter_rows(named=True)}
    terms = rows["consequence"].unique()
    worst = {term: min(ranks.get(part, len(ranks) + 1) for part in term.lstrip("*").split("&")) for term in terms}
    return rows.with_columns(rank=pl.col("consequence").replace_strict(worst, return_dtype=pl.Int64))


def _run_csq(
    variants: Path, contig: str, reference: Path, transcripts: Sequence[Transcript], genes: Path, folder: Path
) -> pl.DataFrame:
    """Rows ``pos ref alt entry``, one a consequence."""
    bare = folder / "bare.bcf"
    bcftools("view", "-G", "-e", 'ALT="."', "-Ou", "-o", bare, variants, file=variants)
    out = run_csq(bare, contig, reference, transcripts, folder, ["-l"], genes)
    text = pysam.bcftools.query("-e", 'INFO/BCSQ="."', "-f", "%POS\t%REF\t%ALT\t%INFO/BCSQ\n", str(out))
    if not text:
        return pl.DataFrame(schema=SCHEMA)
    rows = pl.read_csv(text.encode(), separator="\t", has_header=False, schema=SCHEMA, quote_char=None)
    return rows.with_columns(pl.col("entry").str.split(",")).explode("entry", empty_as_null=True)


def run_csq(
    variants: Path,
    contig: str,
    reference: Path,
    transcripts: Sequence[Transcript],
    folder: Path,
    mode: list[str],
    genes: Path | None = None,
) -> Path:
    """What csq says of the variants of a contig, as a BCF in ``folder``; ``mode`` is how it takes the genotypes.

    csq's own names are the transcripts' identifiers. ``genes`` is the file to name when it refuses the models.
    """
    out, models = folder / "consequences.bcf", folder / "genes.gff3"
    with Reference(reference, [contig]) as opened:
        own = opened.names[contig]
    if own != contig:
        names, renamed = folder / "names.txt", folder / "renamed.bcf"
        names.write_text(f"{contig} {own}\n")
        bcftools("annotate", "--rename-chrs", names, "-Ou", "-o", renamed, variants, file=variants)
        variants = renamed
    models.write_text(to_gff3(transcripts, own), encoding="utf-8")
    words = ["-f", reference, "-g", models, *mode, "-C", csq_code(contig), "--no-version", "-Ou", "-o", out, variants]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode or not out.exists():
        lines = [line for line in done.stderr.strip().splitlines() if line] or ["no message"]
        remedy = "Give gene models as Ensembl, GENCODE or RefSeq publish them, of the build of genome.reference"
        raise Fault(f"bcftools csq stopped: {lines[-1]}", genes, remedy=remedy)
    return out
