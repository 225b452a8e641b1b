"""Who carries which of some variants, and who could not be read there, from the genotype store."""

import numpy as np
import polars as pl

from permed.genome import canonical, pseudoautosomal
from permed.genotypes.store import HET, HOM_REF, MISSING, GenotypeStore
from permed.observations.codes import BELIEVED, DOUBT
from permed.sexes import ONE_X, TWO_X, WITH_Y

HETEROZYGOUS, HOMOZYGOUS, HEMIZYGOUS = "heterozygous", "homozygous", "hemizygous"
HETEROPLASMIC, HOMOPLASMIC = "heteroplasmic", "homoplasmic"
REFERENCE, UNREAD = "reference", "unread"
PLACE = ("contig", "pos", "ref", "alt")
SCHEMA = {"sample": pl.String, **dict.fromkeys(PLACE, pl.String), "pos": pl.Int64, "zygosity": pl.String}
SCHEMA |= {"ploidy_doubt": pl.String, "doubt": pl.UInt8}
TWO_IN_XY = "two alleles on a chromosome of which the person has one by their sex"
ONE_IN_XX = "one allele on a chromosome of which the person has two by their sex"
NONE_IN_XX = "an allele on a chromosome that the person does not have by their sex"
ONE_OF_TWO = "one allele where everybody has two copies"
NO_SEX = "the sex is not known, and with it how many copies of this place there are"
TWO, ONE_OF_X, ONE_OF_Y, MITOCHONDRIAL = "two", "chrX", "chrY", "chrM"
_ROWS = 512


def carried(
    store: GenotypeStore, variants: pl.DataFrame, people: list[str], sexes: dict[str, str], build: str
) -> pl.DataFrame:
    """A row for each of ``people`` and each of ``variants`` (``contig pos ref alt``) that the person carries.

    ``zygosity`` is heterozygous, homozygous or hemizygous (one copy: a haploid genotype, or a homozygous one of a
    person who has one of chrX or chrY outside the pseudoautosomal regions), on chrM heteroplasmic or homoplasmic, or
    ``unread`` where the genotype is missing, or is reference and not believed; ``ploidy_doubt`` says what does not fit,
    ``doubt`` is the code of why a genotype is not believed, 0 for one that is. A variant that the store does not have
    gives no row.
    """
    place = store.sites.with_row_index("_row").select("_row", *PLACE)
    wanted = variants.select(PLACE).unique().join(place, on=PLACE, how="inner").sort("_row")
    columns = store.column(people)
    parts = []
    for chunk in wanted.iter_slices(_ROWS):
        rows = chunk["_row"].to_numpy().astype(np.int64)
        codes = store.codes(rows)[:, columns]
        haploid = store.haploid(rows)[:, columns]
        doubt = store.observed(rows)[:, columns] & DOUBT
        codes = np.where((codes == HOM_REF) & (doubt != BELIEVED), np.uint8(MISSING), codes)
        where, who = np.nonzero(codes != HOM_REF)
        found = (
            chunk[where]
            .select(PLACE)
            .with_columns(
                sample=pl.Series([people[n] for n in who], dtype=pl.String),
                _code=pl.Series(codes[where, who]),
                _haploid=pl.Series(haploid[where, who]),
                doubt=pl.Series(doubt[where, who], dtype=pl.UInt8),
            )
        )
        parts.append(found)
    empty = pl.DataFrame(schema=SCHEMA)
    if not parts:
        return empty
    found = pl.concat(parts)
    sex = pl.col("sample").replace_strict(sexes, default="NA", return_dtype=pl.String)
    found = found.with_columns(_place=_copies_there(found, build), _sex=sex)
    return found.with_columns(zygosity=_zygosity(), ploidy_doubt=_ploidy_doubt()).select(empty.columns)


def _zygosity() -> pl.Expr:
    code, place = pl.col("_code"), pl.col("_place")
    one = pl.col("_haploid") | _has_one(place, pl.col("_sex"))
    chain = [
        (code == MISSING, UNREAD),
        ((place == MITOCHONDRIAL) & (code == HET), HETEROPLASMIC),
        (place == MITOCHONDRIAL, HOMOPLASMIC),
        (code == HET, HETEROZYGOUS),
        (one, HEMIZYGOUS),
    ]
    return _first_of(chain, pl.lit(HOMOZYGOUS))


def _has_one(place: pl.Expr, sex: pl.Expr) -> pl.Expr:
    """Whether somebody of these sex chromosomes has one copy of the place."""
    return ((place == ONE_OF_X) & sex.is_in(ONE_X)) | ((place == ONE_OF_Y) & sex.is_in(WITH_Y))


def _ploidy_doubt() -> pl.Expr:
    """What of a carried genotype does not fit the place and the person's sex; null where all fits."""
    carried, haploid, place, sex = pl.col("_code") != MISSING, pl.col("_haploid"), pl.col("_place"), pl.col("_sex")
    alone = place.is_in([ONE_OF_X, ONE_OF_Y])
    chain = [
        (~carried, None),
        (alone & ~sex.is_in([*ONE_X, *TWO_X]), NO_SEX),
        (_has_one(place, sex) & (pl.col("_code") == HET), TWO_IN_XY),
        ((place == ONE_OF_Y) & ~sex.is_in(WITH_Y), NONE_IN_XX),
        ((place == ONE_OF_X) & sex.is_in(TWO_X) & haploid, ONE_IN_XX),
        ((place == TWO) & haploid, ONE_OF_TWO),
    ]
    return _first_of(chain, pl.lit(None, pl.String))


def _first_of(chain: list[tuple[pl.Expr, str | None]], otherwise: pl.Expr) -> pl.Expr:
    """The value of the first condition that holds."""
    for condition, value in reversed(chain):
        otherwise = pl.when(condition).then(pl.lit(value, pl.String)).otherwise(otherwise)
    return otherwise


def _copies_there(found: pl.DataFrame, build: str) -> pl.Expr:
    """Of which kind each row's place is: two copies, one of chrX or chrY in a person with XY, or mitochondrial."""
    place = pl.lit(TWO)
    for contig in found["contig"].unique().sort():
        name = canonical(contig)
        here = pl.col("contig") == contig
        if name in (ONE_OF_X, ONE_OF_Y):
            for first, last in pseudoautosomal(build, name):
                here &= ~pl.col("pos").is_between(first, last)
        if name in (ONE_OF_X, ONE_OF_Y, MITOCHONDRIAL):
            place = pl.when(here).then(pl.lit(name)).otherwise(place)
    return place
