"""Rates from a user's own download of the Global Burden of Disease results tool, which may not be shipped.

A download is CSV with the columns :data:`COLUMNS` among others. Needed are the rates (``metric_name`` Rate, by 100,000)
of incidence of a cause, and of deaths from it and from all causes; prevalence, where it is there, turns incidence by
head into incidence by person free of the disease.
"""

import re
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.scores.risk.tables import PER, RATES, word

COLUMNS = ("measure_name", "location_name", "sex_name", "age_name", "cause_name", "metric_name", "year", "val")
SEXES = {"Female": "XX", "Male": "XY"}
ALL_CAUSES = "All causes"
_KEY = ["location_name", "sex_name", "age_from", "age_to", "year"]


def read_download(paths: list[Path], cause: str, disease: str, source: str, licence: str) -> pl.DataFrame:
    """Rates of ``cause`` in the layout of ``resources/risk/rates.tsv``, by place, sex and age; ``disease`` names it.

    Deaths from other causes are all deaths less those from the cause. A place, sex and age of which incidence or all
    deaths are not there is left out if it lies at an end of life, and a Fault in between, as :func:`read_rates` says.
    """
    rows = pl.concat([_read(path) for path in paths]).unique(maintain_order=True)
    twice = rows.group_by(*_KEY, "measure_name", "cause_name").len().filter(pl.col("len") > 1)
    if len(twice):
        what = ", ".join(map(str, twice.sort(_KEY).row(0)[:7]))
        raise Fault(f"there are several rates of {what}", paths[0], remedy="Give one download of each")
    incidence = _measure(rows, "Incidence", cause, "new")
    if incidence.is_empty():
        known = ", ".join(sorted(set(rows["cause_name"]))[:10])
        raise Fault(f'there is no incidence of "{cause}"', paths[0], remedy=f"The file has {known}")
    deaths = _measure(rows, "Deaths", ALL_CAUSES, "deaths")
    if deaths.is_empty():
        raise Fault("there are no deaths from all causes", paths[0], remedy="Add Deaths, All causes to the download")
    table = incidence.join(deaths, on=_KEY, how="inner")
    for measure, name in (("Deaths", "own_deaths"), ("Prevalence", "prevalence")):
        table = table.join(_measure(rows, measure, cause, name), on=_KEY, how="left")
    free = 1 - pl.col("prevalence").fill_null(0.0) / PER
    by_free = pl.when(pl.col("prevalence").is_not_null()).then(pl.lit("; by person free of the disease"))
    table = table.sort("location_name", "sex_name", "year", "age_from").select(
        disease=pl.lit(word(disease)),
        country="location_name",
        group=pl.lit(""),
        sex=pl.col("sex_name").replace_strict(SEXES),
        age_from="age_from",
        age_to="age_to",
        incidence_per_100k=pl.col("new") / free,
        competing_per_100k=(pl.col("deaths") - pl.col("own_deaths").fill_null(0.0)).clip(0),
        year="year",
        default=pl.lit("no"),
        source=pl.concat_str(pl.lit(source), by_free.otherwise(pl.lit(""))),
        version=pl.col("year"),
        licence=pl.lit(licence),
    )
    return table.select(*RATES, "version", "licence")


def _read(path: Path) -> pl.DataFrame:
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.ComputeError, pl.exceptions.NoDataError):
        raise Fault("it is no CSV", path, remedy="Give the CSV of the results tool, unzipped") from None
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise Fault(f"it has no column {missing[0]}", path, remedy="Ask the results tool for names, not only for IDs")
    rows = table.filter(pl.col("metric_name") == "Rate", pl.col("sex_name").is_in(list(SEXES)))
    ages = {name: span for name in rows["age_name"].unique() if (span := _ages(name))}
    rows = rows.filter(pl.col("age_name").is_in(list(ages)))
    start, end = (
        pl.col("age_name").replace_strict({name: span[at] for name, span in ages.items()}, return_dtype=pl.Int64)
        for at in (0, 1)
    )
    value = pl.col("val").cast(pl.Float64, strict=False)
    rows = rows.with_columns(age_from=start, age_to=end, val=value)
    if rows["val"].null_count():
        raise Fault("a value is no number", path, remedy="Fetch it again")
    return rows.select(*COLUMNS, "age_from", "age_to")


def _ages(name: str) -> tuple[int, int] | None:
    """The first age of a group and the one after its last: ``35-39 years`` and ``35 to 39`` are (35, 40).

    Groups without an upper end, and those that hold several others (All ages), give None.
    """
    found = re.fullmatch(r"(\d+)\s*(?:-|to)\s*(\d+)(?:\s*years)?", name.strip())
    if not found:
        return None
    start, last = int(found[1]), int(found[2])
    return (start, last + 1) if last - start <= 4 else None


def _measure(rows: pl.DataFrame, measure: str, cause: str, name: str) -> pl.DataFrame:
    here = rows.filter(pl.col("measure_name") == measure, pl.col("cause_name").str.to_lowercase() == cause.lower())
    return here.select(*_KEY, pl.col("val").alias(name))
