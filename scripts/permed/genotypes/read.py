"""Decode the genotypes of a normalised BCF into two-bit codes."""

from collections.abc import Iterator
from pathlib import Path

import cyvcf2
import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, SITE_SCHEMA, code_counts
from permed.variants import variant_keys

CHUNK = 2048
NO_CALL, HAPLOID = -1, -2
_OF_DOSAGE = np.array([HOM_REF, HET, HOM_ALT], np.uint8)


def read_chunks(variants: Path, threads: int = 1) -> Iterator[tuple[pl.DataFrame, np.ndarray]]:
    """Give (sites, codes) of a BCF of split records, some thousand records at a time.

    ``sites`` has the columns of the site table, ``codes`` is uint8 of shape (records, samples). A genotype with any
    missing allele is missing; a haploid one becomes homozygous.
    """
    file = cyvcf2.VCF(str(variants), threads=threads)
    rows, genotypes = [], []
    for record in file:
        rows.append((record.CHROM, record.POS, record.REF, record.ALT[0] if record.ALT else ".", record.ID))
        genotypes.append(_diploid(record, variants))
        if len(rows) == CHUNK:
            yield _chunk(rows, genotypes)
            rows, genotypes = [], []
    if rows:
        yield _chunk(rows, genotypes)
    file.close()


def encode(alleles: np.ndarray) -> np.ndarray:
    """Codes from allele pairs, an integer array of shape (…, 2) with -1 for a missing allele and -2 for none."""
    first, second = alleles[..., 0], alleles[..., 1]
    haploid = second == HAPLOID
    dosage = np.where(haploid, 2 * first, first + second)
    missing = (first < 0) | (second == NO_CALL)
    return np.where(missing, np.uint8(MISSING), _OF_DOSAGE[np.where(missing, 0, np.minimum(dosage, 2))])


def _diploid(record, path: Path) -> np.ndarray:
    genotype = record.genotype
    if genotype is None:
        raise Fault(f"{record.CHROM}:{record.POS} has no genotypes", path, remedy="Give records with GT")
    alleles = genotype.array()[:, :-1]  # the last column says whether the genotype is phased
    if alleles.shape[1] == 2:
        return alleles
    if alleles.shape[1] == 1:
        return np.concatenate([alleles, np.full_like(alleles, HAPLOID)], axis=1)
    remedy = "Give haploid or diploid genotypes"
    raise Fault(f"{record.CHROM}:{record.POS} has genotypes of {alleles.shape[1]} alleles", path, remedy=remedy)


def _chunk(rows: list[tuple], genotypes: list[np.ndarray]) -> tuple[pl.DataFrame, np.ndarray]:
    names = ("contig", "pos", "ref", "alt", "id")
    sites = pl.DataFrame(rows, schema={name: SITE_SCHEMA[name] for name in names}, orient="row")
    codes = encode(np.stack(genotypes))
    counted = {"key": variant_keys(sites), **code_counts(codes)}
    return sites.with_columns(**{name: pl.Series(name, values) for name, values in counted.items()}).select(
        *SITE_SCHEMA
    ), codes
