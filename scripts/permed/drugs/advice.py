"""From the calls of pharmacogenes and the guidance tables to advice: a row for each person, drug, body and question."""

from dataclasses import dataclass

import polars as pl

from permed.drugs import wording
from permed.drugs.cautions import by_proxy, in_other_phase
from permed.drugs.cells import Domain
from permed.drugs.guidance import NOT_KNOWN, Guidance, Question
from permed.drugs.harms import gravest
from permed.drugs.matching import FOUND, NO_ROW, OPEN, Match, branches, match
from permed.drugs.medicines import MedicineNames
from permed.drugs.own_dose import start_by_size
from permed.drugs.results import Result, read_result
from permed.drugs.taking import TAKING, drugs_taken

ANSWER = {
    "drug": pl.String,
    "genes": pl.String,
    "phenotypes": pl.String,
    "action": pl.String,
    "dose_factor": pl.String,
    "strength": pl.String,
    "source": pl.String,
    "body": pl.String,
    "population": pl.String,
    "leading": pl.Boolean,
    "status": pl.String,
    "reason": pl.String,
    "also": pl.String,
    "dose_of": pl.String,
    "dose": pl.String,
    "advice": pl.String,
    "implication": pl.String,
    "note": pl.String,
    "possible": pl.String,
    "warning": pl.String,
    "harm": pl.String,
    "guideline": pl.String,
    "year": pl.String,
    "pmid": pl.String,
    "priority": pl.Int32,
    "label": pl.String,
    "audience": pl.String,
    "groups": pl.String,
    "licence": pl.String,
    "start_by_size": pl.String,
    "caution": pl.String,
    "also_carried": pl.String,
    "branches": pl.String,
}
COLUMNS = {
    "sample": pl.String,
    **{name: ANSWER[name] for name in "drug genes phenotypes action dose_factor strength source".split()},
    "taken": pl.Boolean,
    **dict(list(ANSWER.items())[7:]),
    **dict.fromkeys(TAKING, pl.String),
}
USED = (
    "state diplotype activity_score phenotype reason phenotype_certain research contradicted also_carried "
    "other_readings proxied_reading"
).split()
ADULT_AGE = 18
NUMBER = "__number"


@dataclass(frozen=True)
class Calls:
    """Distinct calls of one gene and who has which: ``results`` by number, ``who`` has ``sample`` and the number."""

    results: list[Result]
    who: pl.DataFrame


def advise(
    calls: pl.DataFrame, people: pl.DataFrame, guidance: Guidance, domain: Domain, names: MedicineNames
) -> pl.DataFrame:
    """Advice in the columns :data:`COLUMNS` for everyone in ``people`` (``sample``, ``birth_year``, ``medications``).

    ``names`` resolves what people take, see :func:`permed.drugs.taking.drugs_taken`. Sorted by person in the
    order given, then drug, leading body first. A gene without a row in ``calls`` is not known. Equal calls are answered
    once. A population by age is left out only where the person cannot be of it: who was an adult when the newest
    guideline of the tables appeared is one whenever this is read; no clock is asked.
    """
    genes = sorted({gene for question in guidance.questions for gene in question.genes})
    by_gene = {gene: _distinct(gene, calls, people["sample"], domain) for gene in genes}
    leading = _leading_genes(guidance)
    frames = [pl.DataFrame(schema={"sample": pl.String, **ANSWER})]
    for question in guidance.questions:
        frames.append(_answers(question, by_gene, guidance, domain, leading[question.drug]))
    table = pl.concat(frames)
    table = table.filter(~_of_other_age(table, people, guidance))
    place = {sample: n for n, sample in enumerate(people["sample"])}
    table = table.join(
        drugs_taken(people, guidance.drugs, names), on=["sample", "drug"], how="left", maintain_order="left"
    )
    return (
        table.with_columns(taken=pl.col("taken_as").is_not_null())
        .sort(pl.col("sample").replace_strict(place, return_dtype=pl.Int64), "drug", maintain_order=True)
        .select(*COLUMNS)
    )


def _distinct(gene: str, calls: pl.DataFrame, samples: pl.Series, domain: Domain) -> Calls:
    used = [name for name in USED if name in calls.columns]
    own = calls.filter(pl.col("gene") == gene).select("sample", *used).unique("sample", keep="first")
    kinds = own.select(used).unique(maintain_order=True).with_row_index(NUMBER, offset=1)
    results = [read_result(gene, None, domain), *(read_result(gene, row, domain) for row in kinds.to_dicts())]
    numbered = own.join(kinds, on=used, nulls_equal=True).select("sample", pl.col(NUMBER).alias(gene))
    who = pl.DataFrame({"sample": samples}).join(numbered, on="sample", how="left", maintain_order="left")
    return Calls(results, who.with_columns(pl.col(gene).fill_null(0)))


def _leading_genes(guidance: Guidance) -> dict[str, frozenset[tuple]]:
    genes: dict[str, set[tuple]] = {drug: set() for drug in guidance.drugs}
    for question in guidance.questions:
        if question.leading:
            genes[question.drug].update(_asked(question))
    return {drug: frozenset(own) for drug, own in genes.items()}


def _answers(question, by_gene, guidance: Guidance, domain: Domain, leading: frozenset[tuple]) -> pl.DataFrame:
    """The question's rows for everyone it has an answer for, each combination of calls answered once."""
    who = by_gene[question.genes[0]].who
    for gene in question.genes[1:]:
        who = who.with_columns(by_gene[gene].who[gene])
    keys = list(question.genes)
    combinations = who.select(keys).unique(maintain_order=True)
    rows = []
    for numbers in combinations.iter_rows():
        results = tuple(by_gene[gene].results[n] for gene, n in zip(keys, numbers, strict=True))
        row = answer(question, results, guidance, domain, leading)
        if row is not None:
            rows.append(dict(zip(keys, numbers, strict=True)) | row)
    made = pl.DataFrame(rows, schema={**dict.fromkeys(keys, pl.UInt32), **ANSWER})
    who = who.with_columns(pl.col(keys).cast(pl.UInt32))
    return who.join(made, on=keys, how="inner", maintain_order="left").select("sample", *ANSWER)


def answer(
    question: Question, results: tuple[Result, ...], guidance: Guidance, domain: Domain, leading: frozenset[tuple]
) -> dict | None:
    """One row of advice, without person; None where a body that does not lead has nothing to add.

    ``leading`` are the genes on which the leading body speaks of the drug, each with its HLA allele or None.
    """
    found = match(question, results, domain)
    row = found.row
    covered = found.status == NO_ROW or (found.status != OPEN and leading.issuperset(_asked(question)))
    if row is None and not question.leading and covered:
        return None
    other_phase = in_other_phase(question, results, found, guidance, domain)
    by_gene = {result.gene: result for result in results}
    own = [w for w in guidance.warnings.get(question.drug, ()) if _asks(question, w)]
    warning, harm = gravest(tuple(own), by_gene)
    shown = row or (question.rows or question.branches)[0]
    possible = list(dict.fromkeys(one.action for one in found.rows))
    ranks = [int(guidance.actions[action]["rank"]) for action in (possible if row is None else [row.action])]
    unknown_rank = int(guidance.actions[NOT_KNOWN]["rank"])
    return {
        "drug": question.drug,
        "genes": "; ".join(question.genes),
        "phenotypes": "; ".join(_shown(question, i, result) for i, result in enumerate(results)),
        "action": row.action if row else NOT_KNOWN,
        "dose_factor": row.dose_factor if row else None,
        "strength": row.strength if row else None,
        "source": f"{shown.source}, {shown.version}",
        "body": question.body,
        "population": question.population,
        "leading": question.leading,
        "status": "found" if found.status == FOUND else "not_assessable",
        "reason": wording.reason(question, found, results),
        "also": "; ".join(row.also) or None if row else None,
        "dose_of": row.dose_of if row else None,
        "dose": wording.numbers(row, guidance) or None if row else None,
        "advice": wording.sentence(row, guidance) if row else _without_row(found, guidance),
        "implication": wording.implication(results, guidance),
        "note": wording.note(question, found, results, guidance, other_phase.milder),
        "possible": "; ".join(possible) if row is None and possible else None,
        "warning": warning,
        "harm": harm,
        "guideline": shown.guideline,
        "year": shown.year,
        "pmid": shown.pmid,
        "priority": min([*ranks, *([unknown_rank] if row is None else [])]),
        "label": guidance.actions[row.action if row else NOT_KNOWN]["label"],
        "audience": guidance.populations[question.population]["label"],
        "groups": "; ".join(guidance.titles[name] for name in guidance.groups.get(question.drug, ())) or None,
        "licence": shown.licence,
        "start_by_size": start_by_size(row, question) if row else None,
        "branches": wording.branches(branches(question, results, found, domain), guidance),
        "caution": other_phase.severer or by_proxy(question, results, found, guidance, domain),
        "also_carried": wording.beside(results),
    }


def _without_row(found: Match, guidance: Guidance) -> str:
    """What is said where nothing is known: of a result that our tables lack, that they lack it."""
    ours = found.status == NO_ROW and not found.unknown
    return wording.NO_ROW_ADVICE if ours else guidance.actions[NOT_KNOWN]["advice"]


def _asks(question: Question, warned) -> bool:
    """Whether a warning is about one of the question's genes and, of an HLA gene, about the same allele."""
    return (warned.gene, warned.allele) in _asked(question)


def _asked(question: Question) -> set[tuple[str, str | None]]:
    return set(zip(question.genes, question.alleles, strict=True))


def _shown(question: Question, i: int, result: Result) -> str:
    allele = question.alleles[i]
    if result.possible and allele is not None:
        told = sorted({s for one in result.possible for s in one.statuses if s.split()[0] == allele})
        return " or ".join(told) or NOT_KNOWN
    return result.shown if result.possible else NOT_KNOWN


def _of_other_age(table: pl.DataFrame, people: pl.DataFrame, guidance: Guidance) -> pl.Series:
    """Rows for children of people who are adults for certain."""
    years = [int(row.year) for question in guidance.questions for row in question.rows if row.year]
    adults = people.filter(pl.col("birth_year").cast(pl.Int64, strict=False) < max(years, default=0) - ADULT_AGE)
    children = [name for name, row in guidance.populations.items() if row["age"] == "child"]
    return table.select(pl.col("population").is_in(children) & pl.col("sample").is_in(adults["sample"].implode()))[
        "population"
    ]
