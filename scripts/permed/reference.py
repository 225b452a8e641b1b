"""The reference sequence: a link with indexes that fit it, lengths, bases. Positions are 1-based."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pysam

from permed.errors import Fault
from permed.genome import reconcile

AHEAD = 1 << 18  # bases


class Reference:
    """A FASTA file under the contig names of the run.

    ``contigs`` are the run's names; those that the file has under another spelling are found, those that it has not
    are absent from :attr:`lengths`. Use as a context manager.
    """

    def __init__(self, path: Path, contigs: list[str]) -> None:
        self.path = Path(path)
        self._fasta = pysam.FastaFile(str(path))
        self.names = reconcile(contigs, self._fasta.references)
        self.lengths = {name: self._fasta.get_reference_length(own) for name, own in self.names.items()}
        self._held = ("", 1, 0, "")  # contig, first and last position, bases

    def __enter__(self) -> "Reference":
        return self

    def __exit__(self, *problem) -> None:
        self._fasta.close()

    def bases(self, contig: str, start: int, end: int) -> str:
        """Upper-case bases from ``start`` to ``end``, both included; shorter at the contig's end, none without it.

        Who asks for places in rising order gets them from a stretch that is read ahead: in a compressed file each
        reading costs a seek.
        """
        held, first, last, text = self._held
        if contig != held or start < first or end > last:
            if contig not in self.names:
                return ""
            rising = contig == held and first <= start <= last + AHEAD
            first, last = max(1, start), max(end, start + AHEAD) if rising else end
            text = self._fasta.fetch(self.names[contig], first - 1, max(last, 0)).upper()
            self._held = (contig, first, last, text)
        return text[max(0, start - first) : max(0, end - first + 1)]

    def agrees(self, contig: str, pos: int, ref: str) -> bool | None:
        """Whether a REF allele is what the reference has; None where the reference has N and nothing can be said."""
        bases = self.bases(contig, pos, pos + len(ref) - 1)
        return compare_bases(ref, bases)


def compare_bases(ref: str, bases: str) -> bool | None:
    """Whether REF and reference agree at every base that is not N; None when all are N. Ambiguity codes count as N."""
    if len(bases) < len(ref):
        return False
    known = [(a, b) for a, b in zip(ref.upper(), bases.upper(), strict=False) if a in "ACGT" and b in "ACGT"]
    return all(a == b for a, b in known) if known else None


def link_file(path: Path, link: Path) -> None:
    """Make ``link`` a relative symbolic link to ``path``, in the place of what was there."""
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(Path(path).resolve(), link.parent.resolve()))


def link_reference(path: Path, link: Path) -> list[Path]:
    """Link a FASTA under ``link`` with a .fai (and .gzi when it is bgzipped) beside it; give the files made.

    The user's own indexes are copied when they are not older than the FASTA, else new ones are made beside the link.
    """
    path, link = Path(path), Path(link)
    link_file(path, link)
    suffixes = [".fai", ".gzi"] if path.suffix in (".gz", ".bgz") else [".fai"]
    made = [Path(f"{link}{suffix}") for suffix in suffixes]
    own = [Path(f"{path}{suffix}") for suffix in suffixes]
    for index in made:
        index.unlink(missing_ok=True)
    if all(index.is_file() and index.stat().st_mtime >= path.stat().st_mtime for index in own):
        for index, copy in zip(own, made, strict=True):
            shutil.copyfile(index, copy)
        return [link, *made]
    try:
        pysam.faidx(str(link))
    except pysam.SamtoolsError:
        remedy = "Give a FASTA that is plain or compressed with bgzip"
        raise Fault("the reference cannot be indexed", path, remedy=remedy) from None
    return [link, *made]


def mismatches(reference: Reference, contig: str, positions: Iterable[int], refs: list[str]) -> tuple[int, int, int]:
    """How many REF alleles agree, disagree and cannot be checked (reference N), as (agree, disagree, unchecked)."""
    counts = {True: 0, False: 0, None: 0}
    for pos, ref in zip(positions, refs, strict=True):
        counts[reference.agrees(contig, int(pos), ref)] += 1
    return counts[True], counts[False], counts[None]
