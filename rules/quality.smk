# Needs the genotype store; makes the quality of each sample with reasons.


rule measure_quality:
    """Call rate, heterozygosity, inbreeding, Ti/Tv and sex of every sample, each flag with value and threshold."""
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        tracked=collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
    output:
        quality="<results>/quality/samples.parquet",
    params:
        code=code("genotypes", "quality"),
        build=SETTINGS["genome"]["build"],
        thresholds=SETTINGS["quality"],
        on_fail=SETTINGS["quality"]["on_fail"],
    log:
        "<results>/logs/measure_quality.log",
    benchmark:
        "<results>/benchmarks/measure_quality.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/measure_quality.py"
