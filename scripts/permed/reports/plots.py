"""The pictures of quality on the cohort's page: calls, sex, kinship, and ancestry over the panel's people."""

import math
from pathlib import Path

import numpy as np
import polars as pl

from permed.quality.ancestry.panel import Panel, read_panel
from permed.quality.kinship.relations import BOUNDS
from permed.reports import quality_wording as words
from permed.reports.scatter import SHAPES, Marks, Plot
from permed.sexes import ONE_X_ALONE
from permed.tables import read_table

PANEL_SHAPES = [shape for shape in SHAPES if shape.startswith("small")]
MOST_NAMES = 12  # of groups, that stand in the picture


def quality_plots(
    quality: pl.DataFrame,
    thresholds: dict,
    *,
    kinship: pl.DataFrame | None = None,
    depths: pl.DataFrame | None = None,
    ancestry: pl.DataFrame | None = None,
    panel: Path | None = None,
) -> list[Plot]:
    """The pictures for which there is something to show, in reading order.

    ``quality``, ``kinship``, ``depths`` and ``ancestry`` are the tables of the stage, ``thresholds`` its section of the
    configuration, ``panel`` the reference panel's file.
    """
    plots = [_call_plot(quality, thresholds), _sex_plot(quality, thresholds, depths), _kinship_plot(kinship)]
    if ancestry is not None and panel is not None:
        plots += _ancestry_plots(ancestry, read_panel(panel))
    return [plot for plot in plots if plot is not None]


def read_plots(
    quality: pl.DataFrame,
    thresholds: dict,
    kinship: pl.DataFrame | None,
    depths: Path | None,
    ancestry: Path | None,
    panel: Path | None,
) -> list[Plot]:
    """:func:`quality_plots` of tables that are still files."""
    tables = {"depths": depths, "ancestry": ancestry}
    read = {name: None if path is None else read_table(path) for name, path in tables.items()}
    return quality_plots(quality, thresholds, kinship=kinship, panel=panel, **read)


def _call_plot(quality: pl.DataFrame, thresholds: dict) -> Plot | None:
    known = _known(quality, "call_rate", "het_rate").with_columns(call_rate=pl.col("call_rate") * 100)
    marks = _by(known, "status", words.STATUS_MARKS, "call_rate", "het_rate")
    limits = [(name, 100 * thresholds[key]) for name, key in words.CALL_LIMITS.items() if thresholds.get(key)]
    if not marks:
        return None
    # Those far off would squeeze the picture.
    limits = [(name, at) for name, at in limits if at >= known["call_rate"].min()]
    axes = ("Call rate (%)", "Heterozygosity")
    return Plot(words.CALLS, *axes, marks, _left_out(quality, known), x_lines=limits, x_bounds=(-math.inf, 100))


def _sex_plot(quality: pl.DataFrame, thresholds: dict, depths: pl.DataFrame | None) -> Plot | None:
    """X against Y, marked by recorded sex; where nothing is known of Y, in a row for each recorded sex."""
    x = next((name for name in words.X_AXES if name in quality.columns and quality[name].count()), None)
    if x is None:
        return None
    table, y = _with_y(quality, depths)
    recorded = pl.col("sex_reported").fill_null("NA")
    inferred = pl.col("sex_inferred").fill_null("NA")
    one_x = (inferred == ONE_X_ALONE) & (recorded == "XY")
    differs = (recorded != "NA") & (inferred != "NA") & (recorded != inferred) & ~one_x
    table = table.with_columns(recorded=recorded, differs=pl.when(differs).then(pl.lit("differs")))
    rows = {}
    if y is None:
        y, rows = "row", {"XX": 0, "XY": 1, "NA": 2}
        spread = (pl.int_range(pl.len()) * 7 % 11 - 5) * 0.05  # for legibility only
        table = table.with_columns(row=pl.col("recorded").replace_strict(rows, return_dtype=pl.Float64) + spread)
    known = _known(table, x, y)
    marks = _by(known, "recorded", words.SEX_MARKS, x, y) + _by(known, "differs", words.SEX_DIFFERS, x, y)
    if not marks:
        return None
    limits = words.SEX_LIMITS.items() if x == "x_inbreeding" else ()
    lines = [(name, thresholds[key]) for name, key in limits if thresholds.get(key) is not None]
    notes = [*_left_out(quality, known), *[words.NO_Y] * bool(rows)]
    title = words.SEX_ROWS if rows else words.SEX
    return Plot(title, words.X_AXES[x], words.Y_AXES[y], marks, notes, x_lines=lines, y_names=list(rows.items()))


def _with_y(quality: pl.DataFrame, depths: pl.DataFrame | None) -> tuple[pl.DataFrame, str | None]:
    """The table with what is best known of chrY, and its name: relative depth, the call rate, or nothing."""
    if depths is not None and depths["y_depth"].count():
        relative = pl.when(pl.col("autosome_depth") > 0).then(pl.col("y_depth") / pl.col("autosome_depth"))
        table = quality.join(
            depths.select("sample", y_relative=relative), on="sample", how="left", maintain_order="left"
        )
        return table, "y_relative"
    called = "y_call_rate" in quality.columns and quality["y_call_rate"].count()
    return quality, "y_call_rate" if called else None


def _kinship_plot(kinship: pl.DataFrame | None) -> Plot | None:
    if kinship is None or not {"ibs0", "kinship", "agrees"} <= set(kinship.columns):
        return None
    known = _known(kinship, "ibs0", "kinship").with_columns(sheet=pl.col("agrees").cast(pl.String).fill_null("unknown"))
    marks = _by(known, "sheet", words.PAIR_MARKS, "ibs0", "kinship")
    if not marks:
        return None
    low, high = known["kinship"].min(), known["kinship"].max()
    lines = [(name, at) for name, at in zip(words.DEGREES, BOUNDS.tolist(), strict=True) if low <= at <= high]
    notes = [words.PAIRS_LISTED, *_left_out(kinship, known, words.PAIRS_LEFT_OUT)]
    axes = ("IBS0: share of sites with opposite homozygotes", "Kinship coefficient")
    return Plot(words.KINSHIP, *axes, marks, notes, y_lines=lines, x_bounds=(0, 1))


def _ancestry_plots(ancestry: pl.DataFrame, panel: Panel) -> list[Plot]:
    """The first components in pairs, as far as populations are compared in them."""
    placed = ancestry.filter(pl.col("pcs").is_not_null())
    compared = min(int(panel.used), panel.coordinates.shape[1])
    pairs = [(first, first + 1) for first in (0, 2) if first + 1 < max(compared, 2)]
    return [_ancestry_plot(ancestry, placed, panel, pair) for pair in pairs] if placed.height else []


def _ancestry_plot(ancestry: pl.DataFrame, placed: pl.DataFrame, panel: Panel, pair: tuple[int, int]) -> Plot:
    place = panel.coordinates[:, pair]
    seen = np.isfinite(place).all(axis=1)
    groups = sorted(set(panel.superpopulation[seen].tolist()))
    marks, names = [], []
    for n, group in enumerate(groups):
        own = place[seen & (panel.superpopulation == group)]
        marks.append(Marks(PANEL_SHAPES[n % len(PANEL_SHAPES)], words.PANEL_GROUP.format(group=group), *own.T))
        names.append((group, own[:, 0].min(), own[:, 0].max(), np.median(own[:, 1])))
    columns = {f"pc{n}": pl.col("pcs").list.get(n) for n in pair}
    own = _known(placed.with_columns(**columns), *columns)
    marks += _by(own, "state", words.ANCESTRY_MARKS, *columns)
    notes = [words.PANEL_NOTE, *_left_out(ancestry, own)]
    axes = [f"Component {n + 1}" for n in pair]
    title = words.ANCESTRY.format(*(n + 1 for n in pair))
    return Plot(title, *axes, marks, notes, names=names if len(names) <= MOST_NAMES else [])


def _known(table: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The rows in which all of these numbers are known."""
    return table.filter(pl.all_horizontal(pl.col(name).is_finite().fill_null(False) for name in names))


def _left_out(table: pl.DataFrame, known: pl.DataFrame, text: str = words.LEFT_OUT) -> list[str]:
    lost = table.height - known.height
    return [text.format(n=f"{lost:,}")] if lost else []


def _by(table: pl.DataFrame, column: str, meanings: dict[str, tuple[str, str]], x: str, y: str) -> list[Marks]:
    """Marks for each value of a column that occurs; ``meanings`` give its shape and name."""
    parts = ((table.filter(pl.col(column) == value), own) for value, own in meanings.items())
    return [Marks(*own, part[x].to_numpy(), part[y].to_numpy()) for part, own in parts if part.height]
