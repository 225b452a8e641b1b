"""Checks of pharmacogene calls made elsewhere: every line is read as the calling step will read it."""

from pathlib import Path

from permed.errors import Fault
from permed.inputs.files import outside_files
from permed.pharmacogenes.known import KnownGene, read_known
from permed.pharmacogenes.outside.files import OutsideCall, OutsideCalls, read_outside
from permed.pharmacogenes.outside.hla import guided_alleles
from permed.samples import Person, consenting


def check_outside_calls(
    pattern: str | None, people: list[Person], tables: list[Path], asked: list[str]
) -> tuple[list[Fault], list[str]]:
    """Faults in the files of ``pharmacogenes.outside_calls`` and notes on what of them is not read.

    Only lines of people who agreed to pharmacogenes are read. ``tables`` are those of ``resources/pharmacogenes``,
    ``asked`` the genes of the run.
    """
    wanted = consenting(people, "pharmacogenes")
    if not pattern or not wanted:
        return [], []
    files = outside_files(pattern, wanted)
    known, guided = read_known(tables), guided_alleles(tables)
    found = read_outside([(Path(path), sample) for path, sample in files], wanted, known, guided)
    sex = {person.sample: person.sex for person in people}
    paths = {sample: path for path, sample in files}
    faults = list(found.faults)
    for call in found.calls:
        if wrong := _copies_of_x(call, known, sex[call.sample]):
            remedy = "Correct the call, or the sex in the sheet"
            faults.append(Fault(wrong, paths.get(call.sample, pattern), call.sample, call.line, remedy))
    return faults, _notes(pattern, wanted, len(files), found, set(sex), asked)


def _copies_of_x(call: OutsideCall, known: dict[str, KnownGene], sex: str) -> str:
    """What is wrong with the count of alleles of a gene on chrX; two equal ones of an XY person are let pass."""
    if not call.strands or known[call.gene].contig != "chrX":
        return ""
    if sex == "XX" and len(call.strands) == 1:
        return f"one allele of {call.gene} is given, and the sample sheet says XX"
    if sex == "XY" and len(set(call.strands)) == 2:
        return f"two alleles of {call.gene} are given, and the sample sheet says XY"
    return ""


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
    left = sorted({call.gene for call in found.calls} - set(asked)) if "all" not in asked else []
    if left:
        notes.append(f"Calls made elsewhere of {', '.join(left)} are not used: not among pharmacogenes.genes")
    return notes
