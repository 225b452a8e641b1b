"""A person's results of genes as the guidance can use them: what each gene may be, or why it is not known."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from permed.drugs.cells import Domain, scores_within
from permed.drugs.conditions import Possibility, read_score
from permed.drugs.declared import SCORED
from permed.drugs.usable import NOT_AVAILABLE, OR, is_reliable
from permed.other_readings import OtherReading, read

THEN = "; "
NOT_CALLED = "{gene} was not called in this run."
RESEARCH = "the call of {gene} is for research use only"
CONTRADICTED = "what was stated of {gene} contradicts the tables"
NO_PHENOTYPE = "the tables assign no phenotype to the result of {gene}"
UNCERTAIN = "the phenotype of {gene} is not certain: {reason}"
COUNTED = 0.01  # share from which on readings in another phase count as what the gene may be
BESIDE = "{gene} carries also {also}, not in the definitions: function may be lost, and the advice does not count that"
CERTAIN = "the diplotype of {gene} is not settled, but every possibility is {phenotype}"


@dataclass(frozen=True)
class Other:
    """A reading of the genotypes in another phase, and what the gene may be by it; nothing where no table says."""

    gene: str
    reading: OtherReading
    possible: tuple[Possibility, ...]


@dataclass(frozen=True)
class Result:
    """What a gene may be in one person. ``possible`` is empty where that is not known, and ``reason`` says why.

    ``shown`` is the phenotype as text, with the score where one decides; ``caution`` is a sentence that goes with any
    use of it; ``hinted`` is what an unreliable call would be, which is shown and never used. ``others`` are readings in
    another phase, too rare or of too unknown a share to be counted among the possible ones; ``proxied`` is what a proxy
    says of a gene that is not known; ``beside`` are null variants that are carried and that the call does not count.
    """

    gene: str
    possible: tuple[Possibility, ...] = ()
    shown: str | None = None
    reason: str | None = None
    caution: str | None = None
    hinted: str | None = None
    others: tuple[Other, ...] = ()
    proxied: Other | None = None
    beside: str | None = None

    def read_as(self, other: Other) -> "Result":
        """The same gene if this other reading is true."""
        return replace(self, possible=other.possible, shown=other.reading.phenotype, others=(), proxied=None)


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
        others = _others(gene, call, domain)
        if sum(other.reading.least or 0 for other in others) >= COUNTED:
            return _with_counted(gene, call, others, usable, domain)
        possible = _reliable(gene, call, usable, domain)
        open_ = call["state"] == "called" and call.get("phenotype_certain") is False
        caution = _caution(gene, call, open_)
        shown = _shown(gene, usable, call.get("activity_score"))
        return Result(gene, possible, shown=shown, caution=caution, others=others, beside=call.get("also_carried"))
    if call.get("phenotype_certain") and len(usable) == 1:
        possible = _of_phenotype(gene, usable[0], domain)
        caution = CERTAIN.format(gene=gene, phenotype=usable[0])
        return Result(gene, possible, shown=usable[0], caution=caution)
    proxied = next(iter(_others(gene, call, domain, "proxied_reading")), None)
    return Result(gene, reason=_why(call, f"{gene} is not assessable"), hinted=hinted, proxied=proxied)


def _caution(gene: str, call: dict, open_: bool) -> str | None:
    """What goes with a result that is carried beside something, or (``open_``) that other readings contradict."""
    if call.get("also_carried"):
        return BESIDE.format(gene=gene, also=call["also_carried"])
    return UNCERTAIN.format(gene=gene, reason=call.get("reason")) if open_ else None


def _others(gene: str, call: dict, domain: Domain, column: str = "other_readings") -> tuple[Other, ...]:
    return tuple(Other(gene, one, _by_reading(gene, one, domain)) for one in read(call.get(column)))


def _by_reading(gene: str, one: OtherReading, domain: Domain) -> tuple[Possibility, ...]:
    if (one.phenotype or NOT_AVAILABLE).lower() == NOT_AVAILABLE:
        return ()
    row = {"diplotype": one.diplotype, "activity_score": one.activity_score}
    return _reliable(gene, row, [one.phenotype], domain)


def _with_counted(gene: str, call: dict, others: tuple[Other, ...], usable: list[str], domain: Domain) -> Result:
    """The result where the other readings together are no rarity: each of them counts as what the gene may be.

    One without a phenotype leaves the gene not known, unless it alone is a rarity.
    """
    without = [other for other in others if not other.possible]
    if any(other.reading.most >= COUNTED for other in without):
        return Result(gene, reason=_why(call, NO_PHENOTYPE.format(gene=gene)), hinted=" or ".join(usable))
    counted = [other for other in others if other.possible]
    possible = dict.fromkeys(_reliable(gene, call, usable, domain))
    possible |= dict.fromkeys(one for other in counted for one in other.possible)
    told = list(dict.fromkeys([*usable, *(other.reading.phenotype for other in counted)]))
    scores = [*_texts(call.get("activity_score"), OR), *(other.reading.activity_score for other in counted)]
    shown = _shown(gene, told, OR.join(dict.fromkeys(filter(None, scores))))
    caution = _caution(gene, call, len(told) > 1)
    beside = call.get("also_carried")
    return Result(gene, tuple(possible), shown=shown, caution=caution, others=tuple(without), beside=beside)


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
    return tuple(one for diplotype in diplotypes for one in _of_scores(gene, scores, diplotype))


def _of_scores(gene: str, scores: list[tuple[float, float]], diplotype: str | None) -> Iterator[Possibility]:
    """A possibility for each score that guidance tells apart within the intervals."""
    for low, high in scores:
        for value in scores_within(gene, low, high):
            yield Possibility(None, (value, value), diplotype)


def _of_phenotype(gene: str, phenotype: str, domain: Domain) -> tuple[Possibility, ...]:
    """What a gene may be of which the phenotype alone is known: for a gene with scores, each that has it."""
    if gene.startswith("HLA-"):
        return (Possibility(phenotype, statuses=frozenset(_texts(phenotype, THEN.strip()))),)
    scores = domain.scores_of(gene, phenotype) if gene in SCORED else ()
    return tuple(_of_scores(gene, [read_score(score) for score in scores], None)) or (Possibility(phenotype),)
