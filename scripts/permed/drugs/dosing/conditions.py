"""Conditions of guideline rows: phenotypes, ranges of an activity score, or that a gene gave no result."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from permed.drugs.usable import phenotypes_of, scores_of

NO_RESULT = "No Result"
INDETERMINATE = "Indeterminate"
_RANGE = re.compile(r"(?:AS )?(>=)?(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Result:
    """One possible result of a gene; both None where the gene gave none. ``at_least``: the score is open above."""

    phenotype: str | None = None
    score: float | None = None
    at_least: bool = False

    @property
    def text(self) -> str:
        """The result in words."""
        score = "" if self.score is None else f"activity score {'at least ' * self.at_least}{self.score:g}"
        return " with ".join(filter(None, [self.phenotype, score])) or "not known"


NONE = Result()


def results_of(call: dict | None) -> tuple[Result, ...]:
    """Every equally good result of a call; :data:`NONE` alone where it may not be relied on.

    Calls list distinct phenotypes and distinct scores, so each is taken with each.
    """
    phenotypes = phenotypes_of(call)
    if not phenotypes:
        return (NONE,)
    scores = [_score(text) for text in scores_of(call)] or [(None, False)]
    return tuple(dict.fromkeys(Result(phenotype, *score) for phenotype in phenotypes for score in scores))


def holds(condition: str | None, result: Result) -> bool:
    """Whether a condition such as ``AS 0-1|>=2.5`` or ``Poor Metabolizer|No Result`` holds; an empty one does."""
    return not condition or any(_part_holds(part.strip(), result) for part in condition.split("|"))


def _part_holds(part: str, result: Result) -> bool:
    if part == NO_RESULT:
        return result == NONE
    if found := _RANGE.fullmatch(part):
        at_least, low, high = found.groups()
        most = math.inf if at_least else float(high or low)
        open_ = result.at_least and not at_least
        return result.score is not None and float(low) <= result.score <= most and not open_
    return part == result.phenotype


def genes_of(rows: Iterable[Mapping]) -> tuple[str, ...]:
    """The genes of the conditions, in their order."""
    return tuple(dict.fromkeys(row[name] for row in rows for name in ("gene1", "gene2") if row[name]))


def _score(text: str) -> tuple[float | None, bool]:
    """A score and whether it is open above, as in ``≥3.0``; None for one that is not a number."""
    try:
        return float(text.lstrip("≥")), text.startswith("≥")
    except ValueError:
        return None, False
