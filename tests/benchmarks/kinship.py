"""Kinship: all pairs of a cohort over the genotype store, against plink2 on the same .bed."""

from pathlib import Path

import numpy as np
import polars as pl
from timing import Contender, arguments, compare, folder, said, step

from permed.genome import AUTOSOMES, lengths
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, SITE_SCHEMA, StoreWriter, code_counts, pack

CODES = np.array([HOM_REF, HET, HOM_ALT], np.uint8)
CHILDREN = 20  # one person in so many has both parents in the cohort


def write_store(work: Path, samples: int, sites: int, missing: float = 0.015) -> None:
    """Write a store of a cohort with some trios; sites all over the autosomes, minor allele frequencies 0.05 to 0.5."""
    rng = np.random.default_rng(1)
    children = np.arange(2, samples, CHILDREN)
    shares = [-(-sites * lengths("GRCh38")[name] // sum(lengths("GRCh38")[n] for n in AUTOSOMES)) for name in AUTOSOMES]
    left = sites
    for contig, share in zip(AUTOSOMES, shares, strict=True):
        count = min(share, left)
        left -= count
        counts = []
        names = [work / f"{contig}.{kind}" for kind in ("bed", "haploid", "dosage", "observed")]
        with StoreWriter(*names, samples) as writer:
            for first in range(0, count, 1000):
                rows = min(1000, count - first)
                frequency = rng.uniform(0.05, 0.5, (rows, 1, 1)).astype(np.float32)
                alleles = rng.random((rows, samples, 2), dtype=np.float32) < frequency
                for n, parent in enumerate((children - 2, children - 1)):
                    strand = rng.integers(0, 2, (rows, len(children)))
                    alleles[:, children, n] = np.take_along_axis(alleles[:, parent], strand[..., None], 2)[..., 0]
                codes = CODES[alleles.sum(axis=2)]
                codes[rng.random(codes.shape, dtype=np.float32) < missing] = MISSING
                counts.append(pl.DataFrame(code_counts(codes)))
                writer.add(pack(codes))
        columns = {"contig": contig, "pos": np.linspace(1000, lengths("GRCh38")[contig], count).astype(np.int64)}
        columns |= {"ref": "A", "alt": "G", "key": 0, "id": None}
        table = pl.DataFrame({**columns, **{name: pl.concat(counts)[name] for name in counts[0].columns}})
        table.select(*SITE_SCHEMA).cast(SITE_SCHEMA).write_parquet(work / f"{contig}.sites.parquet")


def write_plink(work: Path, samples: int) -> None:
    """Write the store's contigs as one .bed for plink2, and the people for both."""
    tables = [pl.read_parquet(work / f"{contig}.sites.parquet") for contig in AUTOSOMES]
    with open(work / "all.bed", "wb") as out:
        out.write((work / "chr1.bed").read_bytes()[:3])
        for contig in AUTOSOMES:
            out.write((work / f"{contig}.bed").read_bytes()[3:])
    rows = (
        pl.concat(tables)
        .select("contig", id=pl.format("{}:{}", "contig", "pos"), cm=pl.lit(0))
        .with_columns(pos=pl.concat(tables)["pos"], alt=pl.lit("G"), ref=pl.lit("A"))
    )
    rows.write_csv(work / "all.bim", separator="\t", include_header=False)
    people = [f"S{n}" for n in range(samples)]
    (work / "all.fam").write_text("".join(f"0\t{name}\t0\t0\t0\t-9\n" for name in people))
    table = pl.DataFrame({"sample": people, "sex": "NA", "call_rate": 0.985})
    table = table.with_columns(birth_year=pl.lit(None, pl.Int64), family=pl.lit(None, pl.String))
    table.write_parquet(work / "samples.parquet")


def main() -> None:
    """Simulate a cohort's store and compare."""
    size = arguments(__doc__, samples=2500, sites=50_000, threads=2, screen_above=20_000)
    with folder() as work:
        said(f"simulating {size.samples} people at {size.sites} sites", write_store, work, size.samples, size.sites)
        write_plink(work, size.samples)
        estimate = step(
            "estimate_kinship",
            genotypes=[work / f"{contig}.bed" for contig in AUTOSOMES],
            samples=work / "samples.parquet",
            metrics=work / "samples.parquet",
            kinship=work / "kinship.parquet",
            pedigree=work / "pedigree.parquet",
            build="GRCh38",
            least_call_rate=0.95,
            most_sites=size.sites,
            screen_above=size.screen_above,
            threads=size.threads,
        )
        plink = ["plink2", "--threads", size.threads, "--bfile", work / "all", "--make-king-table"]
        contenders = [
            Contender("plink2 --make-king-table", [[*plink, "--out", work / "plink"]], "plink2"),
            Contender("permed, estimate_kinship", [estimate]),
        ]
        compare(f"Kinship of {size.samples} people, {size.sites} sites", contenders, size.repeats)


if __name__ == "__main__":
    main()
