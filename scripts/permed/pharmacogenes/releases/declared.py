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

# Positions that count as not read wherever no genotype is given, whatever the file's absent sites mean, by rsID.
_SHOULD_NOT = "PharmCAT issue 193, positions that should not be set to reference"
NEVER_DEFAULT = {
    "rs3758581": f"{_SHOULD_NOT}: the reference genome has the base of CYP2C19*38, and *1 and most others differ",
    "rs3064744": f"{_SHOULD_NOT}: a repeat that defines UGT1A1*28, *36 and *37; unread, *80+*28 looks like *80",
    "rs776746": f"{_SHOULD_NOT}: CYP3A5*3 is common, so that unread people would all be *1",
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

_NORMAL, _SEVERE, _UNKNOWN = "IV/Normal", "I/Deficient with CNSHA", "Unknown function"
_DEFICIENT = ("II/Deficient", "III/Deficient")
_G6PD = "CPIC guideline for G6PD 2022, table 1, doi:10.1002/cpt.2735"
_RYR1 = "CPIC guideline for volatile anaesthetics 2019, doi:10.1002/cpt.1319"


def _g6pd_rows() -> list[tuple]:
    rows = [
        (_NORMAL, None, "Normal"),
        (_SEVERE, None, "Deficient with CNSHA"),
        (_UNKNOWN, None, INDETERMINATE),
    ]
    rows += [(function, None, "Deficient") for function in _DEFICIENT]
    rows += [(_NORMAL, _NORMAL, "Normal"), (_SEVERE, _SEVERE, "Deficient with CNSHA")]
    rows += [(_NORMAL, function, "Variable") for function in (_SEVERE, *_DEFICIENT)]
    rows += [(_SEVERE, function, "Deficient") for function in _DEFICIENT]
    rows += [(a, b, "Deficient") for i, a in enumerate(_DEFICIENT) for b in _DEFICIENT[i:]]
    rows += [(_UNKNOWN, other, INDETERMINATE) for other in (_NORMAL, _SEVERE, *_DEFICIENT, _UNKNOWN)]
    return rows


def _ryr1_rows() -> list[tuple]:
    grave, *others = FUNCTION_RANKS["RYR1"][0]
    rows = [(grave, other, "Malignant Hyperthermia Susceptibility") for other in (grave, *others)]
    known = [function for function in others if function != UNASSIGNED]
    return rows + [(a, b, "Uncertain Susceptibility") for i, a in enumerate(known) for b in known[i:]]


# Phenotypes of function pairs (second empty: one allele, haploid) for genes absent from the phenotype tables.
FUNCTION_PHENOTYPES = {"G6PD": (_g6pd_rows(), _G6PD, "2022", "CC0"), "RYR1": (_ryr1_rows(), _RYR1, "2019", "CC0")}


def loss(gene: str) -> tuple[str, str | None, str | None, str | None]:
    """Whether a loss of the gene's product lowers the function that advice rests on (yes or no), what shows it, and the
    gene's pseudogene with the source of that."""
    alleles = LOSS_LOWERS_FUNCTION.get(gene)
    reason = LOSS_REASON.format(alleles=alleles) if alleles else None
    return "yes" if alleles else "no", reason, *PSEUDOGENES.get(gene, (None, None))
