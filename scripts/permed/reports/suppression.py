"""Small counts of people are not shown, nor anything from which they could be worked out.

The reader is taken to know the total of a row, which counts are small and what the smallest shown count is.
"""

from permed.reports import wording


def protect(counts: dict[str, int], minimum: int) -> dict[str, str] | None:
    """The texts for counts of people that add up to a known total; categories with nobody are left out.

    A count from 1 to ``minimum`` - 1 becomes ``<minimum``. While a small count would follow from the rest, the
    smallest of the counts that are still shown is left out too. None where even that does not help.
    """
    counts = {name: count for name, count in counts.items() if count}
    small = {name for name, count in counts.items() if count < minimum}
    left_out: set[str] = set()
    while small and _derivable(counts, small, left_out, minimum):
        rest = [name for name in counts if name not in small | left_out]
        if not rest:
            return None
        left_out.add(min(rest, key=lambda name: (counts[name], name)))
    return {name: _text(name, count, small, left_out, minimum) for name, count in counts.items()}


def _derivable(counts: dict[str, int], small: set[str], left_out: set[str], minimum: int) -> bool:
    """Whether any count that is not shown has only one value that fits the total."""
    unknown = [*small, *left_out]
    together = sum(counts[name] for name in unknown)
    least = {name: 1 if name in small else minimum for name in unknown}
    most = {name: minimum - 1 if name in small else together for name in unknown}
    for name in unknown:
        others = [other for other in unknown if other != name]
        low = max(least[name], together - sum(most[other] for other in others))
        high = min(most[name], together - sum(least[other] for other in others))
        if low >= high:
            return True
    return False


def _text(name: str, count: int, small: set[str], left_out: set[str], minimum: int) -> str:
    if name in small:
        return f"<{minimum}"
    return wording.HIDDEN if name in left_out else f"{count:,}"
