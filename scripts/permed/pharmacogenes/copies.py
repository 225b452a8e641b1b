"""Names of strands that carry several gene copies, such as ``*1x2``, ``*4x≥3``, ``*36+*10`` and ``*2xN``.

A copy number that the tables know has the published activity value. For another one the values of its copies are added,
which is how the published values of copy-number alleles come about (``*41x3`` is three times ``*41``). With ``xN`` the
count is not known: two copies or more.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from permed.pharmacogenes.phenotypes import AT_LEAST, NOT_AVAILABLE, add_values, least

_PART = re.compile(
    r"(?P<name>\*\d+(?:\.\d+)?)(?:[xX×](?P<unknown>[nN])|[xX×]?(?P<open>≥|>=)(?P<from>\d+)|[xX×](?P<count>\d+))?"
)
_BETWEEN = re.compile(r"\s*\+\s*")
UNKNOWN_COUNT = "N"  # ``*2xN`` has two copies or more
STEP = 0.25  # activity values are multiples of it


@dataclass(frozen=True, order=True)
class Part:
    """``count`` copies of an allele, or that many and more where ``open``."""

    name: str
    count: int
    open: bool

    def __str__(self) -> str:
        if self.open:
            return f"{self.name}x{AT_LEAST}{self.count}"
        return self.name if self.count == 1 else f"{self.name}x{self.count}"


def read_parts(strand: str) -> tuple[Part, ...] | None:
    """The parts of a strand's name in any spacing, in brackets or not; None where it is no such name.

    An allele that is named several times is one part: ``*2+*2`` is ``*2x2``.
    """
    bare = strand.strip()
    bare = bare[1:-1].strip() if bare.startswith("[") and bare.endswith("]") else bare
    found = [_PART.fullmatch(text) for text in _BETWEEN.split(bare)]
    if not all(found):
        return None
    parts: dict[str, Part] = {}
    for match in found:
        name, count = match["name"], int(match["count"] or match["from"] or (2 if match["unknown"] else 1))
        if not count:
            return None
        before = parts.get(name, Part(name, 0, False))
        parts[name] = Part(name, before.count + count, before.open or bool(match["open"] or match["unknown"]))
    return tuple(parts.values())


def published_name(parts: tuple[Part, ...], known: Iterable[str]) -> str | None:
    """The table's own name of a strand: in any order of its parts, three copies among ``x≥3``; None if it has none."""
    named = {tuple(sorted(found)): name for name in known if (found := read_parts(name))}
    exact = named.get(tuple(sorted(parts)))
    if exact or len(parts) > 1:
        return exact
    (part,) = parts
    wide = [own for own in named if len(own) == 1 and own[0].name == part.name and own[0].open]
    held = [own for own in wide if own[0].count <= part.count]
    return named[max(held)] if held else None


def activity_value(parts: tuple[Part, ...], values: dict[str, str | None]) -> str:
    """Activity value of a strand by the published values of alleles; open-ended (``≥``) where its count is.

    Raises KeyError for an allele that is not in ``values``.
    """
    name = published_name(parts, values)
    if name is not None:
        return values[name] or NOT_AVAILABLE
    return add_values([_value_of_part(part, values) for part in parts])


def phenotypes_of_score(score: str, bands: dict[str, str]) -> list[str]:
    """Phenotypes of an activity score by those that the table gives for scores, in order of activity.

    A score between two of the table has the phenotype of both, or no phenotype where they differ. An open-ended score
    that the table lacks has those of every score from its least on. Empty where none is known.
    """
    if score in bands:
        return [bands[score]]
    exact = {float(s): phenotype for s, phenotype in bands.items() if s != NOT_AVAILABLE and AT_LEAST not in s}
    if score == NOT_AVAILABLE or not exact:
        return []
    low = least(score)
    at = exact.get(low) or _between(low, exact)
    if not score.startswith(AT_LEAST):
        return [at] if at else []
    above = [exact[value] for value in sorted(exact) if value > low]
    return list(dict.fromkeys(filter(None, [at, *above])))


def _value_of_part(part: Part, values: dict[str, str | None]) -> str:
    own = published_name((part,), values)
    if own is not None:
        return values[own] or NOT_AVAILABLE
    one = values[part.name] or NOT_AVAILABLE
    if one == NOT_AVAILABLE or least(one) == 0:
        return one
    return f"{AT_LEAST * part.open}{least(one) * part.count}"


def _between(score: float, exact: dict[float, str]) -> str | None:
    below = max((value for value in exact if value < score), default=None)
    above = min((value for value in exact if value > score), default=None)
    if below is None or score % STEP:
        return None
    if above is None or exact[below] == exact[above]:
        return exact[below]
    return None
