"""Sentences of the section on medicines; as those of :mod:`permed.reports.wording`, for a physician to review."""

from permed.drugs import alternatives

NO_ADVICE = "No guidance on drugs was looked up in this run."
DRUG_WARNINGS = {"warning": "Warning: {harm}", "possible": "Possible warning: {harm}"}
OPEN_WARNINGS = "Side effects of which the genes are not known"
TAKEN_TITLE = "Medicines that this person takes"
OTHER_MEDICINES = "Other medicines"
ADVICE_WITH_MEDICINES = "The guidance has for {phenotypes}: {advice}"
WITH_MEDICINES = "with the other medicines: {labels}"
ALSO_CARRIED = "{also}: not in the definitions, so function may be lost, and the advice does not count that."
FUNCTION_MAY_BE_LOST = alternatives.FUNCTION_MAY_BE_LOST
MEDICINES_OPEN = "other medicines change its genes by no known factor"
NONE_TAKEN = "None of the medicines with guidance is in the sheet as taken."
UNLISTED = (
    "In the sheet, and without guidance in the tables under this name: {names}. What a medicine whose name is not "
    "known does to others is not considered."
)
ENTRIES_TITLE = "How the medicines in the sheet were read"
NOT_RECOGNISED = "Not recognised: what it does, also to others, is not considered."
NO_GUIDANCE = "Recognised; the tables have no guidance on it."
ACTS = "Acts on {enzymes}."
HAS_GUIDANCE = "Guidance in the tables: {drugs}."
NOT_LOOKED_UP = "Not looked up for {enzymes}: no list that we have names it."
NOT_COUNTED = "Not counted as taken."
CONFIRM = "the reading of the entry is to be confirmed"
ASK = "Please ask"
NOT_TOLERATED = "This person does not tolerate"
PERHAPS_TAKEN = "Perhaps taken"
CARD_TITLE = "Card"
CARD_HEAD = "Genes that matter for medicines. Confirm before treatment changes."
CARD_EMPTY = "Nothing asks for other than the usual among the {known} of {all} medicines that could be assessed."
CARD_FOOT = "{open} of {all} medicines with guidance could not be assessed."
DRUGS_TITLE = "Every medicine that could be assessed"
DRUGS_INTRO = (
    "Taken ones first, then the gravest advice. CPIC leads where it speaks of the medicine, then DPWG, then FDA; the "
    "others are in the evidence. Confirm before treatment changes."
)
DRUGS_CAPTION = "What published guidelines say of this person's genes."
BY_POPULATION = "By indication or population: {labels}."
BODIES_DIFFER = "CPIC, DPWG or FDA differ: see the evidence."
DRUG_EVIDENCE = "Evidence and sources for {drug}"
OPEN_DRUGS = "{n} medicines that could not be assessed, and why"
ALTERNATIVES_TITLE = "Choice within groups of medicines"
ALTERNATIVES_INTRO = (
    "Members of a group in the order of what the genes say; equal numbers are equal. The genes are one reason among "
    "others, and what could not be assessed is neither better nor worse."
)
OWN_START = "By body size"
CAUTION = "Not certain"
DOSES_TITLE = "Starting doses by published equations"
DOSES_INTRO = (
    "Estimates for confirmation by the treating physician; where something is not given, the range says what it leaves."
)
NO_DOSE = "no dose is computed"
