# Needs the configuration and the sample sheet; makes the names that the other rule files use. The only reader of both.

import json
import sys
from hashlib import sha256
from itertools import chain
from pathlib import Path
from re import escape

import yaml
from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.current_basedir.join("..").get_path_or_uri(secret_free=True)).resolve()
sys.path.insert(0, str(ROOT / "scripts"))

from permed.annotation.sources.about import about_path
from permed.annotation.sources.addresses import contigs_with_addresses, source_downloads
from permed.annotation.sources.mapping import mapping_path
from permed.errors import Fault
from permed.findings.lists import SHIPPED
from permed.inputs.annotation_files import EVERYWHERE, database_of, source_regions
from permed.inputs.built_sources import is_own, own_faults
from permed.inputs.config import complete_config, read_schema
from permed.inputs.config_text import duplicate_keys
from permed.inputs.files import companions, contigs_with_files, expand_genotypes, fault_lines, files_of_contig
from permed.inputs.files import check_outdir, killed_lines, of_samples, outside_files, panel_sites, place_name
from permed.inputs.files import source_files, told_lines
from permed.observations.presets import absent_sites_of, bounds_of
from permed.quality.ancestry.folders import genotype_faults
from permed.quality.thresholds import group_faults, group_preset
from permed.samples import PURPOSES, batches, consenting, read_samples
from permed.scores.train.settings import Settings, training_faults, training_files

# A user's configuration replaces the demo's; only the folder of the results may be set for the demo.
DEMO = not set(config) - {"outdir"}
DEMO_CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8")) if DEMO else {}
CONFIG_NAME = ", ".join(map(str, workflow.overwrite_configfiles or [])) or ("config/config.yaml" if DEMO else "config")
SETTINGS, FAULTS = complete_config(
    {**DEMO_CONFIG, **config}, read_schema(ROOT / "config/schemas/config.schema.yaml"), CONFIG_NAME
)
# Snakemake has read the files already; of a module's configuration no file is known, and nothing is looked at.
FAULTS += [fault for file in workflow.overwrite_configfiles or [] for fault in duplicate_keys(file)]


def resource(path):
    """A file of the knowledge tables."""
    return str(ROOT / "resources" / path)


def code(*packages):
    """Digest of the library's modules and these packages, so that editing one reruns what depends on it."""
    library = ROOT / "scripts" / "permed"
    files = chain(library.glob("*.py"), *((library / name).rglob("*.*") for name in packages))
    kept = sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts)
    return sha256(b"".join(path.read_bytes() for path in kept)).hexdigest()[:12]


def one_of(names):
    """A wildcard's constraint to these names; nothing fits where there are none."""
    return "|".join(map(escape, names)) or "(?!)"


def memory(megabytes):
    """Memory that grows when a job is tried again."""
    return lambda wildcards, attempt: megabytes * attempt


def located(path):
    """The demo's own sheet and gene tables lie beside the workflow; everything else where the user says."""
    return str(ROOT / path) if DEMO and not Path(path).exists() and (ROOT / path).exists() else path


RESULTS = SETTINGS["outdir"].rstrip("/")
try:
    check_outdir(RESULTS)
except Fault as fault:
    raise WorkflowError(str(fault)) from None
# The genome
CONTIGS_NAMED = DEMO or (isinstance(config.get("genome"), dict) and "contigs" in config["genome"])
CONTIGS = [str(contig) for contig in SETTINGS["genome"]["contigs"]]
if not CONTIGS_NAMED:
    CONTIGS = contigs_with_files(SETTINGS["cohort"]["genotypes"], CONTIGS)
REFERENCE = SETTINGS["genome"]["reference"]
CHAIN = SETTINGS["genome"]["chain"]

# People and their genotypes
SHEET = located(SETTINGS["cohort"]["samples"] or "")
PEOPLE, sheet_faults = read_samples(SHEET) if SETTINGS["cohort"]["samples"] else ([], [])
FAULTS += sheet_faults
FAULTS += group_faults([(p.sample, p.group, p.line) for p in PEOPLE], SETTINGS["quality"], SHEET)
SAMPLES = consenting(PEOPLE, "any")
BATCHES = batches(SAMPLES)
PEDIGREE = SETTINGS["cohort"]["pedigree"]
GENOTYPES = expand_genotypes(SETTINGS["cohort"]["genotypes"], CONTIGS, SAMPLES)
FILTERS = SETTINGS["cohort"]["filters"]
BOUNDS = bounds_of(SETTINGS["cohort"], SETTINGS["quality"]["preset"], resource("observations/bounds.tsv"))
ASSAYS = {SETTINGS["quality"]["preset"], *(group_preset(SETTINGS["quality"], p.group) for p in PEOPLE)}
ABSENT_SITES = absent_sites_of(SETTINGS["cohort"], ASSAYS)
# Of a lifted file an absent site holds the other build's reference base, which nobody can know to be ours.
ABSENT_ON_BUILD = "missing" if CHAIN else ABSENT_SITES
CALLABLE = SETTINGS["cohort"]["callable"]
CALLABLE_FILES = of_samples(CALLABLE, SAMPLES)
ALIGNMENTS = SETTINGS["cohort"]["alignments"]
ALIGNMENT_FILES = of_samples(ALIGNMENTS, SAMPLES)
FREQUENCIES = SETTINGS["quality"]["frequencies"]

# The reference panel
BUILT_PANELS = {f"{name}.reference_panel": SETTINGS[name]["reference_panel"] for name in ("quality", "scores")}
PANEL_CONTIGS = contigs_with_files(SETTINGS["panel"]["genotypes"], CONTIGS)
PANEL_FILES = expand_genotypes(SETTINGS["panel"]["genotypes"], PANEL_CONTIGS, [])
PANEL_LABELS = SETTINGS["panel"]["labels"]
PANEL_BY_CONTIG = all(file.contig for file in PANEL_FILES)
OWN_PANEL = f"{RESULTS}/panel" if PANEL_FILES else None
PANEL = BUILT_PANELS["quality.reference_panel"] or OWN_PANEL
SCORES_PANEL = BUILT_PANELS["scores.reference_panel"] or PANEL

# Annotation, classes and findings
GENES = SETTINGS["annotation"]["genes"]
for source in SETTINGS["annotation"]["sources"].values():
    source["kind"] = located(source["kind"] or "") or None
SOURCES = SETTINGS["annotation"]["sources"] if GENES else {}
DOWNLOADS = {}
for name, source in SOURCES.items():
    DOWNLOADS[name], download_faults = source_downloads(name, source, CONTIGS)
    FAULTS += download_faults
OWN_SOURCES = f"{RESULTS}/annotation/sources"
BUILT_SOURCES = [name for name, source in SOURCES.items() if source["built"]]
FAULTS += own_faults(SOURCES, OWN_SOURCES)
SOURCE_REGIONS = source_regions(SOURCES)
CLASSIFICATION = SETTINGS["annotation"]["classification"]
CLINVAR = CLASSIFICATION["clinvar"] or database_of(SOURCES, "clinvar")
CLASSIFICATION_TABLES = ("gene_rules", "dosage", "constraint", "hot_spots", "repeats", "reviewer")
CLASSIFICATION_FILES = {name: CLASSIFICATION[name] for name in CLASSIFICATION_TABLES if GENES and CLASSIFICATION[name]}
SECONDARY, CARRIERS, PHENOTYPES, ONTOLOGY, PREVIOUS = (
    SETTINGS["findings"][name] for name in ("secondary", "carriers", "phenotypes", "ontology", "previous")
)

# Scores
SCORE_FILES = SETTINGS["scores"]["files"]
SCORE_COLUMNS = SETTINGS["scores"]["columns"]
CATALOG = [f"{accession}_hmPOS_{SETTINGS['genome']['build']}" for accession in SETTINGS["scores"]["catalog"]]
CATALOG_FILES = [f"<results>/scores/catalog/{name}.txt.gz" for name in CATALOG]
INCIDENCE = located(SETTINGS["scores"]["incidence"] or "") or None
TRAIN = SETTINGS["scores"]["train"]
FAULTS += training_faults(TRAIN)
TRAINED_FILES = collect("<results>/scores/trained/{trained}.{end}", trained=TRAIN, end=["txt.gz", "json"])
SCORES_TO_MATCH = SCORE_FILES + CATALOG_FILES + [path for path in TRAINED_FILES if path.endswith(".txt.gz")]
PANEL_SITES, panel_faults = panel_sites(SETTINGS["scores"]["strand_frequencies"], CONTIGS)
FAULTS += panel_faults

# Pharmacogenes
PHARMACOGENES = SETTINGS["pharmacogenes"]["genes"]
OUTSIDE = SETTINGS["pharmacogenes"]["outside_calls"]
OUTSIDE_FILES = outside_files(OUTSIDE, consenting(PEOPLE, "pharmacogenes"))
OWN_GENES = SETTINGS["pharmacogenes"]["own_genes"]
GENE_TABLES = (
    "genes positions spellings alleles allele_variants phenotypes unphased_priorities position_rules function_ranks"
).split()


def gene_table(name):
    """A table of genes: ours, or that with the user's own genes behind ours."""
    return f"<results>/pharmacogenes/tables/{name}.tsv" if OWN_GENES else resource(f"pharmacogenes/{name}.tsv")


PHARMACOGENE_TABLES = [gene_table(name) for name in GENE_TABLES] + [
    resource(f"pharmacogenes/{name}.tsv") for name in ("hla_alleles", "allele_spellings", "no_result_words")
]

STAGES = {
    "annotation": GENES is not None,
    "scores": bool(SCORES_TO_MATCH) and bool(consenting(PEOPLE, "scores")),
    "findings": GENES is not None and bool(consenting(PEOPLE, "findings") + consenting(PEOPLE, "carriers")),
    "ancestry": PANEL is not None,
    "pharmacogenes": PHARMACOGENES != [] and bool(consenting(PEOPLE, "pharmacogenes")),
}

if STAGES["scores"] and SCORES_PANEL and SCORES_PANEL != OWN_PANEL:
    FAULTS += genotype_faults(SCORES_PANEL)

DEMO_FILES = {
    name: f"data/demo/{path}"
    for name, path in {
        "reference": "reference.fa.gz",
        "reference_fai": "reference.fa.gz.fai",
        "reference_gzi": "reference.fa.gz.gzi",
        "cohort": "cohort.vcf.gz",
        "cohort_index": "cohort.vcf.gz.tbi",
        "genes": "genes.gff3.gz",
        "frequencies": "frequencies.tsv.gz",
        "callable_regions": "callable.bed",
        "clinvar": "clinvar.vcf.gz",
        "population": "gnomad.vcf.gz",
        "secondary": "findings/secondary.tsv",
        "recessive": "findings/recessive.tsv",
        "gene_phenotypes": "findings/genes_to_phenotype.txt",
        "score_passing": "scores/PGSDEMO1.txt.gz",
        "score_failing": "scores/PGSDEMO2.txt.gz",
        "panel": "panel/panel.vcf.gz",
        "panel_index": "panel/panel.vcf.gz.tbi",
        "panel_labels": "panel/labels.tsv",
    }.items()
}


def tracked(*paths):
    """Those of the user's files that exist or that the demo makes; absent ones are a fault that the checks report."""
    return [path for path in paths if path and (Path(path).is_file() or (DEMO and path in DEMO_FILES.values()))]


def linked(path):
    """Where one of the user's genotype files is taken to, as a link or written anew; our index lies beside it."""
    return f"<results>/variants/index/{place_name([file.path for file in GENOTYPES].index(path), path)}"


def lifted(path):
    """Where one of the user's genotype files lies on the run's build: lifted, or linked if it was of that build."""
    return f"<results>/variants/lifted/{[file.path for file in GENOTYPES].index(path):05d}.bcf"


def prepared(contig):
    """The indexed files that normalisation reads for a contig."""
    return [(lifted if CHAIN else linked)(path) for path in files_of_contig(GENOTYPES, contig)]


def downloaded(source):
    """The files of an annotation database that are downloaded."""
    return [f"<results>/annotation/downloads/{source}/{file}" for file in DOWNLOADS[source]]


def database_files(source):
    """The files of an annotation database: the user's, or those that are downloaded."""
    return downloaded(source) or source_files(SOURCES[source]["path"], CONTIGS)


def database_contigs(source):
    """The contigs of which an annotation database has files; of the others it says nothing, whatever its regions."""
    given = SOURCES[source]
    if given["path"]:
        return contigs_with_files(given["path"], CONTIGS)
    return contigs_with_addresses(given, CONTIGS)


def panel_parts(ending):
    """The panel's store: a contig's file where the user's files are of one contig each, else those of all."""
    path = f"<results>/panel/{{contig}}.{ending}"
    return path if PANEL_BY_CONTIG else collect(path, contig=PANEL_CONTIGS)


def panel_sources(wildcards):
    """The user's files of a contig of the panel, or of all."""
    contig = wildcards.get("contig")
    return files_of_contig(PANEL_FILES, contig) if contig else [file.path for file in PANEL_FILES]


def reference_files():
    """The reference under our own folder: a link to the user's FASTA with indexes that fit it; empty without one."""
    if not REFERENCE:
        return []
    packed = Path(REFERENCE).suffix in (".gz", ".bgz")
    name = "<results>/variants/index/reference.fa" + (".gz" if packed else "")
    return [name, f"{name}.fai"] + ([f"{name}.gzi"] if packed else [])


def strand_frequencies():
    """Tables of sites whose counts tell the strand of A/T and C/G variants; empty where these are left out."""
    if SETTINGS["scores"]["strand_frequencies"] == "cohort":
        return [f"<results>/genotypes/{contig}.sites.parquet" for contig in CONTIGS]
    return PANEL_SITES


PANEL_COMPANIONS = [path for file in PANEL_FILES for path in companions(file.path)]
COMPANIONS = [path for file in GENOTYPES for path in companions(file.path)]
USER_FILES = [
    SHEET,
    PEDIGREE,
    REFERENCE,
    CHAIN,
    GENES,
    FREQUENCIES,
    INCIDENCE,
    *SCORE_FILES,
    *(file.path for file in GENOTYPES),
]
for source in SOURCES.values():
    USER_FILES += [
        *source_files(source["path"] or [], CONTIGS),
        *([str(mapping_path(source["kind"]))] if source["kind"] else []),
    ]
    if source["built"] and not is_own(source, OWN_SOURCES):
        USER_FILES += [source["built"], str(about_path(source["built"]))]
USER_FILES += SOURCE_REGIONS.values()
USER_FILES += [SECONDARY if SECONDARY != SHIPPED else None, CARRIERS, PHENOTYPES, ONTOLOGY]
USER_FILES = [path for path in (*USER_FILES, *CLASSIFICATION_FILES.values()) if path]
USER_FILES += [*COMPANIONS, *CALLABLE_FILES, *ALIGNMENT_FILES, *(path for path, _ in OUTSIDE_FILES)]
USER_FILES += [path for path in (PANEL_LABELS, *(file.path for file in PANEL_FILES), *PANEL_COMPANIONS) if path]
USER_FILES += [f"{folder}/ancestry.npz" for folder in BUILT_PANELS.values() if folder]

if FAULTS or len(tracked(*USER_FILES)) < len(USER_FILES):
    TARGETS = ["<results>/checks/consent/any.txt"]
else:
    TARGETS = ["<results>/manifest.json", "<results>/cohort/index.html"]

CLOSING_LINE = f"Reports: {RESULTS}/cohort/index.html and {RESULTS}/samples/*/report.html"
FAULTS_FILE = Path(RESULTS) / "checks" / "inputs.json"


wildcard_constraints:
    contig="[A-Za-z0-9_.-]+",
    batch="batch[0-9]+",
    accession="PGS[0-9]+",
    trained="[A-Za-z0-9_.-]+",
