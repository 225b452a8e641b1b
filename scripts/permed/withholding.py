"""Whose results are withheld because their sample failed quality control: decided once, read by every later stage."""

from pathlib import Path

import polars as pl

from permed.tables import read_table

WITHHOLD, FLAG = ON_FAIL = ("withhold", "flag")


def with_withheld(judged: pl.DataFrame, on_fail: str) -> pl.DataFrame:
    """Sample quality (``status``, ``reasons``) with a column ``withheld``: why the person gets no result, else null.

    With ``on_fail`` ``flag`` results of a failed sample are made and marked, and nobody's are withheld.
    """
    why = pl.format("Withheld: the sample failed quality control ({}).", pl.col("reasons"))
    fails = (pl.col("status") == "fail") & (on_fail == WITHHOLD)
    return judged.with_columns(withheld=pl.when(fails).then(why))


def released(consent: Path, quality: Path) -> tuple[list[str], dict[str, str]]:
    """The people of a consent list, in its order, who get results, and the reason of those whose are withheld."""
    held = withheld(quality)
    agreed = consent.read_text(encoding="utf-8").splitlines()
    return [name for name in agreed if name not in held], {name: held[name] for name in agreed if name in held}


def withheld(quality: Path) -> dict[str, str]:
    """The reason by sample of everybody whose results are withheld, from ``quality/samples.parquet``."""
    table = read_table(quality).select("sample", "withheld")
    return dict(table.filter(pl.col("withheld").is_not_null()).iter_rows())
