"""Which rows of guidance a person's results meet. A row counts only if it holds whatever is not known."""

import itertools
from dataclasses import dataclass, replace
from math import inf

from permed.drugs.cells import Domain
from permed.drugs.conditions import EXACTLY, INDETERMINATE, MAYBE, NO, UNKNOWN_TERMS, YES, Possibility, meets
from permed.drugs.guidance import Question, Row
from permed.drugs.results import Result

# Actions that stand where all possible rows share them, whatever else those say; a usual dose does not.
GRAVE = ("contraindicated", "avoid", "alternative", "reduce", "increase")
FOUND, OPEN, NO_ROW, UNKNOWN = "found", "open", "no_row", "unknown"


@dataclass(frozen=True)
class Match:
    """How a question is answered.

    ``status`` is FOUND (``row`` holds for everything the genes may be), OPEN (the possible ``rows`` differ), NO_ROW (a
    combination that is possible has no row) or UNKNOWN (no gene is known). ``whatever`` are genes whose result is not
    known and does not matter, ``partly`` if only the action is the same for all of them; ``alone`` is the row that the
    body gives where a gene without result is left out.
    """

    status: str
    row: Row | None = None
    rows: tuple[Row, ...] = ()
    whatever: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    alone: Row | None = None
    partly: bool = False


def match(question: Question, results: tuple[Result, ...], domain: Domain) -> Match:
    """Answer a question from the results of its genes, in their order."""
    sides = [_possible(question, i, result) for i, result in enumerate(results)]
    unknown = tuple(gene for gene, side in zip(question.genes, sides, strict=True) if side is None)
    needs_all = any(condition.any_result for row in question.rows for condition in row.conditions)
    if len(unknown) == len(question.genes) or (unknown and needs_all):
        return Match(UNKNOWN, unknown=unknown, alone=_alone(question, sides))
    combinations = [()]
    for i, side in enumerate(sides):
        options = side if side is not None else universe(question, i, domain)
        combinations = [(*made, option) for made in combinations for option in options]
    found: dict[Row, None] = {}
    gaps = 0
    for combination in combinations:
        rows, certain = matching_rows(question, combination)
        gaps += not certain
        found |= dict.fromkeys(rows)
    alone = _alone(question, sides) if unknown else None
    same = len({row.action for row in found}) == 1 and next(iter(found)).action in GRAVE
    if gaps == 1 < len(combinations) - 1 and same and unknown:
        # A cell of ours is missing: all other answers agree on an action that nobody should miss.
        return Match(FOUND, row=_common(tuple(found)), rows=tuple(found), whatever=unknown, partly=True)
    if gaps or not combinations:
        return Match(NO_ROW, rows=tuple(found), unknown=unknown, alone=alone)
    if len({row.advice for row in found}) == 1:
        return Match(FOUND, row=_weakest(tuple(found)), rows=tuple(found), whatever=unknown)
    if same:
        return Match(FOUND, row=_common(tuple(found)), rows=tuple(found), whatever=unknown, partly=True)
    return Match(OPEN, rows=tuple(found), unknown=unknown, alone=alone)


def branches(question: Question, results: tuple[Result, ...], answer: Match, domain: Domain) -> tuple[Row, ...]:
    """The rows that hold under a further condition for what the genes may be; none if a gene is open that matters."""
    sides = [_possible(question, i, result) for i, result in enumerate(results)]
    if None in sides and answer.status != FOUND:
        return ()
    sides = [universe(question, i, domain) if side is None else side for i, side in enumerate(sides)]
    found: dict[Row, None] = {}
    for combination in itertools.product(*sides):
        found |= dict.fromkeys(_rows(question.branches, combination)[0])
    return tuple(found)


def _possible(question: Question, i: int, result: Result) -> tuple[Possibility, ...] | None:
    """What a gene may be; None where that is not known, as also for an uncertain phenotype beside another gene."""
    if not result.possible:
        return None
    allele = question.alleles[i]
    if allele is not None:
        told = [[s for s in one.statuses if s.split()[0] == allele] for one in result.possible]
        known = all(len(own) == 1 and own[0].endswith(("positive", "negative")) for own in told)
        return tuple(Possibility(statuses=frozenset(own)) for own in told) if known else None
    uncertain = any((one.phenotype or "").lower() == INDETERMINATE.lower() for one in result.possible)
    if uncertain and len(question.genes) > 1:
        return None
    return result.possible


def universe(question: Question, i: int, domain: Domain) -> list[Possibility]:
    """Everything that a gene can be by the phenotype table and by the question's rows."""
    if question.alleles[i] is not None:
        return [Possibility(statuses=frozenset([f"{question.alleles[i]} {word}"])) for word in ("negative", "positive")]
    found = dict.fromkeys(domain.everything(question.genes[i]))
    named = {(one.phenotype or "").lower() for one in found}
    for condition in (row.conditions[i] for row in question.rows):
        found |= {Possibility(phenotype): None for phenotype in sorted(condition.phenotypes - named)}
        found |= {
            Possibility(None, (score, score), ""): None for pair in condition.ranges for score in pair if score < inf
        }
        found |= {Possibility(diplotype=diplotype): None for diplotype in sorted(condition.diplotypes)}
    return list(found)


def matching_rows(question: Question, combination: tuple[Possibility, ...]) -> tuple[list[Row], bool]:
    """The rows that a combination meets or may meet, and whether it meets one for certain.

    A row that names the diplotype goes before others.
    """
    return _rows(question.rows, combination)


def _rows(rows: tuple[Row, ...], combination: tuple[Possibility, ...]) -> tuple[list[Row], bool]:
    grades: list[tuple[list[int], Row]] = []
    for row in rows:
        own = [_meets(row, i, one, len(combination)) for i, one in enumerate(combination)]
        if NO not in own:
            grades.append((own, row))
    exact = [row for own, row in grades if EXACTLY in own and MAYBE not in own]
    return (exact or [row for _, row in grades]), any(MAYBE not in own for own, _ in grades)


def _meets(row: Row, i: int, one: Possibility, genes: int) -> int:
    condition = row.conditions[i]
    if genes == 1 and (one.phenotype or "").lower() == INDETERMINATE.lower() and INDETERMINATE in condition.unknown:
        return YES
    return meets(condition, one)


def _weakest(rows: tuple[Row, ...]) -> Row:
    """Of rows with the same advice the one with the weakest strength, which is what holds in any case."""
    order = ["no_recommendation", None, "optional", "moderate", "strong"]
    return min(rows, key=lambda row: order.index(row.strength))


def _common(rows: tuple[Row, ...]) -> Row:
    """What rows with the same action have in common, with the weakest strength."""
    first = _weakest(rows)

    def shared(name: str):
        return getattr(first, name) if len({getattr(row, name) for row in rows}) == 1 else None

    also = tuple(code for code in first.also if all(code in row.also for row in rows))
    dose = tuple(term for term in first.dose if all(term in row.dose for row in rows))
    factor = shared("dose_factor")
    return replace(
        first,
        also=also,
        dose=dose,
        dose_factor=factor,
        dose_of=shared("dose_of") if factor else None,
        limits=shared("limits"),
        note=shared("note"),
    )


def _alone(question: Question, sides: list[tuple[Possibility, ...] | None]) -> Row | None:
    """The row that the body gives for genes without a result: told as such, and never the advice."""
    fitting = []
    for row in question.rows:
        for i, side in enumerate(sides):
            condition = row.conditions[i]
            if side is None and not condition.unknown & UNKNOWN_TERMS:
                break
            if side is not None and not all(_meets(row, i, one, len(sides)) >= YES for one in side):
                break
        else:
            fitting.append(row)
    return fitting[0] if len({row.advice for row in fitting}) == 1 else None
