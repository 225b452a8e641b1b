"""What callers write: their words for no result, and their spellings of the same diplotypes."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from permed.errors import Fault
from permed.pharmacogenes.calling.gene import COLUMNS
from permed.pharmacogenes.outside.files import read_outside
from permed.pharmacogenes.outside.lines import Knowledge, OutsideCall, read_line
from permed.pharmacogenes.outside.rows import unanswered, with_outside, with_typing
from permed.pharmacogenes.outside.spelling import read_diplotype
from permed.pharmacogenes.outside.words import is_no_result


@pytest.fixture
def row(tmp_path, guided, known, words):
    """The row of S1 for the gene of the first line; ``own`` is what the variants gave."""

    def run(text, **own):
        path = tmp_path / "out.tsv"
        path.write_text(text, encoding="utf-8")
        found = read_outside([(path, "S1")], ["S1"], known, guided, words)
        assert not found.faults
        gene = text.split("\t")[0]
        blank = unanswered(["S1"], gene, "1", COLUMNS)
        calls = [call for call in found.calls if call.gene == gene]
        if gene in guided:
            return with_typing(blank, calls, guided[gene]).row(0, named=True)
        blank = blank.with_columns(**{name: pl.lit(value, blank.schema[name]) for name, value in own.items()})
        return with_outside(blank, calls, known[gene]).row(0, named=True)

    return run


@pytest.mark.parametrize(
    "word",
    "NO_READS/NO_READS NO_MATCH no_match/NO_MATCH None none Indeterminate INDETERMINATE Unknown/Unknown ./. ?/? . "
    "No_call NA n/a Multiple/Multiple [None] -/-".split()
    + ["No call", "Not typed/Not typed", "Not typed"],
)
@pytest.mark.parametrize("gene", ["CYP2D6", "CYP2C19", "HLA-B", "G6PD", "MT-RNR1"])
def test_no_result_is_not_assessable_in_the_callers_word(row, gene, word):
    called = row(f"{gene}\t{word}\n", state="called", diplotype="*1/*1", lookup_diplotype="*1/*1")
    assert (called["state"], called["diplotype"], called["phenotype"]) == ("not_assessable", None, None)
    assert called["origin"] == "outside" and not called["phenotype_certain"]
    assert f"says {word}: no result" in called["reason"] and "out.tsv line 1" in called["reason"]
    if gene != "HLA-B":
        assert "The variants gave *1/*1." in called["reason"]


@pytest.mark.parametrize("name", ["*1/*4", "*57:01/*07:02", "Reference", "*1/None", "B (reference)", "", "nonesuch"])
def test_results_are_no_such_words(words, name):
    assert not is_no_result(name, words)


def test_no_result_beside_a_stated_phenotype_is_told_and_not_taken(row):
    called = row("CYP2D6\tNone\tPoor Metabolizer\n")
    assert called["state"] == "not_assessable" and "None, Poor Metabolizer" in called["reason"]
    stated = row("CYP2D6\t\tIndeterminate\n")
    assert (stated["state"], stated["phenotype"]) == ("called", "Indeterminate")
    assert row("CYP2C19\t\tUnknown\n")["state"] == "not_assessable"


def test_no_result_of_one_caller_leaves_the_result_of_another(row):
    called = row("CYP2D6\tNone\nCYP2D6\t*1/*4\n")
    assert (called["state"], called["diplotype"]) == ("called", "*1/*4")
    assert "Line 1 of out.tsv says None" in called["reason"]


def test_a_line_that_cannot_be_read_leaves_nothing_of_its_gene(row):
    called = row("CYP2D6\t*1/*999\nCYP2D6\t*1/*4\n", state="called", diplotype="*1/*1", lookup_diplotype="*1/*1")
    assert (called["state"], called["diplotype"]) == ("not_assessable", None)
    assert "Line 1 of out.tsv cannot be read: CYP2D6 has no allele *999." in called["reason"]
    assert "The variants gave *1/*1." in called["reason"]


# Every spelling of a row means the same.
SAME = [
    (
        "CYP2D6",
        "*1/*4",
        ["CYP2D6*1/CYP2D6*4", "CYP2D6*1/*4", "CYP2D6 *1/*4", "cyp2d6*1/cyp2d6*4", "(*1)/(*4)"],
    ),
    ("CYP2D6", "*1/*4", ["*1.001/*4.013", "*1/*4.001", "*1 / *4", "[*1]/[*4]", "*1|*4", "*1/*4N"]),
    ("CYP2D6", "*1/*68 + *4", ["*1/[*4 + *68]", "*1/[*68+*4]", "*1/(*4+*68)", "*68+*4/*1", "*1/{*4+*68}"]),
    ("CYP2D6", "*1/*68 + *4", ["*1/*4.001+*68", "CYP2D6*68+CYP2D6*4/CYP2D6*1", "*1/[*68]+[*4]", "[*1]/[*68+*4]"]),
    (
        "CYP2D6",
        "*1/*4x2",
        ["*1/*4N+*4", "*1/[*4N + *4]", "*1/*4.013+*4", "*1/*4+*4", "*1/[*4]x2", "*1/*4×2"],
    ),
    ("CYP2D6", "*5/*36x2 + *10x2", ["*5/[*36+*10]x2", "*5/*36x2+*10x2", "(*36+*10)x2/*5"]),
    ("UGT1A1", "*36/*80+*28", ["*36/[*80 + *28]", "*36/*80+*28", "*36/*28+*80", "*36/(*80+*28)", "*80 + *28/*36"]),
    (
        "DPYD",
        "Reference/c.1129-5923C>G, c.1236G>A (HapB3)",
        [
            "Reference/HapB3",
            "Reference/hapb3",
            "reference/c.1129-5923C>G,c.1236G>A(HapB3)",
            "Reference/c.1129-5923C>G/c.1236G>A (HapB3)",
            "Reference/c.1236G>A/HapB3",
            "Reference/c.1236G>A (HapB3)",
            "Reference/c.[1129-5923C>G;1236G>A]",
            "DPYD Reference/DPYD HapB3",
            "*HapB3/Reference",
        ],
    ),
    (
        "DPYD",
        "Reference/c.1905+1G>A (*2A)",
        ["Reference/*2A", "*1/*2A", "Reference/c.1905+1G>A", "c.1905+1G>A(*2A)/Reference"],
    ),
    ("SLCO1B1", "*1/*45", ["*1/*45"]),
    ("HLA-B", "*07:02/*57:01", ["*5701/*0702", "B*5701/B*0702", "HLA-B*57:01/HLA-B*07:02", "57:01/07:02"]),
]


@pytest.mark.parametrize(
    ("gene", "diplotype", "spelling"), [(gene, means, text) for gene, means, texts in SAME for text in texts]
)
def test_spellings_that_mean_the_same(row, gene, diplotype, spelling):
    called, plain = (row(f"{gene}\t{text}\n") for text in (spelling, diplotype))
    assert called["state"] == "called", called["reason"]
    for name in ("lookup_diplotype", "activity_score", "phenotype", "phenotype_certain"):
        assert called[name] == plain[name]
    assert called["phenotype"] and called["phenotype_certain"]


def test_a_suballele_is_told_and_one_of_the_tables_stays(row):
    assert "*4.013 of the file is a suballele of *4, and counts as *4." in row("CYP2D6\t*1/*4.013\n")["reason"]
    assert "*4N of the file is *4.013, a suballele of *4" in row("CYP2D6\t*1/*4N+*4\n")["reason"]
    own = row("SLCO1B1\t*1/*45.002\n")
    assert own["diplotype"] == "*1/*45.002" and "counts as" not in own["reason"]


def test_several_diplotypes_of_a_line_are_multiple(row):
    called = row("CYP2D6\t*1/*46;*43/*45\n")
    assert (called["state"], called["diplotype"]) == ("multiple", "*1/*46 OR *43/*45")
    assert not called["phenotype_certain"]
    agreed = row("CYP2D6\t*1/*4 or *2/*4\n")
    assert (agreed["state"], agreed["phenotype"]) == ("multiple", "Intermediate Metabolizer")
    assert agreed["phenotype_certain"] and agreed["reason"].count("line 1") == 1


def test_copies_of_which_allele_is_not_known_are_every_reading(row):
    called = row("CYP2D6\t(*1/*4)xN\n")
    assert (called["state"], called["diplotype"]) == ("multiple", "*1x≥2/*4 OR *1/*4x≥2")
    assert not called["phenotype_certain"] and "every reading" in called["reason"]
    counted = row("CYP2D6\t(*1/*4)x3\n")
    assert set(counted["diplotype"].split(" OR ")) == {"*1x2/*4", "*1/*4x2", "*1x3/*4", "*1/*4x3"}
    both = row("CYP2D6\t(*4/*4)xN\n")
    assert (both["state"], both["phenotype"]) == ("called", "Poor Metabolizer")


def test_a_pair_in_brackets_is_the_callers_doubt(row):
    called = row("CYP2D6\t[*1/*31]\n")
    assert (called["state"], called["diplotype"]) == ("called", "*1/*31")
    assert not called["phenotype_certain"] and "in brackets" in called["reason"]


def test_a_callers_own_variety_of_an_allele_is_not_certain(row):
    called = row("CYP2D6\t*10/*36.ALDY+*10\n")
    assert (called["state"], called["diplotype"]) == ("called", "*10/*36 + *10")
    assert not called["phenotype_certain"] and "*36.ALDY of the file is the caller's own variety" in called["reason"]


def test_half_of_a_typing_is_one_typed_chromosome(row):
    called = row("HLA-B\t*57:01/None\n")
    assert "*57:01 positive" in called["phenotype"] and "*58:01 not_assessable" in called["phenotype"]
    assert row("HLA-B\tNone/*07:02\n")["state"] == "not_assessable"


def test_a_phenotype_that_contradicts_our_own_is_not_certain(row):
    ours = {"state": "called", "diplotype": "*1/*1", "lookup_diplotype": "*1/*1", "phenotype_certain": True}
    ours["phenotype"] = "Normal Metabolizer"
    other = row("CYP2C19\t*2/*2\n", **ours)
    assert (other["state"], other["phenotype"]) == ("called", "Poor Metabolizer")
    assert not other["phenotype_certain"] and "contradicts the call made elsewhere" in other["reason"]
    for same in ("*1/*38", "*1/*1"):
        assert row(f"CYP2C19\t{same}\n", **ours)["phenotype_certain"]
    unsure = ours | {"phenotype_certain": False}
    assert row("CYP2C19\t*2/*2\n", **unsure)["phenotype_certain"]
    research = ours | {"research": True}
    called = row("CYP2D6\t*1/*4x2\n", **research)
    assert called["phenotype_certain"] and "The variants gave *1/*1." in called["reason"]


PIECES = st.sampled_from(
    "* 1 4 36 68 10 x2 xN ≥3 . .013 + / ; [ ] ( ) { } _ | N - ? ALDY None CYP2D6 HapB3 c.1905+1G>A or ≥ 57:01 B".split()
    + [" ", " OR ", "*1", "*4", "/*1", ";", "*5701"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES, min_size=1, max_size=9).map("".join),
    st.sampled_from(["CYP2D6", "UGT1A1", "DPYD", "HLA-B", "G6PD"]),
)
@example(";", "CYP2D6")
@example(";;", "HLA-B")
def test_any_text_is_read_or_told_and_never_fails(known, words, guided, text, gene):
    """Whatever a cell holds: alleles of the tables, no result, or a fault that says what is wrong."""
    knowledge = Knowledge(known, guided, words)
    try:
        calls = read_line(OutsideCall("S1", gene, "out.tsv", 1), [gene, text], knowledge)
    except Fault as fault:
        assert fault.fault and fault.remedy
        return
    assert calls
    for call in calls:
        assert call.no_result or call.strands or call.typed
        if call.strands:
            found = known[gene].translate(list(call.strands))
            assert found.label and (found.phenotypes or found.score is None or found.score == "n/a")


def test_every_allele_of_the_tables_is_read_as_itself(known):
    """In any pair, with the gene's name before it: no spelling that is forgiven takes another's place."""
    for gene in known.values():
        for name in gene.alleles:
            pair = "/".join([name] * gene.strands[0])
            plain = gene.components(name)
            for text in (pair, f"{gene.name} {pair}", pair.replace(name, f"{gene.name}{name}")):
                reading = read_diplotype(gene, text)
                assert reading.diplotypes == ((plain,) * gene.strands[0],), (gene.name, text)
                assert not reading.said and not reading.doubted
            assert gene.translate([plain] * gene.strands[0]).label


@pytest.mark.parametrize(
    ("line", "diplotype", "phenotype"),
    [
        ("NUDT15\t*1/*2", "*1/*3", "Intermediate Metabolizer"),  # *2 of before 2026 is *3 with four repeats
        ("NUDT15\t*2/*3", "*3/*3", "Poor Metabolizer"),
        ("NUDT15\t*1/*3", "*1/*3", "Intermediate Metabolizer"),
        (
            "F5\trs6025 reference (C)/rs6025 Factor V Leiden (T)",
            "rs6025 Factor V Leiden (T)/rs6025 reference (C)",
            "n/a",
        ),
    ],
)
def test_names_of_the_later_and_of_the_former_release(row, line, diplotype, phenotype):
    called = row(f"{line}\n")
    assert (called["state"], called["diplotype"], called["phenotype"]) == ("called", diplotype, phenotype)
