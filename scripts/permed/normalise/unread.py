"""Where lifting leaves genotypes unread, so that nobody may be taken to be reference there; positions are 1-based."""

import polars as pl

from permed.genome import canonical, reconcile
from permed.normalise.contig import SET_ASIDE_SCHEMA


def lost_sites(changes: pl.DataFrame) -> pl.DataFrame:
    """Lost records of the list of changes whose place on the run's build is known, as rows to set aside.

    Somebody's genotype was there and is not read any more.
    """
    lost = changes.filter((pl.col("outcome") == "lost") & pl.col("new_pos").is_not_null())
    return lost.select(
        pl.col("new_contig").alias("contig"),
        pl.col("new_pos").alias("pos"),
        (pl.col("new_pos") + pl.col("ref").str.len_bytes().cast(pl.Int64) - 1).alias("end"),
        "ref",
        "alt",
        ("lifting: " + pl.col("reason")).alias("reason"),
        pl.lit(None, pl.List(pl.String)).alias("samples"),
    )


def lost_positions(changes: pl.DataFrame, positions: pl.DataFrame, build: str, contigs: list[str]) -> pl.DataFrame:
    """Positions of definitions at whose place on the other build a record was lost without a place on the run's.

    The chain does not tell where such a genotype was, but the definitions give both places. Rows to set aside.
    """
    here, there = ("", "37") if build == "GRCh38" else ("37", "")
    lost = changes.filter((pl.col("outcome") == "lost") & pl.col("new_pos").is_null()).unique(["contig", "pos"])
    gone = {(canonical(contig), pos) for contig, pos in lost.select("contig", "pos").iter_rows()}
    placed = positions.filter(pl.col(f"pos{here}").is_not_null() & pl.col(f"pos{there}").is_not_null())
    names = reconcile(placed["contig"].unique().to_list(), contigs)
    rows = {}
    for row in placed.iter_rows(named=True):
        if (canonical(row["contig"]), int(row[f"pos{there}"])) in gone and row["contig"] in names:
            pos, ref = int(row[f"pos{here}"]), row[f"ref{here}"]
            rows[names[row["contig"]], pos, pos + len(ref) - 1, ref, row[f"alts{here}"]] = None
    reason = "lifting: the record at this position of a definition was lost"
    return pl.DataFrame([(*row, reason, None) for row in rows], schema=SET_ASIDE_SCHEMA, orient="row")


def other_references(positions: pl.DataFrame, build: str, contigs: list[str]) -> pl.DataFrame:
    """Positions of definitions, given on both builds, at which GRCh37 and GRCh38 have another base, to set aside.

    A file without a record there says that everybody has the base of its own build, which is not the run's.
    """
    suffix = "" if build == "GRCh38" else "37"
    differ = positions.filter(pl.col("ref") != pl.col("ref37")).unique(["contig", "pos"]).sort("contig", "pos")
    names = reconcile(differ["contig"].unique().to_list(), contigs)
    reason = "lifting: the builds have another base, so that no record is not reference"
    rows = [
        (names[row["contig"]], pos, pos + len(row[f"ref{suffix}"]) - 1, row[f"ref{suffix}"], row[f"alts{suffix}"])
        for row in differ.iter_rows(named=True)
        if row["contig"] in names and (pos := int(row[f"pos{suffix}"]))
    ]
    return pl.DataFrame([(*row, reason, None) for row in rows], schema=SET_ASIDE_SCHEMA, orient="row")
