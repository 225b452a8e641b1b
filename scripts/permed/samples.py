"""The sample sheet: who takes part, what they agreed to, what they take."""

import csv
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from permed.body_size import UNITS, implausible, with_units
from permed.errors import Fault
from permed.sheets import Sheet, read_sheet

COLUMNS = "sample sex birth_year consent medications height_cm weight_kg population family phenotypes".split()
MORE_COLUMNS = "family_history group mother father twin_of replicate_of karyotype transplant smoking".split()
RELATIVES = ("mother", "father", "sister", "brother", "daughter", "son")
PURPOSES = ("pharmacogenes", "scores", "findings", "carriers", "research")
SEXES = ("XX", "XY", "NA")
TRANSPLANTS = ("stem_cells", "organ")
ANSWERS = ("yes", "no")
BATCH = 100
KNOWN = COLUMNS + MORE_COLUMNS
NOTHING = "none"
_TERM = re.compile(r"HP:[0-9]{7}")
_KARYOTYPE = re.compile(r"(?:[0-9]{2},)?(X[XY]{0,4})(?:\[[0-9]+\])?")
_DECIMAL_COMMA = re.compile(r"^([0-9]+),([0-9]{1,2})$")
_SAFE = re.compile(r"[\w.@+=-]+", re.UNICODE)


@dataclass(frozen=True)
class Person:
    """One row of the sample sheet. Absent values are None or empty; ``consent`` is the set of purposes agreed to.

    ``family_history`` are entries ``disease:relative``, or ``none`` alone for a person in whose family there is none.
    ``karyotype`` are sex chromosomes, of several cell lines separated by ``/``; ``transplant`` one of
    :data:`TRANSPLANTS`, ``smoking`` one of :data:`ANSWERS`.
    """

    sample: str
    sex: str = "NA"
    birth_year: int | None = None
    consent: frozenset[str] = frozenset()
    medications: tuple[str, ...] = ()
    height_cm: float | None = None
    weight_kg: float | None = None
    population: str | None = None
    family: str | None = None
    phenotypes: tuple[str, ...] = ()
    group: str | None = None
    family_history: tuple[str, ...] = ()
    mother: str | None = None
    father: str | None = None
    twin_of: str | None = None
    replicate_of: str | None = None
    karyotype: str | None = None
    transplant: str | None = None
    smoking: str | None = None
    line: int = field(default=0, compare=False)


def read_samples(path: Path) -> tuple[list[Person], list[Fault]]:
    """Read a sample sheet (a table of text with a header line, see :mod:`permed.sheets`) and all that is wrong with it.

    A sheet without a ``consent`` column agrees to nothing and is a fault, as is an empty cell: consent is given,
    never assumed.
    """
    path = Path(path)
    try:
        sheet = read_sheet(path, KNOWN, PURPOSES)
    except Fault as fault:
        return [], [fault]
    if faults := _header_faults(path, sheet):
        return [], faults
    faults = sheet.faults
    if not sheet.rows and not faults:
        return [], [Fault("the sample sheet names nobody", file=path, remedy="Add a line for each person")]
    people, seen = [], {}
    for line, cells in sheet.rows:
        person, wrong = _person(cells, line)
        faults.extend(Fault(fault, path, cells["sample"] or None, line, remedy) for fault, remedy in wrong)
        if cells["sample"] in seen:
            first = seen[cells["sample"]]
            faults.append(
                Fault(
                    f"the sample is also on line {first}", path, cells["sample"], line, "Keep one line for each sample"
                )
            )
        seen.setdefault(cells["sample"], line)
        people.append(person)
    return people, faults


def commented_names(path: Path) -> dict[str, int]:
    """The first cells of lines that are left out as comments, with their ``#``, and the lines they are on.

    Empty for a sheet that cannot be read.
    """
    try:
        return read_sheet(Path(path), KNOWN, PURPOSES).comments
    except Fault:
        return {}


def consenting(people: Iterable[Person], purpose: str) -> list[str]:
    """Names of those who agreed to a purpose, in the sheet's order; ``any`` means to at least one."""
    return [p.sample for p in people if (p.consent if purpose == "any" else purpose in p.consent)]


def batches(samples: list[str]) -> dict[str, list[str]]:
    """Samples in batches of :data:`BATCH` in the sheet's order, so that people added at its end change one batch."""
    return {f"batch{n // BATCH + 1:04d}": samples[n : n + BATCH] for n in range(0, len(samples), BATCH)}


def _header_faults(path: Path, sheet: Sheet) -> list[Fault]:
    line, header = sheet.line, sheet.columns
    if "sample" not in header:
        near = f" ({sheet.near})" if sheet.near else ""
        close = [name for name in header if "sample" in name.lower()] or difflib.get_close_matches("sample", header)
        asked = f"Is it {close[0]}? " if close else ""
        remedy = f"{asked}The columns are: {' '.join(COLUMNS)}, separated by tabs"
        return [Fault(f"there is no column sample{near}", path, None, line, remedy)]
    faults = []
    for name in header:
        if name not in KNOWN:
            close = difflib.get_close_matches(name.lower(), KNOWN, n=1)
            asked = f"Did you mean {close[0]}? " if close else ""
            remedy = f"{asked}The columns are: {' '.join(KNOWN)}"
            faults.append(Fault(f'the column "{name}" is not known', path, None, line, remedy))
    faults += [
        Fault(f"the column {n} is there twice", path, None, line, "Keep one") for n in KNOWN if header.count(n) > 1
    ]
    if "consent" not in header:
        remedy = f"Add the column; a cell holds {', '.join(PURPOSES)}, separated by commas, or none"
        faults.append(Fault("there is no column consent", path, None, line, remedy))
    return faults


def _person(cells: dict[str, str], line: int) -> tuple[Person, list[tuple[str, str]]]:
    wrong: list[tuple[str, str]] = []
    sample = cells["sample"]
    if not sample:
        wrong.append(("the sample has no name", "Write the name it has in the genotype file"))
    elif not _SAFE.fullmatch(sample) or sample.strip(".") == "":
        wrong.append((f'the sample name "{sample}" cannot be part of a path', "Use letters, digits and . _ - + @ ="))
    sex = (cells.get("sex") or "NA").upper()
    if sex not in SEXES:
        wrong.append((f'sex "{cells["sex"]}" is not XX, XY or NA', "Write XX, XY or NA"))
        sex = "NA"
    consent = [word.strip().lower() for word in re.split("[,;]", cells.get("consent", "")) if word.strip()]
    unknown = [word for word in consent if word not in (*PURPOSES, "none")]
    if not consent:
        wrong.append(("consent is empty", f"Write what the person agreed to ({', '.join(PURPOSES)}) or none"))
    elif unknown:
        wrong.append((f'consent "{", ".join(unknown)}" is not known', f"Use {', '.join(PURPOSES)} or none"))
    elif "none" in consent and len(consent) > 1:
        wrong.append(("consent is none and something else", "Write none alone, or leave it out"))
    year = _number(cells, "birth_year", 1890, 2100, wrong)
    person = Person(
        sample=sample,
        sex=sex,
        birth_year=int(year) if year is not None else None,
        consent=frozenset(word for word in consent if word in PURPOSES),
        medications=_words(cells, "medications", wrong),
        height_cm=_number(cells, "height_cm", 20, 280, wrong),
        weight_kg=_number(cells, "weight_kg", 0.3, 650, wrong),
        population=_text(cells, "population"),
        family=_text(cells, "family"),
        phenotypes=_phenotypes(cells, wrong),
        group=_text(cells, "group"),
        family_history=_family_history(cells, wrong),
        mother=_text(cells, "mother"),
        father=_text(cells, "father"),
        twin_of=_text(cells, "twin_of"),
        replicate_of=_text(cells, "replicate_of"),
        karyotype=_karyotype(cells, wrong),
        transplant=_transplant(cells, wrong),
        smoking=_smoking(cells, wrong),
        line=line,
    )
    if implausible(person.height_cm, person.weight_kg, person.birth_year):
        what = f"a height of {person.height_cm:g} cm and a weight of {person.weight_kg:g} kg are not those of an adult"
        wrong.append((what, "Write the unit in the cells if it is another, as 70 in and 176 lb, or correct them"))
    return person, wrong


def _text(cells: dict[str, str], name: str) -> str | None:
    value = cells.get(name, "")
    return None if value in ("", "NA") else value


def _karyotype(cells: dict[str, str], wrong: list) -> str | None:
    """Sex chromosomes, such as X, XXY or X/XX, however they are written (``45,X``, ``mos 45,X[5]/46,XX[15]``)."""
    value = _text(cells, "karyotype")
    if value is None:
        return None
    lines = [_KARYOTYPE.fullmatch(part.strip()) for part in value.upper().removeprefix("MOS ").split("/")]
    if not all(lines):
        wrong.append((f'karyotype "{value}" is not known', "Write the sex chromosomes: X, XXY, XYY, XXX or 45,X/46,XX"))
        return None
    return "/".join(line[1] for line in lines)


def _transplant(cells: dict[str, str], wrong: list) -> str | None:
    value = (_text(cells, "transplant") or "").lower().replace(" ", "_").replace("-", "_")
    if value and value not in TRANSPLANTS:
        remedy = "Write stem_cells (also for bone marrow), organ, or leave the cell empty"
        wrong.append((f'transplant "{cells["transplant"]}" is not {" or ".join(TRANSPLANTS)}', remedy))
    return value if value in TRANSPLANTS else None


def _smoking(cells: dict[str, str], wrong: list) -> str | None:
    value = (_text(cells, "smoking") or "").lower()
    if value and value not in ANSWERS:
        wrong.append((f'smoking "{cells["smoking"]}" is not yes or no', "Write yes, no, or leave the cell empty"))
    return value if value in ANSWERS else None


def _words(cells: dict[str, str], name: str, wrong: list) -> tuple[str, ...]:
    """The entries of a list between semicolons, each without the quotes that it may have of its own."""
    text = _text(cells, name) or ""
    entries = [entry.strip() for entry in next(csv.reader([text], delimiter=";", skipinitialspace=True), [])]
    for entry in entries:
        if ";" in entry:  # between steps the entries are parted by semicolons
            wrong.append((f'{name} "{entry}" has a semicolon within an entry', "Write the entry without it"))
    entries = [entry.lower() if entry.lower() == NOTHING else entry for entry in entries if entry]
    return tuple(entries)


def _phenotypes(cells: dict[str, str], wrong: list) -> tuple[str, ...]:
    """Diagnoses may hold commas, terms of HPO do not: a comma between terms parts them."""
    found: list[str] = []
    for entry in _words(cells, "phenotypes", wrong):
        parts = [part.strip() for part in entry.split(",") if part.strip()]
        found += parts if all(_TERM.fullmatch(part) for part in parts) else [entry]
    return tuple(found)


def _family_history(cells: dict[str, str], wrong: list) -> tuple[str, ...]:
    entries = _words(cells, "family_history", wrong)
    remedy = f"Write disease:relative, parted by semicolons (relatives: {', '.join(RELATIVES)}), or none"
    if NOTHING in entries and len(entries) > 1:
        wrong.append(("family_history is none and something else", remedy))
    for entry in dict.fromkeys(entries):
        disease, _, relative = (part.strip() for part in entry.partition(":"))
        if relative in RELATIVES[:2] and entries.count(entry) > 1:
            wrong.append((f'family_history "{entry}" is there twice', "Name a parent once for each disease"))
        if entry != NOTHING and (not disease or relative not in RELATIVES):
            wrong.append((f'family_history "{entry}" is no disease and relative', remedy))
    return entries


def _number(cells: dict[str, str], name: str, low: float, high: float, wrong: list) -> float | None:
    value = _text(cells, name)
    if value is None:
        return None
    try:
        number = with_units(value, name) if name in UNITS else float(_DECIMAL_COMMA.sub(r"\1.\2", value))
    except ValueError:
        number = None
    number = float("nan") if number is None else number
    if low <= number <= high and (name != "birth_year" or number == int(number)):
        return number
    wrong.append((f'{name} "{value}" is not a number from {low} to {high}', "Correct it, or leave the cell empty"))
    return None
