"""Runs that are cut off: nothing partial is left under a final name, and the next run ends with the same bytes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256

import pytest


@pytest.fixture
def start(root, tmp_path):
    """Start the demo in a folder of its own and give the process, the leader of a group of its own."""
    running = []

    def begin(limit: str = "") -> subprocess.Popen:
        command = (
            f"{limit} exec {sys.executable} -m snakemake --snakefile {root}/Snakefile --directory {tmp_path} --cores 2"
        )
        path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"
        with open(tmp_path / "terminal.txt", "w") as terminal:
            process = subprocess.Popen(
                ["bash", "-c", command],
                stdout=terminal,
                stderr=terminal,
                env={**os.environ, "PATH": path},
                start_new_session=True,
            )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until(condition, process: subprocess.Popen) -> None:
    """Wait for what the run comes to while it lasts, however slow the machine is."""
    while not condition():
        assert process.poll() is None, "the run ended before it came to that"
        time.sleep(0.05)


def whole_files(demo, folder) -> None:
    """Every file under a final name is the one that the undisturbed run wrote."""
    manifest = json.loads(demo.file("manifest.json").read_text())
    digests = {row["path"]: row["sha256"] for row in manifest["files"]}
    for path in (folder / "results").rglob("*"):
        name = str(path.relative_to(folder / "results"))
        if path.is_file() and name in digests and not path.name.startswith("."):
            assert sha256(path.read_bytes()).hexdigest() == digests[name], name


@pytest.mark.slow
def test_after_kill_9_the_next_run_completes_with_the_same_bytes(demo, start, snakemake, tmp_path):
    process = start()
    until(lambda: len(list((tmp_path / "results" / "variants").glob("*.bcf"))) > 3, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert snakemake(tmp_path, "--unlock").status == 0
    again = snakemake(tmp_path)
    assert again.status == 0, again.terminal
    assert again.file("manifest.json").read_text() == demo.file("manifest.json").read_text()
    assert not [path for path in (tmp_path / "results").rglob("*") if path.name.endswith(".partial")]


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_partial_and_the_next_run_completes(demo, start, snakemake, tmp_path):
    shutil.copytree(demo.folder / "data", tmp_path / "data", copy_function=shutil.copy2)
    shutil.copytree(demo.folder / ".snakemake", tmp_path / ".snakemake", symlinks=True)
    process = start("ulimit -f 100;")  # no file may grow beyond 100 KiB, as on a disk that is full
    assert process.wait() != 0
    whole_files(demo, tmp_path)
    again = snakemake(tmp_path)
    assert again.status == 0, again.terminal
    assert again.file("manifest.json").read_text() == demo.file("manifest.json").read_text()


@pytest.mark.slow
def test_two_runs_at_once_are_refused(start, snakemake, tmp_path):
    process = start()
    until(lambda: any((tmp_path / ".snakemake" / "locks").glob("*")), process)
    second = snakemake(tmp_path)
    assert process.poll() is None
    assert second.status == 1
    assert "locked" in second.terminal
