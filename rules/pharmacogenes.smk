# Needs the normalised variants, the consent list and, if there are any, what variants do to genes, alignments and calls
# made elsewhere; makes a diplotype for every person and pharmacogene and the evidence it rests on.


# Only the reads of people who agreed are phased; a batch in which nobody did has no job.
AGREED = set(consenting(PEOPLE, "pharmacogenes")) if ALIGNMENTS else set()
PHASED = {batch: [name for name in names if name in AGREED] for batch, names in BATCHES.items()}
PHASES = collect("<results>/pharmacogenes/phase/{batch}.parquet", batch=[batch for batch in PHASED if PHASED[batch]])
PHASE = ["<results>/pharmacogenes/phase.parquet"] if PHASES else []
# Only parents whom somebody names are looked for.
NAMES_PARENTS = bool(PEDIGREE) or any(person.mother or person.father for person in PEOPLE)
DECLARED = ["<results>/quality/kinship.parquet"] if NAMES_PARENTS else []


if OWN_GENES:

    rule merge_gene_tables:
        """Check the user's own genes and put them behind ours."""
        message:
            "Adding your own genes"
        input:
            ours=[resource(f"pharmacogenes/{name}.tsv") for name in GENE_TABLES],
            tracked=[str(path) for path in sorted(Path(OWN_GENES).glob("*.tsv"))],
        output:
            tables=[gene_table(name) for name in GENE_TABLES],
        params:
            code=code("pharmacogenes"),
            folder=lambda wildcards: OWN_GENES,
        log:
            "<results>/logs/merge_gene_tables.log",
        benchmark:
            "<results>/benchmarks/merge_gene_tables.jsonl"
        conda:
            "../envs/permed.yaml"
        threads: 1
        resources:
            mem_mb=memory(1000),
        script:
            "../scripts/merge_gene_tables.py"


rule phase_pharmacogenes:
    """Phase the heterozygous positions of the pharmacogenes by reads that cover several of them."""
    message:
        "Phasing pharmacogenes by the reads of {wildcards.batch}"
    input:
        variants=collect("<results>/variants/{contig}.bcf", contig=CONTIGS),
        alignments=lambda wildcards: of_samples(ALIGNMENTS, PHASED[wildcards.batch]),
        consent="<results>/checks/consent/pharmacogenes.txt",
        tables=PHARMACOGENE_TABLES,
        reference=reference_files(),
    output:
        phase="<results>/pharmacogenes/phase/{batch}.parquet",
    params:
        code=code("pharmacogenes", "evidence"),
        samples=lambda wildcards: PHASED[wildcards.batch],
        absent_sites=ABSENT_SITES,
        contigs=CONTIGS,
        genes=PHARMACOGENES,
        build=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/phase_pharmacogenes/{batch}.log",
    benchmark:
        "<results>/benchmarks/phase_pharmacogenes/{batch}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/phase_pharmacogenes.py"


rule gather_phase:
    """The phase from reads of everyone, as one table."""
    message:
        "Gathering the phase from reads"
    input:
        phases=PHASES,
    output:
        phase="<results>/pharmacogenes/phase.parquet",
    params:
        code=code("pharmacogenes"),
    log:
        "<results>/logs/gather_phase.log",
    benchmark:
        "<results>/benchmarks/gather_phase.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/gather_phase.py"


rule call_pharmacogenes:
    """Find the allele pairs that explain each person's genotypes, and what unread positions could change."""
    message:
        "Calling pharmacogenes"
    input:
        variants=collect("<results>/variants/{contig}.bcf", contig=CONTIGS),
        set_aside=collect("<results>/variants/{contig}.set_aside.parquet", contig=CONTIGS),
        reference_index=[path for path in reference_files() if path.endswith(".fai")],
        consent="<results>/checks/consent/pharmacogenes.txt",
        quality="<results>/quality/samples.parquet",
        phase=PHASE,
        kinship=DECLARED,
        people="<results>/genotypes/samples.parquet",
        outside=[path for path, _ in OUTSIDE_FILES],
        tables=PHARMACOGENE_TABLES,
        frequencies=[resource("pharmacogenes/frequencies.tsv"), resource("pharmacogenes/populations.tsv")],
        proxies=resource("pharmacogenes/proxies.tsv"),
        consequences=collect("<results>/annotation/{contig}.transcripts.parquet", contig=CONTIGS) * STAGES["annotation"],
        models=["<results>/annotation/transcripts.parquet"] * STAGES["annotation"],
    output:
        calls="<results>/pharmacogenes/calls.parquet",
        evidence="<results>/pharmacogenes/evidence.parquet",
    params:
        code=code("pharmacogenes", "annotation"),
        absent_sites=ABSENT_SITES,
        contigs=CONTIGS,
        genes=PHARMACOGENES,
        build=SETTINGS["genome"]["build"],
        outside_samples=[sample for _, sample in OUTSIDE_FILES],
        outside_format=SETTINGS["pharmacogenes"]["outside_format"],
    log:
        "<results>/logs/call_pharmacogenes.log",
    benchmark:
        "<results>/benchmarks/call_pharmacogenes.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2500),
    script:
        "../scripts/call_pharmacogenes.py"
