# Needs the pharmacogene definitions and the list of demo people; makes the demo's genotypes, reference, gene models,
# frequencies, scores and the truth planted in them. Nothing asks for it unless the configuration names these files.

DEMO_TRUTH = ["people", "kinship", "quality", "sites", "pharmacogenes", "consequences", "carriers", "score_variants"]
DEMO_TRUTH += ["scores", "findings", "genes"]


rule simulate_demo:
    """Simulate a cohort with families, faults and known answers; the same seed gives the same bytes."""
    message:
        "Simulating the demo's cohort"
    input:
        people=resource("demo/people.tsv"),
        genes_table=resource("pharmacogenes/genes.tsv"),
        positions=resource("pharmacogenes/positions.tsv"),
        alleles=resource("pharmacogenes/alleles.tsv"),
        allele_variants=resource("pharmacogenes/allele_variants.tsv"),
    output:
        **DEMO_FILES,
        truth=expand("data/demo/truth/{table}.tsv", table=DEMO_TRUTH),
    params:
        code=code("demo"),
        seed=20261122,
    log:
        "<results>/logs/simulate_demo.log",
    benchmark:
        "<results>/benchmarks/simulate_demo.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/simulate_demo.py"
