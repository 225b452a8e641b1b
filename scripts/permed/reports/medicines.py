"""The sheet's medicines as they were read, and what a person does not tolerate, beside the advice."""

import re
from collections.abc import Iterable

from permed.drugs.medicines.entry import ALLERGY, ASKED, COUNTED, NOTHING
from permed.drugs.taking import ACTING, GUIDANCE, NO_GUIDANCE, NOT_RECOGNISED
from permed.reports import drug_wording

INSTEAD = ("alternative", "avoid", "contraindicated")  # actions after which another member of the group is chosen
BETWEEN = "; "


def entry_section(entries: Iterable[dict]) -> list[dict]:
    """Each reading of the sheet: ``entry``, ``read``, ``kind``, ``kinds`` (sentences), ``questions``, ``asked``."""
    return [_entry(row) for row in entries if row["status"] != NOTHING]


def _entry(row: dict) -> dict:
    found = row["ingredients"] or row["possible"]
    read = None
    if found:
        names = " with ".join(row["ingredients"]) or " or ".join(row["possible"])
        route = [row["route"]] if row["route"] else []
        read = f"{names} ({', '.join([row['status'], *route])})"
    told = {
        GUIDANCE: drug_wording.HAS_GUIDANCE.format(drugs=", ".join(row["drugs"])),
        ACTING: drug_wording.ACTS.format(enzymes=", ".join(row["acts_on"])),
        NO_GUIDANCE: drug_wording.NO_GUIDANCE,
        NOT_RECOGNISED: drug_wording.NOT_RECOGNISED,
    }
    kinds = [told[kind] for kind in row["kinds"]]
    if row["not_looked_up"]:
        kinds.append(drug_wording.NOT_LOOKED_UP.format(enzymes=" and ".join(row["not_looked_up"])))
    if found and not row["counted"]:
        kinds.append(drug_wording.NOT_COUNTED)
    asked = row["sure"] == ASKED or (bool(row["questions"]) and row["status"] not in COUNTED)
    told_of = {"kind": row["kinds"][0], "kinds": kinds, "questions": list(row["questions"]), "asked": asked}
    return {"entry": row["entry"], "read": read, "status": row["status"], "route": row["route"], **told_of}


def not_tolerated(rows: Iterable[dict], entries: Iterable[dict]) -> dict[str, str]:
    """Each medicine that the person does not tolerate, with the entry that says so."""
    found = {row["drug"]: row["not_tolerated"] for row in rows if row["not_tolerated"]}
    for entry in entries:
        for name in entry["ingredients"] if entry["status"] == ALLERGY else ():
            found.setdefault(name, entry["entry"])
    return found


def alternatives_not_tolerated(
    drug: str, rows: list[dict], avoided: dict[str, str], groups_of: dict[str, set[str]]
) -> list[str]:
    """Medicines not tolerated that the advice on a drug names, or that its group offers where the drug is shunned.

    ``groups_of`` are the titles of the therapeutic groups of each drug.
    """
    texts = " ".join(row[name] or "" for row in rows for name in ("advice", "note", "also", "advice_with_medicines"))
    shunned = any({row["action"], row["action_with_medicines"]} & set(INSTEAD) for row in rows)
    offered = {name for name in avoided if shunned and groups_of[drug] & groups_of.get(name, set())}
    named = {name for name in avoided if re.search(rf"\b{re.escape(name)}\b", texts, re.IGNORECASE)}
    return [f'{name} ("{avoided[name]}")' for name in sorted((named | offered) - {drug})]


def groups_of_drugs(by_drug: dict[str, list[dict]]) -> dict[str, set[str]]:
    """The titles of the therapeutic groups of each drug, from its rows of advice."""
    return {
        drug: {title for row in rows for title in (row["groups"] or "").split(BETWEEN) if title}
        for drug, rows in by_drug.items()
    }


def with_allergies(groups: list[dict], avoided: dict[str, str]) -> list[dict]:
    """Groups of alternatives with ``not_tolerated`` at each member: the entry that says so, or None."""
    return [
        group | {"members": [one | {"not_tolerated": avoided.get(one["drug"])} for one in group["members"]]}
        for group in groups
    ]
