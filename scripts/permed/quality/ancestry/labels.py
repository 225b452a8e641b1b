"""The table that says which population each person of a reference panel is from."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.tables import lines_of, read_table

COLUMNS = ("sample", "population", "superpopulation", "unrelated")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
SEX = "sex"  # a further column, which may be there
_SEXES = {"xx": "XX", "female": "XX", "2": "XX", "xy": "XY", "male": "XY", "1": "XY", "na": "NA", "0": "NA"}


def read_labels(path: Path) -> pl.DataFrame:
    """The columns of :data:`COLUMNS`; further ones are not read.

    ``superpopulation`` is the population where there is no such column, ``unrelated`` (boolean) true. People who are
    related to others of the panel should be no: near relatives draw components to themselves.
    """
    table = read_table(path)
    for column in ("sample", "population"):
        if column not in table.columns:
            raise Fault(f"it has no column {column}", path, remedy="Give sample and population, tab-separated")
    if "superpopulation" not in table.columns:
        table = table.with_columns(superpopulation="population")
    if "unrelated" not in table.columns:
        table = table.with_columns(unrelated=pl.lit("yes"))
    seen: set[str] = set()
    for line, row in zip(lines_of(path), table.select(COLUMNS).iter_rows(named=True), strict=False):
        empty = [name for name in COLUMNS if row[name] is None]
        if empty:
            raise Fault(f"{empty[0]} is empty", path, row["sample"], line, "Fill it, or take the line out")
        if row["sample"] in seen:
            raise Fault("the sample is listed twice", path, row["sample"], line, "Take one line out")
        seen.add(row["sample"])
        if row["unrelated"].lower() not in (*_YES, *_NO):
            raise Fault(f'unrelated "{row["unrelated"]}" is not yes or no', path, row["sample"], line)
    return table.select(*COLUMNS[:3], pl.col("unrelated").str.to_lowercase().is_in(_YES))


def read_sexes(path: Path) -> dict[str, str]:
    """Sex by sample, XX, XY or NA, from the column ``sex`` of the labels (words, or PLINK's 1 and 2); empty without."""
    table = read_table(path)
    if SEX not in table.columns:
        return {}
    sexes = {}
    for line, (sample, sex) in zip(lines_of(path), table.select("sample", SEX).iter_rows(), strict=False):
        if (sex or "NA").lower() not in _SEXES:
            raise Fault(f'sex "{sex}" is not XX, XY or NA', path, sample, line)
        sexes[sample] = _SEXES[(sex or "NA").lower()]
    return sexes
