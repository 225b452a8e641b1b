"""HLA alleles with guidance: present, absent or not assessable, from typing made elsewhere.

Small variants and tag SNPs do not tell HLA types, so without typing nothing is said. Two fields name the protein; more
fields and the letters of groups (G, P) are accepted, and one field is not enough. Names follow the WHO nomenclature of
HLA factors (hla.alleles.org).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.tables import read_table

TABLE = "hla_alleles"
PREFIX = "HLA-"
POSITIVE, NEGATIVE, OPEN = "positive", "negative", "not_assessable"
THEN = "; "  # between the answers for the alleles of a gene
_NAME = re.compile(
    r"(?:(?:HLA-)?(?P<locus>[A-Z]+\d?)\*|\*)?(?P<group>\d{2})(?::(?P<rest>\d{2,4}(?::\d{2,4}){0,2}))?(?P<letter>[A-Z])?"
)
# Names before 2010 had no colons: two digits a field, as B*5701. Groups 92 and 95 were then the second hundred of A*02
# and B*15 and got other names (hla.alleles.org, "Nomenclature for factors of the HLA system"): they are not read.
_OLD = re.compile(r"(?P<before>(?:(?:HLA-)?[A-Z]+\d?)?\*)(?!92|95)(?P<digits>(?:\d\d){2,4})(?P<letter>[A-Z]?)")
_ANSWER = re.compile(r"(?P<allele>\S+)\s+(?P<answer>positive|negative)", re.IGNORECASE)
_LETTERS = set("GPNLSCAQ")
_NOT_EXPRESSED = "N"


@dataclass(frozen=True)
class Typed:
    """A typed allele: ``group`` (first field), ``protein`` (second, None if not typed) and ``name`` as it is shown."""

    group: str
    protein: str | None
    name: str
    expressed: bool = True

    @property
    def two_fields(self) -> str | None:
        """``*57:01``, None where one field was typed."""
        return f"*{self.group}:{self.protein}" if self.protein else None


def guided_alleles(tables: list[Path]) -> dict[str, list[str]]:
    """The alleles with guidance by gene, from ``hla_alleles.tsv`` among the tables; none without it."""
    found: dict[str, list[str]] = {}
    if not any(path.stem == TABLE for path in tables):
        return found
    for gene, allele in _rows(tables).select("gene", "allele").rows():
        found.setdefault(gene, []).append(allele)
    return found


def version(tables: list[Path]) -> str:
    """Version of the table of alleles with guidance."""
    return _rows(tables)["version"][0]


def read_typed(gene: str, text: str) -> Typed | None:
    """An allele's name, with or without ``HLA-B`` before it; None where it is no name of an allele of ``gene``."""
    match = _NAME.fullmatch(_with_colons(text.strip()))
    if not match or match["locus"] not in (None, gene.removeprefix(PREFIX)):
        return None
    if match["letter"] and (match["letter"] not in _LETTERS or not match["rest"]):
        return None
    fields = [match["group"], *(match["rest"] or "").split(":")] if match["rest"] else [match["group"]]
    name = f"*{':'.join(fields)}{match['letter'] or ''}"
    protein = fields[1] if len(fields) > 1 else None
    return Typed(match["group"], protein, name, match["letter"] != _NOT_EXPRESSED)


def _with_colons(name: str) -> str:
    match = _OLD.fullmatch(name)
    fields = re.findall("..", match["digits"]) if match else []
    return f"{match['before']}{':'.join(fields)}{match['letter']}" if match else name


def read_answers(gene: str, text: str) -> dict[str, str] | None:
    """Answers stated as ``*57:01 positive; *58:01 negative``; None where the text is not of that form."""
    answers = {}
    for part in re.split(r"\s*[;,]\s*", text.strip().strip(";,")):
        match = _ANSWER.fullmatch(part)
        typed = read_typed(gene, match["allele"]) if match else None
        if typed is None or typed.two_fields is None or typed.two_fields in answers:
            return None
        answers[typed.two_fields] = match["answer"].lower()
    return answers


def presence(guided: list[str], typed: list[Typed]) -> dict[str, str]:
    """For each allele with guidance whether it is among those typed on the two chromosomes.

    It is absent only where both chromosomes were typed and neither can carry it; an allele typed to one field could
    be any of its group, and one that is not expressed (``N``) answers nothing for its own name.
    """
    return {allele: _answer(allele, typed) for allele in guided}


def _answer(allele: str, typed: list[Typed]) -> str:
    if any(one.two_fields == allele and one.expressed for one in typed):
        return POSITIVE
    could = any(
        one.two_fields == allele or (one.protein is None and allele.startswith(f"*{one.group}:")) for one in typed
    )
    return OPEN if could or len(typed) < 2 else NEGATIVE


def as_phenotype(answers: dict[str, str]) -> str | None:
    """``*57:01 positive; *58:01 negative``: one answer an allele, in order; None where there is none."""
    return THEN.join(f"{allele} {answer}" for allele, answer in sorted(answers.items())) or None


def _rows(tables: list[Path]) -> pl.DataFrame:
    path = next((path for path in tables if path.stem == TABLE), None)
    if path is None:
        raise Fault(f"the table {TABLE}.tsv is not there", remedy="Restore resources/pharmacogenes")
    return read_table(path)
