"""A person's own start of a drug, where guidance gives it by body size: weight, or body surface by DuBois."""

from permed.drugs.dosing.models import body_surface
from permed.drugs.guidance import Question, Row

FRACTION, STANDARD = "start_fraction", "standard"
BY_SIZE = {"start_mg_per_kg_day": "mg/kg/day", "start_mg_per_m2_day": "mg/m²/day"}
# Beside these a row says how often or how much a dose, and its fraction is not of the daily dose.
STANDARD_OF = {"threshold_mg_kg_day": "mg/kg/day", "threshold_mg_m2_day": "mg/m²/day"}  # of which a fraction is given
PLAIN = {FRACTION, *BY_SIZE, *STANDARD_OF, "max_mg_per_kg_day", "steady_state_weeks"}
THEN = "; "


def start_by_size(row: Row, question: Question) -> str | None:
    """The start of a row by body size, such as ``0.6-1.6 mg/kg/day``: its own, or its fraction of the standard's."""
    own = dict(row.dose)
    if not own or not own.keys() <= PLAIN:
        return None
    given = {unit: _between(own[term]) for term, unit in BY_SIZE.items() if term in own}
    factor = _between(own.get(FRACTION, ""))
    if not given and factor:
        named = {unit: _between(own[term]) for term, unit in STANDARD_OF.items() if term in own}
        given = {
            unit: tuple(a * b for a, b in zip(factor, standard, strict=True))
            for unit, standard in (named or _standards(question)).items()
        }
    return THEN.join(f"{_range(between)} {unit}" for unit, between in given.items() if between) or None


def own_start(by_size: str | None, height_cm: float | None, weight_kg: float | None) -> str | None:
    """The start in mg a day for a person of this height and weight; None where it is not given or they are missing."""
    if not by_size or not weight_kg:
        return None
    told = []
    for part in by_size.split(THEN):
        numbers, unit = part.rsplit(" ", 1)
        between = _between(numbers)
        if unit == BY_SIZE["start_mg_per_kg_day"]:
            told.append(f"{_range(tuple(n * weight_kg for n in between))} mg a day at {weight_kg:g} kg")
        elif height_cm:
            surface = body_surface(height_cm, weight_kg)
            whole = _range(tuple(n * surface for n in between))
            told.append(f"{whole} mg a day at {surface:.2f} m² (body surface by DuBois)")
    return THEN.join(told) or None


def _standards(question: Question) -> dict[str, tuple[float, float]]:
    """The standard starts by size of the question's body, where its rows give one."""
    found = {}
    for row in question.rows:
        if row.action == STANDARD:
            found |= {BY_SIZE[term]: _between(value) for term, value in row.dose if term in BY_SIZE}
    return {unit: between for unit, between in found.items() if between}


def _between(text: str) -> tuple[float, float] | None:
    """The two ends of ``0.3-0.8`` or ``2``; None for anything else."""
    low, _, high = text.partition("-")
    try:
        return float(low), float(high or low)
    except ValueError:
        return None


def _range(between: tuple[float, float]) -> str:
    low, high = (f"{number:.3g}" for number in between)
    return low if low == high else f"{low}-{high}"
