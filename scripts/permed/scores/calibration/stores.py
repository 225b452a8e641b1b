"""A genotype store, of a cohort or of a reference panel, of whose people scores are summed and frequencies counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from permed.genome import canonical
from permed.scores.chunks import Contig, People
from permed.scores.score import Sums, sum_log

SITE = ["pos", "ref", "alt"]


@dataclass(frozen=True)
class Store:
    """Where genotypes are, and how a man's chrX counts in them: ``sexes`` and ``x_dosage`` as ``sum_log`` takes them.

    ``beds`` are by canonical contig, so that stores that name contigs differently can be compared.
    """

    beds: dict[str, Path]
    samples: Path
    build: str
    x_dosage: str = "once"
    sexes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, beds: list[Path], samples: Path, *how, **sexes) -> "Store":
        """From the ``{contig}.bed`` of a store, in their order."""
        return cls({canonical(_name(bed)): bed for bed in beds}, samples, *how, **sexes)

    def contigs(self) -> Iterator[str]:
        """The names of the contigs, as this store has them."""
        return map(_name, self.beds.values())

    def name(self, contig: str) -> str | None:
        """This store's name of a contig that another may name differently; None where it has no such contig."""
        bed = self.beds.get(canonical(contig))
        return None if bed is None else _name(bed)

    def sites(self, contig: str) -> pl.DataFrame:
        """``pos ref alt`` of a contig, a row a row of the store; empty for a contig without genotypes."""
        bed = self.beds.get(canonical(contig))
        if bed is None:
            return pl.DataFrame(schema={"pos": pl.Int64, "ref": pl.String, "alt": pl.String})
        return pl.read_parquet(bed.with_suffix(".sites.parquet"), columns=SITE)

    def counts(self, contig: str, rows: np.ndarray, people: list[str]) -> np.ndarray:
        """Copies of ALT, chromosomes called and people called at rows of a contig (sorted), float64 (rows, 3).

        Of these people alone genotypes are read. A man has one chrX outside the pseudoautosomal regions.
        """
        counts = np.zeros((len(rows), 3))
        if not len(rows) or not people:
            return counts
        who = People.of(self.samples, people, self.sexes)
        held = Contig(self.beds[canonical(contig)], self.samples, who, self.build, self.x_dosage, None)
        for start in range(0, len(rows), held.chunk_rows):
            some = slice(start, start + held.chunk_rows)
            chunk = held.take(rows[some])
            measures = chunk.measures[: len(chunk.rows)]
            counts[some, :2], counts[some, 2] = measures[:, :2], len(people) - measures[:, 2]
        return counts

    def sums(self, log: pl.DataFrame, found: list[str], people: list[str], means: pl.DataFrame | None) -> Sums:
        """The sums of the scores ``found`` by a log whose contigs and rows are this store's; missing genotypes count
        as ``means`` (``contig pos ref alt af``)."""
        used = set(log["contig"])
        beds = [bed for bed in self.beds.values() if _name(bed) in used]
        how = {"build": self.build, "sexes": self.sexes, "x_dosage": self.x_dosage, "frequencies": means}
        return sum_log(beds, self.samples, log.lazy(), found, people, **how)


def frequency(counts: np.ndarray) -> pl.Series:
    """The share of ALT among the chromosomes of :meth:`Store.counts`, null where nobody is called."""
    with np.errstate(invalid="ignore"):
        return pl.Series("af", counts[:, 0] / counts[:, 1]).fill_nan(None)


def _name(bed: Path) -> str:
    return bed.name.removesuffix(".bed")
