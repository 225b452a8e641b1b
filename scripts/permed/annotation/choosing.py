"""Which transcript speaks for a variant."""

import polars as pl

SITE = ["pos", "ref", "alt"]
MANE_RANKS = {"mane_select": 0, "mane_plus_clinical": 1, "canonical": 2, "longest_coding_sequence": 3}
OTHER = len(MANE_RANKS)


def mark_chosen(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, sorted by variant, gene and transcript, with ``chosen`` true for one of each variant.

    Needs ``pos ref alt gene_id gene name chosen_by rank``. Each gene is spoken for by its MANE Select transcript, else
    MANE Plus Clinical, else the canonical one, else, when the variant touches none of these, by the one on which it is
    worst. Between genes the worst consequence decides, then the better choice, then the name. ``chosen_by`` of a row is
    ``most_severe`` where the transcript is none of the first, and ``most_severe`` and ``most_severe_transcript`` tell
    the worst consequence of the variant on any transcript.
    """
    preference = pl.col("chosen_by").replace_strict(MANE_RANKS, default=OTHER, return_dtype=pl.Int64)
    names = ["gene", "name", "identifier"]
    rows = rows.with_columns(_preference=preference.fill_null(OTHER), _row=pl.int_range(pl.len()))
    of_gene = rows.sort(*SITE, "gene_id", "_preference", "rank", *names).unique(
        [*SITE, "gene_id"], keep="first", maintain_order=True
    )
    best = of_gene.sort(*SITE, "rank", "_preference", *names).unique(SITE, keep="first", maintain_order=True)
    worst = rows.sort(*SITE, "rank", "_preference", *names).unique(SITE, keep="first", maintain_order=True)
    told = worst.select(*SITE, most_severe="consequence", most_severe_transcript="name")
    marked = rows.with_columns(
        chosen=pl.col("_row").is_in(best["_row"].implode()), chosen_by=pl.col("chosen_by").fill_null("most_severe")
    )
    return marked.join(told, on=SITE, how="left").sort(*SITE, *names).drop("_preference", "_row")
