"""Reading: a BCF into the genotype store, against what else reads a BCF."""

import sys
from pathlib import Path

import polars as pl
from simulating import write_cohort
from timing import Contender, arguments, compare, folder, said, step

ITERATE = "import cyvcf2, sys\nfor record in cyvcf2.VCF(sys.argv[1]):\n    record.genotype.array()\n"


def pack(bcf: Path, samples: int, out: Path, threads: int = 1) -> list[str]:
    """The step that writes the store of a BCF."""
    table = bcf.with_suffix(".samples.parquet")
    pl.DataFrame({"sample": [f"S{n}" for n in range(samples)]}).write_parquet(table)
    names = {name: out / f"chr1.{name}" for name in ("bed", "bim", "haploid", "dosage", "observed")}
    names["sites"] = out / "chr1.sites.parquet"
    return step("pack_genotypes", variants=bcf, samples=table, **names, threads=threads)


def main() -> None:
    """Simulate a cohort and compare."""
    size = arguments(__doc__, samples=2500, sites=200_000)
    with folder() as work:
        bcf, tiny = work / "cohort.bcf", work / "tiny.bcf"
        said(f"simulating {size.samples} people at {size.sites} sites", write_cohort, bcf, size.samples, size.sites)
        write_cohort(tiny, size.samples, 1)
        plink = ["plink2", "--threads", "1", "--bcf", bcf, "--make-bed", "--out", work / "plink"]
        contenders = [
            Contender("bcftools view -Ou", [["bcftools", "view", "-Ou", "-o", "/dev/null", bcf]], "bcftools"),
            Contender("permed, BCF to store", [pack(bcf, size.samples, work)]),
            Contender("permed, two threads", [pack(bcf, size.samples, work, threads=2)]),
            Contender("permed, one site: what starting costs", [pack(tiny, size.samples, work)]),
            Contender("plink2 --bcf --make-bed", [plink], "plink2"),
            Contender("cyvcf2, genotype.array", [[sys.executable, "-c", ITERATE, bcf]]),
        ]
        compare(f"Reading {size.samples} people x {size.sites} sites", contenders, size.repeats)


if __name__ == "__main__":
    main()
