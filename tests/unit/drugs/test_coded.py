"""Every branch of the guidance that was coded in 2026 is in the answer for a person with that result."""

from permed.drugs.coded import FILES, LEADING, branch_of, left_out
from permed.drugs.conditions import INDETERMINATE, NO_RESULT
from permed.tables import read_table

SCORED = {"CYP2C9", "CYP2D6", "DPYD"}


def coded(shared):
    folder = shared / "facts" / "drugs" / "2026"
    for file in FILES:
        for row in read_table(folder / f"{file}.tsv").fill_null("").to_dicts():
            found = None if left_out(row) else branch_of(row, FILES.index(file))
            if found is not None:
                yield found


def call_of(gene: str, term: str) -> dict | str | None:
    """A call with a result as a condition names it; None for no result."""
    if term == NO_RESULT:
        return None
    if gene.startswith("HLA-"):
        return term
    if term.startswith("AS "):
        value = term.removeprefix("AS ").replace(">=", "≥")
        return {"activity_score": value, "phenotype": "Intermediate Metabolizer", "diplotype": "*90/*91"}
    if "/" in term:
        return {"diplotype": term, "phenotype": "Intermediate Metabolizer", "activity_score": "1.0"}
    if gene in SCORED and term != INDETERMINATE:
        score = {"Poor Metabolizer": "0.0", "Intermediate Metabolizer": "1.0", "Normal Metabolizer": "2.0"}[term]
        return {"activity_score": score, "phenotype": term, "diplotype": "*90/*91"}
    return {"phenotype": term, "diplotype": "*90/*91"}


def answers(branch, conditions, advice_for) -> list[dict]:
    """The rows of the branch's body on its genes for somebody of the first result of each condition."""
    calls = {}
    for gene, condition in zip(branch.genes, conditions, strict=True):
        call = call_of(gene, condition.split("|")[0]) if gene else None
        calls |= {gene: call} if call else {}
    rows = advice_for(calls, drug=branch.drug).filter(body=branch.body).to_dicts()
    return [row for row in rows if set(row["genes"].split("; ")) == set(filter(None, branch.genes))]


def told(branch, row: dict) -> bool:
    """Whether a row of advice has the branch: as its action, or as a line of its conditions."""
    leads = row["action"] == branch.action or (branch.action == "none" and row["action"] != "not known")
    if not branch.only_if:
        return leads
    holds = LEADING.match(branch.only_if) and f"olds: {branch.only_if}" in (row["note"] or "")
    return bool(holds) or f"{branch.only_if}:" in (row["branches"] or "")


def argued(branch, terms) -> bool:
    """Branches that are no answer of ours: what a body says with a gene unknown is told in the note, never as advice;
    an association of FDA repeats no advice of the label for the same result; a row of adults alone is a condition; and
    the label of gefitinib, whose usual dose goes with a closer watch, gives way to the association that asks for it."""
    if (branch.drug, branch.body, branch.action) == ("gefitinib", "FDA", "standard"):
        return True
    unknown = {NO_RESULT, INDETERMINATE} & set(terms)
    return bool(unknown) or branch.kind == FILES.index("fda_associations") or branch.population == "adult"


def test_every_coded_branch_is_in_the_answer(shared, advice_for):
    asked, missing = 0, []
    for branch, conditions in coded(shared):
        terms = [condition.split("|")[0] for condition in conditions if condition]
        if all(term in (NO_RESULT, INDETERMINATE) for term in terms):
            continue  # without any result nothing is answered
        asked += 1
        if not any(told(branch, row) for row in answers(branch, conditions, advice_for)):
            missing.append((branch, terms))
    assert asked > 800
    assert [one for one in missing if not argued(*one)] == []
    assert len(missing) < 60


def test_what_a_body_asks_for_without_a_condition_is_never_softened(shared, advice_for, guidance):
    """Labels and associations alike: the answer is as grave, or names what it depends on."""
    ranks = {action: int(row["rank"]) for action, row in guidance.actions.items()}
    for branch, conditions in coded(shared):
        unknown = any(condition.split("|")[0] in (NO_RESULT, INDETERMINATE) for condition in conditions if condition)
        if branch.only_if or unknown:
            continue
        rows = answers(branch, conditions, advice_for)
        told = min(ranks[row["action"]] for row in rows)
        assert told <= ranks[branch.action], (branch.drug, branch.body, conditions, {row["action"] for row in rows})
