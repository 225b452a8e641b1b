"""Doses that depend on more than the genes: size, age and what is taken."""

import polars as pl
import pytest

from permed.drugs.own_dose import own_start, start_by_size

PEOPLE = {
    "sample": pl.String,
    "sex": pl.String,
    "birth_year": pl.Int64,
    "medications": pl.String,
    "height_cm": pl.Float64,
    "weight_kg": pl.Float64,
    "population": pl.String,
    "phenotypes": pl.String,
}
CALLS = dict.fromkeys("sample gene state diplotype activity_score phenotype reason".split(), pl.String)


@pytest.fixture(scope="module")
def advise_step(run_step):
    return run_step("advise_drugs")


@pytest.fixture
def advise(root, tmp_path, advise_step):
    """The tables that the step writes for calls ``(sample, gene, diplotype, score, phenotype)`` and people."""

    def run(calls, people, **options):
        table = [(s, g, "called", d, score, p, None) for s, g, d, score, p in calls]
        frame = pl.DataFrame(table, schema=CALLS, orient="row")
        frame = frame.with_columns(phenotype_certain=True, research=False, contradicted=False)
        frame.write_parquet(tmp_path / "calls.parquet")
        rows = [dict.fromkeys(PEOPLE) | {"sex": "NA"} | person for person in people]
        pl.DataFrame(rows, schema=PEOPLE).write_parquet(tmp_path / "samples.parquet")
        (tmp_path / "consent.txt").write_text("".join(f"{person['sample']}\n" for person in people))
        outputs = {name: tmp_path / f"{name}.parquet" for name in ("advice", "doses")}
        drugs = root / "resources" / "drugs"
        advise_step(
            tmp_path / "calls.parquet",
            tmp_path / "samples.parquet",
            tmp_path / "consent.txt",
            sorted(drugs.glob("*.tsv")),
            root / "resources" / "pharmacogenes" / "phenotypes.tsv",
            [drugs / "medicines.tsv"],
            [drugs / "dosing.tsv"],
            **outputs,
            **options,
        )
        return {name: pl.read_parquet(path) for name, path in outputs.items()}

    return run


def leading(table: pl.DataFrame, drug: str) -> dict:
    return table.filter((pl.col("drug") == drug) & (pl.col("body") == "CPIC")).row(0, named=True)


def test_warfarin_is_computed_where_age_and_size_are_known_and_declined_without_a_year(advise):
    genes = [
        ("A", "VKORC1", "rs9923231 reference (C)/rs9923231 reference (C)", None, "-1639 GG"),
        ("A", "CYP2C9", "*1/*1", "2.0", "Normal Metabolizer"),
    ]
    person = {"sample": "A", "birth_year": 1960, "height_cm": 170.0, "weight_kg": 70.0, "medications": "none"}
    person["population"] = "White"
    doses = advise(genes, [person], year=2026)["doses"]
    (iwpc,) = doses.filter(pl.col("model").str.contains("IWPC") & pl.col("model").str.contains("pharmacogenetic"))[
        "dose_per_week"
    ]
    # 65 or 66 years: the sixth decade. The published example for 65 years, 170 cm, 70 kg, GG, *1/*1 is 41.1 mg a week.
    assert iwpc == 41.1
    declined = advise(genes, [person])["doses"]
    assert set(declined["status"]) == {"declined"} and declined["dose_per_day"].null_count() == declined.height


@pytest.mark.parametrize(
    ("tpmt", "nudt15", "by_size", "own"),
    [
        ("Normal Metabolizer", "Normal Metabolizer", None, None),
        ("Intermediate Metabolizer", "Normal Metabolizer", "0.6-1.6 mg/kg/day", "42-112 mg a day at 70 kg"),
        ("Poor Metabolizer", "Normal Metabolizer", None, None),
    ],
)
def test_a_start_by_weight_is_the_fraction_of_the_standard(advise, tpmt, nudt15, by_size, own):
    calls = [("A", "TPMT", None, None, tpmt), ("A", "NUDT15", None, None, nudt15)]
    row = leading(advise(calls, [{"sample": "A", "weight_kg": 70.0}])["advice"], "azathioprine")
    assert (row["start_by_size"], row["own_start"]) == (by_size, own)


def test_a_dose_that_is_not_daily_is_not_multiplied(guidance):
    (question,) = (q for q in guidance.questions if q.drug == "thioguanine" and q.body == "CPIC")
    for row in question.rows:
        if "interval" in dict(row.dose):
            assert start_by_size(row, question) is None
            break
    else:
        raise AssertionError("the table has no such row any more")


def test_body_surface_is_by_dubois():
    # DuBois 1916: 0.007184 x 70^0.425 x 175^0.725 = 1.849 m2
    assert own_start("75 mg/m²/day", 175, 70) == "139 mg a day at 1.85 m² (body surface by DuBois)"
    assert own_start("75 mg/m²/day", None, 70) is None and own_start(None, 175, 70) is None
