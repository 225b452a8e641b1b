# Needs the genotype store; makes the quality of each sample with reasons, and kinship.


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


rule estimate_kinship:
    """Kinship and relation of related pairs, and each person's verdict against the families of the sample sheet."""
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        tracked=collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        metrics="<results>/quality/samples.parquet",
    output:
        kinship="<results>/quality/kinship.parquet",
        pedigree="<results>/quality/pedigree.parquet",
    params:
        code=code("genotypes", "quality"),
        build=SETTINGS["genome"]["build"],
        least_call_rate=SETTINGS["quality"]["fail_call_rate"],
        listed=SETTINGS["quality"]["kinship_pairs"],
        fewest_sites=SETTINGS["quality"]["min_kinship_sites"],
        most_sites=SETTINGS["quality"]["max_kinship_sites"],
        screen_above=SETTINGS["quality"]["screen_kinship_above"],
    log:
        "<results>/logs/estimate_kinship.log",
    benchmark:
        "<results>/benchmarks/estimate_kinship.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 4
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/estimate_kinship.py"
