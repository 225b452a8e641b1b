"""What is wrong in single cells of a scoring file."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genome import CONTIGS, lengths

_SHOWN = 3  # faulty lines named one by one


def cell_faults(path: Path, rows: pl.DataFrame, build: str) -> list[Fault]:
    """What is wrong in cells of scorable rows of :func:`build_rows`; the first few lines of each kind.

    ``build`` is that of the positions in the file.
    """
    if rows.is_empty():
        return [Fault("there are no rows", path, remedy="Give a row a variant below the line of column names")]
    scorable = rows.filter(pl.col("not_scorable").is_null())
    size = pl.col("contig").replace_strict(lengths(build), default=None, return_dtype=pl.Int64)
    by_dosage = pl.col("dosage_texts").is_not_null()
    finite = pl.col("dosage_weights").list.eval(pl.element().is_finite().fill_null(False)).list.all()
    wrong_weight = scorable.filter(pl.col("dosage_weights").is_null() & ~pl.col("weight").is_finite().fill_null(False))
    wrong_dosage = scorable.filter(by_dosage & ~finite.fill_null(False))
    unknown = scorable.filter(~pl.col("contig").is_in(CONTIGS))
    no_integer = scorable.filter(pl.col("pos").is_null() | (pl.col("pos") < 1))
    beyond = scorable.filter(pl.col("pos") > size).with_columns(place=pl.format("{}:{}", "contig", "pos"))
    names = "Write 1 to 22, X, Y or MT, with or without chr; plink's 23, 24 and 26 are X, Y and MT"
    end = f"{{}} is beyond the end of the contig in {build}"
    three = 'dosage weights "{}" are not three numbers'
    return [
        *_of_lines(path, wrong_weight, "weight_text", 'effect_weight "{}" is not a number', "Correct it"),
        *_of_lines(path, wrong_dosage, "dosage_texts", three, "Give all three or none"),
        *_of_lines(path, unknown, "contig", 'the contig "{}" is not known', names),
        *_of_lines(path, no_integer, "pos_text", 'the position "{}" is not a positive integer', "Correct it"),
        *_of_lines(path, beyond, "place", end, f"Take a {build} file"),
    ]


def _of_lines(path: Path, wrong: pl.DataFrame, column: str, fault: str, remedy: str) -> list[Fault]:
    first = wrong.select("line", pl.col(column).fill_null("")).head(_SHOWN).rows()
    faults = [Fault(fault.format(value), path, None, line, remedy) for line, value in first]
    if len(wrong) > len(first):
        faults[-1].fault += f", as in {len(wrong) - len(first)} lines below"
    return faults
