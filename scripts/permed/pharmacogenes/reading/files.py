"""Genotypes at the positions of a gene's definition, from normalised files with one alternate a record."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from cyvcf2 import VCF

from permed.errors import Fault
from permed.genome import reconcile
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, Gene, Position
from permed.pharmacogenes.reading.assembling import MAY_BE_HAPLOID, Assembler, GeneGenotypes
from permed.pharmacogenes.reading.depths import Depths
from permed.sexes import UNKNOWN_COPIES
from permed.tables import read_table

GAP = 1000  # positions within so many bases of each other are fetched together
RECORDS_FOR_PLOIDY = 500


def read_genotypes(
    files: list[Path],
    gene: Gene,
    samples: list[str],
    *,
    absent_sites: str,
    set_aside: list[Path] | None = None,
    build: str = "GRCh38",
    aligned: bool = True,
    copies: dict[str, int] | None = None,
) -> GeneGenotypes:
    """Reassemble the genotypes at each position of ``gene`` from the split records of ``files``.

    A record is taken where its REF agrees with the definition's; an alternate that the definition does not know is
    coded as such, and so is the base under an unknown deletion. ``absent_sites`` tells what a position without a
    record means in files that cover the gene's contig: ``missing`` or ``reference``, save where the definition says
    that a position is never taken for reference without a genotype. A gene whose contig is in none
    of the files is missing throughout, and so is a position whose only records have another REF. Genotypes given as
    missing stay missing, and so does the reference half of a half-called one. ``set_aside`` are the tables of records
    that normalisation could not use: where they lie nobody is taken to be reference. ``build`` is that of the files;
    a position that has no known place on it is missing. ``aligned`` tells that the records were left-aligned on a
    reference FASTA: without one an insertion or deletion near one of the definition's, but not among its spellings, is
    unknown there, with one it is another allele. ``copies`` tells by sample how many copies of chrX or chrY are
    expected (:func:`permed.sexes.copies_of`); genotypes that do not fit them are not believed. Without it the number is
    what the genotypes are written with.
    """
    defined, (gene, bases) = gene, gene.placed(build)
    expected = None if copies is None else np.array([copies.get(name, UNKNOWN_COPIES) for name in samples], np.int64)
    assembler, depths = Assembler(gene, samples, aligned, expected), Depths(gene, len(samples))
    looked_at = False
    for path in files if samples and gene.positions else []:
        with _Opened(path, samples) as (vcf, order):
            contig = reconcile([gene.contig], vcf.seqnames).get(gene.contig)
            if contig is None:
                continue
            looked_at = True
            for record in _records(vcf, contig, gene.positions):
                assembler.add(record, order)
                depths.add(record, order)
            if gene.contig in MAY_BE_HAPLOID and absent_sites == "reference" and assembler.copies is None:
                assembler.learn_ploidy(vcf(contig), order, RECORDS_FOR_PLOIDY)
    for path in set_aside or []:
        rows = read_table(path)
        own = reconcile([gene.contig], rows["contig"].unique().to_list()).get(gene.contig)
        if own is not None:
            assembler.set_aside(rows.filter(rows["contig"] == own))
    found = replace(assembler.finish(absent_sites == "reference" and looked_at), depths=depths)
    return found if build == defined.build else _of_definition(found, bases, ~defined.unplaced(build))


def _of_definition(found: GeneGenotypes, bases: list[np.ndarray], placed: np.ndarray) -> GeneGenotypes:
    """Genotypes in the codes of the definition, with the positions that have no place in the files as missing."""
    shape = (len(found.codes), len(placed))
    codes, blocks = np.full((*shape, 2), MISSING, np.int8), np.zeros(shape, np.int32)
    assumed = np.zeros(len(placed), bool)
    assumed[placed] = found.assumed
    doubts = np.zeros(shape, np.uint8)
    doubts[:, placed] = found.doubts
    # A person with one copy of the contig has no second strand at any position.
    codes[(found.codes[:, :, 1] == NO_STRAND).any(axis=1), :, 1] = NO_STRAND
    for own, at in enumerate(np.flatnonzero(placed)):
        there = found.codes[:, own]
        codes[:, at] = np.where(there >= REF, bases[own][np.maximum(there, REF)], there)
        blocks[:, at] = found.blocks[:, own]
    return GeneGenotypes(codes, blocks, assumed, doubts, found.depths.placed(placed), found.open_copies)


class _Opened:
    """A file restricted to the samples, with their columns in the order asked for."""

    def __init__(self, path: Path, samples: list[str]) -> None:
        self.vcf = VCF(str(path), samples=samples, lazy=True)
        column = {name: i for i, name in enumerate(self.vcf.samples)}
        absent = [name for name in samples if name not in column]
        if absent:
            raise Fault("the sample is not in the file", file=path, sample=absent[0])
        self.order = np.array([column[name] for name in samples])

    def __enter__(self) -> tuple[VCF, np.ndarray]:
        return self.vcf, self.order

    def __exit__(self, *_: object) -> None:
        self.vcf.close()


def _records(vcf: VCF, contig: str, positions: tuple[Position, ...]) -> Iterator:
    """Records that cover a position; one that covers several stretches comes several times."""
    places = sorted(position.around for position in positions)
    start, end = places[0]
    for first, last in places[1:]:
        if first - end > GAP:
            yield from vcf(f"{contig}:{start}-{end}")
            start = first
        end = max(end, last)
    yield from vcf(f"{contig}:{start}-{end}")
