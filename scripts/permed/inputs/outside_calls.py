"""Checks of pharmacogene calls made elsewhere: every line is read as the calling step will read it."""

from pathlib import Path

from permed.errors import Fault
from permed.inputs.files import outside_files
from permed.pharmacogenes.known import read_known
from permed.pharmacogenes.outside.files import KEY, OutsideCalls, read_outside
from permed.pharmacogenes.outside.formats import AUTO
from permed.pharmacogenes.outside.hla import guided_alleles
from permed.pharmacogenes.outside.lines import OutsideCall, with_copies_of_x
from permed.pharmacogenes.outside.words import no_result_words
from permed.samples import Person, consenting


def check_outside_calls(
    pattern: str | None, people: list[Person], tables: list[Path], asked: list[str], form: str = AUTO
) -> tuple[list[Fault], list[str], list[str]]:
    """Faults of form in the files of ``pharmacogenes.outside_calls`` notes on what of them is not read, and the lines
    that leave a person's gene without a result.

    Such a line concerns one gene of one person and stops nobody.

    Only lines of people who agreed to pharmacogenes are read. ``tables`` are those of ``resources/pharmacogenes``,
    ``asked`` the genes of the run.
    """
    wanted = consenting(people, "pharmacogenes")
    if not pattern or not wanted:
        return [], [], []
    files = outside_files(pattern, wanted)
    known, guided = read_known(tables), guided_alleles(tables)
    words = no_result_words(tables)
    found = read_outside([(Path(path), sample) for path, sample in files], wanted, known, guided, words, form)
    sheet = {person.sample for person in people}
    faults = list(found.faults)
    if found.others and not (found.others & sheet or found.calls or found.unknown or faults):
        remedy = f"Check the names of samples in the file of {KEY}: none is in the sample sheet"
        fault = f"no line is of a person of the sheet: its {len(found.others)} names are others"
        faults.append(Fault(fault, pattern, remedy=remedy))
    copies = {person.sample: {"XX": 2, "XY": 1}.get(person.sex, 0) for person in people}
    calls = [of_x for call in found.calls for of_x in _with_copies(call, known, copies)]
    return faults, [*_notes(pattern, wanted, len(files), found, sheet, asked), *_no_genes(found)], _unread(calls)


def _with_copies(call: OutsideCall, known: dict, copies: dict[str, int]) -> list[OutsideCall]:
    return with_copies_of_x([call], known[call.gene], copies) if call.gene in known else [call]


def _unread(calls: list[OutsideCall]) -> list[str]:
    """A note for each line that leaves a person's gene not assessable, and why."""
    answered = {(call.sample, call.gene) for call in calls if not (call.unread or call.no_result)}
    notes = []
    for call in calls:
        why = call.unread
        if call.no_result and (call.sample, call.gene) not in answered:
            why = f"the file says {call.no_result}, which is no result"
        if why:
            where = f"{call.file} line {call.line}, sample {call.sample}"
            notes.append(f"{where}: {call.gene} is not assessable: {why}")
    return notes


def _no_genes(found: OutsideCalls) -> list[str]:
    """One note for the genes of a file, or of all files that have the same ones."""
    files: dict[tuple[str, ...], list[str]] = {}
    for path, genes in found.unknown.items():
        files.setdefault(tuple(genes), []).append(path)
    return [
        f"{_first_of(paths)}: lines of {', '.join(genes)} are not used: no tables of pharmacogenes have them"
        for genes, paths in files.items()
    ]


def _first_of(paths: list[str]) -> str:
    return f"{paths[0]} and {len(paths) - 1} further files" if len(paths) > 1 else paths[0]


def _notes(
    pattern: str, wanted: list[str], files: int, found: OutsideCalls, sheet: set[str], asked: list[str]
) -> list[str]:
    notes = []
    if "{sample}" in pattern and files < len(wanted):
        notes.append(f"{len(wanted) - files} of {len(wanted)} people have no file of pharmacogene calls made elsewhere")
    strangers = len(found.others - sheet)
    if strangers:
        notes.append(
            f"{strangers} people in the pharmacogene calls made elsewhere are not in the sample sheet: not read, "
            "without consent"
        )
    withheld = len(found.others & sheet)
    if withheld:
        notes.append(f"Pharmacogene calls made elsewhere of {withheld} people who did not agree to them are not read")
    if found.empty:
        notes.append(f"{_first_of(found.empty)}: no line of a call is there; ask whether the caller failed")
    left = sorted({call.gene for call in found.calls} - set(asked)) if "all" not in asked else []
    if left:
        notes.append(f"Calls made elsewhere of {', '.join(left)} are not used: not among pharmacogenes.genes")
    return notes
