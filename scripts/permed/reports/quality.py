"""Quality of one sample as a reader needs it: the verdict, each metric beside its limit, the check of sex."""

import re

from permed.quality.ancestry.results import OUTSIDE_PANEL
from permed.reports import quality_wording, wording
from permed.reports.evidence import texts
from permed.reports.identity import identity_result, without_names
from permed.sexes import ONE_X_ALONE, declared_karyotype, differ_in_y, fits

BELIEVED = "believed_rate"  # of all sites; with an ending of some
SHARES = {"call_rate", "contamination", *(name for name in wording.MORE_METRICS if name.startswith(BELIEVED))}
RATIOS = {"ti_tv", "het_hom_alt", "insertion_deletion", "het_balance"}
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"
BETWEEN_REASONS = re.compile(r";\s*(?![^(]*\))")  # not within the parenthesis that holds the evidence
_BETWEEN_UNKNOWN = re.compile(r";\s*(?=[^;:]+: )")


def quality_result(
    row: dict | None,
    thresholds: dict[str, float],
    *,
    depths: dict | None = None,
    ancestry: dict | None = None,
    pedigree: dict | None = None,
) -> dict:
    """The quality section of a report from a row of ``quality/samples.parquet``, and of the tables behind it.

    ``result`` of a metric answers whether it was flagged: ``found``, ``absent`` or ``not_assessable`` with its reason.
    """
    if row is None or row.get("status") is None:
        return {
            "result": "not_assessable",
            "status": None,
            "reasons": [wording.NO_QUALITY],
            "n_sites": None,
            "metrics": [],
            "sex": _sex({}, []),
            "identity": identity_result(None, _sex({}, [])),
            "ancestry": None,
        }
    reasons = _split(without_names(row.get("reasons"), pedigree), BETWEEN_REASONS)
    sure = _split((depths or {}).get("not_assessable"), _BETWEEN_UNKNOWN)
    unknown = [entry for entry in sure if not entry.startswith("chr")] + _split(
        row.get("not_assessable"), _BETWEEN_UNKNOWN
    )
    measured = row.get("call_rate") is not None
    names = _shown_metrics(row, depths)
    metrics = [_metric(name, row, reasons, unknown, thresholds) for name in names]
    sex = _sex(row, unknown)
    return {
        "result": "found" if row["status"] != "pass" else "absent" if measured else "not_assessable",
        "status": row["status"],
        "reasons": reasons,
        "n_sites": row.get("n_sites"),
        "metrics": [metric | _detail(metric, row, depths, ancestry) for metric in metrics],
        "sex": sex,
        "identity": identity_result(pedigree, sex),
        "ancestry": _ancestry(ancestry),
    }


def _shown_metrics(row: dict, depths: dict | None) -> list[str]:
    known = (quality_wording.DEPTH_NAMES if depths else {}).keys() | {n for n in row if row[n] is not None}
    return [*wording.METRICS, *(name for name in wording.MORE_METRICS if name in known)]


def _detail(metric: dict, row: dict, depths: dict | None, ancestry: dict | None) -> dict:
    """How a measure was taken and how certain it is: words, and the interval where there is one."""
    detail, interval, method = None, None, None
    if metric["metric"] == "contamination" and depths:
        method = depths.get("contamination_method")
        ends = (depths.get("contamination_low"), depths.get("contamination_high"))
        words = [quality_wording.CONTAMINATION_METHODS[method]] if method else []
        if None not in ends and metric["value"] is not None:
            interval = list(ends)
            low, high = (shown("contamination", end) for end in ends)
            words.insert(0, quality_wording.INTERVAL.format(space=SPACE, low=low, high=high))
            words.append(depths.get("contamination_reason"))
        detail = "; ".join(filter(None, words)) or None
    if metric["metric"] == "population" and ancestry and ancestry["state"] != "not_assessable":
        chance = ancestry["probability"]
        words = [] if chance is None else [quality_wording.PROBABILITY.format(probability=chance)]
        detail = "; ".join([*words, ancestry["reason"] or ""]).strip("; ")
    if metric["metric"].startswith(BELIEVED):
        detail = _causes(row.get(metric["metric"].replace(BELIEVED, "doubts")))
    return {"detail": detail, "interval": interval, "method": method}


def _causes(doubts: str | None) -> str:
    """What took genotypes out, in words, from a text such as ``low_quality 12; no_reads 3``."""
    if not doubts:
        return quality_wording.ALL_BELIEVED
    told = [cause.rpartition(" ") for cause in doubts.split("; ")]
    causes = [quality_wording.CAUSE.format(n=int(n), cause=wording.COLUMN_WORDS[name]) for name, _, n in told]
    return quality_wording.NOT_BELIEVED.format(causes=", ".join(causes))


def _ancestry(ancestry: dict | None) -> dict | None:
    """Similarity to the panel's populations, as numbers."""
    if ancestry is None:
        return None
    kept = ("population", "probability", "probabilities", "n_sites", "reason")
    return {"result": ancestry["state"]} | {name: ancestry.get(name) for name in kept}


def _metric(name: str, row: dict, reasons: list[str], unknown: list[str], thresholds: dict[str, float]) -> dict:
    label, meaning = (wording.METRICS | wording.MORE_METRICS)[name]
    value = row.get(name)
    flags = [reason for reason in reasons if reason.startswith(f"{name} ")]
    uncompared = [entry.partition(": ")[2] for entry in unknown if entry.startswith(f"{label}: ")]
    judged = value is not None and (flags or not uncompared)
    reason = "; ".join(flags if value is not None and flags else uncompared)
    reason = _why_unknown(label, name, unknown) if value is None else reason
    return {
        "metric": name,
        "label": label,
        "meaning": meaning,
        "value": value,
        "shown": _shown_population(value) if name == "population" else shown(name, value),
        "limit": limit(name, thresholds) if judged or value is None else None,
        "result": "not_assessable" if not judged else "found" if flags else "absent",
        "reason": reason or None,
    }


def _shown_population(value: str | None) -> str | None:
    return value if value in (None, OUTSIDE_PANEL) else quality_wording.MOST_SIMILAR.format(population=value)


def _why_unknown(label: str, name: str, unknown: list[str]) -> str:
    """Why a metric is not there: the entry ``metrics: reason`` that names it or all metrics, else a general reason."""
    named = quality_wording.DEPTH_NAMES.get(name)
    for entry in unknown:
        about, _, why = entry.partition(": ")
        if why and (
            about == named or name in about or label.split()[0].lower() in about.lower() or "all below" in about
        ):
            return why
    return wording.METRIC_REASONS.get(name, wording.METRIC_DEFAULT_REASON)


def _split(value, between: re.Pattern) -> list[str]:
    if value is None or not isinstance(value, str):
        return texts(value, ";")
    return [part for part in between.split(value) if part.strip()]


def _sex(row: dict, unknown: list[str]) -> dict:
    """Whether the genetic sex differs from the recorded one. NA means that it is not recorded, or not inferred."""
    reported, inferred = (_known(row.get(name)) for name in ("sex_reported", "sex_inferred"))
    if inferred is None:
        why = next((entry.partition(": ")[2] for entry in unknown if entry.startswith("sex: ")), None)
        result, reason = "not_assessable", f"{wording.SEX_UNKNOWN} {f'({why})' if why else ''}".strip()
    elif reported is None and inferred in ("XX", "XY", ONE_X_ALONE):
        result, reason = "not_assessable", wording.SEX_UNRECORDED
    elif any(fits(one, inferred) for one in (*declared_karyotype(row.get("karyotype")), reported or "")):
        result, reason = "absent", None
    else:
        text = wording.SEX_UNUSUAL if reported is None else wording.SEX_NUMBER
        text = wording.SEX_MISMATCH if reported and differ_in_y(reported, inferred) else text
        result, reason = "found", text.format(inferred=wording.SEX_NAMES.get(inferred, inferred), reported=reported)
    evidence = plain(row.get("sex_evidence") or "") or None if inferred else None
    return {"result": result, "reported": reported, "inferred": inferred, "reason": reason, "evidence": evidence}


def _known(value: str | None) -> str | None:
    return None if value in (None, "", "NA") else value


def plain(reason: str) -> str:
    """A reason with the columns' names in words: ``Call rate 0.91 is below 0.95``."""
    for name, words in wording.COLUMN_WORDS.items():
        reason = re.sub(rf"\b{name}\b", words, reason)
    return (reason[:1].upper() + reason[1:]).replace(" -", f" {MINUS}")


def shown(name: str, value) -> str | None:
    """A metric's value with its unit, as it is printed; None stays None."""
    if value is None or isinstance(value, str):
        return value
    if name in SHARES:
        return f"{100 * value:.2f}{SPACE}%"
    if name in ("n_singleton", "mean_gq", "mean_depth"):
        return f"{value:.0f}" if name == "n_singleton" else f"{value:.1f}"
    return f"{value:.2f}" if name in RATIOS else f"{value:.4f}".replace("-", MINUS)


def limit(name: str, thresholds: dict[str, float]) -> str | None:
    """A metric's limits in words, as configured; None where there are none or the configuration is not given."""
    needed = {
        "call_rate": ("warn_call_rate", "fail_call_rate"),
        "het_rate": ("het_rate_deviations",),
        "inbreeding": ("max_inbreeding",),
        "ti_tv": ("min_ti_tv", "max_ti_tv"),
        "contamination": ("warn_contamination", "fail_contamination"),
        BELIEVED: ("warn_believed_rate",),
        "mean_depth": ("min_mean_depth",),
        "mean_gq": ("min_mean_gq",),
        "het_balance": ("min_het_balance",),
        "het_hom_alt": ("max_het_hom_alt",),
    }.get(BELIEVED if name.startswith(BELIEVED) else name, ())
    if not needed or any(thresholds.get(key) is None for key in needed):
        return None
    values = [thresholds[key] for key in needed]
    if name.startswith(BELIEVED):
        return f"at least {100 * values[0]:g}{SPACE}%"
    if name in SHARES:
        warn, fail = (f"{100 * value:g}{SPACE}%" for value in values)
        return f"at least {warn}; fails below {fail}" if name == "call_rate" else f"up to {warn}; fails above {fail}"
    if name in ("mean_depth", "mean_gq", "het_balance"):
        return f"at least {values[0]:g}"
    if name == "het_hom_alt":
        return f"up to {values[0]:g}"
    if name == "het_rate":
        return f"within {values[0]:g} deviations of the cohort"
    if name == "inbreeding":
        return f"from {MINUS}{values[0]:g} to {values[0]:g}"
    return f"from {values[0]:g} to {values[1]:g}"
