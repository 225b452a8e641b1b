"""Write the cohort's tables for people and its page."""

from pathlib import Path

from permed.reports.cohort import cohort_page, cohort_table, count_consequences, read_advice, read_reports
from permed.reports.evidence import read_context, read_sources, read_variant_counts
from permed.reports.findings import agreed_rows
from permed.reports.multiqc import kinship_text, quality_text
from permed.reports.plots import read_plots
from permed.reports.render import render_cohort
from permed.reports.software import software_versions
from permed.step import log, step
from permed.tables import read_json, read_table, write_table, write_text

MULTIQC = {
    "permed_quality_mqc": lambda frames: quality_text(frames["quality"]),
    "permed_kinship_mqc": lambda frames: kinship_text(frames["kinship"]),
}


@step
def summarise_cohort(
    quality: Path,
    checks: Path,
    consents: list[Path],
    variant_counts: list[Path],
    indexes: list[Path],
    *,
    page: Path,
    tables: list[Path],
    multiqc: list[Path] | None = None,
    kinship: Path | None = None,
    pedigree: Path | None = None,
    depths: Path | None = None,
    ancestry: Path | None = None,
    panel: Path | None = None,
    calls: Path | None = None,
    advice: Path | None = None,
    scores: Path | None = None,
    matches: Path | None = None,
    annotation: list[Path] | None = None,
    findings: Path | None = None,
    finding_genes: Path | None = None,
    knowledge: list[Path] | None = None,
    lifted: Path | None = None,
    build: str | None = None,
    absent_sites: str | None = None,
    thresholds: dict | None = None,
    min_match: float | None = None,
    minimum_cell: int = 5,
) -> None:
    """Write ``page`` and each of ``tables``, which are named after their content: quality, kinship, pharmacogenes,
    drugs, findings, scores, score_matches (.tsv). ``multiqc`` are tables for MultiQC, of the names in :data:`MULTIQC`.
    Counts of people below ``minimum_cell`` are not shown on the page.
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
        software=software_versions(),
        sources=read_sources(knowledge or []),
    )
    sources = {"quality": quality, "kinship": kinship, "pedigree": pedigree, "pharmacogenes": calls}
    sources |= {"scores": scores, "score_matches": matches}
    frames = {name: None if path is None else read_table(path) for name, path in sources.items()}
    frames["drugs"] = read_advice(advice)
    frames["findings"] = agreed_rows(read_table(findings), context.consents) if findings else None
    states = agreed_rows(read_table(finding_genes), context.consents) if finding_genes else None
    for path in tables:
        write_table(cohort_table(path.stem, frames[path.stem], context.consents), path)
    for path in multiqc or []:
        write_text(MULTIQC[path.stem](frames), path)
    content = cohort_page(
        context,
        read_json(checks),
        frames["quality"],
        read_reports(indexes),
        read_variant_counts(variant_counts),
        read_plots(frames["quality"], context.thresholds, frames["kinship"], depths, ancestry, panel),
        kinship=frames["kinship"],
        pedigree=frames["pedigree"],
        calls=frames["pharmacogenes"],
        matches=frames["score_matches"],
        scores=frames["scores"],
        consequences=count_consequences(annotation) if annotation else None,
        gene_states=states,
        minimum=minimum_cell,
    )
    write_text(render_cohort(content), page)
    log.info("%d people on %s", len(content["quality"]["rows"]), page.name)
