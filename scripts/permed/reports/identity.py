"""Whether a sample is the person's whose name it bears, without naming other people of the cohort.

A report goes to one person's physician. That somebody else's sample is the same, exchanged or related is theirs to
know, whose it is is not: names stay in the cohort's tables.
"""

from permed.reports import quality_wording
from permed.sexes import differ_in_y

# Kinds after which nobody may use a result, whatever the verdict.
IN_DOUBT = {"exchanged", "same_genotypes", "not_one_person", "transplant", "known_same", "known_other"}


def identity_result(pedigree: dict | None, sex: dict) -> dict:
    """Identity from a row of ``quality/pedigree.parquet`` and the result of the check of sex.

    ``result`` is ``found`` where genotypes and sample sheet disagree; what the sheet declares and the genotypes bear
    out is told. ``in_doubt``: use nothing until it is settled.
    """
    kinds, declared = (list((pedigree or {}).get(name) or []) for name in ("kinds", "declared"))
    verdict = (pedigree or {}).get("verdict")
    other_sex = sex["result"] == "found" and sex["reported"] is not None and _differs(sex)
    if kinds:
        result, reason = "found", " ".join(quality_wording.IDENTITY[kind] for kind in kinds)
    elif verdict == "pass":
        result, reason = "absent", " ".join(quality_wording.DECLARED[kind] for kind in declared) or None
    else:
        told = (pedigree or {}).get("reason")
        result, reason = "not_assessable", told or quality_wording.IDENTITY_UNKNOWN
    return {
        "result": result,
        "kinds": kinds,
        "reason": reason,
        "in_doubt": bool(other_sex or verdict == "fail" or IN_DOUBT & set(kinds)),
    }


def _differs(sex: dict) -> bool:
    """Whether one has a Y and the other none."""
    return differ_in_y(sex["reported"], sex["inferred"])


def without_names(text: str | None, pedigree: dict | None) -> str | None:
    """A text in which what kinship says of the sample is said without the names of others."""
    kinds, told = (pedigree or {}).get("kinds"), (pedigree or {}).get("reason")
    if not text or not told or not kinds:
        return text
    return text.replace(told, "; ".join(quality_wording.IDENTITY_SHORT[kind] for kind in kinds))
