"""Scatter plots as inline SVG: one path for each kind of mark, a shape of its own for each, a text for screen readers.

Many marks that fall on nearly the same place are drawn once, so that a hundred thousand people stay a small picture.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from permed.reports.charts import in_svg, rounded
from permed.reports.quality import MINUS

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 470, 300, 68, 44, 12, 12
MOST = 2000  # marks of one kind that are drawn one by one
CELL = 3.0  # in which more are drawn once, in units of the picture
SHAPES = {
    "dot": ("point-pass", "h0", (0, 0)),
    "triangle": ("point-warn", "l4 7h-8z", (0, -4)),
    "cross": ("point-fail", "l8 8m0 -8l-8 8", (-4, -4)),
    "square": ("point-open", "h7v7h-7z", (-3.5, -3.5)),
    "diamond": ("point-open", "l4.5 4.5l-4.5 4.5l-4.5 -4.5z", (0, -4.5)),
    "small circle": ("point-panel", "a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0", (-2.5, 0)),
    "small square": ("point-panel", "h4.4v4.4h-4.4z", (-2.2, -2.2)),
    "small diamond": ("point-panel", "l3 3l-3 3l-3 -3z", (0, -3)),
    "small plus": ("point-panel", "v6m-3 -3h6", (0, -3)),
    "small triangle": ("point-panel", "l2.8 5h-5.6z", (0, -3)),
    "small bar": ("point-panel", "v6", (0, -3)),
}


@dataclass(frozen=True)
class Marks:
    """Points of one meaning, ``name``, drawn with one of :data:`SHAPES`; ``x`` and ``y`` have a value for each."""

    shape: str
    name: str
    x: np.ndarray
    y: np.ndarray

    @property
    def legend(self) -> str:
        """``passed: 1,240``."""
        return f"{self.name}: {len(self.x):,}"

    @property
    def thinned(self) -> bool:
        """Whether marks on nearly the same place are drawn once."""
        return len(self.x) > MOST


@dataclass(frozen=True)
class Plot:
    """A picture with what stands around it.

    ``title`` says what is shown and ``notes`` what a reader must know. ``x_lines`` and ``y_lines`` are dashed lines
    (name, place); ``y_names`` (name, place) replace the numbers of the vertical axis; ``names`` (text, least x,
    most x, y) stand beside what they name. The horizontal axis stays within ``x_bounds``.
    """

    title: str
    x_name: str
    y_name: str
    marks: list[Marks]
    notes: list[str] = field(default_factory=list)
    x_lines: list[tuple[str, float]] = field(default_factory=list)
    y_lines: list[tuple[str, float]] = field(default_factory=list)
    y_names: list[tuple[str, float]] = field(default_factory=list)
    names: list[tuple[str, float, float, float]] = field(default_factory=list)
    x_bounds: tuple[float, float] = (-math.inf, math.inf)

    @property
    def label(self) -> str:
        """What a reader of the picture sees, in words: the axes with their span, and how many marks of each kind."""
        x, y = (np.concatenate([getattr(marks, axis) for marks in self.marks]) for axis in "xy")
        spans = [f"{self.x_name} from {_short(x.min())} to {_short(x.max())}"]
        if not self.y_names:
            spans.append(f"{self.y_name} from {_short(y.min())} to {_short(y.max())}")
        kinds = "; ".join(marks.legend for marks in self.marks)
        return f"{self.title}. {'; '.join(spans)}. {kinds}."

    @property
    def thinned(self) -> bool:
        """Whether some marks are drawn once for several."""
        return any(marks.thinned for marks in self.marks)


def scatter(plot: Plot) -> Markup:
    """The picture of a plot with at least one mark."""
    x = np.concatenate([marks.x for marks in plot.marks] + [[at for _, at in plot.x_lines]])
    y = np.concatenate([marks.y for marks in plot.marks] + [[at for _, at in [*plot.y_names, *plot.y_lines]]])
    (x0, x1), (y0, y1) = _range(x, *plot.x_bounds), _range(y)

    def px(value):
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - x0) / (x1 - x0)

    def py(value):
        return TOP + (HEIGHT - TOP - BOTTOM) * (y1 - value) / (y1 - y0)

    base, end = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [Markup('<path class="axis" d="M{0} {1}V{2}H{3}"/>').format(LEFT, TOP, base, end)]
    for at, anchor in ((x0, "start"), ((x0 + x1) / 2, "middle"), (x1, "end")):
        parts.append(_text("small", px(at), base + 16, anchor, _number(at, x1 - x0)))
    for name, at in plot.y_names or [(_number(at, y1 - y0), at) for at in (y0, (y0 + y1) / 2, y1)]:
        parts.append(_text("small", LEFT - 6, py(at) + 4, "end", name))
    for name, at in plot.x_lines:
        parts.append(Markup('<path class="mark" d="M{} {}V{}"/>').format(rounded(px(at)), TOP, base))
        parts.append(_text("small", px(at) + 3, TOP + 9, "start", name))
    for name, at in plot.y_lines:
        parts.append(Markup('<path class="mark" d="M{} {}H{}"/>').format(LEFT, rounded(py(at)), end))
        parts.append(_text("small", end, py(at) - 3, "end", name))
    parts += [_path(marks, px(marks.x), py(marks.y)) for marks in plot.marks]
    for name, left, right, at in plot.names:
        after = px(right) < (LEFT + end) / 2
        parts.append(
            _text("name", px(right) + 7 if after else px(left) - 7, py(at) + 4, "start" if after else "end", name)
        )
    parts.append(_text("label", (LEFT + end) // 2, HEIGHT - 6, "middle", plot.x_name))
    turned = '<text class="label" transform="translate(11 {}) rotate(-90)" text-anchor="middle">{}</text>'
    parts.append(Markup(turned).format((TOP + base) // 2, plot.y_name))
    return in_svg("chart-scatter", WIDTH, HEIGHT, plot.label, Markup("").join(parts))


def swatch(shape: str) -> Markup:
    """The mark of a legend; the words beside it say what it means."""
    name, outline, (dx, dy) = SHAPES[shape]
    mark = '<svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><path class="{}" d="M{} {}{}"/></svg>'
    return Markup(mark).format(name, rounded(7 + dx), rounded(7 + dy), outline)


def _path(marks: Marks, x: np.ndarray, y: np.ndarray) -> Markup:
    name, outline, (dx, dy) = SHAPES[marks.shape]
    if marks.thinned:
        wide = int(WIDTH / CELL) + 1
        cells = np.unique(np.rint(y / CELL).astype(np.int64) * wide + np.rint(x / CELL).astype(np.int64))
        x, y = (cells % wide) * CELL, (cells // wide) * CELL
    drawn = "".join(f"M{rounded(a)} {rounded(b)}{outline}" for a, b in zip(x + dx, y + dy, strict=True))
    return Markup('<path class="{}" d="{}"/>').format(name, drawn)


def _text(name: str, x: float, y: float, anchor: str, words: str) -> Markup:
    text = '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>'
    return Markup(text).format(name, rounded(x), rounded(y), anchor, words)


def _range(values: np.ndarray, least: float = -math.inf, most: float = math.inf) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = (high - low) * 0.05 or abs(high) * 0.01 or 0.01
    return max(low - margin, least), min(high + margin, most)


def _number(value: float, span: float) -> str:
    decimals = 1 if span > 2 else 2 if span > 0.2 else 3 if span > 0.02 else 4
    return f"{value:.{decimals}f}".replace("-", MINUS)


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", MINUS)
