"""Names of samples that are nearly those of a file: what somebody may have meant."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

_MOST = 3  # names that are told
_COMPARED = 5000  # names of a file up to which each is compared letter by letter
_LIKE = 0.75  # share of letters in common, as difflib counts it
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


class NearNames:
    """The names of a file, by what they look like."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(dict.fromkeys(names))
        self._folded: dict[str, list[str]] = {}
        for name in self._names:
            self._folded.setdefault(_fold(name), []).append(name)

    def nearest(self, name: str) -> list[str]:
        """The names nearest to one, at most three: the same but for case, marks and zeros, else by their letters."""
        same = self._folded.get(_fold(name), [])
        if same:
            return same[:_MOST]
        if len(self._names) > _COMPARED:
            return []
        folded = _fold(name)
        within = [key for key in self._folded if folded and (key.startswith(folded) or key.endswith(folded))]
        close = within if len(within) <= _MOST else []
        close += difflib.get_close_matches(folded, self._folded, n=_MOST, cutoff=_LIKE)
        return [near for key in dict.fromkeys(close) for near in self._folded[key]][:_MOST]

    def remedy(self, name: str, otherwise: str) -> str:
        """What to do about a name that the file does not have; ``otherwise`` where no name is near."""
        near = self.nearest(name)
        if not near:
            return otherwise
        alike = [other for other in near if _seen(other) == _seen(name)]
        if alike:
            return (
                f"The file writes {alike[0]} with other characters that look the same: copy the name from the file, "
                "or rename it there with bcftools reheader"
            )
        return f"The file has {' and '.join(near)}: write the name as it is there, or take the line out of the sheet"


def _fold(name: str) -> str:
    """A name without what people write in several ways: case, accents, blanks, marks between words, leading zeros."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", _ZEROS.sub("", plain))


def _seen(name: str) -> str:
    """What is seen of a name: not how its accents are put together, nor characters without width."""
    return "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) != "Cf")
