"""What people take, may take and do not tolerate, from the sheet: for each drug of the guidance, and for each entry."""

from collections.abc import Iterable

import polars as pl

from permed.drugs.medicines import Medicine, MedicineNames, allergies, in_doubt, taken
from permed.drugs.medicines.entry import ASKED, DENIED, SURE

SMOKE = "tobacco"  # the name that the table of interactions has for smoking
SMOKING = "smoking: {answer}"
BETWEEN = "; "
TAKING = ("taken_as", "taken_unread", "taken_questions", "perhaps_taken", "not_tolerated")
NOT_RECOGNISED, NO_GUIDANCE, ACTING, GUIDANCE = "not recognised", "no guidance", "acting", "guidance"
MEDICINES = {
    "sample": pl.String,
    "entry": pl.String,
    "kinds": pl.List(pl.String),
    "ingredients": pl.List(pl.String),
    "possible": pl.List(pl.String),
    "status": pl.String,
    "route": pl.String,
    "sure": pl.String,
    "counted": pl.Boolean,
    "unread": pl.String,
    "questions": pl.List(pl.String),
    "drugs": pl.List(pl.String),
    "acts_on": pl.List(pl.String),
    "not_looked_up": pl.List(pl.String),
}


def medicines_of(person: dict, names: MedicineNames) -> tuple[Medicine, ...]:
    """The readings of a person's row of the sample table: its ``medications`` and ``smoking``."""
    read = names.resolve_all(person.get("medications"))
    smoking = person.get("smoking")
    if not smoking:
        return read
    given = SMOKING.format(answer=smoking)
    status = {} if smoking == "yes" else {"status": DENIED}
    return (*read, Medicine(given, (SMOKE,), (SMOKE,), route="inhaled", **status))


def drugs_taken(people: pl.DataFrame, drugs: list[str], names: MedicineNames) -> pl.DataFrame:
    """Drugs of the tables that people take, may take or do not tolerate: ``sample``, ``drug`` and :data:`TAKING`.

    ``taken_as`` are all entries that say it is taken, ``taken_unread`` what of them could not be read and
    ``taken_questions`` what is to be confirmed; ``perhaps_taken`` is why it may be taken, ``not_tolerated`` the entry
    that names an allergy or intolerance.
    """
    by_name = {drug.casefold(): drug for drug in drugs}
    found_of: dict[str | None, list[tuple]] = {None: []}
    rows = []
    for sample, cell in people.select("sample", pl.col("medications").cast(pl.String)).iter_rows():
        if cell not in found_of:
            found_of[cell] = list(_rows(names.resolve_all(cell), by_name))
        rows += [(sample, *found) for found in found_of[cell]]
    return pl.DataFrame(rows, dict.fromkeys(("sample", "drug", *TAKING), pl.String), orient="row")


def _rows(medicines: tuple[Medicine, ...], by_name: dict[str, str]) -> Iterable[tuple]:
    told: dict[str, dict[str, dict[str, None]]] = {}

    def add(name: str, column: str, *texts: str) -> None:
        if (drug := by_name.get(name.casefold())) is not None:
            told.setdefault(drug, {c: {} for c in TAKING})[column].update(dict.fromkeys(filter(None, texts)))

    for medicine in medicines:
        for name in taken([medicine]):
            add(name, "taken_as", medicine.given)
            add(name, "taken_unread", medicine.unread)
            add(name, "taken_questions", *medicine.questions)
    for name, medicine in in_doubt(medicines).items():
        add(name, "perhaps_taken", f"{medicine.given}: {' '.join(medicine.questions)}")
    for name, entry in allergies(medicines).items():
        add(name, "not_tolerated", entry)
    for drug, columns in sorted(told.items()):
        yield (drug, *(BETWEEN.join(columns[column]) or None for column in TAKING))


def medicine_rows(
    sample: str,
    medicines: Iterable[Medicine],
    drugs: Iterable[str],
    acting: dict[str, list[str]],
    unknown: dict[str, list[str]],
) -> list[dict]:
    """Rows of :data:`MEDICINES`, one for each reading, which tell apart what is not recognised from what is.

    ``drugs`` have guidance; ``acting`` are the enzymes on which a medicine acts and ``unknown`` those for which it was
    not looked up, by name.
    """
    with_guidance, rows = {drug.casefold(): drug for drug in drugs}, []
    for medicine in medicines:
        names = medicine.names
        guided = [with_guidance[name.casefold()] for name in names if name.casefold() in with_guidance]
        acts = [enzyme for name in names for enzyme in acting.get(name, ())]
        kinds = [GUIDANCE] * bool(guided) + [ACTING] * bool(acts)
        if not kinds:
            kinds = [NO_GUIDANCE if names else NOT_RECOGNISED]
        counted = medicine.counted
        rows.append(
            {
                "sample": sample,
                "entry": medicine.given,
                "kinds": kinds,
                "ingredients": list(medicine.ingredients),
                "possible": list(medicine.possible),
                "status": medicine.status,
                "route": medicine.route,
                "sure": medicine.sure if names or medicine.sure == SURE else ASKED,
                "counted": bool(counted),
                "unread": medicine.unread or None,
                "questions": list(medicine.questions),
                "drugs": list(dict.fromkeys(guided)),
                "acts_on": list(dict.fromkeys(acts)),
                "not_looked_up": list(dict.fromkeys(e for name in counted for e in unknown.get(name, ()))),
            }
        )
    return rows
