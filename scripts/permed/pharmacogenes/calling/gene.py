"""Call every gene of every person, and say how sure the call is and why."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from permed.other_readings import OtherReading, written
from permed.pharmacogenes import names
from permed.pharmacogenes.calling import mitochondrial, reasons
from permed.pharmacogenes.calling.answers import Answer, Answers
from permed.pharmacogenes.calling.assessment import MOST_LISTED, Doubt, doubt_lowest, doubt_pairs, doubt_unmatched
from permed.pharmacogenes.calling.combinations import combinations
from permed.pharmacogenes.calling.either import either
from permed.pharmacogenes.calling.hidden import hidden, in_doubt
from permed.pharmacogenes.calling.lowest import match_lowest
from permed.pharmacogenes.calling.matching import Match, match_pairs, top
from permed.pharmacogenes.calling.weighing import weigh_lowest, weigh_near, weigh_pairs, weigh_possible
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.phenotypes import phenotype_of
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.patterns import Pattern, distinct
from permed.pharmacogenes.reading.ploidy import readings

COLUMNS = {
    "sample": pl.String,
    "gene": pl.String,
    "state": pl.String,
    "diplotype": pl.String,
    "activity_score": pl.String,
    "phenotype": pl.String,
    "alternatives": pl.String,
    "missing_positions": pl.String,
    "reason": pl.String,
    "lookup_diplotype": pl.String,
    "alleles_found": pl.String,
    "phenotype_certain": pl.Boolean,
    "research": pl.Boolean,
    "phased": pl.Boolean,
    "positions": pl.Int32,
    "positions_present": pl.Int32,
    "undocumented_positions": pl.String,
    "table_version": pl.String,
    "definition_version": pl.String,
    "function_version": pl.String,
    "phenotype_version": pl.String,
    "research_combinations": pl.String,
    "phase_source": pl.String,
    "probabilities": pl.String,
    "origin": pl.String,
    "contradicted": pl.Boolean,
    "other_readings": pl.String,
    "basis": pl.String,
    "proxied_reading": pl.String,
    "also_carried": pl.String,
}
VARIANTS = "variants"  # origin of a call from the genotypes
KEPT = 20_000  # patterns whose answers are kept for later slices of the samples
PEOPLE = 10_000  # looked at together, so that what is held for each distinct pattern of genotypes is bounded


def answer_gene(gene: Gene, genotypes: GeneGenotypes) -> Iterator[tuple[slice, Answers]]:
    """Work out the call of each distinct pattern of genotypes, for :data:`PEOPLE` samples at a time."""
    kept: dict[bytes, Answer] = {}
    for some in _slices(len(genotypes.codes)):
        doubts = None if genotypes.doubts is None else genotypes.doubts[some]
        unknown = None if genotypes.open_copies is None else genotypes.open_copies[some]
        patterns, which = distinct(genotypes.codes[some], genotypes.blocks[some], doubts, unknown)
        answers = []
        for pattern in patterns:
            answers.append(kept.get(pattern.key) or answer_pattern(gene, pattern))
            if len(kept) < KEPT:
                kept[pattern.key] = answers[-1]
        yield some, Answers(answers, which)


def call_rows(gene: Gene, samples: list[str], answers: Answers) -> pl.DataFrame:
    """One row of :data:`COLUMNS` for each sample."""
    rows = _answers([answer.row for answer in answers.distinct])[answers.which]
    who = [pl.Series("sample", samples, pl.String), pl.lit(gene.name).alias("gene")]
    return rows.with_columns(who).select(*COLUMNS)


def call_gene(
    gene: Gene,
    samples: list[str],
    genotypes: GeneGenotypes,
    explain: Callable[[slice, Answers], None] | None = None,
) -> pl.DataFrame:
    """One row of :data:`COLUMNS` for each sample; equal genotypes are worked out once.

    ``explain`` is given the answers for each slice of the samples, in their order.
    """
    frames = [_answers([]).with_columns(sample=pl.lit(""), gene=pl.lit(gene.name)).select(*COLUMNS)]
    for some, answers in answer_gene(gene, genotypes):
        frames.append(call_rows(gene, samples[some], answers))
        if explain is not None:
            explain(some, answers)
    return pl.concat(frames)


def call_pattern(gene: Gene, pattern: Pattern) -> dict:
    """The columns after ``sample`` and ``gene`` for one pattern of genotypes."""
    return answer_pattern(gene, pattern).row


def answer_pattern(gene: Gene, pattern: Pattern) -> Answer:
    """The call for one pattern of genotypes with what was weighed for it."""
    if pattern.open_copies:
        return either(gene, pattern, *(answer_pattern(gene, one) for one in readings(gene, pattern)))
    usable = pattern.with_undocumented_as_reference() if gene.undocumented_as_reference else pattern
    row = _blank_row(gene, usable) | {"undocumented_positions": _positions(gene, pattern.undocumented)}
    if not pattern.present.any():
        return Answer(pattern, row | {"reason": reasons.nothing_read(gene, pattern.unbelieved)}, [], {})
    row |= _call(gene, usable)
    weighed, doubt = row.pop("weighed", []), row.pop("doubt")
    if gene.research and row["state"] in ("called", "multiple"):
        # What small variants cannot show, such as a deleted copy, could change the result: it may not be relied on.
        row |= {"state": "not_assessable", "phenotype_certain": False}
    hides = {} if doubt.possible is None else hidden(gene, usable, doubt.possible)
    said = [*reasons.unread(gene, hides, pattern.unbelieved), *reasons.certainty(gene, row, weighed)]
    row["reason"] = " ".join([row["reason"], *said, *reasons.notes(gene, pattern.undocumented)])
    return Answer(pattern, row, weighed, hides)


def by_sample(frames: list[pl.DataFrame], samples: list[str]) -> Iterator[pl.DataFrame]:
    """The genes' rows by sample in the order given and then by gene, as tables of some thousand people each."""
    for some in _slices(len(samples)):
        people = pl.Series(samples[some], dtype=pl.Enum(samples[some]))
        rows = [frame.filter(pl.col("sample").is_in(samples[some])) for frame in frames]
        yield pl.concat(rows).sort(pl.col("sample").cast(people.dtype), "gene")


def _slices(people: int) -> Iterator[slice]:
    return (slice(first, min(first + PEOPLE, people)) for first in range(0, people, PEOPLE))


def _answers(rows: list[dict]) -> pl.DataFrame:
    schema = {name: kind for name, kind in COLUMNS.items() if name not in ("sample", "gene")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _call(gene: Gene, pattern: Pattern) -> dict:
    required = pattern.blank & gene.required
    if required.any():
        return _not_called(gene, pattern, reasons.required_missing(gene, required, pattern.unbelieved))
    if gene.method == mitochondrial.METHOD:
        return mitochondrial.call_mitochondrial(gene, pattern)
    if gene.method == "lowest_function":
        return _call_lowest(gene, pattern)
    if pattern.half_called.any():
        return _no_call(gene, pattern, reasons.half_called(gene, pattern.half_called))
    matches = match_pairs(gene, pattern)
    return _call_pairs(gene, pattern, matches) if matches else _no_call(gene, pattern, reasons.no_match(gene, pattern))


def _blank_row(gene: Gene, pattern: Pattern) -> dict:
    return {
        "state": "not_assessable",
        "diplotype": None,
        "activity_score": None,
        "phenotype": None,
        "alternatives": None,
        "missing_positions": _positions(gene, pattern.blank),
        "reason": None,
        "lookup_diplotype": None,
        "alleles_found": None,
        "phenotype_certain": False,
        "research": gene.research,
        "phased": bool(pattern.present.any()) and len(pattern.block_members()) <= 1,
        "positions": len(gene.positions),
        "positions_present": int(pattern.present.sum()),
        "undocumented_positions": None,
        "table_version": gene.version,
        "definition_version": gene.version,
        "function_version": gene.function_version,
        "phenotype_version": gene.phenotype_version,
        "research_combinations": None,
        "origin": VARIANTS,
        "contradicted": False,
        "other_readings": None,
        "basis": None,
        "proxied_reading": None,
    }


def _call_pairs(gene: Gene, pattern: Pattern, matches: list[Match]) -> dict:
    best, picked = _choose(gene, pattern, matches)
    doubt = doubt_pairs(gene, pattern, best, matches)
    labels = names.distinct([names.diplotype(gene, match.alleles) for match in best])
    answers = [phenotype_of(gene, match.alleles) for match in best]
    open_ = doubt.changes or in_doubt(gene, pattern)
    state = "not_assessable" if open_ else "multiple" if len(labels) > 1 else "called"
    columns = {
        "diplotype": names.OR.join(labels),
        "activity_score": _joined([score for score, _ in answers]),
        "phenotype": _joined([phenotype for _, phenotype in answers]),
        "lookup_diplotype": names.OR.join(labels),
    }
    passed_over = names.distinct([names.diplotype(gene, match.alleles) for match in picked])
    fitting = names.distinct([names.diplotype(gene, match.alleles) for match in matches])
    weaker = [label for label in fitting if label not in labels and label not in passed_over]
    reason = reasons.of_pairs(gene, pattern, state, labels, passed_over, weaker)
    columns["weighed"] = weigh_pairs(gene, best, matches, doubt)
    columns["other_readings"] = _others(gene, labels, [match.alleles for match in matches])
    return columns | _rest(doubt, state, reason, [*passed_over, *weaker])


def _others(gene: Gene, called: list[str], allowed: list[tuple[int, ...]]) -> str | None:
    """What of the pairs that the genotypes allow is not among the diplotypes ``called``."""
    labels = {names.diplotype(gene, alleles): alleles for alleles in reversed(allowed)}
    others = [one for one in reversed(labels.items()) if one[0] not in called]
    return written([OtherReading(label, *phenotype_of(gene, alleles)) for label, alleles in others])


def _choose(gene: Gene, pattern: Pattern, matches: list[Match]) -> tuple[list[Match], list[Match]]:
    """The matches to report and, where a published priority picks one among unphased ones, those passed over."""
    if gene.unphased_candidates == "all" and len(pattern.block_members()) > 1:
        by_name: dict[tuple, list[Match]] = {}
        for match in matches:
            pair = tuple(sorted(gene.alleles[i].shown for i in match.alleles))
            by_name.setdefault(pair, []).append(match)
        for listed, pick in gene.priorities:
            if listed <= by_name.keys():
                others = sorted(listed - {pick}, key=lambda pair: [names.natural(name) for name in pair])
                return by_name[pick], [by_name[pair][0] for pair in others]
    return top(matches), []


def _call_lowest(gene: Gene, pattern: Pattern) -> dict:
    found = match_lowest(gene, pattern)
    if found is None:
        return _no_call(gene, pattern, reasons.no_match(gene, pattern))
    doubt = doubt_lowest(gene, pattern, found)
    score, phenotype = phenotype_of(gene, found.lookup)
    open_ = doubt.changes or found.unarranged or in_doubt(gene, pattern)
    state = "not_assessable" if open_ else "multiple" if len(found.labels) > 1 else "called"
    columns = {
        "diplotype": names.OR.join(found.labels),
        "activity_score": score,
        "phenotype": phenotype,
        "lookup_diplotype": names.diplotype(gene, found.lookup),
        "alleles_found": names.THEN.join(found.found) or None,
    }
    reason = reasons.of_lowest(gene, pattern, state, found)
    columns["weighed"] = weigh_lowest(gene, found, doubt)
    columns["other_readings"] = _others(gene, [columns["lookup_diplotype"]], [*found.lookups, *found.arranged])
    unsure = {"phenotype_certain": False} if found.unarranged else {}
    return columns | _rest(doubt, state, reason, found.found) | unsure


def _not_called(gene: Gene, pattern: Pattern, reason: str) -> dict:
    """A position is needed that was not read: no result, though every pair that fits may have one phenotype."""
    doubt = doubt_unmatched(gene, pattern)
    return {
        "state": "not_assessable",
        "phenotype_certain": doubt.phenotype_certain,
        "reason": reason,
        "weighed": weigh_possible(gene, doubt),
        "doubt": doubt,
    }


def _no_call(gene: Gene, pattern: Pattern, reason: str) -> dict:
    """No known alleles fit; one position may still give the function, and combinations may explain the genotypes."""
    combined, doubt = combinations(gene, pattern), doubt_unmatched(gene, pattern)
    if combined is None:
        combined, reason = [], reasons.too_many_combinations(reason)
    listed, more = combined[:MOST_LISTED], len(combined) - MOST_LISTED
    columns = {
        "state": "no_call",
        "research_combinations": names.THEN.join([*listed, *([f"and {more:,} more"] if more > 0 else [])]) or None,
        "reason": reasons.with_combinations(reason) if combined else reason,
        "doubt": doubt,
        "weighed": weigh_near(gene, pattern, doubt),
    }
    fallback = _by_position(gene, pattern)
    if fallback is None:
        return columns
    score, phenotype = phenotype_of(gene, fallback)
    label = names.diplotype(gene, fallback)
    place = next(gene.positions[rule.position].name for rule in gene.rules if rule.rule == "no_call")
    return columns | {
        "activity_score": score,
        "phenotype": phenotype,
        "lookup_diplotype": label,
        "reason": f"{columns['reason']} {reasons.by_position(place, label)}",
    }


def _by_position(gene: Gene, pattern: Pattern) -> tuple[int, ...] | None:
    rules = {(rule.position, rule.code): rule.allele for rule in gene.rules if rule.rule == "no_call"}
    for position in sorted({position for position, _ in rules}):
        codes = pattern.codes[position, : 1 if pattern.haploid else 2].tolist()
        if all((position, code) in rules for code in codes):
            return tuple(sorted(rules[position, code] for code in codes))
    return None


def _rest(doubt: Doubt, state: str, reason: str, fitting: list[str]) -> dict:
    """State, certainty and alternatives: what missing positions could give, then what fits less well or was listed."""
    others = [label for label in fitting if label not in doubt.others]
    listed = [*doubt.others, *others[:MOST_LISTED]] if doubt.changes else others[:MOST_LISTED]
    more = doubt.more if doubt.changes else max(len(others) - MOST_LISTED, 0)
    return {
        "state": state,
        "alternatives": names.THEN.join([*listed, *([f"and up to {more:,} more"] if more else [])]) or None,
        "phenotype_certain": doubt.phenotype_certain,
        "reason": reason,
        "doubt": doubt,
    }


def _joined(values: list[str | None]) -> str | None:
    return names.OR.join(names.distinct([value for value in values if value is not None])) or None


def _positions(gene: Gene, which: np.ndarray) -> str | None:
    if not which.any():
        return None
    return ",".join(gene.positions[i].name for i in np.flatnonzero(which)) or None
