"""Which records of a cohort are sites of a panel or of another cohort, and which way round their alleles stand."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.genome import canonical

_COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}


@dataclass(frozen=True)
class Matched:
    """Rows of the cohort's site table and the listed ``sites`` that they are, in the cohort's order.

    ``swapped`` says that the record's REF is the listed ALT.
    """

    rows: np.ndarray
    sites: np.ndarray
    swapped: np.ndarray


def match_sites(listed: pl.DataFrame, sites: pl.DataFrame) -> Matched:
    """Match ``sites`` to ``listed`` ones (both ``contig pos ref alt``) by position and alleles, in either order and on
    either strand.

    Alleles that read the same on both strands are taken as they are written, so a strand is never guessed. A record
    without an alternate matches by its REF, where no other record matches. One record stands for a site: the best, then
    the first.
    """
    cohort = sites.select(
        _canonical(sites["contig"]), "pos", "ref", "alt", row=pl.int_range(pl.len(), dtype=pl.Int64)
    ).filter(pl.col("ref").is_in([*_COMPLEMENT]) & pl.col("alt").is_in([*_COMPLEMENT, "."]))
    own = listed.select(
        _canonical(listed["contig"]), "pos", a="ref", b="alt", site=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    both = cohort.join(own, on=["contig", "pos"])
    a, b = pl.col("a"), pl.col("b")
    ranks = [
        _is(a, b),
        _is(b, a),
        _is(a.replace(_COMPLEMENT), b.replace(_COMPLEMENT)),
        _is(b.replace(_COMPLEMENT), a.replace(_COMPLEMENT)),
        _is(a, pl.lit(".")),
        _is(b, pl.lit(".")),
    ]
    rank = pl.coalesce(pl.when(fits).then(pl.lit(n)) for n, fits in enumerate(ranks))
    best = both.with_columns(rank=rank).filter(pl.col("rank").is_not_null()).sort("site", "rank", "row")
    best = best.unique("site", keep="first", maintain_order=True).sort("row")
    swapped = (best["rank"] % 2 == 1).to_numpy()
    return Matched(best["row"].to_numpy(), best["site"].to_numpy(), swapped)


def _canonical(contigs: pl.Series) -> pl.Series:
    names = {name: canonical(name) for name in contigs.unique()}
    return contigs.replace_strict(names, return_dtype=pl.String).alias("contig")


def _is(ref: pl.Expr, alt: pl.Expr) -> pl.Expr:
    return (pl.col("ref") == ref) & (pl.col("alt") == alt)
