"""Write each person's report, as HTML and JSON."""

from pathlib import Path

from permed.reports.batch import Results, batch_reports, write_batch
from permed.reports.evidence import count_rows, read_context, read_sources
from permed.reports.pharmacogenes import read_terms
from permed.reports.software import software_versions
from permed.step import log, step
from permed.tables import write_table


@step
def write_reports(
    samples: Path,
    quality: Path,
    checks: Path,
    consents: list[Path],
    variant_counts: list[Path],
    phenotypes: Path,
    gene_notes: Path,
    *,
    index: Path,
    batch: list[str],
    formats: list[str],
    folder: str | None = None,
    depths: Path | None = None,
    ancestry: Path | None = None,
    pedigree: Path | None = None,
    calls: Path | None = None,
    advice: Path | None = None,
    doses: Path | None = None,
    entries: Path | None = None,
    evidence: Path | None = None,
    scores: Path | None = None,
    matches: Path | None = None,
    annotation: list[Path] | None = None,
    findings: Path | None = None,
    finding_genes: Path | None = None,
    couples: Path | None = None,
    finding_phenotypes: Path | None = None,
    knowledge: list[Path] | None = None,
    lifted: Path | None = None,
    build: str | None = None,
    absent_sites: str | None = None,
    thresholds: dict | None = None,
    min_match: float | None = None,
) -> None:
    """Write the reports of the people in ``batch`` below ``folder``/samples, then their index with SHA-256.

    ``folder`` is the results folder, by default the one above the index's; paths in the index are relative to it.
    A stage whose table is not given did not run, and the reports say so. ``consents`` are the lists of people by
    purpose; nobody outside ``any`` gets a report. ``knowledge`` are the tables whose sources the reports cite.
    """
    context = read_context(
        checks,
        consents,
        variant_counts,
        build=build,
        absent_sites=absent_sites,
        lifted=lifted,
        thresholds=thresholds or {},
        min_match=min_match,
        stages={
            "pharmacogenes": calls is not None,
            "scores": matches is not None,
            "annotation": bool(annotation),
            "findings": findings is not None,
        },
        software=software_versions(),
        sources=read_sources(knowledge or []),
        annotated=count_rows(annotation or []),
    )
    results = Results(
        *(samples, quality, calls, scores, matches, evidence, advice, doses),
        *(findings, finding_genes, couples, depths, ancestry, pedigree, finding_phenotypes, entries),
    )
    reports = batch_reports(batch, results, context, read_terms(phenotypes, gene_notes))
    written = write_batch(reports, Path(folder or index.parent.parent), formats)
    write_table(written, index)
    log.info("%d reports of %d people", len(written), written["sample"].n_unique())
