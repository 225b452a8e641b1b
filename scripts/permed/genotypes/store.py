"""The genotype store: two bits a genotype, variant after variant, in PLINK 1's .bed layout, memory-mapped.

Each contig has ``{contig}.bed`` (three magic bytes, then ``ceil(samples / 4)`` bytes a variant, the first sample in the
lowest bits), ``{contig}.sites.parquet`` beside it and ``{contig}.bim``; the folder has ``samples.parquet`` and
``samples.fam``. Codes are PLINK's with A1 = ALT: 0 homozygous ALT, 1 missing, 2 heterozygous, 3 homozygous REF. Haploid
genotypes are stored as homozygous ones, as PLINK does. Padding bits are 0.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.tables import read_table

MAGIC = bytes([0x6C, 0x1B, 0x01])
HOM_ALT, MISSING, HET, HOM_REF = range(4)
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
    """

    samples: list[str]
    sites: pl.DataFrame
    parts: list[np.ndarray] = field(repr=False)

    @classmethod
    def open(cls, beds: list[Path], samples: Path) -> "GenotypeStore":
        """Open the .bed files of some contigs; their site tables lie beside them, ``samples`` is samples.parquet."""
        names = read_table(samples)["sample"].to_list()
        tables = [read_table(Path(bed).with_suffix(".sites.parquet")) for bed in beds]
        parts = [_map(Path(bed), len(table), len(names)) for bed, table in zip(beds, tables, strict=True)]
        sites = pl.concat(tables) if tables else pl.DataFrame(schema=SITE_SCHEMA)
        return cls(names, sites, parts)

    def codes(self, rows: np.ndarray) -> np.ndarray:
        """Codes of some variants, rows of ``sites``, as uint8 of shape (rows, samples)."""
        rows = np.asarray(rows, np.int64)
        out = np.empty((len(rows), len(self.samples)), np.uint8)
        start = 0
        for part in self.parts:
            here = (rows >= start) & (rows < start + len(part))
            out[here] = unpack(np.asarray(part[rows[here] - start]), len(self.samples))
            start += len(part)
        return out

    def column(self, samples: list[str]) -> np.ndarray:
        """Positions of samples in the store's order."""
        place = {name: n for n, name in enumerate(self.samples)}
        return np.array([place[name] for name in samples], np.int64)


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


def _map(bed: Path, variants: int, samples: int) -> np.ndarray:
    width = -(-samples // 4)
    size = bed.stat().st_size
    with open(bed, "rb") as handle:
        magic = handle.read(3)
    if magic != MAGIC or size != 3 + variants * width:
        raise Fault("the genotype store does not fit its site table", bed, remedy="Delete the folder and run again")
    if not variants or not samples:
        return np.zeros((variants, width), np.uint8)
    return np.memmap(bed, np.uint8, "r", offset=3, shape=(variants, width))
