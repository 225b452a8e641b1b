"""Read gene models: GFF3 as Ensembl, GENCODE and RefSeq publish it."""

from pathlib import Path

import polars as pl

from permed.annotation.genes.lines import REMEDY, read_lines
from permed.annotation.genes.table import SCHEMA, SPANS
from permed.errors import Fault

SHORTEST_INTRON = 10  # bases; one of two bridges a difference in Ensembl's ENST00000227471 of GRCh37
CANONICAL = ("Ensembl_canonical", "RefSeq_Select", "MANE_Select")
SPAN = pl.struct("first", "last")
PREFIXES = "^(transcript:)?(gene:)?(rna-)?(gene-)?"  # they say what an identifier names: transcript:ENST…, rna-NM_…


def read_genes(path: Path, contigs: list[str], build: str) -> pl.DataFrame:
    """Every transcript on the run's contigs, sorted by contig, position and identifier.

    The columns are those of :class:`~permed.annotation.genes.transcripts.Transcript`, ``start`` and ``end``; spans are
    lists of ``first`` and ``last``, 1-based and inclusive. Contigs may be spelt otherwise or be RefSeq accessions.
    ``canonical`` is what the file tags so; in a gene without such a tag it is the transcript with the longest coding
    sequence, then the longest, then the first by name. ``chosen_by`` tells which. A file without any transcript of the
    run's contigs gives an empty table.
    """
    lines = read_lines(path, contigs, build)
    if lines is None:
        return pl.DataFrame(schema=SCHEMA)
    parts, models = lines
    if parts.is_empty():
        raise Fault("the gene models have neither exons nor coding sequences", path, remedy=REMEDY)
    made = [pl.DataFrame(schema=SCHEMA)]
    for contig in contigs:
        here = pl.col("contig") == contig
        made.append(_transcripts(parts.filter(here), models.filter(here), path))
    return pl.concat(made, rechunk=True)


def _transcripts(parts: pl.DataFrame, models: pl.DataFrame, path: Path) -> pl.DataFrame:
    """The transcripts of one contig."""
    parts, models = (frame.with_columns(pl.col(pl.Categorical).cast(pl.String)) for frame in (parts, models))
    models = models.unique("ID", keep="last")
    strange = parts.filter(~pl.col("of").is_in(models["ID"].implode()))
    if len(strange):
        raise Fault(f"exons belong to {strange['of'][0] or 'nothing'}, which is not in the file", path, remedy=REMEDY)
    rows = _exons(parts)
    of_parent = (_coding(parts), _proteins(parts), _deviations(parts, models), models.rename({"ID": "of"}))
    for more in of_parent:
        rows = rows.join(more, on="of", how="left", maintain_order="left")
    unplaced = rows.filter(~pl.col("strand").is_in(["+", "-"]).fill_null(False))
    if len(unplaced):
        raise Fault(f"{unplaced['of'][0]} has no strand", path, remedy=REMEDY)
    rows = _described(_named(rows, models)).sort("start", "end", "identifier", maintain_order=True)
    return _with_canonical(rows.unique("identifier", keep="first", maintain_order=True)).select(*SCHEMA)


def _exons(parts: pl.DataFrame) -> pl.DataFrame:
    """``of exons bridged start end`` of each parent: its exons, or without any its coding parts.

    Those that overlap are made one. ``bridged`` tells of such, and of an intron that is too short to be one: so do gene
    models skip bases that a transcript has not.
    """
    spans = parts.select("of", "coding", "first", "last").unique()
    exons = spans.filter(~pl.col("coding"))
    spans = pl.concat([exons, spans.join(exons, on="of", how="anti")]).sort("of", "first", "last")
    furthest = pl.col("last").cum_max().over("of").shift(1)
    spans = spans.with_columns(gap=pl.when(pl.col("of") == pl.col("of").shift(1)).then(pl.col("first") - furthest - 1))
    piece = (pl.col("gap").is_null() | (pl.col("gap") >= 0)).cum_sum()
    merged = spans.group_by("of", piece=piece, maintain_order=True).agg(
        pl.col("first").first(), pl.col("last").max(), pl.col("gap").min()
    )
    return merged.group_by("of", maintain_order=True).agg(
        exons=SPAN,
        bridged=(pl.col("gap").min() < SHORTEST_INTRON).fill_null(False),
        start=pl.col("first").first(),
        end=pl.col("last").last(),
    )


def _coding(parts: pl.DataFrame) -> pl.DataFrame:
    """``of coding coding_length`` and the phase of the first coding part, ``forward`` or ``reverse``."""
    spans = parts.filter("coding").select("of", "first", "last", "phase").unique().sort("of", "first", "last", "phase")
    return spans.group_by("of", maintain_order=True).agg(
        coding=SPAN, forward=pl.col("phase").first(), reverse=pl.col("phase").last()
    )


def _proteins(parts: pl.DataFrame) -> pl.DataFrame:
    known = parts.filter(pl.col("protein_id").is_not_null())
    return known.group_by("of", maintain_order=True).agg(protein=pl.col("protein_id").first())


def _deviations(parts: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """``of deviation`` of the parents that RefSeq says to differ from the genome."""
    remarks = [
        frame.filter(pl.col("exception").is_not_null()).select(pl.col(name).alias("of"), pl.col("Note").fill_null(""))
        for frame, name in ((parts.filter("coding"), "of"), (models, "ID"))
    ]
    notes = pl.concat(remarks).group_by("of").agg("Note")
    return notes.select("of", deviation=pl.Series(map(_deviation, notes["Note"]), dtype=pl.String))


def _deviation(notes: pl.Series) -> str:
    """How a transcript differs from the genome by its notes: ``bases`` or, unless only that, ``alignment``."""
    pieces = [note.split("compared to this genomic")[0].split("The RefSeq")[-1] for note in notes]
    worse = ("indel", "frameshift", "%", "gap", "missing", "base")
    only = all("substitution" in piece and not any(word in piece for word in worse) for piece in pieces)
    return "bases" if only else "alignment"


def _named(rows: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``of_gene_…`` of the gene's line; a transcript without gene is one itself."""
    named = [name for name in models.columns if name != "contig"]
    rows = rows.with_columns(ID="of", gene_key=pl.col("Parent").str.split(",").list.first())
    genes = models.select(pl.col(named).name.prefix("of_gene_"), gene_key="ID")
    rows = rows.join(genes, on="gene_key", how="left", maintain_order="left")
    alone = pl.col("of_gene_ID").is_null()
    return rows.with_columns(
        pl.when(alone).then(name).otherwise(f"of_gene_{name}").alias(f"of_gene_{name}") for name in named
    )


def _described(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns of the table, by what publishers call them."""
    name = pl.coalesce("transcript_id", _bare("ID"))
    versioned = pl.when(pl.col("version").is_not_null() & ~name.str.contains(".", literal=True))
    gene = pl.coalesce("of_gene_gene_name", "of_gene_Name", "of_gene_gene", _bare("of_gene_ID"))
    select, clinical = _tagged("MANE_Select"), _tagged("MANE_Plus_Clinical")
    canonical = pl.any_horizontal(_tagged(tag) for tag in CANONICAL)
    chosen_by = pl.when(select).then(pl.lit("mane_select")).when(clinical).then(pl.lit("mane_plus_clinical"))
    own, coding = pl.coalesce("biotype", "transcript_type"), pl.col("coding").is_not_null()
    of_gene = pl.coalesce("of_gene_biotype", "of_gene_gene_biotype", "of_gene_gene_type")
    guessed = pl.when(coding).then(of_gene.fill_null("protein_coding")).when(of_gene != "protein_coding").then(of_gene)
    phase = pl.when(pl.col("strand") == "+").then("forward").otherwise("reverse")
    return rows.with_columns(
        identifier=_bare("ID"),
        name=versioned.then(pl.format("{}.{}", name, "version")).otherwise(name),
        gene=gene,
        gene_id=_bare("of_gene_ID"),
        biotype=pl.coalesce(own, guessed, "feature"),
        mane=pl.when(select).then(pl.lit("select")).when(clinical).then(pl.lit("plus_clinical")),
        canonical=canonical,
        chosen_by=pl.coalesce(chosen_by, pl.when(canonical).then(pl.lit("canonical"))),
        phase=phase.fill_null(0).cast(pl.Int64),
        deviation=pl.when("bridged").then(pl.lit("alignment")).otherwise("deviation"),
        coding=pl.col("coding").fill_null(pl.lit([], SPANS)),
    )


def _with_canonical(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the longest coding transcript marked in each gene that has no tag."""
    tagged = pl.col("chosen_by").is_not_null().any().over("gene_id")
    lengths = [_length(name).alias(f"_{name}") for name in ("coding", "exons")]
    untagged = rows.filter(~tagged).select("gene_id", "identifier", "name", *lengths)
    untagged = untagged.sort("_coding", "_exons", "name", descending=[True, True, False], maintain_order=True)
    best = pl.col("identifier").is_in(
        untagged.unique("gene_id", keep="first", maintain_order=True)["identifier"].implode()
    )
    chosen_by = pl.when(best).then(pl.lit("longest_coding_sequence")).otherwise("chosen_by")
    return rows.with_columns(canonical=pl.col("canonical") | best, chosen_by=chosen_by)


def _length(spans: str) -> pl.Expr:
    """Bases of the spans of each row."""
    return (
        pl.col(spans).list.eval(pl.element().struct.field("last") - pl.element().struct.field("first") + 1).list.sum()
    )


def _bare(column: str) -> pl.Expr:
    return pl.col(column).str.replace(PREFIXES, "")


def _tagged(tag: str) -> pl.Expr:
    """Whether a line has a tag; RefSeq writes it with a space."""
    there = pl.col("tag").str.replace_all("%20", " ", literal=True)
    return there.str.contains(rf"(?:^|,)\s*{tag.replace('_', '[ _]')}\s*(?:,|$)").fill_null(False)
