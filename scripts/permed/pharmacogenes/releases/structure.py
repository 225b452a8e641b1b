"""The published JSON files of a release, read only if they are built as the importer understands them."""

import gzip
import json
from pathlib import Path

from jsonschema import Draft202012Validator

from permed.errors import Fault

REMEDY = "The release has another format than 2: teach the importer what it means before importing it"
TEXT, TEXT_OR_NULL, NUMBER, NAMES = (
    {"type": "string", "minLength": 1},
    {"type": ["string", "null"]},
    {"type": "integer", "minimum": 1},
    {"type": "array", "items": {"type": "string"}},
)
NUMBERS = {"type": "array", "items": NUMBER}


def _object(required: dict, optional: dict | None = None, more: bool = True) -> dict:
    """An object with these properties; ``more`` tells whether others may stand beside them."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": more,
    }


def _list(items: dict, at_least: int = 0) -> dict:
    return {"type": "array", "items": items, "minItems": at_least}


_BASES = {"type": "string", "pattern": "^[ACGT]+$"}
_PLACE = {"chromosome": {"type": "string", "pattern": "^chr"}, "position": NUMBER}
_SITE = _object(
    _PLACE | {"rsid": TEXT_OR_NULL, "ref": _BASES, "alts": _list(_BASES, 1), "chromosomeHgvsName": TEXT_OR_NULL}
)
_ALLELE = _object({"name": TEXT, "alleles": _list(TEXT_OR_NULL), "reference": {"type": "boolean"}})
DEFINITION = _object(
    {
        "formatVersion": {"const": "2"},
        "gene": TEXT,
        "version": TEXT,
        "chromosome": _PLACE["chromosome"],
        "genomeBuild": {"type": "string", "pattern": "^GRCh38"},
        "variants": _list(_SITE, 1),
        "namedAlleles": _list(_ALLELE, 1),
        "suballelesMap": {"type": "object"},
    }
)
PHENOTYPES = _object(
    {
        "gene": TEXT,
        "version": TEXT,
        "namedAlleles": _list(_object({"name": TEXT, "functionValue": TEXT_OR_NULL, "activityValue": TEXT_OR_NULL})),
        "diplotypes": _list(
            _object({"diplotypekey": {"type": "object"}, "phenotype": TEXT, "activityScore": TEXT_OR_NULL})
        ),
    }
)
# An exception to the rules that nobody here knows would be passed over without a word: so none but these.
_EXEMPT = _object(
    {},
    {
        "gene": TEXT,
        "requiredPositions": NUMBERS,
        "ignoredPositions": _list(_object(_PLACE)),
        "extraPositions": _list(_SITE),
        "ignoredAlleles": NAMES,
        "ignoredAllelesLc": NAMES,
        "unphasedDiplotypePriorities": _list(_object({"list": NAMES, "pick": TEXT})),
        "amp1Alleles": NAMES,
        "amp1Positions": NUMBERS,
    },
    more=False,
)
EXEMPTIONS = {"type": "object", "additionalProperties": _EXEMPT}


def read_folder(folder: Path, pattern: str, structure: dict) -> dict[str, dict]:
    """The JSON files of a folder by their gene."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise Fault(f"no {pattern}", file=folder, remedy="Give the folder of the published JSON files")
    contents = [read_file(path, structure) for path in paths]
    return {content["gene"]: content for content in contents}


def read_definitions(folder: Path) -> dict[str, dict]:
    """The allele definitions by gene; alleles that are structural variants are left out, as small variants never show
    them."""
    genes = read_folder(folder, "*_translation.json*", DEFINITION)
    for gene, definition in genes.items():
        named = [allele for allele in definition["namedAlleles"] if not allele.get("structuralVariant")]
        if sum(allele["reference"] for allele in named) != 1:
            raise Fault(f"{gene} has not one reference allele", file=folder, remedy=REMEDY)
        for allele in named:
            if len(allele["alleles"]) != len(definition["variants"]):
                cells = f"{len(allele['alleles'])} cells for {len(definition['variants'])} positions"
                raise Fault(f"{gene} {allele['name']} has {cells}", file=folder, remedy=REMEDY)
        definition["namedAlleles"] = named
    return genes


def read_file(path: Path, structure: dict) -> dict:
    """A JSON file, compressed or not; a fault where it is none or not built as ``structure`` (a JSON schema)."""
    try:
        raw = path.read_bytes()
        content = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    except FileNotFoundError:
        raise Fault("the file is not there", file=path, remedy="Give the folders of one whole release") from None
    except (ValueError, OSError, EOFError) as error:
        raise Fault(f"not JSON: {error}", file=path, remedy="Fetch the file again") from None
    errors = sorted(Draft202012Validator(structure).iter_errors(content), key=lambda error: error.json_path)
    if errors:
        raise Fault(f"{errors[0].json_path}: {errors[0].message[:200]}", file=path, remedy=REMEDY)
    return content
