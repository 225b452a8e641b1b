"""Sex of the people of a genotype store, from chrX and chrY alone."""

from pathlib import Path

from permed.genome import canonical
from permed.genotypes.store import GenotypeStore
from permed.quality.counts import Tally
from permed.quality.sex import infer_sexes
from permed.tables import read_table


def sexes_of_store(
    beds: list[Path], samples: Path, build: str, limits: dict, batches: dict[str, str] | None = None
) -> dict[str, str]:
    """``sex_inferred`` of :func:`permed.quality.sex.infer_sexes` by name, in the store's order; NA without chrX."""
    names = read_table(samples)["sample"].to_list()
    sexual = [bed for bed in beds if canonical(bed.name.removesuffix(".bed")) in ("chrX", "chrY")]
    if not sexual:
        return dict.fromkeys(names, "NA")
    tally = Tally(names, build, batches=batches)
    for block in GenotypeStore.blocks(sexual, samples):
        tally.add(block)
    return dict(infer_sexes(tally.table(), [limits] * len(names)).select("sample", "sex_inferred").iter_rows())
