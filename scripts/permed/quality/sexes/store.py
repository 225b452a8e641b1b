"""Sex of the people of a genotype store, from chrX and chrY alone."""

from pathlib import Path

import polars as pl

from permed.genome import canonical
from permed.genotypes.store import GenotypeStore
from permed.quality.counts import Tally
from permed.quality.sexes.genotypes import HAPLOID, MIN_SITES
from permed.quality.sexes.inferring import infer_sexes
from permed.sexes import ONE_X_ALONE
from permed.tables import read_table


def sexes_of_store(
    beds: list[Path],
    samples: Path,
    build: str,
    limits: dict,
    batches: dict[str, str] | None = None,
    *,
    as_written: bool = False,
) -> dict[str, str]:
    """``sex_inferred`` of :func:`~.inferring.infer_sexes` by name, in the store's order; NA without chrX.

    With ``as_written``, for people of a panel whose sex its makers knew, a chrX that is written haploid, and one X
    without a chrY in the files, is XY.
    """
    names = read_table(samples)["sample"].to_list()
    sexual = [bed for bed in beds if canonical(bed.name.removesuffix(".bed")) in ("chrX", "chrY")]
    if not sexual:
        return dict.fromkeys(names, "NA")
    tally = Tally(names, build, batches=batches)
    for block in GenotypeStore.blocks(sexual, samples):
        tally.add(block)
    metrics = tally.table()
    found = dict(infer_sexes(metrics, [limits] * len(names)).select("sample", "sex_inferred").iter_rows())
    if not as_written:
        return found
    written = (pl.col("x_sites") >= MIN_SITES) & (pl.col("x_haploid") >= HAPLOID * pl.col("x_sites"))
    haploid = set(metrics.filter(written)["sample"])
    one = {name for name, sex in found.items() if sex == ONE_X_ALONE or (sex == "NA" and name in haploid)}
    return {name: "XY" if name in one else sex for name, sex in found.items()}
