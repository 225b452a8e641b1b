"""Genes of a person's phenotypes, ranked by how much of what is known of the person they share.

The information of a term is minus the logarithm of the share of genes that have it or a more special one; two terms are
as similar as their most informative common ancestor (Resnik 1995). A gene is as similar to a person as, on average over
the person's terms, its most similar term: the directed best match average of Phenomizer (Köhler et al. 2009,
doi:10.1016/j.ajhg.2009.09.003; of genes Masino et al. 2014, doi:10.1186/1471-2105-15-248), from the person to the gene
alone, so that a gene is no worse for what the sheet does not tell. Without an ontology no term has an ancestor.
"""

import math
from collections.abc import Iterable
from functools import cache

import numpy as np
import polars as pl

from permed.findings.ontology import Ontology

MOST_GENES = 100  # of a person, and those that fit as well as the last of them
EXACT, ONTOLOGY = "exact", "ontology"
SPECIAL, GENERAL = "{term}: the gene has the more special {other}", "{term}: the gene has the more general {other}"


class Ranking:
    """Genes with their terms (``gene term name mode``), and the terms above each one."""

    def __init__(self, table: pl.DataFrame, ontology: Ontology | None, source: str) -> None:
        self.source, self.matching = source, ONTOLOGY if ontology else EXACT
        self.ontology = ontology or Ontology([])
        self.names = dict(table.select("term", "name").iter_rows()) | self.ontology.names
        own = table.filter(pl.col("mode").is_null()).group_by("gene").agg(pl.col("term").unique().sort()).sort("gene")
        self.genes = own["gene"].to_list()
        self.own = own["term"].to_list()
        self.modes: dict[str, list[str]] = {}
        told = table.filter(pl.col("mode").is_not_null()).select("gene", "mode").unique()
        for gene, mode in told.sort("gene", "mode").iter_rows():
            self.modes.setdefault(gene, []).append(mode)
        every = (frozenset().union(*map(self.ontology.ancestors, terms)) for terms in self.own)
        self._with = _by_term(self.own)  # a term's genes, by row of self.genes
        self._within = _by_term(every)  # and those of its more special terms
        self.information = {term: math.log(len(self.genes) / len(rows)) for term, rows in self._within.items()}
        self.similar = cache(self._similar)
        self.shared = cache(self._shared)

    def rank(self, terms: list[str]) -> tuple[dict[str, dict], int]:
        """The genes of some terms, best first, with ``rank score terms modes source``; and how many there are in all.

        A gene is one of theirs if it has one of the terms, or one that is more special or more general; at most
        :data:`MOST_GENES` are given, and those that fit as well as the last. Genes of one score share a rank.
        """
        terms = sorted(terms, key=lambda term: (self.names[term], term))
        rows = np.unique(np.concatenate([self.shared(term) for term in terms]))
        scores = np.round(np.mean([self.similar(term) for term in terms], axis=0), 9)[rows]
        order = np.argsort(-scores, kind="stable")
        if len(order) > MOST_GENES:
            order = order[scores[order] >= scores[order[MOST_GENES - 1]]]
        first: dict[float, int] = {}
        ranked = {}
        for n, at in enumerate(order, 1):
            row, score = int(rows[at]), float(scores[at])
            gene = self.genes[row]
            ranked[gene] = {
                "rank": first.setdefault(score, n),
                "score": score,
                "terms": "; ".join(filter(None, (self._how(row, term) for term in terms))),
                "modes": self.modes.get(gene, []),
                "source": self.source,
            }
        return ranked, len(rows)

    def _similar(self, term: str) -> np.ndarray:
        """The similarity of a term to the most similar one of each gene, in nats."""
        found = np.zeros(len(self.genes))
        for above in self.ontology.ancestors(term) & self.information.keys():
            rows = self._within[above]
            found[rows] = np.maximum(found[rows], self.information[above])
        return found

    def _shared(self, term: str) -> np.ndarray:
        """Rows of the genes that have a term, a more special one, or a more general one that not every gene has."""
        nothing = np.zeros(0, np.int64)
        parts = [self._with.get(above, nothing) for above in self._telling(term)]
        return np.unique(np.concatenate([self._within.get(term, nothing), *parts]))

    def _telling(self, term: str) -> list[str]:
        above = self.ontology.ancestors(term) - {term}
        return sorted(name for name in above if self.information.get(name, 0.0) > 0)

    def _how(self, row: int, term: str) -> str | None:
        """In what way a gene has a term: itself, or by its most telling more special or else more general one."""
        named, own = self._named(term), self.own[row]
        if term in own:
            return named
        special = [other for other in own if term in self.ontology.ancestors(other)]
        general = set(self._telling(term)).intersection(own)
        for text, others in ((SPECIAL, special), (GENERAL, general)):
            if others:
                best = min(others, key=lambda other: (-self.information[other], other))
                return text.format(term=named, other=self._named(best))
        return None

    def _named(self, term: str) -> str:
        return f"{self.names[term]} ({term})"


def _by_term(terms: Iterable[Iterable[str]]) -> dict[str, np.ndarray]:
    """For each term the rows that have it; ``terms`` are those of each row."""
    rows: dict[str, list[int]] = {}
    for row, own in enumerate(terms):
        for term in own:
            rows.setdefault(term, []).append(row)
    return {term: np.array(found, np.int64) for term, found in rows.items()}
