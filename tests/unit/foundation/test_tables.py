"""Tables are written whole or not at all, and read without guessing types."""

import gzip

import polars as pl
import pytest

from permed.errors import Fault
from permed.tables import atomic, read_table, write_json, write_parts, write_table


def test_nothing_partial_is_left_under_the_final_name(tmp_path):
    target = tmp_path / "table.tsv"
    target.write_text("old")
    with pytest.raises(OSError), atomic(target) as beside:
        beside.write_text("half")
        raise OSError("disk full")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_names_that_look_like_numbers_stay_text(tmp_path):
    frame = pl.DataFrame({"sample": ["001", "1e5", None], "words": [["a", "b"], [], ["c"]]})
    write_table(frame, tmp_path / "t.tsv")
    assert read_table(tmp_path / "t.tsv").rows() == [("001", "a,b"), ("1e5", None), (None, "c")]


def test_json_refuses_what_json_has_not(tmp_path):
    with pytest.raises(ValueError):
        write_json({"x": float("nan")}, tmp_path / "x.json")
    assert not list(tmp_path.iterdir())


def test_a_table_in_parts_is_the_table(tmp_path):
    schema = {"sample": pl.String, "n": pl.Int32}
    parts = [pl.DataFrame({"sample": [f"S{at}"] * size, "n": [at] * size}, schema) for at, size in enumerate([3, 0, 5])]
    for given in (parts, []):
        write_parts(iter(given), schema, tmp_path / "t.parquet")
        whole = pl.concat(given) if given else pl.DataFrame(schema=schema)
        assert read_table(tmp_path / "t.parquet").equals(whole)
        assert read_table(tmp_path / "t.parquet").schema == whole.schema


def test_the_bytes_do_not_depend_on_the_parts(tmp_path):
    whole = pl.DataFrame({"sample": [f"S{n}" for n in range(1000)]})
    for name, size in (("one", 1000), ("many", 7)):
        write_parts(whole.iter_slices(size), whole.schema, tmp_path / f"{name}.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "many.parquet").read_bytes()


def test_nothing_is_left_of_a_table_whose_parts_fail(tmp_path):
    def parts():
        yield pl.DataFrame({"n": [1]})
        raise OSError("disk full")

    with pytest.raises(Exception, match="disk full"):
        write_parts(parts(), {"n": pl.Int64}, tmp_path / "t.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        (b"# a note\na\tb\n1\t2\n\n1\t2\t3\n", 5, "3 cells under 2 columns"),
        ("a\tb\nM\u00fcller\t2\n".encode("latin-1"), 2, "not in UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["t.tsv", "t.tsv.gz"])
def test_tables_that_cannot_be_read_are_faults(tmp_path, written, line, said, name):
    (tmp_path / name).write_bytes(gzip.compress(written) if name.endswith("gz") else written)
    with pytest.raises(Fault, match=said) as fault:
        read_table(tmp_path / name)
    assert fault.value.line == line
