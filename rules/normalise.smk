# Needs the checked genotype files and the reference; makes normalised variants and the genotype store by contig.


rule list_positions:
    """List the positions at which pharmacogenes and scores need a genotype of everybody, reference or not."""
    input:
        gate="<results>/checks/consent/any.txt",
        definitions=resource("pharmacogenes/positions.tsv"),
        scores=SCORE_FILES * STAGES["scores"],
        reference=reference_files(),
    output:
        positions="<results>/variants/positions.parquet",
    params:
        code=code("genotypes"),
        contigs=CONTIGS,
        genes=PHARMACOGENES if STAGES["pharmacogenes"] else [],
        build=SETTINGS["genome"]["build"],
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


rule normalise_variants:
    """Split, trim, left-align and check the records of a contig for the people who agreed to anything."""
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
        code=code("genotypes"),
        contig=lambda wildcards: wildcards.contig,
        build=SETTINGS["genome"]["build"],
        absent_sites=ABSENT_SITES,
        min_depth=SETTINGS["cohort"]["min_depth"],
        min_genotype_quality=SETTINGS["cohort"]["min_genotype_quality"],
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


rule pack_genotypes:
    """Decode the genotypes of a contig once into the two-bit store that later stages read."""
    input:
        variants="<results>/variants/{contig}.bcf",
        samples="<results>/genotypes/samples.parquet",
    output:
        bed="<results>/genotypes/{contig}.bed",
        sites="<results>/genotypes/{contig}.sites.parquet",
        bim="<results>/genotypes/{contig}.bim",
        haploid="<results>/genotypes/{contig}.haploid",
        dosage="<results>/genotypes/{contig}.dosage",
    params:
        code=code("genotypes"),
    log:
        "<results>/logs/pack_genotypes/{contig}.log",
    benchmark:
        "<results>/benchmarks/pack_genotypes/{contig}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/pack_genotypes.py"
