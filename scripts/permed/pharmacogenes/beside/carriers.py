"""Who carries a null variant, by genotypes that are believed as those of the definitions' positions are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from permed.genome import reconcile
from permed.observations.codes import BELIEVED, DOUBT, UNREADABLE
from permed.observations.places import observed_of
from permed.pharmacogenes.beside.variants import NullVariant
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, Gene
from permed.pharmacogenes.positions import Position
from permed.pharmacogenes.reading.assembling import ALT, GeneGenotypes, _phase_sets
from permed.pharmacogenes.reading.depths import Depths
from permed.pharmacogenes.reading.files import _Opened
from permed.pharmacogenes.reading.ploidy import by_sex, fit_copies
from permed.sexes import UNKNOWN_COPIES

HOMOZYGOUS, HEMIZYGOUS, HETEROZYGOUS = "homozygous", "hemizygous", "heterozygous"
HALF = "on one copy, the other was not read"
EVERY = "on every copy, and how many there are is not known"


@dataclass(frozen=True)
class Observed:
    """The genotypes of one null variant, as those of a gene with one position.

    ``carried`` (samples,) tells who has the variant in a genotype that is believed, ``doubted`` (samples,) in one that
    is not. A genotype without it says nothing: that there is a record at all may be by other people.
    """

    variant: NullVariant
    gene: Gene
    genotypes: GeneGenotypes
    carried: np.ndarray
    doubted: np.ndarray

    def zygosity(self, sample: int) -> str:
        """On how many copies a carrier has it."""
        first, second = self.genotypes.codes[sample, 0].tolist()
        unknown = self.genotypes.open_copies is not None and bool(self.genotypes.open_copies[sample])
        if second == NO_STRAND or first == second:
            return EVERY if unknown else HEMIZYGOUS if second == NO_STRAND else HOMOZYGOUS
        return HALF if MISSING in (first, second) else HETEROZYGOUS


def read_carriers(
    files: list[Path], gene: Gene, variants: list[NullVariant], samples: list[str], copies: dict[str, int] | None
) -> list[Observed]:
    """The genotypes of those variants that one of the samples carries, from normalised ``files``.

    ``copies`` tells by sample how many copies of chrX or chrY are expected (:func:`permed.sexes.copies_of`); what does
    not fit them is not believed. Only the records of the variants are read.
    """
    of_sex = copies is not None and by_sex(gene).any()
    expected = np.array([copies.get(name, UNKNOWN_COPIES) for name in samples], np.int64) if of_sex else None
    found = []
    for path in files if samples and variants else []:
        with _Opened(path, samples) as (vcf, order):
            contig = reconcile([gene.contig], vcf.seqnames).get(gene.contig)
            for variant in variants if contig else []:
                for record in _records(vcf, contig, variant):
                    observed = _observe(record, order, gene, variant, expected)
                    found += [observed] if (observed.carried | observed.doubted).any() else []
    return found


def _records(vcf, contig: str, variant: NullVariant) -> Iterator:
    for record in vcf(f"{contig}:{variant.pos}-{variant.pos}"):
        if (record.POS, record.REF, list(record.ALT)) == (variant.pos, variant.ref, [variant.alt]):
            yield record


def _observe(record, order: np.ndarray, gene: Gene, variant: NullVariant, expected: np.ndarray | None) -> Observed:
    position = Position(gene.contig, variant.pos, variant.ref, (variant.alt,), variant.name, required=False)
    one = replace(gene, positions=(position,), grch37=())
    calls = record.genotype.array()
    strands = np.minimum(calls[order, :-1], ALT)
    if strands.shape[1] == 1:
        strands = np.concatenate([strands, np.full_like(strands, -2)], axis=1)
    written = np.select([strands == -2, strands == -1], [NO_STRAND, MISSING], strands).astype(np.int8)[:, None]
    has = (written == ALT).any(axis=(1, 2))
    doubts = np.where(has, observed_of(record, len(calls))[order] & DOUBT, BELIEVED).astype(np.uint8)[:, None]
    codes, unknown = written, None
    if expected is not None:
        codes, doubts = fit_copies(written, doubts, expected, np.ones(1, bool))
        lost = has & ~(codes == ALT).any(axis=(1, 2))
        doubts[lost[:, None] & (doubts == BELIEVED)] = UNREADABLE  # half of a genotype where there is one copy
        unknown = expected == UNKNOWN_COPIES
    doubts[~has] = BELIEVED
    believed = doubts == BELIEVED
    depths = Depths(one, len(order))
    depths.add(record, order)
    blocks = np.where(calls[order, -1].astype(bool), _phase_sets(record, order), 0).astype(np.int32)[:, None]
    shown = np.where(believed[:, :, None], codes, written)
    genotypes = GeneGenotypes(shown, blocks, doubts=doubts, depths=depths, open_copies=unknown)
    return Observed(variant, one, genotypes, has & believed[:, 0], has & ~believed[:, 0])
