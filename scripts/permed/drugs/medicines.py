"""The person's medicines: what is written in the sheet, resolved to generic ingredients by a table of names."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from permed.tables import read_table

SEPARATOR = ";"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_STRENGTH = re.compile(
    r"(?<=\s)\d[\d.,/x×-]*(?:\s*(?:mg|g|mcg|µg|μg|ug|ml|iu|ie|mmol|units?|%)(?![\w]))?(?:\s*/\s*(?:ml|h|day|d)\b)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[+/&,]\s*|\s+(?:and|und|et|with|mit)\s+", re.IGNORECASE)
MOST_NUMBERED = 9  # products are numbered up to this; strengths without a unit are larger
_SHORTEST = 4  # a shorter first word is not read as a name when other words follow it


@dataclass(frozen=True)
class Medicine:
    """One entry of the ``medications`` cell.

    ``products`` are the generic names of the table that it stands for, several where the name is ambiguous or the
    entry names several; ``ingredients`` are all of theirs. ``unread`` are words that the table does not know: the
    whole entry where nothing was recognised, so that nothing is dropped.
    """

    given: str
    products: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    unread: str = ""
    ambiguous: bool = False

    @property
    def known(self) -> bool:
        """Whether at least one ingredient was recognised."""
        return bool(self.products)


class MedicineNames:
    """Every name of the table, to the generic names that it stands for."""

    def __init__(self, rows: Iterable[dict]) -> None:
        self.ingredients: dict[str, tuple[str, ...]] = {}
        self.atc: dict[str, tuple[str, ...]] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        generic: dict[str, dict[str, None]] = {}
        other: dict[str, dict[str, None]] = {}
        for row in rows:
            name = row["generic"]
            self.ingredients[name] = _list(row["ingredients"])
            self.atc[name], self.groups[name] = _list(row["atc"]), _list(row["groups"])
            for key in _keys(name):
                generic.setdefault(key, {})[name] = None
            for given in _list(row["brands"]) + _list(row["names"]):
                for key in _keys(given):
                    other.setdefault(key, {})[name] = None
        self._products = {key: tuple(names) for key, names in (other | generic).items()}

    @classmethod
    def load(cls, folder: Path) -> "MedicineNames":
        """Read ``medicines.tsv`` of ``resources/drugs``."""
        return cls(read_table(Path(folder) / "medicines.tsv").iter_rows(named=True))

    def resolve(self, entry: str) -> Medicine:
        """Resolve one entry: letter case, accents, umlauts, salts, strengths, brands and combinations are understood.

        The whole entry is looked up first, then without strengths, then each part of ``a / b``, ``a + b`` or
        ``a and b``, and of each part the longest known beginning; what is left over is ``unread``.
        """
        given = entry.strip()
        plain = " ".join(_STRENGTH.sub(_unless_a_number, f" {given}").split()) or given
        for text in (given, plain):
            if found := self._look_up(text):
                return self._medicine(given, [found], [])
        read, unread = [], []
        for part in filter(None, (part.strip() for part in _BETWEEN.split(plain))):
            found, rest = self._beginning(part)
            read += [found] if found else []
            unread += [rest] if rest else []
        return self._medicine(given, read, unread)

    def resolve_all(self, medications: str | Iterable[str] | None) -> tuple[Medicine, ...]:
        """Resolve the sheet's cell (entries between semicolons) or its entries, in their order, each name once."""
        entries = medications.split(SEPARATOR) if isinstance(medications, str) else medications or ()
        return tuple(self.resolve(entry) for entry in dict.fromkeys(filter(None, (e.strip() for e in entries))))

    def _look_up(self, text: str) -> tuple[str, ...]:
        return next((self._products[key] for key in _keys(text) if key in self._products), ())

    def _beginning(self, part: str) -> tuple[tuple[str, ...], str]:
        words = part.split()
        for n in range(len(words), 0, -1):
            if n < len(words) and len("".join(words[:n])) < _SHORTEST:
                break
            if found := self._look_up(" ".join(words[:n])):
                return found, " ".join(words[n:])
        return (), part

    def _medicine(self, given: str, read: list[tuple[str, ...]], unread: list[str]) -> Medicine:
        products = tuple(dict.fromkeys(name for names in read for name in names))
        ingredients = tuple(dict.fromkeys(i for name in products for i in self.ingredients[name]))
        ambiguous = any(len({self.ingredients[name] for name in names}) > 1 for names in read)
        return Medicine(given, products, ingredients, " ".join(unread), ambiguous)


def taken(medicines: Iterable[Medicine]) -> dict[str, str]:
    """Each generic name and ingredient that is taken, with the entry that says so."""
    found: dict[str, str] = {}
    for medicine in medicines:
        for name in (*medicine.products, *medicine.ingredients):
            found.setdefault(name, medicine.given)
    return found


def unread(medicines: Iterable[Medicine]) -> list[str]:
    """Entries of which the table does not know all words; any of them may be any medicine."""
    return [medicine.given for medicine in medicines if medicine.unread]


def _unless_a_number(strength: re.Match) -> str:
    """Nothing in place of a strength; a small bare number stays, since it can tell products apart (``Tylenol 3``)."""
    text = strength.group()
    return f"{text} " if text.strip().isdigit() and int(text) <= MOST_NUMBERED else " "


def _list(cell: str | None) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _keys(name: str) -> tuple[str, ...]:
    """Forms to compare names by: lower-case letters and digits, umlauts as one and two letters, hyphens as none."""
    lower = name.casefold()
    return tuple(dict.fromkeys(_fold(text) for text in (lower, lower.translate(_UMLAUTS), lower.replace("-", ""))))


def _fold(lower: str) -> str:
    parts = unicodedata.normalize("NFKD", lower)
    return " ".join(re.sub(r"[\W_]+", " ", "".join(c for c in parts if not unicodedata.combining(c))).split())
