"""Who gets an absolute risk and who gets a reason, and what the interval carries."""

import math

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.scores.calibration.results import people_of
from permed.scores.calibration.standing import SCHEMA as STANDING
from permed.scores.risk.assess import Person, Settings, assess_risks
from permed.scores.risk.checks import check_risk
from permed.scores.risk.estimate import Factor, Model
from permed.scores.risk.factors import Factors, Finding, Weighed
from permed.scores.risk.hazards import Rates, population_risk
from permed.scores.risk.tables import (
    Effect,
    choose_effect,
    choose_rates,
    gather_rates,
    header_effect,
    read_diagnoses,
    read_effects,
    read_rates,
)

COLUMNS = "disease country group sex age_from age_to incidence_per_100k competing_per_100k year default source"
RATES = Rates(0, np.linspace(0, 0.01, 90), np.linspace(0.0005, 0.08, 90))


@pytest.fixture(scope="module")
def risk_tables(root):
    return root / "resources/risk"


@pytest.fixture
def settings(risk_tables, tmp_path):
    """The shipped tables; ages are counted in 2026."""

    def make(**changes):
        given = {
            "rates": gather_rates([risk_tables / "rates.tsv"]),
            "effects": read_effects(risk_tables / "effects.tsv", []),
            "factors": Factors(risk_tables / "family_history.tsv", risk_tables / "monogenic.tsv"),
            "diagnoses": read_diagnoses(risk_tables / "diagnoses.tsv"),
            "year": 2026,
        }
        return Settings(**given | changes)

    return make


def standing(score="PGS000004", z=1.0, population="EUR", reliability=1.0, reason=None, sample="A"):
    row = dict.fromkeys(STANDING) | {"sample": sample, "score": score, "z": z, "population": population}
    row |= {"reliability": reliability, "percentile_reason": reason}
    return pl.DataFrame([row], schema=STANDING)


def assessed(told, person, settings):
    return assess_risks(told, {"A": person}, settings).row(0, named=True)


def test_the_mean_risk_is_the_populations_however_little_was_read():
    z = np.random.default_rng(3).normal(size=20_000)
    told = population_risk(RATES, 40, 80)
    for reliability in (1.0, 0.6, 0.05):
        model = Model(RATES, math.log(1.7), 0.02, reliability)
        risks = model.risk(z, 40, 80)
        assert risks.mean() == pytest.approx(told, rel=0.03)
        assert risks.std() < 0.12 * math.sqrt(reliability) + 0.01
    assert Model(RATES, math.log(1.7), 0.02, 0.0).risk(np.array([3.0]), 40, 80)[0] == pytest.approx(told, rel=0.03)


def test_the_interval_is_that_of_random_draws():
    """100,000 draws of effect and unread part, each with its own baseline found by bisection over the population."""
    beta, deviation, reliability, z = math.log(1.6), 0.08, 0.7, 1.5
    low, high = Model(RATES, beta, deviation, reliability).interval(np.array([z]), 50, 60)
    rng = np.random.default_rng(11)
    betas = rng.normal(beta, deviation, 400)
    people = rng.normal(size=4000)
    risks = []
    for own in betas:
        relative, h, cumulated = np.exp(own * people), [], 0.0
        for rate in RATES.incidence[:60]:
            left = np.exp(-relative * cumulated)
            h.append(rate * left.sum() / (left * relative).sum())
            cumulated += h[-1]
        unread = rng.normal(size=50) * math.sqrt(1 - reliability)
        r = np.exp(own * (math.sqrt(reliability) * z + unread))[:, None]
        hazard, death = np.array(h[50:60]), RATES.competing[50:60]
        before = r * (np.cumsum(hazard) - hazard) + np.cumsum(death) - death
        risks.append((hazard * r * np.exp(-before)).sum(axis=1))
    expected = np.quantile(np.concatenate(risks), [0.025, 0.975])
    assert [low[0], high[0]] == pytest.approx(expected, rel=0.06)


def test_intervals_grow_with_what_is_not_known():
    z = np.array([-2.0, 0.5, 2.0])

    def width(**changes):
        low, high = Model(**{"rates": RATES, "beta": 0.5, "beta_deviation": 0.02} | changes).interval(z, 50, 60)
        assert (low < high).all()
        return high - low

    assert (width(reliability=0.8) > width()).all()
    assert (width(beta_deviation=0.2) > width())[[0, 2]].all()
    low, high = Model(RATES, 0.5, 0.02).interval(z, 50, 60, Factor(math.log(2), 0.3))
    assert (high - low > 2 * width()).all()


def test_a_woman_of_the_scores_ancestry_has_both_risks(settings):
    row = assessed(standing(), Person("XX", 1976), settings())
    assert (row["risk_from"], row["risk_to"], row["lifetime_from"], row["lifetime_to"]) == (50, 60, 50, 90)
    assert row["risk_lower"] < row["absolute_risk"] < row["risk_upper"] < row["lifetime_risk"]
    assert row["population_risk"] < row["absolute_risk"] < row["population_risk"] * 1.59
    # of the table, five years a rate: 50 to 55 and 55 to 60, by hand
    chosen, _ = choose_rates(settings().rates, "breast_cancer", "XX", None)
    new, other = chosen.rates.incidence[30:40], chosen.rates.competing[30:40]
    by_hand = sum(new[n] * math.exp(-sum(new[:n]) - sum(other[:n])) for n in range(10))
    assert row["population_risk"] == pytest.approx(by_hand)
    assert row["rates"] == "United States, White, average, 1992-1996"
    assert row["risk_reason"] is None and row["ten_year_reason"] is None and row["across_ancestries"] is False


@pytest.mark.parametrize(
    ("told", "person", "reason"),
    [
        ({}, Person("XY", 1976), "no rates of breast cancer are there for people with XY"),
        ({}, Person("recorded is XX, the genotypes say XY", 1976), "rates differ by sex: recorded is XX"),
        ({}, Person("XX", 1930), "the rates end at age 90; in 2026 this person is 96"),
        ({}, Person("XX", 2030), "the year of birth lies after drugs.year"),
        ({}, Person("XX", 1976, ("Breast cancer",)), "names breast cancer among this person's diagnoses"),
        ({}, Person("XX", 1976, ("Asthma, Breast cancer",)), "a risk of a first diagnosis does not apply"),
        ({}, Person("XX", 1976, ("Breast cancer, 2019",)), "a risk of a first diagnosis does not apply"),
        (
            {"population": "EAS"},
            Person("XX", 1976),
            "people of this ancestry: European; this person is most similar to EAS",
        ),
        ({"z": None, "reason": "too few"}, Person("XX", 1976), "without a percentile there is no risk: too few"),
        ({"score": "PGS000007"}, Person("XX", 1976), "only odds ratios of this score are published"),
        ({"score": "PGS000018"}, Person("XX", 1976), "people whose ancestry is not told"),
        ({"score": "PGS000011"}, Person("XX", 1976), "no rates by age are there for coronary artery disease"),
        ({"score": "MINE"}, Person("XX", 1976), "no published effect of this score"),
    ],
)
def test_who_gets_none_gets_the_reason(settings, told, person, reason):
    row = assessed(standing(**told), person, settings())
    assert reason in row["risk_reason"]
    assert row["absolute_risk"] is None and row["lifetime_risk"] is None and row["population_risk"] is None


def test_without_an_age_there_is_no_risk_over_ten_years(settings):
    for person, year, reason in (
        (Person("XX"), 2026, "the year of birth is not known"),
        (Person("XX", 1976), None, "drugs.year does not say in which year ages are counted"),
        (Person("XX", 2021), 2026, "the rates begin at age 20 only"),
    ):
        row = assessed(standing(), person, settings(year=year))
        assert row["absolute_risk"] is None and row["ten_year_reason"] == reason
        assert row["lifetime_from"] == 20 and row["lifetime_risk"] > row["lifetime_population_risk"]


def test_rows_of_scores_with_and_without_effects_are_all_there(settings):
    told = pl.concat(
        [standing("MINE", sample="A"), standing(sample="B"), standing("MINE", sample="B"), standing(sample="A")]
    )
    people = {"A": Person("XX", 1976), "B": Person("XX", 1956)}
    risks = assess_risks(told, people, settings())
    keys = risks.select("score", "sample", pl.col("lifetime_risk").is_not_null()).rows()
    assert sorted(keys) == [
        ("MINE", "A", False),
        ("MINE", "B", False),
        ("PGS000004", "A", True),
        ("PGS000004", "B", True),
    ]


def test_risk_across_ancestries_only_by_choice(settings):
    row = assessed(standing(population="EAS"), Person("XX", 1976), settings(across=True))
    assert row["across_ancestries"] and row["absolute_risk"] > 0 and row["effect_ancestry"] == "European"
    effects = settings().effects["PGS003725"]
    assert choose_effect(effects, "AFR", False)[0].hazard_ratio == 1.25  # measured in this ancestry, so taken
    assert choose_effect(effects, "EAS", True)[0].hazard_ratio == 1.25  # the weaker of two for somebody of neither
    assert choose_effect(effects, "EUR", False)[0] is None  # the ancestry of the incident analysis is not told


def test_another_group_of_rates_can_be_chosen(settings):
    row = assessed(standing(), Person("XX", 1976), settings(group="African American"))
    assert row["rates"] == "United States, African American, 1994-1998"


def test_of_several_tables_one_is_never_picked_by_chance(tmp_path):
    rows = ["d P g1 XX 0 5 1 1 2020 no s", "d P g2 XX 0 5 1 1 2020 no s", "d Q g3 XX 0 5 1 1 2020 no s"]
    path = tmp_path / "rates.tsv"
    path.write_text("\n".join("\t".join(row.split()) for row in (COLUMNS, *rows)) + "\n")
    tables = read_rates(path)
    assert (
        choose_rates(tables, "d", "XX", "g2")[0].group == "g2" and choose_rates(tables, "d", "XX", "Q")[0].group == "g3"
    )
    for group in (None, "P", "elsewhere"):
        table, reason = choose_rates(tables, "d", "XX", group)
        assert table is None and "choose one by scores.incidence_group" in reason


def test_the_users_choices_are_checked_before_the_run(risk_tables, tmp_path):
    shipped, path = risk_tables / "rates.tsv", tmp_path / "S.txt"
    path.write_text("#effect_disease=d\nchr_name\n1\n")
    (group, header) = check_risk(None, shipped, "Atlantis", [path])
    assert 'no table has the group "Atlantis"' in str(group) and "African American" in str(group)
    assert "no effect_hazard_ratio" in str(header) and "S.txt" in str(header)
    broken = tmp_path / "rates.tsv"
    broken.write_text("disease\tsex\nd\tXX\n")
    assert "it has no column country" in str(check_risk(broken, shipped, "Atlantis", [])[0])
    assert not check_risk(None, shipped, "African American", [])


def test_relatives_and_findings_multiply_by_the_published_ratio(settings):
    history = ("breast cancer:mother", "breast_cancer:sister", "prostate_cancer:father")
    alone = assessed(standing(), Person("XX", 1976), settings())
    row = assessed(standing(), Person("XX", 1976, (), history), settings())
    assert alone["combined_risk"] is None and row["absolute_risk"] == alone["absolute_risk"]
    assert alone["absolute_risk"] * 2.6 < row["combined_risk"] < alone["absolute_risk"] * 2.93
    assert "2.93, 99 % interval 2.36 to 3.64" in row["combined_with"] and "Lancet 358:1389" in row["combined_with"]
    findings = (Finding("BRCA2", "breast cancer"), Finding("ATM", "ataxia"), Finding("MLH1", "Lynch syndrome"))
    both = assessed(standing(), Person("XX", 1976, (), history, findings), settings())
    assert both["combined_risk"] > row["combined_risk"] * 3
    assert "a finding in BRCA2 (breast cancer): odds ratio 5.23" in both["combined_with"]
    assert "ATM" not in both["combined_with"] and both["carried"] == "BRCA2, ATM, MLH1"
    assert both["beside"] == "a finding in ATM (ataxia); a finding in MLH1 (Lynch syndrome)"


def test_a_possible_finding_stands_beside_the_risk(settings):
    person = Person("XX", 1976, findings=(Finding("BRCA2", "breast cancer", certain=False),))
    row = assessed(standing(), person, settings())
    assert row["combined_risk"] is None and row["beside"] == "a possible finding in BRCA2 (breast cancer)"


def test_carriers_of_recessive_conditions_are_told_only_where_a_ratio_is_published(settings):
    genes = (Finding("ATM", "ataxia", carrier=True), Finding("CFTR", "cystic fibrosis", carrier=True))
    row = assessed(standing(), Person("XX", 1976, findings=genes), settings())
    assert row["carried"] == "ATM" and "odds ratio 1.82" in row["combined_with"] and row["beside"] is None


def test_findings_of_a_table_are_told_once_a_gene():
    quality = pl.DataFrame({"sample": ["A", "B"], "sex_reported": ["XX", "XX"], "sex_inferred": ["XX", "NA"]})
    sheet = pl.DataFrame({"sample": ["A", "B"], "birth_year": [1970, 1971], "phenotypes": ["", ""]})
    rows = [("A", "BRCA2", "x", "possible", "carriers"), ("A", "BRCA2", "y", "yes", "secondary")]
    rows += [("B", "MUTYH", None, "yes", "carriers")]
    findings = pl.DataFrame(rows, schema=["sample", "gene", "condition", "reportable", "list"], orient="row")
    people = people_of(sheet, quality, findings)
    assert people["A"].findings == (Finding("BRCA2", "x; y"),)
    assert people["B"].findings == (Finding("MUTYH", "", carrier=True),)
    assert people_of(sheet, quality)["A"].findings == ()


@pytest.mark.parametrize("named", ["breast cancer", "HP:0003002", "breast carcinoma", "hp:0100013"])
def test_a_disease_is_recognised_by_its_terms(settings, named):
    row = assessed(standing(), Person("XX", 1976, ("asthma", named)), settings())
    assert row["lifetime_risk"] is None and f"the sample sheet names {named}" in row["risk_reason"]
    assert assessed(standing(), Person("XX", 1976, ("HP:0003003", "asthma")), settings())["lifetime_risk"]


def test_relatives_are_counted_as_the_rows_say(risk_tables):
    factors = Factors(risk_tables / "family_history.tsv", risk_tables / "monogenic.tsv")

    def ratio(disease, number):
        relatives = ("sister", "brother", "daughter", "son")
        factor = factors.of(disease, "XX", [f"{disease}:{name}" for name in relatives[:number]], ()).factor
        return factor and round(math.exp(factor.log_ratio), 2)

    assert [ratio("breast_cancer", n) for n in range(5)] == [None, 1.8, 2.93, 3.9, 3.9]
    assert [ratio("colorectal_cancer", n) for n in (1, 2, 4)] == [2.25, 4.25, 4.25]
    assert [ratio("ovarian_cancer", n) for n in (1, 3)] == [3.1, 3.1]
    weighed = factors.of("stroke", "XX", ["stroke:mother"], ())
    assert weighed == Weighed(None, [], ["stroke in the family (mother)"], [])


def test_the_effect_in_a_files_own_header_goes_before_the_table(risk_tables, tmp_path):
    header = {"pgs_id": "PGS000004", "effect_disease": "My disease", "effect_hazard_ratio": "1.4"}
    header |= {"effect_lower": "1.2", "effect_upper": "1.6", "effect_population": "AFR, AMR", "effect_source": "us"}
    path = tmp_path / "mine.txt"
    path.write_text("".join(f"#{name}={value}\n" for name, value in header.items()) + "chr_name\n1\n")
    effect = read_effects(risk_tables / "effects.tsv", [path])["PGS000004"]
    expected = ("PGS000004", "my_disease", 1.4, 1.2, 1.6, "AFR, AMR", frozenset({"AFR", "AMR"}), "us")
    assert effect == [Effect(*expected)]
    with pytest.raises(Fault, match="no effect_source"):
        header_effect(path, header | {"effect_source": ""})
    with pytest.raises(Fault, match="rising positive"):
        header_effect(path, header | {"effect_lower": "-1"})
    assert header_effect(path, {"pgs_id": "X"}) is None


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["d P g XX 0 5 1 1 2020 yes s", "d P g XX 6 10 1 1 2020 yes s"], "line 3: ages 6 to 10 do not follow"),
        (["d P g women 0 5 1 1 2020 yes s"], 'line 2: sex "women" is not XX or XY'),
        (["d P g XX 0 5 -1 1 2020 yes s"], "line 2: a rate is negative"),
        (["d P g XX 0 x 1 1 2020 yes s"], "line 2: ages are no whole numbers"),
    ],
)
def test_a_faulty_table_of_rates_names_the_line(tmp_path, rows, fault):
    path = tmp_path / "rates.tsv"
    path.write_text("\n".join("\t".join(row.split()) for row in (COLUMNS, *rows)) + "\n")
    with pytest.raises(Fault, match=fault):
        read_rates(path)


def test_ones_own_rates_go_before_those_that_ship(risk_tables, tmp_path):
    path = tmp_path / "rates.tsv"
    path.write_text(
        "\n".join("\t".join(row.split()) for row in (COLUMNS, "Breast_cancer P g XX 0 5 1 1 2020 no s")) + "\n"
    )
    tables = gather_rates([path, risk_tables / "rates.tsv"])
    assert [table.country for table in tables if table.disease == "breast_cancer"] == ["P"]
    assert any(table.disease == "ovarian_cancer" for table in tables)


DEVCAN = (  # new cases of ovarian cancer by age group in the life table of 10,000,000 girls that the rates come from
    [27, 141, 420, 689, 843, 1116, 1606, 2460, 4514, 7473, 10393, 12872, 15876, 16950, 17945, 17428, 15070, 10205, 4535]
)


def test_shipped_rates_give_published_lifetime_risks(risk_tables):
    """Breast cancer: 11 % (NICE CG164) to 12 % until 80 (PMC5513673 table T2); ovarian cancer: the life table's own."""
    tables = gather_rates([risk_tables / "rates.tsv"])
    breast, _ = choose_rates(tables, "breast_cancer", "XX", None)
    assert 0.10 < population_risk(breast.rates, 20, 80) < 0.12
    assert 0.11 < population_risk(breast.rates, 20, 90) < 0.13
    ovarian, _ = choose_rates(tables, "ovarian_cancer", "XX", None)
    told = population_risk(ovarian.rates, 0, ovarian.rates.end)
    assert told == pytest.approx(sum(DEVCAN) / 1e7, rel=0.02)


def test_missing_genotypes_of_a_person_widen_the_interval_and_keep_the_mean():
    model, z = Model(RATES, 0.5, 0.02), np.array([1.0])
    (low, high), (wide_low, wide_high) = model.interval(z, 50, 60), model.interval(z, 50, 60, None, 0.8)
    assert wide_low < low < high < wide_high
    # z is that of the genotypes read, the others at their mean: nothing is drawn back to the average twice
    assert model.risk(z, 50, 60, None, 0.8)[0] == pytest.approx(
        model.risk(z, 50, 60)[0] * math.exp(0.5**2 * 0.2 / 2), rel=0.01
    )
