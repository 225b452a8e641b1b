"""Scoring: many sparse scores over the genotype store, against plink2 on the same .bed."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from reading import pack
from simulating import write_cohort
from timing import Contender, arguments, compare, folder, said, step


def write_scores(work: Path, sites: pl.DataFrame, scores: int, share: float) -> tuple[list[Path], Path]:
    """Scoring files of a share of the sites each, and the same weights as one table for plink2.

    Sites whose alleles read the same on both strands are in no score, since nobody but plink2 would use them.
    """
    rng = np.random.default_rng(2)
    turned = pl.col("ref").replace_strict(list("ACGT"), list("TGCA"))
    plain = np.flatnonzero(sites.select(turned != pl.col("alt")).to_series().to_numpy())
    files, dense = [], np.zeros((len(sites), scores))
    for number in range(scores):
        rows = np.sort(rng.choice(plain, max(1, int(share * len(plain))), replace=False))
        dense[rows, number] = np.round(rng.normal(0, 0.1, len(rows)), 6)
        table = sites[rows].select(
            chr_name="contig",
            chr_position="pos",
            effect_allele="alt",
            other_allele="ref",
            effect_weight=pl.Series(dense[rows, number]),
        )
        files.append(work / f"PGS{number:06d}.txt")
        header = f"#pgs_id=PGS{number:06d}\n#genome_build=GRCh38\n"
        files[-1].write_text(header + table.write_csv(separator="\t"))
    named = sites.select(id=pl.format("{}:{}:{}:{}", "contig", "pos", "ref", "alt"), allele="alt")
    weights = work / "weights.tsv"
    columns = [pl.Series(f"score{number}", dense[:, number]) for number in range(scores)]
    named.with_columns(columns).write_csv(weights, separator="\t")
    return files, weights


def copy_rate(size: int = 1 << 28, rounds: int = 5) -> float:
    """Bytes a second that one core copies, of an array far larger than its caches: as many read as written."""
    source, target = np.ones(size, np.uint8), np.zeros(size, np.uint8)
    seconds = []
    for _ in range(rounds):
        begun = time.process_time()
        np.copyto(target, source)
        seconds.append(time.process_time() - begun)
    return size / min(seconds)


def rates(contenders: list[Contender], entries: int, samples: int) -> None:
    """Print how many genotypes enter a sum each CPU second, and how many the machine's memory could bring.

    ``entries`` are the variants of all scores together; a genotype that is in several scores counts in each.
    """
    lines = []
    for contender in contenders:
        if contender.costs:
            cpu = statistics.median(cost.cpu for cost in contender.costs[1:])
            lines.append(f"{contender.name}: {entries * samples / cpu / 1e6:,.0f} million genotypes a CPU second")
    copied = copy_rate()
    lines.append(
        f"One core copies {copied / 1e9:.1f} GB/s from memory to memory: {4 * copied / 1e6:,.0f} million two-bit "
        "genotypes a second, were each read for one score"
    )
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    """Simulate a cohort, its store and scores, and compare."""
    size = arguments(__doc__, samples=2500, sites=50_000, scores=100, percent=10)
    with folder() as work:
        bcf = work / "cohort.bcf"
        said(f"simulating {size.samples} people at {size.sites} sites", write_cohort, bcf, size.samples, size.sites)
        said("writing the store", subprocess.run, pack(bcf, size.samples, work), check=True, capture_output=True)
        people = [f"S{n}" for n in range(size.samples)]
        (work / "people.txt").write_text("".join(f"{name}\n" for name in people))
        (work / "samples.fam").write_text("".join(f"0\t{name}\t0\t0\t0\t-9\n" for name in people))
        sites = pl.read_parquet(work / "chr1.sites.parquet")
        pl.DataFrame(schema={"pos": pl.Int64, "end": pl.Int64}).write_parquet(work / "aside.parquet")
        files, weights = write_scores(work, sites, size.scores, size.percent / 100)
        told = {"sample": people, "sex_inferred": ["NA"] * len(people), "sex_reported": ["NA"] * len(people)}
        told["withheld"] = pl.Series([None] * len(people), dtype=pl.String)
        pl.DataFrame(told).write_parquet(work / "quality.parquet")
        tables = {"matches": work / "matches.parquet", "variants": work / "variants.parquet"}
        match = step(
            "match_scores",
            sites=[work / "chr1.sites.parquet"],
            files=files,
            set_aside=[work / "aside.parquet"],
            **tables,
            build="GRCh38",
            min_match=0.75,
            absent_sites="missing",
        )
        said("matching", subprocess.run, match, check=True, capture_output=True)
        score = step(
            "score_cohort",
            genotypes=[work / "chr1.bed"],
            samples=work / "cohort.samples.parquet",
            **tables,
            consent=work / "people.txt",
            quality=work / "quality.parquet",
            sums=work / "scores.parquet",
            build="GRCh38",
            x_dosage="once",
            min_called=0.9,
        )
        plink = ["plink2", "--threads", "1", "--bed", work / "chr1.bed", "--bim", work / "chr1.bim"]
        plink += ["--fam", work / "samples.fam", "--score", weights, "1", "2", "header-read", "cols=scoresums"]
        plink += ["--score-col-nums", f"3-{size.scores + 2}", "--out", work / "plink"]
        contenders = [
            Contender("plink2 --score", [plink], "plink2"),
            Contender("permed, score_cohort", [score]),
            Contender("permed, match_scores and score_cohort", [match, score]),
        ]
        title = f"{size.scores} scores of {size.percent} % of {size.sites} sites, {size.samples} people"
        compare(title, contenders, size.repeats)
        rates(contenders, pl.read_parquet(tables["matches"])["matched"].sum(), size.samples)


if __name__ == "__main__":
    main()
