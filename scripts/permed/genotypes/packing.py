"""Write a contig's part of the genotype store from a file of split records."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genotypes.read import GenotypeReader
from permed.genotypes.store import StoreWriter
from permed.tables import atomic, write_table

ENDINGS = {"bed": ".bed", "sites": ".sites.parquet", "bim": ".bim"} | {
    name: f".{name}" for name in ("haploid", "dosage", "observed")
}


def pack_file(
    variants: Path,
    names: list[str],
    bed: Path,
    sites: Path,
    bim: Path,
    haploid: Path,
    dosage: Path,
    observed: Path,
    threads: int = 1,
) -> int:
    """Write the .bed of a contig, its sidecars and site table, and its .bim; give the number of variants.

    ``names`` are the people of the store, who must be those of the file in their order.
    """
    reader = GenotypeReader(variants, threads)
    if reader.samples != names:
        raise Fault("its people are not those of the sample table", variants, remedy="Delete both and run again")
    with StoreWriter(bed, haploid, dosage, observed, len(names)) as store:
        for records in reader:
            store.add(records.packed, records.haploid, records.dosages, records.observed)
        table = reader.sites()
        write_table(table, sites)
        named = pl.coalesce(pl.col("id"), pl.format("{}:{}:{}:{}", "contig", "pos", "ref", "alt"))
        with atomic(bim) as beside:
            table.select("contig", named.alias("id"), cm=pl.lit(0), pos="pos", alt="alt", ref="ref").write_csv(
                beside, separator="\t", include_header=False
            )
    return len(table)
