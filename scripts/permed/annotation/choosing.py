"""Which transcript speaks for a variant."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.annotation.consequences import judge, ranked
from permed.annotation.correcting import correct
from permed.reference import Reference

SITE = ["pos", "ref", "alt"]
MANE_RANKS = {"mane_select": 0, "mane_plus_clinical": 1, "canonical": 2, "longest_coding_sequence": 3}
OTHER = len(MANE_RANKS)
NAMES = ["gene", "name", "identifier"]
FIRST, SECOND = 1 << 40, 1 << 32  # of what one number is made that ranks by three
OF_TRANSCRIPT = [*NAMES, "gene_id", "biotype", "strand", "mane", "canonical", "chosen_by"]


def touched(variants: Path, contig: str, reference: Path, models: pl.DataFrame, genes: Path) -> Iterator[pl.DataFrame]:
    """One row a variant and transcript of a contig, with its consequence and what :func:`mark_chosen` adds.

    They come in parts, by position. ``models`` are the transcripts of the contig, ``genes`` is the file to name when
    they are refused.
    """
    known = models.select(OF_TRANSCRIPT)
    with Reference(reference, [contig]) as opened:
        for found in judge(variants, contig, reference, models, genes):
            rows = ranked(correct(found, models, opened))
            yield mark_chosen(rows.join(known, on="identifier", how="inner", maintain_order="left"))


def mark_chosen(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, sorted by variant, gene and transcript, with ``chosen`` true for one of each variant.

    Needs ``pos ref alt gene_id gene name chosen_by rank``. Each gene is spoken for by its MANE Select transcript, else
    MANE Plus Clinical, else the canonical one, else, when the variant touches none of these, by the one on which it is
    worst. Between genes the worst consequence decides, then the better choice, then the name. ``chosen_by`` of a row is
    ``most_severe`` where the transcript is none of the first, and ``most_severe`` and ``most_severe_transcript`` tell
    the worst consequence of the variant on any transcript.
    """
    transcripts = rows.select(*NAMES, "gene_id").unique("identifier").sort(NAMES).with_row_index("_order")
    numbers = {"_order": pl.col("_order"), "_gene": pl.col("gene_id").rank("dense")}
    numbers = {name: number.cast(pl.Int64) for name, number in numbers.items()}
    rows = rows.join(transcripts.select("identifier", **numbers), on="identifier", how="left", maintain_order="left")
    rows = rows.sort(*SITE, "_order")
    new = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in SITE).fill_null(True)
    preference = pl.col("chosen_by").replace_strict(MANE_RANKS, default=OTHER, return_dtype=pl.Int64).fill_null(OTHER)
    rows = rows.with_columns(_site=new.cum_sum().cast(pl.Int64), _preference=preference)
    # One number in place of several columns: comparing those takes several times as long.
    of_gene = pl.col("_site") * SECOND + pl.col("_gene")
    in_gene = pl.col("_preference") * FIRST + pl.col("rank") * SECOND + pl.col("_order")
    between = pl.col("rank") * FIRST + pl.col("_preference") * SECOND + pl.col("_order")
    speaks = pl.when(in_gene == in_gene.min().over(of_gene)).then(between)
    rows = rows.with_columns(_between=between, _speaks=speaks)
    worst = rows.filter(pl.col("_between") == pl.col("_between").min().over("_site"))
    told = worst.select("_site", most_severe="consequence", most_severe_transcript="name")
    marked = rows.with_columns(
        chosen=(pl.col("_speaks") == pl.col("_speaks").min().over("_site")).fill_null(False),
        chosen_by=pl.col("chosen_by").fill_null("most_severe"),
    ).join(told, on="_site", how="left", maintain_order="left")
    return marked.drop(name for name in marked.columns if name.startswith("_"))
