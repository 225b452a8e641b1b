"""Pharmacogene diplotypes: drawn from the definitions, laid down on founders, and what else would explain them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.demo.sites import Site
from permed.errors import Fault

SKEW = 1.8  # an allele's frequency falls with this power of its rank in the table
MOST_HETS = 10  # positions; peers enumerate the 2 ** hets sequences of an unphased sample
TRIES = 40  # draws before an ambiguous pair is accepted


@dataclass(frozen=True)
class Definition:
    """The alleles of one gene over its positions.

    ``sites`` are the definition's records in order of position. ``allowed`` has shape (alleles, sites): bit i is
    set where the allele may show REF (i = 0) or the i-th alternate; cells that the definition leaves open allow REF
    only, and positions that are no part of any allele allow everything. ``score`` is the number of cells that the
    definition specifies. ``every`` is True where callers list all candidates of an unphased genotype and not only
    those of the highest score.
    """

    gene: str
    sites: tuple[Site, ...]
    names: tuple[str, ...]
    allowed: np.ndarray
    score: np.ndarray
    every: bool

    def index(self, name: str) -> int:
        """The row of an allele; a :class:`Fault` if the gene has none of this name."""
        if name not in self.names:
            raise Fault(
                f"{self.gene} has no allele {name}", file="resources/demo/people.tsv", remedy="Name another one"
            )
        return self.names.index(name)

    def lay_down(self, allele: int, rng) -> np.ndarray:
        """A sequence of the allele, int8 of shape (sites,); where it allows several bases one is drawn."""
        options = [[bit for bit in range(8) if mask >> bit & 1] for mask in self.allowed[allele].tolist()]
        return np.array([o[0] if len(o) == 1 else o[int(rng.integers(len(o)))] for o in options], np.int8)


def read_definitions(genes: pl.DataFrame, positions: pl.DataFrame, alleles: pl.DataFrame, variants: pl.DataFrame):
    """The definitions of every gene of the nucleus, from the tables of ``resources/pharmacogenes``, by gene name."""
    definitions = {}
    for row in genes.filter(pl.col("contig") != "chrM").to_dicts():
        gene = row["gene"]
        places = positions.filter(pl.col("gene") == gene).with_columns(pl.col("pos").cast(pl.Int64)).sort("pos")
        sites = tuple(
            Site(p["contig"], p["pos"], p["ref"], tuple(p["alts"].split(",")), p["role"], p["rsid"] or ".", block=gene)
            for p in places.to_dicts()
        )
        listed = alleles.filter((pl.col("gene") == gene) & (pl.col("defined") == "yes"))
        names, shown = listed["allele"].to_list(), listed["reported_as"].to_list()
        allowed = np.ones((len(names), len(sites)), np.uint8)
        allowed[:, [n for n, site in enumerate(sites) if site.kind == "reporting"]] = 0b11
        score = np.zeros(len(names), np.int64)
        column = {site.pos: n for n, site in enumerate(sites)}
        rank = {name: n for n, name in enumerate(names)}
        for cell in variants.filter(pl.col("gene") == gene).to_dicts():
            if cell["allele"] in rank:
                n = column[int(cell["pos"])]
                choices = (sites[n].ref, *sites[n].alts)
                mask = sum(1 << choices.index(base) for base in cell["base"].split(","))
                reference = cell["allele"] == row["reference_allele"]
                allowed[rank[cell["allele"]], n] = 1 if reference and mask & 1 else mask
                score[rank[cell["allele"]]] += 1
        every = row["unphased_candidates"] == "all"
        definitions[gene] = Definition(gene, sites, tuple(shown), allowed, score, every)
    return definitions


def draw_pair(
    definition: Definition, haploid: bool, phased: bool, rng, given: Sequence[str] | None = None
) -> tuple[tuple[int, ...], np.ndarray]:
    """Alleles (one if haploid) and their sequences, shape (sites, 2), -1 for a copy that is not there.

    Alleles that are given are taken, else drawn; the first ones of the table are common. Drawn pairs that another
    pair explains as well are drawn again, as are those with very many heterozygous positions.
    """
    weights = (np.arange(len(definition.names)) + 1.0) ** -SKEW
    weights /= weights.sum()
    copies = 1 if haploid else 2
    if given and len(given) != copies:
        fault = f"{definition.gene} is given {len(given)} alleles to somebody who has {copies}"
        raise Fault(fault, file="resources/demo/people.tsv", remedy="Name one for each copy")
    for _ in range(TRIES):
        pair = tuple(rng.choice(len(weights), copies, p=weights).tolist())
        pair = tuple(map(definition.index, given)) if given else pair
        laid = [definition.lay_down(allele, rng) for allele in pair]
        sequences = np.stack([*laid, np.full_like(laid[0], -1)][:2], 1)
        hets = 0 if haploid else int((sequences[:, 0] != sequences[:, 1]).sum())
        if hets <= MOST_HETS and not alternatives(definition, pair, sequences, phased):
            break
    return pair, sequences


def alternatives(definition: Definition, pair: Sequence[int], sequences: np.ndarray, phased: bool) -> list[str]:
    """Other pairs that explain the genotypes and score at least as high as the planted one, by name.

    All pairs of alleles are tried, the two sequences in either order at each position (all at once when phased).
    """
    first, second = sequences[:, 0], sequences[:, 1]
    planted = _pair_name(definition, pair)
    least = 0 if definition.every and not phased else int(sum(definition.score[a] for a in pair))
    shows_first = definition.allowed >> np.maximum(first, 0) & 1 == 1
    if (second < 0).all():
        candidates = [(a,) for a in np.flatnonzero(shows_first.all(axis=1)).tolist()]
    else:
        shows_second = definition.allowed >> np.maximum(second, 0) & 1 == 1
        possible = np.flatnonzero((shows_first | shows_second).all(axis=1)).tolist()
        candidates = []
        for n, a in enumerate(possible):
            for b in possible[n:]:
                straight, crossed = shows_first[a] & shows_second[b], shows_first[b] & shows_second[a]
                fits = straight.all() or crossed.all() if phased else (straight | crossed).all()
                if fits:
                    candidates.append((a, b))
    names = {_pair_name(definition, c) for c in candidates if sum(definition.score[a] for a in c) >= least}
    return sorted(names - {planted})


def _pair_name(definition: Definition, pair: Sequence[int]) -> str:
    return "/".join(definition.names[a] for a in sorted(pair))
