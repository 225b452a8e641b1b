"""How many of the genotypes that were written are believed, and why the others are not.

Genotypes count as written in call rate, kinship, sex and contamination; results are made of the believed ones. What is
taken out of results is a measure of its own: of all sites, of records that begin at positions of pharmacogene
definitions, of those at positions of scores, and of the coding bases that findings look at.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl

from permed.evidence.positions import DEFINITIONS, SCORES
from permed.genotypes.store import GenotypeStore
from permed.observations.codes import DOUBT, NAMES
from permed.quality.kernels import count_doubts, count_missing

USES = ("", "_definitions", "_scores")  # of all sites, and of those that results need
FINDINGS = "_findings"
COLUMNS = tuple(f"{name}{use}" for use in (*USES, FINDINGS) for name in ("believed_rate", "doubts"))
FEWEST = 10  # genotypes or bases at needed positions that a share is judged by
_BLOCK = 1 << 12  # samples that one thread counts


class Believed:
    """Counts of each sample's called genotypes that are not believed, over the blocks of a store that were added.

    ``positions`` has the columns of :data:`permed.evidence.positions.NEEDED_SCHEMA`.
    """

    def __init__(self, samples: int, positions: pl.DataFrame | None) -> None:
        self._doubts = np.zeros((len(USES), samples, DOUBT + 1), np.int64)
        self._called = np.zeros((len(USES), samples), np.int64)
        self._needed: dict[tuple[str, int], np.ndarray] = {}
        if positions is not None:
            for number, use in ((1, DEFINITIONS), (2, SCORES)):
                rows = positions.filter(pl.col("needed_by").list.contains(use))
                for (contig,), own in rows.group_by("contig"):
                    self._needed[contig, number] = own["pos"].unique().to_numpy()

    def add(self, block: GenotypeStore) -> None:
        """Count a store of one contig's sites. Without a sidecar only the called genotypes at needed positions are."""
        if not len(block.sites):
            return
        (packed,) = block.parts
        contig, pos = block.sites["contig"][0], block.sites["pos"].to_numpy()
        uses = np.ones(len(pos), np.uint8)
        for number in range(1, len(USES)):
            here = np.isin(pos, self._needed.get((contig, number), ()))
            uses[here] |= 1 << number
            missing = np.zeros(4 * packed.shape[1], np.int64)
            count_missing(packed, np.flatnonzero(here), missing)
            self._called[number] += here.sum() - missing[: len(block.samples)]
        observed = block.observed_parts[0] if block.observed_parts else None
        if observed is not None:
            count_doubts(packed, np.asarray(observed), np.arange(len(pos)), uses, self._doubts, _BLOCK)

    def columns(self, called: np.ndarray) -> dict[str, np.ndarray | list[str | None]]:
        """For each use ``n_written``, ``believed_rate`` and ``doubts`` of each sample; ``called`` are the genotypes of
        all sites."""
        found = {}
        for number, use in enumerate(USES):
            written = self._called[number] if number else called
            found |= shares(use, written, self._doubts[number])
        return found


def shares(use: str, written: np.ndarray, doubts: np.ndarray) -> dict[str, np.ndarray | list[str | None]]:
    """What is believed of so many ``written`` genotypes with doubts (samples x codes); NaN and None where none is."""
    out = doubts[:, 1:].sum(axis=1)
    with np.errstate(invalid="ignore"):
        rate = np.where(written > 0, 1 - out / np.maximum(written, 1), np.nan)
    texts = [words(row) or None for row in doubts]
    return {f"n_written{use}": written, f"believed_rate{use}": rate, f"doubts{use}": texts}


def words(counts: Iterable[int]) -> str:
    """Causes with their number, the most frequent first: ``low_quality 12; no_reads 3``. ``counts`` are by code."""
    told = [(-int(n), NAMES[code]) for code, n in enumerate(counts) if code in NAMES and n]
    return "; ".join(f"{name} {-n}" for n, name in sorted(told))


def believed_bases(coverage: pl.DataFrame) -> pl.DataFrame:
    """The same of each sample's coding bases, from the table of what findings looked at: a base is written where it
    was looked at or would have been but for genotypes or blocks that are not believed."""
    by_code = [pl.col("doubted").list.get(code).sum().alias(str(code)) for code in range(DOUBT + 1)]
    rows = coverage.group_by("sample", maintain_order=True).agg(pl.col("looked_at").sum(), *by_code)
    looked, doubts = rows["looked_at"].to_numpy(), rows.drop("sample", "looked_at").to_numpy()
    columns = shares(FINDINGS, looked + doubts.sum(axis=1), doubts)
    return pl.DataFrame({"sample": rows["sample"], **columns}, strict=False).with_columns(
        pl.col(pl.Float64).fill_nan(None), pl.col(f"doubts{FINDINGS}").cast(pl.String)
    )


def judge_believed(row: dict, limits: dict) -> list[str]:
    """What is to be warned of: shares below ``warn_believed_rate`` that rest on enough genotypes."""
    found, least = [], limits["warn_believed_rate"]
    for use in (*USES, FINDINGS):
        name, fewest = f"believed_rate{use}", FEWEST if use else limits["min_sites"]
        rate = row.get(name)
        if rate is not None and (row.get(f"n_written{use}") or 0) >= fewest and rate < least:
            causes = (row.get(f"doubts{use}") or "").replace(";", ",")
            found.append(f"{name} {rate:.4f} is below {least} ({causes})")
    return found
