"""Which genotypes of a gene are to be reported, by the rule that its list gives."""

import re

from permed.findings.genotypes import HEMIZYGOUS, HOMOZYGOUS
from permed.findings.inheritance import UNKNOWN
from permed.findings.pairs import DOUBTFUL, MEANING, Copies
from permed.null_variants import ends_early

YES, POSSIBLE, NO = "yes", "possible", "no"
PATHOGENIC = ("pathogenic", "likely_pathogenic")
_TWO_NEEDED = "two affected copies are needed"


def reportable(rule: dict, variant: dict, copies: Copies) -> tuple[str, str]:
    """Whether a variant of a person is to be reported by a rule, and why: ``yes``, ``possible`` or ``no``.

    ``rule`` is a row of a list, ``variant`` has ``zygosity``, ``consequence`` and ``hgvs_p``, ``copies`` tells what all
    variants of the gene do to its copies.
    """
    when = rule["reportable_when"]
    if rule["only_hgvs_p"] and protein_change(variant["hgvs_p"]) != rule["only_hgvs_p"]:
        return NO, f"only {rule['only_hgvs_p']} is reported of this gene"
    if when == "homozygous":
        every = variant["zygosity"] in (HOMOZYGOUS, HEMIZYGOUS)
        return (YES, MEANING[variant["zygosity"]]) if every else (NO, "reported only where both copies carry it")
    if when == "truncating" and not ends_early(variant["consequence"]):
        return NO, "only variants that end the protein early are reported of this gene"
    if copies.kind == DOUBTFUL:
        return POSSIBLE, copies.of(variant)
    if when in ("biallelic", "hemizygous_or_biallelic"):
        if copies.all:
            return YES, copies.of(variant)
        return (POSSIBLE if copies.kind == UNKNOWN else NO), f"{copies.of(variant)}; {_TWO_NEEDED}"
    return YES, copies.of(variant)


def affects_the_person(inheritance: str, copies: Copies) -> bool:
    """Whether a condition inherited so is to be expected where these copies are affected."""
    return inheritance != "AR" or copies.all


def is_candidate(variant: dict, rules: list[dict]) -> bool:
    """Whether a variant counts for a gene with these rules: pathogenic or likely so, or named by the list itself."""
    if variant["classification"] in PATHOGENIC:
        return True
    named = {rule["only_hgvs_p"] for rule in rules} - {None}
    return bool(named) and protein_change(variant["hgvs_p"]) in named


def protein_change(hgvs_p: str | None) -> str | None:
    """``p.Cys282Tyr`` from any spelling: with an accession before it, or in brackets as a prediction."""
    return None if hgvs_p is None else re.sub(r"[()]", "", hgvs_p.rpartition(":")[2])
