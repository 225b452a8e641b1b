"""Decode the genotypes of a contig once into the two-bit store."""

from pathlib import Path

from permed.genotypes.packing import pack_file
from permed.step import log, step
from permed.tables import read_table


@step
def pack_genotypes(
    variants: Path,
    samples: Path,
    *,
    bed: Path,
    sites: Path,
    bim: Path,
    haploid: Path,
    dosage: Path,
    observed: Path,
    threads: int = 1,
) -> None:
    """Write the .bed of a contig, its sidecars and site table, and the .bim with which PLINK opens it.

    The sidecars are empty where no called genotype is haploid, where there are no dosages, and where nothing was
    observed of any genotype.
    """
    names = read_table(samples)["sample"].to_list()
    number = pack_file(variants, names, bed, sites, bim, haploid, dosage, observed, threads)
    log.info("%d variants of %d people packed", number, len(names))
