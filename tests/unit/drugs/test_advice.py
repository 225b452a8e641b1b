"""Advice from calls: the coded rows of the published guidance come back, and what is not known stays not known."""

from pathlib import Path

import polars as pl
import pytest

from permed.drugs.advice import advise
from permed.tables import read_table

# Written from the coded facts without the importer: the first result of each condition, best status first.
CASES = read_table(Path(__file__).parent / "cases.tsv").fill_null("").to_dicts()
# CPIC's guidance that was read anew in 2026, and all of FDA and DPWG: test_coded.py.
CODED_ANEW = (
    "azathioprine mercaptopurine thioguanine metoprolol hydralazine ondansetron tropisetron desflurane isoflurane "
    "sevoflurane enflurane halothane methoxyflurane succinylcholine"
).split()
PHENOTYPES = {
    "CYP2D6": lambda s: "Poor" if s == 0 else "Intermediate" if s < 1.25 else "Normal" if s < 2.5 else "Ultrarapid",
    "CYP2C9": lambda s: "Poor" if s < 1 else "Intermediate" if s < 2 else "Normal",
    "DPYD": lambda s: "Poor" if s < 1 else "Intermediate" if s < 2 else "Normal",
}


def call_of(gene: str, result: str) -> dict:
    """A called gene from a result as a condition writes it."""
    if result.startswith("AS "):
        score = result.removeprefix("AS ")
        phenotype = f"{PHENOTYPES[gene](float(score))} Metabolizer"
        return {"activity_score": score, "phenotype": phenotype, "diplotype": "*90/*91"}
    return {"phenotype": result, "diplotype": "*90/*91"}


def test_the_coded_rows_come_back(advice_for, row_of):
    """Every case of every body, which makes at least three conditions for each drug with those below."""
    wrong = []
    for case in CASES:
        if case["body"] != "CPIC" or case["drug"] in CODED_ANEW:
            continue
        sides = [i for i in "12" if case[f"gene{i}"]]
        calls = {case[f"gene{i}"]: call_of(case[f"gene{i}"], case[f"result{i}"]) for i in sides}
        genes = "; ".join(case[f"gene{i}"] for i in sides)
        advice = advice_for(calls, drug=case["drug"])
        where = {"body": case["body"], "population": case["population"], "genes": genes, "status": "found"}
        row = row_of(advice, case["drug"], **where)
        found = (row["action"], row["strength"] or "", row["status"])
        expected = (case["action"], case["strength"], "found")
        further = set((row["also"] or "").split("; ")) ^ set(case["also"].split("+"))
        if found != expected or further - {"standard", "increase", ""}:
            wrong.append((case, found))
    assert wrong == []


def test_no_higher_dose_beside_a_drug_to_shun(advice_for):
    """A higher or standard dose is never further advice for people who are to be spared a drug for its side effects."""
    advice = advice_for({"HLA-B": "*15:02 positive; *57:01 positive; *58:01 positive", "SLCO1B1": "Poor Function"})
    shunned = advice.filter(pl.col("action").is_in(["avoid", "contraindicated", "alternative", "reduce"]))
    assert shunned.height > 10
    assert not shunned["also"].fill_null("").str.contains("increase|standard").any()
    clopidogrel = advice_for({"CYP2C19": "Poor Metabolizer"}, drug="clopidogrel")
    assert not clopidogrel["advice"].str.contains("standard dose").any()


def test_each_drug_has_a_row_and_nothing_is_known_without_calls(advice_for, guidance):
    advice = advice_for({})
    assert sorted(set(advice["drug"])) == guidance.drugs and len(guidance.drugs) > 190
    assert set(advice["action"]) == {"not known"}
    assert set(advice["status"]) == {"not_assessable"}
    assert advice["dose_factor"].null_count() == advice.height
    assert advice.filter(pl.col("reason").is_null()).is_empty()
    assert set(advice["warning"].drop_nulls()) == {"not known"}


@pytest.mark.parametrize("state", ["not_assessable", "no_call"])
def test_a_gene_that_is_not_assessable_gives_its_reason_and_no_advice(advice_for, row_of, state):
    call = {"state": state, "phenotype": "Normal Metabolizer", "reason": "3 positions were not read."}
    row = row_of(advice_for({"CYP2C19": call}), "clopidogrel", population="acs_pci")
    assert row["action"] == "not known"
    assert "3 positions were not read." in row["reason"]
    assert "standard" not in row["advice"].lower()


def test_a_certain_phenotype_is_used_though_the_diplotype_is_open(advice_for, row_of):
    call = {"state": "not_assessable", "phenotype": "Poor Metabolizer", "phenotype_certain": True, "reason": "r"}
    row = row_of(advice_for({"CYP2C19": call}), "voriconazole", population="adult")
    assert row["action"] == "alternative"
    assert "not settled" in row["note"]


def test_a_certain_phenotype_does_not_settle_the_score(advice_for, row_of):
    """CYP2C9 Intermediate is a score of 1 or 1.5, for which CPIC advises differently."""
    call = {
        "state": "not_assessable",
        "phenotype": "Intermediate Metabolizer",
        "activity_score": "1.5",
        "phenotype_certain": True,
    }
    row = row_of(advice_for({"CYP2C9": call}), "celecoxib")
    assert (row["action"], row["possible"]) == ("not known", "reduce; standard")
    # The label speaks of one diplotype of that phenotype; it must not be taken for all of them.
    advice = advice_for({"CYP2C9": call})
    assert advice.filter((pl.col("drug") == "meloxicam") & (pl.col("body") == "FDA")).is_empty()


def test_a_call_whose_phenotype_is_not_certain_carries_its_reason(advice_for, row_of):
    """Two DPYD variants without phase are taken as one on each chromosome; the advice is for that, and says so."""
    call = call_of("DPYD", "AS 0.5") | {"phenotype_certain": False, "reason": "The phase is not known."}
    row = row_of(advice_for({"DPYD": call}), "fluorouracil")
    assert row["action"] == "avoid"
    assert "not certain: The phase is not known." in row["note"]


CALLED = {"gene": "CYP2C19", "state": "called", "diplotype": "*1/*1", "phenotype": "Normal Metabolizer"}
CALLED |= {"activity_score": None, "reason": None, "research": False, "contradicted": False, "phenotype_certain": False}
ALSO = "T1.1:c.9A>T p.(Arg3Ter) (stop gained, heterozygous)"


@pytest.mark.parametrize("state", ["called", "multiple"])
def test_what_is_carried_beside_the_alleles_goes_with_the_advice(advice_for, row_of, state):
    call = {"state": state, "diplotype": "*1/*1", "phenotype": "Normal Metabolizer", "phenotype_certain": False}
    plain, also = (
        row_of(advice_for({"CYP2C19": call | more}), "clopidogrel", population="acs_pci")
        for more in ({}, {"also_carried": ALSO, "reason": f"All positions were read. Carries also {ALSO}."})
    )
    assert (also["action"], also["status"]) == (plain["action"], "found")
    assert f"CYP2C19 carries also {ALSO}, not in the definitions: function may be lost" in also["note"]
    assert "carries also" not in (plain["note"] or "")
    unsettled = call | {"state": "not_assessable", "also_carried": ALSO, "reason": f"Carries also {ALSO}."}
    row = row_of(advice_for({"CYP2C19": unsettled}), "clopidogrel", population="acs_pci")
    assert row["action"] == "not known" and ALSO in row["reason"]


def test_two_people_with_one_call_differ_by_what_they_carry_beside(guidance, domain, names):
    rows = [CALLED | {"sample": name, "also_carried": also} for name, also in (("P", None), ("Q", ALSO), ("R", None))]
    calls = pl.DataFrame(rows, schema_overrides={"also_carried": pl.String})
    people = pl.DataFrame({"sample": ["P", "Q", "R"], "birth_year": [None] * 3, "medications": [None] * 3})
    advice = advise(calls, people, guidance, domain, names).filter(drug="clopidogrel", leading=True)
    told = dict(advice.group_by("sample").agg(pl.col("note").str.contains("carries also").any()).iter_rows())
    assert told["Q"] and not told["P"] and not told["R"]


def test_research_calls_give_no_advice(advice_for, row_of):
    call = call_of("CYP2D6", "AS 2.0") | {"research": True}
    row = row_of(advice_for({"CYP2D6": call}), "codeine")
    assert row["action"] == "not known"
    assert "research use only" in row["reason"]


def test_several_possible_phenotypes_with_different_advice_are_not_known(advice_for, row_of):
    call = {
        "state": "multiple",
        "diplotype": "*1/*2 OR *2/*3",
        "phenotype": "Intermediate Metabolizer OR Poor Metabolizer",
    }
    row = row_of(advice_for({"CYP2C19": call}), "citalopram")
    assert row["action"] == "not known"
    assert row["possible"] == "standard; alternative"
    assert row["priority"] == 3


def test_several_possible_phenotypes_with_the_same_advice_are_advice(advice_for, row_of):
    call = {
        "state": "multiple",
        "diplotype": "*2/*2 OR *2/*x",
        "phenotype": "Likely Poor Metabolizer OR Poor Metabolizer",
    }
    assert row_of(advice_for({"CYP2C19": call}), "citalopram")["action"] == "alternative"


@pytest.mark.parametrize("phenotype", ["Indeterminate", "n/a"])
def test_a_phenotype_without_row_gets_no_invented_advice(advice_for, row_of, phenotype):
    row = row_of(advice_for({"CYP2C19": phenotype}), "citalopram")
    assert row["action"] == "not known"
    assert row["reason"]


def test_one_gene_of_two_is_used_only_if_the_other_cannot_matter(advice_for, row_of):
    """TPMT poor decides whatever NUDT15 is; TPMT normal does not."""
    poor = row_of(advice_for({"TPMT": "Poor Metabolizer"}), "thioguanine")
    assert (poor["action"], poor["dose_factor"]) == ("reduce", "0.1")
    assert "NUDT15 is not known" in poor["note"]
    assert row_of(advice_for({"TPMT": "Poor Metabolizer"}), "azathioprine")["action"] == "alternative"
    mercaptopurine = row_of(advice_for({"TPMT": "Poor Metabolizer"}), "mercaptopurine")
    assert mercaptopurine["action"] == "depends"
    assert "If indication malignancy: Give less" in mercaptopurine["branches"]
    assert "If indication not malignancy: Choose another medicine." in mercaptopurine["branches"]
    normal = row_of(advice_for({"TPMT": "Normal Metabolizer"}), "mercaptopurine")
    assert normal["action"] == "not known"
    assert {"standard", "depends"} == set(normal["possible"].split("; "))
    open_ = row_of(advice_for({"TPMT": "Normal Metabolizer", "NUDT15": "Indeterminate"}), "mercaptopurine")
    assert open_["action"] == "not known"
    for sure in ("CYP2C19", "CYP2D6"):
        assert row_of(advice_for({sure: call_of(sure, "Normal Metabolizer")}), "amitriptyline")["action"] == "not known"


def test_an_action_that_every_possible_result_shares_stands_without_what_differs(advice_for, row_of):
    """CYP2C19 poor metabolizers avoid amitriptyline whatever CYP2D6 is; strength and dose depend on it."""
    row = row_of(advice_for({"CYP2C19": "Poor Metabolizer"}), "amitriptyline")
    assert (row["action"], row["strength"], row["dose_factor"], row["dose"]) == ("avoid", "optional", None, None)
    assert "CYP2D6 is not known" in row["note"]
    rosuvastatin = row_of(advice_for({"SLCO1B1": "Poor Function"}), "rosuvastatin")
    assert (rosuvastatin["action"], rosuvastatin["dose"]) == ("reduce", None)


def test_an_untyped_hla_allele_is_never_standard(advice_for, row_of):
    """CPIC has a row for phenytoin with HLA-B left out: it is told at most, and is not the advice."""
    advice = advice_for({"CYP2C9": call_of("CYP2C9", "AS 2.0")})
    assert row_of(advice, "phenytoin", population="not_yet_taken")["action"] == "not known"
    positive = row_of(advice_for({"HLA-B": "*15:02 positive"}), "phenytoin", population="not_yet_taken")
    assert positive["action"] == "avoid"
    assert positive["warning"] == "warning"


def test_hla_alleles_are_read_one_by_one(advice_for, row_of):
    advice = advice_for({"HLA-B": "*15:02 negative; *57:01 positive; *58:01 not_assessable"})
    assert row_of(advice, "abacavir")["action"] == "avoid"
    assert row_of(advice, "abacavir")["phenotypes"] == "*57:01 positive"
    assert row_of(advice, "allopurinol")["action"] == "not known"
    assert row_of(advice, "allopurinol")["warning"] == "not known"
    assert row_of(advice, "oxcarbazepine", population="not_yet_taken")["action"] == "standard"


def test_an_allele_that_the_leading_body_does_not_speak_of_stays_not_known(advice_for):
    """DPWG alone advises on HLA-B*15:11 and carbamazepine; CPIC's *15:02 does not answer for it."""
    carbamazepine = (pl.col("drug") == "carbamazepine") & (pl.col("body") == "DPWG") & (pl.col("genes") == "HLA-B")
    typed = {"HLA-A": "*31:01 negative", "HLA-B": "*15:02 negative; *15:11 not_assessable"}
    rows = advice_for(typed, drug="carbamazepine").filter(carbamazepine)
    (row,) = rows.filter(status="not_assessable").to_dicts()
    assert row["action"] == "not known" and row["reason"].endswith("does not settle *15:11.")
    clear = typed | {"HLA-B": "*15:02 negative; *15:11 negative"}
    assert set(advice_for(clear, drug="carbamazepine").filter(carbamazepine)["action"]) == {"none"}


def test_a_diplotype_that_a_row_names_goes_before_its_phenotype(advice_for, row_of):
    """DPWG on phenytoin: 0.7 to 0.75 for intermediate metabolizers, 0.5 for *2/*2, which is one of them."""
    for diplotype, factor in (("*1/*3", "0.7"), ("*2/*2", "0.5"), ("*1/*8", "0.7-0.75")):
        call = {"phenotype": "Intermediate Metabolizer", "activity_score": "1.0", "diplotype": diplotype}
        row = row_of(advice_for({"CYP2C9": call}), "phenytoin", body="DPWG", genes="CYP2C9")
        assert row["dose_factor"] == factor


def test_a_score_that_dpwg_may_want_measured_stays_open(advice_for, row_of):
    """A DPYD score of 1 is one of two kinds for DPWG; CPIC, which leads, has one row for it."""
    advice = advice_for({"DPYD": call_of("DPYD", "AS 1.0")})
    assert row_of(advice, "capecitabine")["dose_factor"] == "0.5"
    dpwg = row_of(advice, "capecitabine", body="DPWG")
    assert dpwg["action"] == "depends"
    assert "DPD activity" in dpwg["branches"]


def test_bodies_that_differ_are_all_shown_and_cpic_leads(advice_for):
    advice = advice_for({"CYP2C19": "Poor Metabolizer"}).filter(pl.col("drug") == "citalopram")
    assert advice.select("body", "action", "leading").rows() == [
        ("CPIC", "alternative", True),
        ("DPWG", "reduce", False),
        ("FDA", "reduce", False),
    ]


def test_children_are_left_out_only_for_certain_adults(advice_for):
    def populations(birth_year):
        advice = advice_for({"CYP2C19": "Normal Metabolizer"}, birth_year=birth_year)
        return set(advice.filter((pl.col("drug") == "voriconazole") & pl.col("leading"))["population"])

    assert populations(1950) == {"adult"}
    assert populations(None) == populations(2015) == {"adult", "child"}


def test_what_is_taken_is_marked_under_any_name(advice_for):
    advice = advice_for({}, medications="PLAVIX 75 mg; somethingelse;simvastatin")
    entries = advice.filter("taken").select("drug", "taken_as").unique().sort("drug").rows()
    assert entries == [("clopidogrel", "PLAVIX 75 mg"), ("simvastatin", "simvastatin")]
    assert advice.filter("taken")["drug"].n_unique() == 2


def test_every_drug_of_the_guidance_is_a_name_of_a_medicine(guidance, names):
    # The table of guidance names a group and gases or dyes that nobody takes at home.
    unknown = {drug for drug in guidance.drugs if not names.resolve(drug).known}
    assert unknown <= {
        "hormonal contraceptives for systemic use",
        "toluidine blue",
        "ethinyl estradiol / norelgestromin",
    }


@pytest.mark.parametrize(
    ("drug", "gene", "met", "clear"),
    [
        ("abacavir", "HLA-B", "*57:01 positive", "*57:01 negative"),
        ("allopurinol", "HLA-B", "*58:01 positive", "*58:01 negative"),
        ("oxcarbazepine", "HLA-B", "*15:02 positive", "*15:02 negative"),
        ("fluorouracil", "DPYD", "AS 1.5", "AS 2.0"),
        ("capecitabine", "DPYD", "AS 0.0", "AS 2.0"),
        ("rasburicase", "G6PD", "Deficient", "Normal"),
        ("primaquine", "G6PD", "Deficient with CNSHA", "Normal"),
        ("gentamicin", "MT-RNR1", "increased risk of aminoglycoside-induced hearing loss", None),
        ("sevoflurane", "RYR1", "Malignant Hyperthermia Susceptibility", None),
        ("succinylcholine", "CACNA1S", "Malignant Hyperthermia Susceptibility", None),
        ("codeine", "CYP2D6", "AS 3.0", "AS 2.0"),
        ("tramadol", "CYP2D6", "AS 2.5", "AS 0.0"),
    ],
)
def test_warnings(advice_for, drug, gene, met, clear):
    def warnings(calls):
        return set(advice_for(calls).filter(pl.col("drug") == drug)["warning"].drop_nulls())

    assert warnings({gene: call_of(gene, met)}) == {"warning"}
    assert warnings({}) == {"not known"}
    if clear is not None:
        assert warnings({gene: call_of(gene, clear)}) == {"no"}


def test_no_known_change_for_malignant_hyperthermia_is_no_all_clear(advice_for, row_of):
    calls = {"RYR1": "Uncertain Susceptibility", "CACNA1S": "Uncertain Susceptibility"}
    row = row_of(advice_for(calls), "sevoflurane")
    assert (row["action"], row["warning"]) == ("test", "not known")


def test_a_warning_of_one_gene_does_not_hide_that_the_other_is_unknown(advice_for, row_of):
    """RYR1 without finding and CACNA1S not called: not known, never no warning."""
    row = row_of(advice_for({"RYR1": "Uncertain Susceptibility"}), "isoflurane")
    assert row["warning"] == "not known"
    assert row["action"] == "not known"


def test_g6pd_that_genotype_does_not_settle_is_no_all_clear(advice_for, row_of):
    """CPIC asks for a test of the enzyme before the first dose; FDA's contraindication stands beside it."""
    advice = advice_for({"G6PD": "Variable"})
    row = row_of(advice, "rasburicase")
    assert (row["action"], row["also"]) == ("test", "monitor")
    assert row_of(advice, "rasburicase", body="FDA")["action"] == "contraindicated"
    assert row["warning"] == "not known"


def test_a_factor_without_a_phenotype_gives_no_action_and_says_why(advice_for):
    diplotype = "rs6025 Factor V Leiden (T)/rs6025 reference (C)"
    drug = "hormonal contraceptives for systemic use"
    advice = advice_for({"F5": {"phenotype": "n/a", "diplotype": diplotype}}, drug=drug)
    assert advice.height and set(advice["action"]) == {"not known"}
    assert advice["reason"].str.contains("the tables assign no phenotype to the result of F5").all()
