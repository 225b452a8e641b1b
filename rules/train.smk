# Needs summary statistics and LD references of the user; makes scoring files, which are matched and scored like any.


rule train_score:
    """Train the weights of a score from the summary statistics of a study."""
    message:
        "Training the weights of the score {wildcards.trained}"
    input:
        gate="<results>/checks/consent/any.txt",
        files=lambda wildcards: training_files(Settings(**TRAIN[wildcards.trained])),
        reference=reference_files(),
    output:
        score="<results>/scores/trained/{trained}.txt.gz",
        about="<results>/scores/trained/{trained}.json",
    params:
        code=code("genotypes", "scores"),
        trained=lambda wildcards: wildcards.trained,
        settings=lambda wildcards: json.dumps(TRAIN[wildcards.trained]),
        build=SETTINGS["genome"]["build"],
    log:
        "<results>/logs/train_score/{trained}.log",
    benchmark:
        "<results>/benchmarks/train_score/{trained}.jsonl"
    conda:
        "../envs/permed.yaml"
    threads: 4
    resources:
        mem_mb=memory(8000),
    script:
        "../scripts/train_score.py"
