"""Side effects to warn of: for each drug whether the person's genes call for it, may call for it or are not known."""

from permed.drugs.conditions import NO, YES, Possibility, meets
from permed.drugs.guidance import Warned
from permed.drugs.results import Result

WARNING, POSSIBLE, OPEN, CLEAR = "warning", "possible", "not known", "no"
GRAVEST = (WARNING, POSSIBLE, OPEN, CLEAR)


def warn(warned: Warned, result: Result) -> str:
    """WARNING where everything the gene may be calls for it, POSSIBLE where some does, OPEN where nothing is known."""
    possible = result.possible
    if not possible:
        return OPEN
    if warned.allele is not None:
        answers = [_status(one, warned.allele) for one in possible]
        if None in answers:
            return OPEN
        possible = tuple(Possibility(statuses=frozenset([answer])) for answer in answers)
    grades = [meets(warned.condition, one) for one in possible]
    if all(grade >= YES for grade in grades):
        return WARNING
    if any(grade != NO for grade in grades):
        return POSSIBLE
    unsettled = {"indeterminate", warned.open} & {(one.phenotype or "").lower() for one in possible}
    return OPEN if unsettled or result.beside else CLEAR


def _status(one: Possibility, allele: str) -> str | None:
    told = [status for status in one.statuses if status in (f"{allele} positive", f"{allele} negative")]
    return told[0] if len(told) == 1 else None


def gravest(rows: tuple[Warned, ...], results: dict[str, Result]) -> tuple[str | None, str | None]:
    """The gravest answer of a drug's warnings on the genes in ``results``, and its harm; None where there is none."""
    answers = [(warn(row, results[row.gene]), row) for row in rows if row.gene in results]
    if not answers:
        return None, None
    state, row = min(answers, key=lambda answer: GRAVEST.index(answer[0]))
    return state, " ; ".join(filter(None, [row.harm, row.audience])).replace(" ; ", ", ")
