"""What would be advised by readings that are no result: those of another phase, and those of a proxy."""

import itertools
from dataclasses import dataclass

from permed.drugs.cells import Domain
from permed.drugs.guidance import Guidance, Question, Row
from permed.drugs.matching import FOUND, GRAVE, Match, match
from permed.drugs.results import Other, Result
from permed.drugs.wording import BETWEEN, sentence

MOST_NAMED = 3
SEVERER = "If the phase is another ({readings}): {advice} {share} Phase or enzyme activity settles it."
SHARE = "Of people with these genotypes that is {bound} ({population}; {source})."
UNKNOWN_SHARE = "How common that is among people with these genotypes is not known."
BY_PROXY = (
    "Not a result: a variant that was read stands for one that was not ({readings}). If that holds: {advice} Have it "
    "tested before the treatment is chosen."
)
USUAL = ("standard", "none")
MILDER = "in another phase the advice would be: {options}"
NOTHING = "not known"


@dataclass(frozen=True)
class OtherPhase:
    """``severer`` is told with the advice, ``milder`` (or not known) beside its evidence; None where there is none."""

    severer: str | None = None
    milder: str | None = None


def in_other_phase(
    question: Question, results: tuple[Result, ...], found: Match, guidance: Guidance, domain: Domain
) -> OtherPhase:
    """What the other readings of the results would change in the answer ``found``."""
    if not any(result.others for result in results) or not found.rows:
        return OtherPhase()
    ranks = {action: int(row["rank"]) for action, row in guidance.actions.items()}
    led = min(ranks[row.action] for row in found.rows)
    told = {row.advice for row in found.rows}
    severer: dict[tuple, tuple[Row, list[tuple[Other, ...]]]] = {}
    milder: dict[str, None] = {}
    for read_so, others in _readings(results):
        row = _row(match(question, read_so, domain))
        if row is None:
            milder[NOTHING] = None
        elif row.advice in told:
            continue
        elif ranks[row.action] < led or (ranks[row.action] == led and row.action in GRAVE):
            severer.setdefault(row.advice, (row, []))[1].append(others)
        else:
            milder[guidance.actions[row.action]["label"].lower()] = None
    lines = sorted(severer.values(), key=lambda one: ranks[one[0].action])
    return OtherPhase(
        " ".join(_line(row, readings, guidance) for row, readings in lines) or None,
        MILDER.format(options=BETWEEN.join(milder)) if milder else None,
    )


def by_proxy(
    question: Question, results: tuple[Result, ...], found: Match, guidance: Guidance, domain: Domain
) -> str | None:
    """What a question without an answer would be answered by proxies, as a caution; never that the usual is fine."""
    proxied = [result.proxied for result in results if result.proxied is not None]
    if found.status == FOUND or not proxied:
        return None
    read_so = (own.read_as(own.proxied) if own.proxied is not None else own for own in results)
    row = _row(match(question, tuple(read_so), domain))
    if row is None or row.action in USUAL:
        return None
    readings = "; ".join(map(_named, proxied))
    return BY_PROXY.format(readings=readings, advice=sentence(row, guidance))


def _readings(results: tuple[Result, ...]):
    """The results with one gene or several read otherwise, and the readings that make the difference."""
    sides = [[None, *result.others] for result in results]
    for chosen in itertools.product(*sides):
        others = tuple(other for other in chosen if other is not None)
        if others:
            pairs = zip(results, chosen, strict=True)
            yield tuple(own if other is None else own.read_as(other) for own, other in pairs), others


def _row(found: Match) -> Row | None:
    return found.row if found.status == FOUND else None


def _line(row: Row, readings: list[tuple[Other, ...]], guidance: Guidance) -> str:
    named = list(dict.fromkeys(", with ".join(map(_named, others)) for others in readings))
    more = len(named) - MOST_NAMED
    listed = " or ".join(named[:MOST_NAMED]) + (f" or {more} more" if more > 0 else "")
    return SEVERER.format(readings=listed, advice=sentence(row, guidance), share=_share(readings))


def _named(other: Other) -> str:
    return f"{other.gene} {other.reading.diplotype}, {other.reading.phenotype}"


def _share(readings: list[tuple[Other, ...]]) -> str:
    """Of several genes at once the rarest reading bounds how common they are together."""
    shares = [[other.reading.most for other in others] for others in readings]
    if any(share is None for own in shares for share in own):
        return UNKNOWN_SHARE
    first = readings[0][0].reading
    return SHARE.format(bound=_percent(sum(map(min, shares))), population=first.population, source=first.source)


def _percent(share: float) -> str:
    return "less than 0.01 %" if share < 1e-4 else f"at most {min(share, 1.0) * 100:.2g} %"
