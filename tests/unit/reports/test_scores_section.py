"""The section on scores: risk before percentile, the picture in words, reasons, and small counts of the cohort."""

import html
import json
import re

import polars as pl
import pytest

from permed.reports import score_wording
from permed.reports.cohort import score_distributions
from permed.reports.risk import of_thousand, percent, risk, rounded, standing
from permed.scores.calibration.results import calibrated
from permed.scores.calibration.standing import SCHEMA as STANDING
from permed.scores.risk.assess import Person, Settings, assess_risks
from permed.scores.risk.factors import Factors
from permed.scores.risk.tables import Effect, gather_rates
from write_reports import write_reports

PEOPLE = {
    "ANNA-01": Person("XX", 1976, (), ("breast_cancer:mother",)),
    "BEN_02": Person("XX", None),
    "CLEO.03": Person("XY", 1980),
}


def read(run, step_inputs) -> dict[str, tuple[str, str]]:
    """HTML of each report, and its text without tags."""
    write_reports(**step_inputs(run, formats=["html"]))
    found = {path.parent.name: path.read_text(encoding="utf-8") for path in run.glob("samples/*/report.html")}
    return {name: (page, " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())) for name, page in found.items()}


@pytest.fixture
def scored(run, root):
    """A run whose scores were calibrated: one person with everything, one without an age, one whom no rates fit."""
    tables = root / "resources/risk"
    effect = Effect("PGS1", "breast_cancer", 1.6, 1.5, 1.7, "European", frozenset({"EUR"}), "planted")
    settings = Settings(
        *(gather_rates([tables / "rates.tsv"]), {"PGS1": [effect]}),
        *(Factors(tables / "family_history.tsv", tables / "monogenic.tsv"), 2026),
    )
    sums = pl.read_parquet(run / "scores/scores.parquet")
    about = {"score": "PGS1", "population": "EUR", "z_norm1": 1.2, "z_norm2": 1.1, "reference_people": 500}
    about |= {"reliability": 0.9, "share_read": 1.0}
    told = [
        dict.fromkeys(STANDING) | about | {"sample": sample, "z": 1.25, "percentile": 89.4} for sample in sums["sample"]
    ]
    standings = pl.DataFrame(told, schema=STANDING)
    ancestry = pl.DataFrame({"sample": sums["sample"], "population": "EUR", "probability": 0.97, "reason": ""})
    whole = calibrated(sums, standings, assess_risks(standings, PEOPLE, settings), ancestry)
    whole.write_parquet(run / "scores/scores.parquet")
    sheet = pl.read_parquet(run / "genotypes/samples.parquet")
    history = pl.when(pl.col("sample") == "ANNA-01").then(pl.lit("breast_cancer:mother")).otherwise(pl.lit(""))
    sheet.with_columns(family_history=history).write_parquet(run / "genotypes/samples.parquet")
    return run, whole


def test_the_absolute_risk_stands_before_the_percentile(scored, step_inputs):
    run, whole = scored
    _, text = read(run, step_inputs)["ANNA-01"]
    row = whole.filter(sample="ANNA-01").row(0, named=True)
    own, population = of_thousand(row["absolute_risk"]), of_thousand(row["population_risk"])
    said = (
        f"Of 1,000 people with XX aged 50 who are free of breast cancer and have this score, about {own} are expected"
    )
    assert said in text and f"of 1,000 of whom only age and sex are known, about {population}." in text
    assert 0 < text.index(said) < text.index("Percentile 89 among 500 reference people of EUR, to whom this person is")
    assert ": 89 of 100 of them have a lower score" in text
    assert "probability 0.97" in text and "Z +1.25; with ancestry taken out as a continuum: Z_norm1 +1.20" in text
    for words in (
        "hazard ratio 1.6 for each standard deviation of the score, 1.5 to 1.7 (planted)",
        "10.0 % of its variance",
        "The effect was measured in people of this ancestry: European.",
        "United States, White, average, 1992-1996, recorded for women and used for people with XX",
        "risk ratio 1.8, 99 % interval 1.69 to 1.91",
        "Family history in the sample sheet: breast_cancer:mother.",
        "it does not carry that of the rates",
    ):
        assert words in text, words


def test_the_picture_is_told_in_words(scored, step_inputs):
    page, text = read(scored[0], step_inputs)["ANNA-01"]
    (bell,) = re.findall('<svg class="chart-bell"[^>]*>', page)
    assert 'role="img"' in bell and 'aria-label="Where this score lies: percentile 89 among EUR"' in bell
    assert "a mark stands at +1.25 standard deviations from the average" in text
    assert page.count("<script") == 0 and 'style="' not in page


def test_who_has_no_risk_or_no_ten_years_has_the_reason(scored, step_inputs):
    texts = {name: text for name, (_, text) in read(scored[0], step_inputs).items()}
    shown = {name for name, text in texts.items() if "How the scores were computed" in text}
    assert "ANNA-01" in shown and len(shown) > 1
    for name in shown - {"ANNA-01"}:
        if PEOPLE[name].sex == "XY":
            assert "No absolute risk: no rates of breast cancer are there for people with XY." in texts[name]
            assert "Percentile 89" in texts[name]
        else:
            assert "No risk over 10 years: the year of birth is not known." in texts[name]
            assert "the risk is counted from age 20" in texts[name]


def test_json_holds_the_same(scored, step_inputs):
    run, whole = scored
    write_reports(**step_inputs(run, formats=["json"]))
    content = json.loads((run / "samples/ANNA-01/report.json").read_text())
    entry = next(entry for entry in content["scores"] if entry["score"] == "PGS1")
    row = whole.filter(sample="ANNA-01").row(0, named=True)
    assert [span["risk"] for span in entry["risk"]["spans"]] == [row["absolute_risk"], row["lifetime_risk"]]
    assert entry["risk"]["spans"][0]["combined"]["risk"] == row["combined_risk"] > row["absolute_risk"]
    assert entry["standing"]["percentile"] == 89.4 and entry["absolute_risk"] == row["absolute_risk"]
    other = next(entry for entry in content["scores"] if entry["score"] == "PGS2")
    assert other["risk"] is None and other["standing"]["result"] == "not_assessable"


@pytest.mark.parametrize(
    ("share", "text"), [(0.00001, "below 0.01"), (0.0012, "0.12"), (0.0234, "2.3"), (0.234, "23.4"), (1, "100")]
)
def test_percentages_keep_two_digits(share, text):
    assert percent(share) == f"{text}\N{NO-BREAK SPACE}%"


def test_ends_are_not_said_more_sharply_than_they_are_known():
    assert [rounded(value) for value in (0, 0.4, 1, 50.2, 99, 99.9, 100)] == [
        *("below 1", "below 1", "1", "50", "99", "above 99", "above 99")
    ]
    assert of_thousand(0.0001) == "fewer than 1"


@pytest.mark.parametrize(("lower", "words"), [(0, "none"), (38, "38"), (39, "39")])
def test_few_reference_people_give_a_rank(lower, words):
    row = {"percentile": 2.5 * lower, "reference_people": 40, "reference_lower": lower, "population": "EUR"}
    told = standing(row)
    assert told["text"].startswith(f"Of 40 reference people of EUR, to whom this person is most similar, {words} have")
    assert "Percentile" not in told["text"] and told["place"] == f"above {lower} of 40"
    assert standing(row | {"reference_people": 100})["text"].startswith("Percentile ")


def test_a_comparison_within_a_sex_is_said():
    row = {"percentile": 84.3, "reference_people": 150, "reference_lower": 126, "reference_sex": "XY"}
    told = standing(row | {"population": "EUR"})["text"]
    assert "among 150 reference people of EUR with XY, to whom" in told and told.endswith("the score is on chrX.")
    told = standing(row | {"population": "this cohort"})["text"]
    assert "among 150 people of this cohort with XY: 84 of 100 of them" in told and "compared apart" in told


def test_another_ancestry_is_said_plainly():
    row = {"population": "EAS", "effect_ancestry": "European", "across_ancestries": True, "disease": "d", "sex": "XX"}
    row |= {"lifetime_risk": 0.1, "lifetime_population_risk": 0.1, "lifetime_lower": 0.05, "lifetime_upper": 0.2}
    row |= {"lifetime_from": 20, "lifetime_to": 90, "age": 20, "effect": 1.5, "effect_lower": 1.4, "effect_upper": 1.6}
    row |= {"effect_source": "s", "rates": "r", "rates_source": "t"}
    statements = risk({**dict.fromkeys(["absolute_risk", "combined_risk", "lifetime_combined_risk"]), **row}, None)
    assert "for this person the risk can be wrong in either direction" in statements["statements"][0]
    assert {score_wording.NO_HISTORY, score_wording.NONE_CARRIED} < set(statements["statements"])


def test_other_diagnoses_of_the_sheet_stand_beside_the_risk():
    row = {"population": "EUR", "effect_ancestry": "European", "disease": "breast_cancer", "sex": "XX", "age": 40}
    row |= {"lifetime_risk": 0.1, "lifetime_population_risk": 0.1, "lifetime_lower": 0.05, "lifetime_upper": 0.2}
    row |= {"lifetime_from": 40, "lifetime_to": 90, "effect": 1.5, "effect_lower": 1.4, "effect_upper": 1.6}
    row |= {"effect_source": "s", "rates": "r", "rates_source": "t"}
    row |= dict.fromkeys(["absolute_risk", "combined_risk", "lifetime_combined_risk"])
    assert any(
        "names asthma; mastectomy: if one of" in said for said in risk(row, None, "asthma;mastectomy")["statements"]
    )


def test_findings_in_single_genes_come_first():
    row = {"population": "EUR", "effect_ancestry": "European", "disease": "breast_cancer", "sex": "XX", "age": 40}
    row |= {"lifetime_risk": 0.1, "lifetime_population_risk": 0.1, "lifetime_lower": 0.05, "lifetime_upper": 0.2}
    row |= {"lifetime_from": 40, "lifetime_to": 90, "effect": 1.5, "effect_lower": 1.4, "effect_upper": 1.6}
    row |= {"effect_source": "s", "rates": "r", "rates_source": "t", "carried": "BRCA1, LDLR"}
    told = risk({**dict.fromkeys(["absolute_risk", "combined_risk", "lifetime_combined_risk"]), **row}, None)
    assert "findings in single genes (BRCA1, LDLR), which the risk by the score alone" in told["statements"][0]
    assert score_wording.NONE_CARRIED not in told["statements"]


def test_a_row_from_before_calibration_has_no_place():
    assert standing({"percentile": None})["result"] == "not_assessable" and risk({}, None) is None


def test_cohort_distributions_keep_small_counts_back():
    people = [f"P{n}" for n in range(30)]
    fifths = [10.0] * 14 + [50.0] * 3 + [90.0] * 13
    frame = pl.DataFrame({"sample": people, "score": "S", "population": "EUR", "sum": 1.0, "percentile": fifths})
    frame = pl.concat([frame, frame.head(3).with_columns(sample=pl.lit("X"), sum=pl.lit(None, pl.Float64))])
    consents = {"scores": frozenset(people)}
    (row,) = score_distributions(frame, consents, 5)
    assert row["cells"][0] == "14" and row["cells"][2] == "<5" and "3" not in row["cells"]
    assert row["cells"][4] == "not shown"  # else the three would follow from the total
    (open_row,) = score_distributions(frame, consents, 1)
    assert open_row["cells"] == ["14", "0", "3", "0", "13", "0"]


def test_who_is_compared_with_nobody_has_no_risk_for_that_reason():
    row = {"disease": None, "lifetime_risk": None, "risk_reason": "without a percentile there is no risk: far away"}
    assert risk(row, None) == risk(row, None) | {"result": "not_assessable", "reason": row["risk_reason"], "spans": []}
    assert risk(row | {"risk_reason": score_wording.NO_DISEASE}, None) is None
