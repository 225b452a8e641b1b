"""The drugs of a therapeutic group in the order of what a person's results say of them."""

from permed.drugs.guidance import NOT_KNOWN

# Best first; what is not known cannot be ranked and comes last.
ORDER = "standard none caution monitor calculate increase reduce depends test alternative avoid contraindicated".split()
BETWEEN = "; "
FUNCTION_MAY_BE_LOST = "function may be lost by a variant beside the alleles"


def ranked_groups(rows: list[dict]) -> list[dict]:
    """Therapeutic groups with two or more members, from the advice rows of one person.

    Each has ``title`` and ``members``: ``drug``, ``action``, ``label``, ``taken``, ``reason`` and ``rank``, the same
    for members with the same action and None where nothing is known. A drug with several indications or populations
    stands where the gravest of them puts it, and one that other medicines make worse where those put it.
    """
    groups: dict[str, dict[str, dict]] = {}
    for row in rows:
        if not row["leading"]:
            continue
        for title in (row["groups"] or "").split(BETWEEN):
            own = groups.setdefault(title, {})
            if title and (row["drug"] not in own or _grade(row) > _grade(own[row["drug"]])):
                own[row["drug"]] = row
    return [
        {"title": title, "members": _members(list(own.values()))}
        for title, own in sorted(groups.items())
        if title and len(own) > 1
    ]


def _grade(row: dict) -> int:
    return _order(_stands(row)[0])


def _order(action: str) -> int:
    return len(ORDER) if action == NOT_KNOWN else ORDER.index(action)


def _stands(row: dict) -> tuple[str, str]:
    """Action and label that count for the order: the worse of those by genotype and with other medicines."""
    by_genotype = row["action"], row["label"]
    if not row["action_with_medicines"]:
        return by_genotype
    return max(by_genotype, (row["action_with_medicines"], row["label_with_medicines"]), key=lambda a: _order(a[0]))


def _members(rows: list[dict]) -> list[dict]:
    grades = sorted({_grade(row) for row in rows} - {_order(NOT_KNOWN)})
    return [_member(row, grades) for row in sorted(rows, key=lambda row: (_grade(row), row["drug"]))]


def _member(row: dict, grades: list[int]) -> dict:
    action, label = _stands(row)
    reason = row["reason"] if row["action"] == NOT_KNOWN else _reason(row)
    if row.get("also_carried"):
        reason = f"{reason}; {FUNCTION_MAY_BE_LOST}"
    if row["medicines_effect"]:
        reason = f"{reason.rstrip('.')}. {row['medicines_effect']}"
    return {
        "drug": row["drug"],
        "action": action,
        "label": label,
        "taken": row["taken"],
        "rank": None if action == NOT_KNOWN else grades.index(_grade(row)) + 1,
        "reason": reason,
    }


def _reason(row: dict) -> str:
    pairs = zip(row["genes"].split(BETWEEN), row["phenotypes"].split(BETWEEN), strict=True)
    return f"{', '.join(f'{gene} {phenotype}' for gene, phenotype in pairs)} ({row['body']})"
