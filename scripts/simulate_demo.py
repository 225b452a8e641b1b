"""Simulate the demo cohort with its reference, gene models, scores and planted truth."""

from pathlib import Path

from permed.demo.cohort import N_SITES, simulate
from permed.demo.files import write_cohort, write_gzip
from permed.demo.findings import callable_bed, gene_lists, write_sources
from permed.demo.frequencies import to_frequency_table
from permed.demo.genes import to_gff3
from permed.demo.panel import write_panel_files
from permed.demo.people import simulated_people
from permed.demo.pharmacogenes import read_definitions
from permed.demo.reference import write_reference
from permed.demo.scores import to_scoring_file
from permed.demo.truth import truth_tables
from permed.genome import lengths
from permed.step import log, step
from permed.tables import read_table, write_table, write_text


@step
def simulate_demo(
    people: Path,
    genes_table: Path,
    positions: Path,
    alleles: Path,
    allele_variants: Path,
    *,
    reference: Path,
    reference_fai: Path,
    reference_gzi: Path,
    cohort: Path,
    cohort_index: Path,
    genes: Path,
    frequencies: Path,
    callable_regions: Path,
    clinvar: Path,
    population: Path,
    secondary: Path,
    recessive: Path,
    gene_phenotypes: Path,
    score_passing: Path,
    score_failing: Path,
    panel: Path,
    panel_index: Path,
    panel_labels: Path,
    truth: list[Path],
    seed: int,
    n_sites: int = N_SITES,
) -> None:
    """Simulate the demo: reference, cohort, panel, databases, gene models and lists, two scores, and the truth."""
    definitions = read_definitions(*map(read_table, (genes_table, positions, alleles, allele_variants)))
    demo = simulate(simulated_people(read_table(people)), definitions, lengths("GRCh38"), seed, n_sites)
    log.info("%d records of %d people", len(demo.sites), len(demo.columns))
    write_reference(demo.islands, reference, reference_fai, reference_gzi)
    write_cohort(demo, cohort, cohort_index)
    write_panel_files(demo, seed, panel, panel_index, panel_labels)
    write_gzip(to_gff3(demo.genes, demo.lengths), genes)
    write_gzip(to_frequency_table(demo), frequencies)
    write_text(callable_bed(demo.genes, demo.lengths), callable_regions)
    write_sources(demo, clinvar, population)
    lists = gene_lists()
    for name, path in (("secondary", secondary), ("recessive", recessive)):
        write_table(lists[name], path)
    write_text(lists["phenotypes"].write_csv(separator="\t"), gene_phenotypes)
    for path, (name, variants) in zip((score_passing, score_failing), demo.scores.items(), strict=True):
        write_gzip(to_scoring_file(name, variants), path)
    tables = truth_tables(demo)
    for path in truth:
        write_table(tables[path.stem], path)
