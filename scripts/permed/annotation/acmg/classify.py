"""The class of each variant, from all criteria that data or a reviewer decide."""

from dataclasses import dataclass, field

import polars as pl

from permed.annotation.acmg.frequency import Frequencies, ba1, bs1, bs2, pm2
from permed.annotation.acmg.given import with_genes
from permed.annotation.acmg.inframe import bp3, in_repeats, pm4
from permed.annotation.acmg.missense import (
    bp1,
    compare_changes,
    has_pathogenic_before,
    in_hot_spots,
    known_changes,
    pm1,
    pm5,
    pp2,
    ps1,
)
from permed.annotation.acmg.null_variants import pvs1
from permed.annotation.acmg.points import limited, own_class, summed
from permed.annotation.acmg.predictions import bp4, bp7, pp3
from permed.annotation.acmg.reviewer import reviewed
from permed.annotation.acmg.sites import Sources, standard_sites, worth_classifying
from permed.annotation.acmg.undecided import undecided
from permed.evidence.intervals import Intervals

LEADING = ("contig", "pos", "ref", "alt", "key", "gene", "transcript", "hgvs_c", "hgvs_p", "consequence")
VERDICT = ("classification", "points", "criteria", "evidence", "not_assessed")
OWN = ("own_classification", "classified_by", "classification_reason")
CLINVAR = ("significance", "stars", "conflicting", "conditions", "variation_id", "class", "note")
FREQUENCY = ("state", "af", "filtering_af")
SLICE = 1 << 17


@dataclass(frozen=True)
class Given:
    """The user's tables as :mod:`permed.annotation.acmg.given` reads them, None without; ``repeats`` of the contig."""

    rules: pl.DataFrame | None = None
    constraint: pl.DataFrame | None = None
    dosage: pl.DataFrame | None = None
    hot_spots: pl.DataFrame | None = None
    repeats: Intervals | None = None
    review: pl.DataFrame | None = None


@dataclass(frozen=True)
class Settings:
    """``min_stars`` of ClinVar for a comparison and, unless None, to stand in for our class."""

    frequencies: Frequencies = field(default_factory=Frequencies)
    min_stars: int | None = 2


def classify(
    annotation: pl.DataFrame, sources: Sources, given: Given, settings: Settings, known: pl.DataFrame | None = None
) -> pl.DataFrame:
    """One row a variant of a contig's annotation that is worth a class, with its criteria and their evidence.

    ``known`` are the changes of residues that ClinVar as a whole calls pathogenic (``known_changes``); without it only
    those of the annotation are compared, and PS1 and PM5 stay open where none is found.
    """
    every = standard_sites(annotation, sources)
    stars = 2 if settings.min_stars is None else settings.min_stars
    changes = known_changes(every, stars) if known is None else known
    sites = worth_classifying(every, given.review)
    parts = [_classified(part, sources, given, settings, changes, known is not None) for part in _slices(sites)]
    return pl.concat(parts)


def _slices(sites: pl.DataFrame) -> list[pl.DataFrame]:
    """Parts of so many rows that their evidence does not need much memory; one of none where there are none."""
    return list(sites.iter_slices(SLICE)) or [sites]


def _classified(
    sites: pl.DataFrame, sources: Sources, given: Given, settings: Settings, changes: pl.DataFrame, complete: bool
) -> pl.DataFrame:
    sites = with_genes(sites, given.rules, given.constraint, given.dosage)
    sites = sites.with_columns(
        *compare_changes(sites, changes),
        *in_hot_spots(sites, given.hot_spots),
        has_pathogenic_before(sites, changes).alias("upstream_pathogenic"),
        in_repeats(sites, given.repeats),
    )
    evidence = limited(reviewed(sites, _evidence(sites, sources, given, settings, complete), given.review))
    table = pl.concat([sites, summed(evidence), undecided(sites, evidence)], how="horizontal")
    own, reason = own_class()
    table = table.with_columns(own_classification=own, _reason=reason)
    return _with_clinvar(table, settings.min_stars).select(
        *LEADING,
        *VERDICT,
        *OWN,
        *(f"clinvar_{name}" for name in CLINVAR),
        *(f"frequency_{name}" for name in FREQUENCY),
    )


def _evidence(sites: pl.DataFrame, sources: Sources, given: Given, settings: Settings, complete: bool) -> dict:
    frequency, clinvar = sources.shown.get("frequency"), sources.shown.get("clinvar")
    verdicts = [
        pvs1(sites),
        ps1(sites, complete, clinvar),
        pm1(sites, given.hot_spots is not None),
        pm2(sites, settings.frequencies, frequency),
        pm4(sites),
        pm5(sites, complete, clinvar),
        pp2(sites),
        pp3(sites, sources.predictor, sources.shown),
        ba1(sites, settings.frequencies, frequency),
        bs1(sites, settings.frequencies, frequency),
        bs2(sites, settings.frequencies, frequency),
        bp1(sites),
        bp3(sites),
        bp4(sites, sources.predictor, sources.shown),
        bp7(sites, sources.shown),
    ]
    return {verdict.name: verdict for verdict in verdicts}


def _with_clinvar(table: pl.DataFrame, min_stars: int | None) -> pl.DataFrame:
    """``classification``, ``classified_by`` and ``classification_reason``: ours, or ClinVar's with stars enough."""
    stands = pl.col("clinvar_class").is_not_null() & (pl.col("clinvar_stars") >= pl.lit(min_stars, pl.Int64))
    stands = stands.fill_null(False)
    said = pl.format("ClinVar, {} stars: {}", "clinvar_stars", "clinvar_significance")
    differs = pl.col("own_classification") != pl.col("clinvar_class")
    ours = pl.format("; our criteria alone: {} ({})", "own_classification", "_reason")
    told = pl.concat_str(said, pl.when(differs).then(ours), separator="", ignore_nulls=True)
    return table.with_columns(
        classification=pl.when(stands).then("clinvar_class").otherwise("own_classification"),
        classified_by=pl.when(stands).then(pl.lit("clinvar")).otherwise(pl.lit("own")),
        classification_reason=pl.when(stands).then(told).otherwise("_reason"),
    )
