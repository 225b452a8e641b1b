"""The rules of what a genotype says, in plain Python over the text of a VCF record: a twin of the kernels."""

import math
from dataclasses import dataclass, field

from permed.observations.bounds import Bounds
from permed.observations.codes import (
    BELIEVED,
    CONTRADICTED,
    FIRST_OTHER,
    GENOTYPE_FILTER,
    LOW_DEPTH,
    LOW_PROBABILITY,
    LOW_QUALITY,
    NO_READS,
    ONE_ALLELE,
    SECOND_OTHER,
    SITE_FILTER,
    UNREADABLE,
)

TYPES = {
    "GT": "1,Type=String",
    "GQ": "1,Type=Integer",
    "RGQ": "1,Type=Integer",
    "GQX": "1,Type=Integer",
    "DP": "1,Type=Integer",
    "MIN_DP": "1,Type=Integer",
    "DPI": "1,Type=Integer",
    "AD": "R,Type=Integer",
    "PL": "G,Type=Integer",
    "FT": "1,Type=String",
    "GP": "G,Type=Float",
    "IGC": "1,Type=Float",
}


@dataclass
class Site:
    """A record as a file writes it: ``cells`` has for each person the text of each field that the record has."""

    ref: str
    alts: list[str]
    filter: str
    cells: list[dict[str, str]]
    pos: int = 100

    def line(self, contig: str) -> str:
        """The record as a line of a VCF."""
        names = list(self.cells[0])
        cells = [":".join(cell[name] for name in names) for cell in self.cells]
        alt = ",".join(self.alts) or "."
        return "\t".join([contig, str(self.pos), ".", self.ref, alt, ".", self.filter, ".", ":".join(names), *cells])


@dataclass
class Header:
    """Which FORMAT fields the header defines, with their Number and Type."""

    fields: dict[str, str] = field(default_factory=lambda: dict(TYPES))

    def asks(self, name: str) -> bool:
        """Whether genotypes are asked for a field."""
        if name not in self.fields:
            return False
        number, kind = self.fields[name].split(",Type=")
        if name == "AD":
            return number in "R."
        if name == "FT":
            return kind == "String"
        counted = {"DP", "AD", "PL", "GL", "MIN_DP", "DPI"} & self.fields.keys()
        uncounted = not counted and {"IGC", "GP", "DS", "HDS", "BAF", "LRR"} & self.fields.keys()
        return not uncounted if name in ("GQ", "RGQ", "GQX") else bool(uncounted) if name in ("GP", "IGC") else True


def judged(site: Site, person: int, header: Header, bounds: Bounds, one_copy: bool, two: bool) -> tuple[str, int]:
    """The genotype as it goes on, without phase, and the byte that goes with it; ``two`` where everybody has two."""
    cell = site.cells[person]
    same = _same(site)
    words = cell["GT"].replace("|", "/").split("/")
    if len(words) > 2:
        return "./.", UNREADABLE
    alleles = [None if word == "." else same.get(int(word), int(word)) for word in words]
    named = [site.ref, *site.alts]
    byte = 0
    for allele, bit in zip(alleles, (FIRST_OTHER, SECOND_OTHER), strict=False):
        if allele and not set(named[allele].upper()) <= set("ACGTN"):
            byte |= bit
    text = "/".join("." if allele is None else str(allele) for allele in alleles)
    reads = _numbers(cell, "AD", header)
    if header.asks("AD") and cell.get("AD", ".") != "." and len(reads) != len(named):
        return text, byte | UNREADABLE
    if set(alleles) == {None}:
        return text, byte
    doubt = _doubt(cell, header, bounds, alleles, len(named), one_copy or len(alleles) == 1, not same)
    if doubt == BELIEVED and any(alleles) and "RefCall" in site.filter.split(";") and "any" not in bounds.filters:
        doubt = SITE_FILTER
    if doubt == BELIEVED and len(alleles) == 1 and two:
        doubt = ONE_ALLELE
    return text, byte | doubt


def _same(site: Site) -> dict[int, int]:
    """Which alleles repeat an earlier one, or REF, whatever the letters' case."""
    first: dict[str, int] = {}
    found = {}
    for number, bases in enumerate(map(str.upper, [site.ref, *site.alts])):
        if number == 0 or set(bases) <= set("ACGTN"):
            if bases in first:
                found[number] = first[bases]
            first.setdefault(bases, number)
    return found


def _numbers(cell: dict[str, str], name: str, header: Header) -> list[float | None]:
    if name not in cell or not header.asks(name):
        return []
    return [None if word == "." else float(word) for word in cell[name].split(",")]


def _first(cell: dict[str, str], names: tuple[str, ...], header: Header) -> float | None:
    for name in names:
        values = _numbers(cell, name, header)
        if values and values[0] is not None and values[0] >= 0:
            return values[0]
    return None


def _doubt(cell, header, bounds, alleles, count, single, plain) -> int:
    if header.asks("FT") and cell.get("FT", ".") != "." and "any" not in bounds.filters:
        believed = {"PASS", ".", *bounds.filters}
        if not {word for word in cell["FT"].split(";") if word} <= believed:
            return GENOTYPE_FILTER
    quality = _first(cell, ("GQ", "RGQ", "GQX"), header)
    depth = _first(cell, ("DP", "MIN_DP", "DPI"), header)
    reads = _numbers(cell, "AD", header)
    told = [n for n in reads if n is not None]
    total = sum(told) if told else None
    depth = total if depth is None else depth
    likelihoods = []
    for value in _numbers(cell, "PL", header):
        if value is None:
            break
        likelihoods.append(value)
    flat = False
    if len(likelihoods) > 1 and len(likelihoods) in (count, count * (count + 1) // 2):  # else they fit no genotypes
        best, second = sorted(likelihoods)[:2]
        apart = second - best
        flat = apart == 0
        own = _own(likelihoods, alleles, count) if plain else None
        if own is not None and own > best:
            apart = 0.0
        quality = apart if quality is None else min(quality, apart)
    if depth == 0 and (flat or quality is None or quality < bounds.min_quality):
        return NO_READS
    if flat and depth is None:
        return NO_READS
    if quality is not None:
        if quality < bounds.min_quality:
            return LOW_QUALITY
    elif depth is not None and depth < (math.ceil(bounds.min_depth / 2) if single else bounds.min_depth):
        return LOW_DEPTH
    if total is not None and total >= 3 and _contradicted(reads, alleles, total):
        return CONTRADICTED
    score = _first(cell, ("IGC",), header)
    if score is not None and score < bounds.min_gencall:
        return LOW_PROBABILITY
    probabilities = _numbers(cell, "GP", header)
    copies = sum(bool(allele) for allele in alleles)
    own = probabilities[copies] if None not in alleles and count == 2 and copies < len(probabilities) else None
    return LOW_PROBABILITY if own is not None and own < bounds.min_probability else BELIEVED


def _own(likelihoods: list[float], alleles: list[int], count: int) -> float | None:
    """The likelihood of the genotype itself, where there is one for each genotype."""
    if None in alleles:
        return None
    low, high = min(alleles), max(alleles)
    if len(likelihoods) != (count if len(alleles) == 1 else count * (count + 1) // 2):
        return None
    return likelihoods[low] if len(alleles) == 1 else likelihoods[high * (high + 1) // 2 + low]


def _contradicted(reads: list[float | None], alleles: list[int], total: float) -> bool:
    alike = len(set(alleles)) == 1
    for allele in alleles[:1] if alike else alleles:
        if allele is None:
            continue
        own = reads[allele]
        if own is None:
            return False
        if total < 10:
            return alike and own == 0
        if own == 0 or (alike and 2 * own < total) or (not alike and total >= 20 and own < 0.05 * total):
            return True
    return False
