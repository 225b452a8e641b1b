# Needs the checked files, definitions and alignments; makes the needed positions and genotypes from reads.


rule list_positions:
    """List the positions at which pharmacogenes, scores and ancestry need a genotype of everybody, reference or not."""
    message:
        "Listing the positions that are needed of everybody"
    input:
        gate="<results>/checks/consent/any.txt",
        definitions=gene_table("positions"),
        scores=SCORES_TO_MATCH * STAGES["scores"],
        chain=CHAIN or [],
        reference=reference_files(),
        tracked=[resource("scores/named_alleles.tsv"), resource("scores/layouts.tsv")],
        # Reads are not genotyped at a panel's many sites.
        panel=[f"{PANEL}/ancestry.npz"] * (STAGES["ancestry"] and not ALIGNMENTS),
        checks="<results>/checks/inputs.json",
    output:
        positions="<results>/variants/positions.parquet",
    params:
        code=code("evidence", "scoring_files"),
        contigs=CONTIGS,
        genes=PHARMACOGENES if STAGES["pharmacogenes"] else [],
        build=SETTINGS["genome"]["build"],
        columns=lambda wildcards: SCORE_COLUMNS,
    log:
        "<results>/logs/list_positions.log",
    benchmark:
        "<results>/benchmarks/list_positions.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/list_positions.py"


rule genotype_alignments:
    """Genotype the people of a batch from their reads at the needed positions; thin evidence is missing."""
    message:
        "Genotyping the needed positions from the reads of {wildcards.batch}"
    input:
        gate="<results>/checks/consent/any.txt",
        alignments=lambda wildcards: of_samples(ALIGNMENTS, BATCHES[wildcards.batch]),
        positions="<results>/variants/positions.parquet",
        people="<results>/genotypes/samples.parquet",
        reference=reference_files(),
    output:
        variants="<results>/variants/alignments/{batch}.bcf",
        index="<results>/variants/alignments/{batch}.bcf.csi",
    params:
        code=code("evidence"),
        samples=lambda wildcards: BATCHES[wildcards.batch],
        contigs=CONTIGS,
        build=SETTINGS["genome"]["build"],
        min_depth=BOUNDS["min_depth"],
        min_genotype_quality=BOUNDS["min_quality"],
    log:
        "<results>/logs/genotype_alignments/{batch}.log",
    benchmark:
        "<results>/benchmarks/genotype_alignments/{batch}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/genotype_alignments.py"
