"""The FORMAT fields that stages read, and what has to be changed in a header that defines them in another way."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from permed.genome import canonical

RESOURCES = Path(__file__).resolve().parents[3] / "resources" / "inputs"
READ = tuple("GT DP AD GQ RGQ PL GL MIN_DP FT PS PGT PID DS HDS GP IGC BAF".split())
LOCAL_ALLELES = ("LAA", "LA")  # which ALT a person's local alleles are: LAA leaves REF out, LA begins with it
DERIVED = {"GT": "LGT", "AD": "LAD"}  # the fields that are read by them, and what they are read from
NUMBERS = re.compile(r"\d+|[ARG.]")  # what Number may be for all that reads headers here
_DEFINITION = re.compile(r"##(INFO|FORMAT|contig)=<(.*)>\s*")
_PART = re.compile(r'(?:^|,)(\w+)=("(?:\\.|[^"\\])*"|[^,]*)')


@dataclass(frozen=True)
class Definition:
    """A line of a header that defines a field or contig; ``number`` and ``type`` are empty where it has none."""

    kind: str
    name: str
    number: str = ""
    type: str = ""


@dataclass
class Changes:
    """What a header and the lines below it need before they can be read like those of other files.

    ``redefined`` gives FORMAT fields another (Number, Type), ``left_out`` are FORMAT fields that are not read,
    ``contigs`` gives contigs of the header the name that records use, an empty one where both are defined. ``values``
    are fields whose values have to be written in another way, ``local`` whether genotypes or depths of local alleles
    are read. ``strict`` reads every value of every field and drops all that nobody reads.
    """

    redefined: dict[str, tuple[str, str]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    contigs: dict[str, str] = field(default_factory=dict)
    values: set[str] = field(default_factory=set)
    local: bool = False
    strict: bool = False

    def __bool__(self) -> bool:
        return bool(self.redefined or self.left_out or self.contigs or self.by_line)

    @property
    def by_line(self) -> bool:
        """Whether lines of records have to be written anew, and not the header alone."""
        return bool(self.values or self.left_out or self.local or self.strict)

    def header(self, lines: Iterable[str]) -> list[str]:
        """Lines of a header (without their ends) with definitions as they have to be."""
        done = []
        for line in lines:
            found = parse_definition(line)
            if found and found.kind == "contig" and found.name in self.contigs:
                if new := self.contigs[found.name]:
                    done.append(line.replace(f"ID={found.name}", f"ID={new}", 1))
            elif found and found.kind == "FORMAT" and found.name in self.left_out:
                continue
            elif found and found.kind == "FORMAT" and found.name in self.redefined:
                number, kind = self.redefined[found.name]
                text = _described(line)
                done.append(f"##FORMAT=<ID={found.name},Number={number},Type={kind},Description={text}>")
            else:
                done.append(line)
        return done

    def notes(self) -> list[str]:
        """What people should be told of fields that are read in another way than the header says."""
        told = []
        if shown := sorted(self.values & set(READ)):
            told.append(f"{', '.join(shown)} have not the type of the specification, and are converted")
        if self.local:
            told.append("genotypes and depths of local alleles (LAA, LGT, LAD) are read, their likelihoods are not")
        if shown := sorted(self.left_out & set(READ)):
            told.append(f"{', '.join(shown)} are defined as something else than the specification's, and left out")
        return told


def changes_needed(lines: Iterable[str], used_contigs: Iterable[str] = ()) -> Changes:
    """What a header needs, by its lines and by the contigs that records use (none: they are not known)."""
    definitions = [found for line in lines if (found := parse_definition(line))]
    changes = Changes(contigs=_contigs(definitions, set(used_contigs)))
    formats = {found.name: found for found in definitions if found.kind == "FORMAT"}
    for name, found in formats.items():
        number, kind = reserved().get(("FORMAT", name), (found.number, found.type))
        if name == "AD" and found.number not in ("R", ".", "G"):
            changes.left_out.add(name)  # VarScan: the reads of the alternate alone
        elif name in READ and name != "GT" and _differs(name, found, number, kind):
            changes.redefined[name] = (number, kind)
            changes.values |= {name} if found.type != kind or name == "PS" else set()
        elif not NUMBERS.fullmatch(found.number) or found.type not in ("Integer", "Float", "String", "Character"):
            kind = found.type if found.type in ("Integer", "Float") else "String"
            changes.redefined[name] = (number if name in READ else ".", kind)
    placed = set(LOCAL_ALLELES) & set(formats)
    changes.local = bool(placed and set(DERIVED.values()) & set(formats))
    return changes


def strict_changes(lines: list[str], used_contigs: Iterable[str]) -> Changes:
    """What makes every value of every field that is read one of its type, and drops the other fields."""
    changes = changes_needed(lines, used_contigs)
    names = {found.name for line in lines if (found := parse_definition(line)) and found.kind == "FORMAT"}
    changes.left_out |= names - set(READ) - {*LOCAL_ALLELES, *DERIVED.values()}
    changes.redefined |= {name: reserved()["FORMAT", name] for name in READ}
    changes.values |= set(READ)
    changes.strict = True
    return changes


def spelled_twice(lines: Iterable[str]) -> bool:
    """Whether a header defines a contig under two names."""
    names = {found.name for line in lines if (found := parse_definition(line)) and found.kind == "contig"}
    return len({canonical(name) for name in names}) < len(names)


def parse_definition(line: str) -> Definition | None:
    """The definition of a field or contig that a header's line is; None for any other line."""
    found = _DEFINITION.fullmatch(line)
    if not found:
        return None
    parts = dict(_PART.findall(found[2]))
    return Definition(found[1], parts.get("ID", ""), parts.get("Number", ""), parts.get("Type", ""))


@cache
def reserved() -> dict[tuple[str, str], tuple[str, str]]:
    """(Number, Type) of INFO and FORMAT names that the specification or common programs reserve."""
    with open(RESOURCES / "vcf_fields.tsv", encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter="\t")
        return {(row["kind"], row["id"]): (row["number"], row["type"]) for row in rows}


def unread_formats(names: Iterable[str]) -> list[str]:
    """Those of a header's FORMAT fields that no stage reads: before files are joined they are taken away, since one
    name may be of another type in each of them."""
    return [name for name in names if name not in READ]


def _differs(name: str, found: Definition, number: str, kind: str) -> bool:
    """Whether a field that is read has to be brought to the Number and Type of the specification.

    Types decide: htslib joins numbers of two types as if their bits were the same. AD and PL of any number of values
    are split by alleles only where their Number says so.
    """
    if found.type != kind or not NUMBERS.fullmatch(found.number):
        return True
    return found.number != number and name in ("AD", "PL", "GL", "PS")


def _contigs(definitions: list[Definition], used: set[str]) -> dict[str, str]:
    """New names of contigs that are defined in one spelling, where records use another."""
    spelled = {canonical(name): name for name in used}
    defined = {found.name for found in definitions if found.kind == "contig"}
    changes: dict[str, str] = {}
    for name in sorted(defined - used):
        if own := spelled.get(canonical(name)):
            changes[name] = "" if own in defined or own in changes.values() else own
    return changes


def _described(line: str) -> str:
    found = re.search(r'Description=("(?:\\.|[^"\\])*")', line)
    return found[1] if found else '"as the file defines it"'
