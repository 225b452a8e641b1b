"""Quality: Hardy-Weinberg, allele counts and missingness of sites and samples, against plink2 on the same .bed."""

import subprocess
import sys
from pathlib import Path

import polars as pl
from reading import pack
from simulating import write_cohort
from timing import ROOT, Contender, arguments, compare, folder, said

MEASURE = """
import sys
from pathlib import Path
from measure_genotypes import measure_genotypes
from permed.inputs.config import defaults, read_schema
schema, bed, samples, threads = sys.argv[1:]
out = {name: Path(bed).with_name(f"{name}.parquet") for name in ("sites", "metrics")}
thresholds = defaults(read_schema(Path(schema)))["quality"]
measure_genotypes([Path(bed)], Path(samples), **out, build="GRCh38", thresholds=thresholds, threads=int(threads))
"""


def measure(bed: Path, samples: Path, threads: int = 2) -> list:
    """The step on one contig, which is given its thresholds and so cannot be called by options."""
    return [sys.executable, "-c", MEASURE, ROOT / "config/schemas/config.schema.yaml", bed, samples, threads]


def main() -> None:
    """Simulate a cohort and its store, and compare."""
    size = arguments(__doc__, samples=2500, sites=50_000)
    with folder() as work:
        beds = []
        for name, sites in (("cohort", size.sites), ("tiny", 1)):
            bcf = work / name / "cohort.bcf"
            bcf.parent.mkdir()
            said(f"simulating {size.samples} people at {sites} sites", write_cohort, bcf, size.samples, sites)
            said("writing the store", subprocess.run, pack(bcf, size.samples, bcf.parent), check=True)
            beds.append(bcf.with_name("chr1.bed"))
        samples, fam = work / "samples.parquet", work / "samples.fam"
        names = [f"S{n}" for n in range(size.samples)]
        unknown = dict.fromkeys(("population", "family", "group"), pl.lit(None, pl.String))
        pl.DataFrame({"sample": names, "sex": "NA"}).with_columns(**unknown).write_parquet(samples)
        fam.write_text("".join(f"0\t{name}\t0\t0\t0\t-9\n" for name in names))
        files = ["--bed", beds[0], "--bim", beds[0].with_suffix(".bim"), "--fam", fam]
        plink = ["plink2", "--threads", "2", *files, "--out", work / "plink", "--hardy", "midp", "--missing", "--freq"]
        contenders = [
            Contender("plink2 --hardy midp --missing --freq", [plink], "plink2"),
            Contender("the same with --het", [[*plink, "--het"]], "plink2"),
            Contender("plink2 --version: what starting costs", [["plink2", "--version"]], "plink2"),
            Contender("permed, measure_genotypes", [measure(beds[0], samples)]),
            Contender("permed, one site: what starting costs", [measure(beds[1], samples)]),
        ]
        compare(f"Quality of {size.samples} people at {size.sites} sites", contenders, size.repeats)


if __name__ == "__main__":
    main()
