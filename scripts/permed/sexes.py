"""Sex chromosomes of people, as quality control tells them: XX, XY, X0, XXY, XXX, XYY and so on; X? for one X where
chrY cannot be assessed; NA where nothing is told."""

import re

import polars as pl

from permed.genome import canonical

ONE_X_ALONE = "X?"  # X0 or XY
ONE_X, TWO_X, WITH_Y = ("XY", "X0", ONE_X_ALONE, "XYY"), ("XX", "XXY", "XXYY"), ("XY", "XXY", "XYY", "XXYY", "XXXY")
UNKNOWN_COPIES = 0


def sexes_of(quality: pl.DataFrame) -> dict[str, str]:
    """The sex chromosomes by sample: those that the genotypes show, and where these do not tell the sheet's."""
    return {
        name: told_sex(*sexes) for name, *sexes in quality.select("sample", "sex_reported", "sex_inferred").iter_rows()
    }


def told_sex(reported: str, inferred: str) -> str:
    """The sex that the genotypes show; where they do not, or not whether there is a Y, one of the sheet that fits."""
    return reported if inferred == "NA" or fits(reported, inferred) else inferred


def fits(reported: str, inferred: str) -> bool:
    """Whether what the genotypes show is what the sheet says, as far as they show it."""
    return reported == inferred or (inferred == ONE_X_ALONE and reported in ("XY", "X0"))


def differ_in_y(one: str, other: str) -> bool:
    """Whether one of two karyotypes surely has a Y and the other none."""
    return ONE_X_ALONE not in (one, other) and ("Y" in one) != ("Y" in other)


def declared_karyotype(text: str | None) -> list[str]:
    """The sex chromosomes of a karyotype as it is written: 47,XXY or XXY; of a mosaic (45,X/46,XX) all."""
    lines = re.findall(r"(?<![A-Z])(X+Y*|X?0|XO)(?![A-Z])", (text or "").upper().replace(" ", ""))
    return ["X0" if line in ("X", "XO", "X0") else line for line in lines]


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
