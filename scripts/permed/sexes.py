"""Sex chromosomes of people, as quality control tells them: XX, XY, X0, XXY, or NA where it does not."""

import polars as pl

ONE_X, TWO_X, WITH_Y = ("XY", "X0"), ("XX", "XXY"), ("XY", "XXY")


def sexes_of(quality: pl.DataFrame) -> dict[str, str]:
    """The sex chromosomes by sample: those that the genotypes show, and where these do not tell the sheet's."""
    inferred = pl.when(pl.col("sex_inferred") != "NA").then("sex_inferred").otherwise("sex_reported")
    return dict(quality.select("sample", sex=inferred).iter_rows())
