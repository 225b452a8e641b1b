"""LD references: correlations by block in PRS-CS's HDF5 files, and genotypes from a genotype store or PLINK 1 files.

PRS-CS's folder (github.com/getian107/PRScs) has a table of variants, ``snpinfo_…`` (CHR SNP BP A1 A2 MAF, MAF being the
frequency of A1), and a file an autosome, ``ldblk_…_chr{N}.hdf5``, whose groups ``blk_1``, ``blk_2`` … have ``ldblk``,
the correlations of the block's variants, and ``snplist``, their rsIDs.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import canonical
from permed.genotypes.store import MAGIC, GenotypeStore, alt_frequency
from permed.scores.train.kernels import factorise
from permed.scores.train.settings import block_files, variant_table
from permed.tables import read_table

ROUNDING = 1e-3  # of a correlation with itself, or of the two halves of a matrix
RIDGE = np.float32(0.05)  # added before a block is tested: correlations of few people are singular, not wrong
_YES = ["true", "1", "yes"]


@dataclass
class Blocks:
    """Correlations of a chromosome: ``flat`` (float32) all blocks end to end, ``sizes`` their numbers of variants.

    ``at`` numbers the variants in the order of the blocks, as in the table of variants.
    """

    flat: np.ndarray
    sizes: np.ndarray
    at: np.ndarray


def read_variants(folder: Path) -> pl.DataFrame:
    """The variants of PRS-CS's LD reference: ``at contig pos rsid a1 a2 frequency``, the last that of a1."""
    path = variant_table(folder)
    table = _cells(path, ["contig", "rsid", "pos", "a1", "a2", "frequency"], "CHR SNP BP A1 A2 MAF".split())
    contigs = {name: canonical(name) for name in table["contig"].unique()}
    try:
        typed = table.with_columns(pl.col("pos").cast(pl.Int64), pl.col("frequency").cast(pl.Float64))
    except pl.exceptions.InvalidOperationError:
        raise Fault("BP or MAF is not a number in some line", path, remedy="Copy it again from its source") from None
    upper = [pl.col(name).str.to_uppercase() for name in ("a1", "a2")]
    return typed.with_columns(pl.col("contig").replace(contigs), *upper).with_row_index("at")


def read_blocks(folder: Path, contig: str, variants: pl.DataFrame) -> Blocks:
    """The correlations among some variants of a chromosome; ``variants`` has ``at`` and ``rsid``.

    Variants that no block has are left out. Raises a Fault for a block that holds no correlations.
    """
    import h5py

    path = block_files(folder)[contig]
    place = dict(variants.select("rsid", "at").iter_rows())
    parts, sizes, at = [], [], []
    try:
        with h5py.File(path, "r") as file:
            for name in sorted(file, key=lambda name: int(name.removeprefix("blk_"))):
                rsids = [rsid.decode() if isinstance(rsid, bytes) else str(rsid) for rsid in file[name]["snplist"][()]]
                rows = [n for n, rsid in enumerate(rsids) if rsid in place]
                if not rows:
                    continue
                whole = np.asarray(file[name]["ldblk"][()])
                _check_block(whole, len(rsids), name, path)
                parts.append(whole[np.ix_(rows, rows)].astype(np.float32).ravel())
                sizes.append(len(rows))
                at += [place.pop(rsids[n]) for n in rows]
    except (OSError, KeyError, ValueError) as error:
        remedy = "Take the file as PRS-CS publishes it"
        raise Fault(f"it is not a file of LD blocks: {error}", path, remedy=remedy) from None
    flat = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return Blocks(flat, np.array(sizes, np.int64), np.array(at, np.int64))


def _check_block(block: np.ndarray, size: int, name: str, path: Path) -> None:
    fault = None
    if block.shape != (size, size):
        fault = f"has the shape {block.shape} for {size} variants"
    elif not np.isfinite(block).all():
        fault = "has values that are no numbers"
    elif np.abs(np.diagonal(block) - 1).max() > ROUNDING or np.abs(block - block.T).max() > ROUNDING:
        fault = "is not symmetric with a diagonal of ones"
    elif not factorise((block + RIDGE * np.eye(size)).astype(np.float32)):
        fault = "is not positive semidefinite, as correlations are"
    if fault:
        raise Fault(f"block {name} {fault}", path, remedy="Take the file as PRS-CS publishes it")


def _cells(path: Path, names: list[str], header: list[str] | None = None) -> pl.DataFrame:
    """The leading columns, as text, of a table whose cells are separated by white space."""
    content = re.sub(rb"[ \t]+", b"\t", re.sub(rb"(?m)^[ \t]+|[ \t\r]+$", b"", path.read_bytes()))
    first = content.partition(b"\n")[0].decode("utf-8", "replace").split("\t")
    if len(first) < len(names) or (header and first[: len(header)] != header):
        wanted = f"the columns {' '.join(header)}" if header else f"{len(names)} columns"
        raise Fault(f"the file has not {wanted}", path, remedy="Copy it again from its source")
    places = list(range(len(names)))
    options = {"has_header": header is not None, "infer_schema": False, "quote_char": None}
    table = pl.read_csv(content, separator="\t", columns=places, truncate_ragged_lines=True, **options)
    table.columns = names
    lacking = table.with_row_index("line", offset=1 + bool(header)).filter(pl.any_horizontal(pl.all().is_null()))
    if len(lacking):
        fault = f"there are fewer than {len(names)} cells"
        raise Fault(fault, path, None, lacking["line"][0], "Copy the file again from its source")
    return table


@dataclass
class Panel:
    """Genotypes that LD is taken from: the store, its variants (``at contig pos rsid a1 a2 frequency``), its people."""

    store: GenotypeStore
    variants: pl.DataFrame
    people: np.ndarray

    def codes(self, at: np.ndarray) -> np.ndarray:
        """Codes of the store of some variants in the people used: uint8 of shape (variants, people)."""
        return np.ascontiguousarray(self.store.codes(at)[:, self.people])


def open_panel(place: Path, population: str | None) -> Panel:
    """Open a folder with a genotype store, or a PLINK 1 ``.bed``, for the people of a population.

    In a folder with ``labels.tsv`` only unrelated people are used; ``population`` is a population or superpopulation
    of that table, None for all.
    """
    place = Path(place)
    if place.suffix == ".bed":
        store = _open_plink(place)
    else:
        store = GenotypeStore.open(sorted(place.glob("*.bed")), place / "samples.parquet")
    names = {name: canonical(name) for name in store.sites["contig"].unique()}
    variants = store.sites.select(
        pl.col("contig").replace(names),
        "pos",
        rsid="id",
        a1=pl.col("alt").str.to_uppercase(),
        a2=pl.col("ref").str.to_uppercase(),
        frequency=alt_frequency() if "n_alt" in store.sites.columns else pl.lit(None, pl.Float64),
    ).with_row_index("at")
    return Panel(store, variants, store.column(_people(place, population, store.samples)))


def _people(place: Path, population: str | None, samples: list[str]) -> list[str]:
    path = place / "labels.tsv"
    if not path.is_file():
        if population:
            remedy = "Leave population out, or give a panel with labels.tsv"
            raise Fault(f"no table says who is of the population {population}", place, remedy=remedy)
        return samples
    labels = read_table(path)
    if "unrelated" in labels.columns:
        labels = labels.filter(pl.col("unrelated").str.to_lowercase().is_in(_YES))
    groups = [name for name in ("population", "superpopulation") if name in labels.columns]
    if population:
        labels = labels.filter(pl.any_horizontal(pl.col(name) == population for name in groups))
    chosen = labels["sample"].implode()
    people = pl.Series(samples).filter(pl.Series(samples).is_in(chosen)).to_list()
    if not people:
        wanted = f"of the population {population}" if population else "unrelated"
        raise Fault(f"none of the panel's people is {wanted}", path, remedy="Correct population in scores.train")
    return people


def _open_plink(bed: Path) -> GenotypeStore:
    """PLINK 1 files as a store; A1 stands where the store has ALT, whichever of them is the reference's allele."""
    table = _cells(bed.with_suffix(".bim"), ["contig", "id", "cm", "pos", "alt", "ref"])
    try:
        sites = table.with_columns(pl.col("pos").cast(pl.Int64))
    except pl.exceptions.InvalidOperationError:
        raise Fault("a position is no number", bed.with_suffix(".bim"), remedy="Copy it again") from None
    people = _cells(bed.with_suffix(".fam"), ["family", "person"])["person"].to_list()
    width = -(-len(people) // 4)
    with open(bed, "rb") as handle:
        magic = handle.read(3)
    if magic != MAGIC or bed.stat().st_size != 3 + len(sites) * width:
        raise Fault("its size does not fit its .bim and .fam", bed, remedy="Give the three files of one data set")
    return GenotypeStore(people, sites, [np.memmap(bed, np.uint8, "r", offset=3, shape=(len(sites), width))])
