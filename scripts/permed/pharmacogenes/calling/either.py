"""The call where it is not known how many copies of the contig a person has: what one copy and two would give."""

from permed.observations.codes import ONE_ALLELE, REASONS, TWO_ALLELES
from permed.pharmacogenes import names
from permed.pharmacogenes.calling import reasons
from permed.pharmacogenes.calling.answers import Answer
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.phenotypes import NOT_AVAILABLE
from permed.pharmacogenes.reading.patterns import Pattern

RELIABLE = ("called", "multiple")


def either(gene: Gene, pattern: Pattern, one: Answer, two: Answer) -> Answer:
    """The call of a ``pattern`` as written, from its answers as that of one copy and as that of two.

    It may be relied on only as far as both agree: on one phenotype, hardly ever on a diplotype.
    """
    rows = [one.row, two.row]
    phenotypes = {_phenotype(answer) if answer.row["phenotype_certain"] else None for answer in (one, two)}
    certain = len(phenotypes) == 1 and not phenotypes & {None, NOT_AVAILABLE}
    states = {row["state"] for row in rows}
    state = "multiple" if certain and states <= {*RELIABLE} else "not_assessable"
    told = {name: _joined(row[name] for row in rows) for name in ("diplotype", "activity_score", "phenotype")}
    if state == "not_assessable" and certain:
        told["phenotype"] = phenotypes.pop()
    results = [_result(pattern, one, TWO_ALLELES), _result(pattern, two, ONE_ALLELE)]
    row = (
        two.row
        | told
        | {
            "state": states.pop() if states == {"no_call"} else state,
            "lookup_diplotype": _joined(row["lookup_diplotype"] for row in rows),
            "alternatives": _joined((row["alternatives"] for row in rows), names.THEN),
            "missing_positions": _positions(gene, rows),
            "positions_present": min(row["positions_present"] for row in rows),
            "phenotype_certain": certain,
            "other_readings": None,
            "research_combinations": _joined((row["research_combinations"] for row in rows), names.THEN),
            "reason": reasons.either_number(gene, *results, told["phenotype"] if certain else None),
        }
    )
    hides = {at: names.distinct([*one.hides.get(at, []), *two.hides.get(at, [])]) for at in {**one.hides, **two.hides}}
    return Answer(pattern, row, [*one.weighed, *two.weighed], dict(sorted(hides.items())))


def _phenotype(answer: Answer) -> str | None:
    """The phenotype of an answer that is certain of it, with a diplotype or without."""
    return answer.row["phenotype"] or next((one.phenotype for one in answer.weighed), None)


def _result(pattern: Pattern, answer: Answer, misfit: int) -> str:
    """What one reading gives, as a sentence; ``misfit`` is the code of what it does not believe of the pattern."""
    row = answer.row
    if row["state"] not in RELIABLE:
        differs = (answer.pattern.unbelieved & ~pattern.unbelieved).any()
        return f"{REASONS[misfit]}. {row['reason']}" if differs else row["reason"]
    return f"{row['diplotype']}, {row['phenotype'] or 'without a phenotype'}."


def _joined(values, between: str = names.OR) -> str | None:
    parts = [part for value in values if value for part in value.split(between)]
    return between.join(names.distinct(parts)) or None


def _positions(gene: Gene, rows: list[dict]) -> str | None:
    missing = {name for row in rows for name in (row["missing_positions"] or "").split(",")}
    return ",".join(position.name for position in gene.positions if position.name in missing) or None
