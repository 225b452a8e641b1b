"""Genotypes of some people at some variants, read from the store as the kernels of scores take them."""

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import canonical, pseudoautosomal
from permed.genotypes.store import (
    DOSAGE_UNIT,
    MISSING,
    NO_DOSAGE,
    GenotypeStore,
    pack,
    unpack,
)
from permed.observations.codes import DOUBT, FIRST_OTHER, SECOND_OTHER
from permed.scores.kernels import measure_rows, take_columns, take_rows
from permed.scores.of_ref import append_not_ref
from permed.sexes import ONE_X, TWO_X
from permed.tables import read_table

IMPUTED_FROM = 50  # people; plink2's own limit for frequencies from the data
CHUNK_BYTES = 1 << 26
LOOKED = 1_000  # sites of chrX that tell how a man's genotypes are written


@dataclass(frozen=True)
class People:
    """The people to score: their ``columns`` among the ``samples`` of a store, and who has one X (``one_x``) or an
    unknown number (``unsexed``), as bool of shape (people,)."""

    columns: np.ndarray
    samples: int
    one_x: np.ndarray
    unsexed: np.ndarray

    @classmethod
    def of(cls, samples: Path, names: list[str], sexes: Mapping[str, str] | None) -> "People":
        """Find people by name in a store's samples.parquet; ``sexes`` as :mod:`permed.sexes` has them."""
        place = {name: number for number, name in enumerate(read_table(samples)["sample"])}
        absent = [name for name in names if name not in place]
        if absent:
            raise Fault("the person has no genotypes in the store", samples, absent[0], remedy="Run the workflow again")
        sex = [(sexes or {}).get(name) for name in names]
        return cls(
            np.array([place[name] for name in names], np.int64),
            len(place),
            np.array([value in ONE_X for value in sex], bool),
            np.array([value not in (*ONE_X, *TWO_X) for value in sex], bool),
        )

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def everybody(self) -> bool:
        """Whether they are all people of the store in its order."""
        return len(self) == self.samples and bool((self.columns == np.arange(self.samples)).all())


@dataclass(frozen=True)
class Chunk:
    """Genotypes of the people at ``rows`` of a contig (sorted): what :mod:`permed.scores.kernels` calls ``genotypes``.

    A genotype that is not believed is missing. Where a site has several alternates, or somebody a copy of an allele
    that the store does not have, a row comes again at the end, with all that is not REF counted as ALT; ``of_ref``
    (rows,) tells where the genotypes for copies of REF are.

    ``single`` marks genotypes of one copy (chrX outside the pseudoautosomal regions) for the frequencies;
    ``scored_single`` for the sums, None where they count as two. ``frequency`` is that of ALT, NaN where none is known.
    """

    rows: np.ndarray
    people: int
    packed: np.ndarray
    units: np.ndarray
    unit_of: np.ndarray
    single: np.ndarray
    single_of: np.ndarray
    counts_once: bool
    known: np.ndarray
    of_ref: np.ndarray

    @property
    def genotypes(self) -> tuple:
        """What the sums are made of."""
        single_of = self.single_of if self.counts_once else np.full_like(self.single_of, -1)
        return self.packed, self.units, self.unit_of, self.single, single_of

    @cached_property
    def measures(self) -> np.ndarray:
        """Copies of ALT, alleles called, genotypes missing and dosages, float64 of shape (rows, 4): of every row, and
        behind them of those that come a second time."""
        found = np.empty((len(self.packed), 4))
        measure_rows((self.packed, self.units, self.unit_of, self.single, self.single_of), self.people, found)
        return found

    @cached_property
    def frequency(self) -> np.ndarray:
        """Frequencies of ALT: those given, else the people's own if they are at least :data:`IMPUTED_FROM`."""
        copies, alleles = self.measures[:, 0], self.measures[:, 1]
        with np.errstate(invalid="ignore"):
            own = copies / alleles if self.people >= IMPUTED_FROM else np.full(len(self.packed), np.nan)
        return np.where(np.isnan(self.known), own, self.known)

    def copies(self, row: int, of_ref: bool) -> tuple[np.ndarray, np.ndarray]:
        """Copies of ALT, or ``of_ref``, at a row of the contig (NaN where missing), and of how many (1 or 2), each
        (people,)."""
        at = int(np.searchsorted(self.rows, row))
        at = int(self.of_ref[at]) if of_ref else at
        codes = unpack(self.packed[at : at + 1], self.people)[0]
        alts = np.array([2, np.nan, 1, 0])[codes]
        if self.unit_of[at] >= 0:
            units = self.units[self.unit_of[at]]
            alts = np.where(units == NO_DOSAGE, alts, units / DOSAGE_UNIT)
        one = np.zeros(self.people, bool)
        if self.counts_once and self.single_of[at] >= 0:
            one = self.single[self.single_of[at]] != 0
        copies, of = np.where(one, alts / 2, alts), np.where(one, 1, 2)
        return of - copies if of_ref else copies, of


class Contig:
    """The genotypes of one contig of a store, for some people.

    ``x_dosage`` says whether the one chrX of a man counts ``once`` or ``twice``; frequencies are of chromosomes in
    either case. ``frequencies`` as :func:`permed.scores.score.sum_log` takes them.
    """

    def __init__(
        self, bed: Path, samples: Path, people: People, build: str, x_dosage: str, frequencies: pl.DataFrame | None
    ) -> None:
        self.name = bed.name.removesuffix(".bed")
        store = GenotypeStore.open([bed], samples)
        self._sites, self._packed = store.sites, _fixed(store.parts[0])
        self._dosages, self._haploid = store.dosage_parts[0], store.haploid_parts[0]
        self._observed = store.observed_parts[0]
        self._people, self.counts_once = people, x_dosage == "once"
        self.on_x = outside_shared(self.name, self._sites["pos"], build)
        self._known = _known(self._sites, self.name, frequencies)

    @property
    def chunk_rows(self) -> int:
        """How many rows fit the memory of a chunk."""
        people = len(self._people)
        each = -(-people // 4) + 2 * people * (self._dosages is not None) + people * bool(self.on_x.any())
        each += people * (self._observed is not None)
        return max(1, CHUNK_BYTES // max(1, each))

    def take(self, rows: np.ndarray, siblings: Mapping[int, list[int]] = MappingProxyType({})) -> Chunk:
        """Read the genotypes at some rows, sorted; ``siblings`` are the other alternates of those of which copies of
        REF are asked, and are read too."""
        people = self._people
        if siblings:
            rows = np.unique(np.concatenate([rows, *siblings.values()]))
        packed = np.empty((len(rows), -(-len(people) // 4)), np.uint8)
        if people.everybody:
            take_rows(self._packed, rows, packed)
        else:
            take_columns(self._packed, rows, people.columns, packed)
        others = self._take_observed(rows, packed)
        units, unit_of = self._take_dosages(rows, packed)
        single, single_of = self._take_single(rows, packed)
        for part in (self._packed, self._dosages, self._haploid, self._observed):
            _release(part)
        known, of_ref = self._known[rows], np.arange(len(rows))
        more = {place: [place] for place in others}
        for row, own in siblings.items():
            more[int(np.searchsorted(rows, row))] = [int(at) for at in np.searchsorted(rows, [row, *own])]
        if more:
            places = np.array(list(more))
            of_ref[places] = len(rows) + np.arange(len(places))
            packed, units, unit_of = append_not_ref(packed, units, unit_of, list(more.values()), others, len(people))
            single_of = np.append(single_of, single_of[places])
            known = np.append(known, [known[alternates].sum() for alternates in more.values()])
        return Chunk(
            *(rows, len(people), packed, units, unit_of, single, single_of),
            *(self.counts_once, known, of_ref),
        )

    def _take_observed(self, rows: np.ndarray, packed: np.ndarray) -> dict[int, np.ndarray]:
        """Make genotypes missing in ``packed`` that are not believed; copies of alleles that the store does not have,
        by the place among ``rows`` where somebody has one."""
        found = {}
        if self._observed is None:
            return found
        for place, row in enumerate(rows):
            observed = np.asarray(self._observed[row])[self._people.columns]
            if not observed.any():
                continue
            doubted = observed & DOUBT != 0
            if doubted.any():
                codes = unpack(packed[place : place + 1], len(self._people))
                packed[place] = pack(np.where(doubted, np.uint8(MISSING), codes))[0]
            others = ((observed & FIRST_OTHER) != 0).astype(np.int64) + ((observed & SECOND_OTHER) != 0)
            if others.any():
                found[place] = others
        return found

    def _take_dosages(self, rows: np.ndarray, packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ALT dosages; not those of missing genotypes that may count one copy or two (:attr:`_unclear`)."""
        if self._dosages is None:
            return np.empty((0, 0), np.uint16), np.full(len(rows), -1)
        units = np.empty((len(rows), len(self._people)), np.uint16)
        for place, row in enumerate(rows):
            units[place] = self._dosages[row][self._people.columns]
        here = self.on_x[rows]
        if here.any():
            missing = unpack(packed[here], len(self._people)) == MISSING
            units[here] = np.where(missing & self._unclear, NO_DOSAGE, units[here])
        has = (units != NO_DOSAGE).any(axis=1)
        return units[has], np.where(has, np.cumsum(has) - 1, -1)

    @cached_property
    def _unclear(self) -> np.ndarray:
        """Men whose genotypes on chrX are not all written with two alleles, as bool of shape (people,).

        A dosage beside a missing genotype of theirs is that of one copy, 0 to 1, or of two.
        """
        people, looked = self._people, np.flatnonzero(self.on_x)[:LOOKED]
        called = unpack(np.asarray(self._packed[looked]), people.samples)[:, people.columns] != MISSING
        one = np.zeros_like(called)
        if self._haploid is not None:
            bits = np.unpackbits(self._haploid[looked], axis=1, bitorder="little", count=people.samples)
            one = bits[:, people.columns] != 0
        return people.one_x & (one.any(axis=0) | ~called.any(axis=0))

    def _take_single(self, rows: np.ndarray, packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which genotypes are of one copy; a man's heterozygous ones, which cannot be, become missing in ``packed``."""
        here, people = self.on_x[rows], self._people
        single = np.zeros((here.sum(), len(people)), np.uint8)
        if here.any():
            if self._haploid is not None:
                bits = np.unpackbits(self._haploid[rows[here]], axis=1, bitorder="little", count=people.samples)
                single |= bits[:, people.columns]
            single |= people.one_x
            of_men, codes = pack(people.one_x[None].astype(np.uint8)), packed[here]
            wrong = codes >> 1 & ~codes & of_men
            packed[here] = codes ^ (wrong | wrong << 1)
        return single, np.where(here, np.cumsum(here) - 1, -1)


def outside_shared(contig: str, positions: pl.Series, build: str) -> np.ndarray:
    """Which positions (1-based) of a contig lie on chrX outside the pseudoautosomal regions."""
    if canonical(contig) != "chrX":
        return np.zeros(len(positions), bool)
    positions = positions.to_numpy()
    inside = [(positions >= start) & (positions <= end) for start, end in pseudoautosomal(build, contig)]
    return ~np.logical_or.reduce(inside)


def _known(sites: pl.DataFrame, contig: str, frequencies: pl.DataFrame | None) -> np.ndarray:
    if frequencies is None:
        return np.full(len(sites), np.nan)
    names = [name for name in frequencies["contig"].unique() if canonical(name) == canonical(contig)]
    here = frequencies.filter(pl.col("contig").is_in(names)).select("pos", "ref", "alt", "af")
    here = here.unique(["pos", "ref", "alt"], keep="first", maintain_order=True)
    joined = sites.select("pos", "ref", "alt").join(here, on=["pos", "ref", "alt"], how="left", maintain_order="left")
    return joined["af"].cast(pl.Float64).fill_null(np.nan).to_numpy()


def _fixed(part: np.ndarray) -> np.ndarray:
    """The same memory as a plain array that cannot be written, so that kernels are compiled for one type."""
    plain = part.view(np.ndarray)
    plain.flags.writeable = False
    return plain


def _release(part: np.ndarray | None) -> None:
    """Give the pages of a memory map back, which else count as the process's own until it ends."""
    mapped = part
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
