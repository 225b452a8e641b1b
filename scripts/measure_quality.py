"""Call rate, heterozygosity, inbreeding, Ti/Tv and sex of every sample."""

from pathlib import Path

from permed.genotypes.store import GenotypeStore
from permed.quality.samples import measure_samples
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def measure_quality(genotypes: list[Path], samples: Path, *, quality: Path, build: str, thresholds: dict) -> None:
    """Write metrics, status and reasons of every sample; ``thresholds`` are those of the configuration."""
    reported = dict(read_table(samples).select("sample", "sex").iter_rows())
    measured = measure_samples(GenotypeStore.open(genotypes, samples), reported, build, thresholds)
    write_table(measured, quality)
    log.info("%s", ", ".join(f"{n} {status}" for status, n in measured["status"].value_counts(sort=True).iter_rows()))
