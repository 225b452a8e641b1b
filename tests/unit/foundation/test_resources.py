"""Every knowledge table says, in each row, where it comes from and under which licence."""

from pathlib import Path

import polars as pl
import pytest

TABLES = sorted((Path(__file__).parents[3] / "resources").rglob("*.tsv*"))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_row_has_source_version_and_licence(path):
    table = pl.read_csv(path, separator="\t", infer_schema=False)
    assert len(table) > 0
    assert table.select("source", "version", "licence").null_count().row(0) == (0, 0, 0)
