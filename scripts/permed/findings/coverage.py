"""How much of each gene's coding sequence was looked at in each person, on one contig. Positions are 1-based."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from permed.evidence.intervals import Intervals
from permed.genotypes.store import HOM_REF, MISSING, GenotypeStore, unpack
from permed.observations.codes import BELIEVED, DOUBT

SCHEMA = {"sample": pl.String, "gene": pl.String, "bases": pl.Int64, "looked_at": pl.Int64, "basis": pl.String}
SCHEMA |= {"named": pl.Int64, "named_looked_at": pl.Int64, "doubted": pl.List(pl.Int64)}
GVCF, CALLABLE, ASSUMED, SITES = "gvcf", "callable", "assumed", "sites"
_PEOPLE = 256  # at a time; a multiple of four, since four share a byte


@dataclass(frozen=True)
class Looked:
    """Where a person is known to be reference unless a record says otherwise (``ground``), and what tells so.

    ``weak`` are reference blocks that are not believed, by code of doubt.
    """

    ground: Intervals
    basis: str
    weak: dict[int, Intervals] = field(default_factory=dict)


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
        found[gene] = np.unique(np.concatenate([_positions(spans) for spans in rows["coding"]]))
    return found


def named_codons(models: pl.DataFrame, residues: dict[str, set[int]], contig: str) -> dict[str, np.ndarray]:
    """Positions of the codons of some residues (numbered from 1) of genes on a contig, by gene.

    They are those of a gene's MANE transcripts, else its canonical ones, else all; ``models`` needs ``strand`` and
    ``phase`` (bases before the first whole codon) too. The positions of a residue that no transcript has are left out.
    """
    own = models.filter((pl.col("contig") == contig) & pl.col("gene").is_in(list(residues)))
    mane, canonical = pl.col("mane").is_not_null(), pl.col("canonical").fill_null(False)
    own = own.filter(pl.when(mane.any().over("gene")).then(mane).otherwise(canonical | ~canonical.any().over("gene")))
    found: dict[str, list[np.ndarray]] = {}
    for gene, spans, strand, phase in own.select("gene", "coding", "strand", "phase").iter_rows():
        bases = _positions(spans)[:: 1 if strand == "+" else -1][phase or 0 :]
        found.setdefault(gene, []).extend(bases[3 * n - 3 : 3 * n] for n in sorted(residues[gene]))
    return {gene: np.unique(np.concatenate(parts)) for gene, parts in found.items()}


def looked_at(
    store: GenotypeStore,
    bases: dict[str, np.ndarray],
    people: dict[str, Looked],
    aside: pl.DataFrame,
    asked: Callable[[str], Collection[str]],
    named: dict[str, np.ndarray],
) -> pl.DataFrame:
    """A row for each gene of ``bases`` and each of ``people`` who is ``asked`` about it (a function of the gene):
    how many coding bases there are and were looked at, and how many of the places that ``named`` has of the gene.

    ``store`` has one contig. A base was looked at where the person's ground says so, where a record begins for which
    the person has a genotype, and all along a record of which the person carries the alternate; and not where a record
    with a genotype that is missing or not believed lies or one that was set aside (``pos end samples``). ``doubted``
    has, by code of doubt, the bases that were not looked at and over which a called genotype or else a reference block
    lies that is not believed: they would have been but for the doubt.
    """
    pos = store.sites["pos"].to_numpy()
    ends = pos + store.sites["ref"].str.len_bytes().to_numpy().astype(np.int64) - 1
    parts = []
    for first in range(0, len(store.samples), _PEOPLE):
        names = store.samples[first : first + _PEOPLE]
        for gene, own in bases.items():
            whose = asked(gene)
            here = [n for n, name in enumerate(names) if name in people and name in whose]
            if here:
                seen, doubts = _seen(store, own, pos, ends, first, names, here, people, aside)
                parts.append(_rows([names[n] for n in here], gene, own, seen, doubts, named.get(gene), people))
    order = {name: n for n, name in enumerate(people)}
    table = pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)
    place = pl.col("sample").replace_strict(order, return_dtype=pl.Int64)
    return table.sort(place, pl.col("gene")) if len(table) else table


def _seen(store, bases, pos, ends, first, names, here, people, aside) -> tuple[np.ndarray, np.ndarray]:
    """Which ``bases`` of a gene were looked at (bases, people), and the codes of doubt of those that therefore were
    not, of the people ``here`` among ``names``, who begin at column ``first``. People who share a ground are answered
    once."""
    grounds = [people[names[n]].ground for n in here]
    distinct = {id(ground): ground for ground in grounds}
    covered = {key: ground.cover(bases, bases) for key, ground in distinct.items()}
    seen = np.stack([covered[id(ground)] for ground in grounds], axis=1)
    doubts = np.stack([_weak(people[names[n]].weak, bases) for n in here], axis=1)
    touching = np.flatnonzero((ends >= bases[0]) & (pos <= bases[-1]))
    lows, highs = np.searchsorted(bases, pos[touching]), np.searchsorted(bases, ends[touching], side="right")
    inside = highs > lows
    touching, lows, highs = touching[inside], lows[inside], highs[inside]
    if len(touching):
        packed = np.asarray(store.parts[0][touching, first // 4 : (first + len(names) + 3) // 4])
        codes = unpack(packed, len(names))[:, here]
        why = store.observed(touching)[:, [first + n for n in here]] & DOUBT
        why[codes == MISSING] = BELIEVED
        codes = np.where(why != BELIEVED, np.uint8(MISSING), codes)
        for row, at, low, high in zip(codes, pos[touching], lows, highs, strict=True):
            seen[low:high] |= (row != MISSING) & (row != HOM_REF)
            if bases[low] == at:
                seen[low] |= row == HOM_REF
        for row, reasons, low, high in zip(codes, why, lows, highs, strict=True):
            seen[low:high] &= row != MISSING
            doubts[low:high] = np.where(reasons != BELIEVED, reasons, doubts[low:high])
    for low, high, whose in aside.select("pos", "end", "samples").iter_rows():
        span = slice(np.searchsorted(bases, low), np.searchsorted(bases, high, side="right"))
        lost = [at for at, n in enumerate(here) if whose is None or names[n] in whose]
        seen[span, lost] = False
    doubts[seen] = BELIEVED
    return seen, doubts


def _weak(weak: dict[int, Intervals], bases: np.ndarray) -> np.ndarray:
    """The code of doubt of the reference blocks over each base, the first where several lie there."""
    codes = np.zeros(len(bases), np.uint8)
    for code in sorted(weak, reverse=True):
        codes[weak[code].cover(bases, bases)] = code
    return codes


def _rows(samples: list[str], gene: str, bases: np.ndarray, seen, doubts, named, people: dict) -> pl.DataFrame:
    size = len(samples)
    columns = [samples, [gene] * size, [len(bases)] * size, seen.sum(axis=0), [people[s].basis for s in samples]]
    places = None if named is None else np.isin(bases, named)
    columns += [[None] * size] * 2 if places is None else [[len(named)] * size, seen[places].sum(axis=0)]
    columns += [[[0, *np.bincount(codes, minlength=DOUBT + 1)[1:].tolist()] for codes in doubts.T]]
    return pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)


def _positions(spans: list[dict]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int64), *(np.arange(span["first"], span["last"] + 1) for span in spans)])
