"""Advice on drugs as a reader needs it: warnings and what is taken first, then a card, every drug, alternatives."""

from collections.abc import Iterable

from permed.drugs.alternatives import ranked_groups
from permed.drugs.guidance import NOT_KNOWN
from permed.reports.drug_wording import CONFIRM, FUNCTION_MAY_BE_LOST, MEDICINES_OPEN
from permed.reports.medicines import (
    alternatives_not_tolerated,
    entry_section,
    groups_of_drugs,
    not_tolerated,
    with_allergies,
)

WARNED = ("warning", "possible")
ACTIONABLE = 6  # priorities of actions up to this one ask for another choice or dose
SHOWN = (
    "body population audience leading action label dose_factor dose_of dose strength advice genes phenotypes "
    "medicines_effect phenotypes_with_medicines action_with_medicines label_with_medicines advice_with_medicines "
    "start_by_size own_start caution branches also_carried implication reason note possible warning harm guideline "
    "year pmid source licence status"
).split()
SEPARATORS = ";"
NOTHING_TAKEN = "none"  # the sheet's word for somebody who takes nothing


def drug_section(
    rows: list[dict], medications: str | None, doses: Iterable[dict] = (), entries: Iterable[dict] = ()
) -> dict:
    """Everything of the report that is about drugs, from one person's rows of the advice and ``doses`` of equations.

    ``warnings`` are side effects that the genes call for or may call for, ``open_warnings`` those of which nothing is
    known; ``card`` is what asks for something else than the usual; ``drugs`` has every drug, taken ones first, then by
    priority, each with the rows of the body that leads and of the others; ``unlisted`` is what of the sheet's medicines
    no guidance of the tables is about, among it words beside a name that could not be read; ``entries`` are the
    readings of the sheet's medicines by the four kinds of :mod:`permed.drugs.taking`.
    """
    entries = list(entries)
    by_drug: dict[str, list[dict]] = {}
    for row in rows:
        by_drug.setdefault(row["drug"], []).append(row)
    avoided = not_tolerated(rows, entries)
    groups = groups_of_drugs(by_drug)
    drugs = sorted((_drug(name, own, avoided, groups) for name, own in by_drug.items()), key=_order)
    named = [name.strip() for name in (medications or "").split(SEPARATORS) if name.strip()]
    named = [name for name in named if name.casefold() != NOTHING_TAKEN]
    return {
        "warnings": _warnings(drugs, WARNED),
        "open_warnings": _warnings(drugs, (NOT_KNOWN,)),
        "card": [drug for drug in drugs if drug["actionable"] or drug["also_carried"]],
        "taken": [drug for drug in drugs if drug["taken"]],
        "unlisted": _unlisted(named, rows, entries),
        "entries": entry_section(entries),
        "drugs": drugs,
        "alternatives": with_allergies(ranked_groups(rows), avoided),
        "doses": [_dose(row) for row in doses],
        "known": sum(drug["known"] for drug in drugs),
    }


def _unlisted(named: list[str], rows: list[dict], entries: list[dict]) -> list[str]:
    """Entries of the sheet that stand for no drug with guidance, then what is not understood of those that do."""
    listed = {entry.strip() for row in rows for entry in (row["taken_as"] or "").split(SEPARATORS)}
    unread = {f"{row['taken_unread']} (in {row['taken_as']})": None for row in rows if row["taken_unread"]}
    parts = {f"{e['unread']} (in {e['entry']})": None for e in entries if e["unread"] and e["entry"] in listed}
    return [*dict.fromkeys(name for name in named if name not in listed), *(unread | parts)]


def _dose(row: dict) -> dict:
    """What an equation gives, with the range in words."""
    told = {name: value for name, value in row.items() if name != "sample"}
    low, high = (row[f"{end}_per_day"] for end in ("low", "high"))
    unit, week = row["unit"], [row[f"{end}_per_week"] for end in ("low", "high")]
    told["range"] = None if low is None or low == high else f"{low}-{high} {unit} a day ({week[0]}-{week[1]} a week)"
    return told


def _drug(name: str, rows: list[dict], avoided: dict[str, str], groups: dict[str, set[str]]) -> dict:
    leading = [row for row in rows if row["leading"]]
    first = min(leading, key=lambda row: row["priority"])
    settled = [row["priority"] for row in leading if row["action"] != NOT_KNOWN]
    converted = [row for row in leading if row["action_with_medicines"] not in (None, row["action"])]
    settled += [row["priority_with_medicines"] for row in converted if row["action_with_medicines"] != NOT_KNOWN]
    states = [row["warning"] for row in rows if row["warning"]]
    warning = next((state for state in (*WARNED, NOT_KNOWN) if state in states), None)
    return {
        "drug": name,
        "taken": first["taken"],
        "taken_as": first["taken_as"],
        "taken_questions": first["taken_questions"],
        "perhaps_taken": first["perhaps_taken"],
        "not_tolerated": avoided.get(name),
        "alternatives_not_tolerated": alternatives_not_tolerated(name, rows, avoided, groups),
        "action": first["action"],
        "label": first["label"],
        "labels": list(dict.fromkeys(row["label"] for row in leading)),
        "labels_with_medicines": list(dict.fromkeys(row["label_with_medicines"] for row in converted)),
        "priority": min([row["priority"] for row in leading] + [row["priority_with_medicines"] for row in converted]),
        "known": bool(settled),
        "actionable": min(settled, default=ACTIONABLE + 1) <= ACTIONABLE or warning in WARNED,
        "warning": warning,
        "also_carried": list(dict.fromkeys(row["also_carried"] for row in leading if row.get("also_carried"))),
        "medicines_open": any(row["medicines_open"] for row in leading),
        "bodies_differ": len({row["action"] for row in rows if row["action"] not in (NOT_KNOWN, "none")}) > 1,
        "leading": [{column: row.get(column) for column in SHOWN} for row in leading],
        "others": [{column: row.get(column) for column in SHOWN} for row in rows if not row["leading"]],
    }


def _order(drug: dict) -> tuple:
    return not drug["taken"], drug["warning"] not in WARNED, drug["priority"], drug["drug"]


def _warnings(drugs: list[dict], states: tuple[str, ...]) -> list[dict]:
    """Warnings in one of these states, one for each harm and state with the drugs and the genes it is about."""
    found: dict[tuple[str, str], dict] = {}
    for drug in drugs:
        if drug["warning"] not in states:
            continue
        for row in (*drug["leading"], *drug["others"]):
            if row["warning"] == drug["warning"]:
                key = states.index(row["warning"]), row["harm"]
                one = found.setdefault(key, {"state": row["warning"], "harm": row["harm"], "drugs": [], "genes": []})
                one["drugs"] += [drug["drug"]] * (drug["drug"] not in one["drugs"])
                for text in _genes(row):
                    one["genes"] += [text] * (text not in one["genes"])
    return [found[key] for key in sorted(found)]


def _genes(row: dict) -> list[str]:
    """The genes of a row, with their results where any is known."""
    pairs = list(zip(row["genes"].split("; "), row["phenotypes"].split("; "), strict=True))
    return [gene if row["warning"] == NOT_KNOWN else f"{gene}: {shown}" for gene, shown in pairs]


def summary_items(section: dict) -> list[tuple[str, str, str]]:
    """Kind, title and text for the summary of the report: the warnings, then what is taken: unusual or unknown."""
    items = []
    for one in section["warnings"]:
        items.append(("warning", one["harm"][:1].upper() + one["harm"][1:], ", ".join(one["drugs"])))
    for drug in section["taken"]:
        open_ = drug["medicines_open"] or drug["also_carried"] or not drug["known"]
        kind = "found" if drug["actionable"] else "not_assessable" if open_ else None
        if kind is not None:
            changed = drug["labels_with_medicines"]
            told = [
                " or ".join(drug["labels"]),
                *([f"with other medicines: {' or '.join(changed)}"] if changed else []),
                *([MEDICINES_OPEN] if drug["medicines_open"] else []),
                *([FUNCTION_MAY_BE_LOST] if drug["also_carried"] else []),
                *([CONFIRM] if drug["taken_questions"] else []),
            ]
            items.append((kind, f"{drug['drug']}, taken", "; ".join(told)))
    return items
