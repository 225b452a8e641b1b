"""Advice for the two people of PharmCAT's example reports: by code against what the reports say of them."""

import gzip
import html
import json
import re

import pytest

SOURCES = {
    "CPIC Guideline Annotation": "CPIC",
    "DPWG Guideline Annotation": "DPWG",
    "FDA Label Annotation": "FDA",
}
SCORED = ("CYP2C9", "CYP2D6", "DPYD")
NORMAL = {"CYP2C9": "Normal Metabolizer", "DPYD": "Normal Metabolizer", "CYP2D6": "Intermediate Metabolizer"}
POPULATIONS = {"adults": "adult", "CVI ACS PCI": "acs_pci", "NVI": "neurovascular", "PHT naive": "not_yet_taken"}
POPULATIONS |= {"CBZ naive": "not_yet_taken", "PHT use >3mos": "taken_over_3_months", "child >40kg_adult": "over_40_kg"}
# (report, body, drug, population as the report has it, words of the report, action, dose factor)
SPOTS = [
    ("example", "CPIC", "abacavir", "general", "not recommended", "avoid", None),
    ("example", "DPWG", "abacavir", None, "contra-indicated", "contraindicated", None),
    ("example", "FDA", "abacavir", None, "contraindicated in patients", "contraindicated", None),
    ("example", "CPIC", "amitriptyline", "general", "25% reduction", "reduce", "0.75"),
    ("example", "DPWG", "amitriptyline", None, "Use 75% of the standard dose", "reduce", "0.75"),
    ("example", "CPIC", "capecitabine", "general", "no indication to change dose", "standard", "1"),
    ("example", "DPWG", "capecitabine", None, "does not provide a recommendation", "none", None),
    ("example", "CPIC", "carbamazepine", "CBZ naive", "do not use carbamazepine", "avoid", None),
    ("example", "CPIC", "citalopram", "general", "recommended starting dose", "standard", "1"),
    ("example", "CPIC", "codeine", "general", "label recommended", "standard", "1"),
    ("example", "DPWG", "flecainide", None, "Reduce the dose to 75%", "reduce", "0.75"),
    ("example", "DPWG", "haloperidol", None, "NO action is required", "standard", "1"),
    ("example", "CPIC", "metoprolol", None, "Initiate standard dosing", "standard", "1"),
    ("example", "CPIC", "paroxetine", "general", "lower starting dose", "reduce", None),
    ("example", "DPWG", "paroxetine", None, "NO action is needed", "standard", "1"),
    ("example", "CPIC", "phenytoin", "PHT naive", "do not use phenytoin", "avoid", None),
    ("example", "CPIC", "simvastatin", "general", "desired starting dose", "standard", "1"),
    ("example", "CPIC", "tacrolimus", "general", "1.5 to 2 times", "increase", "1.5-2"),
    ("example2", "CPIC", "citalopram", "general", "antidepressant not predominantly metabolized", "alternative", None),
    ("example2", "DPWG", "citalopram", None, "50% of the standard maximum dose", "reduce", "0.5"),
    ("example2", "FDA", "citalopram", None, "20 mg/day is the maximum", "reduce", None),
    ("example2", "CPIC", "clopidogrel", "CVI ACS PCI", "Avoid clopidogrel if possible", "avoid", None),
    ("example2", "FDA", "clopidogrel", None, "another platelet P2Y12 inhibitor", "alternative", None),
    ("example2", "CPIC", "efavirenz", "child >40kg_adult", "decreased dose of 400 mg/day", "reduce", None),
    ("example2", "CPIC", "sertraline", "general", "50% reduction of standard maintenance dose", "reduce", "0.5"),
    ("example2", "DPWG", "sertraline", None, "exceeding 75 mg/day", "reduce", None),
    ("example2", "CPIC", "voriconazole", "adults", "Choose an alternative agent", "alternative", None),
    ("example2", "DPWG", "voriconazole", None, "Use 50% of the standard dose", "reduce", "0.5"),
]
# Where the report takes a gene without result as the guideline's row for it, and we ask what holds whatever it is.
WITHOUT_RESULT = "No Result"


def annotations(shared, report: str):
    """(body, drug, population, strength, lookup, words) of each row of a report that its genes led to."""
    path = shared / "real/pgx/pharmcat_definitions/reporter" / f"pharmcat.{report}.report.json.gz"
    for source, drugs in json.loads(gzip.decompress(path.read_bytes()))["drugs"].items():
        for drug, entry in drugs.items() if source in SOURCES else ():
            for guideline in entry["guidelines"]:
                for one in guideline["annotations"]:
                    text = html.unescape(re.sub(r"<[^>]+>", " ", one["drugRecommendation"] or ""))
                    lookups = [lookup for lookup in one["lookupKey"] if lookup]
                    yield SOURCES[source], drug, one["population"], one["classification"], lookups, text


def calls_of(lookup: dict) -> dict:
    """Calls of the genes of a lookup that have a result."""
    calls = {}
    for gene, result in lookup.items():
        if gene in SCORED and result != WITHOUT_RESULT:
            calls[gene] = {"activity_score": result, "phenotype": NORMAL[gene], "diplotype": "*90/*91"}
        elif result != WITHOUT_RESULT:
            calls[gene] = {"phenotype": result, "diplotype": "*90/*91"}
    return calls


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: " ".join(map(str, spot[:4])))
def test_known_rows_say_what_the_report_says(shared, advice_for, row_of, spot):
    report, body, drug, population, words, action, factor = spot
    (lookups,) = [
        lookups
        for b, d, p, _, lookups, text in annotations(shared, report)
        if (b, d, p) == (body, drug, population) and words in text
    ]
    advice = advice_for(calls_of(lookups[0]), drug=drug)
    genes = set(lookups[0])
    name = POPULATIONS.get(population, "general")
    rows = [
        row
        for row in advice.iter_rows(named=True)
        if row["body"] == body and row["population"] == name and set(row["genes"].split("; ")) == genes
    ]
    assert [(row["action"], row["dose_factor"]) for row in rows] == [(action, factor)]


@pytest.mark.parametrize("report", ["example", "example2"])
def test_every_row_of_cpic_has_the_strength_of_the_report(shared, advice_for, report):
    """All of them but those about a gene without result, which the report answers and we do not."""
    compared, differ = 0, []
    for body, drug, _, strength, lookups, _ in annotations(shared, report):
        strengths = {"No Recommendation": "no_recommendation", "No recommendation": "no_recommendation"}
        simple = all(isinstance(result, str) for lookup in lookups for result in lookup.values())
        if body != "CPIC" or not lookups or not simple or WITHOUT_RESULT in lookups[0].values():
            continue
        rows = advice_for(calls_of(lookups[0]), drug=drug).filter(leading=True).iter_rows(named=True)
        found = {row["strength"] for row in rows}
        compared += 1
        if strengths.get(strength, strength.lower()) not in found:
            differ.append((drug, strength, found, lookups))
    assert compared > 40
    assert differ == []
