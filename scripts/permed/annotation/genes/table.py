"""Gene models as a table, and from it the GFF3 that bcftools csq reads."""

from dataclasses import fields

import polars as pl

from permed.annotation.genes.transcripts import Transcript

SPANS = pl.List(pl.Struct({"first": pl.Int64, "last": pl.Int64}))
SCHEMA = {
    "contig": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "strand": pl.String,
    "gene": pl.String,
    "gene_id": pl.String,
    "name": pl.String,
    "identifier": pl.String,
    "biotype": pl.String,
    "mane": pl.String,
    "canonical": pl.Boolean,
    "chosen_by": pl.String,
    "protein": pl.String,
    "phase": pl.Int64,
    "deviation": pl.String,
    "exons": SPANS,
    "coding": SPANS,
}
# csq treats what has coding parts by these kinds of transcript; any other is coding like the first of them.
CODING = ("protein_coding", "nonsense_mediated_decay", "non_stop_decay", "polymorphic_pseudogene")
NONCODING = "lncRNA"


def from_table(models: pl.DataFrame) -> list[Transcript]:
    """The transcripts of a table such as :func:`~permed.annotation.genes.reading.read_genes` makes."""
    names = [field.name for field in fields(Transcript)]
    made = []
    for row in models.iter_rows(named=True):
        values = {name: row[name] for name in names}
        for name in ("exons", "coding"):
            values[name] = tuple((span["first"], span["last"]) for span in row[name])
        made.append(Transcript(**values))
    return made


def spans(models: pl.DataFrame, kind: str) -> pl.DataFrame:
    """One row a span of ``exons`` or ``coding``, with the transcript's other columns; ``first`` and ``last``."""
    other = "coding" if kind == "exons" else "exons"
    return models.drop(other).explode(kind, empty_as_null=False).unnest(kind)


def to_gff3(models: pl.DataFrame, contig: str) -> str:
    """GFF3 as bcftools csq wants it, of a table of transcripts of one contig, which is named ``contig`` in it.

    A transcript is named by its identifier and is a gene of its own, since csq says nothing about a gene but its name.
    """
    parts = pl.col("coding")
    given = pl.when(pl.col("biotype").is_in(CODING)).then("biotype").otherwise(pl.lit(CODING[0]))
    table = models.with_columns(
        kind=pl.when(parts.list.len() > 0).then(given).otherwise(pl.lit(NONCODING)),
        low=parts.list.first().struct.field("first"),
        high=parts.list.last().struct.field("last"),
    )
    exons, coding = spans(table, "exons"), _phased(spans(table, "coding"))
    of = pl.format("Parent=transcript:{}", "identifier")
    gene = pl.format("ID=gene:{};Name={};biotype={}", "identifier", "identifier", "kind")
    own = pl.format("ID=transcript:{};Parent=gene:{};biotype={}", "identifier", "identifier", "kind")
    messenger = pl.when(pl.col("low").is_null()).then(pl.lit("lnc_RNA")).otherwise(pl.lit("mRNA"))
    forward, none = pl.col("strand") == "+", pl.lit(".")
    left = pl.when(forward).then(pl.lit("five_prime_UTR")).otherwise(pl.lit("three_prime_UTR"))
    right = pl.when(forward).then(pl.lit("three_prime_UTR")).otherwise(pl.lit("five_prime_UTR"))
    before, after = pl.min_horizontal("last", pl.col("low") - 1), pl.max_horizontal("first", pl.col("high") + 1)
    lines = [
        _lines(table, contig, pl.lit("gene"), "start", "end", none, gene),
        _lines(table, contig, messenger, "start", "end", none, own),
        _lines(exons, contig, pl.lit("exon"), "first", "last", none, of),
        _lines(coding, contig, pl.lit("CDS"), "first", "last", "phase", of),
        _lines(exons.filter(pl.col("first") < pl.col("low")), contig, left, "first", before, none, of),
        _lines(exons.filter(pl.col("last") > pl.col("high")), contig, right, after, "last", none, of),
    ]
    return "##gff-version 3\n" + pl.concat(lines).str.join("\n").item() + "\n"


def _lines(rows: pl.DataFrame, contig: str, feature: pl.Expr, first, last, phase, attributes: pl.Expr) -> pl.Series:
    cells = (pl.lit(contig), pl.lit("permed"), feature, first, last, pl.lit("."), "strand", phase, attributes)
    return rows.select(line=pl.concat_str(*cells, separator="\t")).to_series()


def _phased(coding: pl.DataFrame) -> pl.DataFrame:
    """The coding parts, in rising order in each transcript, with the ``phase`` that follows from the first one's."""
    size = pl.col("last") - pl.col("first") + 1
    up_to = size.cum_sum().over("identifier")
    before = pl.when(pl.col("strand") == "+").then(up_to - size).otherwise(size.sum().over("identifier") - up_to)
    return coding.with_columns(phase=(pl.col("phase") + 2 * before) % 3)
