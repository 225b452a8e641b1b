"""The drugs of a therapeutic group in the order of what a person's results say of them."""

from permed.drugs.guidance import NOT_KNOWN

# Best first; what is not known cannot be ranked and comes last.
ORDER = ("standard none monitor calculate increase reduce test alternative avoid contraindicated").split()
BETWEEN = "; "


def ranked_groups(rows: list[dict]) -> list[dict]:
    """Therapeutic groups with two or more members, from the advice rows of one person.

    Each has ``title`` and ``members``: ``drug``, ``action``, ``label``, ``taken``, ``reason`` and ``rank``, the same
    for members with the same action and None where nothing is known. A drug with several indications or populations
    stands where the gravest of them puts it.
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
    return len(ORDER) if row["action"] == NOT_KNOWN else ORDER.index(row["action"])


def _members(rows: list[dict]) -> list[dict]:
    grades = sorted({_grade(row) for row in rows if row["action"] != NOT_KNOWN})
    return [
        {
            "drug": row["drug"],
            "action": row["action"],
            "label": row["label"],
            "taken": row["taken"],
            "rank": None if row["action"] == NOT_KNOWN else grades.index(_grade(row)) + 1,
            "reason": row["reason"] if row["action"] == NOT_KNOWN else _reason(row),
        }
        for row in sorted(rows, key=lambda row: (_grade(row), row["drug"]))
    ]


def _reason(row: dict) -> str:
    pairs = zip(row["genes"].split(BETWEEN), row["phenotypes"].split(BETWEEN), strict=True)
    return f"{', '.join(f'{gene} {phenotype}' for gene, phenotype in pairs)} ({row['body']})"
