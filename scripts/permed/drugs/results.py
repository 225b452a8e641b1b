"""A person's results of genes as the guidance can use them: what each gene may be, or why it is not known."""

from dataclasses import dataclass

from permed.drugs.cells import Domain
from permed.drugs.conditions import Possibility, read_score
from permed.drugs.declared import SCORED
from permed.drugs.usable import NOT_AVAILABLE, OR, is_reliable

THEN = "; "
NOT_CALLED = "{gene} was not called in this run."
RESEARCH = "the call of {gene} is for research use only"
CONTRADICTED = "what was stated of {gene} contradicts the tables"
NO_PHENOTYPE = "the tables assign no phenotype to the result of {gene}"
UNCERTAIN = "the phenotype of {gene} is not certain: {reason}"
BESIDE = "{gene} carries also {also}, not in the definitions: function may be lost, and the advice does not count that"
CERTAIN = "the diplotype of {gene} is not settled, but every possibility is {phenotype}"


@dataclass(frozen=True)
class Result:
    """What a gene may be in one person. ``possible`` is empty where that is not known, and ``reason`` says why.

    ``shown`` is the phenotype as text, with the score where one decides; ``caution`` is a sentence that goes with any
    use of it; ``hinted`` is what an unreliable call would be, which is shown and never used. ``beside`` are null
    variants that are carried and that the call does not count.
    """

    gene: str
    possible: tuple[Possibility, ...] = ()
    shown: str | None = None
    reason: str | None = None
    caution: str | None = None
    hinted: str | None = None
    beside: str | None = None


def read_result(gene: str, call: dict | None, domain: Domain) -> Result:
    """The result of a gene from its row of the calls, None where there is none."""
    if call is None:
        return Result(gene, reason=NOT_CALLED.format(gene=gene))
    phenotypes = _texts(call.get("phenotype"), OR)
    usable = [text for text in phenotypes if text.lower() != NOT_AVAILABLE]
    hinted = " or ".join(usable) or None
    if call.get("research"):
        return Result(gene, reason=_why(call, RESEARCH.format(gene=gene)), hinted=hinted)
    if call.get("contradicted"):
        return Result(gene, reason=_why(call, CONTRADICTED.format(gene=gene)), hinted=hinted)
    if is_reliable(call):
        if not usable or len(usable) < len(phenotypes):
            return Result(gene, reason=_why(call, NO_PHENOTYPE.format(gene=gene)), hinted=hinted)
        possible = _reliable(gene, call, usable, domain)
        caution = None
        if call.get("also_carried"):
            caution = BESIDE.format(gene=gene, also=call["also_carried"])
        elif call["state"] == "called" and call.get("phenotype_certain") is False:
            caution = UNCERTAIN.format(gene=gene, reason=call.get("reason"))
        shown = _shown(gene, usable, call.get("activity_score"))
        return Result(gene, possible, shown=shown, caution=caution, beside=call.get("also_carried"))
    if call.get("phenotype_certain") and len(usable) == 1:
        possible = _of_phenotype(gene, usable[0], domain)
        caution = CERTAIN.format(gene=gene, phenotype=usable[0])
        return Result(gene, possible, shown=usable[0], caution=caution)
    return Result(gene, reason=_why(call, f"{gene} is not assessable"), hinted=hinted)


def _texts(value: str | None, between: str) -> list[str]:
    return [part.strip() for part in (value or "").split(between) if part.strip()]


def _why(call: dict, plain: str) -> str:
    return " ".join(filter(None, [f"{plain}.", call.get("reason")]))


def _shown(gene: str, phenotypes: list[str], score: str | None) -> str:
    text = " or ".join(phenotypes)
    usable = score and score.lower() != NOT_AVAILABLE and gene in SCORED
    return f"{text} (activity score {score.replace(OR, ' or ')})" if usable else text


def _reliable(gene: str, call: dict, phenotypes: list[str], domain: Domain) -> tuple[Possibility, ...]:
    """Every combination of the diplotypes with the scores or phenotypes of a call; they are not listed in parallel."""
    if gene.startswith("HLA-"):
        return tuple(Possibility(text, statuses=frozenset(_texts(text, THEN.strip()))) for text in phenotypes)
    diplotypes = _texts(call.get("diplotype"), OR) or [None]
    if gene not in SCORED:
        return tuple(Possibility(phenotype, None, diplotype) for phenotype in phenotypes for diplotype in diplotypes)
    scores = [read_score(text) for text in _texts(call.get("activity_score"), OR)]
    if not scores or None in scores:
        return tuple(one for phenotype in phenotypes for one in _of_phenotype(gene, phenotype, domain))
    return tuple(Possibility(None, score, diplotype) for score in scores for diplotype in diplotypes)


def _of_phenotype(gene: str, phenotype: str, domain: Domain) -> tuple[Possibility, ...]:
    """What a gene may be of which the phenotype alone is known: for a gene with scores, each that has it."""
    if gene.startswith("HLA-"):
        return (Possibility(phenotype, statuses=frozenset(_texts(phenotype, THEN.strip()))),)
    scores = domain.scores_of(gene, phenotype) if gene in SCORED else ()
    return tuple(Possibility(None, read_score(score)) for score in scores) or (Possibility(phenotype),)
