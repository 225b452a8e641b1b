# Needs the genotype store and a reference panel, or its genotypes and labels; makes the panel and everybody's place in it.

PANEL_ENDINGS = ["bed", "bim", "sites.parquet", "haploid", "dosage", "observed"]
OWN_PANEL_FILES = [
    *collect("<results>/panel/{name}", name=["samples.parquet", "samples.fam", "labels.tsv", "ancestry.npz"]),
    *collect("<results>/panel/{contig}.{end}", contig=PANEL_CONTIGS, end=PANEL_ENDINGS),
]
ANCESTRY = ["<results>/quality/ancestry.parquet"] * STAGES["ancestry"]
ANCESTRY += OWN_PANEL_FILES if OWN_PANEL and PANEL == OWN_PANEL else []


rule admit_panel:
    """List the people of whom the panel has genotypes and a label; refuse files of another build."""
    message:
        "Admitting the people of the panel"
    input:
        gate="<results>/checks/consent/any.txt",
        genotypes=[file.path for file in PANEL_FILES],
        tracked=tracked(*PANEL_COMPANIONS),
        labels=PANEL_LABELS or [],
        reference=reference_files(),
    output:
        samples="<results>/panel/samples.parquet",
        fam="<results>/panel/samples.fam",
        people="<results>/panel/labels.tsv",
    params:
        code=code("genotypes", "inputs", "quality/ancestry"),
        contigs=PANEL_CONTIGS,
        genotype_contigs=[file.contig or "" for file in PANEL_FILES],
        build=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/admit_panel.log",
    benchmark:
        "<results>/benchmarks/admit_panel.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    script:
        "../scripts/admit_panel.py"


rule pack_panel:
    """Normalise the panel's genotypes as the cohort's are and pack them into a store of their own."""
    message:
        "Packing the panel's genotypes"
    input:
        genotypes=panel_sources,
        tracked=tracked(*PANEL_COMPANIONS),
        samples="<results>/panel/samples.parquet",
        reference=reference_files(),
    output:
        bed=panel_parts("bed"),
        sites=panel_parts("sites.parquet"),
        bim=panel_parts("bim"),
        haploid=panel_parts("haploid"),
        dosage=panel_parts("dosage"),
        observed=panel_parts("observed"),
    params:
        code=code("evidence", "genotypes", "inputs", "normalise", "records"),
        contigs=lambda wildcards: [wildcards.contig] if PANEL_BY_CONTIG else PANEL_CONTIGS,
        build=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/pack_panel/{contig}.log" if PANEL_BY_CONTIG else "<results>/logs/pack_panel.log",
    benchmark:
        "<results>/benchmarks/pack_panel/{contig}.jsonl" if PANEL_BY_CONTIG else "<results>/benchmarks/pack_panel.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/pack_panel.py"


rule build_panel:
    """Components of the panel, its populations on them, and how well they tell held-out people apart."""
    message:
        "Building the panel's components"
    input:
        genotypes=collect("<results>/panel/{contig}.bed", contig=PANEL_CONTIGS),
        tracked=collect("<results>/panel/{contig}.sites.parquet", contig=PANEL_CONTIGS),
        samples="<results>/panel/samples.parquet",
        labels="<results>/panel/labels.tsv",
    output:
        panel="<results>/panel/ancestry.npz",
    params:
        code=code("genotypes", "quality/ancestry"),
        build=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/build_panel.log",
    benchmark:
        "<results>/benchmarks/build_panel.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/build_panel.py"


rule project_ancestry:
    """Place everybody, each alone, on the panel's components: the most similar population, or outside the panel."""
    message:
        "Placing everybody on the panel's components"
    input:
        genotypes=collect("<results>/genotypes/{contig}.bed", contig=CONTIGS),
        tracked=collect("<results>/genotypes/{contig}.sites.parquet", contig=CONTIGS),
        samples="<results>/genotypes/samples.parquet",
        set_aside=collect("<results>/variants/{contig}.set_aside.parquet", contig=CONTIGS),
        panel=f"{PANEL}/ancestry.npz" if PANEL else [],
    output:
        ancestry="<results>/quality/ancestry.parquet",
    params:
        code=code("genotypes", "quality/ancestry"),
        build=SETTINGS["genome"]["build"],
        absent_sites=ABSENT_ON_BUILD,
    log:
        "<results>/logs/project_ancestry.log",
    benchmark:
        "<results>/benchmarks/project_ancestry.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    script:
        "../scripts/project_ancestry.py"
