"""Who carries which of some variants, and who could not be read there, from the genotype store."""

import numpy as np
import polars as pl

from permed.genome import canonical, pseudoautosomal
from permed.genotypes.store import HET, HOM_ALT, MISSING, GenotypeStore

HETEROZYGOUS, HOMOZYGOUS, HEMIZYGOUS = "heterozygous", "homozygous", "hemizygous"
REFERENCE, UNREAD = "reference", "unread"
PLACE = ("contig", "pos", "ref", "alt")
SCHEMA = {"sample": pl.String, **dict.fromkeys(PLACE, pl.String), "pos": pl.Int64, "zygosity": pl.String}
TWO_IN_XY = "two alleles on a chromosome of which a person with XY has one"
_ROWS = 512


def carried(
    store: GenotypeStore, variants: pl.DataFrame, people: list[str], sexes: dict[str, str], build: str
) -> pl.DataFrame:
    """A row for each of ``people`` and each of ``variants`` (``contig pos ref alt``) that the person carries.

    ``zygosity`` is heterozygous, homozygous or hemizygous (one copy: a haploid genotype, or a homozygous one of a
    person with XY on chrX or chrY outside the pseudoautosomal regions), or ``unread`` where the genotype is missing;
    ``ploidy_doubt`` says what does not fit. A variant that is not in the store gives no row.
    """
    place = store.sites.with_row_index("_row").select("_row", *PLACE)
    wanted = variants.select(PLACE).unique().join(place, on=PLACE, how="inner").sort("_row")
    columns = store.column(people)
    single = {name: sexes.get(name) == "XY" for name in people}
    parts = []
    for chunk in wanted.iter_slices(_ROWS):
        rows = chunk["_row"].to_numpy().astype(np.int64)
        codes = store.codes(rows)[:, columns]
        haploid = store.haploid(rows)[:, columns]
        where, who = np.nonzero(codes != 3)
        found = (
            chunk[where]
            .select(PLACE)
            .with_columns(
                sample=pl.Series([people[n] for n in who], dtype=pl.String),
                _code=pl.Series(codes[where, who]),
                _haploid=pl.Series(haploid[where, who]),
            )
        )
        parts.append(found)
    empty = pl.DataFrame(schema={**SCHEMA, "ploidy_doubt": pl.String})
    if not parts:
        return empty
    found = pl.concat(parts)
    alone = _one_copy_in_xy(found, build) & found["sample"].replace_strict(single, return_dtype=pl.Boolean)
    code = pl.col("_code")
    zygosity = (
        pl.when(code == MISSING)
        .then(pl.lit(UNREAD))
        .when(code == HET)
        .then(pl.lit(HETEROZYGOUS))
        .when((code == HOM_ALT) & (pl.col("_haploid") | alone))
        .then(pl.lit(HEMIZYGOUS))
        .otherwise(pl.lit(HOMOZYGOUS))
    )
    doubt = pl.when((code == HET) & alone).then(pl.lit(TWO_IN_XY))
    return found.with_columns(zygosity=zygosity, ploidy_doubt=doubt).select(empty.columns)


def _one_copy_in_xy(found: pl.DataFrame, build: str) -> pl.Series:
    """Which rows lie where a person with XY has one copy."""
    inside = pl.lit(False)
    for contig in found["contig"].unique().sort():
        name = canonical(contig)
        if name in ("chrX", "chrY"):
            shared = pl.lit(False)
            for first, last in pseudoautosomal(build, name):
                shared = shared | pl.col("pos").is_between(first, last)
            inside = inside | ((pl.col("contig") == contig) & ~shared)
    return found.select(inside.alias("alone")).to_series() if len(found) else pl.Series("alone", [], pl.Boolean)
