# Needs normalised variants, the reference, gene models and annotation databases as Parquet; makes the consequence of each
# variant and what the databases say of it. Off without gene models.


rule prepare_genes:
    """The gene models as a table of transcripts, in whichever of the common styles they come."""
    message:
        "Preparing the gene models"
    input:
        genes=GENES or [],
    output:
        transcripts="<results>/annotation/transcripts.parquet",
    params:
        code=code("annotation"),
        contigs=CONTIGS,
        build_name=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/prepare_genes.log",
    benchmark:
        "<results>/benchmarks/prepare_genes.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1500),
    script:
        "../scripts/prepare_genes.py"


rule annotate_sites:
    """Consequence of each variant on each transcript, by bcftools csq in a process of its own, and HGVS."""
    message:
        "Annotating the variants of {wildcards.contig}"
    input:
        variants="<results>/variants/{contig}.bcf",
        sites="<results>/genotypes/{contig}.sites.parquet",
        reference=reference_files(),
        genes=GENES or [],
        models="<results>/annotation/transcripts.parquet",
        sources=collect("<results>/annotation/sources/{source}.parquet", source=SOURCES),
        tracked=collect("<results>/annotation/sources/{source}.json", source=SOURCES),
        regions=[*SOURCE_REGIONS.values()],
    output:
        annotation="<results>/annotation/{contig}.parquet",
        transcripts="<results>/annotation/{contig}.transcripts.parquet",
    wildcard_constraints:
        contig="|".join(map(escape, CONTIGS)),
    params:
        code=code("annotation"),
        contig=lambda wildcards: wildcards.contig,
        build_name=SETTINGS["genome"]["build"],
        with_regions=[*SOURCE_REGIONS],
        everywhere=[name for name, source in SOURCES.items() if source.get("regions") == EVERYWHERE],
    log:
        "<results>/logs/annotate_sites/{contig}.log",
    benchmark:
        "<results>/benchmarks/annotate_sites/{contig}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/annotate_sites.py"


rule find_compounds:
    """What variants that meet in one codon or reading frame do together, in people who agreed to findings or carriers."""
    message:
        "Judging variants that meet in one codon or frame"
    input:
        consent_findings="<results>/checks/consent/findings.txt",
        consent_carriers="<results>/checks/consent/carriers.txt",
        carriers=CARRIERS or [],
        quality="<results>/quality/samples.parquet",
        variants=collect("<results>/variants/{contig}.bcf", contig=CONTIGS),
        tracked=collect("<results>/variants/{contig}.bcf.csi", contig=CONTIGS),
        rows=collect("<results>/annotation/{contig}.transcripts.parquet", contig=CONTIGS),
        models="<results>/annotation/transcripts.parquet",
        reference=reference_files(),
    output:
        compounds="<results>/annotation/compounds.parquet",
    params:
        code=code("annotation", "findings"),
    log:
        "<results>/logs/find_compounds.log",
    benchmark:
        "<results>/benchmarks/find_compounds.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/find_compounds.py"
