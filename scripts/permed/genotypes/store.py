"""The genotype store: two bits a genotype, variant after variant, in PLINK 1's .bed layout, memory-mapped.

Each contig has ``{contig}.bed`` (three magic bytes, then ``ceil(samples / 4)`` bytes a variant, the first sample in the
lowest bits), ``{contig}.sites.parquet`` beside it and ``{contig}.bim``; the folder has ``samples.parquet`` and
``samples.fam``. Codes are PLINK's with A1 = ALT: 0 homozygous ALT, 1 missing, 2 heterozygous, 3 homozygous REF. Haploid
genotypes are stored as homozygous ones, as PLINK does. Padding bits are 0.

Three sidecars hold what two bits cannot; each is empty, or may be absent, where a contig has nothing of its kind.
``{contig}.haploid`` has a bit a genotype, ``ceil(samples / 8)`` bytes a variant, the first sample in the lowest bit: 1
for a called haploid genotype, 0 for a diploid or a missing one. ``{contig}.dosage`` has two bytes a genotype, lowest
first: the ALT dosage in units of 1/16384, from 0 to 32768, or 65535 where there is none. ``{contig}.observed`` has a
byte a genotype, of :mod:`permed.observations.codes`: why it is not believed, and which of its copies are alleles that
no variant of the store is. Genotypes themselves are as they were written; :meth:`GenotypeStore.believed` leaves out
those that are not believed.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.observations.codes import DOUBT
from permed.tables import atomic, read_table

MAGIC = bytes([0x6C, 0x1B, 0x01])
HOM_ALT, MISSING, HET, HOM_REF = range(4)
DOSAGE_UNIT, NO_DOSAGE = 16384, 65535
TABLE_ROWS = 1 << 16  # sites of a table held at a time
DOSAGE_FIELDS = ("DS", "HDS", "GP")  # FORMAT fields that dosages are read from, in this order
SITE_SCHEMA = {
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "key": pl.UInt64,
    "id": pl.String,
    "n_ref": pl.Int64,
    "n_het": pl.Int64,
    "n_alt": pl.Int64,
    "n_missing": pl.Int64,
}


@dataclass(frozen=True)
class GenotypeStore:
    """Genotypes of a cohort over contigs.

    ``sites`` has a row a variant over all parts in order (columns of :data:`SITE_SCHEMA`), ``samples`` the names in
    the order of the genotypes, ``parts`` one uint8 array of shape (variants, ceil(samples / 4)) a contig.
    ``haploid_parts``, ``dosage_parts`` and ``observed_parts`` are the contigs' sidecars, None for a contig without;
    empty without any.
    """

    samples: list[str]
    sites: pl.DataFrame
    parts: list[np.ndarray] = field(repr=False)
    haploid_parts: list[np.ndarray | None] = field(repr=False, default_factory=list)
    dosage_parts: list[np.ndarray | None] = field(repr=False, default_factory=list)
    observed_parts: list[np.ndarray | None] = field(repr=False, default_factory=list)

    @classmethod
    def open(cls, beds: list[Path], samples: Path) -> "GenotypeStore":
        """Open the .bed files of some contigs; the other files lie beside them, ``samples`` is samples.parquet."""
        names = read_table(samples)["sample"].to_list()
        tables = [read_table(Path(bed).with_suffix(".sites.parquet")) for bed in beds]
        sizes = [(Path(bed), len(table), len(names)) for bed, table in zip(beds, tables, strict=True)]
        sites = pl.concat(tables) if tables else pl.DataFrame(schema=SITE_SCHEMA)
        mapped = ([map_(*size) for size in sizes] for map_ in (_map, _map_haploid, _map_dosages, _map_observed))
        return cls(names, sites, *mapped)

    @classmethod
    def blocks(cls, beds: list[Path], samples: Path, size: int = 1 << 25) -> Iterator["GenotypeStore"]:
        """What :meth:`open` gives, in stores of consecutive sites of one contig, at most ``size`` bytes of genotypes.

        The bytes are read and not mapped, so that memory does not grow with the number of sites.
        """
        names = read_table(samples)["sample"].to_list()
        width = -(-len(names) // 4)
        rows = max(1, size // max(1, width))
        for bed, table in ((Path(bed), pl.scan_parquet(Path(bed).with_suffix(".sites.parquet"))) for bed in beds):
            total = table.select(pl.len()).collect().item()
            _map(bed, total, len(names))
            sidecars = [map_(bed, total, len(names)) for map_ in (_map_haploid, _map_dosages, _map_observed)]
            for outer in range(0, total, TABLE_ROWS):
                sites = table.slice(outer, TABLE_ROWS).collect()
                for inner in range(0, len(sites), rows):
                    block = sites.slice(inner, rows)
                    start, stop = outer + inner, outer + inner + len(block)
                    packed = np.fromfile(bed, np.uint8, len(block) * width, offset=len(MAGIC) + start * width)
                    parts = [None if part is None else part[start:stop] for part in sidecars]
                    yield cls(names, block, [packed.reshape(len(block), width)], *([part] for part in parts))

    def codes(self, rows: np.ndarray) -> np.ndarray:
        """Codes of some variants, rows of ``sites``, as uint8 of shape (rows, samples)."""
        out = np.empty((len(rows), len(self.samples)), np.uint8)
        for number, here, own in self._by_part(rows):
            out[here] = unpack(np.asarray(self.parts[number][own]), len(self.samples))
        return out

    def haploid(self, rows: np.ndarray) -> np.ndarray:
        """Which genotypes of some variants are called and haploid, as bool of shape (rows, samples)."""
        out = np.zeros((len(rows), len(self.samples)), bool)
        for number, here, own in self._by_part(rows):
            part = self.haploid_parts[number] if self.haploid_parts else None
            if part is not None:
                bits = np.asarray(part[own])
                out[here] = np.unpackbits(bits, axis=1, bitorder="little", count=len(self.samples)).astype(bool)
        return out

    def observed(self, rows: np.ndarray) -> np.ndarray:
        """What is known of the genotypes of some variants beside them, bytes of shape (rows, samples)."""
        out = np.zeros((len(rows), len(self.samples)), np.uint8)
        for number, here, own in self._by_part(rows):
            part = self.observed_parts[number] if self.observed_parts else None
            if part is not None:
                out[here] = part[own]
        return out

    def believed(self, rows: np.ndarray) -> np.ndarray:
        """Codes of some variants as :meth:`codes` gives them, missing where the genotype is not believed."""
        return np.where(self.observed(rows) & DOUBT, np.uint8(MISSING), self.codes(rows))

    def dosages(self, rows: np.ndarray) -> np.ndarray:
        """ALT dosages of some variants, 0 to 2, as float32 of shape (rows, samples).

        Where there is no dosage it is that of the genotype; NaN where that is missing too.
        """
        out = np.array([2, np.nan, 1, 0], np.float32)[self.codes(rows)]
        for number, here, own in self._by_part(rows):
            part = self.dosage_parts[number] if self.dosage_parts else None
            if part is not None:
                units = np.asarray(part[own])
                out[here] = np.where(units == NO_DOSAGE, out[here], units / np.float32(DOSAGE_UNIT))
        return out

    def _by_part(self, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Each part's number, which of ``rows`` are its, and where in it they are."""
        rows = np.asarray(rows, np.int64)
        start = 0
        for number, part in enumerate(self.parts):
            here = (rows >= start) & (rows < start + len(part))
            if here.any():
                yield number, here, rows[here] - start
            start += len(part)

    def column(self, samples: list[str]) -> np.ndarray:
        """Positions of samples in the store's order."""
        place = {name: n for n, name in enumerate(self.samples)}
        return np.array([place[name] for name in samples], np.int64)


class StoreWriter:
    """Write the genotypes of a contig chunk by chunk; its four files get their names when all is written.

    Use as a context manager. ``samples`` is the number of people.
    """

    def __init__(self, bed: Path, haploid: Path, dosage: Path, observed: Path, samples: int) -> None:
        self._paths, self._samples, self._rows = (bed, haploid, dosage, observed), samples, 0
        self._stack = ExitStack()

    def __enter__(self) -> "StoreWriter":
        with ExitStack() as stack:
            self._files = [stack.enter_context(open(stack.enter_context(atomic(path)), "wb")) for path in self._paths]
            self._files[0].write(MAGIC)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *problem) -> None:
        if problem[0] is None:
            _, haploid, dosage, observed = self._files
            for sidecar, width in ((haploid, -(-self._samples // 8)), (observed, self._samples)):
                if sidecar.tell():
                    sidecar.truncate(self._rows * width)
            if dosage.tell():
                self._fill_dosages()
        self._stack.__exit__(*problem)

    def add(
        self,
        packed: np.ndarray,
        haploid: np.ndarray | None = None,
        dosages: np.ndarray | None = None,
        observed: np.ndarray | None = None,
    ) -> None:
        """Add variants: ``packed`` as :func:`pack` gives them, haploid bits, dosages in units and bytes of what was
        observed, None for none."""
        packed.tofile(self._files[0])
        for sidecar, values in ((self._files[1], haploid), (self._files[3], observed)):
            if values is not None:
                sidecar.seek(self._rows * values.shape[1])  # what is passed over reads as 0
                values.tofile(sidecar)
        if dosages is not None:
            self._fill_dosages()
            dosages.astype("<u2", copy=False).tofile(self._files[2])
        self._rows += len(packed)

    def _fill_dosages(self) -> None:
        """Write that there is no dosage for the variants that had none since the last that had."""
        left = self._rows * 2 * self._samples - self._files[2].tell()
        while left > 0:
            left -= self._files[2].write(b"\xff" * min(left, 1 << 20))


def pack(codes: np.ndarray) -> np.ndarray:
    """Pack codes, uint8 of shape (variants, samples), into bytes of shape (variants, ceil(samples / 4))."""
    variants, samples = codes.shape
    padded = np.zeros((variants, -(-samples // 4) * 4), np.uint8)
    padded[:, :samples] = codes
    return padded[:, 0::4] | padded[:, 1::4] << 2 | padded[:, 2::4] << 4 | padded[:, 3::4] << 6


def unpack(packed: np.ndarray, samples: int) -> np.ndarray:
    """The inverse of :func:`pack`."""
    codes = np.empty((len(packed), packed.shape[1] * 4), np.uint8)
    for place in range(4):
        codes[:, place::4] = packed >> (2 * place) & 3
    return codes[:, :samples]


def code_counts(codes: np.ndarray) -> dict[str, np.ndarray]:
    """Counts a variant of each code, under the names of the site table."""
    names = {"n_ref": HOM_REF, "n_het": HET, "n_alt": HOM_ALT, "n_missing": MISSING}
    return {name: (codes == code).sum(axis=1).astype(np.int64) for name, code in names.items()}


def people_called() -> pl.Expr:
    """How many people have a genotype, of the counts of the site table."""
    return pl.col("n_ref") + pl.col("n_het") + pl.col("n_alt")


def alt_frequency() -> pl.Expr:
    """The frequency of ALT by the counts of the site table, two alleles a person; null where nobody is called."""
    called = people_called()
    return pl.when(called > 0).then((pl.col("n_het") + 2 * pl.col("n_alt")) / (2 * called))


def _map(bed: Path, variants: int, samples: int) -> np.ndarray:
    with open(bed, "rb") as handle:
        magic = handle.read(3)
    width = -(-samples // 4)
    if magic != MAGIC or bed.stat().st_size != 3 + variants * width:
        raise _misfit(bed)
    if not variants or not samples:
        return np.zeros((variants, width), np.uint8)
    return np.memmap(bed, np.uint8, "r", offset=3, shape=(variants, width))


def _map_haploid(bed: Path, variants: int, samples: int) -> np.ndarray | None:
    return _map_sidecar(bed.with_suffix(".haploid"), np.dtype(np.uint8), (variants, -(-samples // 8)))


def _map_dosages(bed: Path, variants: int, samples: int) -> np.ndarray | None:
    return _map_sidecar(bed.with_suffix(".dosage"), np.dtype("<u2"), (variants, samples))


def _map_observed(bed: Path, variants: int, samples: int) -> np.ndarray | None:
    return _map_sidecar(bed.with_suffix(".observed"), np.dtype(np.uint8), (variants, samples))


def _map_sidecar(path: Path, kind: np.dtype, shape: tuple[int, int]) -> np.ndarray | None:
    size = path.stat().st_size if path.exists() else 0
    if not size:
        return None
    if size != shape[0] * shape[1] * kind.itemsize:
        raise _misfit(path)
    return np.memmap(path, kind, "r", shape=shape)


def _misfit(path: Path) -> Fault:
    return Fault("the genotype store does not fit its site table", path, remedy="Delete the folder and run again")
