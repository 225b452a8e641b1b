# Needs the tables of every stage that runs; makes each person's report, the cohort's tables and page, the manifest.

# Tables of stages that do not run are empty lists; the reports say what did not run.
CALLS = ["<results>/pharmacogenes/calls.parquet"] * STAGES["pharmacogenes"]
EVIDENCE = ["<results>/pharmacogenes/evidence.parquet"] * STAGES["pharmacogenes"]
ADVICE = ["<results>/pharmacogenes/advice.parquet"] * STAGES["pharmacogenes"]
DOSES = ["<results>/pharmacogenes/doses.parquet"] * STAGES["pharmacogenes"]
ENTRIES = ["<results>/pharmacogenes/medicines.parquet"] * STAGES["pharmacogenes"]
SCORES = ["<results>/scores/scores.parquet"] * STAGES["scores"]
SCORE_PARTS = (
    collect("<results>/scores/{part}.parquet", part="sums reference comparable shares".split()) * STAGES["scores"]
)
MATCHES = ["<results>/scores/matches.parquet"] * STAGES["scores"]
MATCHED_VARIANTS = ["<results>/scores/variants.parquet"] * STAGES["scores"]
ANNOTATION = collect("<results>/annotation/{contig}.parquet", contig=CONTIGS) * STAGES["annotation"]
TRANSCRIPTS = [
    "<results>/annotation/transcripts.parquet",
    *collect("<results>/annotation/{contig}.transcripts.parquet", contig=CONTIGS),
    *["<results>/annotation/compounds.parquet"] * STAGES["findings"],
] * STAGES["annotation"]
FINDING_PHENOTYPES = ["<results>/findings/phenotypes.parquet"] * STAGES["findings"]
FINDING_GENES = ["<results>/findings/genes.parquet"] * STAGES["findings"]
COUPLES = ["<results>/findings/couples.parquet"] * STAGES["findings"]
COVERAGE = collect("<results>/findings/coverage/{contig}.parquet", contig=CONTIGS) * STAGES["findings"]
CHANGES = ["<results>/findings/changes.tsv"] * bool(STAGES["findings"] and PREVIOUS)
CONSENTS = collect("<results>/checks/consent/{purpose}.txt", purpose=["any", *PURPOSES])
KNOWLEDGE = sorted(
    {
        *map(str, Path(resource("pharmacogenes")).glob("*.tsv")),
        *(*DRUG_TABLES, *MEDICINE_TABLES, *DOSING_TABLES, resource("drugs/ages.tsv")),
    }
)
DATABASES = collect("<results>/annotation/sources/{source}.json", source=SOURCES)
CLASSIFIED = ["<results>/annotation/classified.parquet"] * STAGES["annotation"]
CLASSIFIED += collect("<results>/annotation/known/{contig}.parquet", contig=CONTIGS * bool(CLINVAR))
LISTED = [GENE_LISTS[name] for name in ("secondary", "carriers") if GENE_LISTS[name]] * STAGES["findings"]
CITED = KNOWLEDGE * STAGES["pharmacogenes"] + DATABASES + LISTED
ALIGNED = ["bcf", "bcf.csi"]
QUALITY_TABLES = "sites metrics depths site_balance kinship pedigree samples".split()
COHORT_TABLES = [
    "quality",
    "kinship",
    *["pharmacogenes", "drugs"] * STAGES["pharmacogenes"],
    *["findings"] * STAGES["findings"],
    *["scores", "score_matches"] * STAGES["scores"],
]
MULTIQC = collect("<results>/cohort/multiqc/permed_{table}_mqc.tsv", table=["quality", "kinship"])
# The folder of the results is left out, so that the same run elsewhere has the same digest.
CONFIG_DIGEST = sha256(yaml.safe_dump({**SETTINGS, "outdir": None}).encode()).hexdigest()


rule write_reports:
    """The report of each person of a batch who agreed to anything, and the index that vouches for its bytes."""
    message:
        "Writing the reports of {wildcards.batch}"
    input:
        samples="<results>/genotypes/samples.parquet",
        quality="<results>/quality/samples.parquet",
        depths="<results>/quality/depths.parquet",
        ancestry=["<results>/quality/ancestry.parquet"] * STAGES["ancestry"],
        pedigree="<results>/quality/pedigree.parquet",
        checks="<results>/checks/inputs.json",
        consents=CONSENTS,
        variant_counts=collect("<results>/variants/{contig}.json", contig=CONTIGS),
        lifted="<results>/checks/lifted.json" if CHAIN else [],
        calls=CALLS,
        evidence=EVIDENCE,
        advice=ADVICE,
        doses=DOSES,
        entries=ENTRIES,
        scores=SCORES,
        matches=MATCHES,
        annotation=ANNOTATION,
        findings=FINDINGS,
        finding_genes=FINDING_GENES,
        couples=COUPLES,
        finding_phenotypes=FINDING_PHENOTYPES,
        phenotypes=resource("reports/phenotypes.tsv"),
        gene_notes=resource("reports/gene_notes.tsv"),
        knowledge=CITED,
    output:
        index="<results>/reports/{batch}.tsv",
    params:
        code=code("reports", "drugs", "quality"),
        batch=lambda wildcards: BATCHES[wildcards.batch],
        formats=SETTINGS["reports"]["formats"],
        build=SETTINGS["genome"]["build"],
        absent_sites=ABSENT_SITES,
        thresholds=SETTINGS["quality"],
        min_match=SETTINGS["scores"]["min_match"],
    log:
        "<results>/logs/write_reports/{batch}.log",
    benchmark:
        "<results>/benchmarks/write_reports/{batch}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/write_reports.py"


rule summarise_cohort:
    """The cohort's tables for people and its page, with small counts left out."""
    message:
        "Summarising the cohort"
    input:
        quality="<results>/quality/samples.parquet",
        checks="<results>/checks/inputs.json",
        consents=CONSENTS,
        variant_counts=collect("<results>/variants/{contig}.json", contig=CONTIGS),
        lifted="<results>/checks/lifted.json" if CHAIN else [],
        indexes=collect("<results>/reports/{batch}.tsv", batch=BATCHES),
        kinship="<results>/quality/kinship.parquet",
        pedigree="<results>/quality/pedigree.parquet",
        depths="<results>/quality/depths.parquet",
        ancestry=["<results>/quality/ancestry.parquet"] * STAGES["ancestry"],
        panel=[f"{PANEL}/ancestry.npz"] * STAGES["ancestry"],
        calls=CALLS,
        advice=ADVICE,
        scores=SCORES,
        matches=MATCHES,
        annotation=ANNOTATION,
        findings=FINDINGS,
        finding_genes=FINDING_GENES,
        knowledge=CITED,
    output:
        page="<results>/cohort/index.html",
        tables=collect("<results>/cohort/{table}.tsv", table=COHORT_TABLES),
        multiqc=MULTIQC,
    params:
        code=code("reports", "drugs", "quality"),
        build=SETTINGS["genome"]["build"],
        absent_sites=ABSENT_SITES,
        thresholds=SETTINGS["quality"],
        min_match=SETTINGS["scores"]["min_match"],
        minimum_cell=SETTINGS["privacy"]["minimum_cell"],
    log:
        "<results>/logs/summarise_cohort.log",
    benchmark:
        "<results>/benchmarks/summarise_cohort.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/summarise_cohort.py"


rule write_manifest:
    """SHA-256 of every output and report, versions, sources and the configuration's digest; reports are verified."""
    message:
        "Writing {output}"
    input:
        outputs=[
            "<results>/checks/inputs.json",
            "<results>/checks/taken.json",
            *CONSENTS,
            "<results>/variants/positions.parquet",
            *collect("<results>/variants/alignments/{batch}.{end}", batch=BATCHES if ALIGNMENTS else [], end=ALIGNED),
            *collect(
                "<results>/variants/{contig}.{end}",
                contig=CONTIGS,
                end=["bcf", "bcf.csi", "set_aside.parquet", "json"],
            ),
            *collect(
                "<results>/genotypes/{contig}.{end}",
                contig=CONTIGS,
                end=["bed", "bim", "sites.parquet", "haploid", "dosage", "observed"],
            ),
            *(["<results>/variants/lifted.tsv", "<results>/checks/lifted.json"] if CHAIN else []),
            *(["<results>/variants/lifted/unread.parquet"] if CHAIN else []),
            "<results>/genotypes/samples.parquet",
            "<results>/genotypes/samples.fam",
            *collect("<results>/quality/{table}.parquet", table=QUALITY_TABLES),
            *ANCESTRY,
            *CALLS,
            *ADVICE,
            *DOSES,
            *ENTRIES,
            *EVIDENCE,
            *(PHASES + PHASE) * STAGES["pharmacogenes"],
            *MATCHES,
            *MATCHED_VARIANTS,
            *SCORES,
            *SCORE_PARTS,
            *TRAINED_FILES * STAGES["scores"],
            *ANNOTATION,
            *TRANSCRIPTS,
            *FINDINGS,
            *FINDING_GENES,
            *FINDING_PHENOTYPES,
            *COUPLES,
            *COVERAGE,
            *CHANGES,
            *DATABASES,
            *collect("<results>/annotation/sources/{source}.parquet", source=SOURCES),
            *CLASSIFIED,
            *collect("<results>/cohort/{table}.tsv", table=COHORT_TABLES),
            *MULTIQC,
            "<results>/cohort/index.html",
        ],
        indexes=collect("<results>/reports/{batch}.tsv", batch=BATCHES),
        knowledge=[
            *KNOWLEDGE,
            *map(str, sorted(Path(resource("risk")).glob("*.tsv"))),
            resource("reports/phenotypes.tsv"),
            resource("reports/gene_notes.tsv"),
        ],
    output:
        manifest="<results>/manifest.json",
    params:
        code=code("reports", "drugs"),
        config_digest=CONFIG_DIGEST,
    log:
        "<results>/logs/write_manifest.log",
    benchmark:
        "<results>/benchmarks/write_manifest.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
    script:
        "../scripts/write_manifest.py"
