"""Calls made elsewhere: read line by line, checked by name, translated by the tables, and over our own calls."""

import re

import polars as pl
import pytest

from call_pharmacogenes import call_pharmacogenes
from permed.pharmacogenes.outside.files import read_outside

PEOPLE = ["S1", "S2"]


@pytest.fixture
def read(tmp_path, known, guided, words):
    """Read the text of one file; ``of`` is its one person, None for a file with a sample column."""

    def run(text, of="S1", wanted=("S1", "S2")):
        path = tmp_path / "outside.tsv"
        path.write_text(text, encoding="utf-8")
        return read_outside([(path, of or "")], list(wanted), known, guided, words)

    return run


@pytest.fixture
def calls(tmp_path, paths, make_vcf, genes):
    """Run the step over reference genotypes at some genes, with a file of outside calls of S1."""

    def run(text, only=("CYP2C19", "CYP2D6", "HLA-B"), of="S1", given=None):
        rows = []
        for name in set(only) & {"CYP2C19"}:
            for position in genes[name].positions:
                called = (given or {}).get(position.name, "0/0")
                rows.append((genes[name].contig, position.pos, position.ref, position.alts[0], called, "0/0"))
        rows = sorted(rows, key=lambda row: row[1]) or [("chr10", 5, "A", "C", "0/0", "0/0")]
        path = make_vcf(rows, samples=PEOPLE, contigs=[("chr10", 133797422)])
        consent, outside, to = tmp_path / "S.txt", tmp_path / "outside.tsv", tmp_path / "calls.parquet"
        consent.write_text("S1\nS2\n")
        outside.write_text(text, encoding="utf-8")
        call_pharmacogenes(
            [path],
            consent,
            paths,
            calls=to,
            absent_sites="missing",
            contigs=["chr10"],
            genes=list(only),
            outside=[outside],
            outside_samples=[of],
        )
        return {(row["sample"], row["gene"]): row for row in pl.read_parquet(to).iter_rows(named=True)}

    return run


# The example of PharmCAT's documentation of the format.
EXAMPLE = """\
CYP2D6\t*1/*3
CYP2C9\t\t\t2.0
G6PD\tB (wildtype)/B (wildtype)
HLA-B\t\t*57:01 positive
MT-RNR1\t1555A>G
"""
RISK = "{} risk of aminoglycoside-induced hearing loss"
DPYD = "Reference/c.1905+1G>A (*2A)"


def test_the_documented_example_is_read(read):
    found = read(EXAMPLE)
    assert not found.faults
    assert [(c.gene, c.strands, c.phenotype, c.score) for c in found.calls] == [
        ("CYP2D6", (("*1",), ("*3",)), None, None),
        ("CYP2C9", (), None, "2.0"),
        ("G6PD", (("B (reference)",), ("B (reference)",)), None, None),
        ("HLA-B", (), "*57:01 positive", None),
        ("MT-RNR1", (("m.1555A>G",),), None, None),
    ]
    assert {call.sample for call in found.calls} == {"S1"}


def test_comments_headers_and_line_ends_are_no_calls(read):
    found = read("# made elsewhere\r\ngene\tdiplotype\r\n\r\nCYP2D6\t*1x2/*2\t\t\t\r\n")
    assert not found.faults and [call.line for call in found.calls] == [4]


def test_a_sample_column_and_people_who_are_not_wanted(read):
    text = "sample\tgene\tdiplotype\nS1\tCYP2D6\t*1/*4\nS9\tNOGENE\tnonsense\nS2\tHLA-B\t*57:01/*07:02\n"
    found = read(text, of=None)
    assert not found.faults and found.others == {"S9"}
    assert [(call.sample, call.gene, call.line) for call in found.calls] == [("S1", "CYP2D6", 2), ("S2", "HLA-B", 4)]
    assert [call.sample for call in read(text, of=None, wanted=["S2"]).calls] == ["S2"]
    assert not read(text, of="S9").calls


def test_one_person_needs_no_sample_column(read):
    assert [call.sample for call in read(EXAMPLE, of=None, wanted=["S1"]).calls] == ["S1"] * 5
    assert [*read("CYP9Z9\t*1/*1\n", of=None, wanted=["S1"]).unknown.values()] == [["CYP9Z9"]]
    others = read("S3\tCYP2D6\t*1/*1\n", of=None, wanted=["S1"])
    assert not others.calls and others.others == {"S3"}
    faults = read(EXAMPLE, of=None).faults
    assert len(faults) == 5 and all("begins with the gene" in fault.fault for fault in faults)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("CYP2D6\t*1/*999", r"CYP2D6 has no allele \*999"),
        ("CYP2D6\t*1/*999x2", r"no allele \*999x2"),
        ("CYP2C19\t*1x2/*2", r"CYP2C19 has no allele \*1x2"),
        ("CYP2C19\t(*1/*2)xN", r"no allele \*1xN"),
        ("CYP2D6\t*1_*2_*68", "not assigned to the two chromosomes"),
        ("CYP2D6\t*1/*4.5", r"no allele \*4.5"),
        ("CYP2D6\t*1/*4.9x", r"no allele \*4.9x"),
        ("CYP2D6\t*2/*41+rs368858603", r"no allele \*41\+rs368858603"),
        ("CYP2D6\t*1/None", "no allele None"),
        ("CYP2D6\t*1/*4-like", r"no allele \*4-like"),
        ("DPYD\tReference/c.1236G>A", "no allele c.1236G>A"),
        ("HLA-B\t*9501/*07:02", "no pair of HLA-B alleles"),
        ("CYP2D6\t*1", "has 1 of the alleles"),
        ("CYP2D6\t*1/*2/*3", "has 3 of the alleles"),
        ("MT-RNR1\tReference/Reference", "has 2 of the alleles"),
        ("CYP2D6\t*1/", r"no allele \(empty\)"),
        ("CYP2D6", "a gene only"),
        ("CYP2D6\t\t\t", "a gene only"),
        ("CYP2D6 *1/*2\tx", "is no gene"),
        ("CYP2D6\t\tFast", "Fast is no phenotype of CYP2D6"),
        ("CYP2D6\t\t\tmuch", "much is no activity score"),
        ("CYP2D6\t\t\t1.1", "1.1 is no activity score"),
        ("CYP2C19\t\t\t2.0", "CYP2C19 has no activity score"),
        ("CYP2D6\t*1/*2\tNM\t2.0\textra", "more than the fields"),
        ("HLA-B\t*57:01/A*31:01", "no pair of HLA-B alleles"),
        ("HLA-B\t5701", "no pair of HLA-B alleles"),
        ("HLA-B\t\tpositive", "positive is no result of HLA-B"),
        ("HLA-B\t\t\t2", "HLA-B has no activity score"),
    ],
)
def test_a_line_that_cannot_be_read_is_a_fault_of_its_gene_alone(read, line, fault):
    found = read(f"# first\n{line}\nCYP2C9\t*1/*2\n")
    one, other = found.calls
    assert re.search(fault, one.unread) and not other.unread and not found.faults
    assert (one.file, one.line, one.sample) == ("outside.tsv", 2, "S1") and not (one.strands or one.typed)


@pytest.mark.parametrize("text", ["CYP2D6 *1/*2\n", "this is\nno table\n"])
def test_a_file_without_fields_is_refused(read, tmp_path, text):
    (fault,) = read(text).faults
    assert "no line has fields" in fault.fault
    assert (fault.file, fault.line) == (str(tmp_path / "outside.tsv"), 1) and fault.remedy


def test_a_file_that_is_no_text_or_not_there(tmp_path, known, guided):
    bad, none = tmp_path / "bad.tsv", tmp_path / "none.tsv"
    bad.write_bytes(b"CYP2D6\t*1/*1x\xff3\n")
    found = read_outside([(bad, "S1"), (none, "S2")], PEOPLE, known, guided)
    assert [fault.fault for fault in found.faults] == ["the text is not in UTF-8", "the file is not there"]


@pytest.mark.parametrize(
    ("line", "diplotype", "lookup", "score", "phenotype", "state"),
    [
        ("CYP2D6\t*1/*3", "*1/*3", "*1/*3", "1.0", "Intermediate Metabolizer", "called"),
        ("CYP2D6\t*2/*1x2", "*1x2/*2", "*1x2/*2", "3.0", "Ultrarapid Metabolizer", "called"),
        ("CYP2D6\t*1x≥3/*4", "*1x≥3/*4", "*1x≥3/*4", "≥3.0", "Ultrarapid Metabolizer", "called"),
        ("CYP2D6\t*1x5/*4", "*1x5/*4", "*1x≥3/*4", "≥3.0", "Ultrarapid Metabolizer", "called"),
        ("CYP2D6\t*4x2/*41", "*4x2/*41", "*4x2/*41", "0.25", "Intermediate Metabolizer", "called"),
        ("CYP2D6\t*36+*10/*5", "*5/*36 + *10", "*5/*36 + *10", "0.25", "Intermediate Metabolizer", "called"),
        ("CYP2D6\t*5/*68+*4", "*5/*68 + *4", "*5/*68 + *4", "0.0", "Poor Metabolizer", "called"),
        ("CYP2D6\t*2xN/*1", "*1/*2x≥2", "*1/*2x≥2", "≥3.0", "Ultrarapid Metabolizer", "called"),
        (
            "CYP2D6\t*2xN/*4",
            "*2x≥2/*4",
            "*2x≥2/*4",
            "≥2.0",
            "Normal Metabolizer OR Ultrarapid Metabolizer",
            "multiple",
        ),
        ("CYP2D6\t\tpoor metaboliser", None, None, None, "Poor Metabolizer", "called"),
        ("CYP2D6\t\tUM", None, None, None, "Ultrarapid Metabolizer", "called"),
        ("CYP2D6\t\t\t0.75", None, None, "0.75", "Intermediate Metabolizer", "called"),
        ("CYP2D6\t*1/*22", "*1/*22", "*1/*22", "n/a", "Indeterminate", "called"),
        ("CYP2C19\t*2/*1", "*1/*2", "*1/*2", None, "Intermediate Metabolizer", "called"),
        (
            f"DPYD\t{DPYD}",
            DPYD,
            DPYD,
            "1.0",
            "Intermediate Metabolizer",
            "called",
        ),
        ("UGT1A1\t*80+*28/*80+*28", "*80+*28/*80+*28", "*80+*28/*80+*28", None, "Poor Metabolizer", "called"),
        ("UGT1A1\t*80 + *28/*1", "*1/*80+*28", "*1/*80+*28", None, "Intermediate Metabolizer", "called"),
        (
            "DPYD\tReference/[c.85T>C (*9A) + c.1905+1G>A (*2A)]",
            "Reference/[c.85T>C (*9A) + c.1905+1G>A (*2A)]",
            DPYD,
            "1.0",
            "Intermediate Metabolizer",
            "called",
        ),
        ("CYP2C9\t[*2 + *3]/*1", "*1/[*2 + *3]", "*1/[*2 + *3]", None, None, "called"),
        ("G6PD\tA- 202A_376G", "A- 202A_376G", "A- 202A_376G", None, "Deficient", "called"),
        (
            "MT-RNR1\t1555A>G",
            "m.1555A>G",
            "m.1555A>G",
            None,
            RISK.format("increased"),
            "called",
        ),
        (
            "MT-RNR1\tm.961T>del+Cn",
            "m.961T>del+Cn",
            "m.961T>del+Cn",
            None,
            RISK.format("uncertain"),
            "called",
        ),
        ("CYP4F2\t*1/*3", "*1/*3", "*1/*3", None, None, "called"),
    ],
)
def test_translation_by_the_tables(calls, line, diplotype, lookup, score, phenotype, state):
    gene = line.split("\t")[0]
    row = calls(line + "\n", only=[gene])["S1", gene]
    assert (row["diplotype"], row["lookup_diplotype"]) == (diplotype, lookup)
    assert (row["activity_score"], row["phenotype"], row["state"]) == (score, phenotype, state)
    assert row["origin"] == "outside" and not row["research"] and not row["contradicted"]
    assert "outside.tsv line 1" in row["reason"] and row["missing_positions"] is None


def test_an_outside_call_stands_over_our_own_and_tells_it(calls):
    star1 = {"rs3758581": "1/1"}
    rows = calls("CYP2C19\t*1/*17\n", given=star1)
    row = rows["S1", "CYP2C19"]
    assert (row["state"], row["diplotype"], row["phenotype"]) == ("called", "*1/*17", "Rapid Metabolizer")
    assert "The variants gave *1/*1, Normal Metabolizer, which contradicts the call made elsewhere" in row["reason"]
    assert not row["phenotype_certain"] and not row["contradicted"]
    assert rows["S2", "CYP2C19"]["origin"] == "variants" and rows["S2", "CYP2C19"]["diplotype"] == "*38/*38"
    agreed = calls("CYP2C19\t*1/*1\n", given=star1)["S1", "CYP2C19"]
    assert "variants" not in agreed["reason"]


def test_genes_that_are_not_asked_for_stay_away(calls):
    assert set(calls("CYP2D6\t*1/*1\n", only=["CYP2C19"])) == {("S1", "CYP2C19"), ("S2", "CYP2C19")}


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        ("CYP2D6\t*1/*1\tPoor Metabolizer", "the phenotype Poor Metabolizer"),
        ("CYP2D6\t*1/*1\t\t4.0", "the activity score 4.0"),
        ("CYP2D6\t\tPM\t2.0", "the phenotype Poor Metabolizer"),
    ],
)
def test_contradictions_are_shown_and_flagged(calls, line, stated):
    row = calls(line + "\n")["S1", "CYP2D6"]
    assert row["contradicted"] and not row["phenotype_certain"]
    assert row["phenotype"] == "Normal Metabolizer" and stated in row["reason"]
    assert not calls("CYP2D6\t*1/*1\tNM\t2.0\n")["S1", "CYP2D6"]["contradicted"]
    assert not calls("CYP2D6\t*1x3/*1\tUM\t4.0\n")["S1", "CYP2D6"]["contradicted"]


def test_a_phenotype_of_no_table_is_the_files(calls):
    row = calls("CYP4F2\t*1/*3\tsomething\n", only=["CYP4F2"])["S1", "CYP4F2"]
    assert row["phenotype"] == "something" and "as the file states" in row["reason"]


def test_several_lines_of_a_gene_are_all_kept(calls):
    row = calls("CYP2D6\t*1x2/*2\nCYP2D6\t*1/*2x2\n")["S1", "CYP2D6"]
    assert (row["state"], row["diplotype"]) == ("multiple", "*1x2/*2 OR *1/*2x2")
    assert row["phenotype"] == "Ultrarapid Metabolizer" and row["phenotype_certain"]
    again = calls("CYP2D6\t*1/*4\nCYP2D6\t*4/*1\n")["S1", "CYP2D6"]
    assert (again["state"], again["diplotype"]) == ("called", "*1/*4")


def test_hla_from_outside_and_without(calls):
    rows = calls("HLA-B\tHLA-B*57:01:01/B*07:02\n")
    row = rows["S1", "HLA-B"]
    assert (row["state"], row["diplotype"], row["origin"]) == ("called", "*07:02/*57:01:01", "outside")
    assert row["phenotype"] == "*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"
    without = rows["S2", "HLA-B"]
    assert (without["state"], without["phenotype"], without["origin"]) == ("not_assessable", None, None)
    assert "typing" in without["reason"]


def test_hla_answers_that_stay_open_say_why(calls):
    row = calls("HLA-B\t*57/*07:02\n")["S1", "HLA-B"]
    assert row["state"] == "called" and "*57:01 not_assessable" in row["phenotype"]
    assert "*57:01 is not assessable: typing to two fields" in row["reason"]
    nothing = calls("HLA-A\t*31/*02\n", only=["HLA-A"])["S1", "HLA-A"]
    assert nothing["state"] == "not_assessable"
    stated = calls("HLA-B\t\t*57:01 positive\n")["S1", "HLA-B"]
    assert stated["state"] == "called" and "*57:01 positive" in stated["phenotype"]
    assert "the file does not speak of them" in stated["reason"]


def test_hla_contradiction(calls):
    row = calls("HLA-B\t*57:01/*07:02\t*57:01 negative\n")["S1", "HLA-B"]
    assert row["contradicted"] and "*57:01 positive" in row["phenotype"] and "contradicts" in row["reason"]


def test_faults_of_form_stop_the_step_together(calls):
    with pytest.raises(ExceptionGroup) as raised:
        calls("CYP2D6\t*1/*4\nCYP2C19\t*1/*1\n", of="")
    assert len(raised.value.exceptions) == 2


def test_consensus_genotypes_of_laboratories_are_read(shared, read):
    """Every settled CYP2D6 genotype of GeT-RM, duplications and hybrids among them, in its own spelling with stars."""
    truth = pl.read_csv(shared / "real" / "pgx" / "getrm_truth.tsv", separator="\t", infer_schema=False)
    named = pl.coalesce("updated_diplotype", "truth_diplotype").alias("diplotype")
    settled = truth.filter(gene="CYP2D6", ambiguous="no").select(named).drop_nulls()["diplotype"].to_list()
    starred = [re.sub(r"(?<![\d.*x])(?=\d)", "*", diplotype) for diplotype in settled]
    found = read("".join(f"CYP2D6\t{diplotype}\n" for diplotype in starred))
    assert len(found.calls) >= 120 and any(len(strand) > 1 for call in found.calls for strand in call.strands)
    unread = {call.unread.split(".")[0] for call in found.calls if call.unread}
    # A hybrid without a published function, and a slip of the pen in the source.
    assert unread <= {"CYP2D6 has no allele *79+*2", "CYP2D6 has no allele *10*"}
