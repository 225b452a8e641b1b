"""Findings for each person who agreed: what is reported of which genes, and of which genes nothing can be said."""

from pathlib import Path

import polars as pl

from permed.findings.asked import read_asked
from permed.findings.carriers import couples
from permed.findings.cohort import find
from permed.findings.coverage import ASSUMED
from permed.findings.details import Limits
from permed.findings.elsewhere import classified_elsewhere
from permed.findings.family import Family, parents
from permed.findings.genes import gene_states
from permed.genotypes.store import GenotypeStore
from permed.sexes import sexes_of
from permed.step import log, step
from permed.tables import read_table, write_table
from permed.withholding import withheld


@step
def find_reportable(
    classified: Path,
    genotypes: list[Path],
    variants: list[Path],
    samples: Path,
    quality: Path,
    coverage: list[Path],
    consent_findings: Path,
    consent_carriers: Path,
    contigs: list[str],
    *,
    findings: Path,
    genes: Path,
    couples_table: Path,
    told: Path,
    secondary: Path | None = None,
    carriers: Path | None = None,
    phenotypes: Path | None = None,
    ontology: Path | None = None,
    touched: list[Path] | None = None,
    kinship: Path | None = None,
    compounds: Path | None = None,
    build: str = "GRCh38",
    min_coverage: float = 0.9,
    min_allele_balance: float = 0.25,
    min_depth: int = 10,
    min_genotype_quality: int = 20,
) -> None:
    """Write the findings, what is known of each listed gene, and couples who carry variants of one recessive gene.

    ``genotypes``, ``variants`` and ``coverage`` have one file a contig of ``contigs``. ``secondary``, ``carriers`` and
    ``phenotypes`` are the lists; nothing is told of one that is not given, nor to people who did not agree. With an
    ``ontology`` terms of phenotypes match more general and more special ones too; ``told`` has what was made of each.
    ``touched`` are the tables of variants on transcripts: a pathogenic variant of one gene may change another one too.
    ``compounds`` tells what variants do together in a person. ``kinship`` tells parents: their genotypes phase a
    child's if they agreed to findings themselves and passed quality control.
    """
    asked = read_asked(samples, consent_findings, consent_carriers, secondary, carriers, phenotypes, ontology)
    judged, people = read_table(quality), read_table(samples)
    sexes = sexes_of(judged)
    held = {name: why for name, why in withheld(quality).items() if name in set(asked.people)}
    looked = pl.concat([read_table(path) for path in coverage])
    family = None
    if kinship:
        usable = set(asked.findings) - {*held, *judged.filter(status="fail")["sample"]}
        assumed = looked.filter(basis=ASSUMED)["sample"].unique()
        read = frozenset(looked.filter(~pl.col("sample").is_in(assumed.implode()))["sample"])
        family = Family(parents(read_table(kinship), people, sexes, usable), read)
    classes = read_table(classified)
    table, carrier_rows, open_genes = find(
        asked,
        classes,
        GenotypeStore.open(genotypes, samples),
        dict(zip(contigs, variants, strict=True)),
        held,
        sexes,
        build,
        Limits(min_depth, min_genotype_quality, min_allele_balance),
        read_table(compounds) if compounds else None,
        family,
        classified_elsewhere(classes, touched or [], asked.genes),
    )
    write_table(table, findings)
    write_table(gene_states(asked.rows(), looked, table, open_genes, held, min_coverage), genes)
    families = dict(people.select("sample", "family").iter_rows())
    pairs = couples(carrier_rows, families, read_table(kinship) if kinship else None)
    write_table(pairs, couples_table)
    write_table(asked.told.filter(~pl.col("sample").is_in(list(held))), told)
    unknown = asked.told["term"].null_count()
    if unknown:
        log.info("%d phenotypes of the sample sheet are no terms of the table of phenotypes", unknown)
    log.info("%d findings of %d people", len(table), table["sample"].n_unique())
