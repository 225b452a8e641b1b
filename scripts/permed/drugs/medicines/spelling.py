"""Names within one edit of what is written: one letter more, less or another, or two neighbours exchanged."""

from collections.abc import Callable, Iterable

# Shorter names are not proposed: of names of five letters and fewer, more than one in five has a name with other
# ingredients one letter away, of six one in eleven, of seven one in twenty-seven (docs/medicines.md).
SHORTEST = 6


def one_edit(word: str, letters: Iterable[str]) -> set[str]:
    """Everything within one edit of ``word``, over these letters; two neighbours exchanged are one edit."""
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {a + b[1:] for a, b in splits if b}
    found |= {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    for letter in letters:
        found |= {a + letter + b for a, b in splits}
        found |= {a + letter + b[1:] for a, b in splits if b}
    found.discard(word)
    return found


def propose(word: str, letters: Iterable[str], look_up: Callable[[str], object | None]) -> dict[str, object]:
    """The names within one edit of a word, with what they stand for; none of a short word or for a short name."""
    if len(word.replace(" ", "")) < SHORTEST:
        return {}
    near = (name for name in one_edit(word, letters) if len(name.replace(" ", "")) >= SHORTEST)
    return {name: found for name in sorted(near) if (found := look_up(name)) is not None}
