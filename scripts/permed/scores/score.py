"""Sums of polygenic scores over the genotype store, with plink2's rules for missing genotypes and effect types.

A person's sum adds, for each matched variant, weight x dosage of the effect allele (0, 1, 2); with a dominant effect
the dosage is min(dosage, 1), with a recessive one max(dosage - 1, 0). A missing genotype counts as twice the effect
allele's frequency (once for dominant and recessive) among the people summed when they are at least
:data:`IMPUTED_FROM`; with fewer it adds nothing. The denominator is the number of alleles that entered, two a variant:
all of them when missing genotypes are imputed, else those of called genotypes. All as ``plink2 --score`` (2.00a3.5)
does it, which with fewer people asks for ``no-mean-imputation``. One difference: a variant at which nobody is called
enters neither sum nor denominator, where plink2 assumes a frequency of one half.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, GenotypeStore
from permed.scores.kernels import count_codes, sum_terms, take_columns
from permed.scores.match import USED
from permed.tables import read_table

IMPUTED_FROM = 50  # people; plink2's own limit for frequencies from the data
CHUNK_BYTES = 1 << 26
BLOCK_BYTES = 1024


@dataclass
class Sums:
    """Sums of scores, arrays of shape (scores, samples).

    ``total`` is the sum, ``alleles`` the denominator, ``missing`` the matched variants of the store without a genotype,
    ``imputed`` those of them that were imputed; ``stored`` (scores,) counts the matched variants of the store.
    """

    total: np.ndarray
    alleles: np.ndarray
    missing: np.ndarray
    imputed: np.ndarray
    stored: np.ndarray


def sum_log(beds: list[Path], samples: Path, log: Path, found: list[str], people: list[str]) -> Sums:
    """Sum scores for some people of a genotype store, in one pass over it.

    ``beds`` are the store's ``{contig}.bed`` (a cohort's or a reference panel's) and ``samples`` its samples.parquet.
    ``log`` is the log of matching against the sites of this very store (Parquet, columns of
    ``LOG_SCHEMA`` of :mod:`permed.scores.catalogue`); of it the scores ``found`` are summed, and the arrays of the
    result follow the order of ``found`` and of ``people``. Only their genotypes are read, for frequencies too.
    Raises a Fault for a person whom the store does not have.
    """
    place = {name: number for number, name in enumerate(read_table(samples)["sample"])}
    absent = [name for name in people if name not in place]
    if absent:
        raise Fault("the person has no genotypes in the store", samples, absent[0], remedy="Run the workflow again")
    columns = np.array([place[name] for name in people], np.int64)
    return sum_scores(_stored(beds, samples, log, found), len(found), columns, len(place))


def _stored(
    beds: list[Path], samples: Path, variants: Path, found: list[str]
) -> Iterator[tuple[np.ndarray, pl.DataFrame]]:
    """The parts that :func:`sum_scores` takes: a contig at a time, those that the scores ``found`` need.

    ``variants`` is the log of matching; scores are numbered in the order of ``found``.
    """
    needed = ["row", "weight", "effect_type", "dosage_of", "siblings"]
    used = pl.scan_parquet(variants).filter(pl.col("class").is_in(USED) & pl.col("score").is_in(found))
    number = pl.col("score").replace_strict(found, list(range(len(found))), return_dtype=pl.Int64)
    for bed in beds:
        here = used.filter(pl.col("contig") == bed.name.removesuffix(".bed")).select(number, *needed).collect()
        if len(here):
            yield GenotypeStore.open([bed], samples).parts[0], here


def sum_scores(
    parts: Iterable[tuple[np.ndarray, pl.DataFrame]], scores: int, columns: np.ndarray, samples: int
) -> Sums:
    """Sum scores for some samples in one pass.

    ``parts`` are packed genotypes of a contig with the variants to sum from them: ``score`` (0-based number), ``row``
    of the genotypes or null, ``weight``, ``effect_type``, ``dosage_of`` (``ref``, ``alt``; for a null row ``two`` or
    ``none``: everybody's dosage) and ``siblings``. ``columns`` are positions of the people among the store's
    ``samples``; nobody else's genotypes enter, frequencies included.
    """
    people = len(columns)
    width = -(-people // 4)
    everybody = people == samples and bool((columns == np.arange(samples)).all())
    total = np.zeros((scores, 4 * width))
    missing = np.zeros((scores, 4 * width), np.int32)
    stored, dead, constants, base = (np.zeros(scores) for _ in range(4))
    for packed, variants in parts:
        _add_constants(variants.filter(pl.col("row").is_null()), base, constants)
        for chunk, entries in _chunks(packed, variants.filter(pl.col("row").is_not_null()), width):
            genotypes = np.array(packed[chunk]) if everybody else _taken(packed[chunk], columns, width)
            counts = np.empty((len(chunk), 4), np.int64)
            count_codes(genotypes, counts)
            counts[:, HOM_ALT] -= 4 * width - people
            called = counts.sum(axis=1) - counts[:, MISSING]
            with np.errstate(invalid="ignore"):
                frequency = (2 * counts[:, HOM_ALT] + counts[:, HET]) / (2 * called)
            main, siblings = _split(entries, chunk)
            impute = people >= IMPUTED_FROM
            ignored = np.zeros_like(missing) if len(siblings) else missing
            for rows, lost in ((main, missing), (siblings, ignored)):
                if len(rows):
                    rows = rows.sort("score", maintain_order=True)
                    starts = np.searchsorted(rows["score"].to_numpy(), np.arange(scores + 1))
                    place = rows["place"].to_numpy()
                    sum_terms(
                        genotypes, starts, place, _terms(rows, frequency[place], impute), total, lost, BLOCK_BYTES
                    )
            of = main["score"].to_numpy()
            stored += np.bincount(of, minlength=scores)
            dead += np.bincount(of, weights=called[main["place"].to_numpy()] == 0, minlength=scores)
    total, missing = total[:, :people] + base[:, None], missing[:, :people]
    imputed = missing - dead.astype(np.int32)[:, None] if people >= IMPUTED_FROM else np.zeros_like(missing)
    alleles = 2 * (stored + constants)[:, None] - 2 * (missing - imputed)
    return Sums(total, alleles.astype(np.int64), missing, imputed, stored.astype(np.int64))


def _add_constants(variants: pl.DataFrame, base: np.ndarray, constants: np.ndarray) -> None:
    """Add what everybody has at sites taken for the reference."""
    of = variants["score"].to_numpy()
    dosage = np.where(variants["dosage_of"].to_numpy() == "two", 2.0, 0.0)
    effect = _effect(dosage, variants["effect_type"].to_numpy())
    base += np.bincount(of, weights=effect * variants["weight"].to_numpy(), minlength=len(base))
    constants += np.bincount(of, minlength=len(base))


def _chunks(packed: np.ndarray, variants: pl.DataFrame, width: int) -> Iterator[tuple[np.ndarray, pl.DataFrame]]:
    """Rows of the genotypes that fit the memory, with the variants that need them; siblings go with their variant."""
    size = max(1, CHUNK_BYTES // max(width, packed.shape[1], 1))
    variants = variants.sort("row", maintain_order=True)
    need = variants["row"].unique(maintain_order=True)
    for start in range(0, len(need), size):
        of_chunk = need[start : start + size]
        entries = variants.filter(pl.col("row").is_between(of_chunk[0], of_chunk[-1]))
        rows = np.union1d(of_chunk.to_numpy(), entries["siblings"].explode().drop_nulls().to_numpy()).astype(np.int64)
        yield rows, entries


def _taken(packed: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    taken = np.empty((len(packed), width), np.uint8)
    take_columns(packed, columns, taken)
    return taken


def _split(entries: pl.DataFrame, chunk: np.ndarray) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Variants with the ``place`` of their row in the chunk, and the other alternates to take from a REF dosage."""
    main = entries.with_columns(place=pl.Series(np.searchsorted(chunk, entries["row"].to_numpy())))
    others = entries.filter(pl.col("siblings").list.len() > 0).explode("siblings")
    others = others.with_columns(
        pl.Series("place", np.searchsorted(chunk, others["siblings"].to_numpy()), pl.Int64),
        weight=-pl.col("weight"),
        dosage_of=pl.lit("alt"),
    )
    return main, others


def _terms(variants: pl.DataFrame, frequency: np.ndarray, impute: bool) -> np.ndarray:
    """What each code adds, float64 of shape (variants, 4). ``frequency`` is that of ALT, NaN where nobody is called."""
    of_ref = variants["dosage_of"].to_numpy() == "ref"
    kind = variants["effect_type"].to_numpy()
    terms = np.zeros((len(variants), 4))
    for code, alts in ((HOM_ALT, 2.0), (HET, 1.0), (HOM_REF, 0.0)):
        terms[:, code] = _effect(np.where(of_ref, 2.0 - alts, alts), kind)
    if impute:
        share = np.nan_to_num(np.where(of_ref, 1 - frequency, frequency))
        terms[:, MISSING] = np.where(kind == "additive", 2 * share, share)
    return terms * variants["weight"].to_numpy()[:, None]


def _effect(dosage: np.ndarray, kind: np.ndarray) -> np.ndarray:
    dominant, recessive = np.minimum(dosage, 1), np.maximum(dosage - 1, 0)
    return np.where(kind == "dominant", dominant, np.where(kind == "recessive", recessive, dosage))
