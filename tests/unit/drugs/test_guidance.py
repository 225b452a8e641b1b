"""The guidance tables hold together, answer for every result, and are what the importer makes of the facts."""

import dataclasses

import polars as pl
import pytest

from permed.drugs.conditions import EXACTLY, MAYBE, NO, YES, Possibility, meets, parse
from permed.drugs.importer import import_guidance
from permed.drugs.matching import match, universe
from permed.drugs.results import Result
from permed.drugs.validate import faults, gaps, interval, unreachable
from permed.tables import read_table

# Genes whose guidance names a response, which our calls never do: it serves calls made elsewhere.
CALLED_ELSEWHERE = {"F5", "IFNL3"}


def test_the_tables_hold_together(guidance, domain):
    assert faults(guidance, domain) == []


def test_every_settled_result_has_one_row_of_cpic(guidance, domain):
    assert {(q.drug, words) for q, words in gaps(guidance, domain) if q.body == "CPIC"} == set()


def test_every_row_is_reached_by_some_result(guidance, domain):
    assert unreachable(guidance, domain) == []


def test_phenotypes_of_guidance_and_of_the_phenotype_tables_are_the_same(guidance, domain):
    known = {(gene, name.lower()) for gene, names in domain.phenotypes.items() for name in names}
    rows = [row for question in guidance.questions for row in question.rows]
    used = {
        (gene, name)
        for row in rows
        for gene, condition in zip(row.genes, row.conditions, strict=True)
        for name in condition.phenotypes
    }
    scored = {gene for gene, _ in domain.scores}
    guided = {gene for row in rows for gene in row.genes}
    assert {gene for gene, _ in used - known} <= CALLED_ELSEWHERE
    assert {(gene, name) for gene, name in known - used if gene not in scored} == set()
    assert guided >= {gene for gene, _ in known}


def test_the_validator_sees_what_is_wrong(guidance, domain):
    """Each mistake planted in a row is told."""
    question = next(q for q in guidance.questions if q.drug == "codeine" and q.body == "CPIC")
    row = next(r for r in question.rows if r.action == "avoid")
    spoiled = {
        "unknown action": {"action": "shun"},
        "with a factor": {"dose_factor": "0.5", "dose_of": "start"},
        "neither a dose": {"action": "reduce", "also": (), "dose": ()},
        "with the factor 1.5": {"action": "reduce", "also": (), "dose_factor": "1.5", "dose_of": "start"},
        "neither reduce nor increase": {"also": (), "dose": (("start_fraction", "0.5"),)},
        "no source": {"source": ""},
        "unknown population": {"population": "elves"},
    }
    for told, change in spoiled.items():
        wrong = dataclasses.replace(question, rows=(dataclasses.replace(row, **change),))
        found = faults(dataclasses.replace(guidance, questions=(wrong,), warnings={}, groups={}), domain)
        assert any(told in fault for fault in found), (told, found)
    twice = dataclasses.replace(question, rows=(*question.rows, row))
    found = faults(dataclasses.replace(guidance, questions=(twice,), warnings={}, groups={}), domain)
    assert any("2 rows for AS 0.0" in fault for fault in found)


def test_the_committed_tables_are_what_the_importer_makes(shared, root, tables):
    made = import_guidance(shared / "facts" / "drugs", root / "resources" / "pharmacogenes" / "phenotypes.tsv")
    for name, frame in made.items():
        assert frame.equals(read_table(tables / f"{name}.tsv")), name


def test_no_row_comes_from_a_superseded_source(tables):
    assert set(read_table(tables / "guidance.tsv")["status"]) == {"current", "as_of_2024-05", "only_source"}


def test_each_code_of_the_tables_has_words(guidance):
    for table in (guidance.actions, guidance.populations):
        for code, row in table.items():
            assert row.get("label"), code
    assert all(guidance.dose_terms.values())


@pytest.mark.parametrize(
    ("condition", "one", "grade"),
    [
        ("AS 0.25-1.0", Possibility(scores=(1.0, 1.0)), YES),
        ("AS 0.25-1.0", Possibility(scores=(1.25, 1.25)), NO),
        ("AS >=2.5", Possibility(scores=(3.0, float("inf"))), YES),
        ("AS >=3.25", Possibility(scores=(3.0, float("inf"))), MAYBE),
        ("AS 0.0|AS >=2.5", Possibility(scores=(0.0, 0.0)), YES),
        ("*2/*2|*2/*3", Possibility(scores=(1.0, 1.0), diplotype="*2/*2"), EXACTLY),
        ("*2/*2|*2/*3", Possibility(scores=(1.0, 1.0)), MAYBE),
        ("*2/*2|*2/*3", Possibility(scores=(1.0, 1.0), diplotype="*1/*3"), NO),
        ("*57:01 positive", Possibility(statuses=frozenset({"*57:01 positive", "*58:01 negative"})), YES),
        ("*57:01 positive", Possibility(statuses=frozenset({"*57:01 negative"})), NO),
        ("Poor Metabolizer|Likely Poor Metabolizer", Possibility("poor metabolizer"), YES),
        ("Poor Metabolizer", Possibility("Intermediate Metabolizer"), NO),
    ],
)
def test_conditions_are_met_as_written(condition, one, grade):
    assert meets(parse(condition), one) == grade


@pytest.mark.parametrize(
    ("text", "bounds"), [("0.5", (0.5, 0.5)), ("0.3-0.8", (0.3, 0.8)), ("<=0.1", (0.0, 0.1)), (">=1.5", (1.5, 1e999))]
)
def test_bounds_of_factors(text, bounds):
    assert interval(text) == bounds


def test_groups_name_only_drugs_with_guidance(guidance, tables):
    table = read_table(tables / "groups.tsv")
    assert set(table["drug"]) <= set(guidance.drugs)
    assert table.filter(pl.col("group") == "statins")["drug"].to_list() == [
        "atorvastatin",
        "fluvastatin",
        "lovastatin",
        "pitavastatin",
        "pravastatin",
        "rosuvastatin",
        "simvastatin",
    ]


def test_what_is_said_with_a_gene_unknown_holds_for_everything_it_can_be(guidance, domain):
    """For each pair, each result of one gene and the other unknown: the action is that of every completion."""
    decided = 0
    for question in (q for q in guidance.questions if len(q.genes) == 2):
        for known in (0, 1):
            others = universe(question, 1 - known, domain)
            for one in universe(question, known, domain):
                results = [Result(gene, reason="not read") for gene in question.genes]
                results[known] = Result(question.genes[known], (one,))
                found = match(question, tuple(results), domain)
                if found.row is None:
                    continue
                decided += 1
                for other in others:
                    complete = list(results)
                    complete[1 - known] = Result(question.genes[1 - known], (other,))
                    whole = match(question, tuple(complete), domain)
                    assert whole.row is not None, (question.drug, one, other)
                    assert whole.row.action == found.row.action, (question.drug, one, other)
                    assert found.row.dose_factor in (None, whole.row.dose_factor), (question.drug, one, other)
                    assert set(found.row.also) <= set(whole.row.also), (question.drug, one, other)
    assert decided > 50


def test_a_question_without_any_result_is_never_answered(guidance, domain):
    for question in guidance.questions:
        found = match(question, tuple(Result(gene, reason="not read") for gene in question.genes), domain)
        assert found.row is None and found.unknown == question.genes
