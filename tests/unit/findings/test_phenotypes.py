"""Genes of phenotypes against similarities calculated by hand on a small ontology.

Eight genes; by the terms of its own and of its descendants a term has: focal 2 genes (A, G), generalized 1 (C), seizure
4 (A, B, C, G), nervous 5 (and D), short stature 2 (E, G), growth 3 (and F), the root of phenotypes all.
"""

import math
from pathlib import Path

import pytest

from permed.errors import Fault
from permed.findings.checks import check_findings
from permed.findings.ontology import read_ontology
from permed.findings.phenotypes import MODE, NO_GENE, NO_TERM, find_terms, read_phenotypes
from permed.findings.ranking import MOST_GENES, Ranking
from permed.samples import Person

ONTOLOGY = (Path(__file__).parent / "hp.obo").read_text()
GENES = {
    "A": ("HP:0007359", "HP:0000006"),
    "B": ("HP:0001250",),
    "C": ("HP:0002197",),
    "D": ("HP:0000707",),
    "E": ("HP:0000003",),
    "F": ("HP:0001507",),
    "G": ("HP:0004322", "HP:0007359"),
    "H": ("HP:0000118",),
}
FOCAL, SEIZURE, SHORT = "HP:0007359", "HP:0001250", "HP:0004322"
LN = math.log


@pytest.fixture
def files(tmp_path):
    """The table of phenotypes and the ontology."""
    obo, table = tmp_path / "hp.obo", tmp_path / "genes_to_phenotype.txt"
    obo.write_text(ONTOLOGY)
    names = {}
    for stanza in ONTOLOGY.split("\n[Typedef]")[0].split("\n[Term]\n")[1:]:
        fields = dict(line.split(": ", 1) for line in stanza.strip().splitlines() if ": " in line)
        names[fields["id"]] = fields["name"]
    rows = [f"1\t{gene}\t{term}\t{names[term]}\t-\tOMIM:1\n" for gene, terms in GENES.items() for term in terms]
    table.write_text("ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n" + "".join(rows))
    return table, obo


@pytest.fixture
def with_ontology(files):
    table, obo = files
    ontology = read_ontology(obo)
    return Ranking(read_phenotypes(table, ontology), ontology, "table")


@pytest.fixture
def without(files):
    return Ranking(read_phenotypes(files[0]), None, "table")


def test_information_is_that_of_the_genes_with_a_term_or_a_more_special_one(with_ontology, without):
    expected = {
        FOCAL: LN(4),
        "HP:0002197": LN(8),
        SEIZURE: LN(2),
        "HP:0000707": LN(8 / 5),
        SHORT: LN(4),
        "HP:0001507": LN(8 / 3),
        "HP:0000118": 0,
        "HP:0000001": 0,
    }
    assert with_ontology.information == pytest.approx(expected)
    own = {FOCAL: LN(4), SHORT: LN(8), SEIZURE: LN(8), "HP:0000003": LN(8)}
    assert {term: without.information[term] for term in own} == pytest.approx(own)


def test_a_special_term_finds_genes_of_general_ones_by_what_these_tell(with_ontology):
    ranked, genes = with_ontology.rank([FOCAL])
    assert {gene: (about["rank"], about["score"]) for gene, about in ranked.items()} == {
        "A": (1, pytest.approx(LN(4), abs=1e-8)),
        "G": (1, pytest.approx(LN(4), abs=1e-8)),
        "B": (3, pytest.approx(LN(2), abs=1e-8)),
        "D": (4, pytest.approx(LN(8 / 5), abs=1e-8)),
    }, "C has a sister term alone, and H one that every gene has"
    assert genes == 4
    assert ranked["A"]["terms"] == "Focal-onset seizure (HP:0007359)"
    assert (
        ranked["B"]["terms"] == "Focal-onset seizure (HP:0007359): the gene has the more general Seizure (HP:0001250)"
    )
    assert (ranked["A"]["modes"], ranked["B"]["modes"]) == (["AD"], [])
    assert with_ontology.similar(FOCAL)[with_ontology.genes.index("C")] == pytest.approx(LN(2)), (
        "by their common ancestor"
    )


def test_the_best_matches_are_averaged_over_the_persons_terms(with_ontology):
    ranked, _ = with_ontology.rank([SEIZURE, SHORT])
    expected = {
        "G": (1, (LN(2) + LN(4)) / 2),
        "E": (2, LN(4) / 2),
        "F": (3, LN(8 / 3) / 2),
        "A": (4, LN(2) / 2),
        "B": (4, LN(2) / 2),
        "C": (4, LN(2) / 2),
        "D": (7, LN(8 / 5) / 2),
    }
    assert list(ranked) == list(expected)
    assert [about["rank"] for about in ranked.values()] == [rank for rank, _ in expected.values()]
    assert [about["score"] for about in ranked.values()] == pytest.approx([score for _, score in expected.values()])
    assert ranked["G"]["terms"] == (
        "Seizure (HP:0001250): the gene has the more special Focal-onset seizure (HP:0007359); "
        "Short stature (HP:0004322)"
    )


def test_without_an_ontology_terms_match_as_they_are(without):
    assert list(without.rank([FOCAL])[0]) == ["A", "G"]
    assert list(without.rank([SEIZURE])[0]) == ["B"]
    assert list(without.rank([SHORT])[0]) == ["G"], "E has an identifier that was replaced"


def test_genes_that_fit_as_well_as_the_last_one_are_not_left_out(files):
    table, obo = files
    many = "".join(f"1\tM{n:04d}\tHP:0002197\tGeneralized-onset seizure\t-\tOMIM:1\n" for n in range(MOST_GENES + 5))
    table.write_text(table.read_text() + many)
    ontology = read_ontology(obo)
    ranking = Ranking(read_phenotypes(table, ontology), ontology, "table")
    ranked, genes = ranking.rank(["HP:0002197"])
    assert {about["rank"] for about in ranked.values()} == {1}
    assert len(ranked) == MOST_GENES + 6, "and C, but not the worse ones"
    assert genes == MOST_GENES + 8, "B and D have more general terms"


@pytest.mark.parametrize(
    ("text", "term", "reason"),
    [
        ("HP:0001250", SEIZURE, None),
        ("hp:0001250 since childhood", SEIZURE, None),
        ("seizure", SEIZURE, None),
        ("HP:0002279", SEIZURE, "HP:0002279 is now HP:0001250"),
        ("HP:0000003", SHORT, "HP:0000003 is now HP:0004322"),
        ("HP:0000008", None, "HP:0000008 is obsolete; consider HP:0004322 or HP:0001507"),
        ("HP:9999999", None, "HP:9999999 is not in the ontology"),
        ("Rare sign", "HP:0012345", None),
        ("Autosomal dominant inheritance", None, MODE),
        ("fits", None, NO_TERM),
    ],
)
def test_what_a_text_of_the_sheet_means(files, text, term, reason):
    ontology = read_ontology(files[1])
    (told,) = find_terms([text], read_phenotypes(files[0], ontology), ontology)
    assert (told.term, told.reason) == (term, reason)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("is_a: HP:0000707 {", "is_a: HP:0000700 {", "line 19: HP:0001250 is_a HP:0000700, which is not there"),
        ("is_a: HP:0000001 ! All", "is_a: HP:0007359", "is more general than itself"),
        ("id: HP:0002197", "id: HP:0007359", "line 31: HP:0007359 is also on line 26"),
        ("[Term]", "[Other]", "there is no \\[Term\\] in it"),
    ],
)
def test_a_faulty_ontology_names_the_line(files, old, new, said):
    files[1].write_text(ONTOLOGY.replace(old, new))
    with pytest.raises(Fault, match=said):
        read_ontology(files[1])


def test_identifiers_that_cannot_be_meant_are_faults_of_their_line(files, tmp_path):
    texts = ("HP:0001250", "HP:9999999", "HP:0000008", "HP:00012501", "HP 1250", "fits", "HP:0002279")
    people = [
        Person("P1", consent=frozenset({"findings"}), phenotypes=texts, line=2),
        Person("P2", consent=frozenset({"scores"}), phenotypes=texts, line=3),
    ]
    given = {"phenotypes": str(files[0]), "ontology": str(files[1])}
    faults = check_findings(given, tmp_path / "results", people, "samples.tsv")
    assert [(fault.sample, fault.line) for fault in faults] == [("P1", 2)] * 4
    for said, fault in zip(("not in the ontology", "obsolete", "HP:00012501", "HP 1250"), faults, strict=True):
        assert said in str(fault)
    del given["ontology"]
    assert len(check_findings(given, tmp_path / "results", people, "samples.tsv")) == 2, "those of no identifier's form"
    (lone,) = check_findings({"ontology": str(files[1])}, tmp_path / "results", people, "samples.tsv")
    assert "without a table of phenotypes" in str(lone)


def test_a_table_of_other_terms_than_the_ontology_is_a_fault(files, tmp_path):
    files[0].write_text("gene_symbol\thpo_id\thpo_name\nA\tHP:7777777\tElse\n")
    (fault,) = check_findings({"phenotypes": str(files[0]), "ontology": str(files[1])}, tmp_path / "results")
    assert "none of its terms" in str(fault)


def test_a_gene_of_a_more_special_term_is_looked_at_and_says_so(run, files):
    files[0].write_text(
        "gene_symbol\thpo_id\thpo_name\nDOM\tHP:0007359\tFocal-onset seizure\nREC\tHP:0004322\tShort stature\n"
        "DOM\tHP:0000006\tAutosomal dominant inheritance\n"
    )
    texts = {"P1": "seizure;Rare sign;fits", "P2": "HP:0007359"}
    people = [{"sample": name, "phenotypes": text} for name, text in texts.items()]
    made = run.planted([["0/1", "0/1"]], [run.variant(110, "DOM")], people=people)
    made.lists = {"phenotypes": files[0]}
    made.find()
    assert set(made.findings["sample"]) == {"P2"}
    assert set(made.told["matching"]) == {"exact"}
    made.lists["ontology"] = files[1]
    made.find()
    (row,) = made.findings.filter(sample="P1").to_dicts()
    assert (row["rank"], row["reportable"], row["similarity"]) == (1, "yes", pytest.approx(LN(2) / 2, abs=1e-8))
    assert row["matched_terms"].endswith("the gene has the more special Focal-onset seizure (HP:0007359)")
    told = made.told.filter(sample="P1").select("phenotype", "term", "reason", "genes", "looked_at").rows()
    assert told == [
        ("seizure", SEIZURE, None, 1, 1),
        ("Rare sign", "HP:0012345", NO_GENE, 1, 1),
        ("fits", None, NO_TERM, 1, 1),
    ]


def test_a_mode_of_inheritance_is_no_phenotype_and_taken_for_no_simpler_one(run, files):
    files[0].write_text(
        "gene_symbol\thpo_id\thpo_name\nDOM\tHP:0001250\tSeizure\nREC\tHP:0001250\tSeizure\n"
        "DOM\tHP:0000012\tAutosomal dominant inheritance with imprinting\n"
        "REC\tHP:0000006\tAutosomal dominant inheritance\n"
    )
    table = read_phenotypes(files[0], read_ontology(files[1]))
    named = "Autosomal dominant inheritance with imprinting"
    assert table["mode"].drop_nulls().to_list() == [named, "AD"]
    people = [{"sample": "P1", "phenotypes": "seizure"}]
    made = run.planted([["0/1"], ["0/1"]], [run.variant(110, "DOM"), run.variant(310, "REC")], people=people)
    made.lists = dict(zip(("phenotypes", "ontology"), files, strict=True))
    made.find()
    assert made.answers("diagnostic") == {("P1", "DOM"): "possible", ("P1", "REC"): "yes"}
    assert named in made.findings.filter(gene="DOM")["reason"][0]
