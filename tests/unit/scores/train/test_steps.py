"""The step from summary statistics to a scoring file that matching reads."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from permed.scores.train.settings import Settings
from permed.scoring_files import read_header, read_scores


@pytest.fixture
def trained(tmp_path, run_step):
    """Train a score; gives the path of the scoring file and the log."""

    def run(threads=1, build="GRCh37", name="mine", **settings):
        score, about = tmp_path / f"{name}{threads}.txt.gz", tmp_path / f"{name}{threads}.json"
        text = json.dumps(asdict(Settings(**settings)))
        run_step("train_score")(text, score=score, about=about, name=name, build=build, threads=threads)
        return score, json.loads(about.read_text())

    return run


def test_prscs_writes_a_scoring_file_that_predicts(study, write_summary, write_blocks, trained):
    summary, folder = write_summary(study.table()), write_blocks(study)
    score, log = trained(summary=str(summary), method="prscs", ld=str(folder), trait="height")
    rows = read_scores(score, "GRCh37")
    assert rows["not_scorable"].null_count() == len(rows) == len(study.z)
    assert rows["pos"].to_list() == study.pos.tolist()
    assert (rows["effect_allele"].to_list(), rows["other_allele"].to_list()) == (study.a1.tolist(), study.a2.tolist())
    assert read_header(score)["pgs_id"] == "TRAINED-mine"
    per_deviation = rows["weight"].to_numpy() * np.sqrt(2 * study.frequency * (1 - study.frequency))
    assert study.accuracy(per_deviation) > study.accuracy(study.z)
    assert log["summary"]["read"] == log["summary"]["used"] == len(rows)
    assert log["sample_size"] == study.n


def test_the_same_bytes_whatever_the_threads(study, write_summary, write_blocks, trained):
    settings = {"summary": str(write_summary(study.table())), "method": "prscs", "ld": str(write_blocks(study))}
    one, _ = trained(1, iterations=60, burn_in=20, **settings)
    four, _ = trained(4, iterations=60, burn_in=20, **settings)
    assert one.read_bytes() == four.read_bytes()
