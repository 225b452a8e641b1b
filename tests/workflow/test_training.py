"""Scores trained from summary statistics within a run."""

import json

import numpy as np
import pytest

SITES, PEOPLE = 120, 60


@pytest.fixture
def study(tmp_path, make_vcf, write_config):
    """A cohort, a panel of PLINK files and a study with three strong signals, as a configuration."""
    from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MAGIC, pack

    rng = np.random.default_rng(3)
    counts = rng.binomial(2, 0.4, (SITES, PEOPLE))
    pos = [1000 * n for n in range(1, SITES + 1)]
    texts = np.array(["0/0", "0/1", "1/1"])[counts]
    people = [f"A{n}" for n in range(PEOPLE)]
    make_vcf([("chr1", at, "A", "C", *row) for at, row in zip(pos, texts, strict=True)], samples=people)
    codes = np.array([HOM_REF, HET, HOM_ALT], np.uint8)[rng.binomial(2, 0.4, (SITES, 100))]
    (tmp_path / "panel.bed").write_bytes(MAGIC + pack(codes).tobytes())
    (tmp_path / "panel.bim").write_text("".join(f"1\trs{n}\t0\t{at}\tC\tA\n" for n, at in enumerate(pos)))
    (tmp_path / "panel.fam").write_text("".join(f"0\tP{n}\t0\t0\t0\t-9\n" for n in range(100)))
    lines = ["chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\tn"]
    z = [8 if n in (10, 50, 90) else (-1) ** n for n in range(SITES)]
    lines += [f"1\t{at}\tC\tA\t{0.01 * value}\t0.01\t50000" for at, value in zip(pos, z, strict=True)]
    (tmp_path / "study.tsv").write_text("\n".join(lines) + "\n")
    (tmp_path / "people.tsv").write_text("sample\tconsent\n" + "".join(f"{name}\tscores\n" for name in people))
    train = {"risk": {"summary": "study.tsv", "method": "clump", "ld": "panel.bed", "p": "5e-8"}}

    def configure(**changes):
        train["risk"].update(changes)
        cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf.gz"}
        return write_config(
            tmp_path, cohort=cohort, genome={"contigs": ["chr1"]}, scores={"train": train}, pharmacogenes={"genes": []}
        )

    return configure, people, counts


def test_a_trained_score_is_matched_and_summed_like_any(in_process, study, tmp_path):
    configure, people, counts = study
    run = in_process(tmp_path, "--configfile", configure())
    assert run.status == 0, run.terminal
    log = json.loads(run.file("scores/trained/risk.json").read_text())
    assert log["weights"] == 3
    scores = run.table("scores/scores.parquet")
    assert scores["score"].unique().to_list() == ["TRAINED-risk"]
    assert scores["sample"].to_list() == people
    expected = 0.08 * counts[[10, 50, 90]].sum(axis=0)
    assert scores["sum"].to_list() == pytest.approx(expected.tolist())
    files = [row["path"] for row in json.loads(run.file("manifest.json").read_text())["files"]]
    assert {"scores/trained/risk.txt.gz", "scores/trained/risk.json"} <= set(files)


def test_absent_files_and_wrong_keys_are_faults_of_the_checks(check, study, tmp_path):
    configure, *_ = study
    run = check(tmp_path, configure(ld="nowhere.bed", summary="gone.tsv"))
    assert run.status != 0
    faults = json.loads(run.file("checks/inputs.json").read_text())["faults"]
    assert {fault["file"] for fault in faults} >= {"gone.tsv", "nowhere.bed", "nowhere.bim", "nowhere.fam"}
    (tmp_path / "study.tsv").write_text("SNP\tA1\tBETA\n")
    run = check(tmp_path, configure(ld="panel.bed", summary="study.tsv"))
    assert "study.tsv: the columns are missing: other_allele, standard_error or p_value" in run.terminal
    run = check(tmp_path, configure(method="lasso"))
    assert run.status != 0
    assert "scores.train.risk.method: 'lasso' is not one of clump, prscs" in run.terminal
