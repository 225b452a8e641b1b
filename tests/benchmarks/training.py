"""Training: PRS-CS over LD blocks of one size, against PRScs.py.

PRScs.py (github.com/getian107/PRScs) is not on PyPI: put it on PATH, with a first line that names a Python with numpy
below 2, scipy and h5py.
"""

import json
import os
from pathlib import Path

import h5py
import numpy as np
from timing import Contender, arguments, compare, folder, said, step

N = 100_000


def write_study(work: Path, variants: int, size: int) -> None:
    """Blocks whose variants correlate with their neighbours, a study with effects at one variant in fifty, a .bim."""
    rng = np.random.default_rng(1)
    reference = work / "ldblk_1kg_eur"
    reference.mkdir()
    rsid = [f"rs{n}" for n in range(1, variants + 1)]
    frequency = rng.uniform(0.05, 0.5, variants)
    effects = np.where(rng.random(variants) < 0.02, rng.normal(0, np.sqrt(0.3 / (0.02 * variants)), variants), 0)
    z = np.empty(variants)
    gap = np.arange(size)
    with h5py.File(reference / "ldblk_1kg_chr22.hdf5", "w") as file:
        for number, start in enumerate(range(0, variants, size), 1):
            here = slice(start, min(start + size, variants))
            people = rng.normal(size=(1000, size))
            mixed = people @ np.linalg.cholesky(0.95 ** np.abs(gap[:, None] - gap)).T
            ld = np.corrcoef(mixed, rowvar=False)[: here.stop - start, : here.stop - start]
            noise = np.linalg.cholesky(ld + 1e-6 * np.eye(len(ld))) @ rng.normal(size=len(ld))
            z[here] = np.sqrt(N) * ld @ effects[here] + noise
            group = file.create_group(f"blk_{number}")
            group["ldblk"], group["snplist"] = ld, np.array(rsid[here], "S")
    rows = list(zip(rsid, range(1000, 1000 + variants), frequency, strict=True))
    lines = ["CHR\tSNP\tBP\tA1\tA2\tMAF", *(f"22\t{name}\t{pos}\tA\tC\t{f:.5f}" for name, pos, f in rows)]
    (reference / "snpinfo_1kg_hm3").write_text("\n".join(lines) + "\n")
    (work / "target.bim").write_text("".join(f"22\t{name}\t0\t{pos}\tA\tC\n" for name, pos, _ in rows))
    error = 1 / np.sqrt(2 * frequency * (1 - frequency) * N)
    lines = ["SNP\tA1\tA2\tBETA\tSE"]
    lines += [f"{name}\tA\tC\t{b:.6e}\t{e:.6e}" for name, b, e in zip(rsid, z * error, error, strict=True)]
    (work / "study.txt").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Simulate a chromosome of LD blocks and a study, and compare."""
    given = arguments(__doc__, variants=2000, block=200, iterations=1000)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    size = f"{given.variants} variants in blocks of {given.block}"
    with folder() as work:
        said(f"simulating {size}", write_study, work, given.variants, given.block)
        settings = {"summary": str(work / "study.txt"), "method": "prscs", "ld": str(work / "ldblk_1kg_eur"), "n": N}
        settings |= {"iterations": given.iterations, "burn_in": given.iterations // 2}
        ours = step(
            "train_score",
            settings=json.dumps(settings),
            score=work / "score.txt.gz",
            about=work / "score.json",
            trained="bench",
            build="GRCh37",
        )
        theirs = ["PRScs.py", f"--ref_dir={work / 'ldblk_1kg_eur'}", f"--bim_prefix={work / 'target'}"]
        theirs += [f"--sst_file={work / 'study.txt'}", f"--n_gwas={N}", f"--n_iter={given.iterations}"]
        theirs += [f"--n_burnin={given.iterations // 2}", "--chrom=22", f"--out_dir={work / 'theirs'}", "--seed=1"]
        contenders = [Contender("PRScs.py", [theirs], "PRScs.py"), Contender("permed, train_score", [ours])]
        title = f"PRS-CS-auto, {size}, {given.iterations} iterations"
        compare(title, contenders, given.repeats)


if __name__ == "__main__":
    main()
