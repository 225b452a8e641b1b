"""Gene models as a table, and from it the GFF3 that bcftools csq reads."""

from collections.abc import Iterable
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


def to_table(transcripts: Iterable[Transcript]) -> pl.DataFrame:
    """One row a transcript, in the order given; spans are lists of ``first`` and ``last``, 1-based and inclusive."""
    rows = []
    for t in transcripts:
        row = {name: getattr(t, name) for name in SCHEMA}
        rows.append(row | {name: _spans(row[name]) for name in ("exons", "coding")})
    return pl.DataFrame(rows, schema=SCHEMA)


def from_table(table: pl.DataFrame) -> list[Transcript]:
    """The transcripts of a table that :func:`to_table` made."""
    names = [field.name for field in fields(Transcript)]
    made = []
    for row in table.iter_rows(named=True):
        values = {name: row[name] for name in names}
        for name in ("exons", "coding"):
            values[name] = tuple((span["first"], span["last"]) for span in row[name])
        made.append(Transcript(**values))
    return made


def to_gff3(transcripts: Iterable[Transcript], contig: str) -> str:
    """GFF3 as bcftools csq wants it, of transcripts of one contig, which is named ``contig`` in it.

    A transcript is named by its identifier and is a gene of its own, since csq says nothing about a gene but its name.
    """
    lines = ["##gff-version 3"]
    for t in transcripts:
        kind = (t.biotype if t.biotype in CODING else CODING[0]) if t.coding else NONCODING
        of = f"Parent=transcript:{t.identifier}"
        rows = [
            ("gene", t.start, t.end, ".", f"ID=gene:{t.identifier};Name={t.identifier};biotype={kind}"),
            (
                "mRNA" if t.coding else "lnc_RNA",
                t.start,
                t.end,
                ".",
                f"ID=transcript:{t.identifier};Parent=gene:{t.identifier};biotype={kind}",
            ),
        ]
        rows += [("exon", first, last, ".", of) for first, last in t.exons]
        rows += [("CDS", first, last, str(phase), of) for (first, last), phase in _phased(t)]
        if t.coding:
            rows += [(feature, first, last, ".", of) for feature, first, last in _untranslated(t)]
        lines += [f"{contig}\tpermed\t{f}\t{a}\t{b}\t.\t{t.strand}\t{p}\t{more}" for f, a, b, p, more in rows]
    return "\n".join(lines) + "\n"


def _spans(parts: tuple[tuple[int, int], ...]) -> list[dict[str, int]]:
    return [{"first": first, "last": last} for first, last in parts]


def _phased(t: Transcript) -> list[tuple[tuple[int, int], int]]:
    """Coding parts in rising order with the phase that follows from the first one's."""
    ordered = t.coding if t.strand == "+" else t.coding[::-1]
    phase, made = t.phase, []
    for first, last in ordered:
        made.append(((first, last), phase))
        phase = (phase - (last - first + 1)) % 3
    return sorted(made)


def _untranslated(t: Transcript) -> list[tuple[str, int, int]]:
    low, high = t.coding[0][0], t.coding[-1][1]
    left, right = ("five_prime_UTR", "three_prime_UTR")[:: 1 if t.strand == "+" else -1]
    rows = [(left, first, min(last, low - 1)) for first, last in t.exons if first < low]
    return rows + [(right, max(first, high + 1), last) for first, last in t.exons if last > high]
