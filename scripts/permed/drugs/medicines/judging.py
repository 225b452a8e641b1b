"""What the words of a clause say: status, route, and whether the medicine reaches the body."""

import re
from dataclasses import dataclass

from permed.drugs.medicines import entry as e
from permed.drugs.medicines.clauses import Clause
from permed.drugs.medicines.names import Meaning, MedicineNames
from permed.drugs.medicines.words import FORM, INSTEAD, NO_ANSWER, NOTHING, ROUTE, SINCE, STATUS, UNTIL

SYSTEMIC = ("oral", "injected", "transdermal")  # routes made to reach the whole body
# Of several routes in one entry the one that decides: an eye ointment is for the eye, a vaginal tablet no tablet.
DECIDES = ("ophthalmic", "otic", "nasal", "vaginal", "rectal", "inhaled", "transdermal", "topical", "injected", "oral")
LOCAL = ("topical", "ophthalmic", "otic", "nasal", "vaginal")  # routes by which a substance is meant for one place
DROPPED = ("ophthalmic", "otic", "nasal")  # routes of drops and sprays, beside the oral one
USUAL = ("oral", "injected", "transdermal")  # the route meant where a medicine has several and none is said
LONG_AGO = 2  # a stop in a year this much before the year of reading is a year or more ago

_YEARS_AGO = re.compile(r"(\d+)\s*(?:years?|yrs?|y|jahren?|ans|años|anni)\b", re.IGNORECASE)
_AGO = re.compile(r"\b(?:ago|vor|il y a|hace|fa)\b", re.IGNORECASE)

WHEN = "when was it stopped? A medicine can act for weeks after its last dose"
PAUSED_UNTIL = "is it paused now, and since when?"
CONTRADICTS = "do these words mean that it is taken?"
REACHES = "does {names} reach the body by this route ({route})? No source that we have says"
SOLD_FOR = "read as {route}, since the directory has this product for that route; is it?"
ROUTE_OF_BRAND = "read as {route}; this substance is also sold for use at one place, and no source says which this is"
WHICH_ROUTE = "where are these drops, spray or solution used?"


@dataclass(frozen=True)
class Said:
    """A status or route with what is to be asked about it; ``may_still_act`` as in :class:`Medicine`."""

    value: str | None
    questions: tuple[str, ...] = ()
    sure: str = e.SURE
    may_still_act: bool = False


def status_of(clause: Clause, year: int | None) -> Said:
    """What the words of a clause make of its medicines; states that contradict each other are asked."""
    said = [item.word for item in clause.items if item.word is not None]
    meanings = {word.meaning for word in said if word.kind in (STATUS, INSTEAD)}
    years = [item.year for item in clause.items if item.year]
    if any(word.kind == UNTIL for word in said) and years:
        meanings.add(e.STOPPED)
    if any(word.kind in (NOTHING, NO_ANSWER) for word in said):
        return Said(e.UNCLEAR, (CONTRADICTS,), e.ASKED)
    left = meanings - {e.TAKEN}
    if e.DENIED in left and len(left) > 1:
        return Said(e.UNCLEAR, (CONTRADICTS,), e.ASKED)
    for meaning in (e.ALLERGY, e.DENIED):
        if meaning in left:
            return Said(meaning)
    gone = left & {e.STOPPED, e.PAST}
    if gone:
        if left & {e.PLANNED}:
            return Said(e.UNCLEAR, (CONTRADICTS,), e.ASKED)
        meaning = e.STOPPED if e.STOPPED in gone else e.PAST
        long_ago = _years_ago(clause) >= LONG_AGO
        long_ago |= bool(years) and year is not None and max(years) <= year - LONG_AGO
        return Said(meaning) if long_ago else Said(meaning, (WHEN,), may_still_act=True)
    if e.PAUSED in left:
        return Said(e.PAUSED, (PAUSED_UNTIL,), may_still_act=True)
    return Said(next((m for m in (e.PLANNED, e.NEEDED) if m in left), e.TAKEN))


def _years_ago(clause: Clause) -> int:
    """The years of ``stopped 10 years ago``; 0 where a clause says nothing of the kind."""
    text = " ".join(item.text for item in clause.items)
    found = _YEARS_AGO.search(text) if _AGO.search(text) else None
    return int(found[1]) if found else 0


def own_words(clause: Clause) -> bool:
    """Whether a clause says by itself how it is taken: a state, a strength or a date."""
    return clause.has(STATUS, INSTEAD, SINCE, UNTIL) or any(item.strength for item in clause.items)


def route_of(clause: Clause, meanings: list[Meaning], names: MedicineNames, ingredients: tuple[str, ...]) -> Said:
    """How the medicines of a clause are given: as its words say, else as the product is sold, else as is usual."""
    told = {item.word.meaning for item in clause.items if item.word is not None and item.word.kind == ROUTE}
    if told:
        return Said(next(route for route in DECIDES if route in told))
    sold = {route for meaning in meanings for route in meaning.routes}
    if _form_without_place(clause) and len(sold) != 1:
        known = {route for i in ingredients for route in names.routes.get(i, ())} | sold
        if "oral" in known and not known & set(DROPPED):
            return Said("oral")
        return Said(None, (WHICH_ROUTE,), e.MARKED)
    if sold:
        route = next(r for r in (*USUAL, *DECIDES) if r in sold)
        elsewhere = any(set(names.routes.get(i, ())) & set(SYSTEMIC) for i in ingredients)
        generic = all(meaning.kind == "inn" for meaning in meanings)
        if route in SYSTEMIC or generic or not elsewhere:
            return Said(route)
        return Said(route, (SOLD_FOR.format(route=route),), e.MARKED)
    known = [set(names.routes[i]) for i in ingredients if i in names.routes]
    shared = set.intersection(*known) if known and len(known) == len(ingredients) else set()
    route = next((r for r in (*USUAL, *DECIDES) if r in shared), None)
    brand = any(meaning.kind.startswith("brand") for meaning in meanings)
    if (
        brand
        and route in SYSTEMIC
        and any(_told(names, i, other) for i in ingredients for other in shared & set(LOCAL))
    ):
        return Said(route, (ROUTE_OF_BRAND.format(route=route),), e.MARKED)
    return Said(route)


def _told(names: MedicineNames, ingredient: str, route: str) -> str | None:
    """What the table says of an ingredient that is given by a route: yes, no, possible, unclear, not seen or None."""
    return (names.routes.get(ingredient, {}).get(route) or {}).get("systemic")


def _form_without_place(clause: Clause) -> bool:
    return any(i.word is not None and i.word.kind == FORM and i.word.meaning for i in clause.items)


def reach(route: str | None, ingredients: tuple[str, ...], names: MedicineNames) -> tuple[tuple, tuple]:
    """Ingredients that do not reach the body by a route, and those of which no source says."""
    if route is None or route in SYSTEMIC:
        return (), ()
    told = {i: _told(names, i, route) for i in ingredients}
    local = tuple(i for i, systemic in told.items() if systemic == "no")
    return local, tuple(i for i, systemic in told.items() if systemic not in ("yes", "no"))
