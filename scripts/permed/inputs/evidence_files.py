"""Checks of the files that tell what absent sites mean: callable regions, alignments, and which files are gVCFs."""

import gzip
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pysam

from permed.bgzf import EOF_BLOCK
from permed.errors import Fault
from permed.evidence.blocks import bed_rows
from permed.genome import canonical, lengths, reconcile
from permed.inputs.files import found_faults
from permed.inputs.header_builds import length_fault

FIRST_RECORDS = 2000
_BLOCKS = {"<NON_REF>", "<*>"}


def check_callable(paths: list[str], contigs: list[str], build: str) -> list[Fault]:
    """Whether the BEDs of callable regions are there, have rows of the run's contigs, and fit the build."""
    faults = []
    for path in paths:
        found = found_faults(path, "cohort.callable")
        faults += found
        if found:
            continue
        try:
            rows = bed_rows(Path(path))
        except Fault as fault:
            faults.append(fault)
            continue
        names = reconcile(contigs, {name for name, _, _ in rows})
        if not rows:
            faults.append(Fault("the file has no regions", path, remedy="Give a BED of what was looked at"))
        elif not names:
            shown = ", ".join(sorted({name for name, _, _ in rows})[:3])
            remedy = "Give regions of the run's contigs, or correct genome.contigs"
            faults.append(Fault(f"none of its contigs ({shown}) is among the run's", path, remedy=remedy))
        else:
            sizes = {own: lengths(build).get(canonical(contig)) for contig, own in names.items()}
            beyond = next((row for row in rows if row[2] > (sizes.get(row[0]) or row[2])), None)
            if beyond:
                fault = f"the region {beyond[0]}:{beyond[1]}-{beyond[2]} ends beyond the contig in {build}"
                faults.append(Fault(fault, path, remedy=f"Give regions of {build}"))
    return faults


def check_alignments(
    pattern: str | None, paths: list[str], samples: list[str], contigs: list[str], build: str, reference: str | None
) -> list[Fault]:
    """Whether each person's alignments are there, whole, of the build, and of the person that the pattern names."""
    if not pattern:
        return []
    if reference is None:
        remedy = "Set genome.reference, or cohort.alignments to null"
        return [Fault("genotypes from alignments need a reference, and genome.reference is null", remedy=remedy)]
    if "{sample}" not in pattern and len(samples) > 1:
        return [Fault("cohort.alignments names one file for all", pattern, remedy="Write {sample} in its place")]
    return [f for path, name in zip(paths, samples, strict=True) for f in _alignment_faults(path, name, contigs, build)]


def has_reference_blocks(path: str) -> bool:
    """Whether the first records of a VCF or BCF have one that is a reference block of a gVCF."""
    try:
        return any(itertools.islice(_blocks(path), FIRST_RECORDS))
    except (OSError, ValueError, EOFError):
        return False  # another format, or a fault that the checks of genotype files report


def _blocks(path: str) -> Iterator[bool]:
    """Of each record whether it is a reference block; VCF as text, since pysam opens no plain gzip."""
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else open(path, "rb") as lines:
        if lines.peek(3)[:3] != b"BCF":
            for line in lines:
                cells = [] if line.startswith(b"#") else line.split(b"\t", 8)
                if len(cells) > 7:
                    end = re.search(rb"(?:^|;)END=(\d+)", cells[7])
                    yield _is_block(cells[4].decode("latin-1").split(","), int(end[1]) if end else 0, int(cells[1]))
            return
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(path) as file:
            yield from (_is_block(record.alts or ["."], record.stop, record.pos) for record in file)
    finally:
        pysam.set_verbosity(verbosity)


def _is_block(alternates: Iterable[str], end: int, pos: int) -> bool:
    alternates = set(alternates)
    return alternates <= _BLOCKS or (alternates == {"."} and end > pos)


def _is_cut(path: str) -> bool:
    """Whether a BGZF file lacks its last block; the others are not visited, since a genome has millions of them."""
    with open(path, "rb") as handle:
        if handle.read(2) != b"\x1f\x8b":
            return False
        handle.seek(max(0, Path(path).stat().st_size - len(EOF_BLOCK)))
        return handle.read() != EOF_BLOCK


def _alignment_faults(path: str, sample: str, contigs: list[str], build: str) -> list[Fault]:
    found = found_faults(path, "cohort.alignments")
    if found:
        return found
    again = "Copy it again from its source"
    if Path(path).stat().st_size == 0:
        return [Fault("the file is empty", path, sample, remedy=again)]
    if _is_cut(path):
        return [Fault("the end-of-file block is missing: the file is cut short", path, sample, remedy=again)]
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.AlignmentFile(path, check_sq=False) as file:
            sizes = dict(zip(file.references, file.lengths, strict=True))
            named = {group.get("SM") for group in file.header.to_dict().get("RG", [])} - {None}
            is_text = not (file.is_bam or file.is_cram)
    except (OSError, ValueError):
        return [Fault("the file is not a BAM or CRAM, or is damaged", path, sample, remedy=again)]
    finally:
        pysam.set_verbosity(verbosity)
    if is_text:
        return [Fault("the file is SAM text", path, sample, remedy="Run: samtools sort -o sorted.bam on it")]
    names = reconcile(contigs, sizes)
    if not names:
        remedy = "Give alignments to the reference of the run"
        return [Fault("its header has none of the run's contigs", path, sample, remedy=remedy)]
    for own in names.values():
        if wrong := length_fault(path, own, sizes[own], build):
            return [wrong]
    others = sorted(named - {sample})
    if others:
        fault = f"cohort.alignments names it for {sample}, and its read groups (@RG SM) say {', '.join(others)}"
        remedy = "Correct the file's name or its header (samtools addreplacerg), or the sample sheet"
        return [Fault(fault, path, sample, remedy=remedy)]
    return []
