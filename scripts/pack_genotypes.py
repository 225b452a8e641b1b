"""Decode the genotypes of a contig once into the two-bit store."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genotypes.read import GenotypeReader
from permed.genotypes.store import StoreWriter
from permed.step import log, step
from permed.tables import atomic, read_table, write_table


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
    threads: int = 1,
) -> None:
    """Write the .bed of a contig, its sidecars and site table, and the .bim with which PLINK opens it.

    The sidecars are empty where no called genotype is haploid and where there are no dosages.
    """
    names = read_table(samples)["sample"].to_list()
    reader = GenotypeReader(variants, threads)
    if reader.samples != names:
        raise Fault("its people are not those of the sample table", variants, remedy="Delete both and run again")
    with StoreWriter(bed, haploid, dosage, len(names)) as store:
        for records in reader:
            store.add(records.packed, records.haploid, records.dosages)
        table = reader.sites()
        write_table(table, sites)
        named = pl.coalesce(pl.col("id"), pl.format("{}:{}:{}:{}", "contig", "pos", "ref", "alt"))
        with atomic(bim) as beside:
            table.select("contig", named.alias("id"), cm=pl.lit(0), pos="pos", alt="alt", ref="ref").write_csv(
                beside, separator="\t", include_header=False
            )
    log.info("%d variants of %d people packed", len(table), len(names))
