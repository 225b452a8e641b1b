"""The people with whom scores are compared: those of a reference panel's folder, or the cohort itself."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import canonical
from permed.genotypes.store import GenotypeStore
from permed.tables import read_table

COHORT = "this cohort"  # the population's name where the cohort is compared with itself
CHUNK = 4096
_ALTS = np.array([2, 0, 1, 0], np.int64)  # copies of ALT by the store's code
_CALLED = np.array([1, 0, 1, 1], np.int64)


@dataclass(frozen=True)
class Panel:
    """A reference panel's store: ``beds`` by canonical contig, ``samples`` its table, ``people`` the unrelated ones
    with their population (``sample population``) in the store's order."""

    beds: dict[str, Path]
    samples: Path
    people: pl.DataFrame

    @classmethod
    def open(cls, beds: list[Path], samples: Path, labels: Path) -> "Panel":
        """``labels`` has ``sample population``, and maybe ``superpopulation`` (which then is compared) and
        ``unrelated``; people without a label are left out."""
        table = read_table(labels)
        missing = [name for name in ("sample", "population") if name not in table.columns]
        if missing:
            raise Fault(f"it has no column {missing[0]}", labels, remedy="Give sample and population, tab-separated")
        names = [name for name in ("superpopulation", "population") if name in table.columns]
        if "unrelated" in table.columns:
            table = table.filter(pl.col("unrelated").cast(pl.String).str.to_lowercase().is_in(["true", "yes", "1"]))
        known = table.select("sample", population=pl.coalesce(names)).drop_nulls().unique("sample", keep="first")
        people = read_table(samples).select("sample").join(known, on="sample", how="inner", maintain_order="left")
        if people.is_empty():
            raise Fault(
                "nobody of the panel's genotypes is in its labels", labels, remedy="Give the panel's own labels"
            )
        return cls({canonical(bed.name.removesuffix(".bed")): bed for bed in beds}, samples, people)

    def bed(self, contig: str) -> Path | None:
        """The genotypes of a contig under whatever name the panel has it; None where it has none."""
        return self.beds.get(canonical(contig))

    def sites(self, contig: str) -> pl.DataFrame:
        """``pos ref alt`` of a contig, a row a row of the store; empty for a contig without genotypes."""
        bed = self.bed(contig)
        if bed is None:
            return pl.DataFrame(schema={"pos": pl.Int64, "ref": pl.String, "alt": pl.String})
        return pl.read_parquet(bed.with_suffix(".sites.parquet"), columns=["pos", "ref", "alt"])

    def frequencies(self, contig: str, rows: np.ndarray) -> pl.DataFrame:
        """Frequencies of ALT at rows of a contig, a column a population and ``all`` for all of them together.

        Genotypes count two alleles; NaN where nobody is called.
        """
        store = GenotypeStore.open([self.beds[canonical(contig)]], self.samples)
        columns = store.column(self.people["sample"].to_list())
        groups = self.people["population"].to_numpy()
        names = sorted(set(groups))
        member = np.stack([groups == name for name in names], axis=1).astype(np.int64)
        alts, called = (np.empty((len(rows), len(names)), np.int64) for _ in range(2))
        for start in range(0, len(rows), CHUNK):
            some = slice(start, start + CHUNK)
            codes = store.codes(rows[some])[:, columns]
            alts[some], called[some] = _ALTS[codes] @ member, _CALLED[codes] @ member
        with np.errstate(invalid="ignore"):
            shares = {name: alts[:, n] / (2 * called[:, n]) for n, name in enumerate(names)}
            shares["all"] = alts.sum(axis=1) / (2 * called.sum(axis=1))
        return pl.DataFrame(shares)


def cohort_frequencies(sites: pl.DataFrame) -> pl.DataFrame:
    """``pos ref alt af`` from the counts of a cohort's site table, and ``people``, how many are called."""
    called = pl.col("n_ref") + pl.col("n_het") + pl.col("n_alt")
    af = (2 * pl.col("n_alt") + pl.col("n_het")) / (2 * called)
    return sites.select("pos", "ref", "alt", af=pl.when(called > 0).then(af), people=called)
