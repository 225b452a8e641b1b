# Needs the normalised variants and the sites of the store; makes depth, genotype quality, allele balance and
# contamination of each sample.


rule measure_depths:
    """Depth, genotype quality, allele balance and contamination of every sample, where the files have them."""
    input:
        variants=collect("<results>/variants/{contig}.bcf", contig=CONTIGS),
        sites=collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        common_sites=resource(f"quality/common_sites.{SETTINGS['genome']['build']}.tsv.gz"),
        frequencies=tracked(FREQUENCIES),
    output:
        depths="<results>/quality/depths.parquet",
        site_balance="<results>/quality/site_balance.parquet",
    params:
        code=code("genotypes", "quality"),
        build=SETTINGS["genome"]["build"],
        min_sites=SETTINGS["quality"]["min_sites"],
    log:
        "<results>/logs/measure_depths.log",
    benchmark:
        "<results>/benchmarks/measure_depths.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 4
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/measure_depths.py"
