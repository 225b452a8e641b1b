"""Percentile and absolute risk of a person's score in words and numbers, the risk first."""

from permed.reports import score_wording as wording
from permed.reports.quality import MINUS, SPACE

OWN_COHORT = "this cohort"
SPANS = {
    "ten_year": ("absolute_risk", "population_risk", "risk_lower", "risk_upper", "risk_from", "risk_to"),
    "lifetime": (
        *("lifetime_risk", "lifetime_population_risk", "lifetime_lower", "lifetime_upper"),
        *("lifetime_from", "lifetime_to"),
    ),
}
COMBINED = {
    "ten_year": ("combined_risk", "combined_lower", "combined_upper"),
    "lifetime": ("lifetime_combined_risk", "lifetime_combined_lower", "lifetime_combined_upper"),
}
STANDING = (
    *("z", "z_norm1", "z_norm2", "percentile", "population", "population_probability"),
    *("reference_people", "reference_lower", "reference_sex", "reliability", "share_read"),
)
RANKED_BELOW = 100  # reference people: one of fewer is more than a percentile
FREE_OF_FULL = 0.995  # reliability above which the unread part is not worth a word


def standing(row: dict) -> dict:
    """Where the score lies, with the reason where nobody can say; ``row`` is one of the table of scores."""
    known = row.get("percentile") is not None
    return {
        "result": "found" if known else "not_assessable",
        **{name: row.get(name) for name in STANDING},
        "text": _percentile_text(row) if known else None,
        "place": _short_place(row) if known else None,
        "z_text": _z_text(row) if row.get("z") is not None else None,
        "reason": None if known else row.get("percentile_reason"),
    }


def risk(row: dict, history: str | None, phenotypes: str | None = None) -> dict | None:
    """The absolute risk with all that a reader has to know of it; None where no disease is meant.

    ``history`` and ``phenotypes`` are the cells ``family_history`` and ``phenotypes`` of the sample table.
    """
    if row.get("disease") is None and row.get("risk_reason") in (None, wording.NO_DISEASE):
        return None
    known = row.get("lifetime_risk") is not None
    disease = (row.get("disease") or "").replace("_", " ")
    spans = [span for name in SPANS if (span := _span(row, name, disease))] if known else []
    return {
        "result": "found" if known else "not_assessable",
        "disease": disease,
        "reason": None if known else row.get("risk_reason"),
        "spans": spans,
        "combined_with": row.get("combined_with"),
        "beside": row.get("beside"),
        "carried": row.get("carried"),
        "hazard_ratio": [row.get(name) for name in ("effect", "effect_lower", "effect_upper")] if known else None,
        "rates": row.get("rates"),
        "statements": _statements(row, history, phenotypes) if known else [],
    }


def _span(row: dict, name: str, disease: str) -> dict | None:
    own, population, lower, upper, start, end = (row.get(column) for column in SPANS[name])
    if own is None:
        return None
    said = wording.OF_THOUSAND.format(
        **{"sex": row["sex"], "start": start, "end": end, "disease": disease},
        **{"own": of_thousand(own), "population": of_thousand(population)},
    )
    combined = [row.get(column) for column in COMBINED[name]]
    title = wording.SPANS[name] if name != "ten_year" or end - start == 10 else wording.SHORTER
    return {
        **{"span": name, "title": title, "age_from": start, "age_to": end},
        **{"risk": own, "lower": lower, "upper": upper, "population_risk": population, "text": said},
        "combined": None if combined[0] is None else dict(zip(("risk", "lower", "upper"), combined, strict=True)),
    }


def _statements(row: dict, history: str | None, phenotypes: str | None) -> list[str]:
    """What the numbers rest on, and what they leave out."""
    carried = row.get("carried")
    said = [wording.CARRIED.format(genes=carried)] if carried else []
    said.append(_ancestry(row))
    if row.get("ten_year_reason"):
        said.append(wording.NO_TEN_YEARS.format(reason=row["ten_year_reason"]))
    if row.get("age") is None:
        said.append(wording.FROM_BIRTH.format(start=row["lifetime_from"]))
    elif row["age"] < row["lifetime_from"]:
        said.append(wording.BEFORE_RATES.format(start=row["lifetime_from"]))
    said.append(wording.FREE)
    if phenotypes:
        said.append(wording.NAMED.format(phenotypes=phenotypes.replace(";", "; ")))
    effect = {"effect": row["effect"], "lower": row["effect_lower"], "upper": row["effect_upper"]}
    said.append(wording.EFFECT.format(**effect, source=row.get("effect_source")))
    shares = [1 if row.get(name) is None else row[name] for name in ("reliability", "share_read")]
    unread = 1 - shares[0] * shares[1]
    match = wording.CARRIES_MATCH.format(unread=percent(unread)) if unread > 1 - FREE_OF_FULL else ""
    said.append(wording.CARRIES + match + wording.CARRIES_NOT)
    said.append(wording.LIFETIME_ENDS.format(end=row["lifetime_to"]))
    recorded = {"women": wording.RECORDED[row["sex"]], "sex": row["sex"]}
    said.append(wording.RATES.format(rates=row["rates"], source=row.get("rates_source"), **recorded))
    said.append(wording.HISTORY.format(history=history.replace(";", "; ")) if history else wording.NO_HISTORY)
    if not carried:
        said.append(wording.NONE_CARRIED)
    if row.get("beside"):
        said.append(wording.BESIDE.format(beside=row["beside"]))
    return said


def _ancestry(row: dict) -> str:
    if row.get("across_ancestries"):
        kind = wording.OTHER_ANCESTRY
    else:
        kind = wording.OWN_COHORT if row["population"] == OWN_COHORT else wording.SAME_ANCESTRY
    return kind.format(ancestry=row.get("effect_ancestry"), population=row["population"])


def _percentile_text(row: dict) -> str:
    said = _ranked(row) if row["reference_people"] < RANKED_BELOW else _placed(row)
    said += f" {wording.BY_SEX}" if row.get("reference_sex") else ""
    return f"{said} {wording.COHORT_MIXED}" if row["population"] == OWN_COHORT else said


def _ranked(row: dict) -> str:
    return wording.RANK.format(
        people=row["reference_people"], lower=row["reference_lower"] or "none", reference=reference_words(row)
    )


def _placed(row: dict) -> str:
    place, people = row["percentile"], row["reference_people"]
    if place <= 0:
        said = wording.LOWEST
    elif place >= 100:
        said = wording.HIGHEST
    else:
        said = wording.PLACE.format(share=rounded(place))
    return wording.PERCENTILE.format(
        percentile=rounded(place), people=f"{people:,}", reference=reference_words(row), place=said
    )


def _short_place(row: dict) -> str:
    if row["reference_people"] < RANKED_BELOW:
        return wording.CURVE_RANK.format(lower=row["reference_lower"], people=row["reference_people"])
    return wording.CURVE_PERCENTILE.format(percentile=rounded(row["percentile"]))


def reference_words(row: dict) -> str:
    """The people with whom a person is compared."""
    sex = wording.WITH_SEX.format(sex=row["reference_sex"]) if row.get("reference_sex") else ""
    if row["population"] == OWN_COHORT:
        return wording.OF_COHORT.format(sex=sex)
    chance = row.get("population_probability")
    probability = "" if chance is None else wording.PROBABILITY.format(probability=f"{chance:.2f}")
    return wording.OF_PANEL.format(population=row["population"], sex=sex, probability=probability)


def rounded(percentile: float) -> str:
    """A percentile as a whole number; the ends are said as below 1 and above 99."""
    return "below 1" if percentile < 1 else "above 99" if percentile > 99 else f"{percentile:.0f}"


def _z_text(row: dict) -> str:
    shown = {name: signed(row[name]) for name in ("z", "z_norm1", "z_norm2") if row.get(name) is not None}
    if len(shown) < 3:
        return wording.Z_ALONE.format(z=shown["z"])
    return wording.Z.format(z=shown["z"], z1=shown["z_norm1"], z2=shown["z_norm2"])


def signed(value: float) -> str:
    """A Z with its sign and two decimals."""
    return f"{value:+.2f}".replace("-", MINUS)


def percent(share: float) -> str:
    """A risk as a percentage with two significant digits, at most one decimal place of ten and more."""
    value = 100 * share
    digits = 0 if value >= 99.5 else 1 if value >= 10 else 1 if value >= 1 else 2
    return f"below 0.01{SPACE}%" if value < 0.01 else f"{value:.{digits}f}{SPACE}%"


def of_thousand(share: float) -> str:
    """How many of 1,000 people: a whole number, ``fewer than 1`` where it is none."""
    return "fewer than 1" if share < 0.0005 else f"{1000 * share:.0f}"
