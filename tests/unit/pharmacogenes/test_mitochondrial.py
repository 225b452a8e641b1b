"""MT-RNR1 from chrM: one copy, several changes, parts of the DNA, and files along another sequence."""

import polars as pl
import pysam
import pytest

from call_pharmacogenes import call_pharmacogenes
from permed.normalise.contig import normalise_contig
from permed.pharmacogenes.definitions import load_genes
from permed.tables import read_json

RISK = "{} risk of aminoglycoside-induced hearing loss"
GENE = "MT-RNR1"


@pytest.fixture
def mito(call):
    """Call MT-RNR1 from genotypes by position; the rest is haploid reference."""

    def run(given=None, rest="0", **more):
        return call(GENE, {f"chrM:{pos}": genotype for pos, genotype in (given or {}).items()}, rest=rest, **more)

    return run


@pytest.mark.parametrize("one", ["1", "1/1"])
@pytest.mark.parametrize(
    ("pos", "name", "risk"),
    [
        (1555, "m.1555A>G", "increased"),
        (1494, "m.1494C>T", "increased"),
        (1095, "m.1095T>C", "increased"),
        (827, "m.827A>G", "normal"),
        (663, "m.663A>G", "uncertain"),
        (960, "m.961T>del", "uncertain"),
        (955, "m.960C>del", "uncertain"),
    ],
)
def test_a_change_gives_the_published_risk(mito, one, pos, name, risk):
    found = mito({pos: one}, rest=one.replace("1", "0"))
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("called", name, RISK.format(risk))
    assert found["missing_positions"] is None and found["phenotype_certain"]


def test_reference_is_one_name_and_normal_risk(mito):
    found = mito()
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("called", "Reference", RISK.format("normal"))


def test_second_alternate_of_a_position_is_its_own_allele(mito):
    assert mito({807: [("A", "C", "0"), ("A", "G", "1")]})["diplotype"] == "m.807A>G"


def test_several_changes_are_listed_and_the_gravest_decides(mito):
    found = mito({827: "1", 663: "1", 1555: "1"})
    assert found["diplotype"] == "[m.663A>G + m.827A>G + m.1555A>G]"
    assert found["alleles_found"] == "m.663A>G; m.827A>G; m.1555A>G"
    assert (found["state"], found["phenotype"]) == ("called", RISK.format("increased"))
    assert mito({827: "1", 663: "1"})["phenotype"] == RISK.format("uncertain")


@pytest.mark.parametrize("missing", [".", None])
def test_an_unread_position_is_not_reference(mito, missing):
    found = mito({1555: missing})
    assert (found["state"], found["missing_positions"]) == ("not_assessable", "chrM:1555")
    assert not found["phenotype_certain"] and "m.1555A>G" in found["alternatives"]
    uncertain = mito({1555: missing, 663: "1"})
    assert uncertain["state"] == "not_assessable" and not uncertain["phenotype_certain"]


def test_nothing_unread_lowers_an_increased_risk(mito):
    found = mito({1555: "1"}, rest=None)
    assert (found["state"], found["phenotype"]) == ("called", RISK.format("increased"))
    assert "could not lower the risk" in found["reason"] and "chrM:663" in found["missing_positions"]
    assert mito({1555: "0"}, rest=None)["state"] == "not_assessable"


@pytest.mark.parametrize("part", ["0/1", "1/0", "1|0", "./1"])
def test_a_part_of_the_dna_is_told_and_not_called(mito, part):
    found = mito({1555: part}, rest="0/0")
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("no_call", None, None)
    assert found["alleles_found"] == "m.1555A>G (part)"
    assert "m.1555A>G" in found["reason"] and "heteroplasmy" in found["reason"]


def test_a_part_beside_a_whole_increased_risk_does_not_hide_it(mito):
    found = mito({1555: "1/1", 827: "0/1"}, rest="0/0")
    assert (found["state"], found["diplotype"], found["phenotype"]) == (
        "called",
        "m.1555A>G",
        RISK.format("increased"),
    )
    assert "m.827A>G" in found["reason"]


def test_half_a_genotype_is_not_read(mito):
    found = mito({1555: "0/."}, rest="0/0")
    assert found["state"] == "not_assessable" and "1 of 22 positions" in found["reason"]


@pytest.mark.parametrize("rest", ["0", "0/0"])
@pytest.mark.parametrize("half", ["./1", "1/."])
def test_a_change_in_half_a_genotype_is_told_wherever_it_stands(mito, rest, half):
    row = mito({1555: half}, rest)
    assert (row["state"], row["alleles_found"]) == ("no_call", "m.1555A>G (part)")


def test_genotypes_of_one_and_of_two_alleles_may_stand_side_by_side(mito):
    found = mito({663: "1/1"}, rest="0")
    assert (found["state"], found["diplotype"]) == ("called", "m.663A>G")


def test_an_unlisted_change_gives_no_call_unless_the_risk_is_increased(mito):
    unlisted = [("T", "C", "1")]  # what m.961T>del+Cn with one C looks like too
    found = mito({961: unlisted})
    assert (found["state"], found["phenotype"]) == ("no_call", None)
    assert "chrM:961" in found["reason"]
    assert mito({961: unlisted, 1494: "1"})["phenotype"] == RISK.format("increased")


def test_an_allele_without_a_place_is_known_by_name_only(tables):
    alleles = pl.read_csv(tables / "alleles.tsv", separator="\t", infer_schema=False).filter(gene=GENE)
    assert alleles.filter(defined="no")["allele"].to_list() == ["m.961T>del+Cn"]
    assert alleles.height == 25


def test_every_name_says_its_place_and_bases(tables):
    (gene,) = load_genes(tables, [GENE])
    for allele in gene.alleles:
        if ">" in allele.name and "del" not in allele.name:
            pos, alt = int(allele.name[2:-3]), allele.name[-1]
            at = next(i for i, position in enumerate(gene.positions) if position.pos == pos)
            assert gene.positions[at].ref == allele.name[-3]
            assert gene.bases[gene.alleles.index(allele), at] == 1 << (1 + gene.positions[at].alts.index(alt))
            assert (gene.grch37[at].pos, gene.grch37[at].ref) == (pos, gene.positions[at].ref)


def test_risks_are_those_of_the_published_table(tables, shared, mito):
    folder = shared / "real" / "pgx" / "pharmcat_definitions" / "phenotype"
    published = {row["diplotype"]: row["phenotype"] for row in read_json(folder / "MT_RNR1.json")["diplotypes"]}
    (gene,) = load_genes(tables, [GENE])
    for at, position in enumerate(gene.positions):
        for code, alt in enumerate(position.alts, start=1):
            allele = next(a.name for i, a in enumerate(gene.alleles) if gene.bases[i, at] == 1 << code)
            assert mito({position.pos: [(position.ref, alt, "1")]})["phenotype"] == published[allele]


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37"])
@pytest.mark.parametrize(
    ("contig", "length", "reference", "state"),
    [
        ("chrM", 16569, None, "called"),
        ("MT", 16569, None, "called"),
        ("chrM", 16571, None, "not_assessable"),
        ("chrM", None, None, "not_assessable"),
        ("chrM", None, 16569, "called"),
        ("chrM", None, 16571, "not_assessable"),
    ],
)
def test_only_rcrs_is_read(tables, make_vcf, tmp_path, build, contig, length, reference, state):
    plain = make_vcf([(contig, 1555, "A", "G", "1")], contigs=[(contig, length)], name="cohort.vcf")
    plain.write_text(plain.read_text().replace(",length=None", ""))
    path = pysam.tabix_index(str(plain), preset="vcf", force=True)
    (tmp_path / "S.txt").write_text("S1\n")
    index = tmp_path / "reference.fa.fai"
    index.write_text(f"{contig}\t{reference}\t5\t60\t61\n")
    calls = tmp_path / "calls.parquet"
    call_pharmacogenes(
        [path],
        tmp_path / "S.txt",
        sorted(tables.glob("*.tsv")),
        calls=calls,
        absent_sites="reference",
        contigs=["chrM"],
        genes=[GENE],
        build=build,
        reference_index=index if reference else None,
    )
    found = pl.read_parquet(calls).row(0, named=True)
    assert found["state"] == state
    assert (found["diplotype"] == "m.1555A>G") == (state == "called")
    assert ("rCRS" in found["reason"]) == (state != "called")


@pytest.mark.parametrize(("length", "state"), [(16569, "called"), (16571, "not_assessable")])
def test_normalised_files_keep_what_tells_the_sequence(tables, tmp_path, make_vcf, length, state):
    plain = make_vcf([("MT", 1555, "A", "G", "1/1")], contigs=[("MT", length)])
    consent, calls, variants = tmp_path / "S.txt", tmp_path / "calls.parquet", tmp_path / "chrM.bcf"
    normalise_contig([plain], "chrM", ["S1"], None, variants, tmp_path)
    consent.write_text("S1\n")
    paths = sorted(tables.glob("*.tsv"))
    given = {"absent_sites": "missing", "contigs": ["chrM"], "genes": [GENE], "build": "GRCh37"}
    call_pharmacogenes([variants], consent, paths, calls=calls, **given)
    assert pl.read_parquet(calls)["state"].to_list() == [state]
