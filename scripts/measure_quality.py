"""Call rate, heterozygosity, inbreeding, Ti/Tv and sex of every sample."""

from pathlib import Path

from permed.genotypes.store import GenotypeStore
from permed.quality.samples import measure_samples
from permed.step import log, step
from permed.tables import read_table, write_table
from permed.withholding import with_withheld


@step
def measure_quality(
    genotypes: list[Path], samples: Path, *, quality: Path, build: str, thresholds: dict, on_fail: str = "withhold"
) -> None:
    """Write metrics, status and reasons of every sample; ``thresholds`` are those of the configuration.

    With ``on_fail`` ``withhold`` the reason why nobody of a failed sample gets results is written too.
    """
    reported = dict(read_table(samples).select("sample", "sex").iter_rows())
    measured = measure_samples(GenotypeStore.open(genotypes, samples), reported, build, thresholds)
    write_table(with_withheld(measured, on_fail), quality)
    log.info("%s", ", ".join(f"{n} {status}" for status, n in measured["status"].value_counts(sort=True).iter_rows()))
