"""Calls of pharmacogenes as a reader needs them: what is found, what is absent, what cannot be said and why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from permed.reports import wording
from permed.reports.evidence import texts
from permed.reports.explanation import explanation, told
from permed.tables import read_table

OR = " OR "  # between equally good diplotypes, and between their phenotypes
THEN = ";"  # between alternatives
NONE = "n/a"
NOT_COMPUTED = "not computed"  # how the probabilities start where they are none
RELIABLE = ("called", "multiple")
USUAL, UNDETERMINED, DEPARTURE = "usual", "undetermined", "departure"
ANSWER = re.compile(r"^\*\S+ (positive|negative|not_assessable)\b")  # whether an HLA allele is there
ANSWERS = {"positive": DEPARTURE, "negative": USUAL, "not_assessable": UNDETERMINED}
OUTSIDE = "outside"  # origin of a call made elsewhere


@dataclass(frozen=True)
class Terms:
    """What phenotype terms mean, by (gene or empty, term in lower case), and notes by (gene, the same).

    ``of_variants`` are the notes that do not hold for calls made elsewhere.
    """

    meanings: dict[tuple[str, str], str]
    notes: dict[tuple[str, str], str]
    of_variants: set[tuple[str, str]] = field(default_factory=set)

    def meaning(self, gene: str, phenotype: str) -> str:
        """``usual``, ``undetermined`` or ``departure``. A term of no table is a departure, so that it is seen.

        Of several answers (``*57:01 positive; *58:01 negative``) the one that stands out most counts.
        """
        term = phenotype.lower()
        if ANSWER.search(term):
            answers = {ANSWERS.get(part.split()[-1], DEPARTURE) for part in texts(term, THEN)}
            return next(meaning for meaning in (DEPARTURE, UNDETERMINED, USUAL) if meaning in answers)
        return self.meanings.get((gene, term)) or self.meanings.get(("", term)) or DEPARTURE


def read_terms(phenotypes: Path, notes: Path) -> Terms:
    """Read the tables ``reports/phenotypes.tsv`` and ``reports/gene_notes.tsv``."""

    def by_gene_and_term(path: Path, value: str) -> dict[tuple[str, str], str]:
        rows = read_table(path).fill_null("").to_dicts()
        return {(row["gene"], row["phenotype"].lower()): row[value] for row in rows}

    origins = by_gene_and_term(notes, "origin")
    of_variants = {key for key, origin in origins.items() if origin == "variants"}
    return Terms(by_gene_and_term(phenotypes, "meaning"), by_gene_and_term(notes, "note"), of_variants)


def pharmacogene_results(calls: list[dict], terms: Terms, evidence: Iterable[dict] = ()) -> list[dict]:
    """One entry for each gene, sorted by gene; ``evidence`` has the rows of what the calls rest on.

    ``result`` answers whether there is a phenotype other than the usual one: ``found``, ``absent`` or
    ``not_assessable``. Only a ``called`` or ``multiple`` state gives a diplotype, score or phenotype; what else the
    matcher found stands in ``not_a_call``. A gene for research use is never found or absent: what its call did not see
    could change it.
    """
    rows: dict[str, list[dict]] = {}
    for row in evidence:
        rows.setdefault(row["gene"], []).append(row)
    ordered = sorted(calls, key=lambda call: call["gene"])
    return [_entry(call, terms, explanation(rows.get(call["gene"], []))) for call in ordered]


def _entry(call: dict, terms: Terms, explained: dict | None) -> dict:
    gene, state = call["gene"], call["state"]
    reliable = state in RELIABLE
    diplotypes = texts(call.get("diplotype"), OR)
    phenotypes = _distinct(texts(call.get("phenotype"), OR))
    scores = _distinct(texts(_score(call.get("activity_score")), OR))
    outside, contradicted = call.get("origin") == OUTSIDE, truth(call.get("contradicted"))
    if state == "multiple" and not outside and told(explained, "phenotype"):
        # The call's own phenotype is the gravest where several readings of the same variants are possible.
        phenotypes, scores = (_distinct(told(explained, name)) for name in ("phenotype", "activity_score"))
        scores = [score for score in scores if score.lower() != NONE]
    named = [term for term in phenotypes if term.lower() != NONE]
    # Where no alleles fit, a single position may still give the function; the call's reason then says so.
    has_phenotype = reliable or (state == "no_call" and bool(named))
    result, reason = _answer(gene, phenotypes, terms) if has_phenotype else ("not_assessable", None)
    research = truth(call.get("research"))
    if research and has_phenotype:
        result, reason = "not_assessable", wording.RESEARCH_REASON
    own = call.get("reason") or wording.STATE_REASONS.get(state)
    probabilities = call.get("probabilities") if reliable else None
    computed = probabilities is not None and not probabilities.startswith(NOT_COMPUTED)
    terms_told = ["", *(term.lower() for term in named)] if has_phenotype else [""]
    also = texts(call.get("also_carried"), THEN)
    if result == "absent" and (contradicted or also or _uncertain(call)):
        result, reason = "not_assessable", wording.ALSO_REASON if also else reason
    unfit = terms.of_variants if outside else set()
    keys = [(gene, term) for term in terms_told if (gene, term) in terms.notes and (gene, term) not in unfit]
    notes = [terms.notes[key] for key in keys]
    return {
        "gene": gene,
        "result": result,
        "state": state,
        "diplotype": OR.join(diplotypes) or None if reliable else None,
        "diplotypes": diplotypes if reliable else [],
        "activity_score": OR.join(scores) or None if has_phenotype else None,
        "phenotype": OR.join(named) or None if has_phenotype else None,
        "phenotypes_agree": len(phenotypes) == 1 and bool(named) if state == "multiple" else None,
        "alternatives": texts(call.get("alternatives"), THEN) if reliable else [],
        "probabilities": probabilities,
        "probabilities_assume": wording.PROBABILITIES_ASSUME if computed else None,
        "phase_source": call.get("phase_source"),
        "not_a_call": None if has_phenotype else _not_a_call(call, diplotypes, named),
        "missing_positions": texts(call.get("missing_positions"), ","),
        "reason": " ".join(_distinct([_sentence(text) for text in (own, reason) if text])) or None,
        "research": research,
        "research_combinations": texts(call.get("research_combinations"), THEN),
        "origin": call.get("origin"),
        "contradicted": contradicted,
        "also_carried": also,
        "note": " ".join(notes) or None,
        "source": call.get("source"),
        "table_version": call.get("table_version"),
        "function_version": call.get("function_version"),
        "phenotype_version": call.get("phenotype_version"),
        "evidence": explained,
    }


def _uncertain(call: dict) -> bool:
    """Whether the call says that its phenotype is not certain: then nothing is absent."""
    return call.get("phenotype_certain") is not None and not truth(call["phenotype_certain"])


def _answer(gene: str, phenotypes: list[str], terms: Terms) -> tuple[str, str | None]:
    meanings = {terms.meaning(gene, term) for term in phenotypes}
    if meanings == {DEPARTURE}:
        return "found", None
    if meanings == {USUAL}:
        return "absent", None
    if not meanings or all(term.lower() == NONE for term in phenotypes):
        return "not_assessable", wording.PHENOTYPE_UNASSIGNED
    if meanings == {UNDETERMINED}:
        return "not_assessable", wording.PHENOTYPE_UNDETERMINED.format(phenotype=" or ".join(phenotypes))
    return "not_assessable", wording.DIPLOTYPES_DIFFER


def _not_a_call(call: dict, diplotypes: list[str], phenotypes: list[str]) -> dict | None:
    """What the positions that were read would fit and what the missing ones could make of it; never a call.

    ``phenotype_of_all`` is the phenotype that every possibility gives, None where they differ.
    """
    alternatives = texts(call.get("alternatives"), THEN)
    if not diplotypes and not alternatives:
        return None
    return {
        "statement": wording.NOT_A_CALL,
        "positions_read_would_fit": diplotypes,
        "alternatives": alternatives,
        "phenotype_of_all": OR.join(phenotypes) or None if truth(call.get("phenotype_certain")) else None,
    }


def group_of(entry: dict) -> str:
    """The group in which a reader looks for an entry: a key of :data:`permed.reports.wording.GROUPS`."""
    if entry["result"] == "not_assessable" and (entry["state"] in RELIABLE or entry["phenotype"]):
        return "research" if entry["research"] else "undetermined"
    return entry["result"]


def truth(value) -> bool:
    """A flag from a table: a truth value or the words yes and no."""
    return value.lower() in ("yes", "true", "1") if isinstance(value, str) else bool(value)


def _score(value) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None or value.lower() == NONE else value
    return f"{value:g}" if value != int(value) else f"{value:.1f}"


def _distinct(items: list[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _sentence(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:] if not text[:2].startswith("rs") else text
    return text if text.endswith((".", "!", "?")) else f"{text}."
