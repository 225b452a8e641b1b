"""Variants of scores at sites that the store does not have, where such sites hold the reference."""

from collections.abc import Callable

import polars as pl

from permed.scores.match import BY_CHOICE
from permed.variants import is_ambiguous


def take_reference(
    matches: pl.DataFrame, bases: Callable[[int, int], str] | None, unknown: pl.DataFrame
) -> pl.DataFrame:
    """Where absent sites hold the reference, score those of one contig whose effect allele can be told from it.

    ``bases`` gives the reference from a start to an end (both included); without it nothing is known. ``unknown`` has
    the stretches ``pos end`` about which nothing may be assumed: sites set aside and those under a longer REF. The
    class becomes ``reference``, ``dosage_of`` the constant ``two`` (the effect allele is the reference) or ``none``.
    """
    absent = (pl.col("class") == "absent") & pl.col("reason").eq("no record at this position")
    rows = matches.with_row_index("_variant").filter(absent)
    if rows.is_empty():
        return matches
    ends = unknown.sort("pos").select("pos", reach=pl.col("end").cum_max())
    rows = rows.sort("pos").join_asof(ends, on="pos", strategy="backward")
    verdicts = [
        (number, *_constant(pos, effect, other, bases, reach))
        for number, pos, effect, other, reach in rows.select(
            "_variant", "pos", "effect_allele", "other_allele", "reach"
        ).iter_rows()
    ]
    schema = {"_variant": pl.UInt32, "_class": pl.String, "_of": pl.String, "_reason": pl.String}
    found = pl.DataFrame(verdicts, schema=schema, orient="row")
    joined = matches.with_row_index("_variant").join(found, on="_variant", how="left", maintain_order="left")
    here = pl.col("_class").is_not_null()
    return joined.with_columns(
        pl.coalesce("_class", "class").alias("class"),
        pl.coalesce("_of", "dosage_of").alias("dosage_of"),
        pl.when(here).then("_reason").otherwise("reason").alias("reason"),
    ).select(matches.columns)


def long_sites(sites: pl.DataFrame) -> pl.DataFrame:
    """The stretches ``pos end`` under sites whose REF is longer than one base."""
    sizes = pl.col("ref").str.len_bytes().cast(pl.Int64)
    return sites.filter(sizes > 1).select("pos", end=pl.col("pos") + sizes - 1)


def _constant(
    pos: int, effect: str, other: str | None, bases: Callable[[int, int], str] | None, reach: int | None
) -> tuple[str, str | None, str]:
    """Class, constant dosage and reason of a variant at a site that no file has."""
    if reach is not None and reach >= pos:
        return "absent", None, "under a record that was set aside, or under a longer REF"
    if bases is None:
        return "absent", None, "no record at this position, and no reference to tell its base"
    sizes = [len(effect), len(other or "")]
    sequence = bases(pos, pos + max(sizes) - 1)
    is_effect, is_other = sequence.startswith(effect), other is not None and sequence.startswith(other)
    if is_effect == is_other:
        return "absent", None, "no record at this position, and its alleles do not tell which is the reference"
    if sizes == [1, 1] and is_ambiguous(effect, other):
        return "ambiguous", None, BY_CHOICE
    return "reference", "two" if is_effect else "none", "no record at this position: taken for the reference"
