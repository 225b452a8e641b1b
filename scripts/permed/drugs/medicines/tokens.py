"""An entry cut into atoms: words, numbers and signs, and what stands beside a number."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_UNIT = (
    r"(?:mg|g|gr|mcg|µg|μg|ug|ng|ml|l|dl|iu|ie|i\.e\.|ui|u|units?|mmol|meq|%|"
    r"мг|г|мкг|мл|ед|毫克|微克|克|ミリグラム|मिग्रा|मि\.ग्रा\.|مجم|ملغ|ملجم|מג|מ\"ג|"
    r"wks?|weeks?|w|d|days?|h|hrs?|hourly|j|x|tabs?|tbl|cp|cps|puffs?|st|stk|sprays?|drops?|gtt|caps?|錠|片|times|mal|fois|veces|volte)"
)
_NUMBER = r"\d+(?:[.,]\d+)*"
STRENGTH = re.compile(
    rf"(?:[x×*~<>≤≥]\s*)?{_NUMBER}(?:\s*{_UNIT}(?![^\W\d_]))?"
    rf"(?:\s*[-–—/x×*+]\s*(?:{_NUMBER}(?:\s*{_UNIT}(?![^\W\d_]))?|(?:ml|day|d|h|hr|j|tag|jour|día|dì|week|wk|dose|puff|actuation)(?![^\W\d_])))*"
    rf"|q\s*\d+(?:-\d+)?\s*(?:h|hrs?|d|w|wks?|weeks?|days?)?(?![^\W\d_])|[½¼¾⅓⅔]",
    re.IGNORECASE,
)
DATE = re.compile(
    r"(?<!\d)(?:(?:\d{1,2}[./-]){1,2}(?P<year>(?:19|20)\d\d)|(?P<first>(?:19|20)\d\d)(?:[./-]\d{1,2}){0,2})(?![\d.,/-]*\d)"
    rf"(?!\s*{_UNIT}(?![^\W\d_]))",
    re.IGNORECASE,
)
_ATOM = re.compile(r"\d+|\n|[^\W\d_]+(?:['’][^\W\d_]+)*|.", re.DOTALL)
_NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")  # kana and Han


@dataclass(frozen=True)
class Atom:
    """A piece of the entry with its place in the text (0-based, half open).

    ``is_word`` says that it has letters or digits, ``break_before`` that a word may begin with it.
    """

    text: str
    start: int
    end: int
    is_word: bool
    break_before: bool


def plain(entry: str) -> str:
    """The text with full-width signs, digits of other scripts and kinds of white space as their plain forms."""
    text = unicodedata.normalize("NFKC", entry).replace("\u2044", "/")
    text = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and unicodedata.digit(c, None) is not None else c for c in text
    )
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\s*(?:\n|\\n)\s*", "\n", text)).strip()


def has_no_spaces(text: str) -> bool:
    """Whether a text is in a script that parts words by no spaces."""
    return bool(_NO_SPACES.search(text))


def spaced(words: Iterable[str]) -> str:
    """Words as one text, with spaces where the script has them."""
    text = ""
    for word in words:
        text += word if not text or (has_no_spaces(text[-1]) and has_no_spaces(word)) else f" {word}"
    return text


def atoms(text: str) -> list[Atom]:
    """The atoms of a text without the spaces; letters of a script without spaces stand alone."""
    found: list[Atom] = []
    for match in _ATOM.finditer(_marks_kept(text)):
        piece = match.group()
        if piece.isspace() and piece != "\n":
            continue
        parts = list(piece) if _NO_SPACES.search(piece) else [piece]
        at = match.start()
        for part in parts:
            letters = part[:1].isalpha()
            glued = bool(found) and found[-1].end == at and found[-1].is_word and letters and len(parts) == 1
            glued = glued and not found[-1].text.isdigit() and not has_no_spaces(found[-1].text)
            is_word = letters or part.isdigit()
            found.append(Atom(text[at : at + len(part)], at, at + len(part), is_word, not glued))
            at += len(part)
    return found


def _marks_kept(text: str) -> str:
    """The text with vowel signs and other marks as letters, of the same length, so that words stay whole."""
    return "".join("a" if unicodedata.category(c)[0] == "M" else c for c in text)
