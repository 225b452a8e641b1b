"""Sentences of advice, made from the codes of the tables; nothing here is a guideline's own text."""

from permed.drugs.guidance import Guidance, Question, Row
from permed.drugs.matching import FOUND, NO_ROW, OPEN, Match
from permed.drugs.results import Result

CONFIRM = "Confirm before treatment changes."
WHATEVER = "{genes} is not known, but every result of it gives the same advice"
PARTLY = "every possible result has this action; strength, numbers and what else is advised differ between them"
ALONE = "with {genes} left out {body} has: {words}"
DIFFERS = "The possible results have: {options}"
NO_ROW_ADVICE = "Our tables have no answer for this result: look it up in the source."
NO_ADVICE = "our tables have nothing of {body} for {shown}"
SOME_WITHOUT = "for some of what {genes} may be our tables have nothing of {body}"
BRANCH = "If {only_if}: {words}"
BY_ALLELES = "{clause} by its named alleles alone"
HINT = "{gene}, not reliably: {hinted}"
BETWEEN = "; "
LINE = "\n"  # between branches


def sentence(row: Row, guidance: Guidance) -> str:
    """The advice of a row: its action, then what else it advises, then numbers and limits."""
    parts = [guidance.actions[row.action]["advice"]]
    also = [guidance.also(code) for code in row.also]
    if also:
        parts.append(_capital(", ".join(also)) + ".")
    if numbers(row, guidance):
        parts.append(_capital(numbers(row, guidance)) + ".")
    if row.limits:
        parts.append(_capital(row.limits) + ".")
    return " ".join(parts)


def branches(rows: tuple[Row, ...], guidance: Guidance) -> str | None:
    """What is advised under further conditions, a sentence each, the gravest first; None without any."""
    ordered = sorted(rows, key=lambda row: int(guidance.actions[row.action]["rank"]))
    told = [BRANCH.format(only_if=row.only_if, words=sentence(row, guidance)) for row in ordered]
    return LINE.join(dict.fromkeys(told)) or None


def numbers(row: Row, guidance: Guidance) -> str:
    """The dose in words; empty where the row has none."""
    told = [guidance.dose_words(term, _value(value)) for term, value in row.dose]
    return BETWEEN.join(told).replace("start at at most", "start with at most")


def _value(value: str) -> str:
    if value.startswith((">=", "<=")):
        return ("at least " if value[0] == ">" else "at most ") + value[2:]
    return value.replace("|", " or ").replace("/week", " times a week").replace("/day", " times a day")


def implication(results: tuple[Result, ...], guidance: Guidance) -> str | None:
    """What the results mean in short words, one clause a gene; None where no word is known for any."""
    clauses = []
    for result in results:
        named = (result.shown or "").split(" (activity score")[0].split(" or ")
        words = [guidance.implications.get((result.gene, n.lower())) for n in named]
        words = [w or guidance.implications.get(("", n.lower())) for w, n in zip(words, named, strict=True)]
        if result.possible and all(words):
            clause = " or ".join(dict.fromkeys(words)).format(gene=result.gene)
            clauses.append(BY_ALLELES.format(clause=clause) if result.beside else clause)
        elif result.gene.startswith("HLA-") and result.shown:
            clauses.append(f"{result.gene}: {result.shown}")
    return BETWEEN.join(clauses) or None


def reason(question: Question, found: Match, results: tuple[Result, ...]) -> str | None:
    """Why nothing is known, from the genes or from the guidance."""
    if found.status == FOUND:
        return None
    why = [result.reason for result in results if result.gene in found.unknown and result.reason]
    settled = [r for r in results if r.gene in found.unknown and not r.reason]
    asked = dict(zip(question.genes, question.alleles, strict=True))
    why += [f"{r.gene} is {r.shown}, which does not settle {asked[r.gene] or 'anything'}." for r in settled]
    if found.status == NO_ROW and not found.unknown:
        shown = " and ".join(f"{r.gene} {r.shown}" for r in results)
        why.append(_capital(f"{NO_ADVICE.format(body=question.body, shown=shown)}."))
    if found.status == OPEN and not found.unknown:
        why.append(f"{' and '.join(f'{r.gene} is {r.shown}' for r in results)}, and the advice differs.")
    return " ".join(why)


def note(
    question: Question, found: Match, results: tuple[Result, ...], guidance: Guidance, otherwise: str | None = None
) -> str | None:
    """What goes with the advice: cautions, what other versions say, and what would be advised with a gene left out.

    ``otherwise`` is what would be advised in another phase.
    """
    told = [result.caution for result in results if result.caution] + ([otherwise] if otherwise else [])
    told += [f"{HINT.format(gene=r.gene, hinted=r.hinted)}" for r in results if r.hinted and not r.possible]
    if found.partly:
        told.append(PARTLY)
        told += [f"{r.gene} is not known" for r in results if r.gene in found.whatever]
    elif found.whatever:
        told.append(WHATEVER.format(genes=" and ".join(found.whatever)))
    if found.alone is not None and found.alone.action not in ("standard", "none"):
        words = sentence(found.alone, guidance)
        told.append(ALONE.format(genes=" and ".join(found.unknown), body=question.body, words=words))
    if found.rows and found.status != FOUND:
        options = [guidance.actions[row.action]["label"].lower() for row in found.rows]
        told.append(DIFFERS.format(options=BETWEEN.join(dict.fromkeys(options))))
        if found.status == NO_ROW:
            told.append(SOME_WITHOUT.format(genes=" and ".join(question.genes), body=question.body))
    if found.row is not None and found.row.note:
        told.append(found.row.note)
    return ". ".join(_capital(text.rstrip(".")) for text in told) + "." if told else None


def beside(results: tuple[Result, ...]) -> str | None:
    """What is carried beside the alleles of the genes, which the advice does not count."""
    return BETWEEN.join(f"{result.gene}: {result.beside}" for result in results if result.beside) or None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
