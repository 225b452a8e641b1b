"""Expectations of a small run, a row each, and which of them do not hold.

A row says of a table where (``sample=A;gene=TPMT``, or ``-``), in which column, by which rule and value, and why:

- ``exit``: the run's exit status; ``faults``: what the terminal and checks/inputs.json say;
- ``handled``: the run succeeds, or what it says contains the value;
- ``report``: the text of results/samples/SAMPLE/report.json;
- any other name: the rows of results/cohort/NAME.tsv that fit, each of which must hold. Where a run was refused, what
  must not be said was not said.
"""

import csv
import json
from pathlib import Path

RULES = {
    "is": lambda got, value: got == value,
    "not": lambda got, value: got != value,
    "in": lambda got, value: got in value.split("|"),
    "notin": lambda got, value: got not in value.split("|"),
    "contains": lambda got, value: value.lower() in got.lower(),
    "lacks": lambda got, value: value.lower() not in got.lower(),
    "starts": lambda got, value: got.lower().startswith(value.lower()),
    "near": lambda got, value: bool(got) and abs(float(got) - float(value)) <= 1e-6,
}
DENIALS = {"not", "notin", "lacks"}


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a tab-separated file, none where it is not there; cells that a row lacks are empty."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))


def violations(run, expectations: list[dict[str, str]]) -> list[str]:
    """What does not hold of a finished run, a line each."""
    return [line for row in expectations if (line := _violation(run, row))]


def _violation(run, row: dict[str, str]) -> str:
    where = {} if row["where"] in ("", "-") else dict(part.split("=", 1) for part in row["where"].split(";"))
    told = " ".join(row[name] for name in ("table", "where", "column", "rule", "value"))
    told += f": {row['why']}" if row["why"] else ""
    found = _found(run, row, where)
    if row["rule"] in ("absent", "present"):
        return "" if bool(found) == (row["rule"] == "present") else told
    if not found:
        return "" if run.status and row["rule"] in DENIALS else f"{told}; there is no row (exit status {run.status})"
    wrong = [text for text in found if not RULES[row["rule"]](text, row["value"])]
    return f"{told}; got {wrong[0][:90]!r}" if wrong else ""


def _found(run, row: dict[str, str], where: dict[str, str]) -> list[str]:
    """The texts that an expectation is about: none where nothing of the kind was made."""
    checks = run.file("checks/inputs.json")
    said = run.terminal + (checks.read_text(encoding="utf-8") if checks.is_file() else "")
    match row["table"]:
        case "exit":
            return [str(run.status)]
        case "faults":
            return [said]
        case "handled":
            return [said if run.status else said + row["value"]]
        case "report":
            report = run.file(f"samples/{where['sample']}/report.json")
            content = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else None
            return [json.dumps(content, ensure_ascii=False)] if content else []
        case table:
            rows = read_rows(run.file(f"cohort/{table}.tsv"))
            fit = [found for found in rows if all(found.get(key) == value for key, value in where.items())]
            return [found.get(row["column"], "") for found in fit]
