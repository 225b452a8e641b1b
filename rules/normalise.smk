# Needs the checked genotype files and the reference; makes normalised variants and the genotype store by contig.


rule normalise_variants:
    """Split, trim, left-align and check the records of a contig for the people who agreed to anything."""
    input:
        samples="<results>/checks/consent/any.txt",
        genotypes=lambda wildcards: [linked(path) for path in files_of_contig(GENOTYPES, wildcards.contig)],
        tracked=lambda wildcards: [f"{linked(path)}.csi" for path in files_of_contig(GENOTYPES, wildcards.contig)],
        reference=reference_files(),
    output:
        variants="<results>/variants/{contig}.bcf",
        index="<results>/variants/{contig}.bcf.csi",
        set_aside="<results>/variants/{contig}.set_aside.parquet",
        counts="<results>/variants/{contig}.json",
    params:
        code=code("genotypes"),
        contig=lambda wildcards: wildcards.contig,
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
