"""Diplotypes in the spellings of many callers, read into the names of the tables.

Nothing is guessed: a name that leads to no allele is a fault, and what was changed is told in a sentence.
"""

import re
from dataclasses import dataclass

from permed.errors import Fault
from permed.pharmacogenes.copies import UNKNOWN_COUNT
from permed.pharmacogenes.known import KnownGene

Strands = tuple[tuple[str, ...], ...]
_OPENING, _CLOSING = "[({", "])}"
_STARS = str.maketrans({"∗": "*", "＊": "*", "⁎": "*"})
_TOKEN = re.compile(r"\*\d+(?:[A-Z]\b)?(?:\.\d+)?(?:\.ALDY(?:_\d+)?)?")
# PharmVar numbers suballeles by three digits, Aldy its own from 1001 on.
_SUBALLELE = re.compile(r"(?P<parent>\*\d+)\.(?:\d{3,4}(?:\.ALDY(?:_\d+)?)?|ALDY(?:_\d+)?)")
_OWN_NAME = ".ALDY"  # an allele that Aldy added to those that are published: how it differs is not known here
_COPIES = r"\s*[xX×]\s*(?P<count>[nN]|\d+)"
_MANY = re.compile(rf"[\[({{](?P<inside>[^\[\](){{}}]+)[\])}}]{_COPIES}")
_PLAIN = re.compile(r"[*\d\s.+xXnN×≥>=]+")  # a strand of star alleles alone, once its brackets are taken away
_REMEDY = "Write the names of the allele definitions, as in resources/pharmacogenes/alleles.tsv"
_UNASSIGNED = re.compile(r"\*\d+\S*(?:_\*\d+\S*)+")


@dataclass(frozen=True)
class Reading:
    """What a cell says: one diplotype or several that the caller lists, sentences on how it was read, and whether the
    caller itself marks it as ``doubted``."""

    diplotypes: tuple[Strands, ...]
    said: tuple[str, ...] = ()
    doubted: bool = False


def read_diplotype(gene: KnownGene, text: str) -> Reading:
    """Read a cell. Raises a Fault where a part of it names no allele of the gene, or the count of alleles is wrong."""
    said: list[str] = []
    doubted = False
    diplotypes: list[Strands] = []
    for one in _alternatives(_tidied(gene, text)):
        pairs, marked = _pairs(one, said)
        doubted |= marked
        diplotypes += [_strands(gene, pair, one, said) for pair in pairs]
        doubted |= any(_OWN_NAME in pair_part for pair in pairs for pair_part in pair)
    if not diplotypes:
        raise Fault(f"{text} names no allele of {gene.name}", remedy=_REMEDY)
    return Reading(tuple(dict.fromkeys(diplotypes)), tuple(dict.fromkeys(said)), doubted)


def _tidied(gene: KnownGene, text: str) -> str:
    """The text with plain stars, without the gene's name before alleles, and with ``/`` between the alleles."""
    text = " ".join(text.translate(_STARS).split())
    before = rf"(^|[/+;|\[({{]|\sor\s)\s*{re.escape(gene.name)}[\s:_-]*(?=[*\[({{\w])"
    text = re.sub(before, r"\1", text, flags=re.IGNORECASE)
    for spelling, allele in gene.spellings.items():
        if set(spelling) & set("/;"):  # these part alleles elsewhere
            text = re.sub(re.escape(spelling), lambda _, allele=allele: allele, text, flags=re.IGNORECASE)
    return text.replace("|", "/") if "/" not in text else text


def _alternatives(text: str) -> list[str]:
    return [part for either in re.split(r"\s+[oO][rR]\s+", text) for part in split_apart(either, ";") if part]


def split_apart(text: str, mark: str) -> list[str]:
    """The parts of a text between marks; a mark within brackets parts nothing."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if letter == mark and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _pairs(text: str, said: list[str]) -> tuple[list[list[str]], bool]:
    """The diplotypes that a text stands for, each as names, and whether brackets mark it as doubted.

    ``(*1/*2)xN`` does not say which allele has the copies, and ``(*1/*2)x3`` not whether all copies are counted.
    """
    match = re.fullmatch(rf"[\[({{](?P<inside>.*)[\])}}](?:{_COPIES})?", text)
    if not match or len(split_apart(match["inside"], "/")) != 2 or _closes_early(text):
        return [split_apart(text, "/")], False
    first, second = split_apart(match["inside"], "/")
    if not match["count"]:
        said.append(f"The file has the pair {text} in brackets, as callers do where another allele is possible.")
        return [[first, second]], True
    said.append(f"{text} does not say which allele has the further copies: every reading is listed.")
    if match["count"] in "nN":
        counts = [UNKNOWN_COUNT]
    else:
        number = int(match["count"])
        counts = [str(count) for count in (number - 1, number) if count > 1]
    return [pair for n in counts for pair in ([f"{first}x{n}", second], [first, f"{second}x{n}"])], False


def _closes_early(text: str) -> bool:
    """Whether the bracket that opens a text is closed before its end, as in ``(*1)/(*4)``."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if not depth:
            return any(bracket in text[at + 1 :] for bracket in _OPENING + _CLOSING)
    return True


def _strands(gene: KnownGene, names: list[str], text: str, said: list[str]) -> Strands:
    if len(names) == 1 and _UNASSIGNED.fullmatch(names[0]):
        remedy = "Ask who made the call which of them lie on one chromosome"
        raise Fault(f"the alleles of {text} are not assigned to the two chromosomes", remedy=remedy)
    found = tuple(_strand(gene, name, said) for name in names)
    least, most = gene.strands
    if not least <= len(names) <= most:
        wants = "one allele" if most == 1 else "two alleles, as *1/*2" if least == 2 else "one or two alleles"
        raise Fault(f"{text} has {len(names)} of the alleles of {gene.name}", remedy=f"Give {wants}")
    return found


def _strand(gene: KnownGene, name: str, said: list[str]) -> tuple[str, ...]:
    for spelled in dict.fromkeys((name, *_unbracketed(name))):
        if components := gene.components(spelled):
            return components
        changed: list[str] = []
        in_parents = _TOKEN.sub(lambda match, changed=changed: _known_name(gene, match[0], changed), spelled)
        if changed and (components := gene.components(in_parents)):
            said += changed
            return components
    raise Fault(f"{gene.name} has no allele {name or '(empty)'}", remedy=_REMEDY)


def _known_name(gene: KnownGene, token: str, changed: list[str]) -> str:
    """The allele of the tables for a star allele that they lack: by another name of it, or its parent."""
    if token in gene.alleles:
        return token
    named = gene.spelled(token) or token
    match = _SUBALLELE.fullmatch(named)
    parent = match["parent"] if match and named not in gene.alleles else named
    if parent not in gene.alleles:
        return token
    changed.append(f"{token} of the file is {_kind(token, named, parent)}.")
    return parent


def _kind(token: str, named: str, parent: str) -> str:
    if named == parent:
        return f"the allele {parent}"
    if _OWN_NAME in token:
        return f"the caller's own variety of {parent}, and counts as {parent} without certainty"
    return f"{'' if token == named else f'{named}, '}a suballele of {parent}, and counts as {parent}"


def _unbracketed(name: str) -> list[str]:
    """The name without brackets around it, and, of star alleles alone, without any; ``[*36+*10]x2`` is each twice."""
    found = []
    if name[:1] in _OPENING and name[-1:] in _CLOSING and not _closes_early(name):
        found.append(name[1:-1].strip())
    opened = _MANY.sub(lambda match: _each(match["inside"], match["count"]), name)
    bare = re.sub(r"[\[\](){}]", "", opened).strip()
    return [*found, bare] if _PLAIN.fullmatch(bare) else found


def _each(inside: str, count: str) -> str:
    return "+".join(f"{part.strip()}x{count}" for part in inside.split("+"))
