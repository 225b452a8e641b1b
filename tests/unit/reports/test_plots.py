"""The pictures of quality: what is drawn, in which shape, and what is said of it."""

import re
from dataclasses import fields

import numpy as np
import polars as pl
import pytest

from permed.quality.ancestry.panel import VERSION, Panel, write_panel
from permed.reports import quality_wording as words
from permed.reports.plots import quality_plots
from permed.reports.scatter import MOST, SHAPES, Marks, Plot, scatter, swatch

QUALITY = pl.DataFrame(
    {
        "sample": list("abcd"),
        "status": ["pass", "pass", "warn", "fail"],
        "call_rate": [0.999, 0.995, 0.975, None],
        "het_rate": [0.2, 0.21, 0.25, 0.3],
        "sex_reported": ["XX", "XY", "NA", "XX"],
        "sex_inferred": ["XX", "XY", "XX", "XY"],
        "x_inbreeding": [0.0, 1.0, 0.1, 0.98],
        "y_call_rate": [0.0, 0.9, 0.01, 0.95],
    }
)
LIMITS = {"warn_call_rate": 0.98, "fail_call_rate": 0.95, "max_xx_inbreeding": 0.2, "min_xy_inbreeding": 0.8}


def named(plots: list[Plot], title: str) -> Plot:
    return next(plot for plot in plots if plot.title == title)


def seen(plot: Plot) -> dict[str, int]:
    return {marks.name: len(marks.x) for marks in plot.marks}


def test_calls_are_marked_by_verdict_and_who_lacks_a_measure_is_counted():
    plot = named(quality_plots(QUALITY, LIMITS), words.CALLS)
    assert seen(plot) == {"passed": 2, "warning": 1}
    assert plot.notes == ["1 samples without these measures are not drawn."]
    assert plot.x_lines == [("warns", 98.0)], "the limit that lies below everybody would squeeze the picture"
    assert plot.label == (
        "Call rate and heterozygosity of each sample. Call rate (%) from 97.5 to 99.9; Heterozygosity from 0.2 to "
        "0.25. passed: 2; warning: 1."
    )


def test_sex_by_calls_on_y_by_depth_where_known_else_by_recorded_sex():
    plot = named(quality_plots(QUALITY, LIMITS), words.SEX)
    assert seen(plot) == {"recorded XX": 2, "recorded XY": 1, "not recorded": 1, words.SEX_DIFFERS["differs"][1]: 1}
    assert (plot.marks[-1].x.tolist(), plot.marks[-1].y.tolist()) == ([0.98], [0.95])
    assert plot.y_name == "Call rate on chrY"

    depths = pl.DataFrame(
        {"sample": ["b", "d", "a"], "y_depth": [14.0, None, 0.3], "autosome_depth": [30.0, 30.0, 30.0]}
    )
    plot = named(quality_plots(QUALITY, LIMITS, depths=depths), words.SEX)
    assert plot.y_name == "Depth on chrY / on autosomes"
    assert {marks.name: marks.y.tolist() for marks in plot.marks} == {
        "recorded XX": [pytest.approx(0.01)],
        "recorded XY": [pytest.approx(14 / 30)],
    }
    assert plot.notes == ["2 samples without these measures are not drawn."]

    plot = named(quality_plots(QUALITY.drop("y_call_rate"), LIMITS), words.SEX_ROWS)
    assert plot.y_names == [("XX", 0), ("XY", 1), ("NA", 2)] and words.NO_Y in plot.notes
    assert all(np.abs(marks.y - n).max() < 0.3 for n, marks in enumerate(plot.marks[:3]))


def test_pairs_are_marked_by_what_the_sheet_says():
    kinship = pl.DataFrame(
        {
            "sample1": list("aabc"),
            "sample2": list("bcdd"),
            "ibs0": [0.0, 0.06, 0.0, None],
            "kinship": [0.25, 0.01, 0.5, None],
            "agrees": [True, None, False, None],
        }
    )
    plot = named(quality_plots(QUALITY, LIMITS, kinship=kinship), words.KINSHIP)
    assert seen(plot) == {"as the sheet says": 1, "the sheet cannot tell": 1, "not as the sheet says": 1}
    assert {marks.name: marks.shape for marks in plot.marks}["not as the sheet says"] == "cross"
    assert [round(at, 4) for _, at in plot.y_lines] == [0.3536, 0.1768, 0.0884, 0.0442]
    assert "1 pairs without a kinship are not drawn." in plot.notes


def test_nothing_known_is_no_picture():
    empty = QUALITY.with_columns(pl.lit(None, pl.Float64).alias(n) for n in ("call_rate", "x_inbreeding"))
    none = pl.DataFrame(schema={"ibs0": pl.Float64, "kinship": pl.Float64, "agrees": pl.Boolean})
    assert quality_plots(empty, LIMITS, kinship=none) == []


def test_each_mark_is_drawn_at_its_place_in_a_shape_of_its_own():
    marks = [Marks(shape, shape, np.array([n / 10]), np.array([0.5])) for n, shape in enumerate(SHAPES)]
    text = str(scatter(Plot("Title", "x", "y", [*marks, Marks("dot", "last", np.array([2.0]), np.array([1.0]))])))
    outlines = [outline for _, outline, _ in SHAPES.values()]
    assert len(set(outlines)) == len(outlines)
    assert all(outline in text and outline in swatch(shape) for shape, (_, outline, _) in SHAPES.items())
    assert 'role="img" aria-label="Title. x from 0 to 2; y from 0.5 to 1.' in text


@pytest.mark.parametrize("people", [MOST, 100_000])
def test_a_hundred_thousand_marks_stay_small_and_none_is_lost(people):
    values = np.random.default_rng(1).normal(size=(2, people))
    values[:, 0] = 9, 9
    plot = Plot("Title", "x", "y", [Marks("dot", "passed", *values)])
    text = str(scatter(plot))
    drawn = re.findall(r"M([\d.]+) ([\d.]+)h0", text)
    assert plot.thinned == (people > MOST)
    assert len(text) < 120_000 and f"passed: {people:,}" in text
    assert (len(drawn) == people) != plot.thinned
    assert max(float(x) for x, _ in drawn) > 400, "the one far off is still there"


@pytest.fixture
def panel(tmp_path):
    """A panel of two groups on four components, three of them compared."""
    held = {each.name: np.zeros(1) for each in fields(Panel)} | {"version": np.array(VERSION), "build": np.array("b")}
    held |= {"coordinates": np.array([[0, 0, 1, 1], [2, 0, 1, 1], [9, 5, 0, 0]], float), "used": np.array(3)}
    held |= {"superpopulation": np.array(["AFR", "AFR", "EUR"]), "samples": np.array(["HG1", "HG2", "HG3"])}
    write_panel(Panel(**held), tmp_path / "ancestry.npz")
    return tmp_path / "ancestry.npz"


def test_people_over_those_of_the_panel(panel):
    rows = [("a", [1.0, 1.0, 0.0, 0.0], "found"), ("b", [4.0, 4.0, 0.0, 0.0], "absent"), ("c", None, "not_assessable")]
    ancestry = pl.DataFrame(
        rows, schema={"sample": pl.String, "pcs": pl.List(pl.Float64), "state": pl.String}, orient="row"
    )
    plots = quality_plots(QUALITY, LIMITS, ancestry=ancestry, panel=panel)
    plot = named(plots, words.ANCESTRY.format(1, 2))
    assert seen(plot) == {
        "AFR, panel": 2,
        "EUR, panel": 1,
        words.ANCESTRY_MARKS["found"][1]: 1,
        words.ANCESTRY_MARKS["absent"][1]: 1,
    }
    assert plot.names == [("AFR", 0.0, 2.0, 0.0), ("EUR", 9.0, 9.0, 5.0)]
    assert "1 samples without these measures are not drawn." in plot.notes
    assert [plot.title for plot in plots if "Components" in plot.title] == [words.ANCESTRY.format(1, 2)]
    text = str(scatter(plot))
    assert "HG1" not in text and "<text" in text and ">AFR</text>" in text
