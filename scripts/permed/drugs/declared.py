"""What the sources of guidance do not say by themselves: names of populations, what is left out and why, licences."""

# Status of a source row, the one to use first at the left; the others serve as cross-checks only.
PRECEDENCE = ("current", "as_of_2024-05", "only_source")
GENERAL = "general"
POPULATIONS = {
    "": GENERAL,
    "general": GENERAL,
    "adults": "adult",
    "pediatrics": "child",
    "child >40kg_adult": "over_40_kg",
    "PHT naive": "not_yet_taken",
    "CBZ naive": "not_yet_taken",
    "OXC naive": "not_yet_taken",
    "PHT use >3mos": "taken_over_3_months",
    "CBZ use >3mos": "taken_over_3_months",
    "OXC use >3 mos": "taken_over_3_months",
    "CBZ-no alternatives": "no_alternative",
    "CVI ACS PCI": "acs_pci",
    "CVI non-ACS non-PCI": "other_cardiovascular",
    "NVI": "neurovascular",
}
# Texts of the source's population that narrow the advice of one row only, in our words.
LIMITS = {
    "doses above 20 mg/6 h (adult) or added risk factors": "above 20 mg every 6 h or with further risk factors",
    "depends on CYP2D6/CYP3A co-medication": "depends on medicines that slow CYP2D6 or CYP3A, on liver and kidneys",
}
# (body, drug, gene, condition or "" for all, population or "" for all, why the row is no row of the table).
LEFT_OUT = (
    ("CPIC", "warfarin", "CYP4F2", "", "", "an adjustment of the computed dose"),
    ("CPIC", "warfarin", "rs12777823", "", "", "an adjustment of the computed dose"),
    ("CPIC", "warfarin", "CYP2C9", "*5|*6|*8|*11 carrier", "", "an adjustment of the computed dose"),
    ("CPIC", "warfarin", "CYP2C9", "*5,*6,*8,*11 not tested", "", "says how to compute, not what to give"),
    ("CPIC", "warfarin", "CYP2C9", "Poor Metabolizer (*2/*3|*3/*3)", "", "an adjustment of the computed dose"),
    ("CPIC", "warfarin", "", "", "", "has no condition"),
    ("DPWG", "carbamazepine", "HLA-B", "1511 and 1502", "", "no readable condition"),
    ("FDA", "desflurane", "CACNA1S", "", "", "the label speaks of susceptible people, the source shows it to all"),
    ("FDA", "isoflurane", "CACNA1S", "", "", "the label speaks of susceptible people, the source shows it to all"),
    ("FDA", "sevoflurane", "CACNA1S", "", "", "the label speaks of susceptible people, the source shows it to all"),
    ("FDA", "succinylcholine", "CACNA1S", "", "", "the label speaks of susceptible people, the source shows it to all"),
)
# Genes of which CPIC asks for a test of the enzyme before the first dose where the genotype does not settle it: the
# test leads, and watching goes with it (CPIC guideline for G6PD 2022, doi:10.1002/cpt.2735).
TEST_FIRST = ("G6PD",)
UNREADABLE = ("1511 and 1502",)  # conditions of coded files that name no result
TERMS = {
    "-1639 genotyped": "any result",
    "*2/*3 genotyped": "any result",
    "rs9923231 reference (C)/rs9923231 reference (C)": "-1639 GG",
}
# CPIC computes warfarin's dose: its branch for known genotypes is coded as standard with an algorithm.
ALGORITHMS = {"IWPC_pharmacogenetic|Gage_2008 algorithm (target INR 2-3)": "calculate"}
# Numbers that are no number of a dose: (term in the source, term of ours, limits in our words).
DOSE_WORDS = {"as tolerated": "lower as tolerated", "more if both genes intermediate": "more if both genes are reduced"}
SCORED = ("CYP2C9", "CYP2D6", "DPYD")
FACTORS = (
    ("start_fraction", "start"),
    ("maintenance_fraction", "maintenance"),
    ("max_fraction", "maximum"),
    ("titrate_fraction", "titration"),
    ("fraction", "standard"),
)
# Further advice that the coder of the facts took from words about something else ("prasugrel at standard dose",
# "increased risk"): a standard dose is never further advice, and a higher dose beside an action that shuns the drug or
# lowers its dose is one only where the gene works faster, a number says so, or the drug works by its metabolite.
NEVER_FURTHER = ("standard",)
SHUNNING = ("contraindicated", "avoid", "alternative", "reduce")
FASTER = ("Rapid Metabolizer", "Ultrarapid Metabolizer", "AS >=2.5", "AS >=3", "|>=2.5", "|>=3")
HIGHER_TERMS = ("alt_dose_mg_day", "titrate_fraction", "titrate_mg_day")
HIGHER_DRUGS = ("tamoxifen",)
WITH_FACTOR = ("reduce", "increase")  # actions whose factor is the advice itself, not what holds if it is not followed
NONE_GIVEN = "none given"
CLINPGX_LICENCE, PYPGX_LICENCE = "CC BY-SA 4.0", "MIT"
# (how the source begins, source, version, licence).
SOURCES = (
    ("PharmCAT 3.1.0 data", "Guidance of {body} by ClinPGx, as released with PharmCAT", "2025-11-05", CLINPGX_LICENCE),
    ("PharmGKB/PharmCAT@", "Guidance of {body} by ClinPGx, as released with PharmCAT", "2024-05", CLINPGX_LICENCE),
    ("phonegor95/PharmCAT@", "Guidance of {body} by ClinPGx, as released with PharmCAT", "2026", CLINPGX_LICENCE),
    ("sbslee/pypgx", "Guidance of {body} in PyPGx tables", "0.26", PYPGX_LICENCE),
    ("cpicpgx/cpic-data@", "Warfarin flow chart of CPIC, cpicpgx/cpic-data", "459e3eb", "CC0"),
    ("pages: PMC3351041", "Dose table of the US warfarin label, PMC3351041", "2011", "public domain"),
)
PRIORITY_OF_KIND = ("FDA Label", "", "FDA PGx", "FDA Table")  # a label before FDA's table of associations
# (ATC prefix, group, name of the group in our words).
GROUPS = (
    ("A02BC", "proton_pump_inhibitors", "Proton pump inhibitors"),
    ("A04AA", "antiemetics", "Antiemetics (5-HT3 antagonists)"),
    ("B01AA", "vitamin_k_antagonists", "Vitamin K antagonists"),
    ("B01AC", "antiplatelets", "Antiplatelets"),
    ("C01B", "antiarrhythmics", "Antiarrhythmics"),
    ("C10AA", "statins", "Statins"),
    ("J01G", "aminoglycosides", "Aminoglycosides"),
    ("J05A", "antivirals", "Antivirals, among them antiretrovirals"),
    ("L01BB", "purine_analogues", "Purine analogues"),
    ("L01BC", "pyrimidine_analogues", "Fluoropyrimidines"),
    ("L04A", "immunosuppressants", "Immunosuppressants"),
    ("M01A", "nsaids", "Anti-inflammatory analgesics"),
    ("M04A", "gout_medicines", "Medicines for gout and uric acid"),
    ("N01AB", "volatile_anaesthetics", "Volatile anaesthetics"),
    ("N02A", "opioids", "Opioids"),
    ("N03A", "antiepileptics", "Antiepileptics"),
    ("N05A", "antipsychotics", "Antipsychotics"),
    ("N06A", "antidepressants", "Antidepressants"),
    ("P01B", "antimalarials", "Antimalarials"),
)
CLASS_GROUPS = {"opioid": "opioids"}  # members that the source's ATC code puts elsewhere, such as cough remedies
