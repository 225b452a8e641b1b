"""One reading of what is written of a medicine, and what follows from it for the person."""

from collections.abc import Iterable
from dataclasses import dataclass

TAKEN, NEEDED, PLANNED = "taken", "as needed", "planned"
PAUSED, STOPPED, PAST, DENIED, ALLERGY = "paused", "stopped", "past", "denied", "allergy"
NOTHING, NO_ANSWER, UNCLEAR = "nothing", "no answer", "unclear"
COUNTED = (TAKEN, NEEDED, PLANNED)
NEVER = (DENIED, ALLERGY, NOTHING)
SURE, MARKED, ASKED = "sure", "marked", "asked"


@dataclass(frozen=True)
class Medicine:
    """One reading of an entry of the ``medications`` cell; an entry that says different things gives several.

    ``given`` is the whole entry. ``products`` are generic names of the table, ``ingredients`` what is in them for
    certain and ``possible`` what is in them by one of several meanings. ``unread`` are words that no table knows: the
    whole entry where nothing was recognised. ``status`` is what the words around the name make of it, ``route`` how it
    is given (None where nothing says). ``local`` are ingredients that do not reach the body by that route and
    ``perhaps_local`` those of which no source says. ``sure`` is SURE where name and words are known, MARKED where
    something is to be confirmed, ASKED where the reading may not be used; ``questions`` are what to ask.
    ``may_still_act`` says that it was not stopped long ago for certain.
    """

    given: str
    products: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    unread: str = ""
    ambiguous: bool = False
    possible: tuple[str, ...] = ()
    status: str = TAKEN
    route: str | None = None
    local: tuple[str, ...] = ()
    perhaps_local: tuple[str, ...] = ()
    sure: str = SURE
    questions: tuple[str, ...] = ()
    may_still_act: bool = False

    @property
    def known(self) -> bool:
        """Whether at least one ingredient was recognised."""
        return bool(self.products or self.ingredients or self.possible)

    @property
    def names(self) -> tuple[str, ...]:
        """Products and ingredients of every meaning."""
        return tuple(dict.fromkeys((*self.products, *self.ingredients, *self.possible)))

    @property
    def counted(self) -> tuple[str, ...]:
        """Names that count as taken: understood, taken, and reaching the body."""
        if self.status not in COUNTED or self.sure == ASKED:
            return ()
        left_out = {*self.local, *self.perhaps_local}
        own = [name for name in self.ingredients if name not in left_out]
        whole = len(own) == len(self.ingredients)
        return tuple(dict.fromkeys((*(self.products if whole else ()), *own)))

    @property
    def in_doubt(self) -> tuple[str, ...]:
        """Names of which it is asked whether they are taken, still act, or reach the body."""
        if self.status in NEVER:
            return ()
        sure = self.status in COUNTED and self.sure != ASKED
        open_ = sure or self.sure == ASKED or self.may_still_act
        counted = set(self.counted) | set(self.local)
        return tuple(name for name in self.names if name not in counted) if open_ else ()


def taken(medicines: Iterable[Medicine]) -> dict[str, str]:
    """Each generic name and ingredient that is taken, with the entry that says so."""
    found: dict[str, str] = {}
    for medicine in medicines:
        for name in medicine.counted:
            found.setdefault(name, medicine.given)
    return found


def in_doubt(medicines: Iterable[Medicine]) -> dict[str, Medicine]:
    """Each generic name and ingredient of which it is not settled whether it is taken, with the reading."""
    medicines = list(medicines)
    sure = taken(medicines)
    found: dict[str, Medicine] = {}
    for medicine in medicines:
        for name in medicine.in_doubt:
            if name not in sure:
                found.setdefault(name, medicine)
    return found


def unread(medicines: Iterable[Medicine]) -> list[str]:
    """Entries of which the tables do not know all words, or that answer nothing; any of them may be any medicine."""
    return list(dict.fromkeys(m.given for m in medicines if m.unread or m.status == NO_ANSWER))


def allergies(medicines: Iterable[Medicine]) -> dict[str, str]:
    """Each generic name and ingredient that is not tolerated, with the entry that says so."""
    found: dict[str, str] = {}
    for medicine in medicines:
        for name in medicine.names if medicine.status == ALLERGY else ():
            found.setdefault(name, medicine.given)
    return found
