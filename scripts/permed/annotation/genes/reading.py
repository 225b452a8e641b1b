"""Read gene models: GFF3 as Ensembl, GENCODE and RefSeq publish it."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl

from permed.annotation.genes.transcripts import Transcript
from permed.errors import Fault
from permed.genome import accessions, reconcile

COLUMNS = ("seqid", "origin", "feature", "start", "end", "score", "strand", "phase", "attributes")
NAMES = ("ID", "Parent", "Name", "gene", "gene_name", "biotype", "transcript_type", "gene_biotype", "gene_type")
MODEL = (*NAMES, "tag", "transcript_id", "version", "exception", "Note")
PART = ("Parent", "protein_id", "exception", "Note")
PARTS = ("exon", "CDS")
SHORTEST_INTRON = 10  # bases; one of two bridges a difference in Ensembl's ENST00000227471 of GRCh37
REMEDY = "Give GFF3 as Ensembl, GENCODE or RefSeq publish it, of the build of genome.reference"
MANE = {"MANE_Select": "select", "MANE_Plus_Clinical": "plus_clinical"}
CANONICAL = {"Ensembl_canonical", "RefSeq_Select", "MANE_Select"}


def read_genes(path: Path, contigs: list[str], build: str) -> list[Transcript]:
    """Every transcript on the run's contigs, sorted by contig, position and identifier.

    Contigs may be spelt otherwise or be RefSeq accessions. ``canonical`` is what the file tags so; in a gene without
    such a tag it is the transcript with the longest coding sequence, then the longest, then the first by name.
    ``chosen_by`` tells which. A file without any transcript of the run's contigs gives an empty list.
    """
    lines = _lines(path, contigs, build)
    if lines.is_empty():
        return []
    is_part = pl.col("feature").is_in(PARTS)
    parts = _with_attributes(lines.filter(is_part), PART)
    if parts.is_empty():
        raise Fault("the gene models have neither exons nor coding sequences", path, remedy=REMEDY)
    models = _with_attributes(lines.filter(~is_part, pl.col("attributes").str.contains("ID=", literal=True)), MODEL)
    named = {row["ID"]: row for row in models.iter_rows(named=True)}
    groups: dict[str, list[tuple]] = {}
    shown = ("Parent", "feature", "start", "end", "phase", "protein_id", "exception", "Note")
    for parents, *part in parts.select(shown).iter_rows():
        for parent in (parents or "").split(","):
            groups.setdefault(parent, []).append(tuple(part))
    for parent in groups:
        if parent not in named:
            raise Fault(f"exons belong to {parent or 'nothing'}, which is not in the file", path, remedy=REMEDY)
    found = [_transcript(parent, named, group, path) for parent, group in groups.items()]
    order = {name: n for n, name in enumerate(contigs)}
    found.sort(key=lambda t: (order[t.contig], t.start, t.end, t.identifier))
    return _with_canonical(_unique(found))


def _lines(path: Path, contigs: list[str], build: str) -> pl.DataFrame:
    """Lines of the run's contigs, by its own names in ``contig``."""
    schema = dict.fromkeys(COLUMNS, pl.String)
    try:
        lines = pl.read_csv(
            path, separator="\t", has_header=False, schema=schema, quote_char=None, truncate_ragged_lines=True,
            comment_prefix="#", extra_columns="ignore",
        )  # fmt: skip
    except pl.exceptions.NoDataError:
        return pl.DataFrame()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Fault(f"the gene models cannot be read: {str(error).splitlines()[0]}", path, remedy=REMEDY) from None
    own = lines["seqid"].unique(maintain_order=True).drop_nulls().to_list()
    by_accession = {accession: contig for contig, accession in accessions(build).items()}
    names = reconcile(contigs, [by_accession.get(name, name) for name in own])
    spelt = {by_accession.get(name, name): name for name in own}
    known = {contig: spelt[name] for contig, name in names.items()}
    back = {theirs: ours for ours, theirs in known.items()}
    numbers = [pl.col(name).cast(pl.Int64, strict=False).alias(name) for name in ("start", "end")]
    contig = pl.col("seqid").replace_strict(back, return_dtype=pl.String).alias("contig")
    rows = lines.filter(pl.col("seqid").is_in(list(back))).with_columns(contig, *numbers)
    broken = rows.filter(pl.col("start").is_null() | pl.col("end").is_null() | (pl.col("start") > pl.col("end")))
    if len(broken):
        row = broken.row(0, named=True)
        text = f"{row['feature']} ({row['attributes']}) on {row['seqid']} has no start and end in order"
        raise Fault(f"the gene models cannot be read: {text}", path, remedy=REMEDY)
    return rows.select("contig", "feature", "start", "end", "strand", "phase", "attributes")


def _with_attributes(lines: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The lines with these attributes as columns, null where a line has not one."""
    fields = [pl.col("attributes").str.extract(rf"(?:^|;)\s*{name}=([^;]*)", 1).alias(name) for name in names]
    return lines.with_columns(fields).drop("attributes")


def _transcript(parent: str, named: dict[str, dict], group: list[tuple], path: Path) -> Transcript:
    row = named[parent]
    gene = named.get((row["Parent"] or "").split(",")[0], row)
    exons, coding = _parts(group, "exon"), _parts(group, "CDS")
    given = [(a, b) for a, b, _ in exons] or [(a, b) for a, b, _ in coding]
    whole = _merged(given)
    if row["strand"] not in ("+", "-"):
        raise Fault(f"{parent} has no strand", path, remedy=REMEDY)
    name = row["transcript_id"] or (_bare(parent) if row is not gene else None) or _bare(parent)
    if row["version"] and "." not in name:
        name = f"{name}.{row['version']}"
    tags = {tag.strip().replace(" ", "_") for tag in (row["tag"] or "").replace("%20", " ").split(",")}
    mane = next((label for tag, label in MANE.items() if tag in tags), None)
    by = {"select": "mane_select", "plus_clinical": "mane_plus_clinical"}.get(mane or "")
    by = by or ("canonical" if tags & CANONICAL else None)
    first = coding[0 if row["strand"] == "+" else -1] if coding else None
    remarks = {(row["exception"], row["Note"]), *(part[5:] for part in group if part[0] == "CDS")}
    return Transcript(
        identifier=_bare(parent),
        name=name,
        gene=gene["gene_name"] or gene["Name"] or gene["gene"] or _bare(gene["ID"] or parent),
        gene_id=_bare(gene["ID"] or parent),
        contig=row["contig"],
        strand=row["strand"],
        biotype=_biotype(row, gene, bool(coding)),
        exons=tuple(whole),
        coding=tuple((a, b) for a, b, _ in coding),
        phase=first[2] if first else 0,
        mane=mane,
        canonical=bool(tags & CANONICAL),
        chosen_by=by,
        protein=next((part[4] for part in group if part[4]), None),
        deviation="alignment" if whole != given or _bridged(whole) else _deviation(remarks),
    )


def _parts(group: list[tuple], feature: str) -> list[tuple[int, int, int]]:
    """First, last and phase of the parts of a kind, in rising order."""
    kept = {(first, last, phase) for kind, first, last, phase, *_ in group if kind == feature}
    return sorted((a, b, int(phase) if phase in ("1", "2") else 0) for a, b, phase in kept)


def _bridged(exons: list[tuple[int, int]]) -> bool:
    """Whether an intron is too short to be one: so do gene models skip bases that a transcript has not."""
    return any(after[0] - before[1] - 1 < SHORTEST_INTRON for before, after in pairwise(exons))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans with those that overlap made one."""
    made: list[tuple[int, int]] = []
    for first, last in spans:
        if made and first <= made[-1][1]:
            made[-1] = (made[-1][0], max(last, made[-1][1]))
        else:
            made.append((first, last))
    return made


def _biotype(row: dict, gene: dict, coding: bool) -> str:
    own = row["biotype"] or row["transcript_type"]
    if own:
        return own
    of_gene = gene["biotype"] or gene["gene_biotype"] or gene["gene_type"]
    if coding:
        return of_gene or "protein_coding"
    return row["feature"] if of_gene in (None, "protein_coding") else of_gene


def _deviation(remarks: set[tuple]) -> str | None:
    """What RefSeq notes on how a transcript differs from the genome: ``bases`` or, unless only that, ``alignment``."""
    notes = {note or "" for exception, note in remarks if exception}
    if not notes:
        return None
    pieces = [note.split("compared to this genomic")[0].split("The RefSeq")[-1] for note in notes]
    worse = ("indel", "frameshift", "%", "gap", "missing", "base")
    only = all("substitution" in piece and not any(word in piece for word in worse) for piece in pieces)
    return "bases" if only else "alignment"


def _unique(transcripts: list[Transcript]) -> list[Transcript]:
    """One transcript an identifier, the first; pseudoautosomal copies have identifiers of their own in good files."""
    return list({(t.contig, t.identifier): t for t in reversed(transcripts)}.values())[::-1]


def _with_canonical(transcripts: list[Transcript]) -> list[Transcript]:
    """Mark the longest coding transcript of each gene that has no tag."""
    best: dict[tuple[str, str], Transcript] = {}
    tagged = {(t.contig, t.gene_id) for t in transcripts if t.chosen_by}
    for t in transcripts:
        key = (t.contig, t.gene_id)
        if key in tagged:
            continue
        held = best.get(key)
        if held is None or (-t.coding_length, -t.length, t.name) < (-held.coding_length, -held.length, held.name):
            best[key] = t
    chosen = {(t.contig, t.identifier) for t in best.values()}
    return [
        replace(t, canonical=True, chosen_by="longest_coding_sequence") if (t.contig, t.identifier) in chosen else t
        for t in transcripts
    ]


def _bare(identifier: str) -> str:
    """An identifier without the prefix that says what it names: ``transcript:ENST…``, ``rna-NM_…``."""
    for prefix in ("transcript:", "gene:", "rna-", "gene-"):
        identifier = identifier.removeprefix(prefix)
    return identifier
