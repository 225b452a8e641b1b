"""Reports of a batch: files, index, consent, bytes."""

import hashlib
import json

import pytest

from permed.errors import Fault
from permed.reports.batch import write_batch
from permed.tables import read_table
from write_reports import write_reports


def test_index_vouches_for_every_file(run, step_inputs):
    write_reports(**step_inputs(run))
    index = read_table(run / "reports/batch0001.tsv")
    assert index.columns == ["sample", "path", "sha256", "bytes"]
    assert index["path"].to_list()[:2] == ["samples/ANNA-01/report.html", "samples/ANNA-01/report.json"]
    for row in index.iter_rows(named=True):
        written = (run / row["path"]).read_bytes()
        assert hashlib.sha256(written).hexdigest() == row["sha256"] and len(written) == int(row["bytes"])
    assert sorted(path.name for path in (run / "samples/ANNA-01").iterdir()) == ["report.html", "report.json"]


def test_same_input_same_bytes_and_no_path_or_time(make_run, step_inputs):
    one, other = make_run("one"), make_run("other")
    for folder in (one, other):
        write_reports(**step_inputs(folder))
    assert (one / "reports/batch0001.tsv").read_bytes() == (other / "reports/batch0001.tsv").read_bytes()
    for path in one.glob("samples/*/*"):
        assert str(one.parent) not in path.read_text(encoding="utf-8")


def test_only_people_who_agreed_to_anything_get_a_report(make_run, step_inputs):
    run = make_run(consents={"A": ("research",), "B": ()})
    write_reports(**step_inputs(run))
    assert [path.name for path in (run / "samples").iterdir()] == ["A"]


def test_formats(run, step_inputs):
    write_reports(**step_inputs(run, formats=["json"]))
    assert [path.name for path in (run / "samples/BEN_02").iterdir()] == ["report.json"]
    with pytest.raises(Fault, match="fhir"):
        write_reports(**step_inputs(run, formats=["fhir"]))


def test_json_has_the_same_content_and_null_for_what_is_missing(run, step_inputs):
    write_reports(**step_inputs(run))
    content = json.loads((run / "samples/ANNA-01/report.json").read_text(encoding="utf-8"))
    assert content["schema_version"] == "1.0"
    assert set(content) >= {"sample", "consent", "context", "quality", "pharmacogenes", "scores", "annotation"}
    assert content["consent"] == {
        "pharmacogenes": True,
        "scores": True,
        "findings": True,
        "carriers": False,
        "research": False,
    }
    genes = {entry["gene"]: entry for entry in content["pharmacogenes"]}
    assert list(genes) == sorted(genes) and len(genes) == 10
    assert genes["TPMT"]["diplotype"] is None and len(genes["TPMT"]["missing_positions"]) == 20
    assert all(entry["result"] in ("found", "absent", "not_assessable") for entry in genes.values())
    assert all(entry["reason"] for entry in genes.values() if entry["result"] == "not_assessable")
    score = content["scores"][0]
    assert (score["sum"], score["denominator"], score["percentile"]) == (-1.25, 140, None)
    assert content["context"]["reference"] == "GRCh38.fa.gz"
    assert {source["licence"] for source in content["methods"]["sources"]} >= {"CC BY-SA 4.0"}
    other = json.loads((run / "samples/CLEO.03/report.json").read_text(encoding="utf-8"))
    assert other["pharmacogenes"] == [] and "did not agree" in other["sections"]["pharmacogenes"]["reason"]


def test_stages_that_did_not_run(run, step_inputs):
    write_reports(**step_inputs(run, calls=None, scores=None, matches=None, annotation=[], findings=None, knowledge=[]))
    text = (run / "samples/ANNA-01/report.html").read_text(encoding="utf-8")
    for words in ("Pharmacogenes were not called", "No polygenic score was configured", "No gene models"):
        assert words in text
    assert "ClinPGx" not in text


def test_checks_without_details_are_not_recorded(run, step_inputs):
    (run / "checks/inputs.json").write_text('{"status": "pass", "faults": []}')
    write_reports(**step_inputs(run, build=None, absent_sites=None, thresholds=None, min_match=None))
    text = (run / "samples/ANNA-01/report.html").read_text(encoding="utf-8")
    assert "Whether REF alleles were checked is not recorded." in text


def test_person_without_a_row_is_a_fault(run, step_inputs):
    (run / "checks/consent/any.txt").write_text("ANNA-01\nNOBODY\n")
    with pytest.raises(Fault, match="NOBODY"):
        write_reports(**step_inputs(run, batch=["ANNA-01", "NOBODY"]))
    assert not (run / "reports/batch0001.tsv").exists()


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../x", ""])
def test_name_that_leads_out_of_its_folder_is_refused(tmp_path, name):
    with pytest.raises(Fault, match="cannot be that of a folder"):
        write_batch([(name, {})], tmp_path / "results", ["json"])
    assert not (tmp_path / "results").exists()
