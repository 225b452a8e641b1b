"""Lift the records of a genotype file to the other build with a chain; positions are 1-based.

REF is looked up again on the target: where an alternate is what the target has, both are exchanged in alleles and
genotypes; where neither fits the record is lost. Left-aligning is left to normalisation.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pysam

from permed.bcftools import bcftools, opened
from permed.chain import Chain, Place
from permed.genome import canonical, reconcile
from permed.normalise.exchange import exchange
from permed.reference import Reference, compare_bases
from permed.variants import complement, trim

CHANGES_SCHEMA = {
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "outcome": pl.String,
    "reason": pl.String,
    "new_contig": pl.String,
    "new_pos": pl.Int64,
    "new_ref": pl.String,
    "new_alt": pl.String,
    "file": pl.String,
}
COUNTS = ("read", "kept", "swapped", "lost", "reference_blocks", "unchecked")
WITHOUT_BASES = ("*", "<*>", "<NON_REF>")
BASES = frozenset("ACGTN")
WINDOW = 256
REFERENCE_BLOCK = "reference block"


@dataclass(frozen=True)
class Lifted:
    """A record on the target: ``codes`` gives the new index of each old allele where REF is exchanged, else None."""

    contig: str
    pos: int
    alleles: tuple[str, ...]
    codes: tuple[int, ...] | None = None
    checked: bool = True


@dataclass(frozen=True)
class Lost:
    """Why a record is not lifted, and where its first base lies on the target if that is known."""

    reason: str
    contig: str | None = None
    pos: int | None = None


@dataclass
class Lifting:
    """What became of a file's records: counts, and a row for every exchanged and lost one."""

    counts: Counter = field(default_factory=Counter)
    changes: list[dict] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        """The exchanged and lost records in the order of the file."""
        return pl.DataFrame(self.changes, schema=CHANGES_SCHEMA, orient="row")


def lift_alleles(chain: Chain, reference: Reference, contig: str, pos: int, ref: str, alts: list[str]) -> Lifted | Lost:
    """Lift one record's alleles; the contig of the answer is named as the reference's run names it.

    All bases of REF must lie in one piece of the chain. An insertion or deletion must lie there with every place to
    which it can be shifted and a base to either side: where the builds differ in a repeat, its length is not the same.
    """
    named = reconcile(chain.target_lengths, reference.names)
    place = chain.place(contig, pos, pos + len(ref) - 1)
    if isinstance(place, str):
        first = chain.place(contig, pos, pos)
        known = isinstance(first, Place) and first.contig in named
        return Lost(place, named[first.contig], first.start) if known else Lost(place)
    where = named.get(place.contig)
    if where is None:
        return Lost("it lies on a contig that the run does not use")

    def lost(reason: str) -> Lost:
        return Lost(reason, where, place.start)

    ref, alts = ref.upper(), [alt if alt in WITHOUT_BASES else alt.upper() for alt in alts]
    if not all(alt in WITHOUT_BASES or set(alt) <= BASES for alt in alts):
        return lost("symbolic allele or breakend")
    alleles = (ref, *alts)
    if place.reverse:
        alleles = tuple(a if a in WITHOUT_BASES else complement(a) for a in alleles)
    start, codes = place.start, None
    bases = reference.bases(where, start, place.end)
    agrees = compare_bases(alleles[0], bases)
    if agrees is False and not alts and set(bases) <= set("ACGT"):
        return Lifted(where, start, (bases, alleles[0]), (1,))
    if agrees is False:
        if bases not in alleles[1:]:
            return lost(f"neither REF nor ALT is what the other build has ({bases[:20]})")
        at = alleles.index(bases)
        codes = tuple({0: at, at: 0}.get(old, old) for old in range(len(alleles)))
        alleles = tuple(alleles[code] for code in codes)
    if len({len(a) for a in alleles if a not in WITHOUT_BASES}) > 1:
        if place.reverse and start > place.first:
            start, alleles = _anchored(start, alleles, reference.bases(where, start - 1, start - 1))
        elif place.reverse:
            return lost("the builds differ beside the insertion or deletion")
        small = [alt for alt in alleles[1:] if alt not in WITHOUT_BASES]
        if not all(_free_of_gaps(reference, where, place, start, alleles[0], alt) for alt in small):
            return lost("the builds differ beside the insertion or deletion")
    return Lifted(where, start, alleles, codes, checked=agrees is not None)


def lift_whole(
    path: Path, chain: Chain, reference: Reference, samples: list[str], only: str | None, name: str, folder: Path
) -> Lifting:
    """Lift a file for ``samples`` into ``lifted.bcf``, sorted and indexed, in ``folder``, which takes temporary files.

    ``only`` is the contig for which the file is read, None for all: records that lie on another are lost. ``name`` is
    the file's name in the list of changes. A contig that is as long here as on the target, and not as in the chain,
    has one sequence on both builds (the mitochondrion): its records stay.
    """
    chosen, bare, moved, sorted_ = (folder / f"{step}.bcf" for step in ("chosen", "bare", "moved", "lifted"))
    wanted = folder / "samples.txt"
    wanted.write_text("".join(f"{sample}\n" for sample in samples))
    bcftools("view", "-S", wanted, "--force-samples", "-I", "-Ou", "-o", chosen, path, file=path)
    with opened(chosen) as file:
        # INFO counts people who agreed to nothing, and what it says of alleles would have to be turned.
        info = "^INFO/END" if "END" in file.header.info else "INFO"
        lengths = {contig: file.header.contigs[contig].length for contig in file.header.contigs}
    bcftools("annotate", "-x", info, "-Ou", "-o", bare, chosen, file=path)
    same = {
        own: contig
        for contig, own in reconcile(reference.lengths, lengths).items()
        if lengths[own] == reference.lengths[contig] != chain.source_lengths.get(canonical(contig))
    }
    done = lift_file(bare, moved, chain, reference, same, only, name)
    parts = []
    for part in (moved, alone_file(moved)):
        parts.append(folder / f"{part.name}.sorted.bcf")
        bcftools("sort", "-Ob1", "-T", folder / "sort", "-o", parts[-1], part, file=path)
        bcftools("index", "-c", "-f", parts[-1])
    bcftools("concat", "-a", "-Ob1", "-o", sorted_, *parts)
    bcftools("index", "-c", "-f", sorted_)
    return done


def alone_file(lifted: Path) -> Path:
    """Where :func:`lift_file` writes records without an alternate whose REF is turned round: pysam sets no lone REF,
    but the text of a record says it."""
    return lifted.with_suffix(".alone.vcf")


def lift_file(
    path: Path,
    lifted: Path,
    chain: Chain,
    reference: Reference,
    same: dict[str, str],
    only: str | None = None,
    name: str = "",
) -> Lifting:
    """Write the lifted records of a file to the BCF ``lifted`` and :func:`alone_file`, in the order of the file.

    ``same`` are contigs of the file, with the run's names, whose records stay as they are. Blocks of reference without
    bases (gVCF) are counted and left out: the base that they confirm is the other build's, and nobody knows it.
    """
    done = Lifting()
    ours = {canonical(contig) for contig in reference.names}
    with opened(path) as file:
        header = _header(file.header, reference)
        numbers = {name: str(field.number) for name, field in file.header.formats.items()}
        with (
            pysam.VariantFile(str(lifted), "wb0", header=header) as out,
            pysam.VariantFile(str(alone_file(lifted)), "w", header=header) as alone,
        ):
            for record in file:
                old = (record.chrom, record.pos, record.ref, ",".join(record.alts or ["."]))
                answer = _lift_record(record, chain, reference, same)
                if isinstance(answer, Lifted) and only not in (None, answer.contig):
                    answer = Lost(f"it lies on {answer.contig}, and the file is read for {only} alone")
                relevant = canonical(record.chrom) in ours
                if isinstance(answer, Lost):
                    done.counts["read"] += relevant
                    if relevant and answer.reason == REFERENCE_BLOCK:
                        done.counts["reference_blocks"] += 1
                    elif relevant:
                        done.counts["lost"] += 1
                        new = (answer.contig, answer.pos, None, None)
                        done.changes.append(_change(old, "lost", answer.reason, new, name))
                    continue
                done.counts.update(read=1, kept=1, unchecked=int(not answer.checked))
                _change_record(record, answer, header, numbers)
                (alone if record.alts == (".",) else out).write(record)
                if answer.codes is not None:
                    done.counts["swapped"] += 1
                    new = (answer.contig, answer.pos, answer.alleles[0], ",".join(answer.alleles[1:]))
                    done.changes.append(_change(old, "swapped", "REF is another on the other build", new, name))
    return done


def _lift_record(record, chain: Chain, reference: Reference, same: dict[str, str]) -> Lifted | Lost:
    alts = list(record.alts or [])
    if record.chrom in same:
        return Lifted(same[record.chrom], record.pos, (record.ref, *alts))
    if record.stop > record.pos + len(record.ref) - 1 and all(alt in WITHOUT_BASES for alt in alts):
        return Lost(REFERENCE_BLOCK)
    return lift_alleles(chain, reference, record.chrom, record.pos, record.ref, alts)


def _change_record(record, answer: Lifted, header, numbers: dict[str, str]) -> None:
    if "END" in record.info:
        del record.info["END"]
    record.translate(header)
    record.chrom = answer.contig
    record.pos = answer.pos
    if answer.alleles != record.alleles:
        record.alleles = answer.alleles if len(answer.alleles) > 1 else (*answer.alleles, ".")
    if answer.codes is not None:
        exchange(record, answer.codes, numbers)


def _header(source, reference: Reference) -> pysam.VariantHeader:
    header = pysam.VariantHeader()
    for line in source.records:
        if line.type != "CONTIG":
            header.add_record(line)
    for contig, length in reference.lengths.items():
        header.contigs.add(contig, length=length)
    for sample in source.samples:
        header.add_sample(sample)
    return header


def _anchored(start: int, alleles: tuple[str, ...], before: str) -> tuple[int, tuple[str, ...]]:
    """Alleles that end in their common base, as turned round ones do, with the base before them in its place."""
    bases = [a for a in alleles if a not in WITHOUT_BASES]
    shared = len({a[-1] for a in bases}) == 1
    return start - 1, tuple(a if a in WITHOUT_BASES else before + (a[:-1] if shared else a) for a in alleles)


def _free_of_gaps(reference: Reference, contig: str, place: Place, start: int, ref: str, alt: str) -> bool:
    """Whether an indel, with every place to which it can be shifted and one base more, lies inside the piece."""
    pos, ref, alt = trim(start, ref, alt)
    first, last = pos - 1, pos + len(ref)
    unit = ref[1:] or alt[1:]
    if len(ref) != len(alt) and ref[0] == alt[0] and min(len(ref), len(alt)) == 1:
        last += _run(lambda at: reference.bases(contig, at, at + WINDOW - 1), pos + len(ref), unit)
        before = _run(lambda at: reference.bases(contig, max(1, at - WINDOW + 1), at)[::-1], pos, unit[::-1], -1)
        first = pos - before
    return place.first <= first and last <= place.last


def _run(window, at: int, unit: str, step: int = 1) -> int:
    """How many bases from ``at`` on (back for a ``step`` of -1) go on repeating ``unit``."""
    length = 0
    while True:
        bases = window(at + step * length)
        for base in bases:
            if base != unit[length % len(unit)]:
                return length
            length += 1
        if len(bases) < WINDOW:
            return length


def _change(old: tuple, outcome: str, reason: str, new: tuple, name: str) -> dict:
    return dict(zip(CHANGES_SCHEMA, (*old, outcome, reason, *new, name), strict=True))
