"""Every sentence of the reports on findings and carriers, for review without reading code."""

SCOPE = (
    "Small variants (changed, inserted or deleted bases) were looked for in the genes listed below, and classified "
    "after the criteria of ACMG/AMP or as ClinVar has them. Larger deletions and duplications, repeats, mosaics, and "
    "changes outside coding and splice regions were not looked for."
)
CONFIRM = "Confirm each finding by an accredited method, in a new sample, before anything rests on it."
PENETRANCE = (
    "Not everybody with such a variant falls ill, and those who do are affected to different degrees. The family's "
    "history and the person's own examination decide what the finding means."
)
RELATIVES = "Relatives may carry the same variant: genetic counselling should be offered before they are tested."
ABSENCE = (
    "That nothing is reported of a gene does not exclude its condition. It means that nothing to report was found in "
    "the share of its coding bases that is given; variants of uncertain significance are not reported."
)
NOTHING = "Nothing to report was found in the {known} of {all} genes that could be assessed."
NONE_KNOWN = "None of the {all} genes could be assessed: nothing may be concluded from this section."
NO_GENES = "No list of genes was given for this run, and no phenotype of this person was recognised."
NO_CARRIER_LIST = "No list of recessive genes was given for this run. Nothing was computed."
LISTS = {
    "secondary": "Listed gene",
    "diagnostic": "Gene of the person's phenotypes",
    "carriers": "Recessive gene",
}
CLASSES = {
    "pathogenic": "Pathogenic",
    "likely_pathogenic": "Likely pathogenic",
    "uncertain": "Uncertain significance",
    "likely_benign": "Likely benign",
    "benign": "Benign",
    "not_assessable": "Not assessable",
}
ANSWERS = {"yes": "Found", "possible": "Possible"}
STATES = {
    "found": "Reported above",
    "absent": "Looked at, nothing to report",
    "not_assessable": "Not assessable",
}
BASES = {
    "gvcf": "What was looked at is told by reference blocks of enough depth and quality, and by the file's records.",
    "callable": "What was looked at is told by the callable regions that were given, and by the file's records.",
    "assumed": (
        "The file is taken to leave out nothing but reference genotypes: the shares rest on this assumption, which the "
        "run cannot check."
    ),
    "sites": "Only the records of the file were looked at.",
}
LOW_QUALITY = "The genotype is in doubt: {reason}. Confirm it first."
CLINVAR = "ClinVar: {significance}, {stars} of 4 stars"
POINTS = "{points} by our criteria ({criteria})"
BY = {"clinvar": "class as ClinVar has it", "own": "class by the criteria", None: None}
SOURCE = "List: {source}"
TERMS_USED = "Genes were sought by: {terms}."
TERMS_NOT_USED = "Not used: {terms}. Nothing was sought by it."
MATCHING = {
    "exact": (
        "These terms were matched exactly, since the run had no ontology: genes known for a more general or a more "
        "special term are not among those looked at, unless another term led to them. Genes are ranked by how few "
        "genes share the terms."
    ),
    "ontology": (
        "More general and more special terms were matched too. Genes are ranked by the information that their terms "
        "share with the person's, on average over the person's terms; a rank says how well the known phenotypes fit, "
        "and nothing about a variant."
    ),
}
GENES_OF_TERMS = "{genes} have such terms; the {looked_at} that fit best were looked at."
EVERY_GENE_OF_TERMS = "{genes} have such terms, and every one was looked at."
NO_GENE_OF_TERMS = "No gene has such terms."
CARRIERS_MEAN = (
    "A carrier has one affected copy of a recessive gene and is usually healthy. If both parents carry variants of one "
    "gene, each child is affected with a chance of 1 in 4; a woman who carries an X-linked variant passes it to half "
    "of her children. Who is not found to be a carrier can still be one, through variants that were not looked for."
)
COUPLE = "{partner}, of the same family in the sample sheet, also carries a variant of {gene} ({condition}): {reason}."
COUPLE_MEANS = (
    "Both agreed to learn their carrier status. If the two plan children together, offer genetic counselling; two "
    "members of a family in the sample sheet need not be a couple."
)
SUMMARY_POSSIBLE = "Possible finding: {condition}"
SUMMARY_CARRIER = "Carrier: {condition}"
SUMMARY_AFFECTED = "More than a carrier: {condition}"
COHORT = "People by what is known of each listed gene. Numbers of people by variant are not given."


def count(number: int, what: str) -> str:
    """``1 gene``, ``2 genes``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float | None) -> str:
    """A share rounded down to a tenth of a percent."""
    return "" if share is None else f"{int(share * 1000 + 1e-9) / 10:g} %"
