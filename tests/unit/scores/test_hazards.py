"""Absolute risk against iCARE's and an independent program's published examples, and against a simulated cohort."""

import csv
import json
from ast import literal_eval
from functools import cache

import numpy as np
import polars as pl
import pytest

from permed.scores.risk.hazards import Rates, baseline_hazards, cumulative_risk, normal_points, population_risk


@pytest.fixture(scope="module")
def examples(shared):
    return shared / "facts/risk/worked_examples"


def rows_in(path, delimiter=","):
    with path.open() as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def rates_of(examples, name, competing):
    columns = [rows_in(examples / file) for file in (name, competing)]
    by_age = [{int(row["age"]): float(row["rate"]) for row in rows if row["rate"]} for rows in columns]
    ages = range(max(map(min, by_age)), min(map(max, by_age)) + 1)
    return Rates(ages[0], *(np.array([rates[age] for age in ages]) for rates in by_age))


@cache
def linear_predictors(examples, people, coefficients):
    """iCARE's covariate model from its own coefficient names: factors, numbers, and factors times factors."""
    log_or = json.loads((examples / coefficients).read_text())
    rows = rows_in(examples / people)

    def indicator(term):
        if not term.startswith("C("):
            return lambda row: float(row[term])
        name, level = term[2 : term.index(",")], term[term.index("[T.") + 3 : -1]
        levels = literal_eval(term[term.index("levels=") + 7 : term.index(")[T.")])
        assert level in map(str, levels)
        return lambda row: float(row[name] == level)

    parts = {name: [indicator(part) for part in name.split(":")] for name in log_or}
    total = np.zeros(len(rows))
    for name, beta in log_or.items():
        total += beta * np.array([np.prod([part(row) for part in parts[name]]) for row in rows])
    return total


def risks(rates, reference, linear, age, until):
    hazards = baseline_hazards(rates.incidence, np.exp(reference))
    return cumulative_risk(hazards, rates.competing, np.exp(linear), age - rates.first, until - rates.first)


def test_covariate_model_of_icare(examples):
    expected = json.loads((examples / "expected_bpc3_covariate_only.json").read_text())
    rates = rates_of(examples, "bpc3_incidence.csv", "bpc3_mortality.csv")
    reference = linear_predictors(examples, "bpc3_reference.csv", "bpc3_log_or.json")
    linear = linear_predictors(examples, "bpc3_query_covariates.csv", "bpc3_log_or.json")
    assert linear - linear.mean() == pytest.approx(
        np.subtract(expected["linear_predictors"], np.mean(expected["linear_predictors"])), abs=1e-6
    )
    assert risks(rates, reference, linear, 50, 80) == pytest.approx(expected["risks"], abs=1e-5)
    of_reference = risks(rates, reference, reference, 50, 80)
    summary = expected["reference_risk_summary"]
    assert len(of_reference) == summary["n"]
    assert of_reference.mean() == pytest.approx(summary["mean"], abs=1e-5)
    assert np.quantile(of_reference, [0.25, 0.5, 0.75]) == pytest.approx(
        [summary["q1"], summary["median"], summary["q3"]], abs=1e-5
    )


def test_two_models_split_at_an_age(examples):
    """The coefficients change at 50: who is free at 50 goes on with the second model."""
    expected = json.loads((examples / "expected_bpc3_split_interval_covariate_only.json").read_text())["risks"]
    rates = rates_of(examples, "bpc3_incidence.csv", "bpc3_mortality.csv")
    parts = []
    for model, (age, until) in {"": (30, 50), "_post50": (50, 70)}.items():
        reference = linear_predictors(examples, f"bpc3_reference{model}.csv", f"bpc3_log_or{model}.json")
        linear = linear_predictors(examples, "bpc3_query_covariates.csv", f"bpc3_log_or{model}.json")
        parts.append(risks(rates, reference, linear, age, until))
    first, second = parts
    assert first + (1 - first) * second == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "age", "until", "expected"),
    [
        ("expected_icare_lit_covariate_only_ge50.json", 50, 70, "risks"),
        ("expected_icare_lit_covariate_only_lt50.json", 40, 50, "risks"),
    ],
)
def test_literature_model_of_icare_up_to_its_reference(examples, name, age, until, expected):
    """Its reference people are not here: the mean relative hazard is solved from one woman, the other 49 are told."""
    content = json.loads((examples / name).read_text())
    rates = rates_of(examples, "icarelit_incidence.csv", "icarelit_mortality.csv")
    linear, wanted = np.array(content["linear_predictors"]), np.array(content[expected])

    def told(scale):
        start, end = age - rates.first, until - rates.first
        return cumulative_risk(rates.incidence / scale, rates.competing, np.exp(linear), start, end)

    low, high = 1e-3, 1e3
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if told(middle)[0] > wanted[0] else (low, middle)
    assert told(low) == pytest.approx(wanted, rel=2e-3)


def snp_terms(examples):
    snps = rows_in(examples / "bpc3_snps.csv")
    log_or = np.log([float(row["snp_odds_ratio"]) for row in snps])
    frequency = np.array([float(row["snp_freq"]) for row in snps])
    return [row["snp_name"] for row in snps], log_or, frequency


def test_snp_model_of_icare(examples):
    """72 variants; the reference is drawn, so only the woman without missing genotypes is sharp."""
    names, log_or, frequency = snp_terms(examples)
    people = rows_in(examples / "bpc3_query_snps.csv")
    rates = rates_of(examples, "bpc3_incidence.csv", "bpc3_mortality.csv")
    drawn = np.random.default_rng(7).binomial(2, frequency, (50_000, len(names))) @ log_or
    linear = [sum(b * float(row[n]) for n, b in zip(names, log_or, strict=True) if row[n]) for row in people[2:]]
    expected = json.loads((examples / "expected_bpc3_snp_only_with_profile.json").read_text())
    assert risks(rates, drawn, np.array(linear), 50, 80)[0] == pytest.approx(expected["risks"][2], abs=1e-3)
    of_reference = risks(rates, drawn, drawn, 50, 80)
    summary = json.loads((examples / "expected_bpc3_snp_only_no_profile.json").read_text())["reference_risk_summary"]
    assert of_reference.mean() == pytest.approx(summary["mean"], abs=2e-4)
    five = of_reference.reshape(-1, 5).mean(axis=1)  # iCARE draws each reference person five times and takes the mean
    for name, quantile in (("q1", 0.25), ("median", 0.5), ("q3", 0.75)):
        assert np.quantile(five, quantile) == pytest.approx(summary[name], abs=5e-4)
    assert five.std() == pytest.approx(summary["sd"], abs=3e-4)


@pytest.mark.parametrize(
    ("name", "models"),
    [
        ("expected_bpc3_combined.json", {"": (50, 80)}),
        ("expected_bpc3_split_interval_combined.json", {"": (30, 50), "_post50": (50, 70)}),
    ],
)
def test_covariates_and_snps_of_icare(examples, name, models):
    """Drawn SNPs of the reference depend on family history there and not here, which moves risks by under 1 %."""
    expected = json.loads((examples / name).read_text())
    names, log_or, frequency = snp_terms(examples)
    own = rows_in(examples / "bpc3_query_snps.csv")[2]
    snps = sum(b * float(own[n]) for n, b in zip(names, log_or, strict=True))
    rates = rates_of(examples, "bpc3_incidence.csv", "bpc3_mortality.csv")
    free, risk = 1.0, 0.0
    for model, (age, until) in models.items():
        reference = linear_predictors(examples, f"bpc3_reference{model}.csv", f"bpc3_log_or{model}.json")
        drawn = np.random.default_rng(9).binomial(2, frequency, (len(reference), len(names))) @ log_or
        linear = linear_predictors(examples, "bpc3_query_covariates.csv", f"bpc3_log_or{model}.json")[2:] + snps
        part = risks(rates, reference + drawn, linear, age, until)[0]
        risk, free = risk + free * part, free * (1 - part)
    assert risk == pytest.approx(expected["risks"][2], rel=0.01)


def test_unread_variants_average_over_the_population(examples):
    """Women with missing genotypes: the risk is the mean over what the missing ones can be."""
    names, log_or, frequency = snp_terms(examples)
    rates = rates_of(examples, "bpc3_incidence.csv", "bpc3_mortality.csv")
    expected = json.loads((examples / "expected_bpc3_snp_only_with_profile.json").read_text())["risks"]
    rng = np.random.default_rng(8)
    drawn = rng.binomial(2, frequency, (50_000, len(names))) @ log_or
    for row, wanted in zip(rows_in(examples / "bpc3_query_snps.csv")[:2], expected, strict=False):
        known = np.array([row[name] != "" for name in names])
        dosage = np.array([float(row[name] or 0) for name in names])
        rest = rng.binomial(2, frequency[~known], (20_000, (~known).sum())) @ log_or[~known]
        assert risks(rates, drawn, dosage @ log_or + rest, 50, 80).mean() == pytest.approx(wanted, abs=0.004)


def test_scores_of_five_diseases(examples):
    """120 published risks by score, age and disease, each with the mean over the reference."""
    cases = {}
    for row in rows_in(examples / "pgs_expected.tsv", "\t"):
        cases.setdefault((row["case"], int(row["age_from"]), int(row["age_to"])), []).append(row)
    assert len(cases) == 20
    points = normal_points(2000)
    shipped = [float(row["pgs"]) for row in rows_in(examples / "pgs_reference_2000.csv")]
    assert points == pytest.approx(shipped, abs=1e-6)
    for (case, age, until), rows in cases.items():
        rates = rates_of(examples, f"pgs_{case}_incidence.csv", f"pgs_{case}_competing.csv")
        beta = json.loads((examples / f"pgs_{case}_log_hr.json").read_text())["pgs"]
        got = risks(rates, beta * points, beta * np.array([float(row["pgs_z"]) for row in rows]), age, until)
        assert got == pytest.approx([float(row["expected_risk"]) for row in rows], rel=1e-4)
        assert (np.diff(got) > 0).all()
        mean = risks(rates, beta * points, beta * points, age, until).mean()
        assert mean == pytest.approx(float(rows[0]["reference_mean_risk"]), rel=1e-4)
        assert mean == pytest.approx(population_risk(rates, age, until), rel=0.02)


DISEASES = {"Coronary Heart Disease": "coronary_artery_disease", "Skin Melanoma": "melanoma"}
DISEASES |= {"Hip Osteoarthritis": "osteoarthritis_hip", "Knee Osteoarthritis": "osteoarthritis_knee"}
DISEASES |= {"ILD": "interstitial_lung_disease", "Major Depression": "major_depressive_disorder"}
PLACES = {"Massachusetts (USA)": "Massachusetts"}
STRATA = {"< 20%": 0.2, "20-40%": 0.2, "40-60%": 0.2, "60-80%": 0.2, "80-90%": 0.1, "90-95%": 0.05, "> 95%": 0.05}


def test_published_strata_average_to_the_population(examples, shared):
    """INTERVENE's risks at 80 by stratum of the score average to the risk without a score, from the same rates."""
    rows = pl.read_csv(
        examples / "intervene_cumulative_risk_by_pgs_stratum.tsv", separator="\t", infer_schema_length=None
    ).filter(pl.col("age") == 80, pl.col("sex") != "Both")
    means: dict[tuple, list[float]] = {}
    for (disease, country, sex, _, _), part in rows.group_by("disease", "country", "sex", "study", "model"):
        if set(part["pgs_stratum"]) == set(STRATA):
            mean = sum(STRATA[s] * risk for s, risk in part.select("pgs_stratum", "cum_risk_pct").iter_rows())
            means.setdefault((disease, country, sex), []).append(mean)
    tables = {
        kind: pl.read_csv(shared / f"facts/risk/{kind}.tsv", separator="\t", infer_schema=False).filter(
            pl.col("year") == "2019", pl.col("age_from").cast(pl.Int64) < 80
        )
        for kind in ("incidence", "prevalence", "mortality")
    }

    def by_age(kind, name, country, sex):
        named = "cause" if kind == "mortality" else "disease"
        part = tables[kind].filter(pl.col(named) == name, pl.col("country") == country, pl.col("sex") == sex)
        spans = part.select(pl.col("age_from", "age_to").cast(pl.Int64), pl.col("rate_per_100k").cast(pl.Float64))
        return {age: rate / 1e5 for low, high, rate in spans.iter_rows() for age in range(low, high)}

    apart = []
    for (label, place, sex), published in means.items():
        name, country = DISEASES.get(label, label.lower().replace(" ", "_")), PLACES.get(place, place)
        where = (country, {"Males": "male", "Females": "female"}[sex])
        found = [by_age(kind, name, *where) for kind in ("incidence", "prevalence", "mortality")]
        all_causes = by_age("mortality", "all_causes", *where)
        if not found[0]:
            continue
        ages = range(1, 80)
        new = np.array([found[0][age] / (1 - found[1][age]) for age in ages])
        other = np.array([all_causes[age] - found[2].get(age, 0) for age in ages])
        apart.append(100 * population_risk(Rates(1, new, other), 1, 80) - np.mean(published))
    assert len(apart) > 60
    assert np.median(np.abs(apart)) < 0.15


def test_a_simulated_cohort_has_the_incidence_and_the_risks():
    """400,000 people die and fall ill year by year at random; nothing of the formula is used."""
    rng = np.random.default_rng(5)
    years, beta = 30, np.log(2.0)
    incidence, competing = np.linspace(0.002, 0.02, years), np.linspace(0.001, 0.03, years)
    hazards = baseline_hazards(incidence, np.exp(beta * normal_points(2000)))
    z = rng.normal(size=400_000)
    alive, ill = np.ones(len(z), bool), np.zeros(len(z), bool)
    for year in range(years):
        falls = alive & (rng.random(len(z)) < hazards[year] * np.exp(beta * z))
        assert falls.sum() / alive.sum() == pytest.approx(incidence[year], rel=0.09)
        ill |= falls
        alive &= ~falls & (rng.random(len(z)) >= competing[year])
    for low, high in ((-1.1, -0.9), (-0.1, 0.1), (0.9, 1.1), (1.8, 2.2)):
        group = (z > low) & (z < high)
        told = cumulative_risk(hazards, competing, np.exp(beta * z[group]), 0, years).mean()
        assert ill[group].mean() == pytest.approx(told, rel=0.06)


def test_competing_deaths_lower_the_risk_and_survivors_lower_the_baseline():
    incidence = np.full(50, 0.01)
    relative = np.exp(np.log(3) * normal_points(500))
    hazards = baseline_hazards(incidence, relative)
    assert (np.diff(hazards) > 0).all()  # those at high risk leave, so the baseline has to rise
    with_deaths = cumulative_risk(hazards, np.full(50, 0.02), relative, 0, 50)
    assert (with_deaths < cumulative_risk(hazards, np.zeros(50), relative, 0, 50)).all()
