"""The table of findings: a row a person, variant and list that is to be reported."""

import polars as pl

from permed.findings.genotypes import HETEROPLASMIC
from permed.findings.inheritance import UNKNOWN
from permed.findings.lists import DIAGNOSTIC, SECONDARY
from permed.findings.pairs import DOUBTFUL, Copies, copies_affected
from permed.findings.rules import NO, POSSIBLE, YES, affects_the_person, reportable

LEADING = {
    **dict.fromkeys(("sample", "gene", "hgvs_c", "hgvs_p", "zygosity", "classification"), pl.String),
    "points": pl.Int64,
    **dict.fromkeys(("criteria", "condition", "inheritance", "reportable", "reason"), pl.String),
}
OF_VARIANT = {
    **{"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String, "key": pl.UInt64},
    **dict.fromkeys(("transcript", "consequence", "classified_by", "classification_reason"), pl.String),
    **dict.fromkeys(("clinvar_significance", "clinvar_conflicting", "clinvar_variation_id"), pl.String),
    **{"clinvar_stars": pl.Int64, "frequency_af": pl.Float64},
}
OF_ROW = {
    **{"list": pl.String, "copies": pl.String, "confirm": pl.Boolean, "confirm_reason": pl.String},
    **{"rule": pl.String, "list_source": pl.String, "list_version": pl.String},
    **{"rank": pl.Int64, "similarity": pl.Float64, "matched_terms": pl.String},
}
SCHEMA = {**LEADING, **OF_ROW, **OF_VARIANT}
ORDER = ("sample", "list", "gene", "contig", "pos", "ref", "alt")
ONE_COPY = "{conditions}: recessive, and one affected copy alone does not cause it"
TWO_COPIES = "{conditions}: recessive, and caused by these variants if they lie on different copies of the gene"
PATIENT_RULES = {
    "AD": "one affected copy is enough in the dominant form",
    "unknown": "the table of phenotypes does not say how the condition is inherited",
    "other": "its inheritance is given as {modes}: whether one affected copy causes it is for the physician to judge",
    "second": "one variant was found where two are needed; no second one was found among what was looked at",
    "XL": "X-linked, and one of two copies is affected: whether that causes it is for the physician to judge",
}


def by_gene(carriers: list[dict]) -> dict[tuple[str, str], list[dict]]:
    """Rows of carried variants by (sample, gene), in order."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in carriers:
        groups.setdefault((row["sample"], row["gene"]), []).append(row)
    return groups


def secondary_rows(carriers: list[dict], rules: dict[str, list[dict]]) -> list[dict]:
    """What a list of genes has reported of people who carry candidates; ``rules`` are the list's rows by gene.

    The conditions of a row are those that the list ties to the genotype; a recessive one is left to the reason where
    one copy is affected and the list reports the gene for another condition too.
    """
    rows = []
    for (_, gene), variants in by_gene(carriers).items():
        copies = copies_affected(variants)
        for variant in variants:
            answers = [(rule, *reportable(rule, variant, copies)) for rule in rules[gene]]
            best = next((level for level in (YES, POSSIBLE) if any(a[1] == level for a in answers)), NO)
            if best == NO:
                continue
            kept = [rule for rule, answer, _ in answers if answer == best]
            direct = [rule for rule in kept if best == POSSIBLE or affects_the_person(rule["inheritance"], copies)]
            reason = next(text for _, answer, text in answers if answer == best)
            if direct and len(direct) < len(kept):
                others = "; ".join(rule["condition"] for rule in kept if rule not in direct)
                text = TWO_COPIES if copies.kind == UNKNOWN else ONE_COPY
                reason += f". {text.format(conditions=others)}"
            rows.append(finding(variant, SECONDARY, best, reason, copies, direct or kept))
    return rows


def diagnostic_rows(carriers: list[dict], ranks: dict[str, dict[str, dict]]) -> list[dict]:
    """What people carry in genes of their own phenotypes; ``ranks`` has for each person the genes, as
    :meth:`~permed.findings.ranking.Ranking.rank` gives them."""
    rows = []
    for (sample, gene), variants in by_gene(carriers).items():
        about = ranks.get(sample, {}).get(gene)
        if about is None:
            continue
        copies = copies_affected(variants)
        for variant in variants:
            answer, reason = _fits(about["modes"], copies, variant)
            rule = {
                "condition": f"phenotype: {about['terms']}",
                "inheritance": "; ".join(about["modes"]) or None,
                "reportable_when": "phenotype",
                "source": about["source"],
                "version": None,
            }
            more = {"rank": about["rank"], "similarity": about["score"], "matched_terms": about["terms"]}
            rows.append(finding(variant, DIAGNOSTIC, answer, reason, copies, [rule]) | more)
    return rows


def findings_table(rows: list[dict]) -> pl.DataFrame:
    """Rows as a table with the columns of :data:`SCHEMA`, sorted."""
    full = [{name: row.get(name) for name in SCHEMA} for row in rows]
    return pl.DataFrame(full, schema=SCHEMA, orient="row").sort(ORDER)


def finding(variant: dict, name: str, answer: str, reason: str, copies: Copies, rules: list[dict]) -> dict:
    """A row of the table: of ``variant`` all it has, of ``rules`` (rows of the list ``name``) what they share."""

    def joined(column: str) -> str | None:
        return "; ".join(dict.fromkeys(rule[column] for rule in rules if rule[column])) or None

    return variant | {
        "list": name,
        "condition": joined("condition"),
        "inheritance": joined("inheritance"),
        "reportable": answer,
        "reason": reason,
        "copies": copies.kind,
        "rule": joined("reportable_when"),
        "list_source": joined("source"),
        "list_version": joined("version"),
    }


def _fits(modes: list[str], copies: Copies, variant: dict) -> tuple[str, str]:
    """Whether the affected copies explain a condition that is inherited so."""
    if copies.all:
        return YES, copies.of(variant)
    if copies.kind in (DOUBTFUL, HETEROPLASMIC):
        return POSSIBLE, copies.of(variant)
    if "AD" in modes:
        return YES, f"{copies.of(variant)}; {PATIENT_RULES['AD']}"
    if not modes:
        return POSSIBLE, f"{copies.of(variant)}; {PATIENT_RULES['unknown']}"
    if "XL" in modes:
        return POSSIBLE, PATIENT_RULES["XL"]
    if modes != ["AR"]:
        return POSSIBLE, f"{copies.of(variant)}; {PATIENT_RULES['other'].format(modes='; '.join(modes))}"
    return POSSIBLE, copies.of(variant) if copies.kind == UNKNOWN else PATIENT_RULES["second"]
