"""Name the user's file where a step was given our link to it, or records that were made of it."""

import re
from dataclasses import replace
from pathlib import Path

from permed.errors import Fault
from permed.tables import read_json

FOLDERS = ("index", "lifted")  # of results/variants: where files are taken to, and lifted, under numbered names
_NUMBERED = re.compile(r"(\d{5})\.")
_SHOWN = 3


def in_users_words(fault: Fault) -> Fault:
    """The fault with the user's genotype file instead of ours, by checks/taken.json beside it.

    What remains of ours is what the user should delete: a file that was damaged after we wrote it.
    """
    if fault.file is None or fault.remedy.startswith("Delete"):
        return fault
    theirs = users_file(fault.file)
    texts = [text.replace(fault.file, theirs) for text in (fault.fault, fault.remedy)]
    return replace(fault, file=theirs, fault=texts[0], remedy=texts[1])


def users_file(path: str | Path) -> str:
    """The user's genotype file of which a file of ours was made, all of them where it was made of all; any other path
    as it is."""
    given, path = str(path), Path(path)  # an address is no path: its slashes stay
    own = path.parent.name in FOLDERS and path.parent.parent.name == "variants"
    results = path.parents[2] if own else path.parents[1] if path.parent.name == "variants" else None
    taken = results / "checks" / "taken.json" if results else None
    if taken is None or not taken.is_file():
        return given
    names = [file["file"] for file in read_json(taken)["files"]]
    numbered = _NUMBERED.match(path.name) if own else None
    if numbered and int(numbered[1]) < len(names):
        return names[int(numbered[1])]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more if names else given
