"""The people of a reference panel's folder, with whom scores are compared."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.quality.ancestry.labels import read_labels
from permed.quality.sexes.store import sexes_of_store
from permed.scores.calibration.stores import Store, frequency
from permed.tables import read_table


@dataclass(frozen=True)
class Panel:
    """A reference panel's ``store`` and its unrelated ``people`` (``sample population``) in the store's order."""

    store: Store
    people: pl.DataFrame

    @classmethod
    def of(cls, store: Store, labels: Path) -> "Panel":
        """``labels`` as :mod:`permed.quality.ancestry.labels` reads them, of which superpopulations are compared;
        people without a label are left out. A folder without genotypes is a fault."""
        if not store.beds:
            fault = "the reference panel's folder has no genotypes (.bed files)"
            raise Fault(fault, labels.parent, remedy="Give a panel that permed built, with all of its files")
        known = read_labels(labels).filter("unrelated").select("sample", population="superpopulation")
        people = read_table(store.samples).select("sample").join(known, on="sample", maintain_order="left")
        if people.is_empty():
            raise Fault(
                "nobody of the panel's genotypes is in its labels", labels, remedy="Give the panel's own labels"
            )
        return cls(store, people)

    def with_sexes(self, reported: dict[str, str], limits: dict) -> "Panel":
        """The panel with the sex of its people: what chrX and chrY say by ``limits``, the thresholds of quality; where
        they say nothing, what is ``reported``."""
        store = self.store
        found = sexes_of_store(list(store.beds.values()), store.samples, store.build, limits, as_written=True)
        sexes = {name: reported.get(name, "NA") if sex == "NA" else sex for name, sex in found.items()}
        return replace(self, store=replace(self.store, sexes=sexes))

    def frequencies(self, contig: str, rows: np.ndarray) -> dict[str | None, pl.Series]:
        """Frequencies of ALT at rows of a contig (sorted) by population, and by ``None`` of all of them together."""
        counts = {}
        for (population,), group in self.people.group_by("population", maintain_order=True):
            counts[population] = self.store.counts(contig, rows, group["sample"].to_list())
        return {name: frequency(some) for name, some in {None: sum(counts.values()), **counts}.items()}
