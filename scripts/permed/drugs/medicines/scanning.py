"""From an entry to items in their order: names, words, strengths, dates, separators, and what no table knows."""

from dataclasses import dataclass, replace

from permed.drugs.medicines.folding import fold, keys
from permed.drugs.medicines.names import Meaning, MedicineNames
from permed.drugs.medicines.tokens import DATE, STRENGTH, Atom, atoms
from permed.drugs.medicines.words import AND, Word

LONGEST = 14  # atoms of the longest phrase that is looked up
SEPARATORS = "\n;,+/&|"
OPENING, CLOSING = "([{", ")]}"
IGNORED = set("%.:-–—_*#!'\"’‘“”„`´·•=~^<>®™°…、。・،")


@dataclass(frozen=True)
class Item:
    """A piece of an entry. One of ``meanings`` (a name), ``word``, ``strength``, ``year``, ``separator`` or nothing.

    A piece that is both a name and a word has both. ``inside`` says that it stands in brackets.
    """

    text: str
    meanings: tuple[Meaning, ...] = ()
    word: Word | None = None
    strength: bool = False
    year: int | None = None
    separator: str | None = None
    inside: bool = False

    @property
    def is_name(self) -> bool:
        """Whether it is a name and nothing else."""
        return bool(self.meanings) and self.word is None

    @property
    def unread(self) -> bool:
        """Whether no table knows it."""
        return not (self.meanings or self.word or self.strength or self.year or self.separator)


def scan(text: str, names: MedicineNames) -> list[Item]:
    """The items of a plain text (see :func:`permed.drugs.medicines.tokens.plain`), longest phrases first."""
    pieces, items, at, depth = atoms(text), [], 0, 0
    while at < len(pieces):
        atom = pieces[at]
        if atom.text in OPENING or atom.text in CLOSING:
            depth = max(0, depth + (1 if atom.text in OPENING else -1))
            at += 1
            continue
        item, at = _next(text, pieces, at, names, items)
        if item is not None:
            items.append(replace(item, inside=depth > 0))
    return items


def _next(text: str, pieces: list[Atom], at: int, names: MedicineNames, before: list[Item]) -> tuple[Item | None, int]:
    start = pieces[at].start
    if pieces[at].text.isdigit() and (date := DATE.match(text, start)):
        year = int(date["year"] or date["first"])
        return Item(date.group(), year=year, strength=True), _after(pieces, at, date.end())
    if (phrase := _phrase(text, pieces, at, names)) is not None:
        return (Item(phrase[0].text), phrase[1]) if _closes_a_name(phrase, text, pieces, names, before) else phrase
    if (number := STRENGTH.match(text, start)) and number.group():
        end = _after(pieces, at, number.end())
        single = len(number.group()) == 1 and number.group().isdigit() and before and before[-1].meanings
        tells_apart = single and names.numbered(fold(before[-1].text))  # a number such as that of Tylenol 3
        return Item(number.group(), strength=not tells_apart), end
    atom = pieces[at]
    if atom.text in SEPARATORS:
        return Item(atom.text, separator=atom.text), at + 1
    if atom.text in IGNORED:
        return None, at + 1
    return Item(atom.text), at + 1


def _closes_a_name(phrase: tuple[Item, int], text: str, pieces: list[Atom], names: MedicineNames, before) -> bool:
    """Whether an ``and`` is the end of a product's name that tells of a second ingredient, as in ``X Plus 80``."""
    item, end = phrase
    if item.word is None or item.word.kind != AND or fold(item.text) not in names.words.combined:
        return False
    follows = _phrase(text, pieces, end, names) if end < len(pieces) else None
    return bool(before) and before[-1].is_name and (follows is None or not follows[0].meanings)


def _after(pieces: list[Atom], at: int, end: int) -> int:
    """The number of the first atom from ``at`` on that begins at or after a place in the text; at least the next."""
    at += 1
    while at < len(pieces) and pieces[at].start < end:
        at += 1
    return at


def _phrase(text: str, pieces: list[Atom], at: int, names: MedicineNames) -> tuple[Item, int] | None:
    """The longest name or phrase of words that begins here."""
    first = pieces[at]
    if not (first.is_word and first.break_before):
        return None
    for end in range(min(len(pieces), at + LONGEST), at, -1):
        last = pieces[end - 1]
        if last.text == "\n" or not last.is_word:
            continue
        piece = text[first.start : last.end]
        if "\n" in piece or ";" in piece or any(c in piece for c in OPENING + CLOSING):
            continue
        forms = keys(piece)
        if not any(forms):
            continue
        meanings = next((found for key in forms if key and (found := names.find(key))), ())
        word = next((found for key in forms if key and (found := names.words.find(key))), None)
        if meanings or word:
            return Item(piece, meanings, word), end
    stem = names.words.without_salt(fold(first.text)) if first.is_word else None
    if stem and (meanings := names.find(stem) or names.find(stem + "e")):
        return Item(first.text, meanings), at + 1
    return None
