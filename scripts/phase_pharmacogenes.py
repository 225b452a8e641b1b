"""Phase the heterozygous positions of pharmacogenes by reads that cover several of them."""

import os
import tempfile
from pathlib import Path

import polars as pl
import pysam

from permed.evidence.alignments import link_alignments, reference_for
from permed.genome import reconcile
from permed.pharmacogenes.definitions import load_genes
from permed.pharmacogenes.outside import hla
from permed.pharmacogenes.phase.phasing import SCHEMA, phase_person
from permed.pharmacogenes.reading.files import read_genotypes
from permed.step import log, step
from permed.tables import write_table


@step
def phase_pharmacogenes(
    variants: list[Path],
    alignments: list[Path],
    samples: list[str],
    consent: Path,
    tables: list[Path],
    reference: list[Path],
    *,
    phase: Path,
    absent_sites: str,
    contigs: list[str],
    genes: list[str],
    build: str = "GRCh38",
) -> None:
    """Write what the reads of ``samples`` say about the phase of their genotypes at each gene.

    ``alignments`` has one BAM or CRAM for each sample, in their order; nobody is read who is not in the list
    ``consent``. ``variants`` are the normalised files of ``contigs``, ``reference`` is the linked FASTA followed by its
    indexes. HLA genes among ``genes`` have no positions to phase.
    """
    agreed = set(consent.read_text(encoding="utf-8").splitlines())
    files = {name: path for name, path in zip(samples, alignments, strict=True) if name in agreed}
    people = list(files)
    read = []
    typed = hla.guided_alleles(tables)
    for gene in load_genes(tables, genes if genes == "all" else [name for name in genes if name not in typed]):
        where = reconcile([gene.contig], contigs).get(gene.contig)
        own = [path for path, contig in zip(variants, contigs, strict=True) if contig == where]
        if own:
            genotypes = read_genotypes(own, gene, people, absent_sites=absent_sites, build=build)
            read.append((gene, where, genotypes.codes))
    os.environ["REF_PATH"] = os.devnull  # a CRAM's bases come from the run's reference, never from elsewhere
    rows = []
    with tempfile.TemporaryDirectory(prefix=".phase-", dir=phase.parent) as folder:
        for number, name in enumerate(people):
            work = Path(folder) / str(number)
            work.mkdir()
            aligned = link_alignments(files[name], name, contigs, work)
            fasta = reference_for(aligned, reference[0], work)
            with (
                pysam.AlignmentFile(str(aligned.path), reference_filename=str(fasta)) as file,
                pysam.FastaFile(str(fasta)) as bases,
            ):
                for gene, contig, codes in read:
                    there = aligned.names.get(contig)
                    if there is None or there not in bases.references:
                        continue

                    def window(start: int, end: int, there: str = there, bases: pysam.FastaFile = bases) -> str:
                        return bases.fetch(there, start, end).upper()

                    found = phase_person(gene, build, codes[number], file, there, window)
                    rows += [{"sample": name, "gene": gene.name, "contig": contig, **row} for row in found]
            log.info("%s: %d positions with reads about their phase", name, sum(r["sample"] == name for r in rows))
    write_table(pl.DataFrame(rows, schema=SCHEMA, orient="row"), phase)
