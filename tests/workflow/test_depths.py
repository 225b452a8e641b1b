"""Depth and contamination of the demo through the workflow, against what was planted."""

import polars as pl
import pytest


def test_the_contaminated_person_is_found(demo):
    planted = pl.read_csv(demo.folder / "data/demo/truth/quality.tsv", separator="\t")
    found = demo.table("quality/depths.parquet").join(planted, on="sample")
    assert len(found) > 40 and set(found["contamination_method"]) == {"allele_depths"}
    # Bases read wrongly, 2 in 1000, add nothing; frequencies that are not quite the people's own take up to a quarter.
    away = found["contamination"] - found["contamination_planted"]
    assert (away > -0.001 - found["contamination_planted"] / 4).all() and away.max() < 0.006
    assert found.filter(pl.col("contamination") > 0.02)["sample"].to_list() == ["PERM022"]
    deep = found.filter(pl.col("sample").is_in(["PERM001", "PERM002", "PERM040"])).sort("sample")
    assert deep["autosome_depth"].to_list() == pytest.approx([30, 30, 11], rel=0.02)
    assert deep["x_depth"].to_list() == pytest.approx([15, 30, 11], rel=0.03)
    balance = demo.table("quality/site_balance.parquet")
    assert balance.filter(pl.col("n_het_balance") > 20)["het_balance"].mean() == pytest.approx(0.5, abs=0.01)
