"""Estimates from people: what is missing, what is declined, what is said; and on which strand alleles are."""

import itertools

import pytest

from permed.drugs.dosing.estimates import COLUMNS, DECLINED, ESTIMATED, RANGE, estimate
from permed.drugs.dosing.patients import Dosing, estimate_table, patient_of
from permed.drugs.phenoconversion import Phenoconversion
from permed.samples import Person
from permed.tables import read_table

# IWPC for 65 years, 170 cm, 70 kg, G/G, *1/*1, by hand: 5.6044 - 6 * 0.2614 + 1.479 + 0.896 = 6.411, squared.


def test_vkorc1_is_read_on_the_right_strand(root, levels):
    """T of the definition (forward strand) is A of the equations: the phenotypes of CPIC say which pair is which."""
    genes = root / "resources" / "pharmacogenes"
    alleles = read_table(genes / "alleles.tsv").filter(read_table(genes / "alleles.tsv")["gene"] == "VKORC1")
    function = dict(alleles.select("allele", "function").iter_rows())
    phenotypes = read_table(genes / "phenotypes.tsv")
    phenotypes = phenotypes.filter(phenotypes["gene"] == "VKORC1")
    letters = {
        frozenset(pair): name.removeprefix("-1639 ")
        for pair, name in zip(phenotypes.select("function1", "function2").rows(), phenotypes["phenotype"], strict=True)
    }
    variant = {
        row["allele"]: row["base"]
        for row in read_table(genes / "allele_variants.tsv").iter_rows(named=True)
        if row["gene"] == "VKORC1"
    }
    assert set(levels.of["VKORC1"]) == set(function) == set(variant)
    for pair in itertools.combinations_with_replacement(function, 2):
        named = letters[frozenset(function[allele] for allele in pair)]
        assert sorted(levels.of["VKORC1"][allele] for allele in pair) == sorted(named)
    assert {levels.of["VKORC1"][allele]: base for allele, base in variant.items()} == {"A": "T", "G": "C"}


def test_several_diplotypes_leave_a_range(models, levels, patient):
    person = patient(65, 170, 70, 0, "*1/*2 OR *1/*3")
    found = estimate(models["IWPC_pharmacogenetic"], person, levels)
    doses = [(6.411 - less) ** 2 / 7 for less in (0.9357, 0.5211)]
    assert (found.status, found.dose) == (RANGE, None)
    assert (found.low, found.high) == pytest.approx(tuple(doses))


def test_a_birth_year_leaves_two_ages(models, levels, patient):
    found = estimate(models["IWPC_pharmacogenetic"], patient((69, 70), 170, 70, 0, "*1/*1"), levels)
    assert found.dose * 7 == pytest.approx(6.1496**2)
    assert found.high * 7 == pytest.approx(6.411**2)


@pytest.mark.parametrize(
    ("given_", "word"),
    [
        ({"age": 17}, "age_years is 17"),
        ({"age": (17, 18)}, "age_years is 17 or 18"),
        ({"age": None}, "age_years is not given"),
        ({"height": None}, "height_cm is not given"),
        ({"weight": None}, "weight_kg is not given"),
        ({"cyp2c9": "*1/*8"}, "CYP2C9 has CYP2C9 *8"),
        ({"cyp2c9": "*1/*2 OR *1/*11"}, "CYP2C9 *11"),
        ({"cyp2c9": "*1"}, "not a pair"),
    ],
)
def test_it_declines_with_the_reason(models, levels, patient, given_, word):
    known = {"age": 65, "height": 170, "weight": 70, "vkorc1": 0, "cyp2c9": "*1/*1"} | given_
    found = estimate(models["IWPC_pharmacogenetic"], patient(**known), levels)
    assert (found.status, found.dose, found.low, found.high) == (DECLINED, None, None, None)
    assert any(word in reason for reason in found.reasons), found.reasons


@pytest.mark.parametrize("inr", [1.5, 3.5])
def test_it_declines_other_targets(models, levels, patient, inr):
    person = patient(60, 175, 70, 0, "*1/*1", target_inr=inr)
    assert estimate(models["Gage_2008_pharmacogenetic"], person, levels).status == DECLINED


def test_it_declines_where_the_sum_is_not_positive(models, levels, patient):
    tiny = patient(95, 100, 20, 2, "*3/*3", medicines="amiodarone")
    found = estimate(models["IWPC_pharmacogenetic"], tiny, levels)
    assert found.status == DECLINED and "no positive dose" in found.reasons[0]
    unknown = patient(95, 100, 20, None, "*3/*3", medicines="amiodarone")
    found = estimate(models["IWPC_pharmacogenetic"], unknown, levels)
    assert found.status == DECLINED, "one of the genotypes that it may be has no positive dose"


def test_it_declines_a_dose_that_rounds_to_nothing(models, levels, patient):
    """By hand: 5.6044 - 9 * 0.2614 + 1.218 + 0.512 - 1.6974 - 2.3312 - 0.5503 = 0.4029, squared 0.16 mg a week."""
    found = estimate(models["IWPC_pharmacogenetic"], patient(95, 140, 40, 2, "*3/*3", medicines="amiodarone"), levels)
    assert (found.status, found.dose) == (DECLINED, None) and "no positive dose" in found.reasons[0]


def test_everything_used_is_said(models, levels, patient):
    person = patient(60, 175, 70, 1, "*1/*3", race=None, medicines="Cordarone")
    row = estimate(models["IWPC_pharmacogenetic"], person, levels).as_row("S1")
    assert set(row) == set(COLUMNS)
    text = " ".join(row["inputs"])
    for word in ("age_years: 60", "as A/G", "*1/*3", "amiodarone: yes (amiodarone)", "term for not known"):
        assert word in text
    assert row["missing"] == ["race"]
    assert "confirmation by the treating physician; monitor INR" in row["statement"]
    assert "19228618" in row["literature"] and row["source"]
    assert any("no limits of height_cm and weight_kg" in note for note in row["notes"])


def test_an_assumed_target_is_said(models, levels, patient):
    found = estimate(models["Gage_2008_clinical"], patient(60, 175, 70), levels)
    assert "2.5, assumed" in found.inputs["target_inr"] and "target_inr" in found.missing


@pytest.fixture(scope="module")
def dosing(drug_tables):
    return Dosing.load(drug_tables)


def person(**more):
    known = {"birth_year": 1956, "height_cm": 176, "weight_kg": 79, "population": "White", "medications": ("none",)}
    return Person("S1", **(known | more))


def call(gene, diplotype, phenotype=None, score=None):
    return {
        "gene": gene,
        "state": "called",
        "diplotype": diplotype,
        "phenotype": phenotype,
        "activity_score": score,
    }


CALLS = [
    call("VKORC1", "rs9923231 reference (C)/rs9923231 variant (T)", "-1639 AG"),
    call("CYP2C9", "*2/*3", "Poor Metabolizer", "0.5"),
    call("CYP4F2", "*1/*3"),
]


def test_from_the_sheet_and_the_calls_to_doses(dosing, names):
    """By hand, 69 or 70 years in 2026: (5.6044 - 7 * 0.2614 + 1.5312 + 1.0112 - 0.8677 - 1.9206)^2 = 12.4517."""
    rows = dosing.estimate_rows("S1", patient_of(person(), CALLS, names, year=2026), ["warfarin"])
    table = estimate_table(rows)
    assert table.columns == list(COLUMNS) and len(table) == 4
    iwpc = table.row(0, named=True)
    assert (iwpc["model"], iwpc["status"]) == ("IWPC pharmacogenetic", ESTIMATED)
    assert (iwpc["dose_per_week"], iwpc["dose_per_day"]) == (12.5, 1.8)
    assert iwpc["high_per_week"] == 14.4
    assert any("rs2108622 T: carried" in note for note in iwpc["notes"])
    assert not any("rs2108622" in note for note in table.row(1, named=True)["notes"])


def test_an_empty_cell_of_medicines_is_not_known(dosing, names):
    said = {}
    for cell in [(), ("none",), ("amiodarone",)]:
        patient = patient_of(person(medications=cell), CALLS, names, year=2026)
        said[cell] = dosing.estimate_rows("S1", patient, ["warfarin"])[0]
    assert said[()]["status"] == RANGE and said[("none",)]["status"] == ESTIMATED
    assert said[()]["low_per_day"] == said[("amiodarone",)]["low_per_day"] < said[("none",)]["dose_per_day"]


def test_without_a_year_the_age_is_not_known(dosing, names):
    rows = dosing.estimate_rows("S1", patient_of(person(), CALLS, names))
    assert {row["status"] for row in rows} == {DECLINED}
    assert all("age_years is not given" in row["reasons"][0] for row in rows)


def test_a_person_without_calls_gets_no_single_genetic_dose_from_gage(dosing, names):
    rows = dosing.estimate_rows("S1", patient_of(person(phenotypes=("non-smoker",)), [], names, year=2026))
    gage = next(row for row in rows if row["model"] == "Gage 2008 pharmacogenetic")
    assert gage["status"] == RANGE and {"VKORC1", "CYP2C9"} <= set(gage["missing"])
    assert gage["low_per_day"] < gage["high_per_day"] / 4


def test_medicines_that_an_equation_does_not_consider_are_named(root, drug_tables, dosing, names):
    tables = Phenoconversion.load(drug_tables, root / "resources" / "pharmacogenes")
    patient = patient_of(person(medications=("fluconazole", "amiodarone")), CALLS, names, year=2026)
    conversions = tables.convert(CALLS, patient.medicines)
    for row in dosing.estimate_rows("S1", patient, ["warfarin"], conversions):
        (note,) = [note for note in row["notes"] if "does not consider what acts on CYP2C9" in note]
        assert "fluconazole" in note and "amiodarone" not in note


def test_an_equation_without_genes_says_so(dosing, names):
    rows = dosing.estimate_rows("S1", patient_of(person(), CALLS, names, year=2026))
    said = {row["model"]: any("does not consider the genotype" in note for note in row["notes"]) for row in rows}
    assert said == {name: "clinical" in name for name in said}


@pytest.mark.parametrize("entry", ["amiodarone (stopped)", "amiodarone paused", "never stopped amiodarone"])
def test_a_medicine_that_may_still_act_leaves_its_input_open(levels, patient, entry):
    """An equation with amiodarone as input: it may be yes or no, and the question says why."""
    possible = levels.possible("amiodarone", patient(60, 175, 70, 1, "*1/*1", medicines=entry))
    assert possible.values == ("no", "yes") and entry in possible.text
    assert levels.possible("amiodarone", patient(60, 175, 70, 1, "*1/*1", medicines="no amiodarone")).values == ("no",)
