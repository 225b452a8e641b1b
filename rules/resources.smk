# Needs addresses that the configuration names, files of annotation databases, or what an earlier run built of them; makes
# downloads that are compared with their checksums and locked, and databases as keyed Parquet. Without an address nothing
# is fetched.


rule download_score:
    """Download a score of the PGS Catalog, harmonised to the run's build; what is there and whole is kept."""
    message:
        "Downloading the score {wildcards.accession}"
    input:
        gate="<results>/checks/consent/any.txt",
    output:
        score=update(f"<results>/scores/catalog/{{accession}}_hmPOS_{SETTINGS['genome']['build']}.txt.gz"),
        lock=update(f"<results>/scores/catalog/{{accession}}_hmPOS_{SETTINGS['genome']['build']}.json"),
    params:
        accession="{accession}",
        build=SETTINGS["genome"]["build"],
        address=SETTINGS["scores"]["catalog_address"],
    log:
        "<results>/logs/download_score/{accession}.log",
    benchmark:
        "<results>/benchmarks/download_score/{accession}.jsonl"
    conda:
        "../envs/permed.yaml"
    localrule: True  # a cluster's nodes may have no network
    threads: 1
    resources:
        mem_mb=memory(500),
    script:
        "../scripts/download_score.py"


rule download_source:
    """Download a file of an annotation database and compare it with its checksum; what is there and whole is kept."""
    message:
        "Downloading {wildcards.file} of the annotation database {wildcards.source}"
    input:
        gate="<results>/checks/consent/any.txt",
    output:
        file=update("<results>/annotation/downloads/{source}/{file}"),
        lock=update("<results>/annotation/downloads/{source}/{file}.json"),
    wildcard_constraints:
        file=r"[^/]+(?<!\.json)",
    params:
        source="{source}",
        address=lambda wildcards: DOWNLOADS[wildcards.source][wildcards.file].address,
        sha256=lambda wildcards: DOWNLOADS[wildcards.source][wildcards.file].sha256,
        md5=lambda wildcards: DOWNLOADS[wildcards.source][wildcards.file].md5,
    log:
        "<results>/logs/download_source/{source}/{file}.log",
    benchmark:
        "<results>/benchmarks/download_source/{source}/{file}.jsonl"
    conda:
        "../envs/permed.yaml"
    localrule: True  # a cluster's nodes may have no network
    threads: 1
    resources:
        mem_mb=memory(500),
    script:
        "../scripts/download_source.py"


rule take_source:
    """An annotation database that an earlier run built: found to be whole, linked, and described under its name here."""
    message:
        "Taking the annotation database {wildcards.source} from an earlier run"
    input:
        built=lambda wildcards: SOURCES[wildcards.source]["built"],
        tracked=lambda wildcards: str(about_path(SOURCES[wildcards.source]["built"])),
        gate="<results>/checks/consent/any.txt",
    output:
        parquet="<results>/annotation/sources/{source}.parquet",
        about="<results>/annotation/sources/{source}.json",
    wildcard_constraints:
        source=one_of(BUILT_SOURCES),
    params:
        code=code("annotation/sources"),
        fields=lambda wildcards: SOURCES[wildcards.source].get("fields") or [],
        release=lambda wildcards: SOURCES[wildcards.source].get("release"),
    log:
        "<results>/logs/take_source/{source}.log",
    benchmark:
        "<results>/benchmarks/take_source/{source}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
    script:
        "../scripts/take_source.py"


rule build_source:
    """An annotation database as Parquet by variant key, split, left-aligned and compared with the reference."""
    message:
        "Building the annotation database {wildcards.source}"
    input:
        files=lambda wildcards: database_files(wildcards.source),
        locks=lambda wildcards: [f"{path}.json" for path in downloaded(wildcards.source)],
        tracked=lambda wildcards: tracked(str(mapping_path(SOURCES[wildcards.source]["kind"]))),
        reference=reference_files(),
        gate="<results>/checks/consent/any.txt",
    output:
        parquet="<results>/annotation/sources/{source}.parquet",
        about="<results>/annotation/sources/{source}.json",
    wildcard_constraints:
        source=one_of(name for name in SOURCES if name not in BUILT_SOURCES),
    params:
        code=code("annotation"),
        kind=lambda wildcards: SOURCES[wildcards.source]["kind"],
        fields=lambda wildcards: SOURCES[wildcards.source].get("fields") or [],
        release=lambda wildcards: SOURCES[wildcards.source].get("release"),
        contigs=lambda wildcards: database_contigs(wildcards.source),
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
