"""Give every sample a verdict with its reasons."""

from pathlib import Path

import polars as pl

from permed.quality.believed import believed_bases
from permed.quality.judge import judge_samples as judge
from permed.step import log, step
from permed.tables import read_json, read_table, write_table
from permed.withholding import WITHHOLD, with_withheld


@step
def judge_samples(
    metrics: Path,
    samples: Path,
    *,
    quality: Path,
    thresholds: dict,
    pedigree: Path | None = None,
    ancestry: Path | None = None,
    depths: Path | None = None,
    inputs: Path | None = None,
    coverage: list[Path] | None = None,
    on_fail: str = WITHHOLD,
) -> None:
    """Write metrics, status and reasons of every sample; ``thresholds`` are those of the configuration.

    What a table that is not given would say is not assessable. ``inputs`` is the report of the checks of the files,
    which names the people of variant-only ones, ``coverage`` what findings looked at, by contig. With ``on_fail``
    ``withhold`` the reason why nobody of a failed sample gets results is written too.
    """
    tables = {"pedigree": pedigree, "ancestry": ancestry, "depths": depths}
    read = {name: None if path is None else read_table(path) for name, path in tables.items()}
    read["bases"] = believed_bases(pl.concat(read_table(path) for path in coverage)) if coverage else None
    variants_only = frozenset(read_json(inputs).get("variants_only", ())) if inputs else frozenset()
    judged = judge(read_table(metrics), read_table(samples), thresholds, **read, variants_only=variants_only)
    write_table(with_withheld(judged, on_fail), quality)
    log.info("%s", ", ".join(f"{n} {status}" for status, n in judged["status"].value_counts(sort=True).iter_rows()))
