"""How much of each gene's coding sequence was looked at in each person, on one contig. Positions are 1-based."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.evidence.intervals import Intervals
from permed.genotypes.store import MISSING, GenotypeStore, unpack

SCHEMA = {"sample": pl.String, "gene": pl.String, "bases": pl.Int64, "looked_at": pl.Int64, "basis": pl.String}
GVCF, CALLABLE, ASSUMED, SITES = "gvcf", "callable", "assumed", "sites"
_PEOPLE = 256  # at a time; a multiple of four, since four share a byte


@dataclass(frozen=True)
class Looked:
    """Where a person is known to be reference unless a record says otherwise (``ground``), and what tells so."""

    ground: Intervals
    basis: str


def coding_bases(models: pl.DataFrame, genes: list[str], contig: str) -> dict[str, np.ndarray]:
    """Positions of the coding bases of genes on a contig, sorted, by gene.

    ``models`` is the table of transcripts (``contig gene mane canonical coding``). Of a gene those of its MANE and
    canonical transcripts count, of one without such a mark those of all. Genes without coding bases are left out.
    """
    own = models.filter((pl.col("contig") == contig) & pl.col("gene").is_in(genes) & (pl.col("coding").list.len() > 0))
    marked = pl.col("mane").is_not_null() | pl.col("canonical").fill_null(False)
    own = own.filter(marked | ~marked.any().over("gene"))
    found = {}
    for (gene,), rows in own.sort("gene").group_by("gene", maintain_order=True):
        spans = rows["coding"].explode().struct
        starts, ends = spans.field("first").to_list(), spans.field("last").to_list()
        found[gene] = np.unique(np.concatenate([np.arange(a, b + 1) for a, b in zip(starts, ends, strict=True)]))
    return found


def looked_at(
    store: GenotypeStore, bases: dict[str, np.ndarray], people: dict[str, Looked], aside: pl.DataFrame
) -> pl.DataFrame:
    """A row for each of ``people`` and each gene of ``bases``: how many coding bases there are and were looked at.

    ``store`` has one contig. A base was looked at where the person's ground says so or a record with a called genotype
    covers it, and not where a record with a missing genotype does or one that was set aside (``pos end samples``).
    """
    pos = store.sites["pos"].to_numpy()
    ends = pos + store.sites["ref"].str.len_bytes().to_numpy().astype(np.int64) - 1
    grounds = _distinct(people)
    parts = []
    for first in range(0, len(store.samples), _PEOPLE):
        names = store.samples[first : first + _PEOPLE]
        here = [n for n, name in enumerate(names) if name in people]
        if here:
            chosen = [names[n] for n in here]
            counts = [_count(store, b, pos, ends, first, names, here, grounds, people, aside) for b in bases.values()]
            parts += [_rows(chosen, gene, own, people) for gene, own in zip(bases.items(), counts, strict=True)]
    order = {name: n for n, name in enumerate(people)}
    table = pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)
    place = pl.col("sample").replace_strict(order, return_dtype=pl.Int64)
    return table.sort(place, pl.col("gene")) if len(table) else table


def _count(store, bases, pos, ends, first, names, here, grounds, people, aside) -> np.ndarray:
    """Bases of one gene looked at, for the people ``here`` among ``names``, who begin at column ``first``."""
    keys = [_key(people[names[n]]) for n in here]
    base = {key: grounds[key].cover(bases, bases) for key in dict.fromkeys(keys)}
    seen = np.stack([base[key] for key in keys], axis=1)
    touching = np.flatnonzero((ends >= bases[0]) & (pos <= bases[-1]))
    lows, highs = np.searchsorted(bases, pos[touching]), np.searchsorted(bases, ends[touching], side="right")
    inside = highs > lows
    touching, lows, highs = touching[inside], lows[inside], highs[inside]
    if len(touching):
        packed = np.asarray(store.parts[0][touching, first // 4 : (first + len(names) + 3) // 4])
        missing = unpack(packed, len(names))[:, here] == MISSING
        for row, low, high in zip(~missing, lows, highs, strict=True):
            seen[low:high] |= row
        for row, low, high in zip(~missing, lows, highs, strict=True):
            seen[low:high] &= row
    for low, high, whose in aside.select("pos", "end", "samples").iter_rows():
        span = slice(np.searchsorted(bases, low), np.searchsorted(bases, high, side="right"))
        lost = [at for at, n in enumerate(here) if whose is None or names[n] in whose]
        seen[span, lost] = False
    return seen.sum(axis=0)


def _rows(samples: list[str], gene: tuple[str, np.ndarray], counts: np.ndarray, people: dict) -> pl.DataFrame:
    name, bases = gene
    columns = [samples, [name] * len(samples), [len(bases)] * len(samples), counts, [people[s].basis for s in samples]]
    return pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)


def _key(looked: Looked) -> int:
    return id(looked.ground)


def _distinct(people: dict[str, Looked]) -> dict[int, Intervals]:
    """The different grounds: people who share one are answered once a gene."""
    return {_key(looked): looked.ground for looked in people.values()}
