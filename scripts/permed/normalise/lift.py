"""Lift the records of a genotype file to the other build with a chain; positions are 1-based.

REF is looked up again on the target: where an alternate is what the target has, both are exchanged in alleles and
genotypes; where neither fits the record is lost. Left-aligning is left to normalisation.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pysam

from permed.bcftools import bcftools, index_bcf, opened
from permed.chain import Chain
from permed.genome import canonical, reconcile
from permed.lifting import CHANGES_SCHEMA, WITHOUT_BASES, Lifted, Lost, changed, lift_alleles
from permed.normalise.exchange import exchange
from permed.reference import Reference

COUNTS = ("read", "kept", "swapped", "lost", "reference_blocks", "unchecked")
REFERENCE_BLOCK = "reference block"


@dataclass
class Lifting:
    """What became of a file's records: counts, and a row for every exchanged and lost one."""

    counts: Counter = field(default_factory=Counter)
    changes: list[dict] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        """The exchanged and lost records in the order of the file."""
        return pl.DataFrame(self.changes, schema=CHANGES_SCHEMA, orient="row")


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
        index_bcf(parts[-1])
    bcftools("concat", "-a", "-Ob1", "-o", sorted_, *parts)
    index_bcf(sorted_)
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
                        done.changes.append(changed(old, "lost", answer.reason, new, name))
                    continue
                done.counts.update(read=1, kept=1, unchecked=int(not answer.checked))
                _change_record(record, answer, header, numbers)
                (alone if record.alts == (".",) else out).write(record)
                if answer.codes is not None:
                    done.counts["swapped"] += 1
                    new = (answer.contig, answer.pos, answer.alleles[0], ",".join(answer.alleles[1:]))
                    done.changes.append(changed(old, "swapped", "REF is another on the other build", new, name))
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
