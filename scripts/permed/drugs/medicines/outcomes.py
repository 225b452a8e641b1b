"""How readings compare with a list of entries whose right reading is known."""

import polars as pl

from permed.drugs.medicines.entry import ASKED, COUNTED, NO_ANSWER, NOTHING, SURE, Medicine
from permed.drugs.medicines.names import MedicineNames

RIGHT, ASKS, MARKED, WRONG = "right", "asked", "wrong with a mark", "wrong without"
# Words of the list for a status, as ours.
SAME = {"intolerance": "allergy", "past, reaction": "allergy"}
COLUMNS = {"class": pl.String, "entry": pl.String, "read": pl.String, "outcome": pl.String, "asked": pl.Boolean}


def outcomes(truth: pl.DataFrame, names: MedicineNames) -> pl.DataFrame:
    """A row for each row of ``truth`` (``class entry ingredients_taken status route``) with its outcome.

    RIGHT needs the ingredients that are taken, the status and the route, and no words left over; ASKS is a reading that
    is not used and asked instead, which is right where the truth says that the entry is ambiguous. ``other_script``
    says that the entry is in a script other than Latin.
    """
    rows = [_row(row, names) for row in truth.iter_rows(named=True)]
    return pl.DataFrame(rows, COLUMNS | {"other_script": pl.Boolean})


def _row(row: dict, names: MedicineNames) -> dict:
    entry = row["entry"]
    readings = names.read(entry)
    outcome = _outcome(row, readings, names)
    read = "; ".join(f"{' + '.join(m.ingredients) or m.unread} ({m.status}, {m.route}, {m.sure})" for m in readings)
    script = any(c.isalpha() and ord(c) > 0x24F for c in entry)
    asked = any(m.sure == ASKED for m in readings) and not _answers_nothing(readings)
    return {
        "class": row["class"],
        "entry": entry,
        "read": read,
        "outcome": outcome,
        "asked": asked,
        "other_script": script,
    }


def _outcome(row: dict, readings: tuple[Medicine, ...], names: MedicineNames) -> str:
    asked = any(m.sure == ASKED for m in readings)
    if row["status"] is None:
        return RIGHT if _answers_nothing(readings) else ASKS if asked else WRONG
    if row["status"] == "unclear":
        return RIGHT if asked else WRONG if all(m.sure == SURE for m in readings) else MARKED
    right = _contents(row["ingredients_taken"], names) == {i for m in readings for i in _counted(m)}
    known = [m for m in readings if m.known]
    status = SAME.get(row["status"], row["status"])
    right &= any(m.status == status for m in known)
    right &= not row["ingredients_taken"] or _route_right(row["route"], known, names)
    if right and not asked and not any(m.unread for m in readings):
        return RIGHT
    return ASKS if asked else WRONG if all(m.sure == SURE for m in readings) else MARKED


def _route_right(route: str | None, known: list[Medicine], names: MedicineNames) -> bool:
    """Whether the route is the list's, which says oral wherever an entry says nothing, even of injected ones."""
    routes = {m.route for m in known}
    if route in (None, "-", *routes):
        return True
    no_oral_form = not any("oral" in names.routes.get(i, ()) for m in known for i in m.ingredients)
    return route == "oral" and (routes == {None} or (routes == {"injected"} and no_oral_form))


def _answers_nothing(readings: tuple[Medicine, ...]) -> bool:
    return all(m.status in (NOTHING, NO_ANSWER) for m in readings)


def _counted(medicine: Medicine) -> tuple[str, ...]:
    return medicine.ingredients if medicine.status in COUNTED and medicine.sure != ASKED else ()


def _contents(cell: str | None, names: MedicineNames) -> set[str]:
    """The list's ingredients as the tables call them."""
    given = [name for name in (cell or "").replace("+", ";").split(";") if name]
    found = [(names.look_up(name), name) for name in given]
    return {i for meanings, name in found for i in (meanings[0].ingredients if meanings else (name,))}
