from snakemake.utils import min_version

min_version("9.27")


include: "rules/common.smk"


pathvars:
    results=RESULTS,


include: "rules/demo.smk"
include: "rules/inputs.smk"
include: "rules/resources.smk"
include: "rules/evidence.smk"
include: "rules/normalise.smk"
include: "rules/genotypes.smk"
include: "rules/quality.smk"
include: "rules/depths.smk"
include: "rules/ancestry.smk"
include: "rules/annotate.smk"
include: "rules/classify.smk"
include: "rules/train.smk"
include: "rules/findings.smk"
include: "rules/scores.smk"
include: "rules/pharmacogenes.smk"
include: "rules/drugs.smk"
include: "rules/reports.smk"


rule all:
    """Everything the configuration asks for; after faulty input only the list of faults."""
    default_target: True
    input:
        TARGETS,


onsuccess:
    for line in told_lines(FAULTS_FILE):
        logger.warning(line)
    logger.info(CLOSING_LINE)


onerror:
    for line in [*fault_lines(FAULTS_FILE), *killed_lines(log)]:
        logger.error(line)
