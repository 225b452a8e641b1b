"""Call the diplotypes, activity scores and phenotypes of pharmacogenes."""

from functools import partial
from pathlib import Path

import polars as pl

from permed.genome import reconcile
from permed.pharmacogenes.answers import Answers
from permed.pharmacogenes.assembling import GeneGenotypes
from permed.pharmacogenes.calling import COLUMNS, by_sample, call_gene
from permed.pharmacogenes.definitions import Gene, load_genes
from permed.pharmacogenes.evidence import SCHEMA, evidence_rows
from permed.pharmacogenes.frequencies import load_frequencies, with_probabilities
from permed.pharmacogenes.phasing import add_read_phase, with_phase
from permed.pharmacogenes.pieces import Pieces, pieces
from permed.pharmacogenes.reading import read_genotypes
from permed.pharmacogenes.reasons import without_place
from permed.step import log, step
from permed.tables import read_table, write_parts


def explained(calls: pl.DataFrame, more: str) -> pl.DataFrame:
    """Calls with a sentence added to each reason."""
    return calls.with_columns(pl.concat_str("reason", pl.lit(more), separator=" ")) if more else calls


def put_by(
    collected: Pieces, gene: Gene, samples: list[str], genotypes: GeneGenotypes, some: slice, answers: Answers
) -> None:
    """Keep the evidence of one gene for some of the people."""
    collected.add(some.start, evidence_rows(gene, samples, genotypes, some, answers))


@step
def call_pharmacogenes(
    variants: list[Path],
    consent: Path,
    tables: list[Path],
    *,
    calls: Path,
    absent_sites: str,
    contigs: list[str],
    genes: list[str],
    build: str = "GRCh38",
    set_aside: list[Path] | None = None,
    evidence: Path | None = None,
    phase: list[Path] | None = None,
    people: Path | None = None,
    frequencies: list[Path] | None = None,
) -> None:
    """Call each gene for everyone in the list ``consent`` from the normalised files of ``contigs``, in their order.

    ``set_aside`` are the tables of records that normalisation could not use, in the same order. Files of ``build``
    GRCh37 are read at the definitions' places there; a position without one is missing, and the reason says so.
    ``evidence`` is the table of what each call rests on.
    ``phase`` are tables of what reads say about the phase. ``people`` is the table of samples with their population
    and ``frequencies`` the tables of allele frequencies and of populations, for what stays ambiguous.
    """
    samples = consent.read_text(encoding="utf-8").splitlines()
    known = load_frequencies(*frequencies) if frequencies else None
    labels = dict(read_table(people).select("sample", "population").iter_rows()) if people else {}
    reads = pl.concat(map(read_table, phase)) if phase else None
    frames = []
    with pieces(evidence, SCHEMA) as collected:
        for gene in load_genes(tables, genes):
            where = reconcile([gene.contig], contigs).get(gene.contig)
            files = [path for path, contig in zip(variants, contigs, strict=True) if contig == where]
            unread = [path for path, contig in zip(set_aside or [], contigs, strict=bool(set_aside)) if contig == where]
            read = read_genotypes(files, gene, samples, absent_sites=absent_sites, set_aside=unread, build=build)
            phased = add_read_phase(gene, samples, read, reads, build)
            explain = partial(put_by, collected, gene, samples, phased.genotypes)
            called = explained(call_gene(gene, samples, phased.genotypes, explain), without_place(gene, build))
            if known is not None:
                populations = [labels.get(name) for name in samples]
                called = with_probabilities(called, gene, phased.genotypes, populations, known)
            frames.append(with_phase(called, phased))
            log.info("%s called for %d people", gene.name, len(samples))
    write_parts(by_sample(frames, samples), COLUMNS, calls)
