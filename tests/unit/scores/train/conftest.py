"""A small study with planted effects: correlated genotypes, marginal effects, and the files that training reads."""

import gzip
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MAGIC, MISSING, pack
from permed.scores.train.kernels import log10_p_of


class Study:
    """``variants`` independent stretches of ``size`` variants each, whose neighbours correlate."""

    def __init__(self, seed=1, stretches=4, size=50, rho=0.85, n=20_000, causal=0.08, heritability=0.2):
        rng = np.random.default_rng(seed)
        gap = np.arange(size)
        self.sizes = np.full(stretches, size)
        self.ld = [rho ** np.abs(gap[:, None] - gap) for _ in range(stretches)]
        many = stretches * size
        self.effects = np.where(rng.random(many) < causal, rng.normal(size=many), 0.0)
        self.effects *= np.sqrt(heritability / self.explained(self.effects))
        noise = np.concatenate([np.linalg.cholesky(block) @ rng.normal(size=size) for block in self.ld])
        self.z = np.sqrt(n) * self.times(self.effects) + noise
        self.n, self.frequency = n, rng.uniform(0.1, 0.9, many)
        pairs = rng.choice(4, many)
        self.a1, self.a2 = (np.array(list(text))[pairs] for text in ("ACGT", "CATG"))
        self.pos = 1_000_000 + 10_000 * np.arange(many)
        self.rsid = np.array([f"rs{n}" for n in range(1, many + 1)])

    def times(self, values):
        """LD times a vector."""
        return np.concatenate([ld @ part for ld, part in zip(self.ld, np.split(values, len(self.ld)), strict=True)])

    def explained(self, values):
        """Variance of a score whose weights are ``values``, of standardised genotypes."""
        return float(values @ self.times(values))

    def accuracy(self, weights):
        """Correlation of a score, of weights per standardised genotype, with the planted genetic value."""
        both = np.sqrt(self.explained(weights) * self.explained(self.effects))
        return float(weights @ self.times(self.effects)) / both

    def table(self, contig="22"):
        """Summary statistics as GWAS-SSF."""
        scale = np.sqrt(2 * self.frequency * (1 - self.frequency))
        error = 1 / (np.sqrt(self.n) * scale)
        log10_p = np.empty(len(self.z))
        log10_p_of(self.z, log10_p)
        return pl.DataFrame(
            {
                "chromosome": [contig] * len(self.z),
                "base_pair_location": self.pos,
                "effect_allele": self.a1,
                "other_allele": self.a2,
                "beta": self.z * error,
                "standard_error": error,
                "effect_allele_frequency": self.frequency,
                "neg_log_10_p_value": -log10_p,
                "rsid": self.rsid,
                "n": [self.n] * len(self.z),
            }
        )


@pytest.fixture
def make_study():
    """Draw a study by its seed."""
    return Study


@pytest.fixture
def study():
    """A study of 200 variants."""
    return Study()


@pytest.fixture
def write_summary(tmp_path):
    """Write a table as a gzipped file of summary statistics."""

    def write(table, name="study.tsv.gz"):
        path = tmp_path / name
        text = table.write_csv(separator="\t", null_value="#NA").encode()
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return path

    return write


@pytest.fixture
def write_blocks(tmp_path):
    """Write an LD reference as PRS-CS has it, or add a chromosome to it; gives its folder."""
    h5py = pytest.importorskip("h5py", reason="h5py, which reads LD references, is not installed")

    def write(study, number=22, name="ldblk_1kg_eur"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        rows = zip(study.rsid, study.pos, study.a1, study.a2, study.frequency, strict=True)
        table = folder / "snpinfo_1kg_hm3"
        above = table.read_text().splitlines() if table.exists() else ["CHR\tSNP\tBP\tA1\tA2\tMAF"]
        lines = [line for line in above if not line.startswith(f"{number}\t")]
        lines += [f"{number}\t{rsid}\t{pos}\t{a1}\t{a2}\t{f:.6f}" for rsid, pos, a1, a2, f in rows]
        table.write_text("\n".join(lines) + "\n")
        start = 0
        with h5py.File(folder / f"ldblk_1kg_chr{number}.hdf5", "w") as file:
            for count, block in enumerate(study.ld, 1):
                group = file.create_group(f"blk_{count}")
                group["ldblk"] = block
                group["snplist"] = study.rsid[start : start + len(block)].astype("S")
                start += len(block)
        return folder

    return write


@pytest.fixture
def write_plink(tmp_path):
    """Write ALT counts (NaN for missing) of shape (variants, people) as a PLINK 1 .bed with companions."""

    def write(counts, pos, a1, a2, rsid, contig="22", name="panel"):
        codes = np.full(counts.shape, MISSING, np.uint8)
        for count, code in ((0, HOM_REF), (1, HET), (2, HOM_ALT)):
            codes[counts == count] = code
        bed = tmp_path / f"{name}.bed"
        bed.write_bytes(MAGIC + pack(codes).tobytes())
        rows = zip(rsid, pos, a1, a2, strict=True)
        bed.with_suffix(".bim").write_text("".join(f"{contig}\t{i}\t0\t{p}\t{x}\t{y}\n" for i, p, x, y in rows))
        bed.with_suffix(".fam").write_text("".join(f"F{k} P{k} 0 0 0 -9\n" for k in range(counts.shape[1])))
        return bed

    return write


@pytest.fixture
def draw_counts():
    """Draw ALT counts of correlated variants in Hardy-Weinberg proportions; some are missing."""

    def draw(rng, variants, people, rho=0.9, missing=0.02):
        cut = np.array([NormalDist().inv_cdf(f) for f in rng.uniform(0.05, 0.95, variants)])
        haplotypes = np.empty((2, variants, people))
        for half in haplotypes:
            half[0] = rng.normal(size=people)
            for k in range(1, variants):
                half[k] = rho * half[k - 1] + np.sqrt(1 - rho**2) * rng.normal(size=people)
        counts = (haplotypes < cut[:, None]).sum(axis=0).astype(float)
        counts[rng.random(counts.shape) < missing] = np.nan
        return counts

    return draw
