"""Calling: every pharmacogene of a cohort, against what the reference implementation is known to take.

PharmCAT cannot be installed from a package registry, so it is not run here: its figures are those measured with
PharmCAT 3.1.1 on two shared cores, CPU seconds a sample from 120 to 480 simulated samples of the same make-up.
"""

import statistics
import sys
from pathlib import Path

from diplotypes import write_diplotypes
from timing import ROOT, Contender, arguments, compare, folder, said, step

from permed.pharmacogenes.definitions import load_genes

PHARMCAT = {"phased": 0.20, "unphased": 1.37}  # CPU seconds a sample


def caller(work: Path, samples: int, phase: str, missing: float) -> Contender:
    """Simulate a cohort and give the command that calls it."""
    genes = load_genes(ROOT / "resources" / "pharmacogenes")
    phased = phase == "phased"
    lost = f", {missing:.2%} missing" if missing else ""
    what = f"{samples} {phase} people{lost}"
    files = said(f"simulating {what}", write_diplotypes, work, genes, samples, phased=phased, missing=missing)
    people = work / "consent.txt"
    people.write_text("".join(f"S{n}\n" for n in range(samples)))
    command = step(
        "call_pharmacogenes",
        variants=list(files.values()),
        contigs=list(files),
        consent=people,
        tables=sorted((ROOT / "resources" / "pharmacogenes").glob("*.tsv")),
        genes=["all"],
        absent_sites="missing",
        calls=work / "calls.parquet",
        evidence=work / "evidence.parquet",
    )
    return Contender(f"permed, {what}", [command])


def main() -> None:
    """Simulate cohorts and compare."""
    size = arguments(__doc__, samples=2500, missing_per_mille=0, large=0)
    for phase, published in PHARMCAT.items():
        with folder() as work:
            one = caller(work / "one", 1, phase, 0)
            cohorts = {n: caller(work / str(n), n, phase, size.missing_per_mille / 1000) for n in sizes(size)}
            compare(f"Calling 20 genes, {phase}", [*cohorts.values(), one], size.repeats)
        for samples, contender in cohorts.items():
            cpu = statistics.median(cost.cpu for cost in contender.costs[1:]) / samples
            sys.stdout.write(f"{samples} people: {1000 * cpu:.2f} ms CPU a person; PharmCAT 3.1.1 {published} s, ")
            sys.stdout.write(f"which is {published / cpu:,.0f} times as much (not run here, measured earlier)\n")


def sizes(size) -> list[int]:
    """The cohorts to call: the ordinary one and, where asked for, a large one."""
    return [size.samples, *([size.large] if size.large else [])]


if __name__ == "__main__":
    main()
