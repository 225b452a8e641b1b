"""What is known of a database that was built: the JSON beside its Parquet, which later runs take it by."""

import json
from pathlib import Path

from permed.errors import Fault
from permed.tables import read_json

FORMAT = 1  # raised when what Parquet or JSON hold changes, so that what an earlier version built is refused
REBUILD = "Build it anew: give path or address instead of built"
_FIELD, _READ = ("type", "required"), ("length", "rows")
_KEYS = (
    "kind title role predictor licence url covers absence release build contigs read fields files rows sha256".split()
)


def about_path(built: str | Path) -> Path:
    """The description beside a database's Parquet file."""
    return Path(built).with_suffix(".json")


def read_about(built: str | Path) -> dict:
    """What is known of the database that an earlier run wrote to ``built``.

    Raises a Fault where the description is not there or is of another version of permed.
    """
    path = about_path(built)
    if not path.is_file():
        remedy = f"Take it from the folder of the run that built {Path(built).name}, where it lies beside it"
        raise Fault("the file is not there, which tells what the database is", path, remedy=remedy)
    try:
        about = read_json(path)
    except (json.JSONDecodeError, UnicodeDecodeError):
        about = None
    if not isinstance(about, dict):
        raise Fault("it does not tell what the database is", path, remedy=REBUILD)
    if about.get("format") != FORMAT:
        raise Fault("the database was built by another version of permed", path, remedy=REBUILD)
    if not set(_KEYS) <= set(about) or not _told(about["fields"], _FIELD) or not _told(about["read"], _READ):
        raise Fault("it does not tell all that is to be known of the database", path, remedy=REBUILD)
    return about


def taken(about: dict, name: str, fields: list[str] | None, release: str | None) -> dict:
    """What is known of a database that is taken as ``name``, with only the ``fields`` wanted and those that it needs.

    ``release`` is what the user says of the version where the database itself does not.
    """
    kept = {field: rule for field, rule in about["fields"].items() if not fields or field in fields or rule["required"]}
    return about | {"name": name, "fields": kept, "release": about["release"] or release}


def _told(table, keys: tuple[str, ...]) -> bool:
    """Whether each row of a table by name has these keys."""
    return isinstance(table, dict) and all(isinstance(row, dict) and set(keys) <= set(row) for row in table.values())
