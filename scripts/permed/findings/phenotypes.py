"""Genes of a person's phenotypes: by HPO terms, ranked by how many they share and how rare these are."""

import math
import re
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.tables import read_table

NEEDED = ("gene_symbol", "hpo_id", "hpo_name")
MOST_GENES = 100  # of a person
_TERM = re.compile(r"HP:\d{7}")
_MODE = r"(?i)\binheritance$"  # HPO has modes of inheritance among its terms


def read_phenotypes(path: Path) -> pl.DataFrame:
    """HPO's ``genes_to_phenotype.txt``: ``gene term name mode`` without repetition.

    ``mode`` is AD, AR, XL or another mode's name for terms that are modes of inheritance, null for phenotypes.
    """
    table = read_table(path)
    absent = [name for name in NEEDED if name not in table.columns]
    if absent:
        remedy = "Give HPO's genes_to_phenotype.txt, with its header"
        raise Fault(f"there is no column {', '.join(absent)}", path, None, 1, remedy)
    is_mode = pl.col("name").str.contains(_MODE)
    lower = pl.col("name").str.to_lowercase()
    mode = (
        pl.when(lower.str.contains("x-linked"))
        .then(pl.lit("XL"))
        .when(lower.str.contains("autosomal dominant"))
        .then(pl.lit("AD"))
        .when(lower.str.contains("autosomal recessive"))
        .then(pl.lit("AR"))
        .otherwise("name")
    )
    table = table.select(gene="gene_symbol", term="hpo_id", name="hpo_name").drop_nulls().unique(maintain_order=True)
    return table.with_columns(mode=pl.when(is_mode).then(mode))


def find_terms(phenotypes: list[str], table: pl.DataFrame) -> tuple[list[str], list[str]]:
    """The terms of what a sample sheet says of a person, and what is no term of the table.

    A text is an identifier (``HP:0001250``, alone or beside words) or exactly a term's name, in any case.
    """
    names = dict(table.filter(pl.col("mode").is_null()).select(pl.col("name").str.to_lowercase(), "term").iter_rows())
    known = set(names.values())
    terms, unknown = [], []
    for text in phenotypes:
        found = _TERM.findall(text) or [names.get(text.strip().lower(), "")]
        terms += [term for term in found if term in known]
        unknown += [text for _ in range(1) if not any(term in known for term in found)]
    return list(dict.fromkeys(terms)), unknown


def information(table: pl.DataFrame) -> dict[str, float]:
    """How telling each term is: minus the logarithm of the share of genes that have it."""
    phenotypes = table.filter(pl.col("mode").is_null())
    genes = phenotypes["gene"].n_unique()
    counts = phenotypes.group_by("term").agg(pl.col("gene").n_unique())
    return {term: -math.log(count / genes) for term, count in counts.iter_rows()}


def rank_genes(terms: list[str], table: pl.DataFrame, weights: dict[str, float], source: str) -> dict[str, dict]:
    """The genes with any of some terms, best first, at most :data:`MOST_GENES`: ``rank score terms modes source``.

    The score is the sum of the information of the terms that a gene has; genes of one score share a rank.
    """
    own = table.filter(pl.col("term").is_in(terms))
    shared: dict[str, dict[str, str]] = {}
    for gene, term, name in own.select("gene", "term", "name").iter_rows():
        shared.setdefault(gene, {})[term] = name
    scores = {gene: round(sum(weights[term] for term in found), 9) for gene, found in shared.items()}
    ordered = sorted(shared, key=lambda gene: (-scores[gene], gene))[:MOST_GENES]
    modes: dict[str, list[str]] = {}
    told = table.filter(pl.col("mode").is_not_null() & pl.col("gene").is_in(ordered)).select("gene", "mode")
    for gene, mode in told.unique().sort("gene", "mode").iter_rows():
        modes.setdefault(gene, []).append(mode)
    ranks = {gene: 1 + sum(scores[other] > scores[gene] for other in ordered) for gene in ordered}
    return {
        gene: {
            "rank": ranks[gene],
            "score": scores[gene],
            "terms": "; ".join(f"{name} ({term})" for term, name in sorted(shared[gene].items())),
            "modes": modes.get(gene, []),
            "source": source,
        }
        for gene in ordered
    }
