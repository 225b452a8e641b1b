"""The variants of all scores of a run, from its scoring files to the log of what became of each."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.scores.match import SITE_LOG, set_duplicates_aside
from permed.scoring_files import SCORE_SCHEMA, read_header, read_scores

LOG_SCHEMA = {**SCORE_SCHEMA, **SITE_LOG, "reason": pl.String}
_HEADER = {
    "name": "pgs_name",
    "trait": "trait_reported",
    "license": "license",
    "citation": "citation",
    "genome_build": "genome_build",
    "weight_type": "weight_type",
}


def read_all(files: list[Path], build: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The variants of all files, and a row a score of what its file says of it, in the files' order.

    Raises a Fault for a file that does not fit the build, or a score that is in two files.
    """
    parts, about, origin = [pl.DataFrame(schema=SCORE_SCHEMA)], [], {}
    for path in files:
        rows, header = read_scores(path, build), read_header(path)
        for score in rows["score"].unique(maintain_order=True):
            if score in origin:
                fault = f"the score {score} is also in {origin[score]}"
                raise Fault(fault, path, remedy="Name each score in one file only")
            origin[score] = path
            said = {name: header.get(key) or None for name, key in _HEADER.items()}
            about.append({"score": score, **said, "file": Path(path).name})
        parts.append(rows)
    schema = dict.fromkeys(["score", *_HEADER, "file"], pl.String)
    return pl.concat(parts), pl.DataFrame(about, schema=schema)


def unmatched(rows: pl.DataFrame, verdict: str, reason: pl.Expr) -> pl.DataFrame:
    """Log rows of variants that are not looked for at any site."""
    empty = {name: pl.lit(None, kind) for name, kind in SITE_LOG.items()}
    return rows.with_columns(**{**empty, "class": pl.lit(verdict)}, reason=reason)


def collect_log(parts: list[pl.DataFrame], scores: pl.Series) -> pl.DataFrame:
    """The logs of all contigs as one, by score in the order of ``scores`` and by line, duplicates set aside."""
    columns = [pl.col(name).cast(kind) for name, kind in LOG_SCHEMA.items()]
    order = pl.DataFrame({"score": scores, "_order": range(len(scores))}, schema_overrides={"_order": pl.Int64})
    whole = pl.concat([part.select(columns) for part in parts]).join(order, on="score", how="left")
    return set_duplicates_aside(whole.sort("_order", "line").drop("_order", "not_scorable"))
