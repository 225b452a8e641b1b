"""Consequences of variants on transcripts, by bcftools csq: one row a variant and transcript."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

import polars as pl

from permed.annotation.genes.table import spans, to_gff3
from permed.annotation.hgvs.codes import csq_code
from permed.bcftools import bcftools
from permed.errors import Fault
from permed.reference import Reference
from permed.tables import read_table

RANKS = Path(__file__).resolve().parents[3] / "resources" / "annotation" / "consequences.tsv"
FIELDS = ("consequence", "_gene", "identifier", "_biotype", "_strand", "amino_acid_change", "dna_change")
ALONE = ("-l", "-s", "-")  # each record by itself, genotypes not read
PIECE = 1 << 22  # bytes of csq's answers that are read at a time, some 70,000 rows
NEAR = 100  # bases beside a transcript within which records are judged; csq itself looks no further than two
SCHEMA = {"pos": pl.Int64, "ref": pl.String, "alt": pl.String, "entry": pl.String}
# csq keeps state between calls in one process, so that a second call can fail: each runs in a fresh one.
_PROGRAM = "import sys, pysam.bcftools as b; b.csq(*sys.argv[1:], catch_stdout=False)"


def consequences(variants: Path, contig: str, reference: Path, models: pl.DataFrame, genes: Path) -> pl.DataFrame:
    """The rows of :func:`judge`, in one table."""
    made = list(judge(variants, contig, reference, models, genes))
    return pl.concat(made) if made else _with_introns(split_entries(pl.DataFrame(schema=SCHEMA)), models)


def judge(variants: Path, contig: str, reference: Path, models: pl.DataFrame, genes: Path) -> Iterator[pl.DataFrame]:
    """Rows ``pos ref alt identifier consequence amino_acid_change dna_change`` of a contig, one a transcript.

    They come in parts, by position, each with all rows of its positions. Each record is judged alone (csq's local
    mode), so that the answer does not depend on who else is in the cohort. ``consequence`` has csq's terms, several
    joined by ``&``. ``models`` are the transcripts of the contig, ``genes`` is the file to name when csq refuses them.
    """
    if models.is_empty():
        return
    with tempfile.TemporaryDirectory(prefix=".annotate-", dir=variants.parent) as folder:
        out, text = run_csq(variants, contig, reference, models, Path(folder), ALONE, genes), Path(folder) / "rows.tsv"
        form = "%POS\t%REF\t%ALT\t%INFO/BCSQ\n"
        bcftools("query", "-e", 'INFO/BCSQ="."', "-f", form, "-o", text, out, file=variants)
        out.unlink()
        with open(text, "rb") as lines:
            for piece in _pieces(lines):
                rows = pl.read_csv(piece, separator="\t", has_header=False, schema=SCHEMA, quote_char=None)
                entries = rows.with_columns(pl.col("entry").str.split(",")).explode("entry", empty_as_null=True)
                yield _with_introns(split_entries(entries), models)


def _pieces(lines: BinaryIO) -> Iterator[bytes]:
    """Some lines at a time, those of a position together."""
    held = lines.read(PIECE) + lines.readline()
    while more := lines.read(PIECE) + lines.readline():
        last = held[held.rfind(b"\n", 0, -1) + 1 :].split(b"\t", 1)[0] + b"\t"
        cut = 0 if held.startswith(last) else held.index(b"\n" + last) + 1
        if cut:
            yield held[:cut]
        held = held[cut:] + more
    if held:
        yield held


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


def _with_introns(rows: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``intron`` for ``non_coding`` where no exon is touched: csq does not look for exons there."""
    rows = rows.with_row_index()
    last = pl.col("pos") + pl.col("ref").str.len_bytes() - 1
    asked = rows.filter(consequence="non_coding").select("index", "identifier", "pos", last=last).sort("last")
    exons = spans(models.filter(pl.col("identifier").is_in(asked["identifier"].implode())), "exons")
    exons = exons.select("identifier", "first", exon_end="last").sort("first")
    near = asked.join_asof(
        exons, left_on="last", right_on="first", by="identifier", strategy="backward", check_sortedness=False
    )
    outside = near.filter(pl.col("exon_end").is_null() | (pl.col("exon_end") < pl.col("pos")))["index"]
    term = pl.when(pl.col("index").is_in(outside.implode())).then(pl.lit("intron")).otherwise("consequence")
    return rows.with_columns(consequence=term).drop("index")


@cache
def _ranks() -> dict[str, int]:
    return {row["consequence"]: int(row["rank"]) for row in read_table(RANKS).iter_rows(named=True)}


def ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``rank``, that of the worst term of ``consequence``, 1 the worst; terms without one come last."""
    ranks = _ranks()
    terms = rows["consequence"].unique()
    worst = [min(ranks.get(part, len(ranks) + 1) for part in term.lstrip("*").split("&")) for term in terms]
    known = pl.DataFrame({"consequence": terms, "rank": worst}, schema={"consequence": pl.String, "rank": pl.Int64})
    return rows.join(known, on="consequence", how="left", maintain_order="left")


def run_csq(
    variants: Path,
    contig: str,
    reference: Path,
    models: pl.DataFrame,
    folder: Path,
    mode: tuple[str, ...],
    genes: Path | None = None,
) -> Path:
    """What csq says of the variants of a contig, as a BCF in ``folder``; ``mode`` is how it takes the genotypes.

    Records far from all transcripts are left out. csq's own names are the transcripts' identifiers. ``genes`` is the
    file to name when it refuses the models.
    """
    out, gff3, places = (folder / name for name in ("consequences.bcf", "genes.gff3", "places.bed"))
    with Reference(reference, [contig]) as opened:
        own = opened.names[contig]
    if own != contig:
        names, bare, renamed = (folder / name for name in ("names.txt", "bare.bcf", "renamed.bcf"))
        names.write_text(f"{contig} {own}\n")
        bcftools("view", *(["-G"] if mode == ALONE else []), "-Ou", "-o", bare, variants, file=variants)
        bcftools("annotate", "--rename-chrs", names, "-Ou", "-o", renamed, bare, file=variants)
        variants = renamed
    gff3.write_text(to_gff3(models, own), encoding="utf-8")
    near = models.select(pl.lit(own), pl.max_horizontal(pl.col("start") - 1 - NEAR, 0), pl.col("end") + NEAR)
    near.write_csv(places, separator="\t", include_header=False)
    words = ["-f", reference, "-g", gff3, *mode, "-T", places, "--targets-overlap", "1", "-C", csq_code(contig)]
    words += ["--no-version", "-Ou", "-o", out, variants]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode or not out.exists():
        lines = [line for line in done.stderr.strip().splitlines() if line] or ["no message"]
        remedy = "Give gene models as Ensembl, GENCODE or RefSeq publish them, of the build of genome.reference"
        raise Fault(f"bcftools csq stopped: {lines[-1]}", genes, remedy=remedy)
    return out
