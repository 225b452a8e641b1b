"""Rows for what was called elsewhere: they stand over our own calls, and the reason says from where they are."""

from collections.abc import Callable, Iterable
from functools import cache

import polars as pl

from permed.pharmacogenes import names
from permed.pharmacogenes.copies import phenotypes_of_score
from permed.pharmacogenes.known import KnownGene, Translated
from permed.pharmacogenes.outside import hla
from permed.pharmacogenes.outside.lines import OutsideCall
from permed.pharmacogenes.phenotypes import AT_LEAST, NOT_AVAILABLE, least

OUTSIDE = "outside"  # origin of such a call; one from the genotypes has ``variants``
VERSIONS = ("table_version", "definition_version", "function_version", "phenotype_version")
HLA_METHOD = (
    "Small variants do not tell HLA types: typing from reads or a laboratory, to two fields, is needed, given in "
    "pharmacogenes.outside_calls."
)
NO_TYPING = "Ask for another typing."
NOT_IN_ITS_PLACE = (
    "The genotypes of the variants do not stand in its place: ask for another call, or take the line out to use them "
    "alone."
)


def with_outside(own: pl.DataFrame, calls: list[OutsideCall], gene: KnownGene) -> pl.DataFrame:
    """One gene's calls from variants with those made elsewhere in their place; ``calls`` are of that gene."""
    return _replaced(own, calls, lambda row, lines: _row(row, lines, gene))


def with_typing(own: pl.DataFrame, calls: list[OutsideCall], guided: list[str]) -> pl.DataFrame:
    """The rows of an HLA gene (:func:`unanswered`) with answers for everybody whose typing is among ``calls``."""
    return _replaced(own, calls, lambda row, lines: _hla_row(row, lines, guided))


def unanswered(samples: list[str], gene: str, version: str, schema: dict) -> pl.DataFrame:
    """A row for each person of an HLA gene without typing: not assessable, and what is needed.

    ``version`` is that of the table of HLA alleles, ``schema`` that of the calls.
    """
    blank = dict.fromkeys(schema) | {
        "gene": gene,
        "state": "not_assessable",
        "phenotype_certain": False,
        "research": False,
        "contradicted": False,
        "table_version": version,
        "reason": HLA_METHOD,
    }
    return pl.DataFrame([blank | {"sample": sample} for sample in samples], schema=schema, orient="row")


def _replaced(own: pl.DataFrame, calls: list[OutsideCall], answer: Callable[[dict, list], dict]) -> pl.DataFrame:
    lines: dict[str, list[OutsideCall]] = {}
    for call in sorted(calls, key=lambda call: call.line):
        lines.setdefault(call.sample, []).append(call)
    theirs = pl.col("sample").is_in([*lines])
    rows = [answer(row, lines[row["sample"]]) for row in own.filter(theirs).iter_rows(named=True)]
    return pl.concat([own.filter(~theirs), pl.DataFrame(rows, schema=own.schema, orient="row")])


def _row(own: dict, calls: list[OutsideCall], gene: KnownGene) -> dict:
    lines = [call for call in calls if not call.no_result]
    if not lines or any(call.unread for call in lines):
        return _unanswered(own, calls)
    answers = [_answer(line, gene) for line in lines]
    labels = names.distinct([a["label"] for a in answers if a["label"]])
    lookups = names.distinct([a["lookup"] for a in answers if a["lookup"]])
    phenotypes = names.distinct([phenotype for a in answers for phenotype in a["phenotypes"]])
    scores = names.distinct([a["score"] for a in answers if a["score"]])
    outcomes = {(a["label"], a["score"], tuple(a["phenotypes"])) for a in answers}
    several = len(outcomes) > 1 or len(phenotypes) > 1
    contradicted = any(a["contradiction"] for a in answers)
    read = names.distinct([said for line in lines for said in line.said])
    reason = [
        _source(calls),
        *_no_results(calls),
        *read,
        *names.distinct([said for a in answers for said in a["said"]]),
    ]
    return _blank(own) | {
        "state": "multiple" if several else "called",
        "diplotype": names.OR.join(labels) or None,
        "activity_score": names.OR.join(scores) or None,
        "phenotype": names.OR.join(phenotypes) or None,
        "reason": " ".join([*reason, *_own_call(own, lookups, phenotypes)]),
        "lookup_diplotype": names.OR.join(lookups) or None,
        "phenotype_certain": len(phenotypes) == 1
        and not contradicted
        and not any(line.doubted for line in lines)
        and not _contradicts(own, lookups, phenotypes),
        "contradicted": contradicted,
    }


def _unanswered(own: dict, calls: list[OutsideCall]) -> dict:
    """The row where the caller says that it has no result, or a line cannot be read: our own call does not step in."""
    unread = [f"Line {call.line} of {call.file} cannot be read: {call.unread}." for call in calls if call.unread]
    then = NO_TYPING if own["origin"] is None else NOT_IN_ITS_PLACE
    reason = [_source(calls), *_no_results(calls), *names.distinct(unread), then]
    return _blank(own) | {
        "state": "not_assessable",
        "reason": " ".join([*reason, *_own_call(own, [])]),
        "phenotype_certain": False,
    }


def _no_results(calls: list[OutsideCall]) -> list[str]:
    return [f"Line {call.line} of {call.file} says {call.no_result}: no result." for call in calls if call.no_result]


def _answer(line: OutsideCall, gene: KnownGene) -> dict:
    """What one line says, by the tables where they know its diplotype, else by its own word."""
    found = _translated(gene, line.strands) if line.strands else None
    score, phenotypes, said, contradiction = None, [], [], False
    if found:
        score, phenotypes = found.score, list(found.phenotypes)
        if not set(phenotypes) - {NOT_AVAILABLE}:
            phenotypes = [line.phenotype] if line.phenotype else phenotypes
            said.append(_no_table(found.label, line))
        if len(phenotypes) > 1:
            said.append("The count of copies is not known: every phenotype that can follow is listed.")
    elif line.score:
        score, phenotypes = line.score, phenotypes_of_score(line.score, gene.bands)
        said.append("No diplotype is given.")
    else:
        phenotypes = [line.phenotype]
        said.append("No diplotype is given.")
    if line.phenotype and line.phenotype not in phenotypes:
        contradiction = True
        said.append(_contradiction(f"the phenotype {line.phenotype}", found, phenotypes))
    if found and line.score and found.score and not _agree(line.score, found.score):
        contradiction = True
        said.append(_contradiction(f"the activity score {line.score}", found, [found.score]))
    return {
        "label": found.label if found else None,
        "lookup": found.lookup if found else None,
        "score": score,
        "phenotypes": phenotypes,
        "said": said,
        "contradiction": contradiction,
    }


@cache
def _translated(gene: KnownGene, strands: tuple[tuple[str, ...], ...]) -> Translated:
    return gene.translate(list(strands))


def _agree(stated: str, ours: str) -> bool:
    if NOT_AVAILABLE in (stated, ours):
        return stated == ours
    open_ended = ours.startswith(AT_LEAST) and least(stated) >= least(ours)
    return stated == ours or open_ended


def _no_table(label: str, line: OutsideCall) -> str:
    whose = "it is as the file states" if line.phenotype else "the file states none"
    return f"The tables have no phenotype for {label}; {whose}."


def _contradiction(stated: str, found: Translated | None, ours: list[str]) -> str:
    of = f" for {found.label}" if found else " for the activity score"
    return (
        f"The file states {stated}, which contradicts the tables ({names.OR.join(ours)}{of}): settle this before use."
    )


def _source(lines: list[OutsideCall]) -> str:
    places = names.distinct([f"{line.file} line {line.line}" for line in lines])
    return f"Called elsewhere: {', '.join(places)}."


def _contradicts(own: dict, lookups: list[str], phenotypes: list[str]) -> bool:
    """Whether our own call is certain of a phenotype that is none of those called elsewhere.

    A gene for research says nothing by its variants: they do not see what its call rests on.
    """
    ours = own["lookup_diplotype"] or own["diplotype"]
    settled = own["state"] == "called" and own["phenotype_certain"] and not own["research"] and own["phenotype"]
    told = set(phenotypes) - {None, NOT_AVAILABLE}
    return bool(settled and told and ours not in lookups and own["phenotype"] not in told)


def _own_call(own: dict, lookups: list[str], phenotypes: Iterable[str] = ()) -> list[str]:
    """Our own call from variants where it is another one."""
    ours = own["lookup_diplotype"] or own["diplotype"]
    if not ours or set(ours.split(names.OR)) == set(lookups):
        return []
    shown = own["diplotype"] or ours
    if _contradicts(own, lookups, list(phenotypes)):
        return [
            f"The variants gave {shown}, {own['phenotype']}, which contradicts the call made elsewhere: settle this "
            "before use."
        ]
    if own["state"] == "called":
        return [f"The variants gave {shown}."]
    if own["state"] == "multiple":
        return [f"The variants gave {shown}, equally well."]
    return [f"The variants that were read would fit {shown}, which is not a call."]


def _blank(own: dict) -> dict:
    kept = {name: own[name] for name in ("sample", "gene", *VERSIONS)}
    return dict.fromkeys(own) | kept | {"research": False, "origin": OUTSIDE, "contradicted": False}


def _hla_row(own: dict, calls: list[OutsideCall], guided: list[str]) -> dict:
    lines = [call for call in calls if not call.no_result]
    if not lines or any(call.unread for call in lines):
        return _unanswered(own, calls)
    said, phenotypes, labels, contradicted = [], [], [], False
    settled = set()
    for line in lines:
        answers = hla.presence(guided, list(line.typed))
        for allele, answer in line.answers:
            if allele not in answers or answers[allele] in (hla.OPEN, answer):
                answers[allele] = answer
            elif answers[allele] != answer:
                contradicted = True
                said.append(
                    f"The file states {allele} {answer}, which contradicts the typed alleles: settle this before use."
                )
        settled |= {allele for allele, answer in answers.items() if answer != hla.OPEN}
        unsettled = sorted(allele for allele, answer in answers.items() if answer == hla.OPEN)
        if unsettled:
            said.append(_unsettled(unsettled, line))
        phenotypes.append(hla.as_phenotype(answers))
        if line.typed:
            labels.append("/".join(sorted((typed.name for typed in line.typed), key=names.natural)))
    labels, phenotypes = names.distinct(labels), names.distinct(phenotypes)
    state = "not_assessable" if not settled else "multiple" if len(phenotypes) > 1 else "called"
    return _blank(own) | {
        "state": state,
        "diplotype": names.OR.join(labels) or None,
        "phenotype": names.OR.join(phenotypes),
        "reason": " ".join([_source(calls), *_no_results(calls), *names.distinct(said)]),
        "lookup_diplotype": names.OR.join(labels) or None,
        "phenotype_certain": state == "called" and not contradicted,
        "contradicted": contradicted,
    }


def _unsettled(alleles: list[str], line: OutsideCall) -> str:
    named = " and ".join(alleles)
    verb = "is" if len(alleles) == 1 else "are"
    if not line.typed:
        why = "the file does not speak of them" if len(alleles) > 1 else "the file does not speak of it"
    elif len(line.typed) == 1:
        why = "one chromosome only was typed"
    else:
        why = "typing to two fields of an expressed allele is needed"
    return f"{named} {verb} not assessable: {why}."
