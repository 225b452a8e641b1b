"""Whose sample it is: said at the top of the report and without the names of others, withheld or flagged."""

import json

import polars as pl
import pytest

from permed.quality.kinship.findings import KINDS
from permed.reports import quality_wording as words
from permed.reports.identity import identity_result, without_names
from permed.withholding import with_withheld
from write_reports import write_reports

AGREES = {"result": "absent", "reported": "XX", "inferred": "XX"}
EXCHANGE = "looks exchanged with CLEO.03: ANNA-01 fits family 2 (siblings with DAN), CLEO.03 fits family 1"
TWICE = "duplicate: the genotypes are those of CLEO.03 too: identical twins, or one person's sample twice"
OUTSIDE = "siblings with CLEO.03 of family 2, which the sheet does not say"


def row(verdict: str, reason: str | None, *kinds: str) -> dict:
    return {"verdict": verdict, "reason": reason, "kinds": list(kinds)}


def test_every_kind_has_its_words():
    assert set(KINDS) == set(words.IDENTITY) == set(words.IDENTITY_SHORT) == set(words.IDENTITY_FLAGS)


@pytest.mark.parametrize(
    ("pedigree", "sex", "result", "in_doubt"),
    [
        (row("fail", EXCHANGE, "exchanged"), AGREES, "found", True),
        (row("warn", TWICE, "same_genotypes"), AGREES, "found", True),
        (row("warn", OUTSIDE, "relative_outside"), AGREES, "found", False),
        (row("pass", None), AGREES, "absent", False),
        (row("pass", None), AGREES | {"result": "found", "inferred": "XY"}, "absent", True),
        (row("pass", None), AGREES | {"result": "found", "inferred": "X0"}, "absent", False),
        (row("pass", None), AGREES | {"result": "found", "reported": None, "inferred": "XXY"}, "absent", False),
        (row("not_assessable", "kinship is not assessable: too few sites"), AGREES, "not_assessable", False),
        (None, AGREES, "not_assessable", False),
    ],
)
def test_what_is_in_doubt(pedigree, sex, result, in_doubt):
    found = identity_result(pedigree, sex)
    assert (found["result"], found["in_doubt"]) == (result, in_doubt)
    assert (found["reason"] is None) == (result == "absent")


def test_names_are_taken_out_and_nothing_else():
    pedigree = row("fail", f"{EXCHANGE}; {OUTSIDE}", "exchanged", "relative_outside")
    text = without_names(f"call_rate 0.9 is below 0.95; {EXCHANGE}; {OUTSIDE}", pedigree)
    assert text.startswith("call_rate 0.9 is below 0.95; the sample looks exchanged") and "CLEO" not in text
    assert without_names("call_rate 0.9 is below 0.95", row("pass", None)) == "call_rate 0.9 is below 0.95"
    assert without_names(None, pedigree) is None


@pytest.mark.parametrize("on_fail", ["withhold", "flag"])
@pytest.mark.parametrize(
    ("status", "reason", "kind"), [("fail", EXCHANGE, "exchanged"), ("warn", TWICE, "same_genotypes")]
)
def test_an_exchange_is_at_the_top_and_names_nobody(make_run, step_inputs, on_fail, status, reason, kind):
    run = make_run(quality={"ANNA-01": {"status": status, "reasons": reason}})
    judged = pl.read_parquet(run / "quality/samples.parquet")
    with_withheld(judged, on_fail).write_parquet(run / "quality/samples.parquet")
    rows = [{"sample": "ANNA-01"} | row(status, reason, kind), {"sample": "BEN_02"} | row("pass", None)]
    path = run / "quality/pedigree.parquet"
    pl.DataFrame(rows, schema_overrides={"kinds": pl.List(pl.String)}).write_parquet(path)
    write_reports(**step_inputs(run, pedigree=path))

    text = (run / "samples/ANNA-01/report.html").read_text(encoding="utf-8").partition("</style>")[2]
    assert words.IN_DOUBT.replace("'", "&#39;") in text.partition("What stands out")[0]
    assert words.IDENTITY[kind].replace("'", "&#39;") in text.partition("What stands out")[0]
    content = json.loads((run / "samples/ANNA-01/report.json").read_text(encoding="utf-8"))
    assert content["identity_in_doubt"] and content["summary"][0]["title"] == words.IDENTITY_TITLE
    for whole in (text, json.dumps(content)):
        assert "CLEO" not in whole and "DAN" not in whole
    shown = content["sections"]["pharmacogenes"]["shown"]
    assert shown == (status == "warn" or on_fail == "flag") == bool(content["pharmacogenes"])

    assert '<div class="card">' not in text
    sections = ("pharmacogenes", "pharmacogenes", "scores", "findings", "carriers")  # of medicines, and of genes
    repeated = sum(content["sections"][name]["shown"] for name in sections) + shown  # and in the summary
    assert text.count('<p class="again">') == repeated, "said again in each section of results"

    other = (run / "samples/BEN_02/report.html").read_text(encoding="utf-8")
    assert words.IN_DOUBT.replace("'", "&#39;") not in other and '<div class="card">' in other
