"""What the sources state in prose only, declared once for the importer; everything else it reads from their files.

The matcher never reads this module: it sees the tables that the importer writes.
"""

CLINPGX = "ClinPGx allele definitions, as released with PharmCAT"
CLINPGX_PHENOTYPES = "CPIC functions and phenotypes by ClinPGx, as released with PharmCAT"
CLINPGX_LICENCE = "CC BY-SA 4.0"
PYPGX = "PyPGx tables"
PYPGX_VERSION = "0.26"
PYPGX_LICENCE = "MIT"

# An allele to which nobody has assigned a function, and the answer for a pair with one: the words of the definitions.
UNASSIGNED = "Unassigned function"
NOT_AVAILABLE = "n/a"
INDETERMINATE = "Indeterminate"

# Genes where a base that no definition knows counts as the reference base, those that are called from single
# variants of lowest function when unphased, and those that a small-variant file cannot settle (copy number):
# PharmCAT documentation, "NamedAlleleMatcher 101" and "Gene Definition Exceptions", 3.1.
UNDOCUMENTED_AS_REFERENCE = {"CACNA1S", "DPYD", "G6PD", "NUDT15", "RYR1", "TPMT"}
LOWEST_FUNCTION = {"DPYD", "RYR1"}
RESEARCH = {"CYP2D6"}

# Genes whose phenotype follows from a sum of activity values: CPIC guidelines for each gene.
SCORED = {"CYP2C9", "CYP2D6", "DPYD"}

# Genes of mitochondrial DNA, which the allele definitions lack; their alleles are named by a change of rCRS.
MITOCHONDRIAL = {"MT-RNR1"}

# Genes in which a variant that abolishes the product lowers the function that advice rests on, each with what shows it:
# in the tables alleles without function, of decreased or of deficient function have phenotypes that advice is given
# for. Other genes are not looked at beside their alleles; resources/pharmacogenes/README.md has the reason of each.
_NONE, _LESS = "alleles of no function", "alleles of decreased function"
LOSS_LOWERS_FUNCTION = {
    **dict.fromkeys(("CYP3A5", "NUDT15", "SLCO1B1", "TPMT"), _NONE),
    **dict.fromkeys(("ABCG2", "NAT2", "UGT1A1"), _LESS),
    **dict.fromkeys(
        ("CYP2B6", "CYP2C19", "CYP2C9", "CYP2D6", "CYP3A4", "DPYD"), "alleles of no and of decreased function"
    ),
    "G6PD": "alleles of deficient function",
}
LOSS_REASON = "{alleles} have phenotypes of their own (alleles.tsv, phenotypes.tsv)"
# Pseudogenes whose reads are easily taken for the gene's.
_GENES = "PyPGx docs/genes.rst, 0061229 (MIT)"
PSEUDOGENES = {"CYP2B6": ("CYP2B7", _GENES), "CYP2D6": ("CYP2D7", _GENES)}

# Genes of the definitions without functions in the phenotype tables, taken from the supplement.
SUPPLEMENTED = {"CYP2D6", "G6PD", "RYR1"}

# Spelling of the supplement's functions in ClinPGx's words; a function that is not here is not taken.
SUPPLEMENT_FUNCTIONS = {
    "Normal Function": "Normal function",
    "Decreased Function": "Decreased function",
    "No Function": "No function",
    "Uncertain Function": "Uncertain function",
    "Unknown Function": "Unknown function",
    "Malignant Hyperthermia Associated": "Malignant Hyperthermia associated",
    "Class I (Deficient with CNSHA)": "I/Deficient with CNSHA",
    "Class II (Deficient)": "II/Deficient",
    "Class III (Deficient)": "III/Deficient",
    "Class IV (Normal)": "IV/Normal",
}

# What decides when a call by whole alleles is not to be had, or when one position stands for another.
# rule "no_call": the base alone gives the allele's function (CPIC guideline for statins 2022, rs4149056).
# rule "decisive"/"proxy": the first position decides the allele, the second only where the first was not read
# (ClinPGx DPYD HapB3: the intronic c.1129-5923C>G is the cause, c.1236G>A travels with it).
POSITION_RULES = [
    ("SLCO1B1", "no_call", "rs4149056", "T", "*1", "CPIC guideline for statins, doi:10.1002/cpt.2557"),
    ("SLCO1B1", "no_call", "rs4149056", "C", "*5", "CPIC guideline for statins, doi:10.1002/cpt.2557"),
    ("DPYD", "decisive", "rs75017182", "C", "c.1129-5923C>G, c.1236G>A (HapB3)", "ClinPGx DPYD allele functionality"),
    ("DPYD", "proxy", "rs56038477", "T", "c.1129-5923C>G, c.1236G>A (HapB3)", "ClinPGx DPYD allele functionality"),
]

# Positions that count as not read wherever no genotype is given, whatever the file's absent sites mean, by rsID: on
# both builds ("yes") or on one of them, with who asks for it.
_SHOULD_NOT = "PharmCAT issue 193, positions that should not be set to reference"
NEVER_DEFAULT = {
    "rs3758581": (
        "yes",
        f"{_SHOULD_NOT}: the reference genome has the base of CYP2C19*38, and *1 and most others differ",
    ),
    "rs3064744": (
        "yes",
        f"{_SHOULD_NOT}: a repeat that defines UGT1A1*28, *36 and *37; unread, *80+*28 looks like *80",
    ),
    "rs776746": ("yes", f"{_SHOULD_NOT}: CYP3A5*3 is common, so that unread people would all be *1"),
    "rs6025": (
        "GRCh37",
        f"{PYPGX} {PYPGX_VERSION}: GRCh37 has the base of factor V Leiden: unread people would all have it twice",
    ),
}

# Order in which functions weigh where the lowest decides and there are no activity values: first is gravest.
# With the source, its version and licence.
FUNCTION_RANKS = {
    "RYR1": (
        ["Malignant Hyperthermia associated", "Uncertain function", UNASSIGNED, "Normal function"],
        *("PharmCAT documentation, gene definition exceptions", "3.1", "MPL-2.0"),
    ),
    "MT-RNR1": (
        [f"{risk} risk of aminoglycoside-induced hearing loss" for risk in ("Increased", "Uncertain", "Normal")],
        *("CPIC guideline for aminoglycosides and MT-RNR1, PMID 34032273: order of the risks", "2022", "CC0"),
    ),
}


def loss(gene: str) -> tuple[str, str | None, str | None, str | None]:
    """Whether a loss of the gene's product lowers the function that advice rests on (yes or no), what shows it, and the
    gene's pseudogene with the source of that."""
    alleles = LOSS_LOWERS_FUNCTION.get(gene)
    reason = LOSS_REASON.format(alleles=alleles) if alleles else None
    return "yes" if alleles else "no", reason, *PSEUDOGENES.get(gene, (None, None))
