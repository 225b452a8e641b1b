"""Normalise the records of a contig: split, trim, left-align, check REF, drop duplicates.

Records that are no small variants are set aside and listed. bcftools does the work through pysam; between its commands
lie temporary BCF files, since pysam runs one at a time.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pysam
import pysam.bcftools

from permed.bcftools import PACKED, bcftools, index_bcf, opened
from permed.errors import Fault
from permed.evidence.blocks import drop_blocks, may_have_blocks, read_blocks
from permed.evidence.filling import Joined, fill_contig
from permed.evidence.intervals import Intervals
from permed.evidence.known import Known, Wanted, read_records
from permed.genome import canonical, reconcile
from permed.normalise.duplicates import has_duplicates, merge_duplicates
from permed.normalise.merging import merge_people
from permed.normalise.small import keep_small
from permed.observations.codes import SPLIT_MARKS
from permed.observations.observing import Observed, People, observe_file
from permed.observations.places import doubt_under_deletions, settle_places
from permed.reference import Reference, compare_bases

SET_ASIDE_SCHEMA = {
    "contig": pl.String,
    "pos": pl.Int64,
    "end": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "reason": pl.String,
    "samples": pl.List(pl.String),
}
COUNTS = (
    "read split trimmed left_aligned duplicates conflicting_genotypes overlapping_deletion reference_blocks symbolic "
    "filtered without_genotypes nameless_alleles not_bases polyploid misfits repeated_alleles parts "
    "ref_mismatch unchecked filled_reference filled_reads reads_disagree added kept"
).split()
_LINES = re.compile(r"Lines\s+total/split/joined/realigned\S*:\s*([\d/]+)")


@dataclass
class Normalised:
    """Counts of what was done with the records of a contig, and the records that were set aside.

    A set-aside record says that something is there which later stages do not read: at its positions (``pos`` to
    ``end``, both included) the ``samples`` it names, or everybody where it names none, are not known to be reference.
    ``blocks`` are the reference blocks of people with a gVCF, ``weak`` those that are not believed, by code of doubt;
    ``notes`` what people should be told; ``files`` counts those that were read, by person;
    ``merged`` says that there are files of different people.
    """

    counts: Counter = field(default_factory=Counter)
    set_aside: list[dict] = field(default_factory=list)
    blocks: dict[str, Known] = field(default_factory=dict)
    weak: dict[str, dict[int, Intervals]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: Counter = field(default_factory=Counter)
    merged: bool = False

    def set_record_aside(
        self, record: pysam.VariantRecord, contig: str, reason: str, samples: list[str] | None
    ) -> None:
        """Note that a record is not read on, and whose genotype that leaves unknown (None: everybody's)."""
        alt = ",".join(record.alts or ["."])
        end = max(record.stop, record.pos + len(record.ref) - 1)
        self.set_alleles_aside((contig, record.pos, end, record.ref, alt), reason, samples)

    def set_alleles_aside(self, place: tuple[str, int, int, str, str], reason: str, samples: list[str] | None) -> None:
        """The same for (contig, pos, end, REF, ALT)."""
        self.set_aside.append(dict(zip(SET_ASIDE_SCHEMA, (*place, reason, samples), strict=True)))

    def frame(self) -> pl.DataFrame:
        """The set-aside records as a table."""
        return pl.DataFrame(self.set_aside, schema=SET_ASIDE_SCHEMA, orient="row")


def normalise_contig(
    files: list[Path],
    contig: str,
    samples: list[str],
    reference: Path | None,
    variants: Path,
    folder: Path,
    wanted: Wanted | None = None,
) -> Normalised:
    """Write the normalised records of one contig for ``samples``, in their order, as BCF to ``variants``.

    ``files`` are indexed; ``folder`` takes temporary files. Files with the same people are joined, files with different
    people merged; a site absent from one of them is missing there, unless ``wanted`` and what is known of the person
    say otherwise. One variant in several spellings or files is one record, missing where genotypes conflict.
    Without a reference records are split and trimmed only.
    """
    done, wanted = Normalised(), wanted or Wanted()
    parts, elsewhere = [], set()
    done.merged = len({frozenset(_header_samples(path)) for path in files}) > 1
    for number, path in enumerate(files):
        part = folder / f"{number}.normalised.bcf"
        if _normalise_file(path, contig, samples, reference, part, folder, done, wanted):
            parts.append(part)
        else:
            elsewhere |= set(_header_samples(path))
    joined = folder / "whole.bcf"
    if not parts:
        _write_empty(contig, samples, joined)
    else:
        without = elsewhere.difference(*map(_header_samples, parts))
        if without := [name for name in samples if name in without]:
            parts.append(folder / "without.bcf")
            _write_empty(contig, without, parts[-1])
        _join(parts, contig, samples, joined, folder, done)
    found = Joined(joined, parts, contig, samples, done.blocks, done.weak, [*done.set_aside, *wanted.lost])
    done.notes += fill_contig(found, wanted, variants, folder, done.counts)
    index_bcf(variants)
    done.counts["kept"] = sum(_indexed_counts(variants).values())
    return done


def _normalise_file(path, contig, samples, reference, part, folder, done, wanted) -> bool:
    """Normalise one file's records of a contig into ``part``; False when it has none of the contig or the people."""
    named = _contigs(path)
    own = reconcile([contig], named).get(contig)
    several = [name for name in named if canonical(name) == canonical(contig)]
    if len(several) > 1:
        fault = f"it has records of {contig} under several names ({', '.join(several)})"
        raise Fault(fault, path, remedy="Give them one, with bcftools annotate --rename-chrs, and sort")
    held = set(_header_samples(path))
    here = [name for name in samples if name in held]
    if own is None or not here:
        return False
    chosen_people = folder / "samples.txt"
    chosen_people.write_text("".join(f"{name}\n" for name in here))
    steps = [folder / f"{name}.bcf" for name in ("chosen", "observed", "split", "small", "aligned")]
    chosen, observed, split, small, aligned = steps
    some = ["-S", chosen_people, "--force-samples", "-I"] if len(here) < len(held) else []
    bcftools("view", "-r", own, *some, "-Ob0", "-o", chosen, path, file=path)
    one_x = np.array([wanted.sexes.get(name) == "XY" for name in here], bool)
    people = People(here, one_x, wanted.build, max(done.files[name] for name in here), done.merged)
    done.files.update(here)
    _take_blocks(chosen, contig, folder, done, wanted, people)
    source, seen = observe_file(chosen, observed, path, (own, contig), people, wanted.bounds)
    done.notes += seen.notes
    done.counts.update(seen.counts)
    messages = bcftools("norm", "-m", "-any", "-Ou", "-o", split, source, file=path)
    counts = _line_counts(messages)
    done.counts["read"] += counts[0]
    done.counts["split"] += counts[1]
    whose = None if len(here) == len(samples) else here
    before = len(done.set_aside)
    moved, under_deletions = keep_small(split, small, contig, seen.nameless, wanted.bounds.filters, whose, done)
    if moved:
        bcftools("sort", "-m", "200M", "-Ou", "-T", folder / "sort", "-o", folder / "sorted.bcf", small, file=path)
        (folder / "sorted.bcf").replace(small)
    if reference is None:
        done.counts["unchecked"] += _records(small)
        small.replace(part)
    else:
        _align(small, aligned, part, contig, reference, path, folder, done)
    _one_record_a_variant(part, contig, folder, done, one_file=True)
    _put_together(part, contig, here, seen, chosen, done, done.set_aside[before:], folder)
    doubted = folder / "doubted.bcf"
    if lost := doubt_under_deletions(part, doubted, contig, here, done.set_aside[before:], folder):
        done.counts["parts"] += lost
        doubted.replace(part)
    _unexplained(under_deletions, part, contig, done)
    for step in steps:
        step.unlink(missing_ok=True)
    return True


def _put_together(part, contig, people, seen: Observed, chosen: Path, done, aside: list[dict], folder: Path) -> None:
    """Settle what the records of one place say together, where the file has sites in several records."""
    marks = [name for name in SPLIT_MARKS if name in seen.infos]
    if not (seen.crowded or marks):
        return
    parts_of = {}
    if marks:
        text = pysam.bcftools.query("-f", f"%POS\t%REF\t%ALT\t%INFO/{marks[0]}\n", str(chosen))
        rows = (line.split("\t") for line in text.splitlines())
        parts_of = {(int(pos), ref, alt): mark for pos, ref, alt, mark in rows if mark not in (".", "0")}
    settled = folder / "settled.bcf"
    changed = settle_places(part, settled, contig, people, seen.crowded, aside, parts_of, folder)
    done.counts["parts"] += changed
    if changed:
        settled.replace(part)


def _take_blocks(chosen: Path, contig: str, folder: Path, done: Normalised, wanted: Wanted, people: People) -> None:
    """Keep the reference blocks of a file as stretches and take them out of its records."""
    if not may_have_blocks(chosen):
        return
    blocks = read_blocks(chosen, contig, folder, wanted.bounds, people)
    if not blocks.count:
        return
    rest = folder / "rest.bcf"
    drop_blocks(chosen, rest)
    rest.replace(chosen)
    done.counts["read"] += blocks.count
    done.counts["reference_blocks"] += blocks.count
    for sample, good in blocks.good.items():
        before = done.blocks.get(sample, Known(Intervals.of(), Intervals.of()))
        single = before.single.union(blocks.single[sample])
        done.blocks[sample] = Known(before.reference.union(good), single)
        weak = done.weak.setdefault(sample, {})
        for code, where in blocks.weak[sample].items():
            weak[code] = weak[code].union(where) if code in weak else where


def _align(small, aligned, part, contig, reference, path, folder, done) -> None:
    """Left-align against the reference; set records aside whose REF is another than the reference's."""
    own = _name_in_reference(reference, contig)
    source = small
    if own != contig:
        source = _renamed(small, contig, own, folder)
    messages = bcftools("norm", "-f", reference, "-c", "w", "-Ou", "-o", aligned, source, file=path)
    counts = _line_counts(messages)
    done.counts["left_aligned"] += counts[3]
    wrong = set()
    for line in messages.splitlines():
        if line.startswith("REF_MISMATCH"):
            _, _, pos, ref, bases = line.split("\t")
            if compare_bases(ref, bases) is None:
                done.counts["unchecked"] += 1
            else:
                wrong.add((int(pos), ref))
    if own != contig:
        aligned_back = _renamed(aligned, own, contig, folder)
        aligned_back.replace(aligned)
    if not wrong:
        aligned.replace(part)
        return
    with opened(aligned) as file, pysam.VariantFile(str(part), "wb0", header=file.header) as out:
        for record in file:
            if (record.pos, record.ref) in wrong:
                done.counts["ref_mismatch"] += 1
                done.set_record_aside(record, contig, "REF is not what the reference has", None)
            else:
                out.write(record)


def _unexplained(under_deletions: list[tuple], part: Path, contig: str, done: Normalised) -> None:
    """Set ``*`` aside for those carriers of whom ``part`` has no deletion over the place: one strand is not known."""
    if not under_deletions:
        return
    columns = {name: n for n, name in enumerate(_header_samples(part))}
    starts = [pos for pos, *_ in under_deletions]
    records = read_records(part, Intervals.of(starts, starts))
    deletes = np.array([len(ref) > len(alt) for ref, alt in records.alleles], bool)
    for pos, ref, carriers in under_deletions:
        over = deletes & (records.pos < pos) & (records.end >= pos)
        covered = (records.dosage[over] > 0).any(axis=0)
        without = [name for name in carriers if not covered[columns[name]]]
        if without:
            place = (contig, pos, pos + len(ref) - 1, ref, "*")
            done.set_alleles_aside(place, "a deletion that is not in the file lies over it", without)


def _one_record_a_variant(path: Path, contig: str, folder: Path, done: Normalised, one_file: bool = False) -> None:
    """Merge records of one variant; genotypes in which they conflict become missing and are listed."""
    if not has_duplicates(path):
        return
    merged = folder / "merged.bcf"
    removed, conflicts = merge_duplicates(path, merged, one_file)
    merged.replace(path)
    done.counts["duplicates"] += removed
    for pos, ref, alt, samples in conflicts:
        done.counts["conflicting_genotypes"] += len(samples)
        done.set_alleles_aside((contig, pos, pos + len(ref) - 1, ref, alt), "records of one variant differ", samples)


def _join(parts: list[Path], contig: str, samples: list[str], variants: Path, folder: Path, done: Normalised) -> None:
    people = [frozenset(_header_samples(part)) for part in parts]
    joined = parts[0]
    if len(parts) > 1:
        for part in parts:
            index_bcf(part)
        joined = folder / "joined.bcf"
        if len(set(people)) == 1:
            bcftools("concat", "-a", "-Ou", "-o", joined, *parts)
        else:
            merge_people(parts, contig, joined, folder)
        _one_record_a_variant(joined, contig, folder, done)
    if _header_samples(joined) == samples:
        bcftools("view", PACKED, "-o", variants, joined)
        return
    wanted = folder / "samples.txt"
    wanted.write_text("".join(f"{name}\n" for name in samples))
    try:
        bcftools("view", "-S", wanted, "-I", PACKED, "-o", variants, joined)
    except Fault:
        missing = sorted(set(samples) - set(_header_samples(joined)))
        raise Fault(f"{len(missing)} samples are in no file of this contig: {', '.join(missing[:5])}") from None


def _write_empty(contig: str, samples: list[str], variants: Path) -> None:
    header = pysam.VariantHeader()
    header.contigs.add(contig)
    header.add_line('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
    for name in samples:
        header.add_sample(name)
    with pysam.VariantFile(str(variants), "wb", header=header):
        pass


def _contigs(path: Path) -> list[str]:
    """Contigs that a file has records of, by its index, in the file's own names."""
    return list(_indexed_counts(path))


def _indexed_counts(path: Path) -> dict[str, int]:
    """Records by contig, as the file's index has them."""
    rows = (line.split("\t") for line in pysam.bcftools.index("-s", str(path)).splitlines())
    return {row[0]: int(row[2]) for row in rows}


def _name_in_reference(reference: Path, contig: str) -> str:
    with Reference(reference, [contig]) as opened:
        if contig not in opened.names:
            remedy = "Leave it out of genome.contigs, or give a reference that has it"
            raise Fault(f"the genotype files have records of {contig}, which the reference has not", remedy=remedy)
        return opened.names[contig]


def _renamed(path: Path, old: str, new: str, folder: Path) -> Path:
    names, out = folder / "rename.txt", folder / "renamed.bcf"
    names.write_text(f"{old} {new}\n")
    bcftools("annotate", "--rename-chrs", names, "-Ou", "-o", out, path)
    return out


def _header_samples(path: Path) -> list[str]:
    with opened(path) as file:
        return list(file.header.samples)


def _records(path: Path) -> int:
    with opened(path) as file:
        return sum(1 for _ in file)


def _line_counts(messages: str) -> list[int]:
    """bcftools norm's closing line: total, split, joined, realigned, mismatch_removed, dup_removed, skipped."""
    found = _LINES.search(messages)
    return [int(n) for n in found.group(1).split("/")] if found else [0] * 7
