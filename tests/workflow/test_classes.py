"""Classes of the demo's planted variants: each has its criteria, and none a class that its data do not give."""

import polars as pl

GENIC = ("missense", "synonymous", "stop_gained", "frameshift", "inframe_deletion", "splice_donor", "splice_acceptor")


def test_every_planted_coding_variant_has_its_criteria(demo):
    planted = pl.read_csv(
        demo.folder / "data" / "demo" / "truth" / "consequences.tsv", separator="\t", infer_schema=False
    )
    planted = planted.filter(pl.col("consequence").is_in(GENIC)).with_columns(pl.col("pos").cast(pl.Int64))
    found = demo.table("annotation/classified.parquet")
    joined = planted.join(found, on=["contig", "pos", "ref", "alt"], how="left", suffix="_found")
    assert len(joined) > 50 and joined["classification"].null_count() == 0
    judged = joined["evidence"].list.eval(pl.element().struct.field("criterion"))
    assert all({"PVS1", "PM2", "BA1", "PP3", "BP7"} <= set(names) for names in judged)
    unknown = joined.filter(pl.col("frequency_state").is_in(["no_source", "not_covered"]))
    allowed = ["not_assessable", "likely_benign", "benign"]
    assert unknown.filter(~pl.col("own_classification").is_in(allowed)).is_empty()
