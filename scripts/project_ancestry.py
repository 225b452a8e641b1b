"""Place everybody on the reference panel's components and say which of its populations they are most similar to."""

from pathlib import Path

from permed.genotypes.store import GenotypeStore
from permed.quality.ancestry.panel import read_panel
from permed.quality.ancestry.projection import assumed_reference, project_people
from permed.quality.ancestry.results import ancestry_table
from permed.step import log, step
from permed.tables import read_table, write_table


@step
def project_ancestry(
    genotypes: list[Path],
    samples: Path,
    panel: Path,
    *,
    ancestry: Path,
    build: str = "GRCh38",
    absent_sites: str = "missing",
    set_aside: list[Path] | None = None,
) -> None:
    """Write the most similar population of everybody, its probability, and their components.

    ``absent_sites`` is ``missing`` or ``reference``; ``set_aside`` are the records that normalisation set aside, at
    which nobody is taken for reference.
    """
    store, reference = GenotypeStore.open(genotypes, samples), read_panel(panel, build)
    aside = [read_table(path) for path in set_aside or []]
    assumed = assumed_reference(reference, store.sites, aside) if absent_sites == "reference" else None
    table = ancestry_table(reference, store.samples, project_people(reference, store, assumed))
    write_table(table, ancestry)
    log.info("%s", ", ".join(f"{n} {state}" for state, n in table["state"].value_counts(sort=True).iter_rows()))
