"""Sex chromosomes of people, as quality control tells them: XX, XY, X0, XXY, or NA where it does not."""

import polars as pl

from permed.genome import canonical

ONE_X, TWO_X, WITH_Y = ("XY", "X0"), ("XX", "XXY"), ("XY", "XXY")
UNKNOWN_COPIES = 0


def sexes_of(quality: pl.DataFrame) -> dict[str, str]:
    """The sex chromosomes by sample: those that the genotypes show, and where these do not tell the sheet's."""
    inferred = pl.when(pl.col("sex_inferred") != "NA").then("sex_inferred").otherwise("sex_reported")
    return dict(quality.select("sample", sex=inferred).iter_rows())


def copies_of(quality: pl.DataFrame, contig: str) -> dict[str, int]:
    """How many copies of chrX or chrY, outside the regions that they share, are expected of each sample.

    The sheet's sex counts, and where it has none the sex chromosomes that the genotypes show. Where the two tell
    different numbers, or neither any, the number is :data:`UNKNOWN_COPIES`, which a person with XX has of chrY too:
    what is written there is not theirs.
    """
    told = {}
    for name, *sexes in quality.select("sample", "sex_reported", "sex_inferred").iter_rows():
        known = {_copies(sex, canonical(contig)) for sex in sexes} - {UNKNOWN_COPIES}
        told[name] = known.pop() if len(known) == 1 else UNKNOWN_COPIES
    return told


def why_unknown(quality: pl.DataFrame) -> dict[str, str]:
    """A sentence for each sample on why the number of its copies of chrX or chrY is not known."""
    said = {}
    for name, reported, inferred in quality.select("sample", "sex_reported", "sex_inferred").iter_rows():
        if reported == "NA":
            said[name] = "The sample sheet gives no sex, and the genotypes do not show it."
        else:
            said[name] = f"The sample sheet says {reported}, and the genotypes look like {inferred}."
    return said


def _copies(sex: str, contig: str) -> int:
    if contig == "chrX":
        return 1 if sex in ONE_X else 2 if sex in TWO_X else UNKNOWN_COPIES
    return 1 if contig == "chrY" and sex in WITH_Y else UNKNOWN_COPIES
