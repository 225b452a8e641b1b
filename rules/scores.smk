# Needs the genotype store and scoring files; makes which variants of each score are there, and each person's sums.


rule match_scores:
    """Find of every score's variants which the cohort has, and which scores have enough of them."""
    input:
        sites=collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
        set_aside=collect("<results>/variants/{contig}.set_aside.parquet", contig=CONTIGS),
        files=SCORES_TO_MATCH,
        reference=reference_files(),
    output:
        matches="<results>/scores/matches.parquet",
        variants="<results>/scores/variants.parquet",
    params:
        code=code("scores"),
        build=SETTINGS["genome"]["build"],
        min_match=SETTINGS["scores"]["min_match"],
        # Of a lifted file an absent site holds the other build's reference base, which nobody can know to be ours.
        absent_sites="missing" if CHAIN else ABSENT_SITES,
    log:
        "<results>/logs/match_scores.log",
    benchmark:
        "<results>/benchmarks/match_scores.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
    script:
        "../scripts/match_scores.py"


rule score_cohort:
    """Sum every matched score for every person who agreed to scores, in one pass over the store."""
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        matches="<results>/scores/matches.parquet",
        variants="<results>/scores/variants.parquet",
        consent="<results>/checks/consent/scores.txt",
    output:
        scores="<results>/scores/scores.parquet",
    params:
        code=code("genotypes", "scores"),
    log:
        "<results>/logs/score_cohort.log",
    benchmark:
        "<results>/benchmarks/score_cohort.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/score_cohort.py"
