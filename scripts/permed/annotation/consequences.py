"""Consequences of variants on transcripts, by bcftools csq; the most severe one a variant."""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import pysam
import pysam.bcftools

from permed.errors import Fault
from permed.genome import reconcile
from permed.reference import Reference
from permed.tables import read_table

RANKS = Path(__file__).resolve().parents[3] / "resources" / "annotation" / "consequences.tsv"
FIELDS = ("consequence", "gene", "transcript", "biotype", "strand", "amino_acid_change", "dna_change")
NONE = "intergenic"
# csq keeps state between calls in one process, so that a second call can fail: each runs in a fresh one.
_PROGRAM = "import sys, pysam.bcftools as b; b.csq(*sys.argv[1:], catch_stdout=False)"


def annotate_variants(variants: Path, sites: pl.DataFrame, contig: str, reference: Path, genes: Path) -> pl.DataFrame:
    """The site table's ``contig pos ref alt key`` with the most severe consequence of each variant.

    Each record is judged alone (csq's local mode), so that the answer does not depend on who else is in the cohort.
    ``gene`` and ``transcript`` are those of the most severe consequence; ``consequence`` has csq's terms, several
    joined by ``&``, and is ``intergenic`` where no transcript is touched. ``hgvs_c`` and ``hgvs_p`` are empty in this
    version. Monomorphic records are left out.
    """
    alternates = sites.filter(pl.col("alt") != ".").select("contig", "pos", "ref", "alt", "key")
    found = pl.DataFrame(schema={"pos": pl.Int64, "ref": pl.String, "alt": pl.String, "entry": pl.String})
    own = reconcile([contig], gff_contigs(genes)).get(contig)
    if own is not None and len(alternates):
        with tempfile.TemporaryDirectory(prefix=".annotate-", dir=variants.parent) as folder:
            found = _run_csq(variants, contig, own, reference, genes, Path(folder))
    best = most_severe(found)
    none = pl.col("consequence").fill_null(NONE)
    joined = alternates.join(best, on=["pos", "ref", "alt"], how="left", maintain_order="left").with_columns(none)
    hgvs = {name: pl.lit(None, pl.String) for name in ("hgvs_c", "hgvs_p")}
    leading = ("contig", "pos", "ref", "alt", "key", "gene", "transcript", "consequence", "hgvs_c", "hgvs_p")
    return joined.with_columns(**hgvs).select(*leading, "biotype", "strand", "amino_acid_change", "dna_change")


def most_severe(entries: pl.DataFrame) -> pl.DataFrame:
    """One row a variant (``pos ref alt``) from rows with a csq ``entry``: the most severe, then by gene, transcript."""
    ranks = {row["consequence"]: int(row["rank"]) for row in read_table(RANKS).iter_rows(named=True)}
    split = entries.with_columns(pl.col("entry").str.split_exact("|", len(FIELDS) - 1).struct.rename_fields(FIELDS))
    split = split.unnest("entry").with_columns(pl.col(name).replace("", None) for name in FIELDS)
    worst = pl.col("consequence").str.strip_chars_start("*").str.split("&")
    rank = worst.list.eval(pl.element().replace_strict(ranks, default=len(ranks) + 1, return_dtype=pl.Int64)).list.min()
    order = ["pos", "ref", "alt", "rank", "gene", "transcript"]
    return split.with_columns(rank=rank).sort(order, nulls_last=True).unique(order[:3], keep="first").drop("rank")


def gff_contigs(genes: Path) -> list[str]:
    """Contigs of a GFF3 file in order of appearance."""
    packed = str(genes).endswith(("gz", "bgz"))
    with gzip.open(genes, "rt") if packed else open(genes, encoding="utf-8") as rows:
        return list(dict.fromkeys(row.split("\t", 1)[0] for row in rows if row.strip() and not row.startswith("#")))


def _run_csq(variants: Path, contig: str, own: str, reference: Path, genes: Path, folder: Path) -> pl.DataFrame:
    """Rows ``pos ref alt entry``, one a consequence. ``own`` is the contig's name in the gene models."""
    sites, out = folder / "sites.bcf", folder / "consequences.bcf"
    names = folder / "names.txt"
    names.write_text(f"{contig} {own}\n")
    bare = folder / "bare.bcf"
    pysam.bcftools.view(
        "-G", "-e", 'ALT="."', "--no-version", "-Ou", "-o", str(bare), str(variants), catch_stdout=False
    )
    words = ["--rename-chrs", str(names), "--no-version", "-Ou", "-o", str(sites), str(bare)]
    pysam.bcftools.annotate(*words, catch_stdout=False)
    fasta = _fasta_named(reference, contig, own, folder)
    words = ["-f", fasta, "-g", genes, "-l", "--no-version", "-Ob", "-o", out, sites]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode or not out.exists():
        lines = [line for line in done.stderr.strip().splitlines() if line] or ["no message"]
        remedy = "Give gene models as Ensembl publishes them, of the build of genome.reference"
        raise Fault(f"bcftools csq stopped: {lines[-1]}", genes, remedy=remedy)
    text = pysam.bcftools.query("-f", "%POS\t%REF\t%ALT\t%INFO/BCSQ\n", str(out))
    rows = [line.split("\t") for line in text.splitlines()]
    cells = [(int(p), r, a, entry) for p, r, a, entries in rows if entries != "." for entry in entries.split(",")]
    return pl.DataFrame(
        cells, schema={"pos": pl.Int64, "ref": pl.String, "alt": pl.String, "entry": pl.String}, orient="row"
    )


def _fasta_named(reference: Path, contig: str, own: str, folder: Path) -> Path:
    """The reference if it names the contig as the gene models do, else a FASTA of that contig under their name."""
    with Reference(reference, [contig]) as opened:
        if opened.names[contig] == own:
            return reference
        copy = folder / "contig.fa"
        copy.write_text(f">{own}\n{opened.bases(contig, 1, opened.lengths[contig])}\n")
    pysam.faidx(str(copy))
    return copy
