"""Polygenic scores as a reader needs them: the sum, over how many variants, and what could not be scored."""

from permed.reports import wording
from permed.reports.quality import SPACE
from permed.reports.risk import risk, standing

COUNTS = ("variants", "matched", "match_rate", "ambiguous", "flipped", "absent", "not_scorable")
MORE_COUNTS = ("allele_mismatch", "duplicate", "reference", "poor_quality", "by_frequency")
LEADING = ("z", "percentile", "population", "absolute_risk", "population_risk")


def score_results(
    matches: list[dict],
    rows: list[dict],
    min_match: float | None,
    history: str | None = None,
    phenotypes: str | None = None,
) -> list[dict]:
    """One entry for each score of ``scores/matches.parquet``, in its order, for one person; those with a risk first.

    ``result`` is ``found`` where a sum was computed, else ``not_assessable`` with the reason.
    """
    own = {row["score"]: row for row in rows}
    entries = [_entry(match, own.get(match["score"], {}), min_match, history, phenotypes) for match in matches]
    return sorted(entries, key=lambda entry: not (entry["risk"] and entry["risk"]["result"] == "found"))


def _entry(match: dict, row: dict, min_match: float | None, history: str | None, phenotypes: str | None) -> dict:
    computed = row.get("sum") is not None
    return {
        "score": match["score"],
        "name": match.get("name"),
        "trait": match.get("trait"),
        "result": "found" if computed else "not_assessable",
        "reason": row.get("reason") or (None if computed else _why(match, row, min_match)),
        "status": row.get("status") or match.get("status"),
        "sum": row.get("sum"),
        "denominator": row.get("denominator"),
        "average": row.get("average"),
        "n_missing": row.get("n_missing"),
        "imputed": row.get("imputed"),
        **{name: match.get(name) for name in COUNTS},
        **{name: match[name] for name in MORE_COUNTS if match.get(name)},  # what did not happen is not told
        **{name: row.get(name) for name in LEADING},
        "risk": risk(row, history, phenotypes),
        "standing": standing(row),
        "licence": match.get("license"),
        "citation": match.get("citation"),
        **{name: match.get(name) for name in ("positions", "address", "sha256")},
    }


def _why(match: dict, row: dict, min_match: float | None) -> str:
    if match.get("reason"):
        return match["reason"]
    rate = match.get("match_rate")
    if rate is not None and min_match is not None and rate < min_match:
        return wording.SCORE_FEW.format(rate=percent(rate), minimum=percent(min_match))
    return wording.SCORE_FAILED if row else wording.NO_ROW


def percent(share: float) -> str:
    """A share as a percentage with one decimal place."""
    return f"{100 * share:.1f}{SPACE}%"


def not_scored(entry: dict) -> str | None:
    """What could not be scored, in words (``3 ambiguous``); None where everything was, or nothing is known."""
    parts = [f"{entry[name]:,} {text}" for name, text in wording.NOT_SCORED.items() if entry.get(name)]
    return ", ".join(parts) or None


def missing_genotypes(entry: dict) -> str | None:
    """How many matched variants have no genotype in this person and what they count as; None where all have one."""
    if not entry["n_missing"]:
        return None
    kind = wording.IMPUTED if entry["imputed"] else wording.NOT_IMPUTED
    return kind.format(n=f"{entry['n_missing']:,}", imputed=f"{entry['imputed'] or 0:,}")
