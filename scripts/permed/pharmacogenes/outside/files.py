"""Read calls made elsewhere: PharmCAT's outside-call format, for one person or with a leading ``sample`` column.

A line has the gene, a diplotype or single allele, a phenotype and an activity score, parted by tabs; one of the last
three is enough. Lines that begin with ``#`` are comments (PharmCAT documentation, "Outside Call Format").
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from permed.delimited import separator_of, split_line, table_lines
from permed.errors import Fault
from permed.pharmacogenes.copies import phenotypes_of_score
from permed.pharmacogenes.known import KnownGene
from permed.pharmacogenes.outside import hla
from permed.pharmacogenes.phenotypes import AT_LEAST, NOT_AVAILABLE
from permed.plain_text import read_plain

FIELDS = "gene, diplotype, phenotype, activity score"
_SCORE = re.compile(r"(≥|>=)?\s*(\d+(?:\.\d+)?)")
# PharmCAT documentation, "Outside Call Format": the abbreviations that it takes.
ABBREVIATIONS = {"pm": "poor", "im": "intermediate", "nm": "normal", "em": "normal", "um": "ultrarapid"}


@dataclass(frozen=True)
class OutsideCall:
    """One line: ``strands`` as components by name (empty without a diplotype), or ``typed`` for an HLA gene.

    ``phenotype`` and ``score`` are what the line states, in the tables' words; ``answers`` those stated of HLA alleles.
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


@dataclass
class OutsideCalls:
    """What files hold of the people wanted, what is wrong with them, and the other names that a file has."""

    calls: list[OutsideCall]
    faults: list[Fault]
    others: set[str]


def read_outside(
    files: list[tuple[Path, str]], wanted: list[str], known: dict[str, KnownGene], guided: dict[str, list[str]]
) -> OutsideCalls:
    """Read files, given as (path, the one person of it or an empty name for a file with a ``sample`` column).

    Lines of people who are not ``wanted`` are not read beyond the name. Where one person is wanted, a file without a
    ``sample`` column is that person's.
    """
    found = OutsideCalls([], [], set())
    people, genes = set(wanted), {*known, *guided}
    for path, sample in files:
        try:
            lines = _lines(path)
        except Fault as fault:
            found.faults.append(fault)
            continue
        if sample and sample not in people:
            continue
        plain = sample or (wanted[0] if len(people) == 1 and not _has_samples(lines, people, genes) else "")
        for number, cells in lines:
            own = plain
            if not own:
                own, *cells = cells
            if own not in people and own not in genes:
                found.others.add(own)
                continue
            try:
                if own not in people:
                    remedy = "Begin each line with the sample, or give one file a person, with {sample} in its name"
                    raise Fault("the line begins with the gene, and the file is for several people", remedy=remedy)
                found.calls.append(_read_line(path, number, own, cells, known, guided))
            except Fault as fault:
                fault.file, fault.line, fault.sample = str(path), number, own if own in people else None
                found.faults.append(fault)
    return found


def calls_by_gene(
    files: list[Path], of: list[str], wanted: list[str], known: dict[str, KnownGene], guided: dict[str, list[str]]
) -> dict[str, list[OutsideCall]]:
    """The calls of the people ``wanted`` by gene; ``of`` is the one person of each file as :func:`read_outside` takes.

    Raises every fault of the files together.
    """
    found = read_outside(list(zip(files, of or [""] * len(files), strict=True)), wanted, known, guided)
    if found.faults:
        raise ExceptionGroup("calls made elsewhere", found.faults)
    by_gene: dict[str, list[OutsideCall]] = {}
    for call in found.calls:
        by_gene.setdefault(call.gene, []).append(call)
    return by_gene


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Number and fields of the lines that are no comment and no header."""
    text = read_plain(path, "pharmacogenes.outside_calls").decode()
    lines, separator = [], separator_of(next((line for _, line in table_lines(text)), ""))
    for number, line in table_lines(text):
        cells = split_line(line, separator, path, number)
        header = [cell.lower() for cell in cells[:2]] in (["sample", "gene"], ["gene", "diplotype"])
        if any(cells) and not header:
            lines.append((number, cells))
    return lines


def _has_samples(lines: list[tuple[int, list[str]]], people: set[str], genes: set[str]) -> bool:
    """Whether lines begin with a sample: one that is wanted, or anything before a gene."""
    return any(cells[0] in people or (len(cells) > 1 and cells[1] in genes) for _, cells in lines)


def _read_line(path, number: int, sample: str, cells: list[str], known, guided) -> OutsideCall:
    if len(cells) > 4 and any(cells[4:]):
        raise Fault(f"the line has more than the fields {FIELDS}", remedy="Part the fields by single tabs")
    gene, diplotype, phenotype, score = [*cells[:4], "", "", ""][:4]
    if gene not in known and gene not in guided:
        remedy = f"Known are {', '.join(sorted({*known, *guided}))}"
        raise Fault(f"{gene or 'an empty field'} is no gene that can be called", remedy=remedy)
    if not (diplotype or phenotype or score):
        raise Fault("the line has a gene only", remedy=f"Give one of {FIELDS.removeprefix('gene, ')}, parted by tabs")
    place = {"sample": sample, "gene": gene, "file": Path(path).name, "line": number}
    if gene in guided:
        if not (diplotype or phenotype):
            raise Fault(f"{gene} has no activity score", remedy="Give the typed alleles or *57:01 positive")
        return OutsideCall(**place, **_hla(gene, diplotype, phenotype))
    own = known[gene]
    if not own.scored and not (diplotype or phenotype):
        raise Fault(f"{gene} has no activity score", remedy="Give its diplotype or phenotype")
    return OutsideCall(
        **place,
        strands=_strands(own, diplotype) if diplotype else (),
        phenotype=_phenotype(own, phenotype) if phenotype else None,
        score=_score(own, score) if score and own.scored else None,
    )


def _hla(gene: str, diplotype: str, phenotype: str) -> dict:
    typed = tuple(hla.read_typed(gene, name) for name in diplotype.split("/")) if diplotype else ()
    if None in typed or len(typed) > 2:
        remedy = "Write one or two alleles as *57:01/*07:02, with two fields or more"
        raise Fault(f"{diplotype} is no pair of {gene} alleles", remedy=remedy)
    answers = hla.read_answers(gene, phenotype) if phenotype else {}
    if answers is None:
        raise Fault(f"{phenotype} is no result of {gene}", remedy="Write *57:01 positive; *58:01 negative")
    return {"typed": typed, "answers": tuple(sorted(answers.items())), "phenotype": phenotype or None}


@cache
def _strands(gene: KnownGene, text: str) -> tuple[tuple[str, ...], ...]:
    names = _split(text)
    found = [gene.components(name) for name in names]
    unknown = [name for name, components in zip(names, found, strict=True) if components is None]
    if unknown:
        remedy = "Write the names of the allele definitions, as in resources/pharmacogenes/alleles.tsv"
        raise Fault(f"{gene.name} has no allele {unknown[0] or '(empty)'}", remedy=remedy)
    least, most = gene.strands
    if not least <= len(names) <= most:
        wants = "one allele" if most == 1 else "two alleles, as *1/*2" if least == 2 else "one or two alleles"
        raise Fault(f"{text} has {len(names)} of the alleles of {gene.name}", remedy=f"Give {wants}")
    return tuple(found)


def _split(text: str) -> list[str]:
    """The strands of a diplotype; a slash within brackets parts nothing."""
    names, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "/" and not depth:
            names.append("")
        else:
            names[-1] += letter
    return [name.strip() for name in names]


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
