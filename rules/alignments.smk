# Needs the checked alignments, the reference and the needed positions; makes genotypes from reads, a file a batch.


rule genotype_alignments:
    """Genotype the people of a batch from their reads at the needed positions; thin evidence is missing."""
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
        code=code("genotypes"),
        samples=lambda wildcards: BATCHES[wildcards.batch],
        contigs=CONTIGS,
        build=SETTINGS["genome"]["build"],
        min_depth=SETTINGS["cohort"]["min_depth"],
        min_genotype_quality=SETTINGS["cohort"]["min_genotype_quality"],
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
