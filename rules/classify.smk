# Needs the annotation and the user's tables of classification; makes the class of each variant of a gene and what
# ClinVar calls pathogenic.


rule list_known_changes:
    """The changes of residues that ClinVar calls pathogenic on a contig, which PS1 and PM5 compare with."""
    message:
        "Listing the residue changes that ClinVar knows, {wildcards.contig}"
    input:
        database=f"<results>/annotation/sources/{CLINVAR}.parquet",
        models="<results>/annotation/transcripts.parquet",
        reference=reference_files(),
        genes=GENES or [],
    output:
        known="<results>/annotation/known/{contig}.parquet",
    params:
        code=code("annotation"),
        contig=lambda wildcards: wildcards.contig,
        min_stars=CLASSIFICATION["min_stars"],
    log:
        "<results>/logs/list_known_changes/{contig}.log",
    benchmark:
        "<results>/benchmarks/list_known_changes/{contig}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/list_known_changes.py"


rule classify_variants:
    """The class of each variant of a gene after ACMG/AMP, with the evidence of every criterion."""
    message:
        "Classifying the variants"
    input:
        **CLASSIFICATION_FILES,
        annotations=collect("<results>/annotation/{contig}.parquet", contig=CONTIGS),
        abouts=collect("<results>/annotation/sources/{source}.json", source=SOURCES),
        known=collect("<results>/annotation/known/{contig}.parquet", contig=CONTIGS * bool(CLINVAR)),
        tracked=sorted(map(str, Path(resource("annotation/acmg")).glob("*.tsv"))),
    output:
        classified="<results>/annotation/classified.parquet",
    params:
        code=code("annotation"),
        contigs=CONTIGS,
        build_name=SETTINGS["genome"]["build"],
        settings={name: value for name, value in CLASSIFICATION.items() if name not in CLASSIFICATION_TABLES},
    log:
        "<results>/logs/classify_variants.log",
    benchmark:
        "<results>/benchmarks/classify_variants.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000),
    script:
        "../scripts/classify_variants.py"
