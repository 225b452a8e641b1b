"""Decode the genotypes of a contig once into the two-bit store."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genotypes.read import read_chunks
from permed.genotypes.store import MAGIC, SITE_SCHEMA, pack
from permed.step import log, step
from permed.tables import atomic, read_table, write_table


@step
def pack_genotypes(variants: Path, samples: Path, *, bed: Path, sites: Path, bim: Path, threads: int = 1) -> None:
    """Write the .bed of a contig, its site table, and the .bim with which PLINK opens it."""
    import cyvcf2

    names = read_table(samples)["sample"].to_list()
    if cyvcf2.VCF(str(variants)).samples != names:
        raise Fault("its people are not those of the sample table", variants, remedy="Delete both and run again")
    tables = [pl.DataFrame(schema=SITE_SCHEMA)]
    with atomic(bed) as beside:
        with open(beside, "wb") as out:
            out.write(MAGIC)
            for table, codes in read_chunks(variants, threads):
                out.write(pack(codes).tobytes())
                tables.append(table)
        table = pl.concat(tables)
        write_table(table, sites)
        named = pl.coalesce(pl.col("id"), pl.format("{}:{}:{}:{}", "contig", "pos", "ref", "alt"))
        with atomic(bim) as beside_bim:
            table.select("contig", named.alias("id"), cm=pl.lit(0), pos="pos", alt="alt", ref="ref").write_csv(
                beside_bim, separator="\t", include_header=False
            )
    log.info("%d variants of %d people packed", len(table), len(names))
