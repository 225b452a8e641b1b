"""Build a reference panel: components, populations and their calibration, from its genotype store and labels."""

from pathlib import Path

from permed.genotypes.store import GenotypeStore
from permed.quality.ancestry.labels import read_labels
from permed.quality.ancestry.panel import make_panel, write_panel
from permed.step import log, step


@step
def build_panel(genotypes: list[Path], samples: Path, labels: Path, *, panel: Path, build: str = "GRCh38") -> None:
    """Write the file from which anybody's genetic similarity to the panel's populations is told."""
    made = make_panel(GenotypeStore.open(genotypes, samples), read_labels(labels), build)
    write_panel(made, panel)
    log.info("%s", made.summary())
