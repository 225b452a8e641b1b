"""Presets and groups: which threshold holds for whom."""

from pathlib import Path

import pytest

from permed.inputs.config import complete_config, read_schema
from permed.quality.thresholds import group_faults, presets, thresholds_of


def test_presets_are_those_of_the_schema(root):
    schema = read_schema(root / "config/schemas/config.schema.yaml")["properties"]["quality"]["properties"]
    assert {*presets(), None} == set(schema["preset"]["enum"])
    assert {key for preset in presets().values() for key in preset} - {"no_ti_tv", "no_call_rate"} <= set(schema)


@pytest.mark.parametrize(
    ("quality", "group", "range_"),
    [
        ({}, None, (None, None)),
        ({"preset": "genome"}, None, (2.0, 2.1)),
        ({"preset": "genome", "max_ti_tv": 2.3}, None, (2.0, 2.3)),
        ({"preset": "genome"}, "exome", (2.8, 3.0)),
        ({"preset": "genome", "max_ti_tv": 2.3}, "exome", (2.8, 3.0)),
        ({"preset": "genome"}, "array", (None, None)),
        ({"preset": "array", "min_ti_tv": 1.5}, None, (1.5, None)),
        ({"preset": "genome", "groups": {"old": {"max_ti_tv": 2.4}}}, "old", (2.0, 2.4)),
        ({"preset": "genome", "groups": {"kit": {"preset": "exome", "min_ti_tv": 2.5}}}, "kit", (2.5, 3.0)),
    ],
)
def test_the_nearest_threshold_holds(quality_of, quality, group, range_):
    limits = thresholds_of(quality_of(**quality), group)
    assert (limits["min_ti_tv"], limits["max_ti_tv"]) == range_
    assert limits["fail_call_rate"] == 0.95


def test_an_unknown_group_is_a_fault_with_sample_and_line(quality_of):
    quality = quality_of(groups={"kit": {"preset": "exome"}})
    people = [("A", "kit", 2), ("B", None, 3), ("C", "array", 4), ("D", "wes", 5)]
    (fault,) = group_faults(people, quality, Path("samples.tsv"))
    assert (fault.sample, fault.line) == ("D", 5)
    assert "kit" in fault.remedy


def test_a_group_takes_thresholds_only(root):
    schema = read_schema(root / "config/schemas/config.schema.yaml")
    _, faults = complete_config({"quality": {"groups": {"kit": {"min_titv": 2}}}}, schema)
    assert any("min_titv" in fault.fault for fault in faults)
