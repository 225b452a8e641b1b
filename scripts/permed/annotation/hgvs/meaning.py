"""What a ``c.`` or ``n.`` description does to the bases, so that two ways of writing one change are seen to be one."""

import re
from collections.abc import Callable
from itertools import pairwise

from permed.alleles import complement
from permed.annotation.hgvs.edits import Edit

POSITION = r"[*-]?\d+(?:[+-]\d+)?"
CHANGE = re.compile(
    rf"(?P<first>{POSITION})(?:_(?P<last>{POSITION}))?"
    r"(?:(?P<old>[ACGT])>(?P<new>[ACGT])|(?P<unit>[ACGT]+)\[(?P<copies>\d+)\]|(?P<kind>delins|del|dup|inv|ins)(?P<bases>[ACGT]*))"
)


def result(description: str, bases: str, place: Callable[[str], int | None]) -> str | None:
    """The sequence after a description without its ``c.``; None where it is not understood or does not fit.

    ``place`` gives the offset in ``bases`` of a position's name. An allele of several changes, ``[…;…]``, is read too,
    and so are repeats, ``12_15CA[3]``.
    """
    edits = []
    for part in description.removeprefix("[").removesuffix("]").split(";") if ";" in description else [description]:
        found = CHANGE.fullmatch(part)
        made = _edit(found, bases, place) if found else None
        if made is None:
            return None
        edits.append(made)
    edits.sort(key=lambda edit: (edit.first, edit.end), reverse=True)
    if any(late.first < early.end for late, early in pairwise(edits)):
        return None
    for edit in edits:
        bases = edit.apply(bases)
    return bases


def _edit(found: re.Match, bases: str, place: Callable[[str], int | None]) -> Edit | None:
    first = place(found["first"])
    last = place(found["last"]) if found["last"] else first
    if first is None or last is None or last < first:
        return None
    end, now = last + 1, bases[first : last + 1]
    if found["old"]:
        return Edit(first, end, found["new"]) if now == found["old"] else None
    if found["unit"]:
        whole = found["unit"] * (len(now) // len(found["unit"]))
        return Edit(first, end, found["unit"] * int(found["copies"])) if now == whole else None
    given = found["bases"]
    match found["kind"]:
        case "ins":
            return Edit(end - 1, end - 1, given) if given and last - first == 1 else None
        case "delins":
            return Edit(first, end, given) if given else None
        case "del":
            return Edit(first, end, "") if given in ("", now) else None
        case "dup":
            return Edit(end, end, now) if given in ("", now) else None
        case _:
            return Edit(first, end, complement(now)) if not given else None
