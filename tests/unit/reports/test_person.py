"""The content of a report: each state of a call, consent, what cannot be assessed; missing is never reference."""

import pytest

from permed.reports.evidence import Context
from permed.reports.person import person_report
from permed.reports.pharmacogenes import Terms, group_of, pharmacogene_results, read_terms

CALL = {"gene": "G", "state": "called", "diplotype": None, "phenotype": None, "reason": None}


@pytest.fixture(scope="module")
def terms(root) -> Terms:
    return read_terms(root / "resources/reports/phenotypes.tsv", root / "resources/reports/gene_notes.tsv")


def result(terms, **call) -> dict:
    return pharmacogene_results([CALL | call], terms)[0]


def context(**changes) -> Context:
    given = {
        "build": "GRCh38",
        "absent_sites": "missing",
        "reference": "GRCh38.fa.gz",
        "reference_checked": True,
        "records": 100,
        "unchecked": 0,
        "consents": {"any": frozenset({"P"}), "pharmacogenes": frozenset({"P"}), "scores": frozenset({"P"})},
        "stages": {"pharmacogenes": True, "scores": True, "annotation": True},
        "min_match": 0.75,
    }
    return Context(**given | changes)


def report(terms, *, calls=(), matches=(), scores=(), quality=None, gene_states=(), **changes) -> dict:
    person = {"sample": "P", "sex": "XX", "birth_year": 1970}
    return person_report(
        person,
        context(**changes),
        terms,
        quality=quality,
        calls=list(calls),
        matches=list(matches),
        scores=list(scores),
        gene_states=list(gene_states),
    )


@pytest.mark.parametrize(
    ("phenotype", "answer"),
    [
        ("Poor Metabolizer", "found"),
        ("Normal Metabolizer", "absent"),
        ("Indeterminate", "not_assessable"),
        ("n/a", "not_assessable"),
        (None, "not_assessable"),
        ("a term of tomorrow", "found"),
    ],
)
def test_called_phenotype_is_found_absent_or_not_assessable(terms, phenotype, answer):
    entry = result(terms, diplotype="*1/*2", phenotype=phenotype)
    assert entry["result"] == answer
    assert entry["diplotype"] == "*1/*2"
    assert answer != "not_assessable" or entry["reason"]


def test_usual_phenotype_may_depend_on_the_gene(terms):
    usual = {"phenotype": "-1639 GG", "diplotype": "G/G"}
    assert result(terms, gene="VKORC1", **usual)["result"] == "absent"
    assert result(terms, gene="OTHER", **usual)["result"] == "found"


def test_not_assessable_is_never_a_call(terms):
    entry = result(
        terms,
        state="not_assessable",
        diplotype="*1/*1",
        activity_score="2.0",
        phenotype="Normal Metabolizer",
        alternatives="*1/*2; *2/*2",
        missing_positions="rs1,rs2",
        reason="2 of 3 positions were not read and could change the result.",
    )
    assert [entry[name] for name in ("diplotype", "activity_score", "phenotype")] == [None, None, None]
    assert entry["diplotypes"] == []
    assert entry["result"] == "not_assessable"
    assert entry["not_a_call"]["positions_read_would_fit"] == ["*1/*1"]
    assert entry["not_a_call"]["alternatives"] == ["*1/*2", "*2/*2"]
    assert entry["not_a_call"]["phenotype_of_all"] is None
    assert entry["missing_positions"] == ["rs1", "rs2"]
    assert group_of(entry) == "not_assessable"


def test_phenotype_that_every_possibility_shares_is_told_but_not_as_the_result(terms):
    call = {"state": "not_assessable", "diplotype": "*1/*1", "phenotype": "Normal Metabolizer"}
    entry = result(terms, alternatives="*1/*9", phenotype_certain=True, **call)
    assert entry["not_a_call"]["phenotype_of_all"] == "Normal Metabolizer"
    assert entry["phenotype"] is None and entry["result"] == "not_assessable"


def test_several_diplotypes_are_all_listed_and_their_phenotypes_compared(terms):
    same = result(terms, state="multiple", diplotype="*1/*6 OR *4/*9", phenotype="Poor Metabolizer")
    assert same["diplotypes"] == ["*1/*6", "*4/*9"]
    assert same["phenotypes_agree"] is True and same["result"] == "found"
    differ = result(terms, state="multiple", diplotype="A OR B", phenotype="Poor Metabolizer OR Normal Metabolizer")
    assert differ["phenotypes_agree"] is False
    assert differ["result"] == "not_assessable" and "different phenotypes" in differ["reason"]
    none = result(terms, state="multiple", diplotype="A OR B", phenotype="n/a")
    assert none["phenotypes_agree"] is False and none["phenotype"] is None


def test_probabilities_stand_beside_a_call_only_and_say_what_they_assume(terms):
    given = {"state": "multiple", "diplotype": "*1/*6 OR *4/*9", "phenotype": "Normal Metabolizer"}
    entry = result(terms, **given, probabilities="*1/*6 0.96; *4/*9 0.04 (Korean, a source)", phase_source="reads")
    assert entry["diplotype"] == "*1/*6 OR *4/*9" and entry["phase_source"] == "reads"
    assert entry["probabilities"].startswith("*1/*6 0.96") and "Hardy-Weinberg" in entry["probabilities_assume"]
    entry = result(terms, **given, probabilities="not computed: no population is given")
    assert entry["probabilities"] == "not computed: no population is given" and entry["probabilities_assume"] is None
    entry = result(terms, **given | {"state": "not_assessable"}, probabilities="*1/*6 0.96")
    assert entry["probabilities"] is None


def test_no_call_has_a_reason_and_keeps_a_phenotype_that_one_position_gives(terms):
    nothing = result(terms, state="no_call")
    assert nothing["result"] == "not_assessable" and nothing["reason"]
    known = result(terms, state="no_call", phenotype="Decreased Function", reason="Taken from rs4149056 alone.")
    assert known["result"] == "found" and known["diplotype"] is None


@pytest.mark.parametrize("phenotype", ["Intermediate Metabolizer", "Normal Metabolizer"])
def test_research_genes_are_neither_found_nor_absent_and_say_why(terms, phenotype):
    call = {"gene": "CYP2D6", "diplotype": "*1/*4", "phenotype": phenotype, "research": True}
    entry = result(terms, **call)
    assert entry["research"] is True and entry["diplotype"] == "*1/*4"
    assert entry["result"] == "not_assessable" and group_of(entry) == "research"
    assert "copy number not seen" in entry["note"].lower() and "research use only" in entry["reason"]
    kinds = {item["title"]: item["kind"] for item in report(terms, calls=[CALL | call])["summary"]}
    assert kinds["1 of 1 pharmacogenes for research use only"] == "not_assessable" and "found" not in kinds.values()


def test_note_on_a_phenotype_is_only_told_with_it(terms):
    assert "does not exclude" in result(terms, gene="RYR1", phenotype="Uncertain Susceptibility")["note"]
    assert result(terms, gene="RYR1", phenotype="n/a")["note"] is None


def test_what_was_not_agreed_to_is_withheld_even_if_rows_are_given(terms):
    call = CALL | {"diplotype": "*2/*2", "phenotype": "Poor Metabolizer"}
    match = {"score": "S", "variants": 1, "matched": 1, "match_rate": 1.0}
    content = report(
        terms,
        calls=[call],
        matches=[match],
        scores=[{"sample": "P", "score": "S", "sum": 1.0}],
        consents={"any": frozenset({"P"}), "research": frozenset({"P"})},
    )
    assert content["pharmacogenes"] == [] and content["scores"] == []
    for name in ("pharmacogenes", "scores", "findings", "carriers"):
        assert content["sections"][name]["agreed"] is False
        assert "did not agree" in content["sections"][name]["reason"]
    assert "*2/*2" not in str(content)


def test_stage_that_did_not_run_is_said(terms):
    content = report(terms, stages={})
    assert content["sections"]["pharmacogenes"] == {
        "shown": False,
        "agreed": True,
        "reason": "Pharmacogenes were not called in this run.",
    }


def test_no_row_of_an_agreed_section_is_said(terms):
    assert report(terms)["sections"]["scores"]["reason"] == "No result was made for this person."


def test_nothing_stands_out_is_said_only_of_what_was_assessed(terms):
    content = report(terms, calls=[CALL | {"diplotype": "*1/*1", "phenotype": "Normal Metabolizer"}])
    assert content["summary"][0]["title"] == "Nothing stands out among what could be assessed."
    assert any(item["title"] == "Quality not assessable" for item in content["summary"])


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (["absent", "absent"], "Nothing stands out among what could be assessed."),
        (["absent", "not_assessable"], "1 of 2 genes could be assessed; nothing stands out in them."),
        (["not_assessable", "not_assessable"], "No gene could be assessed: nothing can be concluded."),
    ],
)
def test_genes_of_findings_that_could_not_be_assessed_are_no_good_news(terms, states, said):
    row = {"list": "secondary", "share": 0.1, "reason": "not looked at", "basis": None}
    rows = [row | {"gene": f"G{n}", "state": state} for n, state in enumerate(states)]
    consents = {"any": frozenset({"P"}), "findings": frozenset({"P"})}
    content = report(terms, gene_states=rows, consents=consents, stages={"findings": True, "annotation": True})
    titles = [item["title"] for item in content["summary"]]
    unread = states.count("not_assessable")
    assert titles[0] == said
    assert (f"{unread} of 2 genes not assessable for findings" in titles) == bool(unread)


def test_assumption_about_absent_sites_stands_out(terms):
    content = report(terms, absent_sites="reference")
    assert any(item["kind"] == "assumption" for item in content["summary"])
    assert "taken to carry the reference" in content["context"]["absent_sites_meaning"]


def test_score_without_a_sum_gives_its_reason(terms):
    matches = [
        {"score": "A", "variants": 10, "matched": 4, "match_rate": 0.4, "status": "not_assessable"},
        {"score": "B", "variants": 10, "matched": 9, "match_rate": 0.9, "status": "found"},
        {"score": "C", "variants": 10, "matched": 0, "match_rate": 0.0, "reason": "no variant matches"},
    ]
    scores = [{"sample": "P", "score": "B", "sum": -0.5, "denominator": 18.0}]
    a, b, c = report(terms, matches=matches, scores=scores)["scores"]
    assert a["result"] == "not_assessable" and "40.0" in a["reason"] and "75.0" in a["reason"]
    assert b["result"] == "found" and b["sum"] == -0.5 and b["reason"] is None
    assert c["reason"] == "no variant matches"
    assert b["percentile"] is None and b["absolute_risk"] is None


def test_ref_that_could_not_be_checked_is_counted():
    assert "not checked" in context(reference_checked=False).reference_statement
    assert "7 of 1,000 records" in context(unchecked=7, records=1000).reference_statement
    lifted = {"chain": "x.chain", "files_lifted": 2, "swapped": 1200, "lost": 3}
    assert "1,200 variants" in context(lifted=lifted).reference_statement
    assert "lifted" not in context(lifted=lifted | {"files_lifted": 0}).reference_statement
    assert "not recorded" in context(reference_checked=None).reference_statement


def test_a_call_made_elsewhere_says_so_and_is_free_of_what_holds_for_variants(terms):
    call = {"gene": "CYP2D6", "diplotype": "*1/*1x2", "phenotype": "Ultrarapid Metabolizer", "origin": "outside"}
    entry = result(terms, **call)
    assert (entry["result"], entry["origin"], entry["note"]) == ("found", "outside", None)
    assert result(terms, gene="CYP2D6", origin="variants")["note"]


def test_a_call_beside_which_a_null_variant_is_carried_is_never_good_news(terms):
    also = "T1.1:c.9A>T p.(Arg3Ter) (stop gained, heterozygous)"
    entry = result(terms, diplotype="*1/*1", phenotype="Normal Metabolizer", also_carried=f"{also}; chr1:5 A>T (x)")
    assert (entry["result"], entry["state"], entry["diplotype"]) == ("not_assessable", "called", "*1/*1")
    assert entry["also_carried"] == [also, "chr1:5 A>T (x)"] and "is not certain" in entry["reason"]
    assert group_of(entry) == "undetermined"
    assert result(terms, phenotype="Poor Metabolizer", also_carried=also)["result"] == "found"
    assert result(terms, phenotype="Normal Metabolizer")["also_carried"] == []


def test_a_contradicted_call_is_never_good_news(terms):
    entry = result(
        terms, phenotype="Normal Metabolizer", origin="outside", contradicted=True, reason="The file differs."
    )
    assert entry["result"] == "not_assessable" and entry["reason"] == "The file differs."
    assert result(terms, phenotype="Poor Metabolizer", origin="outside", contradicted=True)["result"] == "found"


@pytest.mark.parametrize("state", ["called", "multiple"])
def test_nothing_is_absent_that_another_reading_would_find(terms, state):
    call = {"state": state, "phenotype": "Normal Metabolizer", "reason": "In another phase it is Poor Metabolizer."}
    assert result(terms, **call, phenotype_certain=True)["result"] == "absent"
    entry = result(terms, **call, phenotype_certain=False)
    assert entry["result"] == "not_assessable" and entry["reason"] == "In another phase it is Poor Metabolizer."
    assert result(terms, state=state, phenotype="Poor Metabolizer", phenotype_certain=False)["result"] == "found"


@pytest.mark.parametrize(
    ("phenotype", "expected"),
    [
        ("*57:01 positive; *58:01 negative", "found"),
        ("*57:01 positive; *58:01 not_assessable", "found"),
        ("*57:01 negative; *58:01 negative", "absent"),
        ("*57:01 negative; *58:01 not_assessable", "not_assessable"),
        ("*31:01 negative", "absent"),
    ],
)
def test_answers_for_hla_alleles(terms, phenotype, expected):
    assert result(terms, gene="HLA-B", phenotype=phenotype, origin="outside")["result"] == expected


@pytest.mark.parametrize(
    ("risk", "expected"), [("normal", "absent"), ("uncertain", "not_assessable"), ("increased", "found")]
)
def test_risks_of_mitochondrial_changes(terms, risk, expected):
    found = result(terms, gene="MT-RNR1", phenotype=f"{risk} risk of aminoglycoside-induced hearing loss")
    assert found["result"] == expected


def test_a_failed_sample_gets_no_result_and_the_report_says_why(terms):
    failed = {"status": "fail", "reasons": "call_rate 0.9000 is below 0.95", "call_rate": 0.9}
    why = "Withheld: the sample failed quality control (call_rate 0.9000 is below 0.95)."
    call = CALL | {"diplotype": "*1/*2", "phenotype": "Poor Metabolizer"}
    content = report(terms, calls=[call], quality=failed | {"withheld": why})
    assert content["pharmacogenes"] == [] and content["scores"] == []
    assert content["sections"]["pharmacogenes"]["agreed"] and not content["sections"]["pharmacogenes"]["shown"]
    assert "call rate 0.9000 is below 0.95" in content["sections"]["pharmacogenes"]["reason"]
    assert "Poor Metabolizer" not in str(content)
    flagged = report(terms, calls=[call], quality=failed | {"withheld": None})
    assert flagged["pharmacogenes"] and not flagged["usable"]


@pytest.mark.parametrize(
    ("gene", "diplotype", "named"),
    [
        ("F5", "rs6025 Factor V Leiden (T)/rs6025 reference (C)", "factor V Leiden"),
        ("F2", "rs1799963 Prothrombin 20210A/rs1799963 reference (G)", "prothrombin 20210A"),
    ],
)
def test_a_clotting_factor_is_shown_by_its_diplotype_and_never_as_usual(terms, gene, diplotype, named):
    for found in (diplotype, "/".join([diplotype.split("/")[1]] * 2)):
        entry = result(terms, gene=gene, diplotype=found, phenotype="n/a")
        assert (entry["diplotype"], entry["phenotype"], group_of(entry)) == (found, None, "undetermined")
        assert "assign no phenotype" in entry["reason"] and named in entry["note"]
    entry = result(terms, gene=gene, state="not_assessable", reason="not read")
    assert (entry["diplotype"], group_of(entry)) == (None, "not_assessable")
