"""Faults of our own links and records name the user's files."""

import json
import subprocess
import sys

import pytest

from permed.errors import Fault
from permed.taken import in_users_words, users_file


@pytest.fixture
def results(tmp_path):
    def make(*names: str):
        (tmp_path / "my results" / "checks").mkdir(parents=True, exist_ok=True)
        rows = [{"file": name, "how": "linked"} for name in names]
        (tmp_path / "my results" / "checks" / "taken.json").write_text(json.dumps({"files": rows}))
        return tmp_path / "my results"

    return make


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("variants/index/00000.a.vcf.gz", "data/a.vcf"),
        ("variants/index/00001.b.bcf", "data/b.bcf"),
        ("variants/lifted/00001.bcf", "data/b.bcf"),
        ("variants/chr22.bcf", "data/a.vcf, data/b.bcf"),
    ],
)
def test_a_file_of_ours_is_the_user_s(results, ours, theirs):
    folder = results("data/a.vcf", "data/b.bcf")
    path = folder / ours
    told = in_users_words(Fault(f"{path} is odd", path, "S1", remedy="Mend it"))
    assert (told.file, told.fault, told.sample, told.remedy) == (theirs, f"{theirs} is odd", "S1", "Mend it")


def test_many_files_are_named_in_part(results):
    folder = results(*(f"{n}.vcf" for n in range(9)))
    assert users_file(folder / "variants" / "chr1.bcf") == "0.vcf, 1.vcf, 2.vcf and 6 more"


@pytest.mark.parametrize("path", ["data/a.vcf", "variants/index/00000.a.vcf.gz", "a.vcf", "/variants/x.bcf", None])
def test_other_files_stay_as_they_are(path):
    assert in_users_words(Fault("it is odd", path)).file == path


def test_a_file_of_ours_that_has_to_be_deleted_is_named(results):
    path = results("a.vcf") / "variants" / "chr22.bcf"
    assert in_users_words(Fault("it is cut short", path, remedy="Delete it and run again")).file == str(path)


def test_a_step_shows_the_user_s_file(results, root):
    folder = results("data/a.vcf")
    script = folder / "stop.py"
    script.write_text(
        "from pathlib import Path\nfrom permed.errors import Fault\nfrom permed.step import step\n\n"
        "@step\ndef stop(given: Path):\n    raise Fault('it stops', given)\n"
    )
    given = folder / "variants" / "index" / "00000.a.vcf.gz"
    words = [sys.executable, str(script), "--given", str(given)]
    done = subprocess.run(words, capture_output=True, text=True, env={"PYTHONPATH": str(root / "scripts")})
    assert done.returncode == 1
    assert done.stderr.strip() == "data/a.vcf: it stops"
