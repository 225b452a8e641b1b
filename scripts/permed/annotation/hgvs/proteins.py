"""What a change of a coding sequence makes of the protein, in HGVS' words for what is predicted from DNA.

Sequences are translated from the start codon to the end of the transcript, so that a lost stop codon can be read on.
"""

from dataclasses import dataclass

from permed.annotation.hgvs.codes import NAMES, genetic_code, translate

OPEN = "the coding sequence of the gene models has no stop codon"


@dataclass(frozen=True)
class ProteinChange:
    """``text`` is the part after ``p.``; positions count residues from 1.

    ``first`` is the first residue that differs, ``stop`` the position of the new stop codon if it comes at another
    place. ``text`` is None where no description is sure, and ``reason`` says why.
    """

    text: str | None
    reason: str | None = None
    first: int | None = None
    stop: int | None = None


def describe(old: str, after: str, change: int, touched: tuple[int, int], contig: str) -> ProteinChange:
    """The change of a protein ``old``, which ends with its stop codon.

    ``after`` are the changed bases from the start codon's place to the end of the transcript, ``change`` is by how many
    they are more, ``touched`` the offsets (first, end) of those replaced.
    """
    end = old.find("*")
    if not old.startswith("M"):
        return ProteinChange(None, "the coding sequence of the gene models does not begin with a start codon")
    if end < 0:
        return ProteinChange(None, OPEN)
    new = _translated(old, after, change, touched, genetic_code(contig))
    if touched[0] < 3 and not new.startswith("M"):
        return ProteinChange("(Met1?)", first=1)
    if touched[0] < 3:
        return ProteinChange(None, "the variant doubles or moves the start codon")
    if "X" in old[: end + 1]:
        return ProteinChange(None, "the reference has N in the coding sequence")
    stop = new.find("*")
    whole, made = old[: end + 1], new[: stop + 1] if stop >= 0 else new
    if whole == made:
        return _same(whole, touched)
    shorter = min(len(whole), len(made))
    first = next((n for n in range(touched[0] // 3, shorter) if whole[n] != made[n]), shorter)
    if first >= len(made):  # the transcript ends before the first residue that would differ
        return ProteinChange(None, "the changed transcript ends within the coding sequence", first + 1)
    if made[first] == "*":
        return ProteinChange(f"({_residue(whole, first)}Ter)", first=first + 1, stop=first + 1)
    if whole[first] == "*" and change and not change % 3:
        return ProteinChange(None, "the stop codon is moved by whole codons", first + 1)
    if whole[first] == "*":
        return ProteinChange(f"({_residue(whole, first)}{NAMES[made[first]]}ext{_distance(stop - first, stop)})",
                             first=first + 1, stop=stop + 1 if stop >= 0 else None)  # fmt: skip
    if change % 3:
        text = f"({_residue(whole, first)}{NAMES[made[first]]}fs{_distance(stop - first + 1, stop)})"
        return ProteinChange(text, first=first + 1, stop=stop + 1 if stop >= 0 else None)
    return _in_frame(whole, made, first, stop, change // 3)


def _translated(old: str, after: str, change: int, touched: tuple[int, int], code: str) -> str:
    """The new protein; what comes before the change, and after it when nothing moves, is not translated again."""
    codon = touched[0] // 3
    if not change:
        beyond = (max(touched[1], touched[0] + 1) + 2) // 3
        middle = translate(after[3 * codon : 3 * beyond], code)
        if middle.endswith("*") or beyond < len(old):
            return old[:codon] + middle + ("" if middle.endswith("*") else old[beyond:])
    return old[:codon] + translate(after[3 * codon :], code)


def _distance(steps: int, stop: int) -> str:
    return f"Ter{steps}" if stop >= 0 else "Ter?"


def _residue(protein: str, index: int) -> str:
    return f"{NAMES[protein[index]]}{index + 1}"


def _same(protein: str, touched: tuple[int, int]) -> ProteinChange:
    first, last = touched[0] // 3, (max(touched[1], touched[0] + 1) - 1) // 3
    if first == last and touched[1] - touched[0] > 0 and first < len(protein):
        return ProteinChange(f"({_residue(protein, first)}=)")
    return ProteinChange("(=)")


def _in_frame(whole: str, made: str, first: int, stop: int, change: int) -> ProteinChange:
    """A substitution, deletion, duplication, insertion or both of residues."""
    if stop < 0 or len(made) != len(whole) + change:
        return ProteinChange(None, "the protein ends early after other residues were put in", first + 1, stop + 1)
    if len(made) == len(whole) and made[first + 1 :] == whole[first + 1 :]:
        return ProteinChange(f"({_residue(whole, first)}{NAMES[made[first]]})", first=first + 1)
    shared = 0
    most = min(len(whole), len(made)) - first
    while shared < most and whole[-1 - shared] == made[-1 - shared]:
        shared += 1
    deleted, inserted = whole[first : len(whole) - shared], made[first : len(made) - shared]
    if not inserted:
        while first + len(deleted) < len(whole) and whole[first] == whole[first + len(deleted)]:
            first += 1
        return ProteinChange(f"({_span(whole, first, first + len(deleted))}del)", first=first + 1)
    if not deleted:
        while first < len(whole) and whole[first] == inserted[0]:
            inserted, first = inserted[1:] + inserted[0], first + 1
        if whole[first - len(inserted) : first] == inserted and first >= len(inserted):
            return ProteinChange(f"({_span(whole, first - len(inserted), first)}dup)", first=first + 1)
        flanks = f"{_residue(whole, first - 1)}_{_residue(whole, first)}"
        return ProteinChange(f"({flanks}ins{''.join(NAMES[a] for a in inserted)})", first=first + 1)
    text = f"({_span(whole, first, first + len(deleted))}delins{''.join(NAMES[a] for a in inserted)})"
    return ProteinChange(text, first=first + 1)


def _span(protein: str, first: int, end: int) -> str:
    left = _residue(protein, first)
    return left if end - first == 1 else f"{left}_{_residue(protein, end - 1)}"
