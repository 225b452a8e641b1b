"""The join of sites with a database gives what a dictionary of the database's alleles gives."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

import permed.variants
from permed.annotation.sources.joining import Database, join_sources
from permed.variants import variant_keys

FIELDS = {"af": pl.Float64, "conditions": pl.String}
PLACE = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}
ALLELES = st.text("ACGTN", min_size=1, max_size=9)
VARIANTS = st.tuples(st.integers(1, 12), ALLELES, ALLELES)
VALUES = st.tuples(st.none() | st.floats(0, 1), st.none() | st.text("ab|", max_size=4))


def keyed(variants) -> pl.DataFrame:
    frame = pl.DataFrame([("chr1", *row) for row in variants], schema=PLACE, orient="row")
    return frame.with_columns(key=variant_keys(frame))


def write_source(listed: dict, path, rows: int) -> None:
    """A database of ``listed`` as ``build_source`` lays it out, ``rows`` in a row group."""
    values = pl.DataFrame([*listed.values()], schema=FIELDS, orient="row")
    hashed = pl.when(pl.col("key") & 1 == 1).then(pl.col("ref") + ">" + pl.col("alt"))
    table = pl.concat([keyed(listed), values], how="horizontal").with_columns(long=hashed)
    table.sort("key", "ref", "alt").write_parquet(path, row_group_size=rows)


@settings(max_examples=150)
@given(
    listed=st.dictionaries(VARIANTS, VALUES, max_size=40),
    others=st.lists(VARIANTS, max_size=20),
    data=st.data(),
    hashes=st.sampled_from([1, 2, 1 << 30]),
    rows=st.integers(1, 40),
    size=st.integers(1, 30),
    covers=st.sampled_from(["everywhere", "listed"]),
)
def test_the_join_is_that_of_a_dictionary(tmp_path_factory, listed, others, data, hashes, rows, size, covers):
    """``hashes`` is the number of different hashes: with one, all long alleles of a position share their key."""
    asked = data.draw(st.lists(st.sampled_from([*listed, *others])) if listed or others else st.just([]))
    path = tmp_path_factory.mktemp("join") / "x.parquet"
    real = permed.variants.zlib.crc32
    permed.variants.zlib.crc32 = lambda text: real(text) % hashes
    try:
        write_source(listed, path, rows)
        sites = keyed(asked)
    finally:
        permed.variants.zlib.crc32 = real
    database = Database("x", path, {"fields": dict.fromkeys(FIELDS), "contigs": ["chr1"], "covers": covers})
    parts = [join_sources(part, [database]) for part in sites.iter_slices(size)] or [join_sources(sites, [database])]
    found = pl.concat(parts)
    absent = "absent" if covers == "everywhere" else "not_covered"
    wanted = [("found", *listed[row]) if row in listed else (absent, None, None) for row in asked]
    assert found.select("contig", "pos", "ref", "alt").rows() == [("chr1", *row) for row in asked]
    assert found.select("x_state", "x_af", "x_conditions").rows() == wanted
    assert found.schema == sites.schema | {"x_state": pl.String, "x_af": pl.Float64, "x_conditions": pl.String}
