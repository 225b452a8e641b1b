"""Tables are written whole or not at all, and read without guessing types."""

import polars as pl
import pytest

from permed.tables import atomic, read_table, write_json, write_table


def test_nothing_partial_is_left_under_the_final_name(tmp_path):
    target = tmp_path / "table.tsv"
    target.write_text("old")
    with pytest.raises(OSError), atomic(target) as beside:
        beside.write_text("half")
        raise OSError("disk full")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_names_that_look_like_numbers_stay_text(tmp_path):
    frame = pl.DataFrame({"sample": ["001", "1e5", None], "words": [["a", "b"], [], None]})
    write_table(frame, tmp_path / "t.tsv")
    assert read_table(tmp_path / "t.tsv").rows() == [("001", "a,b"), ("1e5", None), (None, None)]


def test_json_refuses_what_json_has_not(tmp_path):
    with pytest.raises(ValueError):
        write_json({"x": float("nan")}, tmp_path / "x.json")
    assert not list(tmp_path.iterdir())
