"""Write the records of a VCF, as lines, so that the values of their fields are what the fields are defined as."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from permed.errors import Fault
from permed.inputs.fields import DERIVED, LOCAL_ALLELES, READ, Changes, reserved

LOOK = "Check it with a text editor or bcftools view; write it anew with the program that made it"
FROM_LOCAL = "genotypes read from local alleles (LGT)"
UNPLACED = "genotypes of local alleles that name no ALT, taken as missing"
ROUNDED = "decimals in fields of whole numbers, rounded down"
NAMED_SETS = "phase sets named by text, numbered"
FIRST_SET = 2_000_000_000  # beyond any position, which phase sets are commonly named by
INFO_NAME = re.compile(r"[^\s;=,<>\"]+")
_GENOTYPE = re.compile(rb"[/|]?(\d+|\.)([/|](\d+|\.))*")
_SEPARATORS = re.compile(rb"([/|])")
_MISSING = b"."


class NotOfItsType(Exception):
    """A field that the file does not define holds a value that is not of the type that its name is known for."""


class LineWriter:
    """Lines of records as :class:`Changes` ask for them. ``counts`` says how often what was done.

    ``path`` and ``samples`` are named where a value cannot be read; for ``loose`` fields :class:`NotOfItsType` is
    raised there. Without ``whole_info`` names that no header can define are left out of INFO.
    """

    def __init__(
        self, changes: Changes, path, samples: list[str], whole_info: bool = True, loose: Iterable[str] = ()
    ) -> None:
        self.counts: Counter = Counter()
        self._changes, self._path, self._samples = changes, path, samples
        self._whole_info, self._loose = whole_info, {*loose} - {"GT"}
        self._layouts: dict[bytes, list[tuple[str, int, Callable | None]]] = {}
        self._sets: dict[bytes, bytes] = {}
        self._place = (0, "")

    def write(self, line: bytes, number: int) -> bytes:
        """A record's line (``number`` counts from 1) with what has to be changed; nothing for an empty line."""
        line = line.rstrip(b"\r\n")
        if not line.strip():
            return b""
        cells = line.split(b"\t")
        self._place = (number, b":".join(cells[:2]).decode("utf-8", "replace"))
        if not self._whole_info:
            cells[7] = _kept_info(cells[7])
        if len(cells) > 9:
            layout, most = self._layout(cells[8]), cells[8].count(b":") + 1
            cells[9 : 9 + len(self._samples)] = [
                self._cell(cell.split(b":"), most, layout, cells[4], sample)
                for cell, sample in zip(cells[9:], self._samples, strict=False)
            ]
            cells[8] = b":".join(name.encode() for name, _, _ in layout) or _MISSING
        return b"\t".join(cells) + b"\n"

    def _layout(self, text: bytes) -> list[tuple[str, int, Callable | None]]:
        """Of each field to write: its name, its place in the line (-1 for none) and what converts it."""
        if text not in self._layouts:
            names = [] if text == _MISSING else text.decode("utf-8", "replace").split(":")
            places = {name: names.index(name) for name in names}
            if repeated := [name for name in places if names.count(name) > 1]:
                raise Fault(f"FORMAT has {repeated[0]} twice", self._path, None, self._place[0], LOOK)
            kept = [name for name in places if self._kept(name)]
            if self._changes.local and not places.keys().isdisjoint(LOCAL_ALLELES):
                derived = {"GT": "LGT", "AD": "LAD"}
                kept += [name for name, local in derived.items() if name not in places and local in places]
            kept.sort(key=lambda name: name != "GT")  # which the specification asks to be the first
            self._layouts[text] = [(name, places.get(name, -1), self._converter(name, places)) for name in kept]
        return self._layouts[text]

    def _kept(self, name: str) -> bool:
        if (self._changes.strict and name not in READ) or (self._changes.local and name in DERIVED.values()):
            return False
        return name not in self._changes.left_out

    def _converter(self, name: str, places: dict[str, int]) -> Callable | None:
        if name not in places:
            listed = places[next(known for known in LOCAL_ALLELES if known in places)]
            return partial(
                self._placed, _local_genotype if name == "GT" else _local_depths, listed, places[DERIVED[name]]
            )
        if name not in self._changes.values:
            return None
        if name == "GT":
            return self._genotype
        if name == "PS":
            return self._phase_set
        kind = reserved()["FORMAT", name][1]
        return {"Integer": self._whole, "Float": self._decimal}.get(kind)

    def _cell(self, values: list[bytes], most: int, layout, alternates: bytes, sample: str) -> bytes:
        if len(values) > most:
            fault = f"the genotype at {self._place[1]} has {len(values)} fields, and FORMAT names {most}"
            raise Fault(fault, self._path, sample, self._place[0], LOOK)
        done = []
        for name, at, convert in layout:
            value = values[at] if 0 <= at < len(values) else _MISSING
            if at < 0:
                value = convert(values, alternates)
            elif convert and value != _MISSING:
                try:
                    value = convert(value)
                except ValueError:
                    self._refuse(name, value, sample)
            done.append(value or _MISSING)
        return b":".join(done) or _MISSING

    def _refuse(self, name: str, value: bytes, sample: str) -> None:
        if name in self._loose:
            raise NotOfItsType(name)
        number, place = self._place
        shown = value.decode("utf-8", "replace")
        what = "no genotype" if name == "GT" else "no phase set" if name == "PS" else "no number"
        raise Fault(f'{name} at {place} is "{shown}", which is {what}', self._path, sample, number, LOOK)

    def _genotype(self, value: bytes) -> bytes:
        if value and not _GENOTYPE.fullmatch(value):
            raise ValueError
        return value

    def _whole(self, value: bytes) -> bytes:
        return value if value.isdigit() else b",".join(map(self._whole_number, value.split(b",")))

    def _whole_number(self, value: bytes) -> bytes:
        if value in (_MISSING, b"") or value.lstrip(b"-").isdigit():
            return value or _MISSING
        number = _number(value)
        if not math.isfinite(number):
            return _MISSING
        self.counts[ROUNDED] += 1
        return b"%d" % math.floor(number)

    def _decimal(self, value: bytes) -> bytes:
        for one in value.split(b","):
            if one not in (_MISSING, b""):
                _number(one)
        return value

    def _phase_set(self, value: bytes) -> bytes:
        """A number for each set: its own where it is one, else one that no position is."""
        if value.isdigit() and int(value) < FIRST_SET:
            return value
        if b"," in value:  # the specification knows no such set; a number of its own joins it to no other
            value = b"%s at %s" % (value, self._place[1].encode())
        if value not in self._sets:
            self._sets[value] = b"%d" % (FIRST_SET + len(self._sets))
            self.counts[NAMED_SETS] += 1
        return self._sets[value]

    def _placed(self, how, listed: int, at: int, values: list[bytes], alternates: bytes) -> bytes:
        """A genotype or depths of local alleles as of all: ``listed`` and ``at`` are the places of both."""
        value = values[at] if at < len(values) else _MISSING
        known = [int(one) for one in (values[listed] if listed < len(values) else b"").split(b",") if one.isdigit()]
        alleles = known if known[:1] == [0] else [0, *known]
        number = 1 + (0 if alternates == _MISSING else alternates.count(b",") + 1)
        done, unplaced = how(value, alleles, number)
        self.counts[UNPLACED] += unplaced
        self.counts[FROM_LOCAL] += how is _local_genotype and value != _MISSING
        return done


def _local_genotype(value: bytes, alleles: list[int], number: int) -> tuple[bytes, bool]:
    """A genotype by local alleles as one of all, and whether it names one that is not there."""
    parts, unplaced = _SEPARATORS.split(value), False
    for n, part in enumerate(parts):
        if part.isdigit():
            index = int(part)
            there = index < len(alleles) and alleles[index] < number
            parts[n] = b"%d" % alleles[index] if there else _MISSING
            unplaced |= not there
    return b"".join(parts), unplaced


def _local_depths(value: bytes, alleles: list[int], number: int) -> tuple[bytes, bool]:
    """Depths by local alleles as of all alleles: those that are not local were not counted, and are missing."""
    depths = value.split(b",")
    if value == _MISSING or len(depths) != len(alleles) or max(alleles, default=0) >= number:
        return _MISSING, False
    placed = dict(zip(alleles, depths, strict=True))
    return b",".join(placed.get(n, _MISSING) for n in range(number)), False


def _number(value: bytes) -> float:
    if b"_" in value:  # Python takes it, and a file does not mean it
        raise ValueError
    return float(value)


def _kept_info(text: bytes) -> bytes:
    """INFO without the names that no header can define: stages read none of them."""
    parts: Iterable[bytes] = text.split(b";")
    return b";".join(part for part in parts if INFO_NAME.fullmatch(part.split(b"=")[0].decode("utf-8", "replace"))) or (
        _MISSING
    )
