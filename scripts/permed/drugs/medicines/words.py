"""The words around a medicine's name: what they say of its being taken, of its route and of its form."""

from dataclasses import dataclass
from pathlib import Path

from permed.drugs.medicines.folding import fold
from permed.tables import read_table

STATUS, INSTEAD, ROUTE, FORM, SALT, SCHEDULE = "status", "instead", "route", "form", "salt", "schedule"
FILLER, SINCE, UNTIL, NOTHING, NO_ANSWER = "filler", "since", "until", "nothing", "no answer"
GROUP, AND, COMBINED = "group", "and", "combined"
_SHORTEST_STEM = 6  # letters of a salt that may be written into one word with the name


@dataclass(frozen=True)
class Word:
    """A word or phrase: its ``kind`` and, for a status or route, which one."""

    kind: str
    meaning: str


class Words:
    """Every word of ``entry_words.tsv``; ``combined`` are those that tell a combination in the name of a product."""

    def __init__(self, rows) -> None:
        self._of: dict[str, Word] = {}
        self.combined: set[str] = set()
        for row in rows:
            key = fold(row["word"]) or row["word"]
            if row["kind"] == COMBINED:
                self.combined.add(key)
            else:
                self._of.setdefault(key, Word(row["kind"], row["meaning"] or ""))
        salts = {key for key, word in self._of.items() if word.kind == SALT and " " not in key}
        self._salts = tuple(sorted((s for s in salts if len(s) >= _SHORTEST_STEM), key=len, reverse=True))

    @classmethod
    def load(cls, folder: Path) -> "Words":
        """Read ``entry_words.tsv`` of ``resources/drugs``."""
        return cls(read_table(Path(folder) / "entry_words.tsv").iter_rows(named=True))

    def find(self, key: str) -> Word | None:
        """The word with this folded form."""
        return self._of.get(key)

    def without_salt(self, key: str) -> str | None:
        """A name from which a salt at its end is cut, as in ``metoprololsuccinat``; None where there is none."""
        return next((key[: -len(s)] for s in self._salts if key.endswith(s) and len(key) > len(s) + 3), None)
