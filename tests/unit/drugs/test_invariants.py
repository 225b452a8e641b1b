"""What must hold of every table of guidance, whichever drug: nothing empty away from the usual, no gap in a pair."""

import itertools

import pytest

from permed.drugs.cells import Domain, scores_within
from permed.drugs.conditions import Possibility
from permed.drugs.matching import FOUND, NO_ROW, match, matching_rows
from permed.drugs.results import Result, read_result

# From one end to the other, the usual class in the middle or, of CYP3A5 and tacrolimus, at the end.
GRADES = {
    "CYP2C19": ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer", "Rapid Metabolizer"],
    "CYP2B6": ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer", "Rapid Metabolizer"],
    "CYP2D6": ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer", "Ultrarapid Metabolizer"],
    "CYP2C9": ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer"],
    "DPYD": ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer"],
    "TPMT": ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer"],
    "NUDT15": ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer"],
    "SLCO1B1": ["Poor Function", "Decreased Function", "Normal Function"],
    "G6PD": ["Deficient with CNSHA", "Deficient", "Variable", "Normal"],
}
USUAL = ("Normal Metabolizer", "Normal Function", "Normal")
SILENT = "the source says nothing of this result"


def results(gene: str, phenotype: str, domain: Domain) -> list[Possibility]:
    scores = domain.scores_of(gene, phenotype)
    if gene in ("CYP2C9", "CYP2D6", "DPYD"):
        return [Possibility(None, (float(score), float(score)), "other") for score in scores if score[0].isdigit()]
    return [Possibility(phenotype, None, "other")]


def test_away_from_the_usual_an_answer_never_becomes_empty(guidance, domain):
    """For one body and drug by one gene: if some result has a row, so has every graver one on the same side."""
    empty = []
    for question in guidance.questions:
        (gene,) = question.genes if len(question.genes) == 1 else (None,)
        named = any(condition.diplotypes for row in question.rows for condition in row.conditions)
        if gene not in GRADES or named:
            continue
        grades = GRADES[gene]
        middle = next(i for i, grade in enumerate(grades) if grade in USUAL)
        for side in (grades[middle::-1], grades[middle:]):
            answered = False
            for grade in side:
                for one in results(gene, grade, domain):
                    _, certain = matching_rows(question, (one,))
                    if answered and not certain:
                        empty.append((question.drug, question.body, gene, grade, one.scores))
                    answered = answered or certain
    assert empty == []


@pytest.mark.parametrize("body", ["FDA", "DPWG"])
def test_a_drug_that_was_read_whole_answers_every_result(guidance, domain, body):
    """Of one gene without diplotypes: a result of which the text says nothing has a row that says so."""
    for question in guidance.questions:
        named = any(condition.diplotypes for row in question.rows for condition in row.conditions)
        if question.body != body or len(question.genes) != 1 or named or question.alleles[0]:
            continue
        for one in domain.everything(question.genes[0]):
            found = match(question, (Result(question.genes[0], (one,), "shown"),), domain)
            assert found.status != NO_ROW, (question.drug, one)


@pytest.mark.parametrize("drug", ["azathioprine", "mercaptopurine", "thioguanine"])
def test_every_pair_of_tpmt_and_nudt15_has_an_answer(guidance, domain, drug):
    states = [*GRADES["TPMT"], "Possible Intermediate Metabolizer", "Indeterminate", None]
    (question,) = (q for q in guidance.questions if q.drug == drug and q.body == "CPIC")
    for first, second in itertools.product(states, repeat=2):
        made = tuple(
            Result(gene, (Possibility(state),) if state else (), state)
            for gene, state in zip(question.genes, (first, second), strict=True)
        )
        found = match(question, made, domain)
        assert found.status != NO_ROW, (drug, first, second)
        if "Poor Metabolizer" in (first, second):
            assert found.status == FOUND, (drug, first, second)
            assert found.row.action in ("alternative", "reduce", "depends")


@pytest.mark.parametrize(
    ("score", "taken_as"), [(0.125, 0.25), (0.625, 0.5), (1.125, 1.0), (1.75, 1.75), (2.375, 2.5), (2.75, 2.75)]
)
def test_a_score_between_steps_is_of_its_class(domain, score, taken_as):
    (value,) = scores_within("CYP2D6", score, score)
    phenotypes = {value: name for (gene, name), own in domain.scores.items() for value in own if gene == "CYP2D6"}
    assert phenotypes[str(value)] == phenotypes[str(taken_as)]


def test_every_score_has_an_answer_of_cpic(guidance, domain, advice_for):
    for drug in ("codeine", "nortriptyline", "atomoxetine", "tamoxifen"):
        for eighth in range(0, 33):
            call = {"activity_score": str(eighth / 8), "phenotype": "Intermediate Metabolizer", "diplotype": "*90/*91"}
            rows = advice_for({"CYP2D6": call, "CYP2C19": "Normal Metabolizer"}, drug=drug).filter(body="CPIC")
            assert not rows["reason"].fill_null("").str.contains("our tables have nothing").any(), (drug, eighth / 8)


def test_an_open_copy_number_gives_the_answers_that_it_covers(advice_for, row_of):
    call = {
        "activity_score": "≥2.0",
        "phenotype": "Normal Metabolizer OR Ultrarapid Metabolizer",
        "diplotype": "*2xN/*4",
    }
    row = row_of(advice_for({"CYP2D6": call}), "codeine")
    assert (row["status"], set(row["possible"].split("; "))) == ("not_assessable", {"standard", "avoid"})
    assert "nothing" not in row["reason"]
    call |= {"activity_score": "≥3.0", "phenotype": "Ultrarapid Metabolizer"}
    assert row_of(advice_for({"CYP2D6": call}), "codeine")["action"] == "avoid"


def test_what_our_tables_lack_is_not_told_in_a_bodys_name(guidance, domain, advice_for):
    call = {"diplotype": "*36/*37", "phenotype": "Something Else", "state": "called", "phenotype_certain": True}
    assert read_result("UGT1A1", call, domain).possible
    rows = advice_for({"UGT1A1": call}, drug="atazanavir").filter(leading=True)
    (row,) = rows.to_dicts()
    assert row["advice"] == "Our tables have no answer for this result: look it up in the source."
    assert row["reason"].startswith("Our tables have nothing of CPIC for UGT1A1")
