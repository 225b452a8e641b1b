"""What callers write where they have no result, from the table ``no_result_words.tsv``."""

import re
from functools import lru_cache
from pathlib import Path

from permed.tables import read_table

TABLE = "no_result_words"
_BRACKETS = "[]() "


def no_result_words(tables: list[Path]) -> frozenset[str]:
    """The words by :func:`_key`, from ``no_result_words.tsv`` among the tables; none without it."""
    path = next((path for path in tables if path.stem == TABLE), None)
    return frozenset(map(_key, read_table(path)["word"])) if path else frozenset()


@lru_cache(1 << 14)
def is_no_result(text: str, words: frozenset[str]) -> bool:
    """Whether a cell, or each of the alleles that it names, is such a word, in any letter case."""
    if not text.strip():
        return False
    return _key(text) in words or all(_key(part) in words for part in re.split(r"[/|;]", text))


def _key(word: str) -> str:
    return " ".join(word.strip(_BRACKETS).lower().replace("_", " ").split())
