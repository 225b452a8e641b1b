# Needs the checked genotype files, the reference and evidence; makes normalised variants by contig.


rule lift_genotypes:
    """Lift genotype files of another build to the run's with the chain; list what changed and what was lost."""
    message:
        "Lifting genotypes to the run's build"
    input:
        checks="<results>/checks/inputs.json",
        samples="<results>/checks/consent/any.txt",
        genotypes=[linked(file.path) for file in GENOTYPES],
        taken="<results>/checks/taken.json",
        moved="<results>/variants/index/lifted.parquet",
        tracked=[f"{linked(file.path)}.csi" for file in GENOTYPES],
        chain=CHAIN or [],
        reference=reference_files(),
        definitions=gene_table("positions"),
    output:
        lifted=[lifted(file.path) for file in GENOTYPES],
        indexes=[f"{lifted(file.path)}.csi" for file in GENOTYPES],
        changes="<results>/variants/lifted.tsv",
        unread="<results>/variants/lifted/unread.parquet",
        counts="<results>/checks/lifted.json",
    params:
        code=code("normalise"),
        contigs=CONTIGS,
        build=SETTINGS["genome"]["build"],
        genotype_contigs=[file.contig or "" for file in GENOTYPES],
    log:
        "<results>/logs/lift_genotypes.log",
    benchmark:
        "<results>/benchmarks/lift_genotypes.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/lift_genotypes.py"


rule normalise_variants:
    """Split, trim, left-align and check the records of a contig for the people who agreed to anything."""
    message:
        "Normalising the variants of {wildcards.contig}"
    input:
        samples="<results>/checks/consent/any.txt",
        genotypes=lambda wildcards: prepared(wildcards.contig),
        tracked=lambda wildcards: [f"{path}.csi" for path in prepared(wildcards.contig)],
        unread="<results>/variants/lifted/unread.parquet" if CHAIN else [],
        reference=reference_files(),
        people="<results>/genotypes/samples.parquet",
        positions="<results>/variants/positions.parquet",
        regions=CALLABLE_FILES,
        alignments=collect("<results>/variants/alignments/{batch}.bcf", batch=BATCHES) if ALIGNMENTS else [],
    output:
        variants="<results>/variants/{contig}.bcf",
        index="<results>/variants/{contig}.bcf.csi",
        set_aside="<results>/variants/{contig}.set_aside.parquet",
        counts="<results>/variants/{contig}.json",
    params:
        code=code("evidence", "genotypes", "normalise", "observations", "records"),
        contig=lambda wildcards: wildcards.contig,
        build=SETTINGS["genome"]["build"],
        absent_sites=ABSENT_SITES,
        filters=FILTERS,
        bounds=BOUNDS,
    log:
        "<results>/logs/normalise_variants/{contig}.log",
    benchmark:
        "<results>/benchmarks/normalise_variants/{contig}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/normalise_variants.py"
