# Needs normalised variants, the reference and gene models; makes the consequence of each variant. Off without gene models.


rule annotate_sites:
    """The most severe consequence of each variant on a gene, by bcftools csq in a process of its own."""
    input:
        variants="<results>/variants/{contig}.bcf",
        sites="<results>/genotypes/{contig}.sites.parquet",
        reference=reference_files(),
        genes=GENES or [],
    output:
        annotation="<results>/annotation/{contig}.parquet",
    params:
        code=code("annotation"),
        contig=lambda wildcards: wildcards.contig,
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
