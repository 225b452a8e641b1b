"""The cohort's page and tables: counts, suppression, links, columns."""

import polars as pl
import pytest

from permed.reports.cohort import LEADING
from permed.tables import read_table
from summarise_cohort import summarise_cohort
from write_reports import write_reports

NAMED = "quality checks consents variant_counts calls advice scores matches annotation findings finding_genes".split()
NAMED += ["knowledge", "thresholds", "min_match"]

PAIRS = [{"sample1": "A", "sample2": "B", "n_sites": 9, "ibs0": 0.0, "kinship": None, "relation": "not_assessable"}]


@pytest.fixture
def summarise(step_inputs):
    def make(run, tables=tuple(LEADING), **changes) -> str:
        given = step_inputs(run)
        write_reports(**given)
        paths = [run / f"cohort/{name}.tsv" for name in tables]
        pl.DataFrame(changes.pop("kinship", PAIRS)).write_parquet(run / "quality/kinship.parquet")
        kept = {name: given[name] for name in NAMED} | changes
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


def test_withheld_people_are_in_no_count_of_a_gene(make_run, summarise):
    run = make_run(consents={f"P{n}": ("pharmacogenes", "scores") for n in range(12)})
    calls = read_table(run / "pharmacogenes/calls.parquet")
    lost = pl.col("sample").is_in(["P1", "P2"])
    calls = calls.filter(gene="CYP2C19").with_columns(
        state=pl.when(lost).then(pl.lit("not_assessable")).otherwise("state"),
        phenotype=pl.when(lost).then(None).otherwise("phenotype"),
    )
    calls.write_parquet(run / "pharmacogenes/calls.parquet")
    quality = read_table(run / "quality/samples.parquet").with_columns(
        status=pl.when(lost).then(pl.lit("fail")).otherwise("status")
    )
    held = quality.with_columns(withheld=pl.when(lost).then(pl.lit("Withheld: the sample failed.")))
    held.write_parquet(run / "quality/samples.parquet")
    text = summarise(run)
    assert "2 people who agreed are not counted here" in text and "are counted here, as" not in text
    assert '<td>Poor Metabolizer</td><td class="num">10</td>' in text and "<td>Not assessable</td>" not in text
    quality.with_columns(withheld=pl.lit(None, pl.String)).write_parquet(run / "quality/samples.parquet")
    text = summarise(run)
    assert "2 people whose sample failed quality control are counted here" in text
    assert "who agreed are not counted" not in text and "<td>Not assessable</td>" in text


def test_flags_of_kinship_are_counted_by_kind_without_names(make_run, summarise):
    reason = "duplicate: the genotypes are those of P1 too: twins (or one sample; twice)"
    others = "call_rate 0.9100 is below 0.95; contamination 0.06 is above 0.05"
    changed = {"P0": {"status": "fail", "reasons": f"{reason}; {others}"}}
    run = make_run(consents={f"P{n}": ("scores",) for n in range(3)}, quality=changed)
    rows = {
        "sample": ["P0", "P2"],
        "verdict": ["fail", "pass"],
        "reason": [reason, None],
        "kinds": [["same_genotypes"], []],
    }
    pl.DataFrame(rows).write_parquet(run / "quality/pedigree.parquet")
    text = summarise(run, pedigree=run / "quality/pedigree.parquet")
    assert '<td>Flag: Genotypes of another sample too</td><td class="num">1</td>' in text
    assert '<td>Flag: Call rate</td><td class="num">1</td>' in text and "Flag: Duplicate" not in text
    assert '<td>Flag: Contamination</td><td class="num">1</td>' in text


def test_pairs_that_are_not_as_the_sheet_says_are_named(run, summarise):
    text = summarise(run)
    assert "A and B" not in text
    pair = PAIRS[0] | {"kinship": 0.251, "relation": "parent-child", "expected": "different families", "agrees": False}
    text = summarise(run, kinship=[pair])
    assert '<th scope="row">A and B</th><td>parent-child</td><td>different families</td>' in text


def test_tables_for_multiqc_are_written_where_the_rule_wants_them(run, summarise):
    paths = [run / f"cohort/multiqc/permed_{name}_mqc.tsv" for name in ("quality", "kinship")]
    summarise(run, multiqc=paths)
    assert '"ANNA-01"\tpass\t99.62' in paths[0].read_text()
    assert '"A and B"\tnot_assessable' in paths[1].read_text()


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
    nothing = dict.fromkeys(("calls", "scores", "matches", "annotation", "findings", "finding_genes"))
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
