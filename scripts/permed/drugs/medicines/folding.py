"""The forms in which names and words are compared: letter case, accents, umlauts and hyphens do not matter."""

import re
import unicodedata
from functools import lru_cache

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_ASCII = re.compile(r"[^a-z0-9]+")
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
# Scripts whose marks above and below letters may be left out; elsewhere a mark makes another letter.
_MARKS_ADDED = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC")


def fold(text: str) -> str:
    """Lower-case letters and digits of any script, words parted by one space, without added marks."""
    if text.isascii():
        lower = text.lower()
        return lower if _PLAIN.fullmatch(lower) else _ASCII.sub(" ", lower).strip()
    kept, base = [], ""
    for c in unicodedata.normalize("NFKD", text.casefold()):
        kind, told = _told(c)
        if kind == "L":
            base = told
        elif kind == "M" and base in _MARKS_ADDED:
            continue
        kept.append(c if kind in "LM" else told)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


@lru_cache(maxsize=4096)
def _told(c: str) -> tuple[str, str]:
    """L with the script of a letter, M for a mark, N with a number as kept, else a space."""
    category = unicodedata.category(c)
    if category[0] == "L":
        return "L", unicodedata.name(c, "").split(" ")[0]
    if category[0] == "N":
        return "N", str(unicodedata.digit(c)) if category == "Nd" else c
    return (category[0], "") if category[0] == "M" else ("Z", " ")


def keys(name: str) -> tuple[str, ...]:
    """Forms to look a name up by: :func:`fold`, also with umlauts as two letters and with hyphens as nothing."""
    forms = [fold(name)]
    if "-" not in name and name.isascii():
        return tuple(forms)
    if "-" in name:
        forms.append(fold(name.replace("-", "")))
    if not name.isascii():
        lower = name.casefold()
        forms += [fold(lower.translate(_UMLAUTS)), fold(lower.replace("-", "").translate(_UMLAUTS))]
    return tuple(dict.fromkeys(forms))
