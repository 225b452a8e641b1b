# Needs the annotation and the user's tables of classification; makes the class of each variant of a gene.


rule classify_variants:
    """The class of each variant of a gene after ACMG/AMP, with the evidence of every criterion."""
    input:
        **CLASSIFICATION_FILES,
        annotations=collect("<results>/annotation/{contig}.parquet", contig=CONTIGS),
        abouts=collect("<results>/annotation/sources/{source}.json", source=SOURCES),
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
