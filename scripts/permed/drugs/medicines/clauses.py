"""Clauses of an entry: what belongs to one medicine, or to several that the same words are about."""

from dataclasses import dataclass, field

from permed.drugs.medicines.entry import ALLERGY, DENIED
from permed.drugs.medicines.scanning import Item
from permed.drugs.medicines.words import AND, INSTEAD, NOTHING, ROUTE, SALT, STATUS

BEFORE = (DENIED, ALLERGY)  # states that are said before the name they are about
HARD = ("\n", ";")  # separators over which no words reach


@dataclass
class Clause:
    """Items that are about the same names; ``separator`` is what stands before it."""

    separator: str | None = None
    items: list[Item] = field(default_factory=list)

    @property
    def names(self) -> list[Item]:
        """Its names of medicines."""
        return [item for item in self.items if item.meanings]

    @property
    def unread(self) -> list[Item]:
        """What no table knows."""
        return [item for item in self.items if item.unread]

    def says(self, kinds: tuple[str, ...], before: bool) -> bool:
        """Whether it has a word of these kinds, not in brackets, before or else after its first name."""
        names = [n for n, item in enumerate(self.items) if item.meanings]
        at = [n for n, i in enumerate(self.items) if i.word is not None and i.word.kind in kinds and not i.inside]
        return bool(names) and any(n < names[0] if before else n > names[0] for n in at)

    def has(self, *kinds: str) -> bool:
        """Whether it has a word of one of these kinds."""
        return any(item.word is not None and item.word.kind in kinds for item in self.items)


def clauses_of(items: list[Item]) -> list[Clause]:
    """The clauses of an entry in their order."""
    made = [Clause()]
    for n, item in enumerate(items):
        if not item.inside and (item.separator or (item.word is not None and item.word.kind == AND)):
            made.append(Clause(item.separator or AND))
        elif not item.separator:
            if _begins(item, made[-1], items[n + 1 :]):
                made.append(Clause(INSTEAD))
            made[-1].items.append(item)
            if _ends(item, made[-1], items[n + 1 :]):
                made.append(Clause(INSTEAD))
    for clause in made:
        clause.items = _as_names_or_words(clause.items)
    made = _joined([clause for clause in made if clause.items])
    named = [clause for clause in made if clause.names]
    return [clause for clause in made if clause.names or not named or clause.unread or not clause.has(NOTHING)]


def _as_names_or_words(items: list[Item]) -> list[Item]:
    """What is both a name and a word is a word, unless the clause has no other name and the word tells nothing else."""
    sure = any(item.is_name for item in items)
    settled = []
    for item in items:
        if item.meanings and item.word is not None:
            generic = any(meaning.kind == "inn" for meaning in item.meanings)
            as_name = not sure and (item.word.kind in (SALT, ROUTE) or (generic and item.word.kind != STATUS))
            sure = sure or as_name
            item = Item(item.text, item.meanings if as_name else (), None if as_name else item.word, inside=item.inside)
        settled.append(item)
    return settled


def _is_status(item: Item) -> bool:
    return item.word is not None and item.word.kind in (STATUS, INSTEAD)


def _next_name(rest: list[Item]) -> bool:
    """Whether a name follows before anything that parts."""
    for item in rest:
        if item.separator or (item.word is not None and item.word.kind == AND):
            return False
        if item.is_name:
            return True
    return False


def _begins(item: Item, clause: Clause, rest: list[Item]) -> bool:
    """Whether a state that is said before names begins a clause after another name, as in ``a instead of b``."""
    if not _is_status(item) or item.inside or not any(one.is_name for one in clause.items):
        return False
    return (item.word.kind == INSTEAD or item.word.meaning in BEFORE) and _next_name(rest)


def _ends(item: Item, clause: Clause, rest: list[Item]) -> bool:
    """Whether a state that is said after a name ends its clause, as in ``a stopped b 5 mg``."""
    if not _is_status(item) or item.word.kind == INSTEAD or item.word.meaning in BEFORE:
        return False
    return any(one.is_name for one in clause.items) and _next_name(rest)


def _joined(made: list[Clause]) -> list[Clause]:
    """Clauses without a name join the one before, or the next: ``a, stopped 2019``; what is unread stands alone."""
    kept: list[Clause] = []
    waiting: list[Item] = []
    for clause in made:
        tells = clause.has(STATUS, INSTEAD)
        if clause.names or (clause.unread and not tells) or clause.has(NOTHING):
            clause.items = waiting + clause.items
            waiting = []
            kept.append(clause)
        elif kept and kept[-1].names and clause.separator not in HARD:
            kept[-1].items += clause.items
        else:
            waiting += clause.items
    if waiting:
        if kept and kept[-1].names:
            kept[-1].items += waiting
        else:
            kept.append(Clause(None, waiting))
    return kept
