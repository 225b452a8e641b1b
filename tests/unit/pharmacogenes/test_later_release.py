"""The release of 2026-07: its alleles are found in planted genotypes, and no other answer changes than it explains."""

from dataclasses import replace

import pytest

from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.definitions import REF
from permed.pharmacogenes.phenotypes import phenotype_of
from permed.pharmacogenes.reading.files import read_genotypes

REPEAT, SHORT, LONG = "AGGAGTC", "A", "AGGAGTCGGAGTC"
IM, PM = "Intermediate Metabolizer", "Poor Metabolizer"


@pytest.mark.parametrize(
    ("gene", "given", "diplotype", "phenotype"),
    [
        ("CYP2C9", {"rs1295294399": "0/1"}, "*1/*89", "Indeterminate"),
        ("CYP2C9", {"rs771237265": "1/1"}, "*90/*90", "Indeterminate"),
        ("CYP2C9", {"rs199539783": "0/1"}, "*1/*91", "Indeterminate"),
        ("CYP2C9", {"chr10:94942226": "0/1", "rs1799853": "0/1"}, "*1/*92", "Indeterminate"),
        ("CYP2C9", {"rs1799853": "0/1"}, "*1/*2", IM),
        ("CYP2C9", {"rs750820937": [("C", "G", "0/1")]}, "*1/*93", "Indeterminate"),
        ("CYP2C9", {"rs750820937": [("C", "A", "0/1"), ("C", "G", "0/1")]}, "*54/*93", "Indeterminate"),
        ("CYP2C9", {"rs996190254": "0/1"}, "*1/*94", "Indeterminate"),
        ("CYP2D6", {"rs1399114415": "0/1"}, "*1/*186", "Indeterminate"),
        ("CYP3A4", {"rs1483230173": "0/1"}, "*1/*49", "n/a"),
        ("CYP3A4", {"rs67784355": [("G", "T", "0/1")]}, "*1/*50", "n/a"),
        ("CYP3A4", {"rs780747370": "0/1", "rs750301316": "0/1"}, "*51/*52", "n/a"),
        ("CYP3A4", {"rs1266009547": "1/1"}, "*53/*53", "n/a"),
        ("CYP3A5", {"rs150999943": "0/1", "rs762725013": "0/1"}, "*10/*11", "n/a"),
        ("CYP3A5", {"rs150999943": "0/1", "rs776746": "0/1"}, "*3/*10", "n/a"),
        ("NUDT15", {"rs150241065": "0/1"}, "*1/*22", "Indeterminate"),
        ("NUDT15", {"rs753319151": "0/1"}, "*1/*23", "Indeterminate"),
        ("TPMT", {"rs761990479": "0/1"}, "*1/*45", IM),
        ("TPMT", {"rs56161402": "0|1", "rs112339338": "0|1"}, "*1/*46", IM),
        ("TPMT", {"rs56161402": "0|1", "rs112339338": "1|0"}, "*8/*33", "Possible Intermediate Metabolizer"),
        ("TPMT", {"chr6:18149103": "1/1"}, "*47/*47", PM),
        ("RYR1", {"rs144157950": "0/1"}, "Reference/c.4999C>T", "n/a"),
        ("RYR1", {"rs1568501059": [("G", "C", "0/1")]}, "Reference/c.7123G>C", "n/a"),
    ],
)
def test_the_newer_alleles(call, gene, given, diplotype, phenotype):
    found = call(gene, given)
    state = "not_assessable" if gene == "CYP2D6" else "called"  # its copies are not seen
    assert (found["state"], found["lookup_diplotype"], found["phenotype"]) == (state, diplotype, phenotype)


@pytest.mark.parametrize(
    ("repeat", "changed", "diplotype", "phenotype"),
    [
        ([], "0/1", "*1/*3", IM),
        ([(REPEAT, LONG, "0/1")], "0/1", "*1/*3", IM),  # four repeats with the change are *3 as well: once it was *2
        ([(REPEAT, LONG, "0|1")], "1|0", "*3/*6", PM),
        ([(REPEAT, LONG, "0|1")], "0|1", "*1/*3", IM),
        ([(REPEAT, LONG, "0/1")], "0/0", "*1/*6", IM),
        ([(REPEAT, LONG, "0/1")], "1/1", "*3/*3", PM),
        ([(REPEAT, LONG, "1/1")], "1/1", "*3/*3", PM),
        ([(REPEAT, LONG, "1/1")], "0/1", "*3/*6", PM),
        ([(REPEAT, SHORT, "0/1")], "0/1", "*3/*9", PM),
    ],
)
def test_the_repeat_of_nudt15_makes_no_allele_of_its_own_beside_the_change(call, repeat, changed, diplotype, phenotype):
    given = {"rs116855232": changed} | ({"rs746071566": repeat} if repeat else {})
    found = call("NUDT15", given, rest="0|0" if "|" in changed else "0/0")
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("called", diplotype, phenotype)


@pytest.mark.parametrize(
    ("gene", "rsid", "reference", "variant"),
    [
        ("F2", "rs1799963", "rs1799963 reference (G)", "rs1799963 Prothrombin 20210A"),
        ("F5", "rs6025", "rs6025 reference (C)", "rs6025 Factor V Leiden (T)"),
    ],
)
def test_clotting_factors(call, genes, gene, rsid, reference, variant):
    answers = {"0/0": f"{reference}/{reference}", "0/1": f"{variant}/{reference}", "1/1": f"{variant}/{variant}"}
    for genotype, diplotype in answers.items():
        found = call(gene, {rsid: genotype})
        assert (found["state"], found["diplotype"], found["phenotype"]) == ("called", diplotype, "n/a")
    assert call(gene, {rsid: "./."})["state"] == "not_assessable"
    functions = {allele.name: allele.function for allele in genes[gene].alleles}
    assert functions[variant].endswith("positive") and functions[reference].endswith("negative")


@pytest.mark.parametrize(
    ("absent", "record", "diplotype"),
    [
        ("reference", ("T", "C", "1/1"), "rs6025 reference (C)/rs6025 reference (C)"),
        ("reference", ("T", "C", "0/1"), "rs6025 Factor V Leiden (T)/rs6025 reference (C)"),
        ("reference", ("T", "C", "0/0"), "rs6025 Factor V Leiden (T)/rs6025 Factor V Leiden (T)"),
        ("reference", None, None),  # GRCh37 has the base of factor V Leiden: what was not read is not taken for it
        ("missing", None, None),
    ],
)
def test_factor_five_on_the_build_that_carries_leiden(genes, make_vcf, absent, record, diplotype):
    rows = [("chr1", 169519049, *record)] if record else [("chr1", 201029943, "C", "T", "0/0")]
    path = make_vcf(rows, contigs=[("chr1", 249_250_621)])
    found = read_genotypes([path], genes["F5"], ["S1"], absent_sites=absent, build="GRCh37")
    row = call_gene(genes["F5"], ["S1"], found).row(0, named=True)
    assert (row["state"], row["diplotype"]) == ("called" if diplotype else "not_assessable", diplotype)


def test_every_published_allele_of_ryr1_has_a_function(genes):
    gene = genes["RYR1"]
    unassigned = {allele.name for allele in gene.alleles if allele.function == "Unassigned function"}
    later = "c.1390C>A c.4055C>G c.4999C>T c.7123G>C c.7625G>A c.9353C>T c.13502C>T"
    assert unassigned == set(later.split())
    index = {allele.name: i for i, allele in enumerate(gene.alleles)}
    for name, answer in {
        "c.38T>G": "Malignant Hyperthermia Susceptibility",
        "c.14693T>C": "Uncertain Susceptibility",
        "c.1390C>A": "n/a",
    }.items():
        assert phenotype_of(gene, (gene.reference, index[name])) == (None, answer)


# What may change where all positions are read: a name, and functions that were assigned since. Where the positions that
# only the later release has are not read, alleles that differ there alone fit as well: CYP2C9*92 is *2 and
# g.94942226G>T, TPMT*46 is *8 and *33.
RENAMED = {("NUDT15", "*2"): "*3"}
UNREAD = {("CYP2C9", "*92"): {"*2"}, ("TPMT", "*46"): {"*8", "*33"}}
REASSIGNED = {"CYP2D6", "NAT2", "NUDT15", "RYR1", "TPMT"}
CHANGED = ("CYP2C9", "CYP2D6", "CYP3A4", "CYP3A5", "NAT2", "NUDT15", "RYR1", "TPMT")
SAMPLES = [f"D{i:03}" for i in range(1, 121)]


@pytest.fixture(scope="module", params="abcdeg")
def both(request, shared, genes, genes_of_2025, normalise):
    """By gene, the calls of either release on a set of simulated people, the new positions reference or unread."""
    path = normalise(shared / "real" / "pgx" / "differential" / f"{request.param}.vcf.gz")
    found = {}
    for name in CHANGED:
        places = {position.pos for position in genes_of_2025[name].positions}
        new = [position.pos not in places for position in genes[name].positions]
        before = read_genotypes([path], genes_of_2025[name], SAMPLES, absent_sites="missing")
        after = read_genotypes([path], genes[name], SAMPLES, absent_sites="missing")
        codes = after.codes.copy()
        codes[:, new] = REF
        read = replace(after, codes=codes)
        assert sum(new) == len(genes[name].positions) - len(places)
        found[name] = [
            list(call_gene(of[name], SAMPLES, genotypes).iter_rows(named=True))
            for of, genotypes in ((genes_of_2025, before), (genes, after), (genes, read))
        ]
    return found


def pairs_now(name: str, pairs: set) -> set:
    """Pairs of the former release in the names of the later one."""
    return {tuple(sorted(RENAMED.get((name, allele), allele) for allele in pair)) for pair in pairs}


def pairs_of(row: dict, unordered) -> set:
    """What explains the genotypes: of RYR1 all alleles, as which two of them decide is by their functions."""
    return (
        {tuple(sorted(row["alleles_found"].split("; ")))}
        if row["alleles_found"]
        else unordered(row["diplotype"], " OR ")
    )


def test_where_all_is_read_only_names_and_functions_are_others(both, unordered):
    for name, (before, _, after) in both.items():
        for one, other in zip(before, after, strict=True):
            was, now = (pairs_of(row, unordered) for row in (one, other))
            merged = {tuple(sorted(pair)) for pair in now} - pairs_now(name, was)
            assert all(name == "TPMT" and "*46" in pair for pair in merged), (one["sample"], name)
            assert merged or now == pairs_now(name, was), (one["sample"], name)
            if name not in REASSIGNED:
                assert answers(one) == answers(other), (one["sample"], name)
            elif not merged and name != "NUDT15":
                assert one["state"] == other["state"], (one["sample"], name)


def test_where_the_new_positions_are_unread_what_differs_there_alone_fits_too(both, unordered):
    for name, (before, after, _) in both.items():
        for one, other in zip(before, after, strict=True):
            was, now = (pairs_of(row, unordered) for row in (one, other))
            kept = pairs_now(name, was)
            for pair in now - kept:
                (new,) = {allele for allele in pair if (name, allele) in UNREAD}
                partner = next((allele for allele in pair if allele != new), new)
                assert any(tuple(sorted((old, partner))) in kept for old in UNREAD[name, new]), (one["sample"], pair)
            assert kept <= now, (one["sample"], name)


def answers(row: dict) -> tuple:
    return tuple(row[column] for column in ("state", "diplotype", "phenotype", "activity_score", "alleles_found"))
