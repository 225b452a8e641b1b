"""Variants of one person that act together: what each is by itself says too little of them."""

import polars as pl

SILENT = ("synonymous",)
SCHEMA = {"sample": pl.String, "gene": pl.String, "together": pl.Int64}
NOTE = "with {others} it makes {consequence} together; only the variant alone was classified"
OPEN = "it may act together with {others} ({reason}); only the variant alone was classified"


def joint_notes(compounds: pl.DataFrame) -> dict[tuple[str, str, str], str]:
    """What is to be said of a variant that acts with others, by (sample, contig, ``posREF>ALT``).

    ``compounds`` is the table of joint consequences: ``sample contig gene variants state consequence reason``.
    """
    notes: dict[tuple[str, str, str], str] = {}
    for row in compounds.iter_rows(named=True):
        for variant in row["variants"]:
            others = ", ".join(other for other in row["variants"] if other != variant)
            known = row["state"] == "found"
            text = NOTE.format(others=others, **row) if known else OPEN.format(others=others, reason=row["reason"])
            notes.setdefault((row["sample"], row["contig"], variant), text)
    return notes


def joint_genes(compounds: pl.DataFrame) -> pl.DataFrame:
    """How many joint consequences that are not silent, or not known, each person has in a gene: :data:`SCHEMA`."""
    telling = compounds.filter(~pl.col("consequence").is_in(SILENT).fill_null(False))
    counts = telling.group_by("sample", "gene").agg(together=pl.len().cast(pl.Int64))
    return counts.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()).sort("sample", "gene")
