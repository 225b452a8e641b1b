"""Checks of the guidance tables: each result has one row, codes and numbers agree, every code has its words."""

from collections.abc import Iterator
from dataclasses import replace
from math import inf

from permed.drugs.cells import Domain
from permed.drugs.conditions import PHENOTYPING, Possibility
from permed.drugs.guidance import BODIES, Guidance, Question, Row
from permed.drugs.matching import matching_rows, universe

STRENGTHS = ("strong", "moderate", "optional", "no_recommendation", None)
LIMITS = ("start_max_mg", "max_mg", "start_mg", "max_mg_day", "start_level", "maintenance_mg_day", "none given")
BELOW, ABOVE = "below", "above"


def faults(guidance: Guidance, domain: Domain) -> list[str]:
    """Everything wrong with the tables, one line each; empty where they hold together."""
    found = []
    for question in guidance.questions:
        for row in (*question.rows, *question.branches):
            found += [f"{name(row)}: {fault}" for fault in (*_codes(row, guidance), *_numbers(row, guidance))]
        found += [f"{name(rows[0])}: {len(rows)} rows for {shown(one)}" for one, rows in overlaps(question, domain)]
    for drug, rows in guidance.warnings.items():
        asked = {gene for question in guidance.questions if question.drug == drug for gene in question.genes}
        found += [f"warning of {drug}: no guidance by {row.gene}" for row in rows if row.gene not in asked]
    found += [f"group of {drug}: no guidance" for drug in guidance.groups if drug not in set(guidance.drugs)]
    return found


def name(row: Row) -> str:
    """A row as a reader finds it in the table."""
    pairs = " and ".join(f"{gene} {text}" for gene, text in zip(row.genes, row.texts, strict=True))
    return f"{row.drug}, {row.body}, {row.population}, {pairs}"


def shown(combination: tuple[Possibility, ...]) -> str:
    """A combination of results in words."""
    return " and ".join(_shown(one) for one in combination)


def _shown(one: Possibility) -> str:
    if one.scores is not None:
        return f"AS {one.scores[0]}" if one.scores[1] < inf else f"AS ≥{one.scores[0]}"
    return one.phenotype or one.diplotype or ", ".join(sorted(one.statuses))


def _codes(row: Row, guidance: Guidance) -> Iterator[str]:
    if row.action not in guidance.actions:
        yield f"unknown action {row.action}"
    if row.action in row.also:
        yield f"{row.action} is said twice"
    if row.body not in BODIES:
        yield f"unknown body {row.body}"
    if row.population not in guidance.populations:
        yield f"unknown population {row.population}"
    if row.strength not in STRENGTHS:
        yield f"unknown strength {row.strength}"
    if not (row.source and row.version and row.licence):
        yield "no source, version or licence"


def _numbers(row: Row, guidance: Guidance) -> Iterator[str]:
    """Whether the factor and the terms of the dose are what the action may have."""
    wanted = guidance.actions.get(row.action, {}).get("factor")
    if bool(row.dose_factor) != bool(row.dose_of):
        yield "a factor without what it is of"
    if wanted == "none" and row.dose_factor:
        yield f"{row.action} with a factor"
    if wanted == "standard" and row.dose_factor not in (None, "1"):
        yield f"standard with the factor {row.dose_factor}"
    if wanted in (BELOW, ABOVE):
        low, high = interval(row.dose_factor) if row.dose_factor else (None, None)
        if low is not None and (low >= 1 if wanted == BELOW else high <= 1):
            yield f"{row.action} with the factor {row.dose_factor}"
        if low is None and not row.dose:
            yield f"{row.action} says neither a dose nor that none is given"
    fractions = [term for term, _ in row.dose if term in ("start_fraction", "maintenance_fraction", "max_fraction")]
    if wanted == "none" and fractions and not any(code.startswith(("reduce", "increase")) for code in row.also):
        yield f"{row.action} with {fractions[0]}, but neither reduce nor increase"


def interval(factor: str) -> tuple[float, float]:
    """The bounds of a factor such as ``0.5``, ``0.3-0.8``, ``<=0.1`` or ``>=1.5``."""
    if factor.startswith("<="):
        return 0.0, float(factor[2:])
    if factor.startswith(">="):
        return float(factor[2:]), inf
    low, _, high = factor.partition("-")
    return float(low), float(high or low)


def combinations(question: Question, domain: Domain) -> list[tuple[Possibility, ...]]:
    """Every combination of settled results of a question's genes, by the phenotype table and the rows."""
    made: list[tuple[Possibility, ...]] = [()]
    for i in range(len(question.genes)):
        made = [(*start, one) for start in made for one in universe(question, i, domain)]
    return made


def overlaps(question: Question, domain: Domain) -> Iterator[tuple[tuple[Possibility, ...], list[Row]]]:
    """Combinations for which several rows hold, but for scores that are to be measured first: those stay open."""
    for combination in combinations(question, domain):
        # Another diplotype than those that rows name: what a row says of a diplotype goes before it anyway.
        combination = tuple(one if one.diplotype else replace(one, diplotype="other") for one in combination)
        rows, _ = matching_rows(question, combination)
        if len(rows) > 1 and not any(PHENOTYPING in text for row in rows for text in row.texts):
            yield combination, rows


def gaps(guidance: Guidance, domain: Domain) -> list[tuple[Question, str]]:
    """Combinations without a row, which are answered with not known, as ``(question, combination in words)``."""
    return [
        (question, shown(combination))
        for question in guidance.questions
        for combination in combinations(question, domain)
        if not matching_rows(question, combination)[1]
    ]


def unreachable(guidance: Guidance, domain: Domain) -> list[Row]:
    """Rows that no combination of results meets and that are no row for a gene without result."""
    left = []
    for question in guidance.questions:
        met = {row for combination in combinations(question, domain) for row in matching_rows(question, combination)[0]}
        for row in question.rows:
            if row not in met and not any(condition.unknown for condition in row.conditions):
                left.append(row)
    return left
