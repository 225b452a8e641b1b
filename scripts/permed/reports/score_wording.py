"""Every sentence of the reports on percentiles and absolute risks, for review without reading code."""

OF_THOUSAND = (
    "Of 1,000 people with {sex} aged {start} who are free of {disease} and have this score, about {own} are expected "
    "to have it before age {end}; of 1,000 of whom only age and sex are known, about {population}."
)
SPANS = {"ten_year": "Over 10 years", "lifetime": "Over the rest of life"}
SHORTER = "To the end of the rates"
LIFETIME_ENDS = "Rest of life means to age {end}, where the rates end."
BEFORE_RATES = "The rates begin at age {start}: the risk is that of a person who is alive and free of it then."
FROM_BIRTH = "The age is not known: the risk is counted from age {start}, where the rates begin."
NO_TEN_YEARS = "No risk over 10 years: {reason}."
NO_RISK = "No absolute risk: {reason}."
NO_DISEASE = "no published effect of this score on a disease is in the tables"
NO_PERCENTILE = "No percentile: {reason}."
FREE = "The person is taken to be free of the disease; age is the one reached in the configured year."
NAMED = (
    "The sample sheet names {phenotypes}: if one of these is the disease, this risk does not apply. Not all names of "
    "diseases are recognised."
)
RATES = (
    "Rates of new disease and of death from other causes: {rates}, recorded for {women} and used for people with {sex} "
    "({source}). Whether they hold where this person lives is not known."
)
RECORDED = {"XX": "women", "XY": "men"}
EFFECT = "Effect: hazard ratio {effect:g} for each standard deviation of the score, {lower:g} to {upper:g} ({source})."
CARRIES = "The 95 % interval carries the uncertainty of this effect"
CARRIES_MATCH = " and of the part of the score that was not read ({unread} of its variance, as far as frequencies tell)"
CARRIES_NOT = "; it does not carry that of the rates, nor of what else bears on the disease."
SAME_ANCESTRY = (
    "The effect was measured in people of this ancestry: {ancestry}. This person is most similar to the reference "
    "population {population}. In people of other or mixed ancestry it can be weaker."
)
OTHER_ANCESTRY = (
    "The effect was measured in people of this ancestry: {ancestry}. This person is most similar to the reference "
    "population {population}: for this person the risk can be wrong in either direction, by how much is not known."
)
OWN_COHORT = "The effect is said to hold for the cohort itself ({ancestry}), whatever the ancestry of its people."
COMBINED = (
    "Together with what follows, multiplied as if independent of the score and the same at every age. Family history "
    "acts partly through the score and is part of the population's rates, so this figure can be too high."
)
CARRIED = (
    "This person has findings in single genes ({genes}), which the risk by the score alone leaves out. Advice for "
    "carriers of such a finding goes before this risk."
)
NONE_CARRIED = "Rare variants in single genes are not part of this risk."
BESIDE = (
    "Not combined, as no published ratio is in the tables or a stronger one is used; weigh it beside the risk: "
    "{beside}."
)
HISTORY = "Family history in the sample sheet: {history}."
NO_HISTORY = "Family history is not in the sample sheet and not in the risk."
PERCENTILE = "Percentile {percentile} among {people} {reference}: {place}."
PLACE = "{share} of 100 of them have a lower score"
LOWEST, HIGHEST = "none of them has a lower score", "none of them has a higher score"
RANK = "Of {people} {reference}, {lower} have a lower score; so few people give this rank and no finer percentile."
OF_PANEL = "reference people of {population}{sex}, to whom this person is most similar{probability}"
OF_COHORT = "people of this cohort{sex}"
WITH_SEX = " with {sex}"
BY_SEX = "People with XX and with XY are compared apart, as part of the score is on chrX."
COHORT_MIXED = "They are compared whatever their ancestry; differences of ancestry can move the percentile."
PROBABILITY = " (probability {probability})"
Z = "Z {z}; with ancestry taken out as a continuum: Z_norm1 {z1}, Z_norm2 {z2}."
Z_ALONE = "Z {z}."
CURVE = "Where this score lies: {place} among {reference}"
CURVE_PERCENTILE, CURVE_RANK = "percentile {percentile}", "above {lower} of {people}"
CURVE_DESCRIPTION = (
    "The normal curve of scores from low to high; the part below this person's score is filled, a mark stands at "
    "{z} standard deviations from the average."
)
THIS_PERSON, AVERAGE, LOWER, HIGHER = "this person", "average", "lower", "higher"
FIFTHS = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")
NO_PLACE = "no percentile"
DISTRIBUTION = (
    "People by where their score lies among the reference, by most similar population. In a cohort like the reference "
    "each fifth has a fifth of the people."
)
