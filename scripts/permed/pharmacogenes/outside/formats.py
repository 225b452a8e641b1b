"""Files as other callers write them, each known by its columns or keys, as lines of a sample, gene and diplotype.

Only formats of which real lines were seen are here; docs/outside_calls.md says where. What a caller says against its
own call (a filter, a warning) is kept as ``doubt``. Several answers of a caller are joined by ``;``.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from permed.errors import Fault

OR = ";"
NOT_TYPED = "./."
PHARMCAT, AUTO = "pharmcat", "auto"
_LOCI = re.compile(r"(?:[A-HJ-LV]|D[A-Z]{1,2}\d?|MIC[AB]|TAP\d)")
_CELLS = 4  # at least so many cells has a row; those that a short line lacks are empty
_STARS = re.compile(r"\[?\(?\*\d|no_?call", re.IGNORECASE)


@dataclass(frozen=True)
class Given:
    """A line as the file gives it; ``sample`` is empty where the file names none, ``gene`` where its name must."""

    line: int
    sample: str
    gene: str
    diplotype: str
    phenotype: str = ""
    doubt: str = ""


Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Format:
    """How a caller's file is known, by its rows of cells or its JSON object, and read."""

    name: str
    fits: Callable[[Rows], bool] | Callable[[dict], bool]
    read: Callable[[Rows], Iterator[Given]] | Callable[[dict, str], Iterator[Given]]
    is_json: bool = False
    by_name: bool = False  # only where it is asked for: its lines look like those of other formats


def read_format(text: str, path: Path, asked: str = AUTO) -> list[Given] | None:
    """The lines of a file in the format ``asked`` or recognised; None for PharmCAT's own.

    Raises a Fault where the file is not of the format that is asked for, or is JSON of none.
    """
    if asked == PHARMCAT:
        return None
    if not text.strip():
        return []
    whole = _json(text, path) if text.lstrip().startswith(("{", "[")) else None
    rows = [] if whole is not None else _rows(text)
    for known in FORMATS:
        content = whole if known.is_json else rows
        wanted = asked == known.name or (asked == AUTO and not known.by_name)
        if content and wanted and known.fits(content):
            return list(known.read(whole, text) if known.is_json else known.read(rows))
    if whole is not None or asked != AUTO:
        remedy = f"Give lines as PharmCAT takes them, or pharmacogenes.outside_format as one of {', '.join(NAMES)}"
        what = "of no format that is known" if asked == AUTO else f"not of the format {asked}"
        raise Fault(f"the file is {what}", path, remedy=remedy)
    return None


def _json(text: str, path: Path) -> dict:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise Fault("the file is no JSON", path, None, error.lineno, "Fetch it again: it may be cut short") from None
    return whole if isinstance(whole, dict) else {"": whole}


def _rows(text: str) -> Rows:
    return [
        (
            number,
            [*(cell.strip().strip('"') for cell in line.split("\t")), *[""] * _CELLS][
                : max(_CELLS, line.count("\t") + 1)
            ],
        )
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]


def _begins(*header: str) -> Callable[[Rows], bool]:
    return lambda rows: tuple(rows[0][1][: len(header)]) == header


def _cyrius(rows: Rows) -> Iterator[Given]:
    for number, (sample, genotype, *more) in rows[1:]:
        sure = not more or more[0] in ("PASS", "None", "", "More_than_one_possible_genotype")
        yield Given(number, sample, "CYP2D6", genotype, doubt="" if sure else f"Cyrius marks it {more[0]}.")


def _pypgx(rows: Rows) -> Iterator[Given]:
    for number, (sample, genotype, phenotype, *_) in rows[1:]:
        yield Given(number, sample, "", genotype, phenotype)


def _aldy(rows: Rows) -> Iterator[Given]:
    """Each solution of a sample and gene; a line stands for one variant of one copy."""
    found: dict[tuple[str, str], list[str]] = {}
    first: dict[tuple[str, str], int] = {}
    for number, cells in rows[1:]:
        if not cells[0].startswith("#") and len(cells) > 3:
            sample, gene, _, major = cells[:4]
            majors = found.setdefault((sample, gene), [])
            first.setdefault((sample, gene), number)
            majors += [major] * (major not in majors)
    for (sample, gene), majors in found.items():
        yield Given(first[sample, gene], sample, gene, OR.join(majors))


def _stellarpgx(rows: Rows) -> Iterator[Given]:
    for number, (sample, genotype, *more) in rows:
        said = " ".join(filter(None, more))
        yield Given(number, sample, "", genotype, doubt=f"StellarPGx says: {said.rstrip('.')}." if said else "")


def _optitype(rows: Rows) -> Iterator[Given]:
    """The solutions of the highest objective; further rows are worse ones."""
    names = rows[0][1]
    solutions = [(number, dict(zip(names, cells, strict=False))) for number, cells in rows[1:]]
    best = max((_number(cells.get("Objective")) for _, cells in solutions), default=0)
    equal = [(number, cells) for number, cells in solutions if _number(cells.get("Objective")) == best]
    for locus in "ABC" if equal else "":
        pairs = [_pair(cells.get(f"{locus}1"), cells.get(f"{locus}2")) for _, cells in equal]
        yield Given(equal[0][0], "", f"HLA-{locus}", OR.join(dict.fromkeys(pairs)))


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return 0.0


def _pair(first: str | None, second: str | None) -> str:
    return f"{first or '.'}/{second or '.'}" if first or second else NOT_TYPED


def _hla_hd_fits(rows: Rows) -> bool:
    typed = re.compile(r"HLA-\S+|Not typed|-")
    return all(
        _LOCI.fullmatch(cells[0]) and cells[2] and all(typed.fullmatch(cell) for cell in cells[1:] if cell)
        for _, cells in rows
    )


def _hla_hd(rows: Rows) -> Iterator[Given]:
    """Pairs of candidates, one beside the other; a hyphen is the same allele again."""
    for number, (locus, *cells) in rows:
        pairs = [
            _pair(first, first if second == "-" else second)
            for first, second in zip(cells[0::2], cells[1::2], strict=False)
            if first
        ]
        yield Given(number, "", f"HLA-{locus}", OR.join(dict.fromkeys(pairs)))


def _arcashla_fits(whole: dict) -> bool:
    return all(
        _LOCI.fullmatch(locus)
        and isinstance(names, list)
        and all(isinstance(name, str) and name.startswith(f"{locus}*") for name in names)
        for locus, names in whole.items()
    )


def _arcashla(whole: dict, text: str) -> Iterator[Given]:
    for locus, names in whole.items():
        typed = "/".join(names) if names else NOT_TYPED
        yield Given(_line(text, locus), "", f"HLA-{locus}", f"{typed}/." if len(names) == 1 else typed)


def _starphase_fits(whole: dict) -> bool:
    return "pbstarphase_version" in whole and isinstance(whole.get("gene_details"), dict)


def _starphase(whole: dict, text: str) -> Iterator[Given]:
    for gene, details in whole["gene_details"].items():
        listed = details.get("diplotypes") if isinstance(details, dict) else None
        found = [str(one.get("diplotype")) for one in listed or [] if isinstance(one, dict)]
        yield Given(_line(text, gene), "", gene, OR.join(found) or "NO_MATCH/NO_MATCH")


def _line(text: str, key: str) -> int:
    return text[: max(text.find(f'"{key}"'), 0)].count("\n") + 1


FORMATS = (
    Format("cyrius", _begins("Sample", "Genotype"), _cyrius),
    Format("pypgx", _begins("", "Genotype", "Phenotype", "Haplotype1", "Haplotype2"), _pypgx),
    Format("aldy", _begins("#Sample", "Gene", "SolutionID", "Major"), _aldy),
    Format("optitype", _begins("", "A1", "A2", "B1", "B2", "C1", "C2"), _optitype),
    Format("hla-hd", _hla_hd_fits, _hla_hd),
    Format(
        "stellarpgx", lambda rows: all(len(c) > 1 and _STARS.match(c[1]) for _, c in rows), _stellarpgx, by_name=True
    ),
    Format("starphase", _starphase_fits, _starphase, is_json=True),
    Format("arcashla", _arcashla_fits, _arcashla, is_json=True),
)
NAMES = tuple(known.name for known in FORMATS)
