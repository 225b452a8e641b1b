"""A small run as earlier stages leave it: three people, each state of a call, a score that passes, one that fails."""

import json
from pathlib import Path

import polars as pl
import pytest

from advise_drugs import advise_drugs
from permed.findings.asked import TOLD_SCHEMA
from permed.findings.carriers import COUPLE_SCHEMA
from permed.findings.genes import SCHEMA as GENE_SCHEMA
from permed.findings.table import findings_table
from permed.pharmacogenes.evidence.rows import SCHEMA

RESOURCES = Path(__file__).parents[3] / "resources"
CONSENTS = {
    "ANNA-01": ("pharmacogenes", "scores", "findings"),
    "BEN_02": ("pharmacogenes",),
    "CLEO.03": ("scores",),
}
MISSING = [f"rs{n}" for n in range(100, 120)]
CALL = {
    "diplotype": None,
    "activity_score": None,
    "phenotype": None,
    "alternatives": None,
    "missing_positions": None,
    "reason": None,
    "research": False,
    "phenotype_certain": False,
    "probabilities": None,
    "phase_source": "none",
    "table_version": "2025-11-05-00-25",
    "research_combinations": None,
    "origin": "variants",
    "also_carried": None,
}
CALLS = [
    {
        "gene": "CYP2C19",
        "state": "called",
        "diplotype": "*2/*2",
        "phenotype": "Poor Metabolizer",
        "reason": "All 35 positions were read.",
    },
    {
        "gene": "CYP2C9",
        "state": "called",
        "diplotype": "*1/*1",
        "activity_score": "2.0",
        "phenotype": "Normal Metabolizer",
        "missing_positions": "rs1,rs2",
        "reason": "2 of 80 positions were not read, but could not change the result.",
    },
    {
        "gene": "CYP2B6",
        "state": "multiple",
        "diplotype": "*1/*6 OR *4/*9",
        "phenotype": "Intermediate Metabolizer",
        "reason": "2 diplotypes explain the genotypes equally well.",
        "probabilities": "*1/*6 0.96; *4/*9 0.04 (Korean, a source)",
    },
    {
        "gene": "NAT2",
        "state": "multiple",
        "diplotype": "*4/*5 OR *6/*7",
        "phenotype": "Normal Metabolizer OR Poor Metabolizer",
    },
    {
        "gene": "TPMT",
        "state": "not_assessable",
        "diplotype": "*1/*1",
        "activity_score": "2.0",
        "phenotype": "Normal Metabolizer",
        "alternatives": "*1/*3A; *1/*3C; and up to 40 more",
        "missing_positions": ",".join(MISSING),
        "reason": "20 of 43 positions were not read and could change the result.",
    },
    {
        "gene": "SLCO1B1",
        "state": "no_call",
        "activity_score": None,
        "phenotype": "Decreased Function",
        "reason": "The genotypes fit no pair of known alleles of SLCO1B1. Function is taken from rs4149056 alone.",
    },
    {"gene": "UGT1A1", "state": "no_call", "reason": "The genotypes fit no pair of known alleles of UGT1A1."},
    {
        "gene": "CYP2D6",
        "state": "called",
        "diplotype": "*1/*4",
        "activity_score": "1.0",
        "phenotype": "Intermediate Metabolizer",
        "research": True,
        "reason": "Copy number and hybrid genes were not seen: for research only.",
    },
    {"gene": "RYR1", "state": "called", "diplotype": "Reference/Reference", "phenotype": "Uncertain Susceptibility"},
    {"gene": "IFNL3", "state": "called", "diplotype": "A/B", "phenotype": "n/a"},
]
QUALITY = {
    "reasons": "",
    "call_rate": 0.9962,
    "het_rate": 0.1834,
    "inbreeding": -0.0123,
    "ti_tv": 2.07,
    "sex_reported": "XX",
    "sex_inferred": "XX",
    "contamination": None,
    "population": None,
    "n_sites": 48211,
    "x_inbreeding": 0.02,
    "not_assessable": "contamination: not measured in this version; population: not measured in this version",
}
THRESHOLDS = {
    "fail_call_rate": 0.95,
    "warn_call_rate": 0.98,
    "het_rate_deviations": 5,
    "max_inbreeding": 0.2,
    "min_ti_tv": 1.8,
    "max_ti_tv": 3.3,
    "max_xx_inbreeding": 0.2,
    "min_xy_inbreeding": 0.8,
    "min_cohort": 10,
    "min_sites": 100,
}
MATCHES = [
    {
        "score": "PGS1",
        "variants": 77,
        "matched": 70,
        "match_rate": 70 / 77,
        "ambiguous": 3,
        "flipped": 1,
        "absent": 4,
        "not_scorable": 0,
        "status": "found",
        "license": "CC BY 4.0",
        "citation": "Mavaddat N et al. (2015)",
        "name": "PRS77",
        "trait": "Breast cancer",
        "reason": None,
    },
    {
        "score": "PGS2",
        "variants": 1000,
        "matched": 400,
        "match_rate": 0.4,
        "ambiguous": 100,
        "flipped": 0,
        "absent": 480,
        "not_scorable": 20,
        "status": "not_assessable",
        "license": None,
        "citation": None,
        "name": None,
        "trait": None,
        "reason": None,
    },
]


EVIDENCE_ROWS = [
    {
        "gene": "CYP2C19",
        "kind": "variant",
        "position": "rs4244285",
        "contig": "chr10",
        "pos": 94781859,
        "genotype": "A/A",
        "depth": 33,
        "allele_depths": "G 0, A 33",
        "supports": "*2",
    },
    {"gene": "CYP2C19", "kind": "reference", "positions": 34},
    {
        "gene": "CYP2C19",
        "kind": "diplotype",
        "diplotype": "*2/*2",
        "score": 8,
        "behind": 0,
        "phenotype": "Poor Metabolizer",
    },
]


FINDING = {
    "gene": "DEMO1",
    "hgvs_c": "DEMO1T1.1:c.12C>T",
    "hgvs_p": "DEMO1T1P:p.(Arg4Ter)",
    "zygosity": "heterozygous",
    "classification": "pathogenic",
    "points": 10,
    "criteria": "PVS1,PM2",
    "condition": "first condition",
    "inheritance": "AD",
    "reportable": "yes",
    "reason": "one of two copies of the gene carries the variant",
    "list": "secondary",
    "confirm": True,
    "confirm_reason": "6 reads, fewer than 10",
    "list_source": "a list",
    "contig": "chr1",
    "pos": 112,
    "ref": "C",
    "alt": "T",
    "classified_by": "clinvar",
    "clinvar_significance": "Pathogenic",
    "clinvar_stars": 2,
}
STATES = [
    ("DEMO1", "found", 0.99, FINDING["reason"]),
    ("DEMO2", "absent", 0.973, "nothing"),
    ("DEMO3", "not_assessable", 0.5, "50.0 % of the coding bases were looked at"),
]


def write_findings(folder: Path, consents) -> None:
    """One finding, and one carrier variant, for everybody who agreed; three genes of each list."""
    (folder / "findings").mkdir(exist_ok=True)
    purposes = {"secondary": "findings", "carriers": "carriers"}
    told = [(sample, name) for sample, agreed in consents.items() for name, p in purposes.items() if p in agreed]
    rows = [FINDING | {"sample": sample, "list": name, "confirm": name == "secondary"} for sample, name in told]
    findings_table(rows).write_parquet(folder / "findings/findings.parquet")
    states = [(s, gene, name, state, share, why, "gvcf") for s, name in told for gene, state, share, why in STATES]
    pl.DataFrame(states, schema=GENE_SCHEMA, orient="row").write_parquet(folder / "findings/genes.parquet")
    terms = [("seizure", "HP:0001250", "Seizure", None, "exact", 120, 100)]
    terms += [("fits", None, None, "it is no term", "exact", 120, 100)]
    words = [(sample, *term) for sample, agreed in consents.items() if "findings" in agreed for term in terms]
    pl.DataFrame(words, schema=TOLD_SCHEMA, orient="row").write_parquet(folder / "findings/phenotypes.parquet")
    pairs = [("F1", "ANNA-01", "DEE.04", "DEMO1", "first condition", "AR", "both carry")]
    pl.DataFrame(pairs, schema=COUPLE_SCHEMA, orient="row").write_parquet(folder / "findings/couples.parquet")


def write_run(
    folder: Path, consents=CONSENTS, calls=CALLS, quality=None, evidence=EVIDENCE_ROWS, medications=""
) -> Path:
    """Write a run's tables below ``folder`` and give it. ``quality`` maps a sample to values that differ."""
    quality = quality or {}
    for name in ("checks/consent", "genotypes", "quality", "variants", "annotation", "scores", "pharmacogenes"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for purpose in ("any", "pharmacogenes", "scores", "findings", "carriers", "research"):
        people = [sample for sample, agreed in consents.items() if purpose in agreed or (purpose == "any" and agreed)]
        (folder / f"checks/consent/{purpose}.txt").write_text("".join(f"{name}\n" for name in people))
    checked = {
        "status": "pass",
        "faults": [],
        "notes": ["1 people in the genotype files are not in the sample sheet: left out, without consent"],
        "build": "GRCh38",
        "reference": "data/GRCh38.fa.gz",
        "absent_sites": "missing",
        "files": [],
        "people": {"sheet": len(consents) + 1, "not_in_sheet": 1, "consent": {"any": len(consents)}},
    }
    (folder / "checks/inputs.json").write_text(json.dumps(checked))
    people = [
        {"sample": sample, "sex": "XX", "birth_year": 1970, "consent": ",".join(agreed)} | {"medications": medications}
        for sample, agreed in consents.items()
    ]
    unsaid = {"height_cm": pl.Float64, "weight_kg": pl.Float64, "population": pl.String, "phenotypes": pl.String}
    sheet = pl.DataFrame(people).with_columns(pl.lit(None, kind).alias(name) for name, kind in unsaid.items())
    sheet.write_parquet(folder / "genotypes/samples.parquet")
    rows = [{"sample": sample, "status": "pass", **QUALITY, **quality.get(sample, {})} for sample in consents]
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("contamination").cast(pl.Float64), pl.col("population").cast(pl.String)
    )
    frame.write_parquet(folder / "quality/samples.parquet")
    rows = [
        {"sample": sample, **CALL, **call}
        for sample, agreed in consents.items()
        if "pharmacogenes" in agreed
        for call in calls
    ]
    columns = {"sample": pl.String, "gene": pl.String, "state": pl.String} | dict.fromkeys(CALL, pl.String)
    columns |= {"research": pl.Boolean, "phenotype_certain": pl.Boolean}
    pl.DataFrame(rows, schema=columns).write_parquet(folder / "pharmacogenes/calls.parquet")
    advise_drugs(
        folder / "pharmacogenes/calls.parquet",
        folder / "genotypes/samples.parquet",
        folder / "checks/consent/pharmacogenes.txt",
        sorted((RESOURCES / "drugs").glob("*.tsv")),
        RESOURCES / "pharmacogenes/phenotypes.tsv",
        [RESOURCES / "drugs/medicines.tsv"],
        [RESOURCES / "drugs/dosing.tsv"],
        advice=folder / "pharmacogenes/advice.parquet",
        doses=folder / "pharmacogenes/doses.parquet",
        entries=folder / "pharmacogenes/medicines.parquet",
    )
    rows = [
        dict.fromkeys(SCHEMA) | {"sample": sample} | row
        for sample, agreed in consents.items()
        if "pharmacogenes" in agreed
        for row in evidence
    ]
    pl.DataFrame(rows, schema=SCHEMA).write_parquet(folder / "pharmacogenes/evidence.parquet")
    pl.DataFrame(MATCHES, infer_schema_length=None).write_parquet(folder / "scores/matches.parquet")
    rows = [
        {
            "sample": sample,
            "score": "PGS1",
            "sum": -1.25,
            "denominator": 140,
            "average": -1.25 / 140,
            "z": None,
            "percentile": float("nan"),
            "population": None,
            "absolute_risk": None,
            "population_risk": None,
            "status": "found",
            "n_missing": 2,
            "imputed": 0,
            "reason": None,
        }
        for sample, agreed in consents.items()
        if "scores" in agreed
    ]
    columns = {"sample": pl.String, "score": pl.String, "sum": pl.Float64, "denominator": pl.Float64}
    columns |= dict.fromkeys(("average", "z", "percentile", "absolute_risk", "population_risk"), pl.Float64)
    columns |= {"population": pl.String, "status": pl.String, "n_missing": pl.Int64, "imputed": pl.Int64}
    pl.DataFrame(rows, schema=columns | {"reason": pl.String}).write_parquet(folder / "scores/scores.parquet")
    write_findings(folder, consents)
    for contig, kept in (("chr1", 1200), ("chr2", 800)):
        counts = {"contig": contig, "reference": True, "read": kept + 10, "split": 4, "left_aligned": 2}
        counts |= {"duplicates": 1, "unchecked": 5, "kept": kept}
        (folder / f"variants/{contig}.json").write_text(json.dumps(counts))
        rows = {"contig": [contig] * 2, "consequence": ["missense", "synonymous"]}
        pl.DataFrame(rows).write_parquet(folder / f"annotation/{contig}.parquet")
    return folder


@pytest.fixture
def make_run(tmp_path):
    """Write a run below a folder of the given name; takes what :func:`write_run` takes."""
    return lambda name="results", **changes: write_run(tmp_path / name, **changes)


@pytest.fixture
def run(make_run) -> Path:
    """A run's results folder before the reports."""
    return make_run()


@pytest.fixture
def step_inputs(root):
    """The named inputs of ``write_reports`` for a run's folder, as the rule gives them."""

    def inputs(folder: Path, **changes) -> dict:
        given = {
            "samples": folder / "genotypes/samples.parquet",
            "quality": folder / "quality/samples.parquet",
            "checks": folder / "checks/inputs.json",
            "consents": sorted((folder / "checks/consent").glob("*.txt")),
            "variant_counts": sorted((folder / "variants").glob("*.json")),
            "phenotypes": root / "resources/reports/phenotypes.tsv",
            "gene_notes": root / "resources/reports/gene_notes.tsv",
            "calls": folder / "pharmacogenes/calls.parquet",
            "evidence": folder / "pharmacogenes/evidence.parquet",
            "advice": folder / "pharmacogenes/advice.parquet",
            "doses": folder / "pharmacogenes/doses.parquet",
            "entries": folder / "pharmacogenes/medicines.parquet",
            "scores": folder / "scores/scores.parquet",
            "matches": folder / "scores/matches.parquet",
            "annotation": sorted((folder / "annotation").glob("*.parquet")),
            "findings": folder / "findings/findings.parquet",
            "finding_genes": folder / "findings/genes.parquet",
            "couples": folder / "findings/couples.parquet",
            "finding_phenotypes": folder / "findings/phenotypes.parquet",
            "knowledge": sorted((root / "resources/pharmacogenes").glob("*.tsv")),
            "index": folder / "reports/batch0001.tsv",
            "batch": pl.read_parquet(folder / "genotypes/samples.parquet")["sample"].to_list(),
            "formats": ["html", "json"],
            "thresholds": THRESHOLDS,
            "min_match": 0.75,
        }
        return given | changes

    return inputs
