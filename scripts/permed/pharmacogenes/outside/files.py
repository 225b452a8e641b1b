"""Read calls made elsewhere: PharmCAT's outside-call format, for one person or with a leading ``sample`` column.

A line has the gene, a diplotype or single allele, a phenotype and an activity score, parted by tabs; one of the last
three is enough. Lines that begin with ``#`` are comments (PharmCAT documentation, "Outside Call Format").

A fault of a file's form stops the run. A line whose content cannot be read is a fault of that person's gene alone, and
a line in which the caller says that it has no result is an answer: neither is passed over in silence.
"""

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from permed.delimited import separator_of, split_line, table_lines
from permed.errors import Fault
from permed.pharmacogenes.copies import phenotypes_of_score
from permed.pharmacogenes.known import KnownGene
from permed.pharmacogenes.outside import hla
from permed.pharmacogenes.outside.spelling import Reading, read_diplotype, split_apart
from permed.pharmacogenes.outside.words import is_no_result
from permed.pharmacogenes.phenotypes import AT_LEAST, NOT_AVAILABLE
from permed.plain_text import read_plain

KEY = "pharmacogenes.outside_calls"
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


@dataclass
class OutsideCalls:
    """What files hold of the people wanted, what is wrong with their form, the other names that a file has, and the
    genes by file that nobody here can use."""

    calls: list[OutsideCall]
    faults: list[Fault]
    others: set[str]
    unknown: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Knowledge:
    """What lines are read by: the genes, the HLA alleles with guidance by gene, and the words for no result."""

    genes: dict[str, KnownGene]
    guided: dict[str, list[str]]
    words: frozenset[str] = frozenset()

    def gene(self, cell: str) -> str | None:
        """The gene that a cell names, in any letter case, with or without its hyphen."""
        return self._by_key.get(_gene_key(cell))

    @property
    def _by_key(self) -> dict[str, str]:
        return {_gene_key(name): name for name in (*self.genes, *self.guided)}


def read_outside(
    files: list[tuple[Path, str]],
    wanted: list[str],
    known: dict[str, KnownGene],
    guided: dict[str, list[str]],
    words: frozenset[str] = frozenset(),
) -> OutsideCalls:
    """Read files, given as (path, the one person of it or an empty name for a file with a ``sample`` column).

    Lines of people who are not ``wanted`` are not read beyond the name. Where one person is wanted, a file without a
    ``sample`` column is that person's.
    """
    found = OutsideCalls([], [], set())
    knowledge = Knowledge(known, guided, words)
    for path, sample in files:
        try:
            lines = _lines(path, knowledge)
        except Fault as fault:
            found.faults.append(fault)
            continue
        if sample and sample not in wanted:
            continue
        _read_file(path, lines, sample, wanted, knowledge, found)
    return found


def _read_file(path, lines, sample: str, wanted: list[str], knowledge: Knowledge, found: OutsideCalls) -> None:
    people = set(wanted)
    plain = sample or (wanted[0] if len(people) == 1 and not _has_samples(lines, people, knowledge) else "")
    for number, cells in lines:
        own, rest = (plain, cells) if plain else (cells[0], cells[1:])
        if own not in people and not knowledge.gene(own):
            found.others.add(own)
        elif own not in people:
            remedy = "Begin each line with the sample, or give one file a person, with {sample} in its name"
            fault = "the line begins with the gene, and the file is for several people"
            found.faults.append(Fault(fault, path, None, number, remedy))
        else:
            _add_line(path, number, own, rest, knowledge, found)


def _add_line(path, number: int, sample: str, cells: list[str], knowledge: Knowledge, found: OutsideCalls) -> None:
    """Add what a line says of a person; a gene without tables is kept by its name alone."""
    named = cells[0] if cells else ""
    gene = knowledge.gene(named) or knowledge.gene(re.split(r"[\s,;:]", named)[0])
    if gene is None:
        missed = found.unknown.setdefault(str(path), [])
        missed += [named] * (named not in missed)
        return
    place = OutsideCall(sample, gene, Path(path).name, number)
    try:
        if not knowledge.gene(named):
            raise Fault(f"{named} is no gene", remedy="Part the fields by single tabs")
        found.calls += _read_line(place, cells, knowledge)
    except Fault as fault:
        found.calls.append(replace(place, unread=f"{fault.fault}. {fault.remedy}"))


def calls_by_gene(
    files: list[Path],
    of: list[str],
    wanted: list[str],
    known: dict[str, KnownGene],
    guided: dict[str, list[str]],
    words: frozenset[str] = frozenset(),
) -> dict[str, list[OutsideCall]]:
    """The calls of the people ``wanted`` by gene; ``of`` is the one person of each file as :func:`read_outside` takes.

    Raises every fault of the files together.
    """
    found = read_outside(list(zip(files, of or [""] * len(files), strict=True)), wanted, known, guided, words)
    if found.faults:
        raise ExceptionGroup("calls made elsewhere", found.faults)
    by_gene: dict[str, list[OutsideCall]] = {}
    for call in found.calls:
        by_gene.setdefault(call.gene, []).append(call)
    return by_gene


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


def _lines(path: Path, knowledge: Knowledge) -> list[tuple[int, list[str]]]:
    """Number and fields of the lines that are no comment and no header. Raises a Fault where no line has fields."""
    text = read_plain(path, KEY).decode()
    lines, separator = [], separator_of(next((line for _, line in table_lines(text)), ""))
    for number, line in table_lines(text):
        cells = split_line(line, separator, path, number)
        header = [cell.lower() for cell in cells[:2]] in (["sample", "gene"], ["gene", "diplotype"])
        if any(cells) and not header:
            lines.append((number, cells))
    if lines and all(len(cells) == 1 and not knowledge.gene(cells[0]) for _, cells in lines):
        fault = f"no line has fields parted by tabs: {lines[0][1][0]}"
        raise Fault(fault, path, None, lines[0][0], f"Give {FIELDS}, parted by single tabs")
    return lines


def _has_samples(lines: list[tuple[int, list[str]]], people: set[str], knowledge: Knowledge) -> bool:
    """Whether lines begin with a sample: one that is wanted, or anything before a gene."""
    return any(cells[0] in people or (len(cells) > 1 and bool(knowledge.gene(cells[1]))) for _, cells in lines)


def _gene_key(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _read_line(place: OutsideCall, cells: list[str], knowledge: Knowledge) -> list[OutsideCall]:
    """The answers of a line. Raises a Fault where its content cannot be read."""
    if len(cells) > 4 and any(cells[4:]):
        raise Fault(f"the line has more than the fields {FIELDS}", remedy="Part the fields by single tabs")
    _, diplotype, phenotype, score = [*cells[:4], "", "", ""][:4]
    if not (diplotype or phenotype or score):
        remedy = f"Give one of {FIELDS.removeprefix('gene, ')}, parted by tabs"
        raise Fault("the line has a gene only", remedy=remedy)
    gene = knowledge.genes.get(place.gene)
    terms = {term.lower() for term in gene.terms()} if gene else set()
    if is_no_result(diplotype, knowledge.words):
        stated = [cell for cell in (phenotype, score) if cell and not is_no_result(cell, knowledge.words)]
        return [replace(place, no_result=", ".join([diplotype, *stated]))]
    if not diplotype and not score and phenotype.lower() not in terms and is_no_result(phenotype, knowledge.words):
        return [replace(place, no_result=phenotype)]
    if gene is None:
        return _hla(place, diplotype, phenotype, knowledge.words)
    if not gene.scored and not (diplotype or phenotype):
        raise Fault(f"{place.gene} has no activity score", remedy="Give its diplotype or phenotype")
    reading = _reading(gene, diplotype) if diplotype else Reading(((),))
    stated = {
        "phenotype": _phenotype(gene, phenotype) if phenotype else None,
        "score": _score(gene, score) if score and gene.scored else None,
        "said": reading.said,
        "doubted": reading.doubted,
    }
    return [replace(place, strands=strands, **stated) for strands in reading.diplotypes]


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
    pairs = [_typed(place.gene, pair, words) for pair in split_apart(diplotype, ";") if pair] or [()]
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
