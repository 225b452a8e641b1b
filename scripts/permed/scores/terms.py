"""Terms of several variants: interactions, haplotypes, diplotypes. Few rows, so plain arrays of (people,) are enough.

The rows of a term share ``term`` and ``weight``; each has its own variant and effect allele. A term counts as one
variant, and enters only if all of its rows are used. What a person's term counts for:

- ``interaction``: the product of the effect alleles' dosages (PGS Catalog: the weight is multiplied with the dosage of
  more than one variant).
- ``haplotype``: the copies of the chromosome that has every effect allele. Genotypes are unphased: copies are known if
  an effect allele is absent (none), or if at most one variant is heterozygous; with more nobody can tell.
- ``diplotype``: 1 for who has the copies that ``dosage_weights`` marks (1 in the place of 0, 1 or 2; without them two)
  at every variant, else 0; not known where two or more of those are heterozygous, since other pairs look the same.

A missing genotype leaves a term unknown unless the others settle it; an unknown term is never imputed, it is left out.
Dosages count for haplotypes and diplotypes where they are within 0.1 of an integer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.scores.chunks import Contig, People, outside_shared
from permed.scores.entries import siblings_of
from permed.scores.match import USED

ROUNDED = 0.1


@dataclass
class Term:
    """A term of a score (its number), and the copies of the effect allele at each of its variants read so far.

    ``copies`` has a row a variant (NaN where missing), ``of`` (1 or 2) is how many there can be, ``needed`` the marks
    of a diplotype; ``variance`` is what its variants together give to that of the score.
    """

    score: int
    kind: str
    weight: float
    copies: list[np.ndarray]
    of: list[np.ndarray]
    needed: list[list[float]]
    variance: float = 0.0

    def value(self) -> np.ndarray:
        """What the term counts for in each person, NaN where it is not known."""
        copies, of = np.array(self.copies), np.array(self.of)
        if self.kind == "interaction":
            return np.where((copies == 0).any(axis=0), 0, copies.prod(axis=0))
        nearest = np.round(copies)
        copies = np.where(np.abs(copies - nearest) <= ROUNDED, nearest, np.nan)
        unphased = ((copies == 1) & (of == 2)).sum(axis=0) > 1
        if self.kind == "haplotype":
            known = np.where(np.isnan(copies).any(axis=0) | unphased, np.nan, copies.min(axis=0))
            return np.where((copies == 0).any(axis=0), 0, known)
        needed = np.array(self.needed)
        marked = np.take_along_axis(needed, np.nan_to_num(copies).astype(int), axis=1)
        contrary = (~np.isnan(copies) & (marked == 0)).any(axis=0)
        known = np.where(np.isnan(copies).any(axis=0) | unphased | (of == 1).any(axis=0), np.nan, 1)
        return np.where(contrary, 0, known)


class Terms:
    """The terms of some scores, filled contig by contig; ``rows`` are those of :func:`entries.read_log`."""

    def __init__(self, rows: pl.LazyFrame, people: People, build: str) -> None:
        rows = rows.filter(pl.col("term").is_not_null()).collect()
        whole = pl.col("class").is_in(USED).all().over("score", "term")
        self._rows, self._people, self._build = rows.filter(whole), people, build
        self._terms: dict[tuple[int, int], Term] = {}

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms[key] for key in sorted(self._terms))

    def contigs(self) -> set[str]:
        """The contigs on which there are variants of terms."""
        return set(self._rows["contig"])

    def read(self, contig: Contig) -> None:
        """Read the genotypes of one contig's variants."""
        rows = self._rows.filter(pl.col("contig") == contig.name)
        wanted = rows["row"].drop_nulls().unique().sort().to_numpy()
        chunk = contig.take(wanted, siblings_of(rows)) if len(wanted) else None
        for row in rows.iter_rows(named=True):
            if row["row"] is None:
                of = self._chromosomes(contig, row["pos"])
                copies = np.where(row["dosage_of"] == "two", of, 0).astype(float)
            else:
                copies, of = chunk.copies(row["row"], row["dosage_of"] == "ref")
            key = row["score"], row["term"]
            term = self._terms.setdefault(key, Term(row["score"], row["effect_type"], row["weight"], [], [], []))
            term.copies.append(copies)
            term.of.append(of)
            term.needed.append(row["dosage_weights"] or [0.0, 0.0, 1.0])
            term.variance += row["variance"] or 0.0

    def _chromosomes(self, contig: Contig, pos: int) -> np.ndarray:
        single = contig.counts_once and outside_shared(contig.name, pl.Series([pos]), self._build)[0]
        return np.where(self._people.one_x & single, 1, 2)
