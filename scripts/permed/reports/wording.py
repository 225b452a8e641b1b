"""Every sentence of the reports, in one place, so that a physician can review the wording without reading code.

Texts with ``{}`` fields are filled by :meth:`str.format`. Phenotype terms are not here: they come from the tables in
the spelling of their source.
"""

from permed.observations.codes import NAMES, REASONS

SCHEMA_VERSION = "1.0"

STATEMENT = (
    "This report supports the decisions of qualified professionals; it is not a diagnosis. "
    "Confirm every finding by an accredited method before treatment changes. "
    "Advice on drugs and doses is what published guidelines and equations say of the genes and of what is named with "
    "them; the person's organs, and all else that bears on a dose, are for the prescriber to weigh."
)
THREE_RESULTS = (
    "Every question has one of three answers. Found: it was looked for and is there. Absent: it was looked for and is "
    "not there. Not assessable: it could not be looked for, or not completely; nothing may be concluded."
)

PURPOSES = {
    "pharmacogenes": "Pharmacogenes",
    "scores": "Polygenic scores",
    "findings": "Variant findings",
    "carriers": "Carrier status",
    "research": "Research",
}
AGREED, NOT_AGREED = "agreed", "not agreed"
NO_CONSENT = "This person did not agree to {purpose}. Nothing was computed."
NOT_RUN = {
    "pharmacogenes": "Pharmacogenes were not called in this run.",
    "scores": "No polygenic score was configured in this run.",
    "annotation": "No gene models were configured, so variants were not annotated.",
    "findings": "No gene models were configured, so variants were neither annotated nor classified.",
    "carriers": "No gene models were configured, so variants were neither annotated nor classified.",
}
NO_ROW = "No result was made for this person."

ABSENT_SITES = {
    "missing": "A site that is not in the genotype files counts as not looked at.",
    "reference": (
        "A site that is not in the genotype files was taken to carry the reference allele. This holds only if every "
        "site was looked at and only reference genotypes were left out."
    ),
}
BLOCKS = (
    "In a gVCF a site that pharmacogenes or scores need, or at which another person has a variant, counts as reference "
    "inside a block with at least {min_depth} reads and a genotype quality of at least {min_genotype_quality}; "
    "elsewhere it counts as not looked at."
)
CALLABLE = (
    "Inside the callable regions that were given, a site that pharmacogenes or scores need and that is not in the "
    "genotype files was taken to carry the reference allele; outside them it counts as not looked at."
)
FILTERED = (
    "Records of the genotype files were believed if their FILTER is among {filters} (a dot means that it is missing); "
    "at others it is not known what the people of the file carry."
)
NOT_FILTERED = "Records of the genotype files were believed whatever their FILTER says, also those that failed it."
BUILD_TOLD = "That the genotype files are of {build} was told by {means}."
BUILD_NOT_CHECKED = (
    "Nothing in {files} genotype files tells of which build they are; that they are of {build} was not checked."
)
BUILD_MEANS = {
    "lengths": "contig lengths",
    "reference": "REF, compared with the reference",
    "positions": "the positions of pharmacogenes",
    "header": "the words of the files themselves",
    "other files": "other files of the same people",
}
BUILD_SHORT_NOT_CHECKED = "{build} (not checked)"
FROM_DOSAGES = (
    "Genotypes of files that hold imputed dosages alone were derived from these: a dosage within 0.1 of 0, 1 or 2 "
    "copies gives the genotype, any other leaves it missing. Imputed genotypes are estimates, not measurements."
)
READS = (
    "Where the genotype files do not give a genotype that pharmacogenes or scores need, it was taken from the reads of "
    "the alignments, if these are at least {min_depth} and the genotype quality is at least {min_genotype_quality}; "
    "otherwise it counts as not looked at."
)
EVIDENCE_SHORT = {"gvcf": "by gVCF blocks", "callable": "by callable regions", "alignments": "by reads"}
ABSENT_SITES_SHORT = {"missing": "not looked at", "reference": "taken as reference"}
NOT_RECORDED = "not recorded"
REFERENCE = {
    True: "REF alleles were checked against the reference genome and variants left-aligned.",
    False: "REF alleles were not checked and variants not left-aligned: no reference genome was given.",
    None: "Whether REF alleles were checked is not recorded.",
}
REFERENCE_PART = "{unchecked} of {records} records lie where the reference has no sequence; their REF was not checked."
LIFTED = (
    "Genotypes of another build were lifted to {build} with {chain} in {files_lifted} files: {swapped:,} variants "
    "whose reference base is another there were exchanged, and {lost:,} have no certain place and are not read."
)
REFERENCE_SHORT = {True: "checked", False: "not checked", None: NOT_RECORDED}
REFERENCE_SHORT_PART = "{share:.0f} % checked"

QUALITY_STATUS = {"pass": "Passed", "warn": "Passed with warnings", "fail": "Failed"}
QUALITY_WORDS = {"pass": "passed", "warn": "warning", "fail": "failed"}
QUALITY_MARKS = {"warn": "▲ ", "fail": "✕ "}
QUALITY_UNKNOWN = "Not assessable"
FAILED = "This sample failed quality control: do not use the results below."
FAILED_WITHHELD = "This sample failed quality control: no result is given."
FAILED_SHORT = "The sample failed quality control: do not use"
TOO_LITTLE = "Too few sites were read to assess the quality of this sample."
NO_QUALITY = "Sample quality was not assessed."
METRICS = {
    "call_rate": ("Call rate", "share of autosomal genotypes that were called"),
    "het_rate": ("Heterozygosity", "share of called autosomal genotypes that are heterozygous"),
    "inbreeding": ("Inbreeding coefficient F", "excess (above 0) or lack (below 0) of homozygous genotypes"),
    "ti_tv": ("Ti/Tv", "transitions for each transversion"),
    "contamination": ("Contamination", "share of reads from another person"),
    "population": ("Similar population", "of those in the reference panel"),
}
# Shown where they were measured.
MORE_METRICS = {
    "het_hom_alt": ("Heterozygous/homozygous", "heterozygous for each homozygous alternate genotype"),
    "insertion_deletion": ("Insertions/deletions", "insertions for each deletion"),
    "indel_snv": ("Indels/substitutions", "insertions and deletions for each substitution"),
    "n_singleton": ("Singletons", "variants that nobody else in the cohort has"),
    "mean_depth": ("Mean depth", "reads at a genotype"),
    "mean_gq": ("Mean genotype quality", "Phred-scaled confidence in a genotype"),
    "het_balance": ("Allele balance", "share of alternate reads at heterozygous genotypes"),
    "believed_rate": ("Believed genotypes", "share of the written genotypes that results may be made of"),
    "believed_rate_definitions": ("Believed, pharmacogenes", "the same at positions that pharmacogenes are read from"),
    "believed_rate_scores": ("Believed, scores", "the same at positions of scores"),
    "believed_rate_findings": ("Believed, findings", "the same of the coding bases that findings look at"),
}
COLUMN_WORDS = {
    "call_rate": "call rate",
    "het_rate": "heterozygosity",
    "x_het_share": "heterozygosity on chrX",
    "ti_tv": "Ti/Tv",
    "sex_inferred": "genetic sex",
    "sex_reported": "the recorded",
    "x_inbreeding": "inbreeding on chrX",
    "x_het_ratio": "heterozygous to homozygous ratio on chrX",
    "y_call_rate": "call rate on chrY",
    "x_depth": "depth on chrX",
    "y_depth": "depth on chrY",
    "het_hom_alt": "heterozygous to homozygous ratio",
    "insertion_deletion": "insertions to deletions",
    "indel_snv": "indels to substitutions",
    "n_singleton": "number of singletons",
    "mean_depth": "mean depth",
    "mean_gq": "mean genotype quality",
    "het_balance": "allele balance",
    "believed_rate": "share of believed genotypes",
    "believed_rate_definitions": "share of believed genotypes at positions of pharmacogenes",
    "froh": "the share in runs of homozygosity",
    "believed_rate_scores": "share of believed genotypes at positions of scores",
    "believed_rate_findings": "share of believed coding bases",
    **{name: REASONS[code] for code, name in NAMES.items()},
}
METRIC_REASONS = {
    "contamination": "not measured in this run",
    "population": "not measured in this run",
}
METRIC_DEFAULT_REASON = "too few sites or people for this metric, or not in the input"
SEX_QUESTION = "Does the genetic sex differ from the recorded one?"
SEX_MISMATCH = "Genetic sex is {inferred}, recorded sex is {reported}: check that the sample is this person's."
SEX_NUMBER = "Genetic sex is {inferred}, recorded sex is {reported}: confirm the number of X chromosomes otherwise."
SEX_UNUSUAL = "Genetic sex is {inferred}, neither XX nor XY, and none is recorded: confirm it otherwise."
SEX_NAMES = {"X?": "one X, X0 or XY"}  # there is no chrY to tell
SEX_UNKNOWN = "Genetic sex could not be inferred: no cross-check of identity."
SEX_UNRECORDED = "No sex is recorded to compare with."

STATES = {
    "called": "Called",
    "multiple": "Several possible",
    "not_assessable": "Not assessable",
    "no_call": "No call",
}
STATE_MEANINGS = {
    "called": "one diplotype fits, and no missing position could change it",
    "multiple": "several diplotypes fit equally well",
    "not_assessable": "positions that could change the result were not read",
    "no_call": "the genotypes fit no known alleles",
}
STATE_REASONS = {
    "multiple": "Several diplotypes fit the genotypes equally well.",
    "not_assessable": "Positions that could change the result were not read.",
    "no_call": "The genotypes fit no alleles of the tables.",
}
PHARMACOGENE_QUESTION = "Is there a phenotype other than the usual one?"
GROUPS = {
    "found": "Phenotype differs from the usual",
    "absent": "Usual phenotype",
    "undetermined": "Diplotype found, phenotype not determined",
    "research": "Research use only",
    "not_assessable": "No result",
}
GROUP_MEANINGS = {
    "found": "Confirm before treatment changes.",
    "absent": "Looked for, and no departure found among the alleles in the tables.",
    "undetermined": "The tables assign no phenotype, or the possible phenotypes disagree.",
    "research": "Not for decisions: what was not seen could change these results.",
    "not_assessable": "Nothing may be concluded for these genes.",
}
PHENOTYPE_UNASSIGNED = "The tables assign no phenotype to this result."
PHENOTYPE_UNDETERMINED = "The phenotype {phenotype} neither shows nor excludes a departure."
PHENOTYPES_AGREE = "All give the same phenotype."
PHENOTYPES_DIFFER = "They give different phenotypes."
DIPLOTYPES_DIFFER = "The possible diplotypes give different phenotypes."
NOT_A_CALL = "Not a call"
READ_WOULD_FIT = "The positions that were read would fit {diplotypes}, as would other alleles."
COULD_BECOME = "The missing positions could make it {alternatives}."
PHENOTYPE_OF_ALL = "Every possibility has the phenotype {phenotype}."
PROBABILITIES = "Probability of each"
PROBABILITIES_ASSUME = (
    "They assume the allele frequencies of the named source for the population given and Hardy-Weinberg proportions; "
    "the rule's answer stands."
)
RESEARCH = "Research use"
RESEARCH_COMBINATIONS = "For research, never a call"
RESEARCH_COMBINATIONS_ARE = "Combinations of known alleles and changes would explain the genotypes: {combinations}."
WHY = "Evidence for {gene}"
WHY_OUTSIDE = (
    "{gene} was called elsewhere. What follows is what the genotypes of this run show; the result above does not rest "
    "on it."
)
POSITIONS_CAPTION = "{gene}: positions that differ from the reference or were not read"
DIPLOTYPES_CAPTION = "{gene}: diplotypes that were weighed"
POINTS = "An allele has a point for each position that was read and that its definition gives."
READ_AS = {
    "variant": "read",
    "undocumented": "read; a base that the tables do not know",
    "half_called": "one of the two chromosomes read",
    "assumed": "not read; taken for the base of the files' reference",
    "missing": "not read",
    "also_carried": "carried also; not in the definitions",
    "also_doubted": "read, but not believed; not in the definitions",
}
SUPPORTS = "Speaks for {alleles}."
HIDES = "Could hide {alleles}."
WEIGHED = {
    "diplotype": "explains the genotypes best",
    "alternative": "explains the genotypes too; a published rule prefers the other",
    "possible": "possible, as positions were not read",
    "nearly": "explains every position but {position}",
}
FITS_WHAT_WAS_READ = "fits what was read; not a call"
BEHIND = "explains the genotypes too, {points} points behind"
READ_AS_REFERENCE = "read with the reference base only"
LOWEST_DEPTH = ", the shallowest with {depth} reads ({position})"
TAKEN_FOR_REFERENCE = "taken for reference without a record in the files"
SILENT = "not read, hiding no allele that would fit"
MORE_POSITIONS = "{more} more positions are in the JSON report."


def count_positions(count: int, what: str) -> str:
    """``3 positions read with the reference base only``."""
    return f"{count} position{'' if count == 1 else 's'} {what}"


OUTSIDE = "Called elsewhere"
ALSO_CARRIED = "Carried also, not in the definitions"
ALSO_REASON = "What is carried beside the alleles may lower the function, so the usual phenotype is not certain."
RESEARCH_REASON = "The call is for research use only, so the phenotype counts as not assessable."

SCORE_SENTENCE = (
    "A polygenic score adds up many common variants of small effect. It says nothing of rare variants, of habits or of "
    "other conditions, and a low score excludes no disease. Read the absolute risk first: a percentile says where a "
    "score lies among others, not how likely a disease is."
)
NOT_SCORED = {
    "absent": "not in the genotypes",
    "ambiguous": "left out on purpose (A/T or C/G, whose strand cannot be told)",
    "allele_mismatch": "with other alleles",
    "poor_quality": "with genotypes of poor quality",
    "duplicate": "listed twice",
    "not_scorable": "not scorable",
}
IMPUTED = "{n} without a genotype, {imputed} of them counted as the average of the cohort"
NOT_IMPUTED = "{n} without a genotype, left out of sum and denominator"
SCORE_FAILED = "The score was not computed."
SCORE_FEW = "Only {rate} of its variants matched; at least {minimum} are needed."

OFFERED = {
    "pharmacogenes": "diplotypes, phenotypes and what guidelines say of drugs",
    "scores": "sums; percentile and absolute risk where they can be told",
    "findings": "pathogenic variants in listed genes and in genes of the person's phenotypes",
    "carriers": "carrier status of the genes of a list, if the run has one",
    "research": "nothing is computed",
}

OPEN_GENES = {
    "not_assessable": "{n} of {all} pharmacogenes without a result",
    "undetermined": "{n} of {all} pharmacogenes without a certain phenotype",
    "research": "{n} of {all} pharmacogenes for research use only",
}
OPEN_LISTED = {
    "findings": "{n} of {all} genes not assessable for findings",
    "carriers": "{n} of {all} genes not assessable for carrier status",
}
OPEN_SCORES = "{n} of {all} scores not assessable"
SEVERAL = "Several phenotypes possible"
NO_PHENOTYPE = "No phenotype assigned"
NOTHING_STANDS_OUT = "Nothing stands out among what could be assessed."
FEW_ASSESSED = "{known} of {all} genes could be assessed; nothing stands out in them."
NONE_ASSESSED = "No gene could be assessed: nothing can be concluded."
COUNTS = {
    "read": "Read",
    "kept": "Kept",
    "split": "Split",
    "trimmed": "Trimmed",
    "left_aligned": "Left-aligned",
    "duplicates": "Duplicates dropped",
    "overlapping_deletion": "Overlapping deletion (*)",
    "reference_blocks": "Reference blocks",
    "symbolic": "Symbolic, set aside",
    "filtered": "Failed FILTER, set aside",
    "ref_mismatch": "REF mismatch, set aside",
    "unchecked": "REF not checked",
    "filled_reference": "Genotypes set to reference by evidence",
    "filled_reads": "Genotypes from reads",
    "reads_disagree": "Reads disagree with the file",
    "added": "Records added at needed positions",
}
COHORT_FOR_STAFF = (
    "This page names people. It is for those who run the cohort, and is kept as safely as the genotypes themselves."
)
SUPPRESSED = (
    "Counts of people below {minimum} are shown as <{minimum}. Where one could be worked out from the others, a "
    "further count is left out (not shown), or the whole row is withheld."
)
ROW_WITHHELD = "too few people to show counts"
HIDDEN = "not shown"

POSITIONS_IN_JSON = "The JSON form of this report lists every position that was not read."
BESIDE = {
    True: "Variants that may abolish a gene's product and that no definition knows are told beside the call, of genes "
    "in which that bears on advice, as far as the gene models have the gene and its bases were looked at.",
    False: "Variants other than those that define the alleles were not looked for: the run had no gene models.",
}
PHENOTYPE_TERMS = "Phenotype terms are those of the source, in its spelling."
ATTRIBUTION = (
    "Allele definitions and phenotypes contain information from ClinPGx and CPIC, used under the Creative Commons "
    "Attribution-ShareAlike 4.0 International licence (CC BY-SA 4.0, creativecommons.org/licenses/by-sa/4.0). They "
    "were reshaped into tables; ClinPGx and CPIC do not endorse this report."
)
NO_ATTRIBUTION = "No knowledge table was used."
