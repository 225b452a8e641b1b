"""Phase from reads beside the phase that the genotypes state: its table, and how the two are put together."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pysam

from permed.pharmacogenes.calling.mitochondrial import METHOD as MITOCHONDRIAL
from permed.pharmacogenes.calling.reasons import contradicted_phase, disagreeing_reads, phase_from_reads
from permed.pharmacogenes.definitions import Gene, Position
from permed.pharmacogenes.phase.joining import contradicted, heterozygous, join
from permed.pharmacogenes.phase.linking import link
from permed.pharmacogenes.phase.observing import make_site, observe
from permed.pharmacogenes.reading.assembling import GeneGenotypes

SCHEMA = {
    "sample": pl.String,
    "gene": pl.String,
    "contig": pl.String,
    "pos": pl.Int64,
    "set": pl.Int64,
    "strand": pl.String,
    "reads_supporting": pl.Int64,
    "reads_against": pl.Int64,
}


@dataclass(frozen=True)
class Phased:
    """Genotypes with the phase of reads, and by sample the ``sources`` of phase and ``notes`` (sentences) on it.

    A source is ``none``, ``genotypes``, ``reads`` or ``both``: what connects two heterozygous positions or more. With
    parents it is ``family`` too, or one of the others ``and family``.
    """

    genotypes: GeneGenotypes
    sources: list[str]
    notes: list[str]


def phase_person(
    gene: Gene, build: str, codes: np.ndarray, file: pysam.AlignmentFile, contig: str, bases: Callable[[int, int], str]
) -> list[dict]:
    """Rows of :data:`SCHEMA` after ``contig`` for one person's ``codes`` (positions, 2), from reads on ``contig``.

    ``pos`` is 1-based on ``build``. ``set`` is the first position of those that reads connect, ``strand`` the bases of
    its two strands such as ``C|T``; both are null at positions about which the reads disagree. ``bases`` gives the
    reference's bases of a 0-based window. Mitochondrial DNA has no rows: two bases there are not two chromosomes.
    """
    if gene.method == MITOCHONDRIAL:
        return []
    places = _placed(gene, build)
    sites = []
    for at in np.flatnonzero(heterozygous(codes)).tolist():
        if places[at] is not None:
            sites.append(make_site(at, places[at].pos, places[at].ref, _alleles(gene, codes, at), bases))
    usable = sorted((site for site in sites if site is not None), key=lambda site: site.start)
    if len(usable) < 2:
        return []
    rows = []
    for linked in link(observe(file, contig, usable)):
        first = min(places[at].pos for at in linked.positions)
        turns = linked.turned or (None,) * len(linked.positions)
        for at, turn, *counts in zip(linked.positions, turns, linked.supporting, linked.against, strict=True):
            strand = None if turn is None else "|".join(_alleles(gene, codes, at)[:: -1 if turn else 1])
            rows.append((places[at].pos, first if linked.turned else None, strand, *counts))
    names = [name for name in SCHEMA if name not in ("sample", "gene", "contig")]
    return [dict(zip(names, row, strict=True)) for row in sorted(rows, key=lambda row: row[0])]


def add_read_phase(
    gene: Gene, samples: list[str], genotypes: GeneGenotypes, reads: pl.DataFrame | None, build: str
) -> Phased:
    """Put phase from reads (rows of :data:`SCHEMA`) beside that of the genotypes, which is never changed.

    Positions that reads connect become one block with the blocks of the genotypes that they lie in. A set that
    contradicts the genotypes' phase is left out, and the note says so.
    """
    stated = _stated(genotypes)
    sources = ["genotypes" if is_stated else "none" for is_stated in stated]
    notes = [""] * len(samples)
    own = None if reads is None else reads.filter(pl.col("gene") == gene.name)
    if own is None or own.is_empty():
        return Phased(genotypes, sources, notes)
    codes, blocks = genotypes.codes.copy(), genotypes.blocks.copy()
    column = {name: number for number, name in enumerate(samples)}
    places = {place.pos: at for at, place in enumerate(_placed(gene, build)) if place is not None}
    for (name,), rows in own.group_by("sample", maintain_order=True):
        if name not in column:
            continue
        sample = column[name]
        person = _Person(gene, codes[sample], blocks[sample])
        person.take(rows, places)
        if person.joined:
            sources[sample] = "both" if stated[sample] else "reads"
        notes[sample] = " ".join(person.notes())
    return Phased(replace(genotypes, codes=codes, blocks=blocks), sources, notes)


def with_phase(calls: pl.DataFrame, phased: Phased) -> pl.DataFrame:
    """Calls of one gene with where their phase comes from, in ``phase_source`` and in the reason."""
    notes = pl.Series("note", phased.notes, pl.String)
    reason = pl.when(notes == "").then(pl.col("reason")).otherwise(pl.concat_str("reason", notes, separator=" "))
    return calls.with_columns(pl.Series("phase_source", phased.sources, pl.String), reason.alias("reason"))


class _Person:
    """One person's codes and blocks at a gene, changed in place as sets of reads are taken."""

    def __init__(self, gene: Gene, codes: np.ndarray, blocks: np.ndarray) -> None:
        self.gene, self.codes, self.blocks = gene, codes, blocks
        self.joined: list[list[int]] = []
        self.fewest: list[int] = []
        self.contradicted = np.zeros(len(codes), bool)
        self.disagreeing = np.zeros(len(codes), bool)

    def take(self, rows: pl.DataFrame, places: dict[int, int]) -> None:
        """Take each set of rows, in their order."""
        for (first,), of in rows.group_by("set", maintain_order=True):
            at = [places[pos] for pos in of["pos"] if pos in places]
            if first is None:
                self.disagreeing[at] = True
            else:
                self._join(at, of["strand"].to_list(), min(of["reads_supporting"]))

    def _join(self, at: list[int], strands: list[str], fewest: int) -> None:
        open_ = heterozygous(self.codes)
        given = [(place, strand) for place, strand in zip(at, strands, strict=True) if open_[place]]
        turned = {place: strand != "|".join(_alleles(self.gene, self.codes, place)) for place, strand in given}
        at = list(turned)
        if contradicted(self.blocks, turned):
            self.contradicted[at] = True
        elif join(self.codes, self.blocks, turned):
            self.joined.append(at)
            self.fewest.append(fewest)

    def notes(self) -> list[str]:
        said = [phase_from_reads(self.gene, *of) for of in zip(self.joined, self.fewest, strict=True)]
        if self.contradicted.any():
            said.append(contradicted_phase(self.gene, self.contradicted))
        if self.disagreeing.any():
            said.append(disagreeing_reads(self.gene, self.disagreeing))
        return said


def _placed(gene: Gene, build: str) -> tuple[Position | None, ...]:
    return gene.positions if build == gene.build else gene.grch37


def _alleles(gene: Gene, codes: np.ndarray, at: int) -> tuple[str, str]:
    known = (gene.positions[at].ref, *gene.positions[at].alts)
    return known[codes[at, 0]], known[codes[at, 1]]


def _stated(genotypes: GeneGenotypes) -> np.ndarray:
    """For each sample whether the genotypes themselves phase two heterozygous positions with each other."""
    blocks = np.sort(np.where(heterozygous(genotypes.codes), genotypes.blocks, 0), axis=1)
    return ((blocks[:, 1:] == blocks[:, :-1]) & (blocks[:, 1:] != 0)).any(axis=1)
