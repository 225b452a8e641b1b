# Needs the normalised variants and the sample table; makes the genotype store by contig.


rule pack_genotypes:
    """Decode the genotypes of a contig once into the two-bit store that later stages read."""
    message:
        "Packing the genotypes of {wildcards.contig}"
    input:
        variants="<results>/variants/{contig}.bcf",
        samples="<results>/genotypes/samples.parquet",
    output:
        bed="<results>/genotypes/{contig}.bed",
        sites="<results>/genotypes/{contig}.sites.parquet",
        bim="<results>/genotypes/{contig}.bim",
        haploid="<results>/genotypes/{contig}.haploid",
        dosage="<results>/genotypes/{contig}.dosage",
        observed="<results>/genotypes/{contig}.observed",
    params:
        code=code("genotypes", "observations"),
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
