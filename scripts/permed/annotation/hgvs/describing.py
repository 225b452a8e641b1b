"""HGVS and details of variants on transcripts: our projection, shown where a second opinion does not contradict."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from permed.annotation.genes.transcripts import Transcript
from permed.annotation.hgvs.checking import second_opinion
from permed.annotation.hgvs.details import Details, details
from permed.annotation.hgvs.edits import Edit, shifted
from permed.annotation.hgvs.meaning import result
from permed.annotation.hgvs.naming import Locus, coding_name, locus_of, protein_name
from permed.annotation.hgvs.proteins import ProteinChange
from permed.reference import Reference

BATCH = 4_000_000  # bases of transcripts that are held at a time
DISAGREE = "two programs disagree on the description"
KINDS = (  # how a description of the protein shows a consequence; the first that fits
    ("fs", {"frameshift", "stop_gained", "stop_lost"}),
    ("ext", {"stop_lost", "frameshift"}),
    ("Ter)", {"stop_gained", "frameshift"}),
    ("Met1?", {"start_lost", "frameshift", "start_retained"}),
    ("=)", {"synonymous", "stop_retained", "start_retained"}),
    ("delins", {"inframe_deletion", "inframe_insertion", "inframe_altering", "missense"}),
    ("del)", {"inframe_deletion"}),
    ("dup)", {"inframe_insertion"}),
    ("ins", {"inframe_insertion"}),
    ("", {"missense"}),
)


@dataclass(frozen=True)
class Description:
    """``coding`` is ``c.…`` or ``n.…``, ``protein`` is ``p.…``; None with ``reason`` where they are not sure."""

    coding: str | None
    protein: str | None
    reason: str | None
    details: Details


@dataclass(frozen=True)
class _Asked:
    locus: Locus
    edit: Edit
    coding: str | None
    reason: str | None
    change: ProteinChange | None
    consequence: str
    details: Details


def describe(
    groups: Iterable[tuple[Transcript, list[tuple[int, str, str, str]]]], reference: Reference, build: str
) -> Iterator[Description]:
    """A description of each ``(pos, ref, alt, consequence)``, in the order of the groups; one group a transcript.

    ``consequence`` are the terms of bcftools csq, against which the protein's description is held as well.
    """
    waiting: list[_Asked] = []
    held = 0
    for transcript, variants in groups:
        locus = locus_of(transcript, reference)
        waiting += [_project(locus, *variant) for variant in variants]
        held += len(locus.bases)
        if held > BATCH:
            yield from _judge(waiting, build)
            waiting, held = [], 0
    yield from _judge(waiting, build)


def _project(locus: Locus, pos: int, ref: str, alt: str, consequence: str) -> _Asked:
    edit = locus.edit(pos, ref, alt)
    if not locus.fits(pos, ref) or not set(alt) <= set("ACGT"):
        where = "the allele is symbolic or reaches far beyond the transcript, or the reference has N there"
        return _Asked(locus, edit, None, where, None, consequence, Details())
    coding, reason = coding_name(locus, edit)
    change = protein_name(locus, edit)
    made = details(locus, shifted(edit, locus.bases), change, consequence)
    return _Asked(locus, edit, coding, reason, change, consequence, made)


def _judge(waiting: list[_Asked], build: str) -> Iterator[Description]:
    known = [asked for asked in waiting if asked.coding]
    answers = iter(second_opinion([(asked.locus, asked.edit) for asked in known], build))
    for asked in waiting:
        yield _compared(asked, *next(answers)) if asked.coding else Description(None, None, asked.reason, asked.details)


def _compared(asked: _Asked, coding: str | None, protein: str | None) -> Description:
    """What is shown: nothing that the second opinion contradicts, no ``c.`` that it does not confirm."""
    own, locus, edit, change = asked.coding, asked.locus, asked.edit, asked.change
    if own != coding:
        if coding is None:
            return Description(None, None, "the second program has no description", asked.details)
        if own[:2] != coding[:2] or result(coding[2:], locus.bases, locus.offset) != edit.apply(locus.bases):
            return Description(None, None, f"{DISAGREE} of the DNA", asked.details)
    if change is None and protein is None:
        return Description(own, None, None, asked.details)
    if change is None or (change.text and protein not in (None, "?", change.text)):
        return Description(own, None, f"{DISAGREE} of the protein", asked.details)
    if not change.text:
        return Description(own, None, change.reason, asked.details)
    if change.text != "?" and not _fits(change.text, asked.consequence):
        return Description(own, None, "the protein's description does not fit the consequence", asked.details)
    return Description(own, f"p.{change.text}", change.reason, asked.details)


def _fits(text: str, consequence: str) -> bool:
    terms = set(consequence.lstrip("*").split("&"))
    return bool(next(kinds for sign, kinds in KINDS if sign in text) & terms)
