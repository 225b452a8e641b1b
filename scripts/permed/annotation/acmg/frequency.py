"""BA1, BS1, BS2 and PM2: how frequent a variant is in the general population."""

from dataclasses import dataclass

import polars as pl

from permed.annotation.acmg.clinvar import says_disease
from permed.annotation.acmg.sites import NO_SOURCE
from permed.annotation.acmg.tables import exception_keys
from permed.annotation.acmg.verdicts import ALWAYS, MET, NOT_ASSESSABLE, NOT_MET, Case, cited, judge, rule
from permed.genome import canonical, pseudoautosomal

MIN_ALLELES = 2000  # alleles that must have been looked at for BA1 (Ghosh 2018)
FIRM_STARS = 1  # of ClinVar from which a frequent variant that it calls (likely) pathogenic is left to a person
_PASSED = ["PASS", ".", ""]
_NO_CARRIER = "AC0"  # gnomAD's FILTER of variants of which no genotype of good quality was left
_FOUND, _ABSENT, _NOT_COVERED = "found", "absent", "not_covered"


@dataclass(frozen=True)
class Frequencies:
    """Thresholds of the configuration; ``bs1`` None leaves BS1 to gene rules, ``pm2`` None counts absence alone."""

    ba1: float = 0.05
    bs1: float | None = 0.01
    pm2: float | None = None
    build: str = "GRCh38"


def ba1(sites: pl.DataFrame, settings: Frequencies, shown: str | None) -> pl.Series:
    """Stand-alone benign: the filtering allele frequency is above the threshold."""
    limit = _limit(sites, "BA1", settings.ba1)
    cases = [
        *_not_looked(),
        Case(_excepted(settings), NOT_MET, "one of the variants that ClinGen excepts from BA1"),
        *_absent(NOT_MET),
        *_unusable(),
        Case(
            (_frequency() > limit) & says_disease(FIRM_STARS),
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
        *_absent(NOT_MET),
        *_unusable(),
        Case(limit.is_null(), NOT_ASSESSABLE, "no frequency is given above which it is too frequent for the disorder"),
        Case(_frequency() > alone, NOT_MET, "BA1 weighs the frequency"),
        Case(
            (_frequency() > limit) & says_disease(FIRM_STARS),
            NOT_ASSESSABLE,
            "frequent, but ClinVar classifies it (likely) pathogenic: a person must look",
        ),
        Case(_frequency() > limit, MET, "more frequent than expected for the disorder"),
        Case(ALWAYS, NOT_MET, "not more frequent than the threshold"),
    ]
    return judge(sites, "BS1", cases, value=_value(), threshold=_shown(limit), source=cited("BS1", shown))


def bs2(sites: pl.DataFrame, settings: Frequencies, shown: str | None) -> pl.Series:
    """Seen in enough people without the disorder; only where a gene rule says how many homozygotes count.

    The alleles of XY people count as hemizygous people where these have one copy, on chrX and chrY outside the
    pseudoautosomal regions; elsewhere most of them are heterozygous.
    """
    single = _single_copy(sites, settings.build)
    homozygous, hemizygous = pl.col("frequency_homozygotes"), pl.when(single).then("frequency_hemizygotes")
    seen = pl.sum_horizontal(homozygous, hemizygous)
    told = [pl.format("{} homozygous", homozygous), pl.format("{} hemizygous", hemizygous)]
    people = pl.when(_state(_FOUND)).then(pl.concat_str(told, separator=", ", ignore_nulls=True))
    limit = rule(sites, "BS2", "threshold", pl.Float64)
    cases = [
        Case(limit.is_null(), NOT_ASSESSABLE, "inheritance, penetrance and age of onset of the gene are not given"),
        *_not_looked(),
        *_absent(NOT_MET),
        *_unusable(),
        Case(pl.col("frequency_homozygotes").is_null(), NOT_ASSESSABLE, "the database does not count homozygotes"),
        Case(
            single & hemizygous.is_null() & (seen < limit),
            NOT_ASSESSABLE,
            "the database does not count hemizygous people",
        ),
        Case(seen >= limit, MET, "enough people of the general population are homozygous or hemizygous"),
        Case(ALWAYS, NOT_MET, "fewer homozygous or hemizygous people than the threshold"),
    ]
    return judge(sites, "BS2", cases, value=people, threshold=_shown(limit), source=cited("BS2", shown))


def pm2(sites: pl.DataFrame, settings: Frequencies, shown: str | None) -> pl.Series:
    """Absent from the general population where the database looked, or at most as frequent as the threshold."""
    limit = _limit(sites, "PM2", settings.pm2)
    cases = [
        *_not_looked(),
        *_absent(MET),
        *_unusable(),
        Case(
            limit.is_null() & _no_carrier(),
            NOT_ASSESSABLE,
            "listed without a carrier, and it is not known how many alleles were looked at",
        ),
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


def _absent(then: str) -> list[Case]:
    """Not listed where the database looked, or listed without one carrier among alleles enough.

    gnomAD lists what it called in anyone, also where no genotype is left once those of low quality are taken away: the
    count is then 0, the FILTER AC0, and the number of alleles is that of genotypes of good quality (gnomAD's help,
    Allele count zero). FILTERs that doubt the variant itself leave it open.
    """
    filters = pl.col("frequency_filters")
    unseen = _no_carrier() & (pl.col("frequency_an") >= MIN_ALLELES)
    unseen = unseen & (filters.is_null() | filters.is_in([*_PASSED, _NO_CARRIER]))
    return [
        Case(_state(_ABSENT), then, "absent where the database looked"),
        Case(unseen, then, "listed by the database, but without one carrier of good quality"),
    ]


def _no_carrier() -> pl.Expr:
    return _state(_FOUND) & (pl.col("frequency_ac") == 0) & (pl.col("frequency_af").fill_null(0) == 0)


def _single_copy(sites: pl.DataFrame, build: str) -> pl.Expr:
    """Whether XY people have one copy: on chrX and chrY outside the pseudoautosomal regions."""
    single = pl.lit(False)
    for name in sites["contig"].unique().sort():
        if canonical(name) in ("chrX", "chrY"):
            shared = (pl.col("pos").is_between(*ends) for ends in pseudoautosomal(build, name))
            single = single | ((pl.col("contig") == name) & ~pl.any_horizontal(pl.lit(False), *shared))
    return single


def _unusable() -> list[Case]:
    failed = pl.col("frequency_filters").is_not_null() & ~pl.col("frequency_filters").is_in(_PASSED)
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
