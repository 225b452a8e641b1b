"""The cohort's page and tables: counts, suppression, links, columns."""

import polars as pl
import pytest

from permed.reports.cohort import LEADING
from permed.tables import read_table
from summarise_cohort import summarise_cohort
from write_reports import write_reports

NAMED = (
    "quality checks consents variant_counts calls advice scores matches annotation knowledge thresholds min_match"
).split()

PAIRS = [{"sample1": "A", "sample2": "B", "n_sites": 9, "ibs0": 0.0, "kinship": None, "relation": "not_assessable"}]


@pytest.fixture
def summarise(step_inputs):
    def make(run, tables=tuple(LEADING), **changes) -> str:
        given = step_inputs(run)
        write_reports(**given)
        kept = {name: given[name] for name in NAMED} | changes
        paths = [run / f"cohort/{name}.tsv" for name in tables]
        pl.DataFrame(PAIRS).write_parquet(run / "quality/kinship.parquet")
        kept["kinship"] = run / "quality/kinship.parquet"
        summarise_cohort(**kept, indexes=[given["index"]], page=run / "cohort/index.html", tables=paths)
        return (run / "cohort/index.html").read_text(encoding="utf-8")

    return make


def test_tables_have_the_fixed_columns_first(run, summarise):
    summarise(run)
    for name, leading in LEADING.items():
        assert read_table(run / f"cohort/{name}.tsv").columns[: len(leading)] == leading
    assert "NaN" not in (run / "cohort/scores.tsv").read_text()
    assert '""' not in (run / "cohort/quality.tsv").read_text()


def test_page_links_to_each_report_and_counts_people(make_run, summarise):
    people = {"A+b": ("pharmacogenes",), "C": ("scores",)}
    text = summarise(make_run(consents=people))
    assert '<a href="../samples/A%2Bb/report.html">A+b</a>' in text
    assert '<a href="../samples/C/report.html">C</a>' in text
    assert "Agreed to nothing: left out" in text


def test_research_genes_are_marked_on_the_page(make_run, summarise):
    text = summarise(make_run(consents={f"P{n}": ("pharmacogenes",) for n in range(12)}))
    assert 'CYP2D6<span class="or">research use</span></th>' in text
    assert 'CYP2C9<span class="or">' not in text


def test_small_counts_are_not_on_the_page(make_run, summarise):
    people = {f"P{n}": ("pharmacogenes",) for n in range(12)}
    run = make_run(consents=people)
    calls = read_table(run / "pharmacogenes/calls.parquet").sort("gene", "sample")
    rare = pl.when(pl.col("sample").is_in(["P1", "P2", "P3"])).then(pl.lit("Poor Metabolizer"))
    calls = calls.with_columns(phenotype=rare.otherwise(pl.lit("Normal Metabolizer")), state=pl.lit("called"))
    calls.write_parquet(run / "pharmacogenes/calls.parquet")
    text = summarise(run)
    assert "&lt;5</td>" in text and "not shown</td>" in text
    assert '<td>Poor Metabolizer</td><td class="num">3</td>' not in text
    assert '<td>Normal Metabolizer</td><td class="num">9</td>' not in text
    assert '<td>Poor Metabolizer</td><td class="num">3</td>' in summarise(run, minimum_cell=1)


def test_calls_of_people_who_did_not_agree_are_left_out(run, summarise):
    (run / "checks/consent/pharmacogenes.txt").write_text("BEN_02\n")
    summarise(run)
    assert set(read_table(run / "cohort/pharmacogenes.tsv")["sample"]) == {"BEN_02"}


def test_stages_that_did_not_run(run, summarise):
    nothing = {"calls": None, "scores": None, "matches": None, "annotation": None}
    text = summarise(run, tables=["quality"], **nothing)
    assert "Pharmacogenes were not called in this run." in text
    assert sorted(path.name for path in (run / "cohort").iterdir()) == ["index.html", "quality.tsv"]


def test_cohort_without_any_metric_has_no_picture_but_a_page(make_run, summarise):
    nothing = dict.fromkeys(("call_rate", "het_rate", "inbreeding", "ti_tv", "x_inbreeding"))
    text = summarise(make_run(quality=dict.fromkeys(("ANNA-01", "BEN_02", "CLEO.03"), nothing)))
    assert "chart-scatter" not in text.split("</style>")[1]


def test_five_thousand_people_stay_a_plain_page(make_run, summarise, step_inputs):
    """A line a person and a few nodes a picture; counted on 300 people, without their reports."""
    people = {f"P{n:04d}": ("scores",) for n in range(300)}
    text = summarise(make_run(consents=people))
    body = text.split("</style>")[1]
    assert body.count("<tr>") < 300 + 60
    assert body.count("<path") < 60
    assert len(body) < 300 * 400 + 30_000
