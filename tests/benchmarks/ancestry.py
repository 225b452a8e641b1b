"""Ancestry: principal components, a panel and projection from the genotype store, against plink2 on the same .bed."""

import subprocess
import sys
from pathlib import Path

import polars as pl
from reading import pack
from simulating import write_cohort
from timing import ROOT, Contender, arguments, compare, folder, said, step

COMPONENTS = """
import sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from permed.genotypes.store import GenotypeStore
from permed.quality.ancestry.pca import Matrix, leading_components
store = GenotypeStore.open([Path(sys.argv[2])], Path(sys.argv[3]))
count = [store.sites[name].to_numpy() for name in ("n_ref", "n_het", "n_alt")]
mean = (count[1] + 2 * count[2]) / np.maximum(sum(count), 1)
rows = np.flatnonzero((mean > 0) & (mean < 2))
mean = mean[rows]
matrix = Matrix(store, rows, mean, np.sqrt(mean * (1 - mean / 2)))
found = leading_components(matrix, np.ones(len(store.samples), bool), 20, 10)
np.savetxt(sys.argv[4], found.vectors[:, :10])
"""


def write_labels(path: Path, samples: int) -> None:
    """Five populations, everybody unrelated."""
    names = [f"S{n}" for n in range(samples)]
    table = pl.DataFrame({"sample": names, "population": [f"POP{n % 5}" for n in range(samples)]})
    table.write_csv(path, separator="\t")


def main() -> None:
    """Simulate a cohort and its store, and compare."""
    size = arguments(__doc__, samples=2500, sites=50_000, threads=1)
    with folder() as work:
        bcf = work / "cohort.bcf"
        said(f"simulating {size.samples} people at {size.sites} sites", write_cohort, bcf, size.samples, size.sites)
        said("writing the store", subprocess.run, pack(bcf, size.samples, work), check=True, capture_output=True)
        (work / "samples.fam").write_text("".join(f"0\tS{n}\t0\t0\t0\t-9\n" for n in range(size.samples)))
        write_labels(work / "labels.tsv", size.samples)
        people = work / "cohort.samples.parquet"
        files = {"genotypes": [work / "chr1.bed"], "samples": people}
        panel = step("build_panel", **files, labels=work / "labels.tsv", panel=work / "ancestry.npz")
        project = step("project_ancestry", **files, panel=work / "ancestry.npz", ancestry=work / "ancestry.parquet")
        ours = [sys.executable, "-c", COMPONENTS, ROOT / "scripts", work / "chr1.bed", people, work / "pcs.txt"]
        plink = ["plink2", "--threads", size.threads, "--bed", work / "chr1.bed", "--bim", work / "chr1.bim"]
        plink += ["--fam", work / "samples.fam", "--out", work / "plink", "--pca", "10"]
        contenders = [
            Contender("plink2 --pca 10", [plink], "plink2"),
            Contender("plink2 --pca 10 approx", [[*plink, "approx"]], "plink2"),
            Contender("permed, 10 components", [ours]),
            Contender("permed, build_panel: sites, components of all and of 5 folds", [panel]),
            Contender("permed, project_ancestry: everybody", [project]),
        ]
        compare(f"Ancestry of {size.samples} people at {size.sites} sites", contenders, size.repeats)


if __name__ == "__main__":
    main()
