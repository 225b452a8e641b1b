"""Call the diplotypes, activity scores and phenotypes of pharmacogenes."""

from pathlib import Path

from permed.genome import reconcile
from permed.pharmacogenes.calling import by_sample, call_gene, not_called
from permed.pharmacogenes.definitions import load_genes
from permed.pharmacogenes.reading import read_genotypes
from permed.pharmacogenes.reasons import other_build
from permed.step import log, step
from permed.tables import write_table


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
) -> None:
    """Call each gene for everyone in the list ``consent`` from the normalised files of ``contigs``, in their order.

    ``set_aside`` are the tables of records that normalisation could not use, in the same order.
    """
    samples = consent.read_text(encoding="utf-8").splitlines()
    frames = []
    for gene in load_genes(tables, genes):
        if build != "GRCh38":
            frames.append(not_called(gene, samples, other_build(gene, build)))
            continue
        where = reconcile([gene.contig], contigs).get(gene.contig)
        files = [path for path, contig in zip(variants, contigs, strict=True) if contig == where]
        unread = [path for path, contig in zip(set_aside or [], contigs, strict=bool(set_aside)) if contig == where]
        genotypes = read_genotypes(files, gene, samples, absent_sites=absent_sites, set_aside=unread)
        frames.append(call_gene(gene, samples, genotypes))
        log.info("%s called for %d people", gene.name, len(samples))
    write_table(by_sample(frames, samples), calls)
