"""Phenotypes with medicines: computed only where sources give strength and factor, else only said."""

import polars as pl
import pytest

from permed.drugs.medicines import MedicineNames
from permed.drugs.phenoconversion import COLUMNS, Phenoconversion, calls_with_medicines
from permed.drugs.usable import OR
from permed.tables import read_table


@pytest.fixture(scope="module")
def tables(root):
    return Phenoconversion.load(root / "resources" / "drugs", root / "resources" / "pharmacogenes")


@pytest.fixture
def convert(tables, names):
    """The conversion of one gene, from its call and the medications cell."""

    def run(gene, medications, phenotype="Normal Metabolizer", score=None, state="called", **more):
        call = {"gene": gene, "state": state, "phenotype": phenotype, "activity_score": score, **more}
        found = tables.convert([call], names.resolve_all(medications))
        return next((c for c in found if c.gene == gene), None)

    return run


# Factors: strong 0, moderate 0.5 (hpi-dhc/PharMe drug_inhibitors.dart and a second implementation); classes of scores:
# CPIC 0, 0.25-1, 1.25-2.25. Worked by hand.
@pytest.mark.parametrize(
    ("medications", "score", "with_score", "phenotype"),
    [
        ("paroxetine", "2.0", "0.0", "Poor Metabolizer"),
        ("Prozac", "1.25", "0.0", "Poor Metabolizer"),
        ("terbinafine", "2.0", "0.0", "Poor Metabolizer"),
        ("Nuedexta", "1.5", "0.0", "Poor Metabolizer"),
        ("duloxetine", "2.0", "1.0", "Intermediate Metabolizer"),
        ("duloxetine", "1.25", "0.625", "Intermediate Metabolizer"),
        ("duloxetine", "0.25", "0.125", "Poor Metabolizer OR Intermediate Metabolizer"),
        ("duloxetine", "3.0", "1.5", "Normal Metabolizer"),
        ("duloxetine; cinacalcet", "2.0", "1.0", "Intermediate Metabolizer"),
        ("duloxetine; bupropion", "2.0", "0.0", "Poor Metabolizer"),
        ("duloxetine; sertraline", "2.0", "1.0", "Intermediate Metabolizer"),
        ("abiraterone", "2.0", "2.0 OR 1.0", "Normal Metabolizer OR Intermediate Metabolizer"),
        ("duloxetine", "1.0 OR 2.0", "0.5 OR 1.0", "Intermediate Metabolizer"),
    ],
)
def test_cyp2d6_by_the_published_factors(convert, medications, score, with_score, phenotype):
    found = convert("CYP2D6", medications, score=score)
    assert found.activity_score_with_medicines == with_score
    assert found.phenotype_with_medicines == phenotype
    assert found.effect == "changed"
    assert found.phenotype == "Normal Metabolizer" and found.activity_score == score
    assert found.sources


def test_the_medicine_its_strength_and_disagreement_are_named(convert):
    found = convert("CYP2D6", "Prozac", score="2.0")
    assert "fluoxetine in Prozac (strong inhibitor)" in found.explanation
    assert "moderate or weak inhibitor; sources differ" in convert("CYP2D6", "abiraterone", score="2.0").explanation


def test_a_poor_metabolizer_stays_one(convert):
    found = convert("CYP2D6", "paroxetine", "Poor Metabolizer", "0.0")
    assert (found.effect, found.phenotype_with_medicines) == ("unchanged", "Poor Metabolizer")


@pytest.mark.parametrize(
    ("gene", "medications", "effect"),
    [
        ("CYP2C19", "fluvoxamine", "lower_expected"),
        ("CYP2C9", "fluconazole", "lower_expected"),
        ("CYP3A4", "clarithromycin", "lower_expected"),
        ("CYP3A5", "clarithromycin", "lower_expected"),
        ("CYP3A4", "Rifampicin", "higher_expected"),
        ("CYP2C19", "rifampin; fluconazole", "opposing"),
        ("UGT1A1", "atazanavir", "caution"),
        ("DPYD", "Zostex", "lower_expected"),
        ("CYP1A2", "oral contraceptives", "lower_expected"),
        ("CYP3A4", "grapefruit juice", "lower_expected"),
        ("CYP3A4", "Johanniskraut", "higher_expected"),
        ("CYP3A4", "lopinavir/ritonavir", "lower_expected"),
        ("CYP1A2", "tobacco", "higher_expected"),
    ],
)
def test_elsewhere_the_direction_is_said_and_no_phenotype(convert, gene, medications, effect):
    found = convert(gene, medications, score="1.0" if gene == "CYP2C9" else None)
    assert found.effect == effect
    assert found.phenotype == "Normal Metabolizer"
    assert found.phenotype_with_medicines is None and found.activity_score_with_medicines is None


def test_weak_ones_are_mentioned_and_change_nothing(convert):
    found = convert("CYP2D6", "sertraline", score="2.0")
    assert (found.effect, found.phenotype_with_medicines) == ("none_expected", "Normal Metabolizer")
    assert "sertraline (weak inhibitor)" in found.explanation


@pytest.mark.parametrize("state", ["not_assessable", "no_call", None])
def test_a_gene_that_was_not_called_stays_not_known(tables, names, state):
    calls = [] if state is None else [{"gene": "CYP2D6", "state": state, "phenotype": "Normal Metabolizer"}]
    calls = [{"activity_score": "2.0", **call} for call in calls]
    (found,) = [c for c in tables.convert(calls, names.resolve_all("paroxetine")) if c.gene == "CYP2D6"]
    assert found.effect == "not_known"
    assert found.phenotype is None and found.phenotype_with_medicines is None
    assert "paroxetine" in found.explanation
    assert ("CYP2D6 was not called" if state is None else "of CYP2D6 is not known") in found.explanation


def test_a_call_for_research_only_is_not_known(convert):
    found = convert("CYP2D6", "paroxetine", score="2.0", research=True)
    assert (found.effect, found.phenotype, found.phenotype_with_medicines) == ("not_known", None, None)
    assert "research only" in found.explanation and "lower activity is expected" in found.explanation


def test_nothing_is_computed_from_a_call_beside_which_a_null_variant_is_carried(convert):
    found = convert("CYP2D6", "paroxetine", score="2.0", also_carried="T1.1:c.9A>T (stop gained, heterozygous)")
    assert (found.effect, found.phenotype, found.phenotype_with_medicines) == ("not_known", None, None)
    assert "CYP2D6 may have lost function by a variant beside its alleles" in found.explanation


def test_a_phenotype_that_all_possibilities_share_is_known_without_a_score(convert):
    found = convert("CYP2D6", "paroxetine", state="not_assessable", score="2.0", phenotype_certain=True)
    assert (found.phenotype, found.activity_score) == ("Normal Metabolizer", None)
    assert (found.effect, found.phenotype_with_medicines) == ("changed", "Poor Metabolizer"), "nothing is left of any"
    found = convert("CYP2D6", "duloxetine", state="not_assessable", score="2.0", phenotype_certain=True)
    assert (found.effect, found.phenotype_with_medicines) == ("lower_expected", None), "the half of an unknown score"


def test_a_score_that_is_open_above(convert):
    found = convert("CYP2D6", "paroxetine", "Ultrarapid Metabolizer", "≥3.0")
    assert found.phenotype_with_medicines == "Poor Metabolizer"
    found = convert("CYP2D6", "duloxetine", "Ultrarapid Metabolizer", "≥3.0")
    assert (found.effect, found.phenotype_with_medicines) == ("lower_expected", None)


def test_an_indeterminate_result_gets_no_phenotype(convert):
    found = convert("CYP2D6", "paroxetine", "Indeterminate", "n/a")
    assert (found.effect, found.phenotype_with_medicines) == ("lower_expected", None)


def test_a_strength_that_was_only_inferred_computes_nothing(names):
    interactions = pl.DataFrame(
        {
            "enzyme": ["CYP2D6"],
            "drug": ["warfarin"],
            "role": ["inhibitor"],
            "strength": ["strong"],
            "basis": ["inferred"],
            "source": ["planted"],
        }
    )
    rules = pl.DataFrame(
        {
            "gene": ["CYP2D6"],
            "enzyme": ["CYP2D6"],
            "role": ["inhibitor"],
            "strength": ["strong"],
            "direction": ["lower"],
            "effect": ["score"],
            "factor": ["0"],
            "source": ["planted"],
        }
    )
    phenotypes = pl.DataFrame({"gene": ["CYP2D6"], "activity_score": ["0.0"], "phenotype": ["Poor Metabolizer"]})
    planted = Phenoconversion(interactions, rules, phenotypes)
    call = {"gene": "CYP2D6", "state": "called", "phenotype": "Normal Metabolizer", "activity_score": "2.0"}
    (found,) = planted.convert([call], names.resolve_all("warfarin"))
    assert (found.effect, found.phenotype_with_medicines) == ("lower_expected", None)
    assert "inferred" in found.explanation


def test_nothing_without_an_interacting_medicine(convert):
    assert convert("CYP2D6", "warfarin", score="2.0") is None
    assert convert("CYP2D6", "notadrug", score="2.0") is None


def test_substrates_among_the_medicines_are_named(convert):
    assert convert("CYP2D6", "paroxetine; metoprolol", score="2.0").substrates == ("metoprolol",)


def test_rows_fit_the_columns(convert):
    row = convert("CYP2D6", "paroxetine", score="2.0").as_row("S1")
    assert pl.DataFrame([row], schema=COLUMNS).row(0, named=True) == row


def test_calls_with_medicines_carry_what_was_computed(tables, names):
    calls = [
        {"gene": gene, "state": "called", "phenotype": "Normal Metabolizer", "activity_score": score}
        for gene, score in (("CYP2D6", "2.0"), ("CYP2C19", None))
    ]
    conversions = tables.convert(calls, names.resolve_all("paroxetine; fluvoxamine"))
    changed, same = calls_with_medicines(calls, conversions)
    assert (changed["phenotype"], changed["activity_score"]) == ("Poor Metabolizer", "0.0")
    assert same == calls[1] and calls[0]["activity_score"] == "2.0"


def test_only_a_gene_with_a_sourced_factor_has_one(drug_tables):
    rules = read_table(drug_tables / "phenoconversion.tsv")
    assert set(rules.filter(pl.col("factor").is_not_null())["gene"]) == {"CYP2D6"}
    assert not rules.select("gene", "role", "strength").is_duplicated().any()


def test_factors_and_strengths_are_those_of_the_facts(shared, drug_tables):
    facts = read_table(shared / "facts" / "drugs" / "interactions.tsv")
    factors = facts.filter((pl.col("enzyme") == "CYP2D6") & (pl.col("role") == "phenoconversion_factor"))
    given = {row["strength"]: float(row["note"].split("=")[1].split(";")[0]) for row in factors.iter_rows(named=True)}
    assert {s: given[s] for s in ("strong", "moderate")} == {"strong": 0.0, "moderate": 0.5}
    kept = read_table(drug_tables / "interactions.tsv")
    names = MedicineNames.load(drug_tables)
    claims = set(kept.select("enzyme", "drug", "role").iter_rows())
    for row in facts.filter(pl.col("role").is_in(["inhibitor", "inducer"])).iter_rows(named=True):
        products = names.resolve(row["drug"]).products
        assert any((row["enzyme"], name, row["role"]) in claims for name in products), row["drug"]


def test_phenotypes_are_among_those_of_the_ranges_of_a_peer(shared, convert):
    """PyPGx gives ranges of the score; our table has points, with both neighbours between two different ones."""
    ranges = pl.read_csv(shared / "real" / "pgx" / "pypgx_tables" / "equation-table.csv")
    ranges = ranges.filter(pl.col("Gene") == "CYP2D6")
    for score in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0):
        found = convert("CYP2D6", "duloxetine", score=str(score))
        (peer,) = [name for _, name, rule in ranges.iter_rows() if eval(rule, {"score": score / 2})]
        assert peer in found.phenotype_with_medicines.split(OR), score
