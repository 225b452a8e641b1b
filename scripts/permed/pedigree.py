"""Who is whose mother and father: the columns of the sample sheet and a pedigree file (.ped), as one list of people."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from permed.errors import Fault
from permed.plain_text import read_plain
from permed.samples import Person

ROLES = ("mother", "father")
SAME = ("twin_of", "replicate_of")  # columns that name somebody with the same genome
SEX_OF = {"mother": "XX", "father": "XY"}
UNKNOWN = {"0", ".", "-9", "NA", ""}  # what pedigree files write for a parent who is not known
HEADERS = {"fid", "family", "family_id", "familyid", "fam_id", "famid"}
SEXES = {"1": "XY", "2": "XX", "m": "XY", "f": "XX", "male": "XY", "female": "XX", "xy": "XY", "xx": "XX"}
COLUMNS = "family, sample, father, mother, sex"
OLDER = "Correct the years of birth or the parent"


@dataclass(frozen=True)
class Member:
    """A line of a .ped: ``mother`` and ``father`` are None where they are not known, ``sex`` NA likewise."""

    family: str | None
    sample: str
    father: str | None
    mother: str | None
    sex: str
    line: int


def read_ped(path: Path) -> tuple[list[Member], list[Fault]]:
    """Read a pedigree file: family, sample, father, mother, sex (1 male, 2 female) and more, parted by blanks or tabs.

    Lines that start with ``#`` and a first line of column names are left out. Gives the members and every fault.
    """
    path = Path(path)
    try:
        text = read_plain(path, "cohort.pedigree", "pedigree").decode()
    except Fault as fault:
        return [], [fault]
    members, faults, seen = [], [], {}
    for number, line in enumerate(text.split("\n"), 1):
        cells = _cells(line)
        if not cells or line.startswith("#") or (not members and cells[0].lower().replace(" ", "_") in HEADERS):
            continue
        if len(cells) < 5:
            fault = f"{len(cells)} columns, and a .ped has at least 5 ({COLUMNS})"
            faults.append(Fault(fault, path, None, number, "Write 0 for a parent or a sex that is not known"))
            continue
        family, sample, father, mother, sex = (None if cell in UNKNOWN else cell for cell in cells[:5])
        if sample is None:
            faults.append(Fault("the line names no sample", path, None, number, f"The columns are: {COLUMNS}"))
        elif sample in seen:
            remedy = "Keep one line for each sample"
            faults.append(Fault(f"the sample is also on line {seen[sample]}", path, sample, number, remedy))
        else:
            seen[sample] = number
            members.append(Member(family, sample, father, mother, SEXES.get((sex or "").lower(), "NA"), number))
    if not members and not faults:
        faults.append(Fault("the pedigree names nobody", path, remedy=f"Give a line a person: {COLUMNS}"))
    return members, faults


def _cells(line: str) -> list[str]:
    """The cells of a line, parted by blanks or tabs, or by the semicolons or commas of a spreadsheet program."""
    if len(line.split()) >= 5 and "\t" not in line:
        return line.split()
    separator = next((mark for mark in ("\t", ";", ",") if line.count(mark) >= 4), None)
    return [cell.strip(' "') for cell in line.split(separator)] if line.strip() else []


def with_pedigree(
    people: list[Person], sheet: Path, pedigree: Path | None = None
) -> tuple[list[Person], list[Fault], list[str]]:
    """People with the parents, sex and family that a .ped adds to the sheet, with every fault, and notes.

    What the sheet says and the .ped contradicts is a fault, family labels aside, of which the sheet's hold. Parents in
    the .ped who are not in the sheet have no genotypes and are not known; a name in the sheet's own columns that is no
    sample is a fault. People without a family label get that of those with whom they are linked as parent and child.
    """
    names = {person.sample for person in people}
    faults, notes = [], []
    people = [_without_unknown(person, names) for person in people]
    members, wrong = read_ped(pedigree) if pedigree else ([], [])
    faults += wrong
    by_name = {member.sample: member for member in members}
    if members and not names & set(by_name):
        remedy = "Give the names of the sample sheet in the second column"
        faults.append(Fault("nobody in the pedigree is in the sample sheet", pedigree, remedy=remedy))
    told = [_completed(person, by_name[person.sample]) if person.sample in by_name else person for person in people]
    for person in people:
        if person.sample in by_name:
            faults += _contradictions(person, by_name[person.sample], pedigree)
    asked = {name for person in told for name in (person.mother, person.father) if name}
    in_ped = {name for member in members for name in (member.mother, member.father) if name}
    if lost := sorted((asked & in_ped) - names):
        notes.append(f"{len(lost)} parents in the pedigree are not in the sample sheet: nothing is compared with them")
    told = [replace(p, **{r: None for r in ROLES if getattr(p, r) in set(lost)}) for p in told]
    own = {person.sample: person for person in people}
    faults += _faults(told, sheet, lambda person, roles: _place(person, roles, own, by_name, sheet, pedigree))
    return _with_families(told), faults, notes


def parents_of(person: Person) -> Iterator[tuple[str, str]]:
    """Role and name of the parents who are known."""
    return ((role, getattr(person, role)) for role in ROLES if getattr(person, role))


def _without_unknown(person: Person, names: set[str]) -> Person:
    """0 and the like are no name, unless a sample is called so."""
    return replace(person, **{role: None for role, name in parents_of(person) if name in UNKNOWN - names})


def _completed(person: Person, member: Member) -> Person:
    parents = {role: getattr(person, role) or getattr(member, role) for role in ROLES}
    sex = member.sex if person.sex == "NA" else person.sex
    return replace(person, **parents, sex=sex, family=person.family or member.family)


def _contradictions(person: Person, member: Member, pedigree: Path) -> Iterator[Fault]:
    told = {**{role: getattr(person, role) for role in ROLES}, "sex": None if person.sex == "NA" else person.sex}
    for name, own in told.items():
        other = getattr(member, name)
        if own and other not in (None, "NA") and own != other:
            fault = f"{name} {other} contradicts the sample sheet, whose line {person.line} says {own}"
            yield Fault(fault, pedigree, person.sample, member.line, "Correct one of the two")


def _place(
    person: Person,
    roles: Iterable[str],
    own: dict[str, Person],
    members: dict[str, Member],
    sheet: Path,
    pedigree: Path | None,
) -> tuple[Path, str, int]:
    """File, sample and line that say who a person's parents of ``roles`` are: the sheet's, unless only a .ped does."""
    member = members.get(person.sample)
    if member and all(getattr(own[person.sample], role) is None for role in roles):
        return pedigree, person.sample, member.line
    return sheet, person.sample, person.line


def _faults(people: list[Person], sheet: Path, place_of: Callable[[Person, Iterable[str]], tuple]) -> Iterator[Fault]:
    """What cannot be true of parents and twins, whatever the genotypes are; ``place_of`` says who names parents."""
    known = {person.sample: person for person in people}
    for person in people:
        for role, name in parents_of(person):
            parent, place = known.get(name), place_of(person, [role])
            if parent is None:
                remedy = "Correct the name, or leave the cell empty where the parent has no genotypes in the run"
                yield Fault(f'{role} "{name}" is not a sample of the sheet', *place, remedy)
            elif name == person.sample:
                yield Fault(f"the person is their own {role}", *place, f"Correct the {role}")
            elif parent.sex not in ("NA", SEX_OF[role]):
                remedy = f"Correct the {role}, or the sex of {name} in sheet and pedigree"
                yield Fault(f"{role} {name} has the sex {parent.sex}", *place, remedy)
            elif None not in (parent.birth_year, person.birth_year) and parent.birth_year >= person.birth_year:
                years = f"{name} ({parent.birth_year}) is not older than {person.sample} ({person.birth_year})"
                yield Fault(f"{role} {years}", *place, OLDER)
        yield from _same_faults(person, known, sheet)
        place = place_of(person, ROLES)
        if person.mother and person.mother == person.father:
            yield Fault(f"mother and father are one sample, {person.mother}", *place, "Correct one of them")
        elif person.sample not in (person.mother, person.father) and person.sample in _ancestors(person.sample, known):
            yield Fault("the person is among their own ancestors", *place, "Correct mother and father of the family")


def _same_faults(person: Person, known: dict[str, Person], sheet: Path) -> Iterator[Fault]:
    """What cannot be true of the twin and the replicate that the sheet names."""
    for column in SAME:
        name = getattr(person, column)
        place = sheet, person.sample, person.line
        if name is not None and name not in known:
            remedy = "Correct the name, or leave the cell empty where the other has no genotypes in the run"
            yield Fault(f'{column} "{name}" is not a sample of the sheet', *place, remedy)
        elif name == person.sample:
            yield Fault(f"{column} names the sample itself", *place, "Name the other sample, or leave the cell empty")
        elif name is not None and name in (person.mother, person.father):
            yield Fault(f"{column} names the parent {name}", *place, "Correct one of the two")


def _ancestors(name: str, known: dict[str, Person]) -> set[str]:
    found: set[str] = set()
    left = [name]
    while left:
        person = known.get(left.pop())
        new = {parent for _, parent in parents_of(person)} - found if person else set()
        found |= new
        left += new
    return found


def _with_families(people: list[Person]) -> list[Person]:
    """Give those without a family label that of people they are linked with, or the first one's name.

    Links are those of parents, children, twins and replicates.
    """
    group = {person.sample: person.sample for person in people}

    def first(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    for person in people:
        others = [parent for _, parent in parents_of(person)] + [getattr(person, column) for column in SAME]
        for other in others:
            if other in group:
                group[first(other)] = first(person.sample)
    labels: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for person in people:
        key = first(person.sample)
        sizes[key] = sizes.get(key, 0) + 1
        if person.family:
            labels.setdefault(key, person.family)
    taken = {person.family for person in people}
    return [_labelled(person, first(person.sample), labels, sizes, taken) for person in people]


def _labelled(person: Person, key: str, labels: dict[str, str], sizes: dict[str, int], taken: Iterable) -> Person:
    if person.family or sizes[key] == 1:
        return person
    label = labels.get(key) or (key if key not in taken else f"{key}'s")
    return replace(person, family=label)
