"""Names in Cyrillic or Greek letters as they are written in Latin ones: generic names are the same words."""

_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфхцчшщыэюя",
        "a b v g d e z i y k l m n o p r s t u f h c ch sh sh y e yu ya".split(),
        strict=True,
    )
)
_CYRILLIC |= {"ж": "zh", "ъ": "", "ь": "", "ё": "e", "і": "i", "ї": "i", "є": "e", "ґ": "g"}
_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρστυφχω", "a v g d e z i th i k l m n x o p r s t y f ch o".split(), strict=True)
) | {"ς": "s"}
_LETTERS = _CYRILLIC | _GREEK
_TOGETHER = (("ks", "x"), ("kv", "qu"), ("ou", "u"), ("mp", "b"), ("nt", "d"))
_GREEK_ONLY = 2  # of the pairs above those from here on are Greek spellings


def in_latin(word: str) -> str | None:
    """A folded word of Cyrillic or Greek letters in Latin ones; None where it has other letters."""
    if not word or not all(c in _LETTERS or c == " " for c in word):
        return None
    text = "".join(_LETTERS.get(c, c) for c in word)
    for pair, single in _TOGETHER[: None if word[0] in _GREEK else _GREEK_ONLY]:
        text = text.replace(pair, single)
    return text
