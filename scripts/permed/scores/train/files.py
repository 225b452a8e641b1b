"""The files that training writes: a scoring file in the layout of the PGS Catalog, and the log of how it came about."""

import gzip
from pathlib import Path

import polars as pl

from permed.tables import atomic


def scoring_text(
    name: str, weights: pl.DataFrame, *, build: str, trait: str | None, study: str, method: str, parameters: str
) -> str:
    """A scoring file of format 2.0. ``weights`` has ``rsid contig pos effect_allele other_allele weight``.

    ``study`` is what the weights were trained from, for those who read the score's name in a report.
    Format: https://www.pgscatalog.org/downloads/#dl_ftp_scoring
    """
    header = {
        "format_version": "2.0",
        "pgs_id": f"TRAINED-{name}",
        "pgs_name": f"{name}, trained from {study}",
        "trait_reported": trait,
        "genome_build": build,
        "variants_number": len(weights),
        "weight_type": "beta",
        "method_name": method,
        "method_params": parameters,
    }
    lines = ["###Trained by permed; in the layout of the PGS Catalog, and not of it"]
    lines += [f"#{key}={value}" for key, value in header.items() if value is not None]
    lines += ["rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight"]
    rows = weights.select("rsid", pl.col("contig").str.strip_prefix("chr"), "pos", "effect_allele", "other_allele")
    for (rsid, *place), weight in zip(rows.iter_rows(), weights["weight"], strict=True):
        lines.append("\t".join([rsid or "", *map(str, place), f"{weight:.8g}"]))
    return "\n".join(lines) + "\n"


def write_compressed(text: str, path: Path) -> None:
    """Write text with gzip, whole or not at all, and with no time in it."""
    with atomic(path) as beside:
        beside.write_bytes(gzip.compress(text.encode(), mtime=0))
