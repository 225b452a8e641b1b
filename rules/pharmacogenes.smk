# Needs the normalised variants and the consent list; makes a diplotype for every person and pharmacogene
# and the evidence it rests on.

PHARMACOGENE_TABLES = [
    resource(f"pharmacogenes/{name}.tsv")
    for name in "genes positions alleles allele_variants phenotypes unphased_priorities position_rules function_ranks".split()
]


rule call_pharmacogenes:
    """Find the allele pairs that explain each person's genotypes, and what unread positions could change."""
    input:
        variants=collect("<results>/variants/{contig}.bcf", contig=CONTIGS),
        set_aside=collect("<results>/variants/{contig}.set_aside.parquet", contig=CONTIGS),
        consent="<results>/checks/consent/pharmacogenes.txt",
        tables=PHARMACOGENE_TABLES,
    output:
        calls="<results>/pharmacogenes/calls.parquet",
        evidence="<results>/pharmacogenes/evidence.parquet",
    params:
        code=code("pharmacogenes"),
        absent_sites=ABSENT_SITES,
        contigs=CONTIGS,
        genes=PHARMACOGENES,
        build=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/call_pharmacogenes.log",
    benchmark:
        "<results>/benchmarks/call_pharmacogenes.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2500),
    script:
        "../scripts/call_pharmacogenes.py"
