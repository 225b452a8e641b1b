"""Complete a table of sums by Z, percentile and risk, some people and scores at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.scores.calibration.results import calibrated
from permed.scores.calibration.standing import standings
from permed.scores.risk.assess import Person, Settings, assess_risks


@dataclass(frozen=True)
class Calibration:
    """What completes sums: the reference's sums, the cohort's over the same variants, and what bears on risks.

    ``reference``, ``comparable`` (a Parquet file) and ``shares`` are as :func:`~.standing.standings` takes them, as are
    ``minimum`` and ``components``; ``ancestry`` and ``withheld`` as :func:`~.results.calibrated` does.
    """

    reference: pl.DataFrame
    comparable: Path
    shares: pl.DataFrame
    minimum: int
    components: tuple[pl.DataFrame, pl.DataFrame] | None
    ancestry: pl.DataFrame | None
    withheld: dict[str, str]
    people: dict[str, Person]
    settings: Settings

    def complete(self, sums: pl.DataFrame) -> pl.DataFrame:
        """These rows with everything that is known of them."""
        theirs = pl.scan_parquet(self.comparable).filter(pl.col("sample").is_in(sums["sample"].unique().implode()))
        standing = standings(self.reference, theirs.collect(), self.shares, self.minimum, self.components)
        risks = assess_risks(standing, self.people, self.settings)
        return calibrated(sums, standing, risks, self.ancestry, self.withheld)

    def in_parts(self, sums: Path, rows: int) -> Iterator[pl.DataFrame]:
        """The rows of a Parquet file of sums, so many at a time; the first part has none, only the columns."""
        whole = pl.scan_parquet(sums)
        yield self.complete(whole.head(0).collect())
        for first in range(0, whole.select(pl.len()).collect().item(), rows):
            yield self.complete(whole.slice(first, rows).collect())
