# Needs normalised variants, the reference, gene models and annotation databases; makes the consequence of each variant and
# what the databases say of it. Off without gene models.


rule build_source:
    """An annotation database as Parquet by variant key, split, left-aligned and compared with the reference."""
    input:
        files=lambda wildcards: source_files(SOURCES[wildcards.source]["path"], CONTIGS),
        tracked=lambda wildcards: tracked(str(mapping_path(SOURCES[wildcards.source]["kind"]))),
        reference=reference_files(),
        gate="<results>/checks/consent/any.txt",
    output:
        parquet="<results>/annotation/sources/{source}.parquet",
        about="<results>/annotation/sources/{source}.json",
    params:
        code=code("annotation"),
        kind=lambda wildcards: SOURCES[wildcards.source]["kind"],
        fields=lambda wildcards: SOURCES[wildcards.source].get("fields") or [],
        release=lambda wildcards: SOURCES[wildcards.source].get("release"),
        contigs=CONTIGS,
        build_name=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/build_source/{source}.log",
    benchmark:
        "<results>/benchmarks/build_source/{source}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000),
    script:
        "../scripts/build_source.py"


rule annotate_sites:
    """The most severe consequence of each variant on a gene, by bcftools csq in a process of its own."""
    input:
        variants="<results>/variants/{contig}.bcf",
        sites="<results>/genotypes/{contig}.sites.parquet",
        reference=reference_files(),
        genes=GENES or [],
        sources=collect("<results>/annotation/sources/{source}.parquet", source=SOURCES),
        tracked=collect("<results>/annotation/sources/{source}.json", source=SOURCES),
        regions=[source["regions"] for source in SOURCES.values() if source.get("regions")],
    output:
        annotation="<results>/annotation/{contig}.parquet",
    params:
        code=code("annotation"),
        contig=lambda wildcards: wildcards.contig,
        with_regions=[name for name, source in SOURCES.items() if source.get("regions")],
    log:
        "<results>/logs/annotate_sites/{contig}.log",
    benchmark:
        "<results>/benchmarks/annotate_sites/{contig}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/annotate_sites.py"
