"""Small pictures as inline SVG: no script, no style attribute, a title for screen readers, shapes besides colours.

Colours come from classes of ``templates/style.css``. Numbers are rounded, so that pictures stay small and equal.
"""

import math

from markupsafe import Markup


def stacked_bar(parts: list[tuple[str, int]], label: str, width: int = 640, height: int = 18) -> Markup:
    """A bar of counts side by side; ``parts`` are (class, count). The numbers stand beside it in the page's text."""
    whole = sum(count for _, count in parts)
    pieces, x = [], 0.0
    for name, count in parts:
        if count:
            wide = width * count / whole
            rect = '<rect class="{}" x="{}" y="0" width="{}" height="{}"/>'
            pieces.append(Markup(rect).format(f"bar-{name}", rounded(x), rounded(max(wide - 2, 1)), height))
            x += wide
    return in_svg("chart-bar", width, height, label, Markup("").join(pieces), stretch=True)


def gauge(value: float, marks: list[tuple[str, float]], low: float, high: float, label: str) -> Markup:
    """A line from ``low`` to ``high`` with marks (name, place) and a pointer at ``value`` or the nearer end."""
    width, left, right = 480, 10, 60

    def place(number: float) -> float:
        return left + (width - left - right) * (min(max(number, low), high) - low) / (high - low)

    line = Markup('<path class="axis" d="M{} 22H{}"/>').format(left, width - right)
    ticks = [
        Markup('<path class="tick" d="M{} 16V28"/><text class="small" x="{}" y="40" text-anchor="{}">{}</text>').format(
            rounded(place(at)), rounded(place(at)), "end" if n == 0 and len(marks) > 1 else "start", name
        )
        for n, (name, at) in enumerate(marks)
    ]
    x = place(value)
    pointer = Markup('<path class="pointer" d="M{} 20l-6 -11h12z"/>').format(rounded(x))
    return in_svg("chart-gauge", width, 46, label, Markup("").join([line, *ticks, pointer]))


def match_bar(share: float, minimum: float | None, label: str) -> Markup:
    """How much of a score matched, from 0 to 1, with a mark at the smallest share that is accepted."""
    width, height = 120, 12
    enough = minimum is None or share >= minimum
    parts = [
        Markup('<rect class="bar-empty" x="0" y="2" width="{}" height="8"/>').format(width),
        Markup('<rect class="{}" x="0" y="2" width="{}" height="8"/>').format(
            "bar-enough" if enough else "bar-short", rounded(width * min(max(share, 0), 1))
        ),
    ]
    if minimum is not None:
        parts.append(Markup('<path class="tick" d="M{} 0V12"/>').format(rounded(width * minimum)))
    return in_svg("chart-match", width, height, label, Markup("").join(parts))


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
    line = "L".join(f"{rounded(px(at))} {rounded(py(at))}" for at in steps)
    below = "L".join(f"{rounded(px(at))} {rounded(py(at))}" for at in [*(at for at in steps if at < here), here])
    x = rounded(px(here))
    anchor = "start" if here < -2.4 else "end" if here > 2.4 else "middle"
    small = '<text class="small" x="{}" y="{}" text-anchor="{}">{}</text>'
    parts = [
        Markup("<desc>{}</desc>").format(description),
        Markup('<path class="below" d="M{} {}L{}V{}z"/>').format(rounded(px(-reach)), base, below, base),
        Markup('<path class="axis" d="M{}"/><path class="axis" d="M{} {}H{}"/>').format(line, side, base, width - side),
        Markup('<path class="tick" d="M{0} {1}V{2}"/>').format(rounded(px(0)), base, base + 6),
        Markup('<path class="here" d="M{0} {1}V{2}"/><path class="pointer" d="M{0} {1}l-6 -9h12z"/>').format(
            x, 26, base
        ),
        Markup('<text class="label" x="{}" y="13" text-anchor="{}">{}</text>').format(x, anchor, words[0]),
        Markup(small).format(rounded(px(0)), base + 18, "middle", words[1]),
        Markup(small).format(side, base + 18, "start", words[2]),
        Markup(small).format(width - side, base + 18, "end", words[3]),
    ]
    return in_svg("chart-bell", width, base + 24, label, Markup("").join(parts))


def rounded(value: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def in_svg(name: str, width: int, height: int, label: str, inside: Markup, stretch: bool = False) -> Markup:
    """A picture with the text that stands for it where it is not seen."""
    ratio = Markup(' preserveAspectRatio="none"') if stretch else ""
    start = Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}"{}>').format(
        name, width, height, label, ratio
    )
    return start + inside + Markup("</svg>")
