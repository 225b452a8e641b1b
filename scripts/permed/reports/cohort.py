"""The content of the cohort's page and its tables."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import polars as pl

from permed.reports import quality_wording, score_wording, wording
from permed.reports.evidence import Context
from permed.reports.findings import state_counts
from permed.reports.pharmacogenes import NONE, RELIABLE, truth
from permed.reports.quality import BETWEEN_REASONS, plain, shown
from permed.reports.scatter import Plot
from permed.reports.suppression import protect
from permed.tables import read_table

LEADING = {
    "quality": (
        "sample status reasons call_rate het_rate inbreeding ti_tv sex_reported sex_inferred contamination population"
    ).split(),
    "kinship": "sample1 sample2 n_sites ibs0 kinship relation".split(),
    "pharmacogenes": (
        "sample gene state diplotype activity_score phenotype alternatives missing_positions reason"
    ).split(),
    "drugs": "sample drug genes phenotypes action dose_factor strength source taken".split(),
    "findings": (
        "sample gene hgvs_c hgvs_p zygosity classification points criteria condition inheritance reportable reason"
    ).split(),
    "scores": (
        "sample score sum denominator average z percentile population absolute_risk population_risk status"
    ).split(),
    "score_matches": "score variants matched match_rate ambiguous flipped absent not_scorable status".split(),
}
# Columns of the advice in the cohort's table; its sentences and sources are in the Parquet table and the reports.
ADVICE = [
    *LEADING["drugs"],
    *"body population leading status dose possible warning harm reason".split(),
    *"medicines_effect phenotypes_with_medicines action_with_medicines".split(),
]
PURPOSE = {"pharmacogenes": "pharmacogenes", "drugs": "pharmacogenes", "scores": "scores"}
BETWEEN = {"missing_positions": ",", "reasons": "; "}
MEASURES = {*wording.COLUMN_WORDS, *wording.METRICS}
COUNTS = (
    "read kept split trimmed left_aligned duplicates overlapping_deletion reference_blocks symbolic filtered "
    "ref_mismatch unchecked"
).split()


def cohort_table(name: str, frame: pl.DataFrame, consents: dict[str, frozenset[str]]) -> pl.DataFrame:
    """A stage's table for people: fixed columns first, lists as text, only people who agreed."""
    leading = LEADING[name]
    if name in PURPOSE:
        frame = frame.filter(pl.col("sample").is_in(list(consents.get(PURPOSE[name], ()))))
    frame = frame.with_columns(
        pl.lit(None, pl.String).alias(column) for column in leading if column not in frame.columns
    )
    lists = [column for column, kind in frame.schema.items() if kind == pl.List(pl.String)]
    frame = frame.with_columns(pl.col(column).list.join(BETWEEN.get(column, "; ")) for column in lists)
    frame = frame.with_columns(pl.col(pl.String).replace("", None), pl.col(pl.Float32, pl.Float64).fill_nan(None))
    return frame.select(*leading, *(column for column in frame.columns if column not in leading))


def read_advice(path: Path | None) -> pl.DataFrame | None:
    """The columns of the advice that the cohort's table shows; None where there is no advice."""
    return None if path is None else pl.scan_parquet(path).select(ADVICE).collect()


def cohort_page(
    context: Context,
    checked: dict,
    quality: pl.DataFrame,
    reports: dict[str, str],
    variant_counts: list[dict],
    plots: list[Plot],
    *,
    kinship: pl.DataFrame | None = None,
    pedigree: pl.DataFrame | None = None,
    calls: pl.DataFrame | None = None,
    matches: pl.DataFrame | None = None,
    scores: pl.DataFrame | None = None,
    consequences: list[tuple[str, int]] | None = None,
    gene_states: pl.DataFrame | None = None,
    minimum: int = 5,
) -> dict:
    """Everything that the page shows. ``reports`` has for each person the path of the report from the page.

    ``plots`` are the pictures of quality, from :mod:`permed.reports.plots`.
    """
    held, failed = _withheld(quality), set(quality.filter(pl.col("status") == "fail")["sample"])
    return {
        "statement": wording.STATEMENT,
        "build": context.build,
        "build_short": context.build_short,
        "absent_sites": context.absent_sites,
        "absent_sites_short": context.absent_sites_short,
        "absent_sites_statement": context.absent_sites_statement,
        "reference_checked": context.reference_checked,
        "reference_short": context.reference_short,
        "reference_statement": context.reference_statement,
        "notes": [note for note in checked.get("notes") or [] if isinstance(note, str)],
        "people": _people(context, checked, reports),
        "quality": _quality(quality, reports, pedigree),
        "plots": plots,
        "minimum": minimum,
        "withheld": _among(held, context),
        "failed_counted": _among(failed - held, context),
        "exceptions": _exceptions(kinship),
        "genes": None if calls is None else phenotype_counts(calls, context.consents, minimum, held),
        "gene_states": None if gene_states is None else state_counts(gene_states, minimum, held),
        "matches": None if matches is None else matches.to_dicts(),
        "distributions": None if scores is None else score_distributions(scores, context.consents, minimum),
        "min_match": context.min_match,
        "thresholds": context.thresholds,
        "count_names": [n for n in COUNTS if any(n in row for row in variant_counts)],
        "variants": variant_counts,
        "consequences": consequences,
        "software": context.software,
        "sources": context.sources,
    }


def phenotype_counts(
    calls: pl.DataFrame, consents: dict[str, frozenset[str]], minimum: int, withheld: Collection[str] = ()
) -> list[dict]:
    """How many people have which phenotype, by gene, with small counts suppressed.

    Every person who agreed is in one category: a phenotype, several possible, or no result. Those whose results are
    ``withheld`` are in none: their genes were not looked at.
    """
    agreed = consents.get("pharmacogenes", frozenset()).difference(withheld)
    calls = calls.filter(pl.col("sample").is_in(list(agreed)))
    research = set()
    if "research" in calls.columns:
        research = {gene for gene, flag in calls.select("gene", "research").unique().iter_rows() if truth(flag)}
    counts: dict[str, Counter] = {}
    for gene, state, phenotype in calls.select("gene", "state", "phenotype").iter_rows():
        counts.setdefault(gene, Counter())[_category(state, phenotype)] += 1
    rows = []
    for gene in sorted(counts):
        texts = protect(counts[gene], minimum)
        cells = None if texts is None else [(name, texts[name]) for name in sorted(texts, key=_order)]
        rows.append({"gene": gene, "research": gene in research, "cells": cells})
    return rows


def score_distributions(scores: pl.DataFrame, consents: dict[str, frozenset[str]], minimum: int) -> list[dict]:
    """How many people's percentiles lie in which fifth, by score and most similar population, small counts suppressed.

    Of each score and population every person with a sum is in one category: a fifth, or no percentile.
    """
    if not {"percentile", "population"} <= set(scores.columns):
        return []
    known = scores.filter(pl.col("sample").is_in(list(consents.get("scores", ()))), pl.col("sum").is_not_null())
    place = pl.col("percentile").fill_nan(None)
    known = known.with_columns(place=(place / 20).floor().clip(0, 4).cast(pl.Int64), population=pl.col("population"))
    rows = []
    for (score, population), people in known.group_by("score", "population", maintain_order=True):
        counts = Counter(score_wording.NO_PLACE if at is None else score_wording.FIFTHS[at] for at in people["place"])
        texts = protect(counts, minimum)
        names = (*score_wording.FIFTHS, score_wording.NO_PLACE)
        cells = None if texts is None else [texts.get(name, "0") for name in names]
        rows.append({"score": score, "population": population or wording.NOT_RECORDED, "cells": cells})
    return rows


def _category(state: str, phenotype: str | None) -> str:
    known = phenotype if phenotype and phenotype.lower() != NONE else None
    if state in RELIABLE:
        return wording.SEVERAL if known and " OR " in known else known or wording.NO_PHENOTYPE
    if state == "no_call" and known:
        return known
    return wording.STATES.get(state, state)


def _order(name: str) -> tuple:
    last = [wording.SEVERAL, wording.NO_PHENOTYPE, wording.STATES["no_call"], wording.STATES["not_assessable"]]
    return (last.index(name) + 1 if name in last else 0, name)


def _people(context: Context, checked: dict, reports: dict[str, str]) -> dict:
    people = checked.get("people") or {}
    agreed = len(context.consents["any"])
    sheet = people.get("sheet")
    left_out = people.get("consent_none", sheet - agreed if isinstance(sheet, int) else None)
    others = people.get("not_in_sheet", people.get("in_files_not_in_sheet"))
    return {
        "sheet": sheet,
        "agreed": agreed,
        "left_out": left_out,
        "not_in_sheet": len(others) if isinstance(others, list) else others,
        "reports": len(reports),
        "purposes": [(name, len(context.consents.get(name, ()))) for name in wording.PURPOSES],
    }


def _quality(quality: pl.DataFrame, reports: dict[str, str], pedigree: pl.DataFrame | None) -> dict:
    statuses = Counter(quality["status"].to_list())
    reasons: Counter = Counter()
    findings = {} if pedigree is None else {row["sample"]: row for row in pedigree.iter_rows(named=True)}
    rows = []
    for row in quality.iter_rows(named=True):
        own = [text for text in BETWEEN_REASONS.split(_text(row["reasons"])) if text]
        reasons.update(_flags(own, findings.get(row["sample"])))
        metrics = {name: shown(name, row.get(name)) for name in quality_wording.LISTED_METRICS}
        rows.append(
            {
                "sample": row["sample"],
                "report": reports.get(row["sample"]),
                "status": row["status"],
                "reasons": "; ".join(plain(text) for text in own),
                "sex": " / ".join(row.get(name) or "NA" for name in ("sex_reported", "sex_inferred")),
                **metrics,
            }
        )
    return {
        "statuses": [(status, statuses.get(status, 0)) for status in wording.QUALITY_STATUS],
        "reasons": sorted(reasons.items(), key=lambda item: (-item[1], item[0])),
        "failed": [row for row in rows if row["status"] == "fail"],
        "rows": rows,
    }


def _flags(reasons: list[str], pedigree: dict | None) -> set[str]:
    """What a sample is flagged for, without values and names: measures, and the kinds of what kinship says."""
    told = BETWEEN_REASONS.split(_text(pedigree["reason"])) if pedigree else []
    flags = {quality_wording.IDENTITY_FLAGS[kind] for kind in (pedigree["kinds"] if pedigree else [])}
    for text in (text for text in reasons if text not in told):
        measure = text.split()[0]
        flags.add(plain(measure if measure in MEASURES else text.partition(":")[0]))
    return flags


def _withheld(quality: pl.DataFrame) -> set[str]:
    """The people who get no result as their sample failed."""
    if "withheld" not in quality.columns:
        return set()
    return set(quality.filter(pl.col("withheld").is_not_null())["sample"])


def _among(people: set[str], context: Context) -> dict[str, int]:
    """How many of some people agreed to a purpose, and so to its results."""
    return {name: len(people & context.consents.get(name, frozenset())) for name in ("pharmacogenes", "scores")}


def _exceptions(kinship: pl.DataFrame | None) -> list[dict]:
    """Pairs that are not as the sheet says, the closest first."""
    if kinship is None or "agrees" not in kinship.columns:
        return []
    return kinship.filter(pl.col("agrees").eq(False)).sort("kinship", descending=True, maintain_order=True).to_dicts()


def _text(value) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else "; ".join(value)


def read_reports(indexes: list[Path]) -> dict[str, str]:
    """Each person's report as a path from the page, HTML before JSON, from the batch indexes."""
    found: dict[str, str] = {}
    for index in indexes:
        for sample, path in read_table(index).select("sample", "path").iter_rows():
            if sample not in found or path.endswith(".html"):
                found[sample] = f"../{path}"
    return found


def count_consequences(paths: list[Path]) -> list[tuple[str, int]]:
    """Consequences with the number of variants, the most frequent first."""
    if not paths:
        return []
    frames = [pl.scan_parquet(path).select(pl.col("consequence").cast(pl.String)) for path in paths]
    counted = pl.concat(frames).group_by("consequence").len().collect()
    return sorted(((name or "none", n) for name, n in counted.iter_rows()), key=lambda row: (-row[1], row[0]))
