"""What scores take of each variant: the log of matching as arrays, and the planes that kernels add up."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import polars as pl

from permed.scores.chunks import Chunk
from permed.scores.kernels import (
    GROUP,
    IMPUTED,
    KNOWN,
    LEFT_OUT,
    MISSING_ONE,
    MISSING_TWO,
    NONE,
    ONE,
    SINGLE_NONE,
    SINGLE_ONE,
    TWO,
)
from permed.scores.match import USED

ADDITIVE, DOMINANT, RECESSIVE, BY_DOSAGE = range(4)
_KINDS = {"additive": ADDITIVE, "dominant": DOMINANT, "recessive": RECESSIVE}
_EFFECTS = np.array([[0, 1, 2], [0, 1, 1], [0, 0, 1], [0, 0, 0]], float)  # of 0, 1, 2 copies of the effect allele
_COLUMNS = {
    "contig": pl.String,
    "pos": pl.Int64,
    "row": pl.Int64,
    "weight": pl.Float64,
    "effect_type": pl.String,
    "dosage_of": pl.String,
    "siblings": pl.List(pl.Int64),
    "dosage_weights": pl.List(pl.Float64),
    "term": pl.Int64,
    "class": pl.String,
    "variance": pl.Float64,
}


def read_log(log: Path | pl.LazyFrame, found: list[str]) -> pl.LazyFrame:
    """The log's rows of the scores ``found``, which are numbered in that order; columns that it lacks are null."""
    rows = log if isinstance(log, pl.LazyFrame) else pl.scan_parquet(log)
    has = rows.collect_schema()
    number = pl.col("score").replace_strict(found, list(range(len(found))), return_dtype=pl.Int64)
    columns = [pl.col(name) if name in has else pl.lit(None, kind).alias(name) for name, kind in _COLUMNS.items()]
    return rows.filter(pl.col("score").is_in(found)).select(number, *columns)


def used_variants(rows: pl.LazyFrame, contig: str) -> pl.DataFrame:
    """The single variants of a contig that enter the sums."""
    here = (pl.col("contig") == contig) & pl.col("class").is_in(USED) & pl.col("term").is_null()
    return rows.filter(here).drop("contig", "class", "term").collect()


@dataclass(frozen=True)
class Entries:
    """Variants of scores as arrays with an element each, sorted by ``row``, that of the contig.

    ``siblings`` are the other alternates of a row of which copies of REF are asked.
    ``by_dosage`` (entries, 3) are the weights by 0, 1 and 2 copies of the effect allele, NaN for an entry without;
    ``variance`` is what an entry gives to that of its score, None where nobody asks.
    """

    score: np.ndarray
    row: np.ndarray
    weight: np.ndarray
    kind: np.ndarray
    of_ref: np.ndarray
    by_dosage: np.ndarray | None
    variance: np.ndarray | None
    siblings: dict[int, list[int]]

    @classmethod
    def of(cls, variants: pl.DataFrame) -> "Entries":
        """From rows of :func:`used_variants` that the store has."""
        rows = variants.sort("row", maintain_order=True)
        siblings = siblings_of(rows)
        score, row = (rows[name].to_numpy() for name in ("score", "row"))
        of_ref = (rows["dosage_of"] == "ref").to_numpy()
        variance = None if rows["variance"].null_count() else rows["variance"].to_numpy()
        return cls(score, row, weights(rows), kinds(rows), of_ref, weights_by_dosage(rows), variance, siblings)

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, part: slice | np.ndarray) -> "Entries":
        own = (getattr(self, each.name) for each in fields(self)[:-1])
        arrays = [None if values is None else values[part] for values in own]
        wanted = set(arrays[1].tolist()) if self.siblings else set()
        return Entries(*arrays, {row: others for row, others in self.siblings.items() if row in wanted})

    def parts(self, rows: int) -> Iterator["Entries"]:
        """Parts that need about so many rows of the store each."""
        bounds = np.append(np.flatnonzero(np.diff(self.row, prepend=-1))[::rows], len(self))
        for first, last in itertools.pairwise(bounds):
            yield self[first:last]


@dataclass(frozen=True)
class Planes:
    """The planes of some entries and which entry takes which, as :func:`permed.scores.kernels.add_planes` has them."""

    places: np.ndarray
    values: np.ndarray
    fates: np.ndarray
    starts: np.ndarray
    planes: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, entries: Entries, chunk: Chunk, scores: int) -> "Planes":
        """Entries that use a row in the same way share a plane; those with weights by dosage have one each."""
        place = np.searchsorted(chunk.rows, entries.row)
        place = np.where(entries.of_ref, chunk.of_ref[place], place)
        key = (place * 2 + entries.of_ref) * 4 + entries.kind
        own = entries.kind == BY_DOSAGE
        key = np.where(own, key * (len(entries) + 1) + np.arange(len(entries)), key * (len(entries) + 1))
        _, first, plane = np.unique(key, return_index=True, return_inverse=True)
        places, kind, of_ref = place[first], entries.kind[first], entries.of_ref[first]
        effects = effect_values(kind, None if entries.by_dosage is None else entries.by_dosage[first])
        frequency = chunk.frequency[places]
        values = _values(effects, kind, of_ref, frequency)
        of_missing = np.where(np.isnan(frequency), LEFT_OUT, IMPUTED)
        fates = np.where(chunk.measures[places, 2] > 0, of_missing, KNOWN)
        groups = -(-len(places) // GROUP)
        slot = plane // GROUP * scores + entries.score
        order = np.argsort(slot, kind="stable")
        starts = np.searchsorted(slot[order], np.arange(groups * scores + 1))
        starts = np.stack([starts[g * scores : (g + 1) * scores + 1] for g in range(groups)])
        return cls(places, values, fates, starts, plane[order], entries.weight[order])

    @classmethod
    def unread(cls, entries: Entries, chunk: Chunk, scores: int) -> "Planes | None":
        """Planes of who has no genotype, weighted by the variance of each entry; None where everybody has all."""
        place = np.searchsorted(chunk.rows, entries.row)
        lacking = chunk.measures[np.where(entries.of_ref, chunk.of_ref[place], place), 2] > 0
        if entries.variance is None or not lacking.any():
            return None
        some = entries[lacking]
        none = np.zeros(len(some), np.int64)
        planes = cls.of(replace(some, kind=none, by_dosage=None, weight=some.variance), chunk, scores)
        values = np.zeros_like(planes.values)
        values[:, [MISSING_TWO, MISSING_ONE]] = 1
        return replace(planes, values=values, fates=np.full_like(planes.fates, KNOWN))


def siblings_of(variants: pl.DataFrame) -> dict[int, list[int]]:
    """The other alternates of the rows of which copies of REF are asked, where there are any."""
    several = variants.filter(pl.col("siblings").list.len() > 0).unique("row")
    return dict(several.select("row", "siblings").iter_rows())


def kinds(variants: pl.DataFrame) -> np.ndarray:
    """The kind of effect of each variant: additive, dominant, recessive, or its own weights by dosage."""
    own = pl.col("dosage_weights").is_not_null()
    kind = pl.col("effect_type").replace_strict(_KINDS, default=None, return_dtype=pl.Int64)
    return variants.select(pl.when(own).then(BY_DOSAGE).otherwise(kind)).to_series().to_numpy()


def weights(variants: pl.DataFrame) -> np.ndarray:
    """What the effect of each variant is multiplied by: 1 for one with weights by dosage."""
    own = pl.col("dosage_weights").is_not_null()
    return variants.select(pl.when(own).then(1.0).otherwise("weight")).to_series().to_numpy()


def weights_by_dosage(variants: pl.DataFrame) -> np.ndarray | None:
    """The weights of 0, 1 and 2 copies, (variants, 3), NaN for a variant without; None if none has any."""
    if variants["dosage_weights"].null_count() == len(variants):
        return None
    none = pl.lit([np.nan] * 3, pl.List(pl.Float64))
    return np.array(variants.select(pl.col("dosage_weights").fill_null(none)).to_series().to_list())


def effect_values(kind: np.ndarray, by_dosage: np.ndarray | None) -> np.ndarray:
    """What 0, 1 and 2 copies of the effect allele count for, (n, 3)."""
    effects = _EFFECTS[kind]
    return effects if by_dosage is None else np.where((kind == BY_DOSAGE)[:, None], by_dosage, effects)


def single_values(effects: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """What 0 and 1 copy count for where there is one chromosome: (n, 2) from ``effects`` (n, 3).

    One copy is all that there can be: a recessive effect shows.
    """
    return np.stack([effects[:, 0], np.where(kind == RECESSIVE, effects[:, 2], effects[:, 1])], axis=1)


def _values(effects: np.ndarray, kind: np.ndarray, of_ref: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Values of planes by the copies of ALT, (planes, 7); ``frequency`` is that of ALT, NaN for an unknown one."""
    p = np.where(of_ref, 1 - frequency, frequency)
    single = single_values(effects, kind)
    two = np.where(of_ref[:, None], effects[:, ::-1], effects)
    one = np.where(of_ref[:, None], single[:, ::-1], single)
    of_pair = np.where(kind == ADDITIVE, 2 * p, p)
    expected = (1 - p) ** 2 * effects[:, 0] + 2 * p * (1 - p) * effects[:, 1] + p**2 * effects[:, 2]
    values = np.empty((len(effects), 7))
    values[:, [NONE, ONE, TWO]] = two
    values[:, [SINGLE_NONE, SINGLE_ONE]] = one
    values[:, MISSING_TWO] = np.nan_to_num(np.where(kind == BY_DOSAGE, expected, of_pair))
    values[:, MISSING_ONE] = np.nan_to_num((1 - p) * single[:, 0] + p * single[:, 1])
    return values
