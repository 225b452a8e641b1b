"""Samples of a run against those of earlier ones: the same genotypes under another name, others under the same."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import scrypt, sha256
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import AUTOSOMES, canonical
from permed.genotypes.store import (
    HET,
    HOM_ALT,
    HOM_REF,
    MISSING,
    GenotypeStore,
    code_counts,
    pack,
    people_called,
    unpack,
)
from permed.quality.kinship.estimates import kinship
from permed.quality.kinship.relations import BOUNDS
from permed.quality.matching import match_sites
from permed.tables import atomic

MOST_SITES = (
    4_096  # compared at most, spread evenly: one person's two samples differ from others' by 40 standard errors
)
FEWEST_SITES = 300  # in common, whose kinship has a standard error of 0.06, a third of what lies between 1/2 and 0.354
PRINT_SITES = 10_000  # of a fingerprint
FEWEST_COMMON = 1_000
MARK = 16  # bytes that stand for a name in it
GROUP = 512  # earlier people compared at a time
MIN_CALL_RATE, MIN_REFERENCE = 0.8, 0.05  # shares of the compared sites; who has fewer is compared with nobody
MIN_FREQUENCY, MIN_PEOPLE = 0.05, 20
SAME, OTHER = "known_same", "known_other"
FLIPPED = np.array([HOM_REF, MISSING, HET, HOM_ALT], np.uint8)  # codes with REF and ALT exchanged
COLUMNS = ["contig", "pos", "ref", "alt"]


@dataclass(frozen=True)
class Earlier:
    """People of an earlier run: ``names``, None where they are not known, and their genotypes."""

    names: list[str | None]
    store: GenotypeStore


def read_known(path: Path, build: str, samples: Iterable[str]) -> Earlier:
    """An earlier run's results folder, its ``genotypes`` folder, or a fingerprint file.

    A fingerprint has no names, but tells those of ``samples`` that it knows.
    """
    remedy = "Give the results folder of an earlier run, or a file that quality.fingerprint wrote"
    if path.is_dir():
        folder = path / "genotypes" if (path / "genotypes").is_dir() else path
        beds, people = sorted(folder.glob("*.bed")), folder / "samples.parquet"
        if not beds or not people.exists():
            raise Fault("no genotypes of an earlier run are here (quality.known)", path, remedy=remedy)
        store = GenotypeStore.open(beds, people)
        return Earlier(list(store.samples), store)
    try:
        table = pl.read_parquet(path)
        own_build, count = table["build"][0], int(table["people"][0])
        packed = np.frombuffer(b"".join(table["genotypes"]), np.uint8).reshape(len(table), -(-count // 4))
        marks = bytes.fromhex(table["marks"][0])
    except (OSError, pl.exceptions.PolarsError, ValueError, IndexError):
        raise Fault("it is no fingerprint file (quality.known)", path, remedy=remedy) from None
    if own_build != build:
        raise Fault(f"the fingerprints are of {own_build}; genome.build says {build}", path, remedy=remedy)
    counts = {name: pl.Series(values) for name, values in code_counts(unpack(packed, count)).items()}
    numbers = [f"earlier {n + 1}" for n in range(count)]
    salt = _salt(packed)
    known = {_mark(name, salt): name for name in samples}
    names = [known.get(marks[MARK * n : MARK * (n + 1)]) for n in range(count)]
    return Earlier(names, GenotypeStore(numbers, table.select(COLUMNS).with_columns(**counts), [packed]))


def _salt(packed: np.ndarray) -> bytes:
    return sha256(packed.tobytes()).digest()


def _mark(name: str, salt: bytes) -> bytes:
    """What stands for a name: who knows the name can look for it, and guessing it takes long."""
    return scrypt(name.encode(), salt=salt, n=1 << 10, r=8, p=1, dklen=MARK)


def write_fingerprint(
    store: GenotypeStore, rows: np.ndarray, build: str, path: Path, common: pl.DataFrame | None = None
) -> None:
    """Write genotypes at some common sites without names, people in an order of their genotypes that tells none.

    Sites are those of ``common`` (columns ``contig pos``) that the store has, which another run is likely to have too,
    or else ``rows`` of the store that suit kinship. A mark that only somebody who knows a name can make stands for it
    (:func:`_mark`).
    """
    if common is not None:
        places = common.select(pl.col("contig").cast(pl.String), pl.col("pos").cast(pl.Int64))
        listed = _snvs(store.sites).join(places, on=["contig", "pos"], how="semi")["row"].sort().to_numpy()
        rows = listed.astype(np.int64) if len(listed) >= FEWEST_COMMON else rows
    some = rows[np.unique(np.linspace(0, len(rows) - 1, min(PRINT_SITES, len(rows))).round().astype(np.int64))]
    codes = store.codes(some) if len(some) else np.zeros((0, len(store.samples)), np.uint8)
    order = sorted(range(codes.shape[1]), key=lambda n: codes[:, n].tobytes())
    packed = pack(np.ascontiguousarray(codes[:, order]))
    salt = _salt(packed)
    marks = b"".join(_mark(store.samples[n], salt) for n in order)
    table = (
        store.sites[some]
        .select(COLUMNS)
        .with_columns(
            build=pl.lit(build),
            people=pl.lit(len(order), pl.Int64),
            marks=pl.lit(marks.hex()),
            genotypes=pl.Series([row.tobytes() for row in packed], dtype=pl.Binary),
        )
    )
    with atomic(path) as beside:
        table.write_parquet(beside)


def compare_known(
    store: GenotypeStore, earlier: Earlier, source: str, held_out: Collection[str] = ()
) -> Iterator[tuple[str, str, str | None, str]]:
    """Sample, what was found (:data:`SAME`, :data:`OTHER`), the earlier sample's name and the ``source``.

    Nothing is said of people in ``held_out`` and of those with too few genotypes, or none that are homozygous REF, as
    where a file lists only what is carried.
    """
    rows, theirs, swapped = _matched(store, earlier.store)
    if len(rows) < FEWEST_SITES:
        return
    mine = store.codes(rows)
    codes = earlier.store.codes(theirs)
    codes = np.where(swapped[:, None], FLIPPED[codes], codes)
    usable = [n for n, name in enumerate(store.samples) if name not in held_out and _suits(mine[:, n])]
    suited = [n for n in range(len(earlier.names)) if _suits(codes[:, n])]
    for start in range(0, len(suited), GROUP):
        others = suited[start : start + GROUP]
        same = kinship(_counts(mine[:, usable], codes[:, others])) >= BOUNDS[0]
        for i, person in enumerate(usable):
            for j, other in enumerate(others):
                name, before = store.samples[person], earlier.names[other]
                if same[i, j] != (before == name):
                    yield name, SAME if same[i, j] else OTHER, before, source


def _suits(codes: np.ndarray) -> bool:
    """Whether somebody has enough genotypes, and those that a file of variants alone does not list."""
    return (codes != MISSING).mean() >= MIN_CALL_RATE and (codes == HOM_REF).mean() >= MIN_REFERENCE


def _matched(store: GenotypeStore, other: GenotypeStore) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of two stores that are one common autosomal SNV, and whether REF of one is ALT of the other."""
    mine, theirs = (_snvs(each.sites) for each in (store, other))
    found = match_sites(theirs, mine)
    mine, theirs = mine[found.rows], theirs[found.sites]
    if len(store.samples) + len(other.samples) >= MIN_PEOPLE:  # of fewer, frequencies say little of a site
        one, two = (each.select("copies", "called").cast(pl.Float64).to_numpy().T for each in (mine, theirs))
        frequency = (one[0] + np.where(found.swapped, 2 * two[1] - two[0], two[0])) / (2 * (one[1] + two[1]))
        common = (frequency >= MIN_FREQUENCY) & (frequency <= 1 - MIN_FREQUENCY)
    else:
        common = np.ones(len(mine), bool)
    some = np.flatnonzero(common)
    some = some[np.unique(np.linspace(0, max(0, len(some) - 1), min(MOST_SITES, len(some))).round().astype(np.int64))]
    rows = (each["row"].to_numpy().astype(np.int64)[some] for each in (mine, theirs))
    return *rows, found.swapped[some]


def _snvs(sites: pl.DataFrame) -> pl.DataFrame:
    """Substitutions on autosomes with their ``row``, and of how many people how many copies of ALT are known."""
    names = {name: canonical(name) for name in sites["contig"].unique()}
    table = sites.with_row_index("row").with_columns(pl.col("contig").replace_strict(names, return_dtype=pl.String))
    table = table.filter(pl.col("contig").is_in(AUTOSOMES))
    return table.filter(pl.col("ref").is_in(list("ACGT")) & pl.col("alt").is_in(list("ACGT"))).select(
        *COLUMNS, "row", called=people_called(), copies=pl.col("n_het") + 2 * pl.col("n_alt")
    )


def _counts(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Counts of all pairs of two groups from their codes, in the order of kernels; products of small matrices."""
    first, second = (
        {code: (codes == code).astype(np.float32) for code in (HOM_REF, HET, HOM_ALT)} for codes in (one, other)
    )
    ibs0 = first[HOM_REF].T @ second[HOM_ALT] + first[HOM_ALT].T @ second[HOM_REF]
    both = first[HET].T @ second[HET]
    hom = first[HOM_REF] + first[HOM_ALT], second[HOM_REF] + second[HOM_ALT]
    counts = np.stack([ibs0, both, first[HET].T @ hom[1], hom[0].T @ second[HET]], axis=-1)
    return counts.round().astype(np.int64)


def known_findings(
    found: Iterable[tuple[str, str, str | None, str]], same: Mapping[str, Collection[str]]
) -> dict[str, list[tuple[str, str]]]:
    """By sample the kind of what :func:`compare_known` found against it, and the words.

    Genotypes under a name that the sheet declares as a twin's or a replicate's (``same``) are none.
    """
    told: dict[str, list[tuple[str, str]]] = {}
    step = "Compare requests and tubes of the two runs, and have the sample typed again"
    for sample, kind, before, source in found:
        if kind == SAME and before in same.get(sample, ()):
            continue
        if kind == SAME:
            whose = f"those of {before}" if before else "those of a sample"
            words = f"duplicate: the genotypes are {whose} of an earlier run ({source}) too"
            words += ": one person under two names, an identical twin whom the sheet does not declare, or an exchange"
        else:
            words = f"an earlier run ({source}) has another person's genotypes under this name: in one of the two the"
            words += " sample is not this person's"
        told.setdefault(sample, []).append((kind, f"{words}. {step}"))
    return told
