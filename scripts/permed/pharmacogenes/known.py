"""What the tables know of a gene by the names of its alleles: to read and translate diplotypes made elsewhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from permed.pharmacogenes.copies import Part, activity_value, phenotypes_of_score, published_name, read_parts
from permed.pharmacogenes.names import natural
from permed.pharmacogenes.phenotypes import NOT_AVAILABLE, add_values, least
from permed.tables import read_table

LOWEST = (
    "lowest_function",
    "mitochondrial",
)  # methods by which several variants of a strand have the gravest one's risk
ALIASES = {"(wildtype)": "(reference)"}  # G6PD's reference allele under its former name, as in PharmCAT's example

_COMBINED = re.compile(r"\[?(?P<parts>\*\d+(?:\s*\+\s*\*\d+)+)\]?")
_TWO_NAMES = re.compile(r"(?P<first>\S.*?)\s+\((?P<second>[^()]+)\)")


@dataclass(frozen=True)
class Translated:
    """A diplotype by the tables: ``label`` to show, ``lookup`` in published names, score, and phenotypes that follow.

    ``phenotypes`` are several where the count of copies is not known, and none where the tables do not tell.
    """

    label: str
    lookup: str
    score: str | None
    phenotypes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class KnownGene:
    """A gene's alleles, (function, activity value) by name, and its phenotypes by (function, function, score)."""

    name: str
    contig: str
    method: str
    scored: bool
    version: str
    alleles: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    phenotypes: dict[tuple, str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)  # other names of alleles, from allele_spellings.tsv

    @property
    def bands(self) -> dict[str, str]:
        """Phenotype by activity score."""
        return {score: phenotype for (_, _, score), phenotype in self.phenotypes.items() if score}

    @property
    def strands(self) -> tuple[int, int]:
        """Least and most strands of a call: one of mitochondrial DNA, one or two of chrX."""
        return (1, 1) if self.contig == "chrM" else (1, 2) if self.contig == "chrX" else (2, 2)

    def terms(self) -> list[str]:
        """The phenotypes that the gene can have."""
        return sorted(set(self.phenotypes.values()) - {NOT_AVAILABLE})

    def components(self, strand: str) -> tuple[str, ...] | None:
        """The alleles on a strand by name: one, several in ``[a + b]``, or parts with copy numbers; None if unknown."""
        name = _respelt(strand)
        for spelling in (name, f"m.{name}"):
            if spelling in self.alleles:
                return (spelling,)
        parts = self._parts(strand)
        if parts is not None:
            return tuple(str(part) for part in parts)
        # The published name of a combination wins over its alleles: *80+*28, in any order, in brackets or not.
        named = self._combinations.get(_combined(name)) or self.spelled(name)
        if named in self.alleles:
            return (named,)
        if name.startswith("[") and name.endswith("]"):
            names = tuple(_respelt(part) for part in name[1:-1].split(" + "))
            return names if len(names) > 1 and all(part in self.alleles for part in names) else None
        return None

    def spelled(self, name: str) -> str | None:
        """The allele that a name means by another spelling, capitals and blanks aside; None where it is not settled."""
        return self._by_spelling.get(_key(name))

    def translate(self, strands: list[tuple[str, ...]]) -> Translated:
        """Score and phenotypes of the strands (components as :meth:`components` gives them)."""
        ordered = sorted(strands, key=lambda strand: natural(" + ".join(strand)))
        label = "/".join(self._label(strand) for strand in ordered)
        lookup = "/".join(self._published(strand) for strand in ordered)
        if self.scored:
            values = [self._value(strand) for strand in ordered]
            score = add_values(values) if len(values) == 2 and None not in values else None
            return Translated(label, lookup, score, tuple(phenotypes_of_score(score, self.bands)) if score else ())
        functions = [self._function(strand) for strand in ordered]
        if None in functions:
            return Translated(label, lookup, None, ())
        first, second = sorted(functions) if len(functions) == 2 else (functions[0], None)
        phenotype = self.phenotypes.get((first, second, None))
        return Translated(label, lookup, None, (phenotype,) if phenotype else ())

    @cached_property
    def _combinations(self) -> dict[frozenset, str]:
        """The published combinations of alleles by their parts."""
        return {parts: name for name in self.alleles if (parts := _combined(name))}

    @cached_property
    def _by_spelling(self) -> dict[str, str | None]:
        """Allele by spelling; None where alleles share one. ``c.1905+1G>A (*2A)`` is known by each of its names."""
        found: dict[str, str | None] = {}
        exact = {_key(name) for name in self.alleles}
        others = [*_short_names(self.alleles), *self.spellings.items()]
        for spelling, name in [*others, *((name, name) for name in self.alleles)]:
            key = _key(spelling)
            if _key(name) != key and key in exact:
                continue
            found[key] = name if found.get(key, name) == name else None
        return found

    @cached_property
    def _counted(self) -> bool:
        """Whether the table knows copy numbers of the gene."""
        parts = [read_parts(name) for name in self.alleles]
        return any(found and any(part.count > 1 for part in found) for found in parts)

    def _parts(self, strand: str) -> tuple[Part, ...] | None:
        parts = read_parts(strand) if self._counted else None
        return parts if parts and all(part.name in self.alleles for part in parts) else None

    def _label(self, strand: tuple[str, ...]) -> str:
        text = " + ".join(strand)
        return text if len(strand) == 1 or self._parts(text) else f"[{text}]"

    def _published(self, strand: tuple[str, ...]) -> str:
        parts = self._parts(" + ".join(strand))
        if parts:
            return published_name(parts, self.alleles) or self._label(strand)
        return self._gravest(strand) or self._label(strand)

    def _value(self, strand: tuple[str, ...]) -> str | None:
        parts = self._parts(" + ".join(strand))
        if parts:
            return activity_value(parts, {name: value for name, (_, value) in self.alleles.items()})
        deciding = self._gravest(strand)
        return self.alleles[deciding][1] if deciding else None

    def _function(self, strand: tuple[str, ...]) -> str | None:
        deciding = self._gravest(strand)
        return self.alleles[deciding][0] if deciding else None

    def _gravest(self, strand: tuple[str, ...]) -> str | None:
        """The allele that decides for a strand; None where several stand for no published function."""
        if len(strand) > 1 and self.method not in LOWEST:
            return None
        return min(strand, key=self._weight)

    def _weight(self, name: str) -> float:
        function, value = self.alleles[name]
        if self.scored:
            return float("inf") if value in (None, NOT_AVAILABLE) else least(value)
        return self.ranks.get(function, len(self.ranks) + 1)


def read_known(tables: list[Path]) -> dict[str, KnownGene]:
    """Every gene of the tables ``genes``, ``alleles``, ``phenotypes`` and ``function_ranks``, by name."""
    frames = {path.stem: read_table(path) for path in tables}
    found = {
        row["gene"]: KnownGene(row["gene"], row["contig"], row["method"], row["activity"] == "score", row["version"])
        for row in frames["genes"].to_dicts()
    }
    for row in frames["alleles"].to_dicts():
        # A suballele is known under its own name and under that of its parent.
        for name in (row["allele"], row["reported_as"]):
            found[row["gene"]].alleles.setdefault(name, (row["function"], row["activity_value"]))
    for row in frames["phenotypes"].to_dicts():
        found[row["gene"]].phenotypes[row["function1"], row["function2"], row["activity_score"]] = row["phenotype"]
    for row in frames["function_ranks"].to_dicts():
        found[row["gene"]].ranks[row["function"]] = int(row["rank"])
    if "allele_spellings" in frames:
        for row in frames["allele_spellings"].to_dicts():
            found[row["gene"]].spellings[row["spelling"]] = row["allele"]
    return found


def _key(name: str) -> str:
    return re.sub(r"\s+", "", name).casefold()


def _combined(name: str) -> frozenset[str] | None:
    """The star alleles that a name joins by ``+``, in brackets or not; None where it is no such name."""
    parts = _COMBINED.fullmatch(name.strip())
    names = [part.strip() for part in parts["parts"].split("+")] if parts else []
    return frozenset(names) if len(names) > 1 and len(set(names)) == len(names) else None


def _short_names(alleles: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The two names of an allele that has one in brackets after the other; a base alone names no allele: on which
    strand it is read is not known."""
    for name in alleles:
        match = _TWO_NAMES.fullmatch(name)
        for short in (match["first"], match["second"]) if match else ():
            if len(short) > 1:
                yield short, name


def _respelt(name: str) -> str:
    name = name.strip()
    for old, new in ALIASES.items():
        name = name.replace(old, new)
    return name
