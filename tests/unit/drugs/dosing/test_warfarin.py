"""Warfarin by the published equations: published examples, the equations written out again here, and properties."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.drugs.dosing.estimates import DECLINED, ESTIMATED, RANGE, estimate
from permed.drugs.dosing.inputs import Patient
from permed.drugs.dosing.models import body_surface
from permed.tables import read_table

CYP2C9 = ("*1/*1", "*1/*2", "*1/*3", "*2/*2", "*2/*3", "*3/*3")
PGX = {"IWPC_pharmacogenetic", "Gage_2008_pharmacogenetic"}

# Published examples: unit tests of clay-good/sophiewell.com (file-index ids 57007866230, 57060626202), mg.
IWPC_EXAMPLE, IWPC_WEEK, IWPC_DAY = {"age": 65, "height": 170, "weight": 70, "vkorc1": 0, "cyp2c9": "*1/*1"}, 41.1, 5.9
GAGE_EXAMPLE, GAGE_DAY, GAGE_WEEK = {"age": 60, "height": 175, "weight": 70, "vkorc1": 0, "cyp2c9": "*1/*1"}, 6.3, 43.8


def iwpc(age, height, weight, vkorc1, cyp2c9, race="White", inducer=False, amiodarone=False):
    """mg a week; NEJM 2009;360:753, the equation of its supplement written out, VKORC1 as the number of A alleles."""
    total = 5.6044 - 0.2614 * min(int(age / 10), 9) + 0.0087 * height + 0.0128 * weight
    total += {0: 0, 1: -0.8677, 2: -1.6974, None: -0.4854}[vkorc1]
    total += dict(zip([*CYP2C9, None], [0, -0.5211, -0.9357, -1.0616, -1.9206, -2.3312, -0.2188], strict=True))[cyp2c9]
    total += {"White": 0, "Asian": -0.1092, "Black": -0.2760, None: -0.1032}[race]
    return (total + 1.1816 * inducer - 0.5503 * amiodarone) ** 2


def iwpc_clinical(age, height, weight, race="White", inducer=False, amiodarone=False):
    """mg a week; the clinical equation of the same."""
    total = 4.0376 - 0.2546 * min(int(age / 10), 9) + 0.0118 * height + 0.0134 * weight
    total += {"White": 0, "Asian": -0.6752, "Black": 0.4060, None: 0.0443}[race]
    return (total + 1.2799 * inducer - 0.5695 * amiodarone) ** 2


def dubois(height, weight):
    return math.pow(weight, 0.425) * math.pow(height, 0.725) * 0.007184


def gage(age, height, weight, vkorc1, cyp2c9, race="White", amiodarone=False, inr=2.5, smoker=False, clot=False):
    """mg a day; Clin Pharmacol Ther 2008;84:326."""
    total = 0.9751 - 0.3238 * vkorc1 + 0.4317 * dubois(height, weight) - 0.4008 * cyp2c9.count("3") - 0.00745 * age
    total += -0.2066 * cyp2c9.count("2") + 0.2029 * inr - 0.2538 * amiodarone + 0.0922 * smoker
    return math.exp(total - 0.0901 * (race == "Black") + 0.0664 * clot)


def gage_clinical(age, height, weight, race="White", amiodarone=False, inr=2.5, smoker=False, clot=False):
    """mg a day; the clinical equation of the same."""
    total = 0.613 + 0.425 * dubois(height, weight) - 0.0075 * age + 0.156 * (race == "Black") + 0.216 * inr
    return math.exp(total - 0.257 * amiodarone + 0.108 * smoker + 0.0784 * clot)


def test_published_examples(models, levels, patient):
    found = estimate(models["IWPC_pharmacogenetic"], patient(**IWPC_EXAMPLE), levels).as_row("S1")
    assert (found["dose_per_week"], found["dose_per_day"]) == (IWPC_WEEK, IWPC_DAY)
    person = patient(**GAGE_EXAMPLE)
    doses = [models["Gage_2008_pharmacogenetic"].dose_per_day(v) for v in [_values(levels, person, clot="no")]]
    assert round(doses[0], 1) == GAGE_DAY and round(doses[0] * 7, 1) == pytest.approx(GAGE_WEEK, abs=0.1)


def _values(levels, person, clot):
    names = ("age_years", "height_cm", "weight_kg", "VKORC1", "CYP2C9", "amiodarone", "smoker", "race")
    known = {name: levels.possible(name, person).values[0] for name in names}
    return known | {"target_inr": 2.5, "DVT_or_PE": clot}


@pytest.mark.parametrize("vkorc1", [0, 1, 2])
@pytest.mark.parametrize("cyp2c9", CYP2C9)
@pytest.mark.parametrize("race", ["White", "Asian", "Black"])
def test_every_genotype_against_the_equations(models, levels, patient, vkorc1, cyp2c9, race):
    body = {"age": 67, "height": 171, "weight": 74}
    person = patient(**body, vkorc1=vkorc1, cyp2c9=cyp2c9, race=race, words=("Pulmonary embolism",))
    expected = {
        "IWPC_pharmacogenetic": iwpc(**body, vkorc1=vkorc1, cyp2c9=cyp2c9, race=race) / 7,
        "IWPC_clinical": iwpc_clinical(**body, race=race) / 7,
        "Gage_2008_pharmacogenetic": gage(**body, vkorc1=vkorc1, cyp2c9=cyp2c9, race=race, clot=True),
        "Gage_2008_clinical": gage_clinical(**body, race=race, clot=True),
    }
    for name, dose in expected.items():
        found = estimate(models[name], person, levels)
        assert found.status == ESTIMATED
        assert found.dose == pytest.approx(dose, abs=1e-9) == found.low == found.high


def test_medicines_and_conditions_against_the_equations(models, levels, patient):
    body = {"age": 52, "height": 181, "weight": 93, "vkorc1": 1, "cyp2c9": "*1/*2"}
    clinical = {name: body[name] for name in ("age", "height", "weight")}
    both = patient(**body, medicines="Cordarone; Rifampicin")
    found = estimate(models["IWPC_pharmacogenetic"], both, levels)
    assert found.dose * 7 == pytest.approx(iwpc(**body, inducer=True, amiodarone=True))
    found = estimate(models["IWPC_clinical"], both, levels)
    assert found.dose * 7 == pytest.approx(iwpc_clinical(**clinical, inducer=True, amiodarone=True))
    smoking = patient(**body, medicines="amiodarone", target_inr=3, words=())
    smoking = Patient(**(vars(smoking) | {"phenotypes": ("Smoker", "deep vein thrombosis")}))
    more = {"amiodarone": True, "inr": 3, "smoker": True, "clot": True}
    found = estimate(models["Gage_2008_pharmacogenetic"], smoking, levels)
    assert found.dose == pytest.approx(gage(**body, **more))
    assert estimate(models["Gage_2008_clinical"], smoking, levels).dose == pytest.approx(
        gage_clinical(**clinical, **more)
    )


def test_the_worked_examples_of_the_facts(shared, models, levels, patient):
    """To 0.1 mg, those that were seen and those that were computed apart from this code."""
    table = read_table(shared / "facts" / "drugs" / "worked_examples.tsv")
    counted = 0
    for row in table.filter(table["model"].is_in(list(models))).iter_rows(named=True):
        given = dict(pair.split("=") for pair in row["inputs"].split(";") if "=" in pair)
        vkorc1 = given.get("VKORC1_A", {"GG": 0, "AG": 1, "AA": 2}.get(given.get("VKORC1")))
        cyp2c9 = given.get("CYP2C9")
        if "CYP2C9_*2" in given:
            carried = ["*2"] * int(given["CYP2C9_*2"]) + ["*3"] * int(given["CYP2C9_*3"])
            cyp2c9 = "/".join((["*1"] * (2 - len(carried))) + carried)
        medicines = "; ".join(
            drug for key, drug in [("inducer", "phenytoin"), ("amiodarone", "amiodarone")] if given.get(key) == "1"
        )
        body = (float(given["age"]), float(given["height_cm"]), float(given["weight_kg"]))
        person = patient(
            *body,
            vkorc1 if vkorc1 is None else int(vkorc1),
            None if cyp2c9 == "unknown" else cyp2c9,
            given.get("race", "White"),
            medicines,
        )
        if row["model"].startswith("Gage"):
            dose = models[row["model"]].dose_per_day(_values(levels, person, clot="no"))
        else:
            dose = estimate(models[row["model"]], person, levels).dose
        assert dose * (7 if row["unit"] == "mg/week" else 1) == pytest.approx(float(row["result"]), abs=0.05), row
        counted += 1
    assert counted >= 14


adults = {"age": st.integers(18, 100), "height": st.integers(140, 210), "weight": st.integers(40, 160)}


@given(**adults, cyp2c9=st.sampled_from(CYP2C9), name=st.sampled_from(sorted(PGX)))
@settings(max_examples=60)
def test_each_variant_allele_lowers_the_dose(models, levels, patient, age, height, weight, cyp2c9, name):
    people = [patient(age, height, weight, n, cyp2c9, words=("pulmonary embolism",)) for n in (0, 1, 2)]
    doses = [estimate(models[name], person, levels).dose for person in people]
    assert None in doses or doses[0] > doses[1] > doses[2]
    for few, many in (
        ("*1/*1", "*1/*2"),
        ("*1/*2", "*2/*2"),
        ("*1/*1", "*1/*3"),
        ("*1/*3", "*2/*3"),
        ("*2/*3", "*3/*3"),
    ):
        pair = [patient(age, height, weight, 0, c, words=("pulmonary embolism",)) for c in (few, many)]
        first, second = (estimate(models[name], person, levels).dose for person in pair)
        assert second < first


@given(
    **adults,
    vkorc1=st.sampled_from([0, 1, 2, None]),
    cyp2c9=st.sampled_from([*CYP2C9, None]),
    race=st.sampled_from(["White", "Asian", "Black", None, "somewhere"]),
    medicines=st.sampled_from(["", "amiodarone", "notadrug", None]),
)
@settings(max_examples=60)
def test_the_range_holds_the_dose_of_every_completion(models, levels, patient, vkorc1, cyp2c9, race, medicines, **body):
    person = patient(**body, vkorc1=vkorc1, cyp2c9=cyp2c9, race=race, medicines=medicines)
    found = estimate(models["IWPC_pharmacogenetic"], person, levels)
    if found.status == DECLINED:
        return
    drugs = [(False, False), (True, False), (False, True), (True, True)]
    drugs = {"": [(False, False)], "amiodarone": [(False, True)]}.get(medicines, drugs)
    if medicines == "amiodarone":
        drugs = [(False, True)]
    complete = [
        iwpc(**body, vkorc1=v, cyp2c9=c, race=r, inducer=i, amiodarone=a) / 7
        for v in ([vkorc1] if vkorc1 is not None else (0, 1, 2))
        for c in ([cyp2c9] if cyp2c9 else CYP2C9)
        for r in ([race] if race in ("White", "Asian", "Black") else ("White", "Asian", "Black"))
        for i, a in drugs
    ]
    assert found.low <= min(complete) + 1e-9 and max(complete) <= found.high + 1e-9
    if found.dose is None:
        assert found.status == RANGE and "amiodarone" in found.missing
        assert (found.low, found.high) == pytest.approx((min(complete), max(complete)))
    else:
        assert found.low <= found.dose <= found.high
        known = iwpc(
            **body,
            vkorc1=vkorc1,
            cyp2c9=cyp2c9,
            race=race if race in ("White", "Asian", "Black") else None,
            amiodarone=medicines == "amiodarone",
        )
        assert found.dose == pytest.approx(known / 7)


def test_figures_are_those_of_the_facts(shared, drug_tables):
    facts = read_table(shared / "facts" / "drugs" / "dosing.tsv")
    ours = read_table(drug_tables / "dosing.tsv")
    wanted = {(m, n): v for m, n, v in facts.select("model", "name", "value").iter_rows() if m in set(ours["model"])}
    given_ = {(m, t): v for m, t, v in ours.select("model", "term", "value").iter_rows()}
    assert {key for key in wanted if key not in given_} == {
        (m, n) for m, n in wanted if n in ("transform", "BSA_formula_DuBois")
    }
    assert all(wanted[key] == value for key, value in given_.items())


def test_body_surface_is_dubois():
    assert body_surface(170, 70) == pytest.approx(dubois(170, 70)) == pytest.approx(1.81, abs=0.01)


def test_a_genotype_beside_which_a_null_variant_is_carried_is_not_known(models, levels, patient):
    person = patient(**IWPC_EXAMPLE)
    before = levels.possible("CYP2C9", person)
    person.calls["CYP2C9"]["also_carried"] = "T1.1:c.9A>T (stop gained, heterozygous)"
    after = levels.possible("CYP2C9", person)
    assert before.values == (("*1", "*1"),) and len(after.values) == len(CYP2C9) and not after.given
    assert "may have lost function by a variant beside its alleles" in after.text
    assert "CYP2C9" in estimate(models["Gage_2008_pharmacogenetic"], person, levels).missing
