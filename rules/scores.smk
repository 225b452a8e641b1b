# Needs the genotype store, scoring files and maybe a reference panel; makes which variants of each score are there, each
# person's sums, where they lie among a reference, and absolute risks.

if SCORES_PANEL and SCORES_PANEL == OWN_PANEL:
    PANEL_BEDS = collect("<results>/panel/{contig}.bed", contig=PANEL_CONTIGS)
else:
    PANEL_BEDS = sorted(map(str, Path(SCORES_PANEL).glob("*.bed"))) if SCORES_PANEL else []
SUMMED = len(SCORES_TO_MATCH) * len(consenting(PEOPLE, "scores")) // 1_000_000  # millions of sums
RISK = {name: resource(f"risk/{name}.tsv") for name in ("effects", "family_history", "monogenic", "diagnoses")}


rule match_scores:
    """Find of every score's variants which the cohort has, and which scores have enough of them."""
    message:
        "Matching the scores with the cohort"
    input:
        sites=collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
        set_aside=collect("<results>/variants/{contig}.set_aside.parquet", contig=CONTIGS),
        files=SCORES_TO_MATCH,
        locks=[f"<results>/scores/catalog/{name}.json" for name in CATALOG],
        chain=CHAIN or [],
        reference=reference_files(),
        frequencies=strand_frequencies(),
        tracked=[resource("scores/named_alleles.tsv"), resource("scores/layouts.tsv")],
        site_quality=["<results>/quality/sites.parquet"] * ("scores" in SETTINGS["quality"]["exclude_sites"]),
    output:
        matches="<results>/scores/matches.parquet",
        variants="<results>/scores/variants.parquet",
    params:
        code=code("genotypes", "scores", "scoring_files"),
        build=SETTINGS["genome"]["build"],
        min_match=SETTINGS["scores"]["min_match"],
        absent_sites=ABSENT_ON_BUILD,
        columns=lambda wildcards: SCORE_COLUMNS,
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
    message:
        "Scoring the cohort"
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        quality="<results>/quality/samples.parquet",
        matches="<results>/scores/matches.parquet",
        variants="<results>/scores/variants.parquet",
        consent="<results>/checks/consent/scores.txt",
    output:
        sums="<results>/scores/sums.parquet",
    params:
        code=code("genotypes", "scores"),
        build=SETTINGS["genome"]["build"],
        x_dosage=SETTINGS["scores"]["x_dosage"],
        min_called=SETTINGS["scores"]["min_called"],
    log:
        "<results>/logs/score_cohort.log",
    benchmark:
        "<results>/benchmarks/score_cohort.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(1000 + 60 * SUMMED),
    script:
        "../scripts/score_cohort.py"


rule score_reference:
    """Sum every score for the reference people, and for everybody over the variants that the reference has too."""
    message:
        "Scoring the reference people"
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        quality="<results>/quality/samples.parquet",
        matches="<results>/scores/matches.parquet",
        variants="<results>/scores/variants.parquet",
        consent="<results>/checks/consent/scores.txt",
        panel_genotypes=PANEL_BEDS,
        panel_samples=f"{SCORES_PANEL}/samples.parquet" if SCORES_PANEL else [],
        panel_labels=f"{SCORES_PANEL}/labels.tsv" if SCORES_PANEL else [],
        ancestry=["<results>/quality/ancestry.parquet"] * bool(SCORES_PANEL),
    output:
        reference="<results>/scores/reference.parquet",
        comparable="<results>/scores/comparable.parquet",
        shares="<results>/scores/shares.parquet",
    params:
        code=code("genotypes", "quality", "scores"),
        build=SETTINGS["genome"]["build"],
        x_dosage=SETTINGS["scores"]["x_dosage"],
        thresholds=SETTINGS["quality"],
    log:
        "<results>/logs/score_reference.log",
    benchmark:
        "<results>/benchmarks/score_reference.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000 + 120 * SUMMED),
    script:
        "../scripts/score_reference.py"


rule calibrate_scores:
    """Z and percentile of every person among the most similar population, and absolute risk, or why there is none."""
    message:
        "Calibrating the scores"
    input:
        **RISK,
        sums="<results>/scores/sums.parquet",
        reference="<results>/scores/reference.parquet",
        comparable="<results>/scores/comparable.parquet",
        shares="<results>/scores/shares.parquet",
        samples="<results>/genotypes/samples.parquet",
        quality="<results>/quality/samples.parquet",
        files=SCORES_TO_MATCH,
        rates=[*tracked(INCIDENCE), resource("risk/rates.tsv")],
        ancestry=["<results>/quality/ancestry.parquet"] * bool(SCORES_PANEL),
        panel=f"{SCORES_PANEL}/ancestry.npz" if SCORES_PANEL else [],
        findings=FINDINGS,
        findings_consent="<results>/checks/consent/findings.txt" if FINDINGS else [],
    output:
        scores="<results>/scores/scores.parquet",
    params:
        code=code("scores", "scoring_files"),
        min_reference=SETTINGS["scores"]["min_reference"],
        across_ancestries=SETTINGS["scores"]["risk_across_ancestries"],
        incidence_group=SETTINGS["scores"]["incidence_group"],
        year=SETTINGS["drugs"]["year"],
    log:
        "<results>/logs/calibrate_scores.log",
    benchmark:
        "<results>/benchmarks/calibrate_scores.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000 + 120 * SUMMED),
    script:
        "../scripts/calibrate_scores.py"
