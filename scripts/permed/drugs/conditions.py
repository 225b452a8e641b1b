"""Conditions of guidance: which phenotypes, activity scores, diplotypes or allele statuses a row is for.

A condition is written as terms joined by ``|``: a phenotype as the phenotype tables name it (``Poor Metabolizer``), an
activity score or a closed range of them (``AS 1.0``, ``AS 0.25-1.0``, ``AS >=2.5``), a diplotype (``*2/*3``), the
status of an HLA allele (``*57:01 positive``), :data:`ANY_RESULT`, or the words for a gene without a usable result.
"""

import re
from dataclasses import dataclass
from functools import cache
from math import inf

BETWEEN = "|"
SCORE = "AS "
NO_RESULT, INDETERMINATE = "No Result", "Indeterminate"
UNKNOWN_TERMS = frozenset({NO_RESULT, INDETERMINATE})
ANY_RESULT = "any result"
PHENOTYPING = " (phenotyping)"  # DPWG's DPYD scores that it wants measured; a call cannot tell them from the same score
_RANGE = re.compile(r"(?P<low>\d+(?:\.\d+)?)(?:-(?P<high>\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Possibility:
    """One thing that a gene may be in a person; what is not known of it is None.

    ``scores`` is a closed interval of activity scores, a point unless a copy number is open at the top; ``statuses``
    are those of HLA alleles.
    """

    phenotype: str | None = None
    scores: tuple[float, float] | None = None
    diplotype: str | None = None
    statuses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Condition:
    """A parsed condition; ``unknown`` are the words in it for a gene without a usable result."""

    phenotypes: frozenset[str]
    ranges: tuple[tuple[float, float], ...]
    diplotypes: frozenset[str]
    statuses: frozenset[str]
    unknown: frozenset[str]
    any_result: bool

    @property
    def known(self) -> bool:
        """Whether some usable result of the gene meets the condition."""
        return bool(self.phenotypes or self.ranges or self.diplotypes or self.statuses or self.any_result)


@cache
def parse(text: str) -> Condition:
    """Parse a condition; ValueError for a score that cannot be read."""
    terms = text.split(BETWEEN)
    scores = [term for term in terms if term.startswith(SCORE)]
    statuses = [term for term in terms if term.endswith((" positive", " negative"))]
    diplotypes = [term for term in terms if "/" in term]
    special = {ANY_RESULT, INDETERMINATE, NO_RESULT, *scores, *statuses, *diplotypes}
    return Condition(
        frozenset(term.lower() for term in terms if term not in special),
        tuple(_interval(term) for term in scores),
        frozenset(diplotypes),
        frozenset(statuses),
        frozenset(terms) & UNKNOWN_TERMS,
        ANY_RESULT in terms,
    )


def _interval(term: str) -> tuple[float, float]:
    text = term.removeprefix(SCORE).removesuffix(PHENOTYPING)
    if text.startswith(">="):
        return float(text.removeprefix(">=")), inf
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{term!r} is no activity score")
    return float(match["low"]), float(match["high"] or match["low"])


def read_score(text: str) -> tuple[float, float] | None:
    """An activity score of a call as an interval: ``1.0`` is a point, ``≥3.0`` is open; None for ``n/a``."""
    if text.startswith(("≥", ">=")):
        return float(text.lstrip("≥>=")), inf
    return (float(text), float(text)) if _RANGE.fullmatch(text) else None


NO, MAYBE, YES, EXACTLY = range(4)


def meets(condition: Condition, one: Possibility) -> int:
    """How a possibility meets a condition: NO, MAYBE, YES, or EXACTLY where the row names its diplotype."""
    if condition.any_result:
        return YES
    if condition.diplotypes and one.diplotype in condition.diplotypes:
        return EXACTLY
    if condition.statuses & one.statuses:
        return YES
    if one.phenotype is not None and one.phenotype.lower() in condition.phenotypes:
        return YES
    open_ = MAYBE if condition.diplotypes and one.diplotype is None and not condition.statuses else NO
    if one.scores is None:
        return open_
    low, high = one.scores
    if any(a <= low and high <= b for a, b in condition.ranges):
        return YES
    return MAYBE if any(a <= high and low <= b for a, b in condition.ranges) else open_


def allele_of(text: str) -> str | None:
    """The HLA allele whose status a condition asks for, None for other conditions."""
    named = {status.split()[0] for status in parse(text).statuses}
    return named.pop() if len(named) == 1 else None
