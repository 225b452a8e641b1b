# Needs the normalised variants, the store and, if there are any, alignments; makes depth, genotype
# quality, allele balance and contamination of each sample.


rule measure_depths:
    """Depth, genotype quality, allele balance and contamination of every sample, where the files have them."""
    message:
        "Measuring depth and contamination in the genotype files"
    input:
        variants=collect("<results>/variants/{contig}.bcf", contig=CONTIGS),
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        tracked=collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        common_sites=resource(f"quality/common_sites.{SETTINGS['genome']['build']}.tsv.gz"),
        frequencies=tracked(FREQUENCIES),
        reads=collect("<results>/quality/reads/{batch}.parquet", batch=BATCHES) if ALIGNMENTS else [],
    output:
        depths="<results>/quality/depths.parquet",
        site_balance="<results>/quality/site_balance.parquet",
    params:
        code=code("genotypes", "quality"),
        build=SETTINGS["genome"]["build"],
        min_sites=SETTINGS["quality"]["min_sites"],
        fail_contamination=SETTINGS["quality"]["fail_contamination"],
    log:
        "<results>/logs/measure_depths.log",
    benchmark:
        "<results>/benchmarks/measure_depths.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/measure_depths.py"


rule measure_alignments:
    """Contamination of the people of a batch from their reads at common sites, and the depth of chrX and chrY."""
    message:
        "Measuring contamination from the reads of {wildcards.batch}"
    input:
        gate="<results>/checks/consent/any.txt",
        alignments=lambda wildcards: of_samples(ALIGNMENTS, BATCHES[wildcards.batch]),
        common_sites=resource(f"quality/common_sites.{SETTINGS['genome']['build']}.tsv.gz"),
        frequencies=tracked(FREQUENCIES),
        reference=reference_files(),
    output:
        reads="<results>/quality/reads/{batch}.parquet",
    params:
        code=code("evidence", "quality"),
        samples=lambda wildcards: BATCHES[wildcards.batch],
        contigs=CONTIGS,
        build=SETTINGS["genome"]["build"],
        min_sites=SETTINGS["quality"]["min_sites"],
    log:
        "<results>/logs/measure_alignments/{batch}.log",
    benchmark:
        "<results>/benchmarks/measure_alignments/{batch}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/measure_alignments.py"
