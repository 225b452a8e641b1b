"""The class of each variant after ACMG/AMP, with the evidence of every criterion."""

from pathlib import Path

import polars as pl

from permed.annotation.acmg.classify import Given, Settings, classify
from permed.annotation.acmg.frequency import Frequencies
from permed.annotation.acmg.given import read_constraint, read_dosage, read_gene_rules, read_hot_spots, read_review
from permed.annotation.acmg.sites import choose_sources
from permed.evidence.blocks import read_callable
from permed.step import log, step
from permed.tables import read_json, read_table, write_table


@step
def classify_variants(
    annotations: list[Path],
    contigs: list[str],
    build_name: str,
    settings: dict,
    *,
    classified: Path,
    abouts: list[Path] | None = None,
    known: list[Path] | None = None,
    gene_rules: Path | None = None,
    constraint: Path | None = None,
    dosage: Path | None = None,
    hot_spots: Path | None = None,
    repeats: Path | None = None,
    reviewer: Path | None = None,
) -> None:
    """Write the classes of the variants of ``annotations``, one of each of ``contigs``.

    ``abouts`` are the descriptions of the databases, ``known`` the changes of residues that ClinVar calls pathogenic on
    each contig, without which only those of the cohort are compared, ``settings`` the configuration's
    ``annotation.classification``; the other files are the user's tables, where given.
    """
    names = {role: settings.get(role) for role in ("frequency", "clinvar", "predictor", "splicing")}
    sources = choose_sources([read_json(path) for path in abouts or []], names)
    stars = settings.get("min_stars")
    limits = {name: settings[name] for name in ("ba1", "bs1", "pm2") if name in settings}
    wanted = Settings(Frequencies(**limits, build=build_name), stars)
    tables = {
        "rules": gene_rules and read_gene_rules(gene_rules),
        "constraint": constraint and read_constraint(constraint),
        "dosage": dosage and read_dosage(dosage),
        "hot_spots": hot_spots and read_hot_spots(hot_spots),
        "review": reviewer and read_review(reviewer),
    }
    parts = []
    changes = [read_table(path) for path in known] if known else [None] * len(contigs)
    for contig, path, of_contig in zip(contigs, annotations, changes, strict=True):
        given = Given(**tables, repeats=read_callable(repeats, contig) if repeats else None)
        parts.append(classify(read_table(path), sources, given, wanted, of_contig))
    table = pl.concat(parts)
    write_table(table, classified)
    if reviewer:
        used = tables["review"].join(table, on=["key", "ref", "alt"], how="semi")
        log.info("%d of %d reviewer's verdicts are on variants of the cohort", len(used), len(tables["review"]))
    counts = table["classification"].value_counts().sort("classification")
    log.info("%d variants: %s", len(table), ", ".join(f"{n} {name}" for name, n in counts.iter_rows()))
