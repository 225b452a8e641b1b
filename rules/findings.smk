# Needs classes of variants, the genotype store, gene models and lists of genes; makes the findings of each person who
# agreed, and what is known of each listed gene. Off without annotation or without such a person.

GENE_LISTS = {
    "secondary": resource("findings/secondary_findings.tsv") if SECONDARY == SHIPPED else SECONDARY or [],
    "carriers": CARRIERS or [],
    "phenotypes": PHENOTYPES or [],
    "ontology": ONTOLOGY or [],
}
FINDING_CONSENTS = {
    f"consent_{purpose}": f"<results>/checks/consent/{purpose}.txt" for purpose in ("findings", "carriers")
}
FINDINGS = ["<results>/findings/findings.parquet"] * STAGES["findings"]


rule measure_coverage:
    """How much of each listed gene's coding sequence was looked at in each person who agreed, by contig."""
    message:
        "Measuring how much of the genes was looked at, {wildcards.contig}"
    input:
        **FINDING_CONSENTS,
        **GENE_LISTS,
        genotypes="<results>/genotypes/{contig}.bed",
        tracked="<results>/genotypes/{contig}.sites.parquet",
        samples="<results>/genotypes/samples.parquet",
        people="<results>/checks/consent/any.txt",
        models="<results>/annotation/transcripts.parquet",
        set_aside="<results>/variants/{contig}.set_aside.parquet",
        counts="<results>/variants/{contig}.json",
        files=lambda wildcards: prepared(wildcards.contig),
        regions=CALLABLE_FILES,
    output:
        coverage="<results>/findings/coverage/{contig}.parquet",
    params:
        code=code("evidence", "findings", "genotypes", "observations"),
        contig=lambda wildcards: wildcards.contig,
        build=SETTINGS["genome"]["build"],
        absent_sites=ABSENT_ON_BUILD,
        filters=FILTERS,
        bounds=BOUNDS,
    log:
        "<results>/logs/measure_coverage/{contig}.log",
    benchmark:
        "<results>/benchmarks/measure_coverage/{contig}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/measure_coverage.py"


rule find_reportable:
    """What is reported to each person of which genes, carriers and couples, and of which genes nothing can be said."""
    message:
        "Finding what is reported to each person"
    input:
        **FINDING_CONSENTS,
        **GENE_LISTS,
        classified="<results>/annotation/classified.parquet",
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        tracked=collect(
            "<results>/genotypes/{contig}.{end}", contig=CONTIGS, end=["sites.parquet", "haploid", "observed"]
        ),
        variants=collect("<results>/variants/{contig}.bcf", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        quality="<results>/quality/samples.parquet",
        kinship="<results>/quality/kinship.parquet",
        compounds="<results>/annotation/compounds.parquet",
        touched=collect("<results>/annotation/{contig}.transcripts.parquet", contig=CONTIGS),
        coverage=collect("<results>/findings/coverage/{contig}.parquet", contig=CONTIGS),
    output:
        findings="<results>/findings/findings.parquet",
        genes="<results>/findings/genes.parquet",
        couples_table="<results>/findings/couples.parquet",
        told="<results>/findings/phenotypes.parquet",
    params:
        code=code("findings", "genotypes", "observations"),
        contigs=CONTIGS,
        build=SETTINGS["genome"]["build"],
        min_coverage=SETTINGS["findings"]["min_coverage"],
        min_allele_balance=SETTINGS["findings"]["min_allele_balance"],
        min_depth=BOUNDS["min_depth"],
        min_genotype_quality=BOUNDS["min_quality"],
    log:
        "<results>/logs/find_reportable.log",
    benchmark:
        "<results>/benchmarks/find_reportable.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/find_reportable.py"


rule compare_findings:
    """What changed since an earlier run and why: whom to write to."""
    message:
        "Comparing with the earlier run's findings"
    input:
        **FINDING_CONSENTS,
        findings="<results>/findings/findings.parquet",
        genes="<results>/findings/genes.parquet",
        classified="<results>/annotation/classified.parquet",
        databases=collect("<results>/annotation/sources/{source}.json", source=SOURCES),
    output:
        changes="<results>/findings/changes.tsv",
    params:
        code=code("findings"),
        previous=PREVIOUS,
    log:
        "<results>/logs/compare_findings.log",
    benchmark:
        "<results>/benchmarks/compare_findings.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/compare_findings.py"
