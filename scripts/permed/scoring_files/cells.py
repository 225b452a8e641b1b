"""What is wrong in single cells of a scoring file."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genome import CONTIGS, lengths
from permed.scoring_files.rows import ACCESSION
from permed.scoring_files.weights import Weights

_SHOWN = 3  # faulty lines named one by one


def cell_faults(path: Path, rows: pl.DataFrame, build: str, weights: Weights) -> list[Fault]:
    """What is wrong in cells of scorable rows of :func:`build_rows`; the first few lines of each kind.

    ``build`` is that of the positions in the file.
    """
    if rows.is_empty():
        return [Fault("there are no rows", path, remedy="Give a row a variant below the line of column names")]
    scorable = rows.filter(pl.col("not_scorable").is_null())
    size = pl.col("contig").replace_strict(lengths(build), default=None, return_dtype=pl.Int64)
    by_dosage = pl.col("dosage_texts").is_not_null()
    finite = pl.col("dosage_weights").list.eval(pl.element().is_finite().fill_null(False)).list.all()
    number = pl.col("weight_text").cast(pl.Float64, strict=False)
    below = pl.lit(weights.ratios) & (number <= 0).fill_null(False)
    no_weight = pl.col("dosage_weights").is_null() & ~pl.col("weight").is_finite().fill_null(False)
    wrong_weight, wrong_ratio = scorable.filter(no_weight & ~below), scorable.filter(no_weight & below)
    wrong_dosage = scorable.filter(by_dosage & ~finite.fill_null(False))
    accession = pl.col("contig").str.contains(ACCESSION)
    elsewhere = scorable.filter(accession)
    unknown = scorable.filter(~pl.col("contig").is_in(CONTIGS) & ~accession)
    no_integer = scorable.filter(pl.col("pos").is_null() | (pl.col("pos") < 1))
    beyond = scorable.filter(pl.col("pos") > size).with_columns(place=pl.format("{}:{}", "contig", "pos"))
    names = "Write 1 to 22, X, Y or MT, with or without chr; plink's 23, 24 and 26 are X, Y and MT"
    end = f"{{}} is beyond the end of the contig in {build}"
    three = 'dosage weights "{}" are not three numbers' + " above 0, as ratios are" * weights.ratios
    logarithms = "Correct it, or write #weight_type=log(OR) above the table if the weights are logarithms already"
    no_ratio = f'{weights.column} "{{}}" is no ratio: it is not above 0'
    other_build = "the chromosome {} is not one of " + build
    return [
        *_of_lines(path, wrong_weight, "weight_text", f'{weights.column} "{{}}" is not a number', "Correct it"),
        *_of_lines(path, wrong_ratio, "weight_text", no_ratio, logarithms),
        *_of_lines(path, elsewhere, "contig", other_build, f"Say the build (#genome_build=…) or take a {build} file"),
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
