"""The lock file and the conda environment say the same; no host of a registry is named."""

import importlib.util
import re


def test_conda_pins_are_the_lock_files(root):
    spec = importlib.util.spec_from_file_location("pin_conda", root / "envs" / "pin_conda.py")
    pin_conda = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pin_conda)
    committed = (root / "envs" / "permed.yaml").read_text()
    assert committed == pin_conda.conda_environment()
    assert len(re.findall(r"==", committed)) == len(pin_conda.wanted((root / "envs/requirements.in").read_text()))


def test_the_lock_has_hashes_and_no_hosts(root):
    lock = (root / "envs" / "requirements.txt").read_text()
    packages = re.findall(r"^[a-z0-9._-]+==", lock, re.MULTILINE)
    assert len(packages) > 50
    assert lock.count("--hash=sha256:") >= len(packages)
    assert "://" not in lock
