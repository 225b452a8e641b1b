# Needs the calls of pharmacogenes and the sample table; makes the advice on drugs and doses for every person.

DRUG_TABLES = [
    resource(f"drugs/{name}.tsv")
    for name in "guidance actions populations dose_terms implications warnings groups".split()
]

MEDICINE_TABLES = [
    resource(f"drugs/{name}.tsv")
    for name in (
        "medicines medicine_names medicine_routes medicine_routes_added medicine_acts_on entry_words interactions "
        "phenoconversion"
    ).split()
]
DOSING_TABLES = [
    resource(f"drugs/{name}.tsv")
    for name in "dosing dosing_models dosing_limits dosing_levels dosing_adjustments".split()
]


rule advise_drugs:
    """Look up what published guidance says of each person's results; what is not known stays not known."""
    message:
        "Looking up guidance on medicines"
    input:
        calls="<results>/pharmacogenes/calls.parquet",
        samples="<results>/genotypes/samples.parquet",
        consent="<results>/checks/consent/pharmacogenes.txt",
        tables=DRUG_TABLES,
        phenotypes=gene_table("phenotypes"),
        medicines=MEDICINE_TABLES,
        dosing=DOSING_TABLES,
        ages=resource("drugs/ages.tsv"),
    output:
        advice="<results>/pharmacogenes/advice.parquet",
        doses="<results>/pharmacogenes/doses.parquet",
        entries="<results>/pharmacogenes/medicines.parquet",
    params:
        code=code("drugs"),
        year=lambda wildcards: SETTINGS["drugs"]["year"],
    log:
        "<results>/logs/advise_drugs.log",
    benchmark:
        "<results>/benchmarks/advise_drugs.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/advise_drugs.py"
