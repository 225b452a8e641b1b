"""The sentences around quality: pictures and counts of the cohort's page, findings on identity in the reports."""

CALLS = "Call rate and heterozygosity of each sample"
CALL_LIMITS = {"fails": "fail_call_rate", "warns": "warn_call_rate"}
STATUS_MARKS = {"pass": ("dot", "passed"), "warn": ("triangle", "warning"), "fail": ("cross", "failed")}

SEX = "What chrX and chrY say of each sample's sex, by recorded sex"
SEX_ROWS = "What chrX says of each sample's sex, by recorded sex"
NO_Y = "Nothing is known of chrY; marks are spread within a row for legibility only."
X_AXES = {
    "x_inbreeding": "Inbreeding coefficient on chrX",
    "x_het_ratio": "Heterozygous for each homozygous alternate genotype on chrX",
}
Y_AXES = {
    "y_relative": "Depth on chrY / on autosomes",
    "y_call_rate": "Call rate on chrY",
    "row": "Recorded sex",
}
SEX_LIMITS = {"XX below": "max_xx_inbreeding", "XY above": "min_xy_inbreeding"}
SEX_MARKS = {"XX": ("dot", "recorded XX"), "XY": ("square", "recorded XY"), "NA": ("diamond", "not recorded")}
SEX_DIFFERS = {"differs": ("cross", "crossed: genetic sex differs from the recorded")}

KINSHIP = "Kinship and IBS0 of pairs of samples"
DEGREES = ("duplicates above", "first degree above", "second degree above", "third degree above")
PAIR_MARKS = {
    "true": ("dot", "as the sheet says"),
    "unknown": ("square", "the sheet cannot tell"),
    "false": ("cross", "not as the sheet says"),
}
PAIRS_LISTED = (
    "Only pairs that are listed are drawn: relatives, and all pairs within a family of the sheet (every pair, if "
    "quality.kinship_pairs is all)."
)
PAIRS_LEFT_OUT = "{n} pairs without a kinship are not drawn."

ANCESTRY = "Components {} and {} of each sample over the people of the reference panel"
PANEL_GROUP = "{group}, panel"
ANCESTRY_MARKS = {
    "found": ("dot", "sample similar to a population of the panel"),
    "absent": ("cross", "sample outside the panel"),
}
PANEL_NOTE = (
    "Being near to a group says that genotypes are similar, not who somebody is. Of the panel's people only the place "
    "is drawn, without a name or a genotype."
)
LEFT_OUT = "{n} samples without these measures are not drawn."
THINNED = "Of more than {most:,} marks of a kind, those on nearly the same place are drawn once; the numbers count all."

EXCEPTIONS = "Pairs of close relatives, or of the same genotypes, whom the sheet does not put into one family."
MORE_EXCEPTIONS = "and {n} more in kinship.tsv, where agrees is false"
WITHHELD_COUNT = (
    "{n} people who agreed are not counted here: their sample failed quality control and their results are withheld."
)
FAILED_COUNT = "{n} people whose sample failed quality control are counted here, as quality.on_fail is set to flag."
LISTED_METRICS = {
    "call_rate": "Call rate",
    "het_rate": "Heterozygosity",
    "inbreeding": "F",
    "ti_tv": "Ti/Tv",
    "contamination": "Contamination",
    "population": "Most similar to",
}

# By kind of what kinship says of a sample (permed.quality.kinship.pedigree.KINDS).
IDENTITY_FLAGS = {
    "same_genotypes": "Genotypes of another sample too",
    "exchanged": "Exchanged with another sample, or perhaps so",
    "stranger": "Related to nobody of its family",
    "relative_outside": "Close relative outside the family",
}
