"""BA1, BS1, BS2 and PM2: how frequent a variant is in the general population."""

from dataclasses import dataclass

import polars as pl

from permed.annotation.acmg.clinvar import says_disease
from permed.annotation.acmg.sites import NO_SOURCE
from permed.annotation.acmg.tables import exception_keys
from permed.annotation.acmg.verdicts import ALWAYS, MET, NOT_ASSESSABLE, NOT_MET, Case, cited, judge, rule

MIN_ALLELES = 2000  # alleles that must have been looked at for BA1 (Ghosh 2018)
_FOUND, _ABSENT, _NOT_COVERED = "found", "absent", "not_covered"


@dataclass(frozen=True)
class Frequencies:
    """Thresholds of the configuration; ``bs1`` None leaves BS1 to gene rules, ``pm2`` None counts absence alone."""

    ba1: float = 0.05
    bs1: float | None = 0.01
    pm2: float | None = None
    build: str = "GRCh38"
    min_stars: int | None = 2


def ba1(sites: pl.DataFrame, settings: Frequencies, shown: str | None) -> pl.Series:
    """Stand-alone benign: the filtering allele frequency is above the threshold."""
    limit = _limit(sites, "BA1", settings.ba1)
    stars = 2 if settings.min_stars is None else settings.min_stars
    cases = [
        *_not_looked(),
        Case(_excepted(settings), NOT_MET, "one of the variants that ClinGen excepts from BA1"),
        Case(_state(_ABSENT), NOT_MET, "absent from the database"),
        *_unusable(),
        Case(
            (_frequency() > limit) & says_disease(stars),
            NOT_ASSESSABLE,
            "frequent, but ClinVar classifies it (likely) pathogenic: a person must look",
        ),
        Case(_frequency() > limit, MET, "more frequent than the threshold"),
        Case(ALWAYS, NOT_MET, "not more frequent than the threshold"),
    ]
    return judge(sites, "BA1", cases, value=_value(), threshold=_shown(limit), source=cited("BA1", shown))


def bs1(sites: pl.DataFrame, settings: Frequencies, shown: str | None) -> pl.Series:
    """More frequent than expected for the disorder, and not counted as BA1."""
    limit, alone = _limit(sites, "BS1", settings.bs1), _limit(sites, "BA1", settings.ba1)
    cases = [
        *_not_looked(),
        Case(_excepted(settings), NOT_MET, "one of the variants that ClinGen excepts from BA1"),
        Case(_state(_ABSENT), NOT_MET, "absent from the database"),
        *_unusable(),
        Case(limit.is_null(), NOT_ASSESSABLE, "no frequency is given above which it is too frequent for the disorder"),
        Case(_frequency() > alone, NOT_MET, "BA1 weighs the frequency"),
        Case(
            (_frequency() > limit) & says_disease(1),
            NOT_ASSESSABLE,
            "frequent, but ClinVar classifies it (likely) pathogenic: a person must look",
        ),
        Case(_frequency() > limit, MET, "more frequent than expected for the disorder"),
        Case(ALWAYS, NOT_MET, "not more frequent than the threshold"),
    ]
    return judge(sites, "BS1", cases, value=_value(), threshold=_shown(limit), source=cited("BS1", shown))


def bs2(sites: pl.DataFrame, shown: str | None) -> pl.Series:
    """Seen in enough people without the disorder; only where a gene rule says how many homozygotes count."""
    seen = pl.sum_horizontal("frequency_homozygotes", "frequency_hemizygotes")
    people = pl.when(_state(_FOUND)).then(pl.format("{} homozygous or hemizygous", seen))
    limit = rule(sites, "BS2", "threshold", pl.Float64)
    cases = [
        Case(limit.is_null(), NOT_ASSESSABLE, "inheritance, penetrance and age of onset of the gene are not given"),
        *_not_looked(),
        Case(_state(_ABSENT), NOT_MET, "absent from the database"),
        *_unusable(),
        Case(pl.col("frequency_homozygotes").is_null(), NOT_ASSESSABLE, "the database does not count homozygotes"),
        Case(seen >= limit, MET, "enough people of the general population are homozygous or hemizygous"),
        Case(ALWAYS, NOT_MET, "fewer homozygous or hemizygous people than the threshold"),
    ]
    return judge(sites, "BS2", cases, value=people, threshold=_shown(limit), source=cited("BS2", shown))


def pm2(sites: pl.DataFrame, settings: Frequencies, shown: str | None) -> pl.Series:
    """Absent from the general population where the database looked, or at most as frequent as the threshold."""
    limit = _limit(sites, "PM2", settings.pm2)
    cases = [
        *_not_looked(),
        Case(_state(_ABSENT), MET, "absent where the database looked"),
        *_unusable(),
        Case(limit.is_null(), NOT_MET, "listed in the database"),
        Case(pl.col("frequency_af").is_null(), NOT_ASSESSABLE, "the database gives no frequency"),
        Case((_af() <= limit) & (_frequency() <= limit), MET, "not more frequent than the threshold"),
        Case(ALWAYS, NOT_MET, "more frequent than the threshold"),
    ]
    return judge(sites, "PM2", cases, value=_value(), threshold=_shown(limit), source=cited("PM2", shown))


def _state(name: str) -> pl.Expr:
    return pl.col("frequency_state") == name


def _af() -> pl.Expr:
    return pl.col("frequency_af")


def _frequency() -> pl.Expr:
    """The filtering frequency, or that of all people where the database gives none, as for single observations."""
    return pl.coalesce("frequency_filtering_af", "frequency_af")


def _limit(sites: pl.DataFrame, criterion: str, default: float | None) -> pl.Expr:
    return pl.coalesce(rule(sites, criterion, "threshold", pl.Float64), pl.lit(default, pl.Float64))


def _shown(limit: pl.Expr) -> pl.Expr:
    return limit.cast(pl.String)


def _excepted(settings: Frequencies) -> pl.Expr:
    keys = pl.Series(exception_keys(settings.build), dtype=pl.UInt64)
    return pl.col("key").is_in(keys.implode())


def _not_looked() -> list[Case]:
    return [
        Case(_state(NO_SOURCE), NOT_ASSESSABLE, "no frequency database is configured"),
        Case(_state(_NOT_COVERED), NOT_ASSESSABLE, "the frequency database did not look at the site"),
    ]


def _unusable() -> list[Case]:
    failed = pl.col("frequency_filters").is_not_null() & ~pl.col("frequency_filters").is_in(["PASS", ".", ""])
    return [
        Case(failed, NOT_ASSESSABLE, "the frequency database itself doubts the variant (FILTER), so it is not used"),
        Case(pl.col("frequency_an") < MIN_ALLELES, NOT_ASSESSABLE, f"fewer than {MIN_ALLELES} alleles were looked at"),
        Case(_frequency().is_null(), NOT_ASSESSABLE, "the database gives no frequency"),
    ]


def _value() -> pl.Expr:
    parts = {"filtering_af": "filtering AF ", "af": "AF ", "ac": "AC ", "an": "AN ", "filters": "FILTER "}
    said = [pl.format(text + "{}", pl.col(f"frequency_{name}")) for name, text in parts.items()]
    found = pl.concat_str(said, separator="; ", ignore_nulls=True)
    return pl.when(_state(_FOUND)).then(found).otherwise(pl.col("frequency_state"))
