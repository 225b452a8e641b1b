"""A line of calls made elsewhere: gene, diplotype, phenotype and activity score, read by what the tables know."""

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property

from permed.errors import Fault
from permed.pharmacogenes.copies import phenotypes_of_score
from permed.pharmacogenes.known import KnownGene
from permed.pharmacogenes.outside import hla
from permed.pharmacogenes.outside.formats import Given
from permed.pharmacogenes.outside.spelling import Reading, read_diplotype, split_apart
from permed.pharmacogenes.outside.words import is_no_result
from permed.pharmacogenes.phenotypes import AT_LEAST, NOT_AVAILABLE

FIELDS = "gene, diplotype, phenotype, activity score"
_SCORE = re.compile(r"(≥|>=)?\s*(\d+(?:\.\d+)?)")
# PharmCAT documentation, "Outside Call Format": the abbreviations that it takes.
ABBREVIATIONS = {"pm": "poor", "im": "intermediate", "nm": "normal", "em": "normal", "um": "ultrarapid"}


@dataclass(frozen=True)
class OutsideCall:
    """One answer of one line: ``strands`` as components by name (empty without a diplotype), or ``typed`` of HLA.

    A line that lists several diplotypes is a call for each. ``phenotype`` and ``score`` are what the line states, in
    the tables' words; ``answers`` those stated of HLA alleles; ``said`` tells how names were read, ``doubted`` that the
    file itself marks the call so. ``no_result`` is the caller's word for none, ``unread`` why the line cannot be read:
    with either there is nothing else.
    """

    sample: str
    gene: str
    file: str
    line: int
    strands: tuple[tuple[str, ...], ...] = ()
    typed: tuple[hla.Typed, ...] = ()
    phenotype: str | None = None
    score: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    said: tuple[str, ...] = ()
    doubted: bool = False
    no_result: str = ""
    unread: str = ""


@dataclass(frozen=True)
class Knowledge:
    """What lines are read by: the genes, the HLA alleles with guidance by gene, and the words for no result."""

    genes: dict[str, KnownGene]
    guided: dict[str, list[str]]
    words: frozenset[str] = frozenset()

    def gene(self, cell: str) -> str | None:
        """The gene that a cell names, in any letter case, with or without its hyphen."""
        return self._by_key.get(_gene_key(cell))

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {_gene_key(name): name for name in (*self.genes, *self.guided)}


@cache
def _gene_key(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def read_line(
    place: OutsideCall, cells: list[str], knowledge: Knowledge, given: Given | None = None
) -> list[OutsideCall]:
    """The answers of a line. Raises a Fault where its content cannot be read.

    ``given`` is the line of another caller's format: its phenotype counts where the tables have it, and what the caller
    says against its call is kept.
    """
    if len(cells) > 4 and any(cells[4:]):
        raise Fault(f"the line has more than the fields {FIELDS}", remedy="Part the fields by single tabs")
    _, diplotype, phenotype, score = [*cells[:4], "", "", ""][:4]
    if not (diplotype or phenotype or score):
        remedy = f"Give one of {FIELDS.removeprefix('gene, ')}, parted by tabs"
        raise Fault("the line has a gene only", remedy=remedy)
    gene = knowledge.genes.get(place.gene)
    doubt = (given.doubt,) if given and given.doubt else ()
    terms = _terms(gene) if gene else frozenset()
    if is_no_result(diplotype, knowledge.words):
        stated = [cell for cell in (phenotype, score) if cell and not is_no_result(cell, knowledge.words)]
        return [replace(place, no_result=", ".join([diplotype, *stated]))]
    if not diplotype and not score and phenotype.lower() not in terms and is_no_result(phenotype, knowledge.words):
        return [replace(place, no_result=phenotype)]
    if gene is None:
        return _hla(place, diplotype, phenotype, knowledge.words)
    if given and (phenotype.lower() not in terms or is_no_result(phenotype, knowledge.words)):
        phenotype = ""
    if not gene.scored and not (diplotype or phenotype):
        raise Fault(f"{place.gene} has no activity score", remedy="Give its diplotype or phenotype")
    reading = _reading(gene, diplotype) if diplotype else Reading(((),))
    stated = {
        "phenotype": _phenotype(gene, phenotype) if phenotype else None,
        "score": _score(gene, score) if score and gene.scored else None,
        "said": (*doubt, *reading.said),
        "doubted": reading.doubted or bool(doubt),
    }
    return [replace(place, strands=strands, **stated) for strands in reading.diplotypes]


@cache
def _terms(gene: KnownGene) -> frozenset[str]:
    return frozenset(term.lower() for term in gene.terms())


@cache
def _reading(gene: KnownGene, text: str) -> Reading:
    return read_diplotype(gene, text)


def _hla(place: OutsideCall, diplotype: str, phenotype: str, words: frozenset[str]) -> list[OutsideCall]:
    if not (diplotype or phenotype):
        raise Fault(f"{place.gene} has no activity score", remedy="Give the typed alleles or *57:01 positive")
    answers = hla.read_answers(place.gene, phenotype) if phenotype else {}
    if answers is None:
        raise Fault(f"{phenotype} is no result of {place.gene}", remedy="Write *57:01 positive; *58:01 negative")
    stated = {"answers": tuple(sorted(answers.items())), "phenotype": phenotype or None}
    listed = [pair for pair in split_apart(diplotype, ";") if pair] or [diplotype]
    pairs = [_typed(place.gene, pair, words) for pair in listed] if diplotype else [()]
    return [replace(place, typed=typed, **stated) for typed in pairs]


def _typed(gene: str, text: str, words: frozenset[str]) -> tuple[hla.Typed, ...]:
    """The alleles typed, one where the other has the caller's word for none."""
    names = [name for name in text.strip("[]()").split("/") if not is_no_result(name, words)]
    typed = tuple(hla.read_typed(gene, name) for name in names)
    if None in typed or not 0 < len(typed) <= 2:
        remedy = "Write one or two alleles as *57:01/*07:02, with two fields or more"
        raise Fault(f"{text} is no pair of {gene} alleles", remedy=remedy)
    return typed


def _phenotype(gene: KnownGene, text: str) -> str:
    """The phenotype in the tables' words: spelling, capitals and usual abbreviations are forgiven."""
    terms = {term.lower(): term for term in gene.terms()}
    if not terms:
        return text
    wanted = " ".join(text.lower().replace("metaboliser", "metabolizer").split())
    wanted = f"{ABBREVIATIONS[wanted]} metabolizer" if wanted in ABBREVIATIONS else wanted
    if wanted not in terms:
        raise Fault(f"{text} is no phenotype of {gene.name}", remedy=f"Known are {', '.join(gene.terms())}")
    return terms[wanted]


def _score(gene: KnownGene, text: str) -> str:
    if text.lower() == NOT_AVAILABLE:
        return NOT_AVAILABLE
    match = _SCORE.fullmatch(text)
    score = f"{AT_LEAST if match[1] else ''}{float(match[2])}" if match else ""
    if not match or not phenotypes_of_score(score, gene.bands):
        remedy = f"Known are {', '.join(gene.bands)}"
        raise Fault(f"{text} is no activity score of {gene.name}", remedy=remedy)
    return score


def with_copies_of_x(calls: list[OutsideCall], gene: KnownGene, copies: dict[str, int]) -> list[OutsideCall]:
    """Calls of a gene, those unread that have another number of alleles than the person has copies of chrX.

    ``copies`` is by sample, 0 or no entry where it is not known. Two equal alleles of one X are let pass.
    """
    if gene.contig != "chrX":
        return calls
    return [replace(call, unread=why) if (why := _wrong_copies(call, copies)) else call for call in calls]


def _wrong_copies(call: OutsideCall, copies: dict[str, int]) -> str:
    has = copies.get(call.sample, 0)
    remedy = "Correct the call, or the sex in the sheet"
    if has == 2 and len(call.strands) == 1:
        return f"one allele of {call.gene} is given, and there are two X (XX by sheet or genotypes). {remedy}"
    if has == 1 and len(set(call.strands)) == 2:
        return f"two alleles of {call.gene} are given, and there is one X (XY by sheet or genotypes). {remedy}"
    return ""
