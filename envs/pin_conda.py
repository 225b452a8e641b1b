"""Write permed.yaml, the environment of `--sdm conda`, with the pins of requirements.txt."""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = "3.11"


def pins(lock: str) -> dict[str, str]:
    """Versions by package in a lock file; where they differ by Python version, that for Python 3.11."""
    found = re.findall(r"^([a-z0-9._-]+)==([^\s;]+)(?: ; (.*?))? \\$", lock, re.MULTILINE)
    return {name: version for name, version, marker in found if ">= '3.12'" not in marker}


def wanted(requirements: str) -> list[str]:
    """Packages that the workflow imports: those above the tests' section of requirements.in."""
    run_time = requirements.split("# Tests")[0]
    return re.findall(r"^([a-z0-9._-]+)", run_time, re.MULTILINE)


def conda_environment() -> str:
    """The text of permed.yaml."""
    versions = pins((HERE / "requirements.txt").read_text(encoding="utf-8"))
    names = wanted((HERE / "requirements.in").read_text(encoding="utf-8"))
    lines = [
        "name: permed",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python={PYTHON}",
        "  - pip",
        "  - pip:",
    ]
    return "\n".join([*lines, *(f"      - {name}=={versions[name]}" for name in names)]) + "\n"


if __name__ == "__main__":
    (HERE / "permed.yaml").write_text(conda_environment(), encoding="utf-8")
