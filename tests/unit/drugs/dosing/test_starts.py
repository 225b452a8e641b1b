"""Starting doses by phenotype: published figures, sizes, missing genes and equally good results."""

import itertools

import polars as pl
import pytest

from permed.drugs.dosing.adjustments import Adjustments
from permed.drugs.dosing.conditions import NONE, Result, holds, results_of
from permed.drugs.dosing.starts import COLUMNS, NO_ROW, NOT_KNOWN, SEVERAL, STATED, Starts, _matches
from permed.tables import read_table

NM, IM, PM = "Normal Metabolizer", "Intermediate Metabolizer", "Poor Metabolizer"


@pytest.fixture(scope="module")
def starts(drug_tables):
    return Starts.load(drug_tables)


def calls_of(**genes):
    """Calls from ``gene=phenotype`` or ``gene=(phenotype, score)``; None for a gene that was not called."""
    calls = {}
    for gene, said in genes.items():
        phenotype, score = said if isinstance(said, tuple) else (said, None)
        state = "called" if phenotype else "not_assessable"
        calls[gene] = {"gene": gene, "state": state, "phenotype": phenotype, "activity_score": score}
    return calls


@pytest.fixture
def start(starts):
    """The start of one body, for an indication."""

    def run(drug, body, population=None, size=None, gene=None, **genes):
        found = starts.of(drug, calls_of(**genes), **(size or {}))
        (one,) = [
            s for s in found if (s.body, s.population) == (body, population) and (gene is None or gene in s.results)
        ]
        return one

    return run


# CPIC and DPWG figures as read in PharmCAT 30f8cfb, phonegor95/PharmCAT 1697910 (facts/drugs/dosing.tsv).
@pytest.mark.parametrize(
    ("drug", "body", "genes", "factors"),
    [
        ("tacrolimus", "CPIC", {"CYP3A5": NM}, (1.5, 2)),
        ("tacrolimus", "CPIC", {"CYP3A5": IM}, (1.5, 2)),
        ("tacrolimus", "CPIC", {"CYP3A5": PM}, (1, 1)),
        ("tacrolimus", "DPWG", {"CYP3A5": NM}, (2.5, 2.5)),
        ("tacrolimus", "DPWG", {"CYP3A5": IM}, (1.5, 1.5)),
        ("mercaptopurine", "CPIC", {"TPMT": IM, "NUDT15": NM}, (0.3, 0.8)),
        ("mercaptopurine", "CPIC", {"TPMT": NM, "NUDT15": IM}, (0.3, 0.8)),
        ("mercaptopurine", "CPIC", {"TPMT": IM, "NUDT15": IM}, (0.2, 0.5)),
        ("mercaptopurine", "CPIC", {"TPMT": PM, "NUDT15": NM}, (0.1, 0.1)),
        ("mercaptopurine", "CPIC", {"TPMT": NM, "NUDT15": PM}, (0.1, 0.1)),
        ("thioguanine", "CPIC", {"TPMT": IM, "NUDT15": IM}, (0.2, 0.5)),
        ("thioguanine", "CPIC", {"TPMT": PM, "NUDT15": NM}, (0.1, 0.1)),
        ("azathioprine", "CPIC", {"TPMT": NM, "NUDT15": IM}, (0.3, 0.8)),
        ("fluorouracil", "CPIC", {"DPYD": (NM, "2.0")}, (1, 1)),
        ("fluorouracil", "CPIC", {"DPYD": (IM, "1.5")}, (0.5, 0.5)),
        ("capecitabine", "CPIC", {"DPYD": (IM, "1.0")}, (0.5, 0.5)),
        ("capecitabine", "DPWG", {"DPYD": (IM, "1.5")}, (0.5, 0.5)),
        ("nortriptyline", "CPIC", {"CYP2D6": (PM, "0.0")}, (0.5, 0.5)),
        ("nortriptyline", "CPIC", {"CYP2D6": (IM, "1.0")}, (0.75, 0.75)),
        ("nortriptyline", "DPWG", {"CYP2D6": (IM, "0.5")}, (0.6, 0.6)),
        ("amitriptyline", "CPIC", {"CYP2D6": (IM, "1.0"), "CYP2C19": NM}, (0.75, 0.75)),
        ("amitriptyline", "CPIC", {"CYP2D6": (NM, "2.0"), "CYP2C19": PM}, (0.5, 0.5)),
    ],
)
def test_published_factors(start, drug, body, genes, factors):
    found = start(drug, body, **genes)
    assert found.status == STATED
    assert (found.factor_low, found.factor_high) == factors
    assert found.sources and found.literature


@pytest.mark.parametrize(
    ("drug", "genes", "action"),
    [
        ("fluorouracil", {"DPYD": (PM, "0.0")}, "avoid"),
        ("capecitabine", {"DPYD": (PM, "0.5")}, "avoid"),
        ("azathioprine", {"TPMT": PM, "NUDT15": NM}, "alternative"),
        ("azathioprine", {"TPMT": PM, "NUDT15": PM}, "alternative"),
        ("azathioprine", {"TPMT": PM, "NUDT15": None}, "alternative"),
        ("amitriptyline", {"CYP2D6": (IM, "1.0"), "CYP2C19": PM}, "avoid"),
    ],
)
def test_no_dose_where_the_drug_is_to_be_left(start, drug, genes, action):
    found = start(drug, "CPIC", **genes)
    assert (found.status, found.actions) == (STATED, (action,))
    assert found.factor_low is None and found.dose_low is None


@pytest.mark.parametrize(
    ("indication", "phenotype", "actions"),
    [
        ("CVI ACS PCI", PM, ("avoid",)),
        ("CVI ACS PCI", IM, ("avoid",)),
        ("NVI", IM, ("alternative",)),
        ("CVI non-ACS non-PCI", IM, ("none",)),
        ("CVI ACS PCI", "Ultrarapid Metabolizer", ("standard",)),
    ],
)
def test_clopidogrel_by_indication(start, indication, phenotype, actions):
    found = start("clopidogrel", "CPIC", indication, CYP2C19=phenotype)
    assert found.actions == actions
    assert (found.dose_low, found.dose_unit) == ((75.0, "mg/day") if actions == ("standard",) else (None, None))


SIZE = {"height_cm": 170, "weight_kg": 70}
SURFACE = 0.007184 * 70**0.425 * 170**0.725


@pytest.mark.parametrize(
    ("drug", "genes", "low", "high", "unit"),
    [
        ("azathioprine", {"TPMT": NM, "NUDT15": NM}, 140, 140, "mg/day"),
        ("azathioprine", {"TPMT": IM, "NUDT15": NM}, 42, 112, "mg/day"),
        ("mercaptopurine", {"TPMT": NM, "NUDT15": NM}, 75 * SURFACE, 75 * SURFACE, "mg/day"),
        ("mercaptopurine", {"TPMT": IM, "NUDT15": IM}, 15 * SURFACE, 37.5 * SURFACE, "mg/day"),
        ("mercaptopurine", {"TPMT": PM, "NUDT15": NM}, 10 * SURFACE, 10 * SURFACE, "mg per dose, 3/week"),
        ("thioguanine", {"TPMT": PM, "NUDT15": NM}, 4 * SURFACE, 4 * SURFACE, "mg per dose, 3/week"),
    ],
)
def test_doses_in_mg_by_size(start, drug, genes, low, high, unit):
    found = start(drug, "CPIC", size=SIZE, **genes)
    assert (found.dose_low, found.dose_high) == pytest.approx((low, high))
    assert found.dose_unit == unit
    without = start(drug, "CPIC", **genes)
    assert without.dose_low is None and "not given" in without.reasons[0]
    assert without.factor_low == found.factor_low


def test_the_highest_start_of_tacrolimus(start):
    found = start("tacrolimus", "CPIC", size=SIZE, CYP3A5=NM)
    assert found.most == pytest.approx(21.0)
    assert found.dose_low is None and "do not state the standard start" in found.reasons[0]


def test_a_gene_that_was_not_called_is_not_known(start):
    found = start("tacrolimus", "CPIC", CYP3A5=None)
    assert (found.status, found.factor_low, found.actions) == (NOT_KNOWN, None, ())
    assert "from 1 to 2" in found.reasons[0]
    found = start("azathioprine", "CPIC", TPMT=None, NUDT15=NM)
    assert found.status == NOT_KNOWN
    assert "alternative" in found.reasons[0] and "from 0.3 to 1" in found.reasons[0]


def test_advice_that_does_not_need_a_gene_says_so(start):
    found = start("mercaptopurine", "CPIC", TPMT=NM, NUDT15=None)
    assert found.status == STATED
    assert found.results["NUDT15"] == "not known"
    assert any("NUDT15 is not known" in reason for reason in found.reasons)


def test_no_call_at_all_never_gives_a_standard_dose(starts):
    for drug in starts.drugs:
        for found in starts.of(drug, {}, **SIZE):
            assert found.dose_low is None and found.factor_low is None, (drug, found)
            assert "standard" not in found.actions


def test_equally_good_results(start):
    found = start("tacrolimus", "CPIC", CYP3A5=f"{IM} OR {PM}")
    assert (found.status, found.factor_low, found.factor_high) == (SEVERAL, 1, 2)
    found = start("fluorouracil", "CPIC", DPYD=(f"{IM} OR {PM}", "1.0 OR 0.5"))
    assert (found.status, found.actions, found.factor_low) == (SEVERAL, ("reduce", "avoid"), None)
    assert "equally good" in found.reasons[0]


def test_a_result_without_a_row(start):
    found = start("fluorouracil", "CPIC", DPYD=("Indeterminate", "n/a"))
    assert (found.status, found.actions) == (NO_ROW, ())


def test_at_most_one_advice_for_every_pair_of_results(root, starts):
    """No two rows of a body contradict each other for any result that the phenotype tables can give."""
    table = read_table(root / "resources" / "pharmacogenes" / "phenotypes.tsv")
    results = {gene: [NONE] for gene in table["gene"].unique()}
    for gene, score, phenotype in table.select("gene", "activity_score", "phenotype").iter_rows():
        number = None if score in (None, "n/a") else float(score)
        results[gene].append(Result(phenotype, number))
    results["CYP2D6"].append(Result("Ultrarapid Metabolizer", 3.0))
    checked = 0
    for drug, groups in starts.groups.items():
        for key, rows in groups.items():
            for combination in itertools.product(*(dict.fromkeys(results[gene]) for gene in key[2])):
                found = [row for row in rows if _matches(row, dict(zip(key[2], combination, strict=True)))]
                advice = {(row["action"], row["factor_low"], row["factor_high"], row["start_low"]) for row in found}
                assert len(advice) <= 1, (drug, key, combination, advice)
                checked += bool(found)
    assert checked > 500


def test_every_row_can_be_reached(root, starts):
    """Each condition names a phenotype that the tables give, a score, or that there is no result."""
    table = read_table(root / "resources" / "pharmacogenes" / "phenotypes.tsv")
    named = {(gene, name) for gene, name in table.select("gene", "phenotype").iter_rows()}
    for groups in starts.groups.values():
        for row in itertools.chain(*groups.values()):
            for gene, condition in ((row["gene1"], row["condition1"]), (row["gene2"], row["condition2"])):
                parts = (condition or "").split("|") if gene else []
                known = [(gene, part) in named or part == "No Result" or part[-1].isdigit() for part in parts]
                assert not parts or any(known), row


@pytest.mark.parametrize(
    ("condition", "result", "expected"),
    [
        ("AS 0-1|>=2.5", Result(IM, 0.5), True),
        ("AS 0-1|>=2.5", Result(NM, 1.25), False),
        ("AS 0-1|>=2.5", Result("Ultrarapid Metabolizer", 3.0), True),
        ("AS 2", Result(NM, 2.0), True),
        ("AS 2", Result(NM, None), False),
        ("AS 2-2.5|>=3", Result(NM, 3.0, True), True),
        ("AS 2-2.5|>=3", Result(NM, 2.0, True), False),
        ("No Result|Indeterminate", NONE, True),
        ("No Result|Indeterminate", Result("Indeterminate"), True),
        ("Indeterminate", NONE, False),
        (PM, Result("Likely Poor Metabolizer"), False),
        (None, NONE, True),
    ],
)
def test_conditions(condition, result, expected):
    assert holds(condition, result) is expected


def test_results_of_calls():
    call = {"state": "multiple", "phenotype": f"{IM} OR {NM}", "activity_score": "1.0 OR 2.0"}
    assert set(results_of(call)) == {Result(p, s) for p in (IM, NM) for s in (1.0, 2.0)}
    assert results_of(call | {"phenotype": IM}) == (Result(IM, 1.0), Result(IM, 2.0))
    assert results_of(call | {"activity_score": "≥3.0", "phenotype": NM}) == (Result(NM, 3.0, True),)
    assert results_of(call | {"state": "not_assessable"}) == (NONE,) == results_of(None)
    assert results_of(call | {"research": True}) == (NONE,)
    shared = {"state": "not_assessable", "phenotype": NM, "phenotype_certain": True, "activity_score": "2.0"}
    assert results_of(shared) == (Result(NM, None),)


def test_rows_fit_the_columns(starts):
    rows = [s.as_row("S1") for d in starts.drugs for s in starts.of(d, calls_of(CYP3A5=NM, DPYD=(NM, "2.0")), **SIZE)]
    frame = pl.DataFrame(rows, schema=COLUMNS)
    assert frame.rows(named=True) == rows


def test_figures_are_those_of_the_facts(shared, starts, start):
    """Every figure of the gathered table of tacrolimus and fluoropyrimidines comes out for its result."""
    facts = read_table(shared / "facts" / "drugs" / "dosing.tsv")
    checked = 0
    for model, name, value in facts.select("model", "name", "value").iter_rows():
        if model.startswith("tacrolimus_CYP3A5") and name != "max_start":
            found = start("tacrolimus", model.split("_")[-1], CYP3A5=name)
        elif model.startswith("DPYD_"):
            drug, score = name.split(" AS ")
            found = start(drug, model.split("_")[-1], DPYD=("any", score))
        else:
            continue
        low, _, high = value.partition("-")
        if low[0].isdigit():
            assert (found.factor_low, found.factor_high) == (float(low), float(high or low)), (model, name)
        else:
            assert found.actions == (value,), (model, name)
        checked += 1
    assert checked == 23


@pytest.fixture(scope="module")
def adjustments(drug_tables):
    return Adjustments.load(drug_tables)


def diplotypes(**genes):
    return {gene: {"gene": gene, "state": "called", "diplotype": text} for gene, text in genes.items()}


def test_adjustments_are_told_and_not_applied(adjustments):
    told = adjustments.of("warfarin", diplotypes(CYP2C9="*1/*8", CYP4F2="*1/*3"))
    factors = {(a.gene, a.state): (a.factor_low, a.factor_high) for a in told}
    assert factors == {
        ("CYP2C9", "carried"): (0.7, 0.85),
        ("CYP4F2", "carried"): (1.05, 1.1),
        ("rs12777823", "not_known"): (0.75, 0.9),
    }
    assert all("not applied" in a.text for a in told)
    (two,) = [a for a in adjustments.of("warfarin", diplotypes(CYP2C9="*5/*11", CYP4F2="*1/*1")) if a.gene == "CYP2C9"]
    assert (two.factor_low, two.factor_high) == (0.6, 0.8)
    assert [a.gene for a in adjustments.of("warfarin", diplotypes(CYP2C9="*1/*2", CYP4F2="*1/*2"))] == ["rs12777823"]


def test_cyp4f2_alleles_are_those_with_the_variant(root, adjustments):
    genes = root / "resources" / "pharmacogenes"
    positions = read_table(genes / "positions.tsv").filter(pl.col("rsid") == "rs2108622")
    variants = read_table(genes / "allele_variants.tsv").filter(
        (pl.col("gene") == "CYP4F2") & (pl.col("pos") == positions["pos"].item()) & (pl.col("base") == "T")
    )
    (row,) = [row for row in adjustments.rows if row["gene"] == "CYP4F2"]
    assert set(row["alleles"].split("|")) == set(variants["allele"])
