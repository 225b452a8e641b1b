"""Reads of each allele at common sites, and mapped reads by contig, of one person's BAM or CRAM."""

from pathlib import Path

import numpy as np
import polars as pl
import pysam

from permed.bcftools import opened
from permed.evidence.alignments import LEAST_MAPPING_QUALITY, Aligned, apart, reference_for
from permed.genome import AUTOSOMES, canonical, pseudoautosomal, reconcile
from permed.quality.reads.mixture import Pileup

LEAST_BASE_QUALITY = 13
MAX_DEPTH = 1000
READS_LOOKED_AT = 1000  # for the length of reads
LEAST_READS = 10_000  # from which depths are taken
LEAST_AUTOSOMES, MAX_SPREAD = 2, 1.25  # of the depths of autosomes, third quartile over first
DEPTHS = ("autosome_depth", "x_depth", "y_depth")


def pile_up(aligned: Aligned, sites: pl.DataFrame, reference: Path, folder: Path) -> Pileup:
    """Count the reads of one person at autosomal ``sites``, as :func:`permed.frequencies.read_frequencies` gives them.

    Reads of bcftools mpileup: primary, no duplicates, in proper pairs, of at least the two qualities. Sites without
    reads, or where the reference has another base than ``ref``, are left out.
    """
    own = {canonical(contig): name for contig, name in aligned.names.items()}
    wanted = sites.filter(pl.col("contig").is_in([name for name in own if name in AUTOSOMES]))
    rows = {(own[contig], pos): (ref, alt, af) for contig, pos, ref, alt, *af in wanted.iter_rows()}
    if not rows:
        return _pileup([], 0)
    regions, piled = folder / "sites.txt", folder / "sites.bcf"
    regions.write_text("".join(f"{name}\t{pos}\t{pos}\n" for name, pos in rows))
    least = ["-q", LEAST_MAPPING_QUALITY, "-Q", LEAST_BASE_QUALITY, "-d", MAX_DEPTH]
    tags = ["-a", "FORMAT/AD,FORMAT/QS", "--ignore-RG", "-I"]
    fasta = reference_for(aligned, reference, folder)
    apart("mpileup", "-f", fasta, "-R", regions, *tags, *least, "-Ou", "-o", piled, aligned.path, file=aligned)
    found, others = [], 0
    with opened(piled) as file:
        for record in file:
            ref, alt, af = rows.get((record.chrom, record.pos), (None, None, None))
            if record.ref != ref:
                continue
            cell = record.samples[0]
            counts = dict(zip(record.alleles, zip(cell["AD"], cell["QS"], strict=True), strict=True))
            shown, carried = counts[ref], counts.get(alt, (0, 0))
            others += sum(number for number, _ in counts.values()) - shown[0] - carried[0]
            found.append((shown[0], carried[0], _error(*shown), _error(*carried), *af))
    return _pileup(found, others)


def _pileup(rows: list[tuple], others: int) -> Pileup:
    columns = np.array(rows, float).reshape(len(rows), -1).T if rows else np.zeros((5, 0))
    ref, alt, ref_error, alt_error, *frequency = columns
    return Pileup(ref, alt, np.array(frequency), ref_error, alt_error, others)


def _error(number: int, qualities: int) -> float:
    """How often a base is wrong by the mean of its qualities; 0 where there is none."""
    return 10 ** (-qualities / number / 10) if number else 0.0


def mean_depths(aligned: Aligned, bases: dict[str, int], build: str) -> tuple[dict[str, float | None], str]:
    """Mean depth of the autosomes, chrX and chrY by the read counts of the index, and why there is none.

    Mapped reads, duplicates among them, times the mean length of the first ones, over ``bases``, those of each main
    contig that the reference knows. The reads of the pseudoautosomal regions, which may have been put on either
    contig, are counted and taken away. A CRAM's index counts no reads; and only where a genome's reads lie evenly on
    the autosomes can chrX be compared with them.
    """
    depths: dict[str, float | None] = dict.fromkeys(DEPTHS)
    if aligned.is_cram:
        return depths, "the index of a CRAM counts no reads"
    with pysam.AlignmentFile(str(aligned.path)) as file:
        mapped = {row.contig: row.mapped for row in file.get_index_statistics()}
        lengths = [read.query_length for read in file.head(READS_LOOKED_AT) if not read.is_secondary]
        reads = {}
        for contig, name in reconcile(bases, mapped).items():
            shared = pseudoautosomal(build, contig)
            reads[contig] = mapped[name] - sum(file.count(name, start - 1, end) for start, end in shared)
    autosomes = [contig for contig in AUTOSOMES if contig in reads]
    total = sum(reads[contig] for contig in autosomes)
    if total < LEAST_READS or not sum(lengths):
        return depths, f"{total} reads on autosomes, {LEAST_READS} are needed"
    low, high = np.quantile([reads[contig] / bases[contig] for contig in autosomes], [0.25, 0.75])
    if len(autosomes) < LEAST_AUTOSOMES or high > MAX_SPREAD * low:
        return depths, "the reads do not lie evenly on the autosomes, as those of a whole genome do"
    for name, kinds in zip(DEPTHS, (autosomes, ["chrX"], ["chrY"]), strict=True):
        here = [contig for contig in kinds if contig in reads]
        if here:
            read = sum(reads[contig] for contig in here) * float(np.mean(lengths))
            depths[name] = read / sum(bases[contig] for contig in here)
    return depths, ""


def known_bases(reference: Path, build: str) -> dict[str, int]:
    """How many bases the reference knows, those that are not N, of the autosomes and of chrX and chrY outside the
    pseudoautosomal regions; by canonical names."""
    known = {}
    with pysam.FastaFile(str(reference)) as file:
        for contig, name in reconcile([*AUTOSOMES, "chrX", "chrY"], file.references).items():
            sequence = file.fetch(name)
            shared = (sequence[start - 1 : end] for start, end in pseudoautosomal(build, contig))
            known[contig] = _known(sequence) - sum(map(_known, shared))
    return {contig: number for contig, number in known.items() if number}


def _known(sequence: str) -> int:
    return len(sequence) - sequence.count("N") - sequence.count("n")
