"""ClinVar's classifications read term by term; never by a part of a word."""

import re

import polars as pl

GERMLINE = ~2  # of ClinVar's codes of origin, which add up, all but somatic
TERMS = {
    "pathogenic": "pathogenic",
    "likely pathogenic": "likely_pathogenic",
    "uncertain significance": "uncertain",
    "likely benign": "likely_benign",
    "benign": "benign",
}
_JOINT = {
    frozenset(("pathogenic", "likely_pathogenic")): "likely_pathogenic",
    frozenset(("benign", "likely_benign")): "likely_benign",
}
_UNSURE = ("low penetrance", "risk allele", "conflicting")
DISEASE = ("pathogenic", "likely_pathogenic")


def clinvar_class(significance: str | None) -> tuple[str | None, bool, str | None]:
    """The class that ClinVar's text amounts to, whether it speaks for disease, and why there is no class.

    ``Pathogenic/Likely pathogenic`` is likely pathogenic, the less certain of the two. Terms of low penetrance, of
    risk alleles, and conflicts have no class; further terms, such as drug response, are left aside.
    """
    if not significance:
        return None, False, None
    terms = [term.strip().lower() for term in re.split(r"[|/,;]", significance.replace("_", " "))]
    known = {TERMS[term] for term in terms if term in TERMS}
    speaks = any(term in TERMS and TERMS[term] in DISEASE for term in terms)
    for word in _UNSURE:
        if any(word in term for term in terms):
            return None, speaks or word != "risk allele", f"ClinVar says {significance}"
    if len(known) > 1:
        joint = _JOINT.get(frozenset(known))
        return joint, speaks, None if joint else f"ClinVar has several classes: {significance}"
    return next(iter(known), None), speaks, None if known else f"ClinVar has no class of the five: {significance}"


def clinvar_columns(sites: pl.DataFrame) -> list[pl.Series]:
    """``clinvar_class``, ``clinvar_speaks`` (for disease, or in conflict) and ``clinvar_note`` of each site.

    A variant of which ClinVar has only somatic observations has no class.
    """
    texts = sites["clinvar_significance"].unique().drop_nulls().sort().to_list()
    made = {text: clinvar_class(text) for text in texts}
    kinds = {"clinvar_class": pl.String, "clinvar_speaks": pl.Boolean, "clinvar_note": pl.String}
    somatic = {text: is_somatic_only(text) for text in sites["clinvar_origin"].unique().drop_nulls()}
    only = pl.col("clinvar_origin").replace_strict(somatic, default=False, return_dtype=pl.Boolean)
    out = []
    for number, (name, kind) in enumerate(kinds.items()):
        values = {text: row[number] for text, row in made.items()}
        column = pl.col("clinvar_significance").replace_strict(values, default=None, return_dtype=kind)
        if name == "clinvar_class":
            column = pl.when(~only).then(column)
        elif name == "clinvar_speaks":
            column = (column & ~only).fill_null(False)
        else:
            text = pl.lit("ClinVar has somatic observations only")
            column = pl.when(only & pl.col("clinvar_significance").is_not_null()).then(text).otherwise(column)
        out.append(sites.select(column.alias(name)).to_series())
    return out


def says_disease(min_stars: int) -> pl.Expr:
    """Whether ClinVar classifies a site pathogenic or likely so, with at least so many stars."""
    return pl.col("clinvar_class").is_in(DISEASE) & (pl.col("clinvar_stars") >= min_stars)


def is_somatic_only(origin: str) -> bool:
    """Whether ClinVar's origin (the sum of its codes; several joined by ``|``) is somatic and nothing else."""
    codes = [int(code) for code in origin.split("|") if code.isdigit()]
    return bool(codes) and all(code & 2 and not code & GERMLINE for code in codes)
