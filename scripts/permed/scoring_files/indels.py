"""Insertions and deletions of scoring files, left-aligned as those of the genotypes are.

The method is that of Tan et al. (2015), doi:10.1093/bioinformatics/btv112; it treats both alleles alike, so that it
need not know which one is REF.
"""

from collections.abc import Callable

import polars as pl

Bases = Callable[[str, int, int], str]
_PLACE = ["contig", "pos", "effect_allele", "other_allele"]


def left_align(rows: pl.DataFrame, bases: Bases) -> pl.DataFrame:
    """Rows of ``SCORE_SCHEMA`` with the places and alleles of their longer variants trimmed and left-aligned.

    ``bases`` gives the reference of a contig from a start to an end (both included). What does not fit the reference
    with either allele, or has no other allele, stays as it is.
    """
    several = (pl.col("effect_allele").str.len_bytes() > 1) | (pl.col("other_allele").str.len_bytes() > 1)
    longer = (several & pl.col("other_allele").is_not_null() & pl.col("not_scorable").is_null()).fill_null(False)
    numbered = rows.with_row_index("_row")
    found = numbered.filter(longer).select("_row", *_PLACE)
    if found.is_empty():
        return rows
    aligned = [(number, *_align(*place, bases)) for number, *place in found.iter_rows()]
    table = pl.DataFrame(aligned, schema=["_row", *(f"_{name}" for name in _PLACE[1:])], orient="row")
    table = table.cast({"_row": pl.UInt32})
    joined = numbered.join(table, on="_row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"_{name}", name).alias(name) for name in _PLACE[1:]).select(rows.columns)


def _align(contig: str, pos: int, first: str, second: str, bases: Bases) -> tuple[int, str, str]:
    here = bases(contig, pos, pos + max(len(first), len(second)) - 1)
    if not (here.startswith(first) or here.startswith(second)) or first == second:
        return pos, first, second
    while True:
        if first[-1] == second[-1] and (pos > 1 or min(len(first), len(second)) > 1):
            first, second = first[:-1], second[:-1]
        else:
            break
        if not first or not second:
            before = bases(contig, pos - 1, pos - 1)
            pos, first, second = pos - 1, before + first, before + second
    while len(first) > 1 and len(second) > 1 and first[0] == second[0]:
        pos, first, second = pos + 1, first[1:], second[1:]
    return pos, first, second
