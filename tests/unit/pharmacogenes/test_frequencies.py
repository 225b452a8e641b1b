"""Probabilities of diplotypes against sums worked out by hand from the cited frequencies."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_pharmacogenes import call_pharmacogenes
from permed.errors import Fault
from permed.other_readings import read
from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.frequencies import load_frequencies, posterior, with_probabilities
from permed.pharmacogenes.reading.files import read_genotypes
from permed.tables import read_table

CYP2B6 = {"rs3745274": "0/1", "rs2279343": "0/1"}  # 516G>T and 785A>G
SLCO1B1 = {"rs2306283": "0/1", "rs4149056": "0/1"}  # 388A>G and 521T>C
TPMT = {"rs1800460": "0/1", "rs1142345": [("T", "C", "0/1")]}


@pytest.fixture(scope="session")
def known(tables):
    return load_frequencies(tables / "frequencies.tsv", tables / "populations.tsv")


@pytest.fixture
def calls_of(genes, make_vcf, known):
    """The call of one person, with probabilities."""

    def run(name, given, population, rest="0/0", known=known):
        gene, rows = genes[name], []
        for position in gene.positions:
            records = given.get(position.name, rest)
            records = [(position.ref, position.alts[0], records)] if isinstance(records, str) else records
            rows += [(gene.contig, position.pos, *record) for record in records]
        vcf = make_vcf(sorted(rows, key=lambda row: row[1]), contigs=[(gene.contig, 250_000_000)])
        genotypes = read_genotypes([vcf], gene, ["S1"], absent_sites="missing")
        return with_probabilities(call_gene(gene, ["S1"], genotypes), gene, genotypes, [population], known)

    return run


@pytest.fixture
def probable(calls_of):
    """State, diplotype and probabilities of one person."""

    def run(*given, **more):
        return calls_of(*given, **more).select("state", "diplotype", "probabilities").row(0)

    return run


def test_by_hand_for_two_variants_of_cyp2b6(probable):
    # Han Chinese: *1 0.670, *6 0.184, *4 0.091, *9 0.018. Without phase it is *1/*6 or *4/*9:
    # 2 x 0.670 x 0.184 = 0.24656; 2 x 0.091 x 0.018 = 0.003276; 0.24656 / 0.249836 = 0.98689.
    state, diplotype, text = probable("CYP2B6", CYP2B6, "CHB")
    assert (state, diplotype) == ("called", "*1/*6")
    assert text == "*1/*6 0.99; *4/*9 0.01 (Han Chinese, Pharm Res 2006;23:1983-90, PMID 16951995 abstract)"
    # Korean: *1 0.680, *6 0.175, *4 0.087, *9 0.058: 0.238 and 0.010092; 0.238 / 0.248092 = 0.95932.
    assert probable("CYP2B6", CYP2B6, "Korean")[2].startswith("*1/*6 0.96; *4/*9 0.04 (Korean, ")


def test_the_rule_stands_where_the_other_is_more_probable(probable):
    # Pakistani: *1 0.355, *15 0.094; *5 0.144, *37 0.405: 0.06674 and 0.11664; 0.11664 / 0.18338 = 0.63606.
    state, diplotype, text = probable("SLCO1B1", SLCO1B1, "Pakistani")
    assert (state, diplotype) == ("called", "*1/*15")
    assert text.startswith("*5/*37 0.64; *1/*15 0.36 (Pakistani, ")


def test_a_bound_gives_a_bound(probable):
    # European: *1 0.953, *3A 0.034; *3C 0.005 and *3B at most 0.006, the sum of all that is not listed:
    # 2 x 0.953 x 0.034 = 0.064804; at most 2 x 0.006 x 0.005 = 0.00006; so at least 0.99907.
    assert probable("TPMT", TPMT, "european")[2].startswith("*1/*3A >0.99; *3B/*3C <0.01 (European, PMC7708673")
    # East Asian: *3A below 0.001, *3B at most 0.004, *3C 0.016: *1/*3A at most 0.00196, the other at most 0.000128,
    # and both perhaps 0: nothing can be said.
    text = "not computed: the frequencies known leave it open (East Asian, PMC7708673 table 1)"
    assert probable("TPMT", TPMT, "EAS")[2] == text
    # African American: *1 0.924, *3A 0.008; *3C 0.024 and *3B at most 0.039:
    # 2 x 0.924 x 0.008 = 0.014784; at most 2 x 0.039 x 0.024 = 0.001872; 0.014784 / 0.016656 = 0.88761.
    assert probable("TPMT", TPMT, "ASW")[2].startswith("*1/*3A 0.89-1.00; *3B/*3C 0.00-0.11 (African American, ")


def test_the_other_readings_get_their_share(calls_of):
    (other,) = read(calls_of("TPMT", TPMT, "european")["other_readings"][0])
    assert (other.diplotype, other.phenotype, other.population) == ("*3B/*3C", "Poor Metabolizer", "European")
    assert other.least == 0
    # At most 2 x 0.006 x 0.005 of that and 2 x 0.953 x 0.034.
    assert other.most == pytest.approx(0.00006 / (0.00006 + 0.064804), rel=1e-6)
    (other,) = read(calls_of("TPMT", TPMT, None)["other_readings"][0])
    assert (other.least, other.most, other.source) == (None, None, None)
    (other,) = read(calls_of("SLCO1B1", SLCO1B1, "Pakistani")["other_readings"][0])
    assert (other.diplotype, other.phenotype) == ("*5/*37", "Decreased Function")
    assert other.least == other.most == pytest.approx(0.63606, abs=1e-5)
    assert calls_of("TPMT", {}, "european")["other_readings"].to_list() == [None]


def test_no_population_is_ever_assumed(probable):
    assert probable("TPMT", TPMT, None)[2] == "not computed: no population is given"
    assert probable("TPMT", TPMT, "")[2] == "not computed: no population is given"
    text = "not computed: no frequencies of TPMT alleles for the population AFR"
    assert probable("TPMT", TPMT, "AFR")[2] == text
    assert probable("UGT1A1", {"rs887829": "0/1", "rs3064744": [("C", "CAT", "0/1")]}, "EUR")[2] == (
        "not computed: no frequencies of UGT1A1 alleles for the population EUR"
    )


def test_an_allele_without_a_frequency_is_named(probable, known, genes):
    prior = known.priors["CYP2B6", "Korean"]
    fewer = {allele: between for allele, between in prior.alleles.items() if allele != "*9"}
    less = type(known)({("CYP2B6", "Korean"): type(prior)("Korean", "a source", fewer)}, known.populations)
    assert probable("CYP2B6", CYP2B6, "Korean", known=less)[2] == (
        "not computed: no frequency of *9 (Korean, a source)"
    )


@pytest.mark.parametrize(
    ("given", "rest"),
    [({}, "0/0"), ({"rs3745274": "0|1", "rs2279343": "0|1"}, "0|0"), (CYP2B6 | {"rs34223104": "./."}, "0/0")],
    ids=["one diplotype", "phased", "not assessable"],
)
def test_nothing_where_there_is_nothing_to_choose_or_to_rely_on(probable, given, rest):
    assert probable("CYP2B6", given, "Korean", rest)[2] is None


def test_cyp2d6_has_none_as_copies_were_not_seen(probable):
    assert probable("CYP2D6", {"rs1065852": "0/1", "rs3892097": "0/1"}, "European")[2] is None


def test_nothing_seen_in_n_alleles_is_at_most_three_in_n(known):
    assert known.priors["CYP2B6", "Korean"].of("*5") == (0.0, 3 / 172)


def test_each_row_names_an_allele_of_the_tables_and_its_source(tables, genes):
    table = read_table(tables / "frequencies.tsv")
    for row in table.iter_rows(named=True):
        shown = {allele.shown for allele in genes[row["gene"]].alleles}
        assert row["allele"] in shown | {"other"} and row["source"] and row["version"] and row["licence"]
    assert not table.select("gene", "population", "allele").is_duplicated().any()
    labels = read_table(tables / "populations.tsv")
    assert set(labels["population"]) == set(table["population"])
    assert not labels.select("label", "rank").is_duplicated().any()


def test_a_frequency_that_is_none_is_refused(tables, tmp_path):
    text = (tables / "frequencies.tsv").read_text().replace("\t0.670\t", "\t67\t")
    (tmp_path / "frequencies.tsv").write_text(text)
    with pytest.raises(Fault, match=r"CYP2B6 \*1 is '67'"):
        load_frequencies(tmp_path / "frequencies.tsv", tables / "populations.tsv")


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).map(tuple), min_size=2, max_size=5), st.data())
def test_bounds_hold_whatever_the_weights_are(bounds, data):
    weights = [data.draw(st.floats(low, high)) for low, high in bounds]
    found = posterior(bounds)
    if sum(weights) > 1e-9:
        for weight, (low, high) in zip(weights, found, strict=True):
            assert low - 1e-9 <= weight / sum(weights) <= high + 1e-9


def test_the_step_takes_the_population_of_each_person(make_vcf, genes, tables, tmp_path):
    gene = genes["CYP2B6"]
    rows = [(p.contig, p.pos, p.ref, p.alts[0], *["0/1" if p.name in CYP2B6 else "0/0"] * 2) for p in gene.positions]
    path = make_vcf(sorted(rows, key=lambda row: row[1]), ("S1", "S2"), [(gene.contig, 60_000_000)])
    consent, people, calls = tmp_path / "consent.txt", tmp_path / "samples.parquet", tmp_path / "calls.parquet"
    consent.write_text("S1\nS2\n")
    pl.DataFrame({"sample": ["S2", "S1"], "population": ["KOREAN", None]}).write_parquet(people)
    names = [tables / f"{name}.tsv" for name in ("frequencies", "populations")]
    given = {"absent_sites": "missing", "contigs": [gene.contig], "genes": ["CYP2B6"]}
    given |= {"people": people, "frequencies": names}
    call_pharmacogenes([path], consent, sorted(tables.glob("*.tsv")), calls=calls, **given)
    found = pl.read_parquet(calls)
    assert found["probabilities"][0] == "not computed: no population is given"
    assert found["probabilities"][1].startswith("*1/*6 0.96; *4/*9 0.04")
    assert found["diplotype"].to_list() == ["*1/*6"] * 2
