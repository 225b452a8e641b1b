"""Changes since an earlier run, each planted with its cause."""

import json
from dataclasses import replace

import polars as pl
import pytest

from permed.errors import Fault
from permed.findings.compare import compare, read_outcome

CONSENTS = {"findings": frozenset({"P1", "P2"}), "carriers": frozenset()}


@pytest.fixture
def outcome(run):
    """What a run found, as files that :func:`read_outcome` reads."""

    def make(release="2025-01", genotypes=("0/1", "0/0"), rule="any", states=None, **variant) -> object:
        planted = run.variant(110, "DOM") | {"clinvar_significance": "Pathogenic", "clinvar_stars": 2} | variant
        run.planted([list(genotypes)], [planted])
        run.list("secondary", f"gene condition inheritance reportable_when\nDOM dominant_condition AD {rule}").find()
        folder = run.folder / "annotation/sources"
        folder.mkdir(exist_ok=True)
        about = {"name": "clinvar", "release": release, "files": [{"name": "c.vcf", "sha256": "ab" * 32}]}
        (folder / "clinvar.json").write_text(json.dumps(about))
        found = read_outcome(run.folder)
        return found if states is None else replace(found, genes=found.genes.with_columns(state=pl.lit(states)))

    return make


def test_nothing_changed(outcome):
    assert compare(outcome(), outcome(), CONSENTS).is_empty()


def test_new_evidence_names_the_field_and_the_release(outcome):
    before = outcome(classification="uncertain", clinvar_significance="Uncertain significance")
    (row,) = compare(before, outcome(release="2026-01"), CONSENTS).to_dicts()
    assert (row["sample"], row["gene"], row["cause"], row["before"]) == ("P1", "DOM", "new evidence", "not reported")
    assert row["after"] == "pathogenic, heterozygous, reportable: yes"
    assert "Uncertain significance → Pathogenic" in row["detail"]
    assert "2025-01" in row["detail"] and "2026-01" in row["detail"]


def test_a_class_of_the_same_evidence_is_a_new_class(outcome):
    before = outcome(classification="uncertain", criteria="PM2")
    (row,) = compare(before, outcome(), CONSENTS).to_dicts()
    assert row["cause"] == "new class"
    assert "PM2 → PVS1,PM2" in row["detail"]


def test_a_downgrade_is_told_too(outcome):
    (row,) = compare(outcome(), outcome(classification="benign", clinvar_significance="Benign"), CONSENTS).to_dicts()
    assert (row["cause"], row["after"]) == ("new evidence", "not reported")


def test_another_rule_of_the_list(outcome):
    (row,) = compare(outcome(rule="biallelic"), outcome(), CONSENTS).to_dicts()
    assert (row["cause"], row["before"]) == ("new rule", "not reported")


def test_another_genotype_is_new_data(outcome):
    (row,) = compare(outcome(), outcome(genotypes=("1/1", "0/0")), CONSENTS).to_dicts()
    assert (row["cause"], row["detail"]) == ("new data", "genotype: heterozygous, single → homozygous, homozygous")


def test_a_person_who_joined_is_new_data(outcome):
    before = outcome()
    before = replace(before, findings=before.findings.clear(), genes=before.genes.filter(sample="P2"))
    (row,) = compare(before, outcome(), CONSENTS).to_dicts()
    assert (row["sample"], row["cause"]) == ("P1", "new data")


def test_a_gene_that_can_now_be_assessed_is_told(outcome):
    rows = compare(outcome(states="not_assessable"), outcome(), CONSENTS).to_dicts()
    told = [(row["sample"], row["before"], row["after"], row["cause"]) for row in rows]
    assert told == [("P1", "not assessable", "found", "new data"), ("P2", "not assessable", "absent", "new data")]


def test_people_who_no_longer_agree_are_left_out(outcome):
    before = outcome(classification="uncertain", clinvar_significance="Uncertain significance")
    assert compare(before, outcome(), {"findings": frozenset({"P2"}), "carriers": frozenset({"P1"})}).is_empty()


def test_a_folder_without_findings_is_a_fault(tmp_path):
    with pytest.raises(Fault, match="the earlier run has no such table"):
        read_outcome(tmp_path)
