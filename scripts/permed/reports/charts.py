"""Small pictures as inline SVG: no script, no style attribute, a title for screen readers, shapes besides colours.

Colours come from classes of ``templates/style.css``. Numbers are rounded, so that pictures stay small and equal.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup

STATUSES = ("pass", "warn", "fail")


def stacked_bar(parts: list[tuple[str, int]], label: str, width: int = 640, height: int = 18) -> Markup:
    """A bar of counts side by side; ``parts`` are (class, count). The numbers stand beside it in the page's text."""
    whole = sum(count for _, count in parts)
    pieces, x = [], 0.0
    for name, count in parts:
        if count:
            wide = width * count / whole
            rect = '<rect class="{}" x="{}" y="0" width="{}" height="{}"/>'
            pieces.append(Markup(rect).format(f"bar-{name}", _n(x), _n(max(wide - 2, 1)), height))
            x += wide
    return _svg("chart-bar", width, height, label, Markup("").join(pieces), stretch=True)


def gauge(value: float, marks: list[tuple[str, float]], low: float, high: float, label: str) -> Markup:
    """A line from ``low`` to ``high`` with marks (name, place) and a pointer at ``value`` or the nearer end."""
    width, left, right = 480, 10, 60

    def place(number: float) -> float:
        return left + (width - left - right) * (min(max(number, low), high) - low) / (high - low)

    line = Markup('<path class="axis" d="M{} 22H{}"/>').format(left, width - right)
    ticks = [
        Markup('<path class="tick" d="M{} 16V28"/><text class="small" x="{}" y="40" text-anchor="{}">{}</text>').format(
            _n(place(at)), _n(place(at)), "end" if n == 0 and len(marks) > 1 else "start", name
        )
        for n, (name, at) in enumerate(marks)
    ]
    x = place(value)
    pointer = Markup('<path class="pointer" d="M{} 20l-6 -11h12z"/>').format(_n(x))
    return _svg("chart-gauge", width, 46, label, Markup("").join([line, *ticks, pointer]))


def match_bar(share: float, minimum: float | None, label: str) -> Markup:
    """How much of a score matched, from 0 to 1, with a mark at the smallest share that is accepted."""
    width, height = 120, 12
    enough = minimum is None or share >= minimum
    parts = [
        Markup('<rect class="bar-empty" x="0" y="2" width="{}" height="8"/>').format(width),
        Markup('<rect class="{}" x="0" y="2" width="{}" height="8"/>').format(
            "bar-enough" if enough else "bar-short", _n(width * min(max(share, 0), 1))
        ),
    ]
    if minimum is not None:
        parts.append(Markup('<path class="tick" d="M{} 0V12"/>').format(_n(width * minimum)))
    return _svg("chart-match", width, height, label, Markup("").join(parts))


def bell(z: float, label: str, description: str, words: tuple[str, str, str, str]) -> Markup:
    """A normal curve from -3.5 to 3.5 standard deviations, filled below ``z``, with a mark there or at the nearer end.

    ``words`` name the mark, the middle and both ends; ``description`` says the same as the picture.
    """
    width, base, top, reach, side = 480, 118, 34, 3.5, 14

    def px(at: float) -> float:
        return side + (width - 2 * side) * (at + reach) / (2 * reach)

    def py(at: float) -> float:
        return base - (base - top) * math.exp(-at * at / 2)

    here = min(max(z, -reach), reach)
    steps = [reach * (n - 40) / 40 for n in range(81)]
    line = "L".join(f"{_n(px(at))} {_n(py(at))}" for at in steps)
    below = "L".join(f"{_n(px(at))} {_n(py(at))}" for at in [*(at for at in steps if at < here), here])
    x = _n(px(here))
    anchor = "start" if here < -2.4 else "end" if here > 2.4 else "middle"
    small = '<text class="small" x="{}" y="{}" text-anchor="{}">{}</text>'
    parts = [
        Markup("<desc>{}</desc>").format(description),
        Markup('<path class="below" d="M{} {}L{}V{}z"/>').format(_n(px(-reach)), base, below, base),
        Markup('<path class="axis" d="M{}"/><path class="axis" d="M{} {}H{}"/>').format(line, side, base, width - side),
        Markup('<path class="tick" d="M{0} {1}V{2}"/>').format(_n(px(0)), base, base + 6),
        Markup('<path class="here" d="M{0} {1}V{2}"/><path class="pointer" d="M{0} {1}l-6 -9h12z"/>').format(
            x, 26, base
        ),
        Markup('<text class="label" x="{}" y="13" text-anchor="{}">{}</text>').format(x, anchor, words[0]),
        Markup(small).format(_n(px(0)), base + 18, "middle", words[1]),
        Markup(small).format(side, base + 18, "start", words[2]),
        Markup(small).format(width - side, base + 18, "end", words[3]),
    ]
    return _svg("chart-bell", width, base + 24, label, Markup("").join(parts))


def scatter(
    points: list[tuple[float, float, str]],
    x_name: str,
    y_name: str,
    label: str,
    x_marks: Sequence[tuple[str, float]] = (),
    y_names: Sequence[tuple[str, float]] = (),
    x_most: float = math.inf,
) -> Markup:
    """Points (x, y, status) as one path for each status, a shape of its own for each: 5,000 people stay a few nodes.

    ``x_marks`` are dashed lines (name, place); ``y_names`` replace the numbers of the vertical axis,
    which are evenly spread otherwise. The horizontal axis ends at ``x_most`` at the latest.
    """
    width, height, left, bottom, top = 470, 300, 68, 44, 12
    xs = [p[0] for p in points] + [at for _, at in x_marks]
    ys = [p[1] for p in points] + [at for _, at in y_names]
    (x0, x1), (y0, y1) = _range(xs, x_most), _range(ys)

    def px(x: float) -> float:
        return left + (width - left - 12) * (x - x0) / (x1 - x0)

    def py(y: float) -> float:
        return top + (height - top - bottom) * (y1 - y) / (y1 - y0)

    parts = [Markup('<path class="axis" d="M{0} {1}V{2}H{3}"/>').format(left, top, height - bottom, width - 12)]
    for x, anchor in ((x0, "start"), ((x0 + x1) / 2, "middle"), (x1, "end")):
        text = '<text class="small" x="{}" y="{}" text-anchor="{}">{}</text>'
        parts.append(Markup(text).format(_n(px(x)), height - bottom + 16, anchor, _label(x, x1 - x0)))
    for name, y in y_names or [(_label(y, y1 - y0), y) for y in (y0, (y0 + y1) / 2, y1)]:
        text = '<text class="small" x="{}" y="{}" text-anchor="end">{}</text>'
        parts.append(Markup(text).format(left - 6, _n(py(y) + 4), name))
    for name, at in x_marks:
        mark = '<path class="mark" d="M{0} {1}V{2}"/><text class="small" x="{0}" y="{1}" dx="3" dy="9">{3}</text>'
        parts.append(Markup(mark).format(_n(px(at)), top, height - bottom, name))
    for status in STATUSES:
        own = [(px(x), py(y)) for x, y, s in points if s == status]
        if own:
            shape = "".join(_shape(status, x, y) for x, y in own)
            parts.append(Markup('<path class="{}" d="{}"/>').format(f"point-{status}", shape))
    axis = '<text class="label" x="{}" y="{}" text-anchor="middle">{}</text>'
    parts.append(Markup(axis).format((left + width - 12) // 2, height - 6, x_name))
    turned = '<text class="label" transform="translate(11 {}) rotate(-90)" text-anchor="middle">{}</text>'
    parts.append(Markup(turned).format((top + height - bottom) // 2, y_name))
    return _svg("chart-scatter", width, height, label, Markup("").join(parts))


def _shape(status: str, x: float, y: float) -> str:
    """A dot for pass, a triangle for warn, a cross for fail, as path data."""
    if status == "pass":
        return f"M{_n(x)} {_n(y)}h0"
    if status == "warn":
        return f"M{_n(x)} {_n(y - 4)}l4 7h-8z"
    return f"M{_n(x - 4)} {_n(y - 4)}l8 8m0 -8l-8 8"


def _range(values: list[float], most: float = math.inf) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = (high - low) * 0.05 or abs(high) * 0.01 or 0.01
    return low - margin, min(high + margin, most)


def _label(value: float, span: float) -> str:
    decimals = 1 if span > 2 else 2 if span > 0.2 else 3 if span > 0.02 else 4
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(name: str, width: int, height: int, label: str, inside: Markup, stretch: bool = False) -> Markup:
    ratio = Markup(' preserveAspectRatio="none"') if stretch else ""
    start = Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}"{}>').format(
        name, width, height, label, ratio
    )
    return start + inside + Markup("</svg>")
