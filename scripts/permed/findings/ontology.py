"""An ontology of phenotypes from an OBO file: which terms are more general, and what became of withdrawn ones."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from permed.errors import Fault

REMEDY = "Give HPO's hp.obo"
_TAGS = ("is_a", "alt_id", "replaced_by", "consider")
# What may follow a value: modifiers in braces and a comment (OBO flat file format, trailing modifiers).
_TRAILING = re.compile(r"\s*(\{.*\})?\s*(!.*)?$")


@dataclass
class Term:
    """A ``[Term]`` of an OBO file, with the line on which it begins."""

    line: int
    identifier: str = ""
    name: str = ""
    obsolete: bool = False
    is_a: list[str] = field(default_factory=list)
    alt_id: list[str] = field(default_factory=list)
    replaced_by: list[str] = field(default_factory=list)
    consider: list[str] = field(default_factory=list)


class Ontology:
    """Terms by identifier; those that are in use have names and ancestors."""

    def __init__(self, terms: list[Term]) -> None:
        self.terms = {term.identifier: term for term in terms}
        self.names = {term.identifier: term.name for term in terms if not term.obsolete}
        self._other = {other: term.identifier for term in terms if not term.obsolete for other in term.alt_id}
        self._above: dict[str, frozenset[str]] = {}

    def resolve(self, identifier: str) -> str | None:
        """The term in use of an identifier: itself, of which it is another identifier, or what alone replaced it."""
        seen = set()
        while identifier not in self.names:
            term = self.terms.get(identifier)
            now = set(term.replaced_by) if term else set()
            if not now and identifier in self._other:
                now = {self._other[identifier]}
            if len(now) != 1 or identifier in seen:
                return None
            seen.add(identifier)
            (identifier,) = now
        return identifier

    def advice(self, identifier: str) -> str | None:
        """Why an identifier cannot be resolved: it is unknown, or withdrawn, with the terms to consider instead."""
        if self.resolve(identifier):
            return None
        if identifier not in self.terms:
            return "is not in the ontology"
        term = self.terms[identifier]
        instead = " or ".join([*term.replaced_by, *term.consider])
        return f"is obsolete{f'; consider {instead}' if instead else ', and nothing replaces it'}"

    def ancestors(self, identifier: str) -> frozenset[str]:
        """A term in use and every more general one; of what is no such term, itself alone."""
        if identifier not in self._above:
            above, waiting = {identifier}, [identifier]
            while waiting:
                term = self.terms.get(waiting.pop())
                fresh = [parent for parent in (term.is_a if term else []) if parent not in above]
                above.update(fresh)
                waiting += fresh
            self._above[identifier] = frozenset(above)
        return self._above[identifier]


def read_ontology(path: Path) -> Ontology:
    """Read the ``[Term]`` stanzas of an OBO file: id, name, is_a, alt_id, is_obsolete, replaced_by, consider.

    Raises a Fault where there is no term, a term has no or another's identifier, or an ``is_a`` leads nowhere or back.
    """
    terms: list[Term] = []
    current: Term | None = None
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Fault("the text is not UTF-8", path, remedy=REMEDY) from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            current = Term(number) if line.strip() == "[Term]" else None
            terms += [current] if current else []
        elif current and ":" in line and not line.startswith("!"):
            _take(current, *line.split(":", 1))
    _check(terms, path)
    return Ontology(terms)


def _take(term: Term, tag: str, text: str) -> None:
    value = _TRAILING.sub("", text.strip())
    if tag in _TAGS:
        getattr(term, tag).append(value)
    elif tag == "id":
        term.identifier = value
    elif tag == "name":
        term.name = value
    elif tag == "is_obsolete":
        term.obsolete = value == "true"


def _check(terms: list[Term], path: Path) -> None:
    if not terms:
        raise Fault("there is no [Term] in it", path, remedy=REMEDY)
    known: dict[str, Term] = {}
    for term in terms:
        if not term.identifier:
            raise Fault("the term has no id", path, None, term.line, REMEDY)
        if term.identifier in known:
            fault = f"{term.identifier} is also on line {known[term.identifier].line}"
            raise Fault(fault, path, None, term.line, REMEDY)
        known[term.identifier] = term
    for term in terms:
        lost = [parent for parent in term.is_a if parent not in known]
        if lost:
            raise Fault(f"{term.identifier} is_a {lost[0]}, which is not there", path, None, term.line, REMEDY)
    _check_circles(known, path)


def _check_circles(known: dict[str, Term], path: Path) -> None:
    """Take away terms whose parents are gone, until none is left; what stays leads back to itself."""
    waiting = {name: set(term.is_a) for name, term in known.items()}
    below: dict[str, list[str]] = {}
    for name, parents in waiting.items():
        for parent in parents:
            below.setdefault(parent, []).append(name)
    free = [name for name, parents in waiting.items() if not parents]
    while free:
        name = free.pop()
        del waiting[name]
        for child in below.get(name, ()):
            waiting[child].discard(name)
            free += [child] if not waiting[child] else []
    if waiting:
        name = min(waiting)
        raise Fault(f"{name} is more general than itself", path, None, known[name].line, REMEDY)
