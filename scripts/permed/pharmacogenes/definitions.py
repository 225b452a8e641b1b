"""The allele definitions of a gene as arrays, read from the tables of ``resources/pharmacogenes``."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.pharmacogenes.positions import Position, read_positions
from permed.tables import read_table

TABLES = (
    "genes positions spellings alleles allele_variants phenotypes unphased_priorities position_rules function_ranks"
).split()
REF = 0  # code of the reference base at a position; alternate k of the definition has code k (1, 2, …)
MISSING = -1  # no genotype
UNDOCUMENTED = -2  # carries an alternate that no definition knows
NO_STRAND = -3  # the second strand of a haploid genotype


@dataclass(frozen=True)
class Allele:
    """A named allele; ``shown`` is the name to report (a suballele reports its parent's)."""

    name: str
    shown: str
    function: str | None
    activity_value: str | None


@dataclass(frozen=True)
class PositionRule:
    """At ``position`` (index) the base of ``code`` stands for ``allele`` (index); ``rule`` says when it is used."""

    rule: str
    position: int
    code: int
    allele: int


@dataclass(frozen=True, eq=False)
class Gene:
    """A gene's alleles over its positions.

    ``bases`` (alleles, positions) holds a bit for each base code that the allele admits, cells that the definition
    leaves open filled with the reference allele's; ``specified`` and ``wobble`` mark cells that it gives, and those
    that it gives as several bases. ``grch37`` has each position's place on GRCh37, None where it is not known;
    ``build`` is the build of ``positions``. ``version`` is that of the allele definitions, ``function_version`` and
    ``phenotype_version`` those of the tables of functions and phenotypes, None where the gene has none.
    ``loss_lowers_function`` tells that a variant which abolishes the product lowers the function that advice rests on;
    ``pseudogene`` is one whose reads are easily taken for the gene's.
    """

    name: str
    contig: str
    method: str
    activity: str
    research: bool
    undocumented_as_reference: bool
    unphased_candidates: str
    positions: tuple[Position, ...]
    alleles: tuple[Allele, ...]
    reference: int
    bases: np.ndarray
    specified: np.ndarray
    wobble: np.ndarray
    phenotypes: dict[tuple, str]
    priorities: tuple[tuple[frozenset, tuple], ...]
    rules: tuple[PositionRule, ...]
    ranks: dict[str, int]
    version: str
    function_version: str | None = None
    phenotype_version: str | None = None
    grch37: tuple[Position | None, ...] = ()
    build: str = "GRCh38"
    loss_lowers_function: bool = False
    pseudogene: str | None = None

    @cached_property
    def required(self) -> np.ndarray:
        """Positions without which the gene is not called."""
        return np.array([position.required for position in self.positions], bool)

    @cached_property
    def admits(self) -> np.ndarray:
        """By (base code, position, allele): does the allele admit the base? The negative codes admit none."""
        codes = max((len(position.alts) for position in self.positions), default=0) + 1
        known = (self.bases.T >> np.arange(codes)[:, None, None]) & 1
        return np.concatenate([known.astype(bool), np.zeros((-NO_STRAND, *self.bases.T.shape), bool)])

    @cached_property
    def cells(self) -> np.ndarray:
        """Number of positions that each allele specifies."""
        return self.specified.sum(axis=1)

    @cached_property
    def wobbles(self) -> np.ndarray:
        """Which alleles admit several bases at some position."""
        return self.wobble.any(axis=1)

    @cached_property
    def changing(self) -> np.ndarray:
        """By (allele, position): is a base specified that is not the reference base alone?"""
        return self.specified & (self.bases != 1 << REF)

    def unplaced(self, build: str) -> np.ndarray:
        """Which positions have no known place on a build, so that they cannot be read there."""
        placed = self.positions if build == self.build else self.grch37
        return np.array([position is None for position in placed], bool)

    def placed(self, build: str) -> tuple["Gene", list[np.ndarray]]:
        """The gene for reading files of ``build``: only the positions that have a place there, under its coordinates.

        With it, for each of those, the code in this definition of each base code there: REF may differ.
        """
        if build == self.build:
            return self, [np.arange(len(position.alts) + 1) for position in self.positions]
        pairs = [(own, there) for own, there in zip(self.positions, self.grch37, strict=True) if there is not None]
        bases = [(own.ref, *own.alts) for own, _ in pairs]
        codes = [
            np.array([known.index(base) for base in (there.ref, *there.alts)])
            for known, (_, there) in zip(bases, pairs, strict=True)
        ]
        return replace(self, positions=tuple(there for _, there in pairs), grch37=(), build=build), codes


def load_genes(tables: list[Path] | Path, genes: list[str] | str = "all") -> list[Gene]:
    """The genes asked for, in the tables' order. ``tables`` is the folder or its files, each named as its table.

    Raises a fault for a table that is not given and for a gene that the tables do not have.
    """
    paths = sorted(tables.glob("*.tsv")) if isinstance(tables, Path) else tables
    found = {path.stem: path for path in paths}
    for name in TABLES:
        if name not in found:
            raise Fault(f"the table {name}.tsv is not there", remedy="Restore resources/pharmacogenes")
    frames = {name: read_table(found[name]) for name in TABLES}
    if "never_default" not in frames["positions"].columns:
        raise Fault(
            "the table does not say which positions are never taken for reference",
            file=found["positions"],
            remedy="Import the definitions again",
        )
    available = frames["genes"]["gene"].to_list()
    wanted = available if genes == "all" or list(genes) == ["all"] else list(genes)
    unknown = [gene for gene in wanted if gene not in available]
    if unknown:
        raise Fault(f"no definitions for {', '.join(unknown)}", remedy=f"Known genes: {', '.join(available)}")
    split = {name: _by_gene(frame) for name, frame in frames.items()}
    return [
        _gene(name, {table: of.get(name, []) for table, of in split.items()}) for name in available if name in wanted
    ]


def _by_gene(frame: pl.DataFrame) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = {}
    for row in frame.iter_rows(named=True):
        rows.setdefault(row["gene"], []).append(row)
    return rows


def _gene(name: str, rows: dict[str, list[dict]]) -> Gene:
    row = rows["genes"][0]
    places = [r for r in rows["positions"] if r["role"] == "definition"]
    positions, grch37 = read_positions(places, rows["spellings"])
    defined = [r for r in rows["alleles"] if r["defined"] == "yes"]
    alleles = tuple(Allele(r["allele"], r["reported_as"], r["function"], r["activity_value"]) for r in defined)
    reference = next(i for i, r in enumerate(defined) if r["reference"] == "yes")
    index = {position.pos: i for i, position in enumerate(positions)}
    rank = {allele.name: i for i, allele in enumerate(alleles)}
    bases, specified = _cells(rows["allele_variants"], rank, index, positions)
    wobble = (bases & (bases - 1)) != 0
    # Where the reference allele itself admits several bases, cells left open stand for the reference base.
    bases = np.where(specified, bases, np.where(wobble[reference], 1 << REF, bases[reference]))
    return Gene(
        name=name,
        contig=row["contig"],
        method=row["method"],
        activity=row["activity"],
        research=row["research"] == "yes",
        undocumented_as_reference=row["undocumented_as_reference"] == "yes",
        unphased_candidates=row["unphased_candidates"],
        positions=positions,
        alleles=alleles,
        reference=reference,
        bases=bases,
        specified=specified,
        wobble=wobble,
        phenotypes={(r["function1"], r["function2"], r["activity_score"]): r["phenotype"] for r in rows["phenotypes"]},
        priorities=_priorities(rows["unphased_priorities"]),
        rules=tuple(_rule(r, rank, index, positions) for r in rows["position_rules"]),
        ranks={r["function"]: int(r["rank"]) for r in rows["function_ranks"]},
        version=row["version"],
        function_version=_versions([r for r in rows["alleles"] if r["function"] is not None]),
        phenotype_version=_versions(rows["phenotypes"]),
        grch37=grch37,
        loss_lowers_function=row.get("loss_lowers_function") == "yes",
        pseudogene=row.get("pseudogene"),
    )


def _versions(rows: list[dict]) -> str | None:
    return ",".join(sorted({row["version"] for row in rows})) or None


def _cells(rows: list[dict], rank: dict, index: dict, positions: tuple[Position, ...]) -> tuple[np.ndarray, np.ndarray]:
    bases = np.zeros((len(rank), len(positions)), np.int64)
    for row in rows:
        at = index[int(row["pos"])]
        known = (positions[at].ref, *positions[at].alts)
        for base in row["base"].split(","):
            bases[rank[row["allele"]], at] |= 1 << known.index(base)
    return bases, bases != 0


def _rule(row: dict, rank: dict, index: dict, positions: tuple[Position, ...]) -> PositionRule:
    at = index[int(row["pos"])]
    code = (positions[at].ref, *positions[at].alts).index(row["base"])
    return PositionRule(row["rule"], at, code, rank[row["allele"]])


def _priorities(rows: list[dict]) -> tuple[tuple[frozenset, tuple], ...]:
    lists: dict[int, list] = {}
    for row in rows:
        pair = tuple(sorted(row["diplotype"].split("/")))
        lists.setdefault(int(row["priority"]), []).append((pair, row["pick"] == "yes"))
    return tuple(
        (frozenset(pair for pair, _ in pairs), next(pair for pair, pick in pairs if pick))
        for _, pairs in sorted(lists.items())
    )
