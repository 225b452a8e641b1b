"""Read files of calls made elsewhere: PharmCAT's outside-call format, for one person or with a leading ``sample``
column, or other callers' own formats.

A line of PharmCAT's has the gene, a diplotype or single allele, a phenotype and an activity score, parted by tabs; one
of the last three is enough. Lines that begin with ``#`` are comments (PharmCAT documentation, "Outside Call Format").

A fault of a file's form stops the run. A line whose content cannot be read is a fault of that person's gene alone, and
a line in which the caller says that it has no result is an answer: neither is passed over in silence.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from permed.delimited import separator_of, split_line, table_lines
from permed.errors import Fault
from permed.pharmacogenes.known import KnownGene
from permed.pharmacogenes.outside.formats import AUTO, Given, read_format
from permed.pharmacogenes.outside.lines import FIELDS, Knowledge, OutsideCall, read_line
from permed.plain_text import read_plain

KEY = "pharmacogenes.outside_calls"
_ONE_FILE = "give one file a person, with {sample} in its name"
_Lines = list[tuple[int, list[str]]]


@dataclass
class OutsideCalls:
    """What files hold of the people wanted, what is wrong with their form, the other names that a file has, the genes
    by file that nobody here can use, and the files that hold no line."""

    calls: list[OutsideCall]
    faults: list[Fault]
    others: set[str]
    unknown: dict[str, list[str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)


def read_outside(
    files: list[tuple[Path, str]],
    wanted: list[str],
    known: dict[str, KnownGene],
    guided: dict[str, list[str]],
    words: frozenset[str] = frozenset(),
    form: str = AUTO,
) -> OutsideCalls:
    """Read files, given as (path, the one person of it or an empty name for a file with a ``sample`` column).

    Lines of people who are not ``wanted`` are not read beyond the name. Where one person is wanted, a file without
    samples is that person's. ``form`` is one of :data:`.formats.NAMES`, PharmCAT's, or recognised.
    """
    found = OutsideCalls([], [], set())
    knowledge = Knowledge(known, guided, words)
    people = set(wanted)
    for path, sample in files:
        if sample and sample not in people:
            continue
        try:
            text = read_plain(path, KEY).decode()
            given = read_format(text, path, form)
            if given is None:
                _read_pharmcat(path, _lines(path, text, knowledge), sample, wanted, knowledge, found)
            else:
                _read_other(path, given, sample, wanted, knowledge, found)
        except Fault as fault:
            found.faults.append(fault)
    return found


def calls_by_gene(
    files: list[Path],
    of: list[str],
    wanted: list[str],
    known: dict[str, KnownGene],
    guided: dict[str, list[str]],
    words: frozenset[str] = frozenset(),
    form: str = AUTO,
) -> dict[str, list[OutsideCall]]:
    """The calls of the people ``wanted`` by gene; ``of`` is the one person of each file as :func:`read_outside` takes.

    Raises every fault of the files together.
    """
    found = read_outside(list(zip(files, of or [""] * len(files), strict=True)), wanted, known, guided, words, form)
    if found.faults:
        raise ExceptionGroup("calls made elsewhere", found.faults)
    by_gene: dict[str, list[OutsideCall]] = {}
    for call in found.calls:
        by_gene.setdefault(call.gene, []).append(call)
    return by_gene


def _read_pharmcat(path, lines: _Lines, sample: str, wanted: list[str], knowledge: Knowledge, found: OutsideCalls):
    people = set(wanted)
    plain = sample or (wanted[0] if len(people) == 1 and not _has_samples(lines, people, knowledge) else "")
    for number, cells in lines:
        own, rest = (plain, cells) if plain else (cells[0], cells[1:])
        if own not in people and not knowledge.gene(own):
            found.others.add(own)
        elif own not in people:
            remedy = f"Begin each line with the sample, or {_ONE_FILE}"
            fault = "the line begins with the gene, and the file is for several people"
            found.faults.append(Fault(fault, path, None, number, remedy))
        else:
            _add_line(OutsideCall(own, "", Path(path).name, number), path, rest, knowledge, found)


def _read_other(path, given: list[Given], sample: str, wanted: list[str], knowledge: Knowledge, found: OutsideCalls):
    """Add the lines of a caller's own format. Raises a Fault where it does not tell whose, or of which gene, they are.

    The person of a file's name counts for a file of one sample, under whatever name the caller has it.
    """
    names = {one.sample for one in given}
    if sample and sample not in names and (len(names) > 1 or names & set(wanted)):
        fault = f"the file is named for {sample}, and holds {', '.join(sorted(names)[:3])}"
        raise Fault(fault, path, remedy="Give each person the own file")
    if not given:
        found.empty.append(str(path))
    people = set(wanted)
    for one in given:
        own = one.sample or (wanted[0] if len(wanted) == 1 else "")
        if sample:
            own = sample if len(names) == 1 else one.sample
        if not own:
            raise Fault("the format names no sample, and several people agreed", path, remedy=_ONE_FILE.capitalize())
        if own not in people or sample not in ("", own):
            found.others |= {own} - people
            continue
        place = OutsideCall(own, "", Path(path).name, one.line)
        cells = [one.gene or _gene_of_name(path, knowledge), one.diplotype, one.phenotype]
        _add_line(place, path, cells, knowledge, found, one)


def _gene_of_name(path, knowledge: Knowledge) -> str:
    """The gene that a file's name or its folder's tells, where its lines do not."""
    for name in (Path(path).name, Path(path).absolute().parent.name):
        parts = {gene for part in re.split(r"[._\s-]", name) if (gene := knowledge.gene(part))}
        if len(parts) == 1:
            return parts.pop()
    raise Fault("the lines name no gene", path, remedy="Name the gene in the file's name, as S1.CYP2D6.tsv")


def _add_line(place: OutsideCall, path, cells: list[str], knowledge: Knowledge, found: OutsideCalls, given=None):
    """Add what a line says of a person; a gene without tables is kept by its name alone."""
    named = cells[0] if cells else ""
    gene = knowledge.gene(named) or knowledge.gene(re.split(r"[\s,;:]", named)[0])
    if gene is None:
        missed = found.unknown.setdefault(str(path), [])
        missed += [named] * (named not in missed)
        return
    place = replace(place, gene=gene)
    try:
        if not knowledge.gene(named):
            raise Fault(f"{named} is no gene", remedy="Part the fields by single tabs")
        found.calls += read_line(place, cells, knowledge, given)
    except Fault as fault:
        found.calls.append(replace(place, unread=f"{fault.fault}. {fault.remedy}"))


def _lines(path: Path, text: str, knowledge: Knowledge) -> _Lines:
    """Number and fields of the lines that are no comment and no header. Raises a Fault where no line has fields."""
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


def _has_samples(lines: _Lines, people: set[str], knowledge: Knowledge) -> bool:
    """Whether lines begin with a sample: one that is wanted, or anything before a gene."""
    return any(cells[0] in people or (len(cells) > 1 and bool(knowledge.gene(cells[1]))) for _, cells in lines)
