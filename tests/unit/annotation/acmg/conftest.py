"""Annotated sites made by hand, one a test's question, with four databases or fewer."""

import polars as pl
import pytest

from permed.annotation.acmg.classify import Given, Settings, classify
from permed.annotation.acmg.frequency import Frequencies
from permed.annotation.acmg.missense import KNOWN
from permed.annotation.acmg.sites import choose_sources
from permed.variants import variant_keys

ABOUTS = [
    {"name": "gnomad", "role": "frequency", "title": "gnomAD", "release": "4.1", "predictor": None},
    {"name": "clinvar", "role": "clinvar", "title": "ClinVar", "release": "2026-11-01", "predictor": None},
    {"name": "revel", "role": "predictor", "title": "REVEL", "release": None, "predictor": "revel"},
    {"name": "spliceai", "role": "splicing", "title": "SpliceAI", "release": None, "predictor": None},
]
KINDS = {
    "gene": pl.String,
    "transcript": pl.String,
    "consequence": pl.String,
    "hgvs_c": pl.String,
    "hgvs_p": pl.String,
    "amino_acid_change": pl.String,
    "mane": pl.String,
    "canonical": pl.Boolean,
    "exons": pl.Int64,
    "nmd": pl.String,
    "nmd_reason": pl.String,
    "protein_position": pl.Int64,
    "protein_lost": pl.Float64,
    "start_lost_rescue": pl.Int64,
    "splice_site": pl.String,
    "splice_distance": pl.Int64,
    "skipped_exon": pl.Int64,
    "skipped_in_frame": pl.Boolean,
    "skipped_share": pl.Float64,
    "gnomad_state": pl.String,
    "gnomad_af": pl.Float64,
    "gnomad_ac": pl.Int64,
    "gnomad_an": pl.Int64,
    "gnomad_homozygotes": pl.Int64,
    "gnomad_hemizygotes": pl.Int64,
    "gnomad_filtering_af": pl.Float64,
    "gnomad_filters": pl.String,
    "clinvar_state": pl.String,
    "clinvar_significance": pl.String,
    "clinvar_stars": pl.Int64,
    "clinvar_conflicting": pl.String,
    "clinvar_conditions": pl.String,
    "clinvar_variation_id": pl.String,
    "clinvar_origin": pl.String,
    "revel_state": pl.String,
    "revel_score": pl.Float64,
    "spliceai_state": pl.String,
    "spliceai_score": pl.Float64,
}
USUAL = {
    "contig": "chr1",
    "pos": 1000,
    "ref": "A",
    "alt": "G",
    "gene": "G1",
    "transcript": "T1",
    "consequence": "missense",
    "amino_acid_change": "10A>10T",
    "mane": "select",
    "canonical": True,
    "exons": 10,
    "gnomad_state": "absent",
    "clinvar_state": "absent",
    "revel_state": "not_covered",
    "spliceai_state": "not_covered",
}


def annotation(*rows: dict) -> pl.DataFrame:
    """Rows that differ from :data:`USUAL` as given, at positions of their own unless given."""
    full = [{**dict.fromkeys(KINDS), **USUAL, "pos": 1000 + 100 * n, **row} for n, row in enumerate(rows)]
    schema = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String, **KINDS}
    frame = pl.DataFrame(full, schema=schema)
    return frame.with_columns(key=pl.Series(variant_keys(frame)))


def _found(af: float, **more) -> dict:
    """What gnomAD gives of a variant."""
    values = {"af": af, "filtering_af": af, "an": 100_000, "ac": round(af * 100_000), "filters": "PASS", **more}
    return {"gnomad_state": "found", **{f"gnomad_{name}": value for name, value in values.items()}}


def _rules(*rows: tuple) -> pl.DataFrame:
    """Gene rules of ``gene criterion use threshold strength``, as ``read_gene_rules`` gives them."""
    wide = pl.DataFrame({"gene": list(dict.fromkeys(row[0] for row in rows))})
    for gene, criterion, *values in rows:
        parts = dict(zip(("use", "threshold", "strength"), values, strict=True))
        for part, value in [*parts.items(), ("source", "a panel")]:
            name = f"rule_{criterion}_{part}"
            text = None if value is None else str(value)
            new = pl.when(pl.col("gene") == gene).then(pl.lit(text, pl.String))
            wide = wide.with_columns((new.otherwise(pl.col(name)) if name in wide.columns else new).alias(name))
    return wide


@pytest.fixture
def found():
    """What gnomAD gives of a variant of a frequency."""
    return _found


@pytest.fixture
def rules():
    """Gene rules from tuples of gene, criterion, use, threshold, strength."""
    return _rules


@pytest.fixture
def without():
    """The databases but those of a role."""
    return lambda role: [about for about in ABOUTS if about["role"] != role]


@pytest.fixture
def compared():
    """What all of ClinVar knows of the residues: no pathogenic change."""
    return pl.DataFrame(schema=KNOWN)


@pytest.fixture
def annotated():
    """The annotation of rows that differ from the usual one as given."""
    return annotation


@pytest.fixture
def judged():
    """Classify rows; give the classes, each with its verdicts by criterion under ``verdicts``."""

    def make(*rows, abouts=ABOUTS, build="GRCh38", ba1=0.05, bs1=0.01, pm2=None, min_stars=2, known=None, **given):
        sources = choose_sources(abouts, {})
        settings = Settings(Frequencies(ba1, bs1, pm2, build), min_stars)
        table = classify(annotation(*rows), sources, Given(**given), settings, known)
        return [row | {"verdicts": {e["criterion"]: e for e in row["evidence"]}} for row in table.iter_rows(named=True)]

    return make


@pytest.fixture
def verdict(judged):
    """The state and strength of one criterion of one row."""

    def make(criterion, row, **options):
        said = judged(row, **options)[0]["verdicts"][criterion]
        return said["state"], said["strength"]

    return make
