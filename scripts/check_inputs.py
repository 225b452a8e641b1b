"""Look at every file before any computing and list all that is wrong with them."""

import tempfile
from pathlib import Path

from permed.errors import Fault
from permed.filters import BELIEVED
from permed.findings.checks import check_findings
from permed.frequencies import check_frequencies
from permed.inputs.annotation_files import check_classification, check_sources
from permed.inputs.batches import file_batches
from permed.inputs.builds import check_chain, lifting_notes
from permed.inputs.built_sources import check_built_sources
from permed.inputs.checks import check_genes, check_genotypes, check_people, check_pharmacogenes, check_reference
from permed.inputs.evidence_files import check_alignments, check_callable, has_reference_blocks
from permed.inputs.files import found_faults, of_samples, shortened
from permed.inputs.formats import formats_of
from permed.inputs.known_sites import KnownTables, may_stay_open
from permed.inputs.outside_calls import check_outside_calls
from permed.inputs.told import PARTLY_LOOKED_AT, absent_sites_faults
from permed.inputs.variants_only import find_variant_only, variant_only_notes
from permed.pedigree import with_pedigree
from permed.pharmacogenes.outside.hla import guided_alleles
from permed.quality.ancestry.checks import check_panel
from permed.reference import Reference, link_reference
from permed.samples import PURPOSES, consenting, read_samples
from permed.scores.risk.checks import check_risk
from permed.scoring_files.checks import check_scores
from permed.scoring_files.positions import Lift
from permed.step import log, step, tell
from permed.tables import read_table, write_json


@step
def check_inputs(
    sheet: str,
    genotypes: list[str],
    contigs: list[str],
    *,
    report: Path,
    pedigree: str | None = None,
    contigs_named: bool = True,
    genotype_contigs: list[str] | None = None,
    genotype_samples: list[str] | None = None,
    build: str = "GRCh38",
    reference: str | None = None,
    chain: str | None = None,
    genes: str | None = None,
    sources: dict | None = None,
    frequencies: str | None = None,
    classification: dict | None = None,
    findings: dict | None = None,
    scores: list[str] | None = None,
    score_columns: dict | None = None,
    incidence: str | None = None,
    incidence_group: str | None = None,
    rates: Path | None = None,
    pharmacogenes: list[str] | None = None,
    known_genes: Path | None = None,
    positions: Path | None = None,
    common_sites: Path | None = None,
    outside_calls: str | None = None,
    outside_tables: list[Path] | None = None,
    outside_format: str = "auto",
    panel_genotypes: list[str] | None = None,
    panel_labels: str | None = None,
    built_panels: dict | None = None,
    absent_sites: str = "missing",
    absent_sites_asked: str | None = None,
    filters: list[str] | None = None,
    callable: str | None = None,
    alignments: str | None = None,
    min_depth: int = 10,
    min_genotype_quality: int = 20,
    known_faults: list[dict] | None = None,
) -> None:
    """Write checks/inputs.json: status, every fault with file, sample or line and remedy, and what the files hold.

    ``findings`` are the configuration's lists of genes and the folder of an earlier run.
    ``pharmacogenes`` are the genes asked for, ``known_genes`` the table of those that can be called from variants;
    ``outside_calls`` names files of calls made elsewhere, checked against ``outside_tables``, in
    ``outside_format``.
    ``positions`` of the pharmacogenes and ``common_sites`` tell bases where there is no ``reference``.
    ``panel_genotypes`` and ``panel_labels`` are those of a reference panel to build, ``built_panels`` folders of panels
    by the configuration's key.
    ``score_columns`` are the user's names of columns of scoring files, by file.
    ``incidence`` and ``incidence_group`` are the user's rates and choice for absolute risks, ``rates`` those that ship.
    ``absent_sites_asked`` is what the configuration says of absent sites, where the run takes them otherwise.
    ``contigs_named`` says that the user chose the contigs: then the reference must have each of them.
    ``genotype_contigs`` names the one contig of each genotype file, empty for all, ``genotype_samples`` likewise its
    one person. ``known_faults`` are those of the configuration and the sample sheet, found while they were read. The
    step itself succeeds on faulty input: the gate (admit_samples) stops the run, and this report stays.
    """
    faults = [Fault(**row) for row in known_faults or []]
    people, _ = read_samples(Path(sheet)) if sheet else ([], [])
    people, wrong, pedigree_notes = with_pedigree(people, Path(sheet), Path(pedigree) if pedigree else None)
    faults += wrong
    files = [
        (path, contig or None)
        for path, contig in zip(genotypes, genotype_contigs or [""] * len(genotypes), strict=True)
    ]
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        opened = None
        if reference:
            faults += found_faults(reference, "genome.reference")
            if Path(reference).is_file():
                try:
                    link = link_reference(
                        Path(reference), Path(folder) / f"reference{''.join(Path(reference).suffixes[-2:])}"
                    )
                    opened = Reference(link[0], contigs)
                    faults += check_reference(reference, contigs if contigs_named else [], build, opened)
                except Fault as fault:
                    faults.append(fault)
        else:
            notes.append(
                "No reference is configured: records are split and trimmed, not left-aligned; REF is unchecked"
            )
        lifting = chain and (opened or not reference)  # a reference that cannot be read is a fault already
        pieces, wrong = check_chain(chain, contigs, build, opened) if lifting else (None, [])
        faults += wrong
        built_faults, built_notes = check_built_sources(sources or {}, contigs, build, opened)
        there = [Path(path) for path in scores or [] if Path(path).is_file()]
        stays_open = may_stay_open(formats_of(genotypes), absent_sites, [callable, alignments])
        known = KnownTables(build, positions, common_sites, tuple(there), stays_open)
        looks, wrong, seen = check_genotypes(files, contigs, build, opened, genotype_samples, pieces, known)
        faults += wrong + absent_sites_faults(looks, build, absent_sites, reference)
        notes += seen + lifting_notes(looks, build, absent_sites)
        lost = [fault for path in scores or [] for fault in found_faults(path, "scores.files")]
        lift = Lift(Path(chain), opened) if chain and opened and pieces else None
        score_faults, seen = check_scores(there, build, lift, opened, score_columns)
        notes += seen
    wrong, others = check_people(people, sheet, looks, files, contigs)
    faults += wrong
    if others:
        notes.append(
            f"{len(others)} people in the genotype files are not in the sample sheet: left out, without consent"
        )
    faults += check_genes(genes, reference) if genes else []
    faults += check_sources(sources or {}, contigs, genes) + built_faults
    notes += built_notes
    faults += check_findings(findings or {}, report.parent.parent, people, sheet) if genes else []
    if frequencies:
        faults += found_faults(frequencies, "quality.frequencies") or check_frequencies(Path(frequencies))
    faults += check_classification(classification or {}, sources or {}, genes)
    names = consenting(people, "any")
    faults += check_callable(of_samples(callable, names), contigs, build)
    faults += check_alignments(alignments, of_samples(alignments, names), names, contigs, build, reference)
    blocks = sum(has_reference_blocks(looked.path) for looked in looks if not looked.faults and not looked.lift)
    variant_only = find_variant_only(looks)
    if absent_sites_asked not in (None, absent_sites):
        notes.insert(0, PARTLY_LOOKED_AT)
    first = variant_only_notes(variant_only, absent_sites, callable, alignments)
    for note in first:
        tell(note)
    if blocks and callable:
        notes.append("Of people with a gVCF its reference blocks tell what is reference, and no callable regions")
    faults += lost + score_faults
    if incidence:
        faults += (absent := found_faults(incidence, "scores.incidence"))
        incidence = None if absent else incidence
    if rates:
        faulty = {str(fault.file) for fault in faults}
        readable = [Path(path) for path in scores or [] if str(path) not in faulty]
        faults += check_risk(Path(incidence) if incidence else None, rates, incidence_group, readable)
    if known_genes and pharmacogenes and "all" not in pharmacogenes:
        typed = list(guided_alleles(outside_tables)) if outside_tables else []
        faults += check_pharmacogenes(pharmacogenes, [*read_table(known_genes)["gene"].to_list(), *typed])
    asked = pharmacogenes or ["all"]
    wrong, seen, left_out = check_outside_calls(outside_calls, people, outside_tables or [], asked, outside_format)
    faults += wrong
    for note in shortened(left_out, report):
        tell(note)
    notes += seen + left_out
    faults += check_panel(panel_genotypes or [], panel_labels, built_panels or {}, build)
    rows = {
        "status": "fail" if faults else "pass",
        "faults": [fault.as_row() for fault in faults],
        "notes": first + pedigree_notes + notes,
        "left_out": left_out,
        "build": build,
        "reference": reference,
        "absent_sites": absent_sites,
        "filters": filters or list(BELIEVED),
        "callable": callable,
        "alignments": alignments,
        "outside_calls": outside_calls,
        "gvcf": blocks,
        "variants_only": variant_only.people if first else [],
        "imputed": sum(looked.imputed for looked in looks),
        "batches": file_batches((looked.path, looked.samples) for looked in looks if not looked.faults),
        "thresholds": {"min_depth": min_depth, "min_genotype_quality": min_genotype_quality},
        "files": [
            {
                "file": x.path,
                "samples": len(x.samples),
                "contigs_in_header": len(x.contigs),
                "lift": x.lift,
                "build": x.told.as_row(),
            }
            for x in looks
        ],
        "people": {
            "sheet": len(people),
            "not_in_sheet": len(others),
            "consent": {purpose: len(consenting(people, purpose)) for purpose in ("any", *PURPOSES)},
        },
    }
    write_json(rows, report)
    log.info("%d files looked at, %d faults, %d notes", len(looks), len(faults), len(notes))
