# Needs the genotype store; makes what each site and sample is worth, kinship, and a verdict on each sample with reasons.


rule measure_genotypes:
    """Counts of every sample and site in one pass: call rates, frequencies, Hardy-Weinberg, inbreeding, chrX and chrY."""
    message:
        "Measuring call rates, frequencies and chrX and chrY"
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        tracked=collect(
            "<results>/genotypes/{contig}.{end}", contig=CONTIGS, end=["sites.parquet", "haploid", "observed"]
        ),
        samples="<results>/genotypes/samples.parquet",
        positions="<results>/variants/positions.parquet",
        inputs="<results>/checks/inputs.json",
        balances=["<results>/quality/site_balance.parquet"] * (SETTINGS["quality"]["min_site_het_balance"] is not None),
    output:
        sites="<results>/quality/sites.parquet",
        metrics="<results>/quality/metrics.parquet",
    params:
        code=code("evidence", "genotypes", "observations", "quality"),
        build=SETTINGS["genome"]["build"],
        thresholds=SETTINGS["quality"],
    log:
        "<results>/logs/measure_genotypes.log",
    benchmark:
        "<results>/benchmarks/measure_genotypes.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/measure_genotypes.py"


rule estimate_kinship:
    """Kinship and relation of related pairs, and each person's verdict against the families of the sample sheet."""
    message:
        "Estimating kinship"
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        tracked=[
            *collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
            resource("quality/presets.tsv"),
            *tracked(*SETTINGS["quality"]["known"]),
        ],
        samples="<results>/genotypes/samples.parquet",
        metrics="<results>/quality/metrics.parquet",
        depths="<results>/quality/depths.parquet",
        sites="<results>/quality/sites.parquet",
        ancestry=["<results>/quality/ancestry.parquet"] * STAGES["ancestry"],
        panel=[f"{PANEL}/ancestry.npz"] * STAGES["ancestry"],
        common_sites=resource(f"quality/common_sites.{SETTINGS['genome']['build']}.tsv.gz"),
    output:
        kinship="<results>/quality/kinship.parquet",
        pedigree="<results>/quality/pedigree.parquet",
        fingerprint=["<results>/quality/fingerprint.parquet"] * SETTINGS["quality"]["fingerprint"],
    params:
        code=code("genotypes", "quality"),
        build=SETTINGS["genome"]["build"],
        least_call_rate=SETTINGS["quality"]["fail_call_rate"],
        listed=SETTINGS["quality"]["kinship_pairs"],
        fewest_sites=SETTINGS["quality"]["min_kinship_sites"],
        most_sites=SETTINGS["quality"]["max_kinship_sites"],
        screen_above=SETTINGS["quality"]["screen_kinship_above"],
        thresholds=SETTINGS["quality"],
        known=SETTINGS["quality"]["known"],
    log:
        "<results>/logs/estimate_kinship.log",
    benchmark:
        "<results>/benchmarks/estimate_kinship.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/estimate_kinship.py"


rule judge_samples:
    """A verdict on each sample: pass, warn or fail, each reason with metric, value and threshold."""
    message:
        "Judging the samples"
    input:
        metrics="<results>/quality/metrics.parquet",
        samples="<results>/genotypes/samples.parquet",
        depths="<results>/quality/depths.parquet",
        pedigree="<results>/quality/pedigree.parquet",
        ancestry=["<results>/quality/ancestry.parquet"] * STAGES["ancestry"],
        inputs="<results>/checks/inputs.json",
        coverage=collect("<results>/findings/coverage/{contig}.parquet", contig=CONTIGS * STAGES["findings"]),
        tracked=resource("quality/presets.tsv"),
    output:
        quality="<results>/quality/samples.parquet",
    params:
        code=code("evidence", "genotypes", "observations", "quality"),
        thresholds=SETTINGS["quality"],
        on_fail=SETTINGS["quality"]["on_fail"],
    log:
        "<results>/logs/judge_samples.log",
    benchmark:
        "<results>/benchmarks/judge_samples.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/judge_samples.py"
