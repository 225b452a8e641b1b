"""What a change of a coding sequence does, in csq's terms, by translating the sequence before and after it."""

from permed.annotation.hgvs.codes import genetic_code, translate
from permed.annotation.hgvs.edits import Edit, shifted, unshifted
from permed.annotation.hgvs.naming import Locus

INFRAME = frozenset(("inframe_insertion", "inframe_deletion", "inframe_altering"))
UNKNOWN = frozenset(("coding_sequence",))  # the coding sequence is changed, and what follows cannot be said


def effects(locus: Locus, edit: Edit) -> frozenset[str] | None:
    """The terms of a change within one exon; None where it lies elsewhere or the sequence cannot be read.

    Of equal descriptions the most 3' one counts, as in HGVS, unless another leaves the start codon alone. Where the
    first codon is none that starts, a change of it is only known to change the coding sequence; where the last is none
    that stops, a frameshift is not known to stop anywhere.
    """
    t = locus.transcript
    if t.translated is None or t.deviation:
        return None
    right, left = (locus.spliced_edit(moved(edit, locus.bases)) for moved in (shifted, unshifted))
    if right is None or left is None:
        return None
    first, end = t.translated
    if right.end <= first or left.first >= end:
        return None
    begin, code = first + t.phase, genetic_code(t.contig)
    old = translate(locus.messenger[begin:end], code)
    whole = (end - begin) // 3
    stops = old.endswith("*")
    if len(old) < whole or "X" in old or (stops and (end - begin) % 3):
        return None
    if right.first >= end:
        return frozenset(("stop_retained",)) if stops else None
    if right.first < begin + 3 and not t.phase and not old.startswith("M"):
        return UNKNOWN
    if left.end <= first:
        return UNKNOWN if t.phase else frozenset(("start_retained",))
    return _read(locus, right, begin, end, old, stops)


def _read(locus: Locus, edit: Edit, begin: int, end: int, old: str, stops: bool) -> frozenset[str]:
    """The terms of a change that reaches the coding sequence; ``begin`` and ``end`` are offsets of its whole codons."""
    after, change = edit.apply(locus.messenger), edit.change
    if edit.first < begin:
        if locus.transcript.phase:
            return UNKNOWN
        kept = after.endswith(locus.messenger[begin:])
        return frozenset(("start_retained" if kept else "start_lost",))
    before = max(0, edit.first - begin) // 3  # codons that stay
    tail = after[begin + 3 * before : None if stops else end + change]
    new = old[:before] + translate(tail, genetic_code(locus.transcript.contig))
    if edit.first < begin + 3 and not locus.transcript.phase and not new.startswith("M"):
        return frozenset(("start_lost",))
    at_stop = stops and max(edit.end, edit.first + 1) > begin + 3 * (len(old) - 1)
    if new == old and (stops or not change % 3):
        return frozenset(("stop_retained" if at_stop or change else "synonymous",))
    lost = at_stop and not 0 <= new.find("*") < len(old)
    if lost and edit.end > end:
        return frozenset(("stop_lost",))
    if change % 3:
        return frozenset(("stop_lost", "frameshift") if lost else ("frameshift",))
    return _in_frame(old, new, change // 3, stops)


def _in_frame(old: str, new: str, change: int, stops: bool) -> frozenset[str]:
    length = () if not change else (_length(old, new, change),)
    stop, expected = new.find("*"), len(old) - 1 + change
    if not stops:
        return frozenset(("stop_gained", *length) if stop >= 0 else length or ("missense",))
    if stop < 0 or stop > expected:
        return frozenset(("stop_lost", *length))
    if stop < min(expected, len(old) - 1):
        return frozenset(("stop_gained", *length))
    if stop < expected:
        return frozenset(("stop_retained", *length))
    return frozenset(length or ("missense",))


def _length(old: str, new: str, change: int) -> str:
    """Which change of length: residues are only put in, only taken out, or others are there."""
    shorter, longer = sorted((old, new), key=len)
    same = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if not longer.endswith(shorter[same:]):
        return "inframe_altering"
    return "inframe_insertion" if change > 0 else "inframe_deletion"
