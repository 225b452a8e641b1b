"""Sums of polygenic scores over the genotype store, with plink2's rules for missing genotypes and effect types.

A person's sum adds, for each matched variant, weight x dosage of the effect allele (0 to 2): an imputed dosage where
the store has one, else that of the genotype. With a dominant effect the dosage is min(dosage, 1), with a recessive one
max(dosage - 1, 0); with weights by dosage the weight of 0, 1 or 2 copies itself counts, between whole copies the line
between theirs. Terms of several variants are those of :mod:`permed.scores.terms`.

A missing genotype counts as twice the effect allele's frequency (once for dominant and recessive; with weights by
dosage as their mean in Hardy-Weinberg proportions): the frequency given for a reference population, else that among the
people summed when they are at least :data:`permed.scores.chunks.IMPUTED_FROM`; else it adds nothing. The denominator is
the number of alleles that entered, two a variant: all of them where missing genotypes are imputed, else those of called
genotypes. All as ``plink2 --score`` (2.00a3.5) does it, which with fewer people asks for ``no-mean-imputation``. One
difference: a variant of unknown frequency at which nobody is called enters neither sum nor denominator, where plink2
assumes a frequency of one half.

On chrX outside the pseudoautosomal regions a man's one copy counts ``once``, as one allele of dosage 0 to 1, as with
``plink2 --xchr-model 1``, or ``twice``, as two alleles of dosage 0 to 2, which is plink2's default. Counted once, an
effect that is dominant or recessive shows in who has the one copy. Who is a man is taken from the sex given; of people
whose sex is not known genotypes that the input wrote with one allele count once, the others as two. A man's
heterozygous genotype there is an error of calling, and missing. Frequencies count chromosomes in either case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.scores.chunks import Contig, People, outside_shared
from permed.scores.entries import (
    Entries,
    Planes,
    effect_values,
    kinds,
    read_log,
    single_values,
    used_variants,
    weights,
    weights_by_dosage,
)
from permed.scores.kernels import add_planes
from permed.scores.terms import Terms

BLOCK_BYTES = 256


@dataclass
class Sums:
    """Sums of scores, arrays of shape (scores, people).

    ``total`` is the sum, ``alleles`` the denominator, ``missing`` the matched variants of the store without a genotype,
    ``imputed`` those of them that were imputed; ``unread`` is the variance of those missing, where the log has a column
    ``variance`` of what each row gives to that of its score, else nothing. By score: ``stored``, the matched variants
    of the store; ``by_dosage``, those of them with imputed dosages; ``on_x``, those of them at which a man's one copy
    counts once. ``unsexed`` (people,) is whose chromosomes X are not known.
    """

    total: np.ndarray
    alleles: np.ndarray
    missing: np.ndarray
    imputed: np.ndarray
    unread: np.ndarray
    stored: np.ndarray
    by_dosage: np.ndarray
    on_x: np.ndarray
    unsexed: np.ndarray


def sum_log(
    beds: list[Path],
    samples: Path,
    log: Path | pl.LazyFrame,
    found: list[str],
    people: list[str],
    *,
    build: str,
    sexes: Mapping[str, str] | None = None,
    x_dosage: str = "once",
    frequencies: pl.DataFrame | None = None,
) -> Sums:
    """Sum scores for some people of a genotype store, in one pass over it.

    ``beds`` are the store's ``{contig}.bed`` (a cohort's or a reference panel's) and ``samples`` its samples.parquet.
    ``log`` is the log of matching against the sites of this very store (Parquet or a frame, columns of ``LOG_SCHEMA``
    of :mod:`permed.scores.log`); of it the scores ``found`` are summed, and the arrays of the
    result follow the order of ``found`` and of ``people``. Only their genotypes are read, for frequencies too.

    ``sexes`` are by name as :mod:`permed.sexes` has them. ``frequencies`` (``contig pos ref alt af``, the
    share of ALT among the alleles of a reference population) go before those of ``people`` where a missing genotype is
    imputed. Memory is bounded by 50 bytes a score and person and some hundred MB.

    Raises a Fault for a person whom the store does not have.
    """
    who = People.of(samples, people, sexes)
    rows = read_log(log, found)
    terms = Terms(rows, who, build)
    tally = _Tally(len(found), who)
    for bed in beds:
        name = bed.name.removesuffix(".bed")
        variants = used_variants(rows, name)
        if variants.is_empty() and name not in terms.contigs():
            continue
        contig = Contig(bed, samples, who, build, x_dosage, frequencies)
        tally.add_constants(variants.filter(pl.col("row").is_null()), contig, build)
        entries = Entries.of(variants.filter(pl.col("row").is_not_null()))
        for part in entries.parts(contig.chunk_rows):
            tally.add(part, contig)
        terms.read(contig)
    return tally.sums(terms)


class _Tally:
    """Sums in the making. ``_base`` and ``_constants`` (scores, 2) are of sites taken for the reference, for who has
    two chromosomes there and who has one."""

    def __init__(self, scores: int, people: People) -> None:
        self._people = people
        padded = 4 * -(-len(people) // 4)
        self._total = np.zeros((scores, padded))
        self._counts = np.zeros((3, scores, padded), np.int32)
        self._unread = np.zeros((scores, padded))
        self._base, self._constants = np.zeros((scores, 2)), np.zeros((scores, 2))
        self._stored, self._by_dosage, self._on_x = (np.zeros(scores, np.int64) for _ in range(3))

    def add(self, entries: Entries, contig: Contig) -> None:
        """Add the variants of a chunk of the store."""
        chunk = contig.take(np.unique(entries.row), entries.siblings)
        scores = len(self._total)
        self._add_planes(chunk.genotypes, Planes.of(entries, chunk, scores), self._total)
        if (unread := Planes.unread(entries, chunk, scores)) is not None:
            *plain, single_of = chunk.genotypes
            self._add_planes((*plain, np.full_like(single_of, -1)), unread, self._unread)  # without counting again
        of, row = entries.score, entries.row
        self._stored += np.bincount(of, minlength=scores)
        self._on_x += np.bincount(of[contig.on_x[row] & contig.counts_once], minlength=scores)
        with_dosage = chunk.measures[np.searchsorted(chunk.rows, row), 3] > 0
        self._by_dosage += np.bincount(of[with_dosage], minlength=scores)

    def _add_planes(self, genotypes: tuple, planes: Planes, total: np.ndarray) -> None:
        add_planes(
            genotypes,
            *(planes.places, planes.values, planes.fates, planes.starts, planes.planes, planes.weights),
            *(total, self._counts, BLOCK_BYTES),
        )

    def add_constants(self, variants: pl.DataFrame, contig: Contig, build: str) -> None:
        """Add what everybody has at sites taken for the reference."""
        if variants.is_empty():
            return
        of, kind = variants["score"].to_numpy(), kinds(variants)
        effects = effect_values(kind, weights_by_dosage(variants))
        has = variants["dosage_of"].to_numpy() == "two"
        two = np.where(has, effects[:, 2], effects[:, 0])
        single = single_values(effects, kind)
        once = contig.counts_once & outside_shared(contig.name, variants["pos"], build)
        one = np.where(once, np.where(has, single[:, 1], single[:, 0]), two)
        for column, (value, alleles) in enumerate(((two, np.full(len(of), 2)), (one, np.where(once, 1, 2)))):
            self._base[:, column] += np.bincount(of, weights=value * weights(variants), minlength=len(self._base))
            self._constants[:, column] += np.bincount(of, weights=alleles, minlength=len(self._base))

    def sums(self, terms: Terms) -> Sums:
        """Everything added up."""
        people = len(self._people)
        imputed, left_out, singles = self._counts[:, :, :people]
        column = self._people.one_x.astype(int)
        total = self._total[:, :people]
        total += self._base[:, column]
        missing, unread = imputed + left_out, self._unread[:, :people]
        alleles = (2 * self._stored[:, None] + self._constants[:, column]).astype(np.int32) - 2 * left_out - singles
        for term in terms:
            value = term.value()
            known = ~np.isnan(value)
            total[term.score] += np.where(known, term.weight * value, 0)
            alleles[term.score] += 2 * known
            missing[term.score] += ~known
            unread[term.score] += ~known * term.variance
            self._stored[term.score] += 1
        return Sums(
            *(total, alleles, missing, imputed, unread),
            *(self._stored, self._by_dosage, self._on_x, self._people.unsexed),
        )
