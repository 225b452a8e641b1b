# Needs the user's files; makes checks/inputs.json, the consent lists, the sample table and indexes of our own.


rule check_inputs:
    """Look at every file before any computing and list all that is wrong with them."""
    message:
        "Checking every input file"
    input:
        tracked=tracked(*USER_FILES),
        known_genes=gene_table("genes"),
        positions=gene_table("positions"),
        common_sites=resource(f"quality/common_sites.{SETTINGS['genome']['build']}.tsv.gz"),
        outside_tables=PHARMACOGENE_TABLES,
        rates=resource("risk/rates.tsv"),
    output:
        report="<results>/checks/inputs.json",
    params:
        code=code(
            *("annotation", "evidence", "findings", "genotypes", "inputs", "pharmacogenes", "quality/ancestry"),
            *("records", "scores", "scoring_files"),
        ),
        sheet=lambda wildcards: SHEET,  # as a name that may be faulty, not as a file
        pedigree=lambda wildcards: PEDIGREE,
        genotypes=[file.path for file in GENOTYPES],
        genotype_contigs=[file.contig or "" for file in GENOTYPES],
        genotype_samples=[file.sample or "" for file in GENOTYPES],
        contigs=CONTIGS,
        contigs_named=CONTIGS_NAMED,
        build=SETTINGS["genome"]["build"],
        reference=lambda wildcards: REFERENCE,
        chain=lambda wildcards: CHAIN,
        genes=lambda wildcards: GENES,
        sources=lambda wildcards: SETTINGS["annotation"]["sources"],
        frequencies=lambda wildcards: FREQUENCIES,
        classification=lambda wildcards: CLASSIFICATION,
        findings=lambda wildcards: SETTINGS["findings"],
        scores=SCORE_FILES,
        score_columns=lambda wildcards: SCORE_COLUMNS,
        incidence=lambda wildcards: INCIDENCE,
        incidence_group=lambda wildcards: SETTINGS["scores"]["incidence_group"],
        pharmacogenes=PHARMACOGENES,
        absent_sites=ABSENT_SITES,
        absent_sites_asked=SETTINGS["cohort"]["absent_sites"],
        filters=FILTERS,
        callable=lambda wildcards: CALLABLE,
        alignments=lambda wildcards: ALIGNMENTS,
        outside_calls=lambda wildcards: OUTSIDE,
        outside_format=SETTINGS["pharmacogenes"]["outside_format"],
        panel_genotypes=lambda wildcards: [*(file.path for file in PANEL_FILES), *PANEL_COMPANIONS],
        panel_labels=lambda wildcards: PANEL_LABELS,
        built_panels=lambda wildcards: BUILT_PANELS,
        min_depth=BOUNDS["min_depth"],
        min_genotype_quality=BOUNDS["min_quality"],
        known_faults=[fault.as_row() for fault in FAULTS],
    log:
        "<results>/logs/check_inputs.log",
    benchmark:
        "<results>/benchmarks/check_inputs.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/check_inputs.py"


rule admit_samples:
    """The gate: stop at faults, else list the people who agreed to each purpose. Nothing is computed without it."""
    message:
        "Admitting the samples"
    input:
        report="<results>/checks/inputs.json",
        sheet=tracked(SHEET),
        pedigree=tracked(PEDIGREE),
    output:
        consents=collect("<results>/checks/consent/{purpose}.txt", purpose=["any", *PURPOSES]),
        samples="<results>/genotypes/samples.parquet",
        fam="<results>/genotypes/samples.fam",
    params:
        code=code("inputs"),
        reports=f"{RESULTS}/samples",
    log:
        "<results>/logs/admit_samples.log",
    benchmark:
        "<results>/benchmarks/admit_samples.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
    script:
        "../scripts/admit_samples.py"


rule index_inputs:
    """Link genotype files or write them anew, and index them beside our own results: no index of the user is used."""
    message:
        "Linking and indexing the genotype files"
    input:
        samples="<results>/checks/consent/any.txt",
        people="<results>/genotypes/samples.parquet",
        genotypes=[file.path for file in GENOTYPES],
        tracked=tracked(*COMPANIONS),
        reference=REFERENCE or [],
        chain=CHAIN or [],
        positions=gene_table("positions"),
        common_sites=resource(f"quality/common_sites.{SETTINGS['genome']['build']}.tsv.gz"),
        scores=[] if REFERENCE else [*SCORE_FILES, *CATALOG_FILES],
    output:
        linked_genotypes=[linked(file.path) for file in GENOTYPES],
        indexes=[f"{linked(file.path)}.csi" for file in GENOTYPES],
        linked_reference=reference_files(),
        taken="<results>/checks/taken.json",
        changes="<results>/variants/index/lifted.parquet",
    params:
        code=code("genotypes", "inputs", "records", "scoring_files"),
        contigs=CONTIGS,
        absent_sites=ABSENT_SITES,
        reads=lambda wildcards: [path for path in (CALLABLE, ALIGNMENTS) if path],  # as patterns
        build=SETTINGS["genome"]["build"],
        genotype_samples=[file.sample or "" for file in GENOTYPES],
    log:
        "<results>/logs/index_inputs.log",
    benchmark:
        "<results>/benchmarks/index_inputs.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/index_inputs.py"
