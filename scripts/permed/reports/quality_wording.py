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

# By kind of what kinship says of a sample (permed.quality.kinship.findings.KINDS).
IDENTITY_FLAGS = {
    "same_genotypes": "Genotypes of another sample too",
    "exchanged": "Exchanged with another sample, or perhaps so",
    "stranger": "Related to nobody of its family",
    "relative_outside": "Close relative outside the family",
    "no_parent": "Not the relation that the pedigree gives",
    "not_one_person": "Replicates that differ",
    "no_twin": "Declared identical twins who differ",
    "transplant": "Transplant of stem cells",
    "known_same": "Genotypes of an earlier sample under another name",
    "known_other": "Genotypes differ from those of an earlier run",
}
IDENTITY_SHORT = {
    "same_genotypes": "the genotypes are those of another sample too",
    "exchanged": "the sample looks exchanged, or may be, with another one",
    "stranger": "the sample is related to nobody of the family that the sample sheet gives",
    "relative_outside": "a close relative is in another family of the sample sheet, or in none",
    "no_parent": "the genotypes do not fit a relation that the sample sheet gives",
    "not_one_person": "the genotypes are not those of the sample that the sheet declares as the same person's",
    "no_twin": "the genotypes are not those of the identical twin whom the sheet declares",
    "transplant": "the sheet declares a transplant of stem cells: genotypes from blood are the donor's",
    "known_same": "an earlier run has the same genotypes under another name",
    "known_other": "an earlier run has other genotypes under this name",
}
IDENTITY = {
    "same_genotypes": (
        "Another sample of the cohort has the same genotypes: one person's sample under two names, or identical twins."
    ),
    "exchanged": (
        "The sample fits the family of another sample better than the one that the sample sheet gives: the two may be "
        "exchanged."
    ),
    "stranger": (
        "The sample is related to nobody of its family: it may be mixed up, unless this is a family by marriage or "
        "adoption."
    ),
    "relative_outside": (
        "A close relative is in the cohort whom the sample sheet puts into another family or none: the sample may be "
        "mixed up, or the sheet is incomplete."
    ),
    "no_parent": (
        "The genotypes do not fit a relation that the sample sheet gives: samples may be mixed up, or the sheet does "
        "not mean descent."
    ),
    "not_one_person": (
        "The sample sheet declares another sample of the same person, and its genotypes are another person's: one of "
        "the two samples is not this person's, and both have to be typed again."
    ),
    "no_twin": (
        "The sample sheet declares an identical twin, and the genotypes differ: the twins are fraternal, or samples "
        "are mixed up."
    ),
    "transplant": (
        "The sample sheet declares a transplant of stem cells: blood and saliva hold the donor's cells, so the results "
        "may be the donor's. A sample of skin or another tissue shows the person's own."
    ),
    "known_same": (
        "An earlier run has the same genotypes under another name: one person under two names, identical twins, or an "
        "exchange of samples in one of the runs."
    ),
    "known_other": (
        "An earlier run has other genotypes under this name: the sample of one of the two runs is not this person's."
    ),
}
# By what the sheet declares and the genotypes bear out.
DECLARED = {
    "twin": "The genotypes are those of another sample too, which the sample sheet declares as the identical twin's.",
    "replicate": "The genotypes are those of another sample too, which the sample sheet declares as this person's.",
}
IDENTITY_UNKNOWN = "Kinship was not assessed."
IDENTITY_QUESTION = "Do the genotypes disagree with the sample sheet's families, or belong to another sample too?"
IDENTITY_NAMES = "The samples concerned are named in the cohort's tables, which those who run the cohort have."
IDENTITY_TITLE = "Not certain whose sample this is"
IN_DOUBT = "It is not certain that this sample is this person's: use nothing in this report until that is settled."
IN_DOUBT_SHORT = "Not certain whose sample this is: do not use"
NO_CARD = "No card to carry is made of a sample that failed quality control or of which it is not certain whose it is."

CONTAMINATION_METHODS = {
    "allele_depths": "from a mixture fitted to the reads by allele in the genotype files",
    "alignments": "from a mixture fitted to the reads of the alignments",
    "allele_balance": "no fraction could be estimated; allele balance is given instead",
}
INTERVAL = "95{space}% interval {low} to {high}"
NOT_BELIEVED = "not believed: {causes}"
CAUSE = "{n:,} for {cause}"
ALL_BELIEVED = "nothing was taken out"
MOST_SIMILAR = "most similar to {population}"
PROBABILITY = "probability {probability:.2f} among the populations of the panel"
ANCESTRY_MEANING = (
    "Genotypes resemble those of people of this label in the panel. It says nothing of descent, nationality or "
    "identity."
)
# What the depths table calls the measures.
DEPTH_NAMES = {"mean_depth": "depth", "mean_gq": "genotype quality", "het_balance": "allele balance"}
