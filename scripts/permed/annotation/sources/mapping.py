"""What the columns of a database mean: the mapping files of ``resources/annotation/sources`` and a user's own.

A mapping is YAML. ``title``, ``role`` (clinvar, frequency, predictor, splicing, other), ``format`` (vcf, tsv),
``licence``, ``covers`` and ``fields`` must be there. ``covers`` says what it means that a variant is not listed:
``everywhere``, the database looked and has none; ``listed``, it says nothing of what it does not list. A tab-separated
file names its ``columns`` (contig, pos, ref, alt; 1-based; by build where they differ) and may have a ``separator``.
``version`` is the name of a VCF header line that holds the release.

A field has ``from`` (``INFO/NAME``, ``ID``, ``FILTER``, or a column; a list where several are put together by
``take``: first, max, min), ``type`` (string, integer, float), and may have ``parts`` (which of the parts between
``|``, 1-based), ``recode`` (a table of values), ``words`` (underscores are spaces), ``required``, ``meaning``, and
``combine``: what becomes of one variant listed twice (strings: join; numbers: max or min).
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

from permed.errors import Fault

SHIPPED = Path(__file__).resolve().parents[4] / "resources" / "annotation" / "sources"
ROLES = ("clinvar", "frequency", "predictor", "splicing", "other")
COVERS = ("everywhere", "listed")
TYPES = ("string", "integer", "float")
COLUMNS = ("contig", "pos", "ref", "alt")
RESERVED = (*COLUMNS, "key", "state", "long")
_TAKE = {"string": ("first",), "integer": ("first", "max", "min"), "float": ("first", "max", "min")}
_COMBINE = {"string": ("join", "first"), "integer": ("max", "min", "first"), "float": ("max", "min", "first")}
_KEYS = set("title role predictor format separator version licence url covers absence columns fields".split())
_FIELD_KEYS = set("from take type parts recode words required combine meaning".split())


@dataclass(frozen=True)
class Field:
    """One value of a database; ``origins`` are where it is read, the rest as in the module's description."""

    name: str
    origins: tuple[str, ...]
    take: str
    type: str
    parts: tuple[int, ...]
    recode: dict[str, int | float | str] | None
    words: bool
    required: bool
    combine: str
    meaning: str | None


@dataclass(frozen=True)
class Mapping:
    """A database's mapping; ``columns`` is empty for a VCF, ``version`` None where no header line tells it."""

    kind: str
    title: str
    role: str
    predictor: str | None
    format: str
    separator: str
    version: str | None
    licence: str
    url: str | None
    covers: str
    absence: str | None
    columns: dict
    fields: tuple[Field, ...]

    def place(self, name: str, build: str) -> str:
        """The column that holds ``contig``, ``pos``, ``ref`` or ``alt`` on a build."""
        column = self.columns[name]
        if isinstance(column, dict) and build not in column:
            remedy = f"Use a file of {' or '.join(column)}"
            raise Fault(f"the mapping {self.kind} has no column {name} of {build}", remedy=remedy)
        return column[build] if isinstance(column, dict) else column


def mapping_path(kind: str) -> Path:
    """The file of a mapping: a shipped one by its name, else a path."""
    shipped = SHIPPED / f"{kind}.yaml"
    return shipped if shipped.is_file() else Path(kind)


def read_mapping(kind: str, wanted: list[str] | None = None) -> Mapping:
    """Read and check the mapping ``kind``, a shipped name or a path; with ``wanted`` only these of its fields."""
    path = mapping_path(kind)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.yaml")))
        raise Fault(f"there is no mapping {kind}", remedy=f"Use {known}, or the path of a mapping file of your own")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Fault(f"the mapping is not YAML: {' '.join(str(error).split())}", path) from None
    if not isinstance(given, dict):
        raise Fault("the mapping has no keys", path, remedy=_remedy())
    _require(path, not (odd := set(given) - _KEYS), f"unknown keys {', '.join(sorted(map(str, odd)))}")
    for name in ("title", "role", "format", "licence", "covers", "fields"):
        _require(path, given.get(name), f"{name} is missing")
    _one_of(path, "role", given["role"], ROLES)
    _one_of(path, "format", given["format"], ("vcf", "tsv"))
    _one_of(path, "covers", given["covers"], COVERS)
    _require(path, given["role"] != "predictor" or given.get("predictor"), "predictor is missing: the tool's name")
    columns = given.get("columns") or {}
    if given["format"] == "tsv":
        _require(path, set(columns) == set(COLUMNS), f"columns must name {', '.join(COLUMNS)}")
    _require(path, isinstance(given["fields"], dict), "fields must be a table")
    fields = [_field(path, name, rule, given["format"]) for name, rule in given["fields"].items()]
    if wanted:
        unknown = sorted(set(wanted) - {field.name for field in fields})
        _require(path, not unknown, f"fields {', '.join(unknown)} are not in the mapping")
        fields = [field for field in fields if field.name in wanted or field.required]
    return Mapping(
        kind=path.stem,
        title=str(given["title"]),
        role=given["role"],
        predictor=given.get("predictor"),
        format=given["format"],
        separator=given.get("separator") or "\t",
        version=given.get("version"),
        licence=str(given["licence"]),
        url=given.get("url"),
        covers=given["covers"],
        absence=given.get("absence"),
        columns=columns,
        fields=tuple(fields),
    )


def _field(path: Path, name: str, rule, form: str) -> Field:
    _require(path, isinstance(rule, dict) and rule.get("from"), f"field {name}: from is missing")
    _require(path, name not in RESERVED, f"field {name}: the name is taken")
    _require(path, not (odd := set(rule) - _FIELD_KEYS), f"field {name}: unknown keys {', '.join(sorted(odd))}")
    kind = rule.get("type", "string")
    _one_of(path, f"field {name}: type", kind, TYPES)
    take = rule.get("take", "first")
    combine = rule.get("combine", "join" if kind == "string" else "max")
    _one_of(path, f"field {name}: take", take, _TAKE[kind])
    _one_of(path, f"field {name}: combine", combine, _COMBINE[kind])
    origins = (rule["from"],) if isinstance(rule["from"], str) else tuple(rule["from"])
    known = form == "tsv" or all(o in ("ID", "FILTER", "QUAL") or o.startswith("INFO/") for o in origins)
    _require(path, known, f"field {name}: from must be INFO/NAME, ID, QUAL or FILTER")
    return Field(
        name=name,
        origins=origins,
        take=take,
        type=kind,
        parts=tuple(rule.get("parts") or ()),
        recode=rule.get("recode"),
        words=bool(rule.get("words")),
        required=bool(rule.get("required")),
        combine=combine,
        meaning=rule.get("meaning"),
    )


def _one_of(path: Path, what: str, value, known: tuple[str, ...]) -> None:
    _require(path, value in known, f"{what} is {value!r}, not one of {', '.join(known)}")


def _require(path: Path, holds, fault: str) -> None:
    if not holds:
        raise Fault(f"the mapping is faulty: {fault}", path, remedy=_remedy())


def _remedy() -> str:
    return "See docs/annotation.md, and those in resources/annotation/sources"
