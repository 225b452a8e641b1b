"""Whose results are withheld: everybody whose sample failed, unless the configuration only flags them."""

import polars as pl
import pytest

from permed.withholding import FLAG, WITHHOLD, released, with_withheld, withheld

JUDGED = pl.DataFrame(
    {
        "sample": ["A", "B", "C"],
        "status": ["pass", "warn", "fail"],
        "reasons": ["", "ti_tv 1.20 is outside 1.8 to 3.3", "call_rate 0.9000 is below 0.95"],
    }
)


@pytest.mark.parametrize(("on_fail", "held"), [(WITHHOLD, ["C"]), (FLAG, [])])
def test_only_a_failed_sample_is_withheld_and_only_if_configured(tmp_path, on_fail, held):
    with_withheld(JUDGED, on_fail).write_parquet(tmp_path / "quality.parquet")
    found = withheld(tmp_path / "quality.parquet")
    assert list(found) == held
    assert all("call_rate 0.9000 is below 0.95" in why for why in found.values())


def test_who_agreed_is_released_or_withheld_in_the_order_of_the_list(tmp_path):
    with_withheld(JUDGED, WITHHOLD).write_parquet(tmp_path / "quality.parquet")
    (tmp_path / "scores.txt").write_text("C\nB\n")
    people, held = released(tmp_path / "scores.txt", tmp_path / "quality.parquet")
    assert people == ["B"] and list(held) == ["C"]
