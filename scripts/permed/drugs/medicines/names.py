"""Every name of a medicine that the tables have, and what is known of the medicines themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from permed.drugs.medicines.entry import Medicine
from permed.drugs.medicines.folding import keys
from permed.drugs.medicines.words import Words
from permed.tables import read_table

SEPARATOR = ";"
MOST_ASCII = 127
ABBREVIATED = 4  # a name of so many letters or fewer that is neither generic nor a brand counts as an abbreviation
SAID_BY_NAME = ("inn", "salt", "brand", "combination")


@dataclass(frozen=True)
class Meaning:
    """One meaning of a name: its products and ingredients, the kind of name, and the routes it is sold for."""

    products: tuple[str, ...]
    ingredients: tuple[str, ...]
    kind: str
    routes: tuple[str, ...] = ()


class MedicineNames:
    """Every name of the tables, to what it stands for; :meth:`resolve_all` reads a cell of the sheet.

    ``year`` is the one in which the sheet is read; without it that of the tables.
    """

    def __init__(
        self,
        rows: Iterable[dict],
        more: Iterable[tuple] = (),
        routes: Iterable[dict] = (),
        words: Words | None = None,
        year: int | None = None,
        acts_on: Iterable[dict] = (),
    ) -> None:
        self.ingredients: dict[str, tuple[str, ...]] = {}
        self.atc: dict[str, tuple[str, ...]] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.words, self.year = words or Words(()), year
        self.acts_on = {row["ingredient"]: row["how_long"] for row in acts_on}
        self._generic: dict[str, dict[str, None]] = {}
        other: dict[str, dict[str, None]] = {}
        self._product_of: dict[tuple[str, ...], str] = {}
        for row in rows:
            name = row["generic"]
            self.ingredients[name] = _list(row["ingredients"])
            self.atc[name], self.groups[name] = _list(row["atc"]), _list(row["groups"])
            self._product_of.setdefault(tuple(sorted(self.ingredients[name])), name)
            for key in keys(name):
                self._generic.setdefault(key, {})[name] = None
            for given in _list(row["brands"]) + _list(row["names"]):
                for key in keys(given):
                    other.setdefault(key, {})[name] = None
        self._products = other | self._generic
        self._more: dict[str, list[tuple]] = {}
        for key, *told in more:
            self._more.setdefault(key, []).append(told)
        self.routes: dict[str, dict[str, dict]] = {}
        for row in routes:
            self.routes.setdefault(row["ingredient"], {})[row["route"]] = row
        for rows_of in self._more.values():
            for told in rows_of:
                for ingredient in _list(told[0]):
                    if ingredient not in self.ingredients:
                        self.ingredients[ingredient] = (ingredient,)
                        self.atc[ingredient] = self.groups[ingredient] = ()
                        self._products.update(
                            {key: {ingredient: None} for key in keys(ingredient) if key not in self._products}
                        )
        self._cell = lru_cache(maxsize=4096)(self._read_entry)

    @classmethod
    def load(cls, folder: Path, year: int | None = None) -> "MedicineNames":
        """Read the tables of medicines in ``resources/drugs``."""
        folder = Path(folder)
        more = read_table(folder / "medicine_names.tsv").select("name", "ingredients", "kind", "routes")
        routes = [*_rows(folder, "medicine_routes"), *_rows(folder, "medicine_routes_added")]
        acts_on = _rows(folder, "medicine_acts_on")
        return cls(_rows(folder, "medicines"), more.iter_rows(), routes, Words.load(folder), year, acts_on)

    def find(self, key: str) -> tuple[Meaning, ...]:
        """What a name in folded form stands for; several meanings where it is ambiguous, none where it is no name."""
        if told := self._more.get(key):
            return tuple(self._meaning(*row) for row in told)
        names = self._products.get(key, ())
        kind = "inn" if key in self._generic else "brand_or_synonym"
        return tuple(Meaning((name,), self.ingredients[name], kind) for name in names)

    def look_up(self, name: str) -> tuple[Meaning, ...]:
        """What a name stands for in any of its written forms."""
        return next((found for key in keys(name) if (found := self.find(key))), ())

    def numbered(self, key: str) -> bool:
        """Whether products of this name are told apart by a number, as ``tylenol 3``."""
        return any(self.find(f"{key} {n}") for n in range(1, 10))

    @cached_property
    def letters(self) -> dict[str, str]:
        """For each letter of the names the letters of its script, to propose spellings with."""
        scripts: dict[int, set[str]] = {0: set("abcdefghijklmnopqrstuvwxyz")}
        for key in (*self._products, *self._more):
            if not key.isascii():
                for c in key:
                    if c.isalpha() and ord(c) > MOST_ASCII:
                        scripts.setdefault(ord(c) >> 8, set()).add(c)
        return {c: "".join(sorted(own)) for own in scripts.values() for c in own}

    def resolve(self, entry: str) -> Medicine:
        """One entry as a whole: its only reading, or what is common to its readings (see :func:`together`)."""
        from permed.drugs.medicines.reading import together

        return together(self._cell(entry.strip()))

    def read(self, entry: str) -> tuple[Medicine, ...]:
        """Every reading of one entry, see :func:`permed.drugs.medicines.reading.read_entry`."""
        return self._cell(entry.strip())

    def resolve_all(self, medications: str | Iterable[str] | None) -> tuple[Medicine, ...]:
        """Read the sheet's cell (entries between semicolons) or its entries, in their order, each once."""
        entries = medications.split(SEPARATOR) if isinstance(medications, str) else medications or ()
        distinct = dict.fromkeys(filter(None, (entry.strip() for entry in entries)))
        return tuple(medicine for entry in distinct for medicine in self._cell(entry))

    def _read_entry(self, entry: str) -> tuple[Medicine, ...]:
        from permed.drugs.medicines.reading import read_entry

        return read_entry(entry, self)

    def _meaning(self, ingredients: str, kind: str, routes: str | None) -> Meaning:
        own = _list(ingredients)
        product = self._product_of.get(tuple(sorted(own)))
        return Meaning((product,) if product else own if len(own) == 1 else (), own, kind, _list(routes))


def _rows(folder: Path, name: str) -> Iterable[dict]:
    return read_table(folder / f"{name}.tsv").iter_rows(named=True)


def _list(cell: str | None) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()
