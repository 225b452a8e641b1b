"""The manifest: every output, and no report that was changed."""

import hashlib
import json

import pytest

from permed.errors import Fault
from permed.reports.manifest import unlisted_reports
from write_manifest import write_manifest
from write_reports import write_reports


@pytest.fixture
def manifest(root, step_inputs):
    def make(run) -> dict:
        write_manifest(
            outputs=[run / "quality/samples.parquet", run / "checks/inputs.json"],
            indexes=[run / "reports/batch0001.tsv"],
            knowledge=[root / "resources/reports/phenotypes.tsv", root / "resources/pharmacogenes/genes.tsv"],
            manifest=run / "manifest.json",
            config_digest="abc",
        )
        return json.loads((run / "manifest.json").read_text(encoding="utf-8"))

    return make


@pytest.fixture
def written(run, step_inputs):
    write_reports(**step_inputs(run))
    return run


def test_every_output_and_report_is_listed_once_in_order(written, manifest):
    made = manifest(written)
    paths = [row["path"] for row in made["files"]]
    assert paths == sorted(set(paths)) and len(paths) == 2 + 1 + 6
    for row in made["files"]:
        assert hashlib.sha256((written / row["path"]).read_bytes()).hexdigest() == row["sha256"]
    assert made["config_digest"] == "abc"
    assert {"permed", "python", "snakemake", "pysam", "htslib", "polars", "numba", "numpy", "cyvcf2"} == set(
        made["software"]
    )
    genes = made["knowledge"][0]
    assert genes["table"] == "pharmacogenes/genes.tsv" and genes["sources"][0]["licence"] == "CC BY-SA 4.0"


def test_same_bytes_in_another_folder(make_run, step_inputs, manifest):
    texts = []
    for name in ("one", "other"):
        run = make_run(name)
        write_reports(**step_inputs(run))
        manifest(run)
        texts.append((run / "manifest.json").read_text(encoding="utf-8").replace("quality/samples.parquet", ""))
    assert texts[0] == texts[1]


def test_changed_report_is_refused(written, manifest):
    path = written / "samples/BEN_02/report.html"
    path.write_text(path.read_text(encoding="utf-8").replace("*2/*2", "*1/*1"), encoding="utf-8")
    with pytest.raises(Fault) as caught:
        manifest(written)
    assert caught.value.file == str(path) and caught.value.sample == "BEN_02"
    assert "changed" in caught.value.fault and "--forcerun write_reports" in caught.value.remedy
    assert not (written / "manifest.json").exists()


def test_missing_report_is_refused(written, manifest):
    (written / "samples/CLEO.03/report.json").unlink()
    with pytest.raises(Fault, match=r"CLEO\.03/report\.json.*not there"):
        manifest(written)


def test_index_that_leads_outside_is_refused(written, manifest):
    index = written / "reports/batch0001.tsv"
    index.write_text(index.read_text().replace("samples/BEN_02/report.html", "../outside.html"))
    with pytest.raises(Fault, match="outside"):
        manifest(written)


def test_output_outside_the_results_is_refused(written, root):
    with pytest.raises(Fault, match="outside"):
        write_manifest(
            outputs=[root / "pyproject.toml"],
            indexes=[],
            knowledge=[],
            manifest=written / "manifest.json",
            config_digest="",
        )


def test_reports_of_an_earlier_run_are_named(written):
    (written / "samples/WITHDRAWN").mkdir()
    (written / "samples/WITHDRAWN/report.html").write_text("old")
    assert unlisted_reports([written / "reports/batch0001.tsv"], written) == ["samples/WITHDRAWN/report.html"]
