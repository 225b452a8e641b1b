"""GRCh37: proven places, bases that differ between the builds, and the same calls as on GRCh38."""

import gzip
import random

import polars as pl
import pysam.bcftools
import pytest

from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.calling.reasons import without_place
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.releases.placing import NOWHERE, Evidence, place
from permed.tables import read_table

# Public facts: dbSNP's GRCh37 positions, and the reference base of GRCh37 where it is another than GRCh38's.
GRCH37 = {
    "rs3758581": ("chr10", 96602623, "G", "A"),  # GRCh38 carries CYP2C19*38, GRCh37 *1
    "rs776746": ("chr7", 99270539, "C", "T"),  # GRCh37 carries CYP3A5*3
    "rs1801265": ("chr1", 98348885, "G", "A"),  # GRCh37 carries DPYD c.85T>C
    "rs16947": ("chr22", 42523943, "A", "G"),  # GRCh37 carries CYP2D6*2
    "rs1135840": ("chr22", 42522613, "G", "C"),
    "rs4149056": ("chr12", 21331549, "T", "C"),
    "rs12248560": ("chr10", 96521657, "C", "T"),
    "rs9923231": ("chr16", 31107689, "C", "T"),
    "rs1142345": ("chr6", 18130918, "T", "C"),
    "rs3064744": ("chr2", 234668879, "C", "CAT"),
}


@pytest.fixture(scope="module")
def positions(tables) -> pl.DataFrame:
    return read_table(tables / "positions.tsv")


@pytest.fixture
def call_on(genes, make_vcf):
    """Call a gene on a build from the two bases that a person has at each position, by the position's index."""

    def run(gene, bases, build, absent_sites="missing", leave_out_reference=False, single=False):
        placed = gene.positions if build == "GRCh38" else gene.grch37
        rows = [(gene.contig, 1, "A", "C", "0" if single else "0|0")]  # no position: the file is never empty
        for position, pair in zip(placed, bases, strict=True):
            if position is None:
                continue
            if leave_out_reference and set(pair) == {position.ref} and not position.never_default:
                continue
            alts = sorted(set(pair) - {position.ref}) or position.alts[:1]
            for alt in alts:
                codes = ["1" if base == alt else "0" for base in (pair[:1] if single else pair)]
                rows.append((gene.contig, position.pos, position.ref, alt, "|".join(codes)))
        vcf = make_vcf(sorted(rows, key=lambda row: row[1]), contigs=[(gene.contig, 250_000_000)])
        found = read_genotypes([vcf], gene, ["S1"], absent_sites=absent_sites, build=build)
        return call_gene(gene, ["S1"], found).row(0, named=True)

    return run


def haplotype(gene, allele: int) -> list[str]:
    bases = [(position.ref, *position.alts) for position in gene.positions]
    return [own[(int(mask) & -int(mask)).bit_length() - 1] for own, mask in zip(bases, gene.bases[allele], strict=True)]


def test_known_positions(positions):
    for rsid, (contig, pos, ref, alt) in GRCH37.items():
        row = positions.row(by_predicate=pl.col("rsid") == rsid, named=True)
        assert (row["contig37"], int(row["pos37"])) == (contig, pos), rsid
        bases = (row["ref37"], *row["alts37"].split(","))
        assert bases[0] == ref or bases[0].startswith(ref), rsid
        assert {ref, alt} & set(bases), rsid


def test_bases_are_the_same_on_both_builds_and_say_their_source(positions):
    placed = positions.filter(pl.col("pos37").is_not_null())
    for row in placed.iter_rows(named=True):
        assert {row["ref"], *row["alts"].split(",")} == {row["ref37"], *row["alts37"].split(",")}
        assert row["source37"].startswith("PyPGx tables 0.26 (MIT)")
    elsewhere = positions.filter(pl.col("pos37").is_null())
    assert elsewhere.select(pl.all_horizontal(pl.col("contig37", "ref37", "alts37", "source37").is_null()).all()).item()
    assert elsewhere.filter(pl.col("role") == "definition").height == 5
    other = placed.filter(pl.col("ref") != pl.col("ref37"))["rsid"].to_list()
    assert sorted(other) == ["rs1135840", "rs16947", "rs1801265", "rs3758581", "rs6025", "rs776746"]


def test_one_offset_a_gene(positions):
    offsets = positions.filter(pl.col("pos37").is_not_null()).select(
        "gene", pl.col("pos").cast(int) - pl.col("pos37").cast(int)
    )
    assert offsets.n_unique() == 23
    assert offsets.filter(gene="MT-RNR1")["pos"].to_list() == [0] * 22


def test_places_agree_with_public_sites_on_both_builds(positions, shared):
    both = [
        pl.read_csv(shared / "facts" / "panels" / f"peddy_GRCH{build}.sites.tsv.gz", separator="\t", infer_schema=False)
        for build in (37, 38)
    ]
    sites = pl.concat([both[0], both[1].rename(lambda name: f"{name}38")], how="horizontal")
    sites = sites.with_columns(("chr" + pl.col("chrom38").str.strip_prefix("chr")).alias("contig"))
    met = positions.join(sites, left_on=["contig", "pos"], right_on=["contig", "pos38"], suffix="_site")
    assert met.height >= 10
    assert met["pos37"].to_list() == met["pos_site"].to_list()
    assert met["ref37"].to_list() == met["ref_site"].to_list()
    assert met.filter(pl.col("ref38") != pl.col("ref_site")).height >= 1, "one of them differs between the builds"


def test_places_agree_with_published_changes_on_both_builds(positions, shared):
    path = shared / "real" / "anno" / "hgvs" / "biocommons_clinvar_g37_g38_c.tsv.gz"
    text = gzip.decompress(path.read_bytes()).decode()
    for pos37, pos38 in (("98348885G=", "97883329A>G"), ("97915614C>T", "97450058C>T"), ("48619855C>T", "48045719C>T")):
        line = next(line for line in text.splitlines() if f"g.{pos37}" in line)
        assert f"g.{pos38}" in line
        digits = [cell.rstrip("ACGT=>") for cell in (pos37, pos38)]
        assert positions.filter(pl.col("pos") == digits[1])["pos37"].to_list() == [digits[0]]


def test_planted_places():
    evidence = Evidence(exons=[(150, 250), (350, 450)], pairs={120: 20, 300: 200, 310: 999})
    assert place(evidence, "chr1", 260, "A", ["C"], "x")[:4] == ("chr1", "160", "A", "C")
    assert "+100" not in place(evidence, "chr1", 260, "A", ["C"], "x")[4]
    assert "offset -100 at chr1:250 and chr1:300" in place(evidence, "chr1", 260, "A", ["C"], "x")[4]
    assert "same variant" in place(evidence, "chr1", 120, "A", ["C"], "x")[4]
    assert place(evidence, "chr1", 119, "A", ["C"], "x") == NOWHERE, "nothing before it"
    assert place(evidence, "chr1", 449, "ACG", ["A"], "x") == NOWHERE, "it ends after the last"
    evidence.exons.append((351, 452))
    assert place(evidence, "chr1", 260, "A", ["C"], "x") == NOWHERE, "two offsets"


def test_planted_bases():
    evidence = Evidence(exons=[(150, 250), (350, 450)], variants={(160, "G", "A"), (170, "A", "C"), (170, "C", "A")})
    assert place(evidence, "chr1", 260, "A", ["C", "G"], "x")[2:4] == ("G", "A,C")
    assert place(evidence, "chr1", 270, "A", ["C"], "x") == NOWHERE, "its variants contradict each other"
    evidence.carried.add((280, "T", "C"))
    assert place(evidence, "chr1", 280, "T", ["C"], "x")[2:4] == ("C", "T")
    assert place(evidence, "chr1", 290, "T", ["C"], "x")[4].endswith("REF as on GRCh38")


@pytest.mark.parametrize("absent_sites", ["missing", "reference"])
def test_both_builds_give_the_same_calls(genes, call_on, absent_sites):
    pick = random.Random(37)
    for name in genes:
        gene = genes[name]
        if gene.unplaced("GRCh37").any():
            continue
        pair = [haplotype(gene, pick.randrange(len(gene.alleles))) for _ in range(2)]
        single = gene.contig == "chrX" and pick.random() < 0.5
        bases = list(zip(*pair, strict=True))
        how = {"absent_sites": absent_sites, "leave_out_reference": absent_sites == "reference", "single": single}
        assert call_on(gene, bases, "GRCh37", **how) == call_on(gene, bases, "GRCh38", **how), name


@pytest.mark.parametrize("name, star", [("CYP2C19", "*1"), ("CYP3A5", "*3"), ("DPYD", "c.85T>C (*9A)")])
def test_absent_means_the_reference_of_the_files_build(genes, call_on, name, star):
    gene = genes[name]
    bases = [(position.ref, position.ref) for position in gene.grch37]
    found = call_on(gene, bases, "GRCh37", absent_sites="reference", leave_out_reference=False)
    assert found["diplotype"] == f"{star}/{star}"


def test_a_position_without_a_place_is_missing_and_the_reason_says_so(genes, call_on):
    gene = genes["CYP3A4"]
    nowhere = [p.name for p, lost in zip(gene.positions, gene.unplaced("GRCh37"), strict=True) if lost]
    assert len(nowhere) == 1
    bases = [(position.ref, position.ref) for position in gene.positions]
    for absent_sites in ("missing", "reference"):
        found = call_on(gene, bases, "GRCh37", absent_sites=absent_sites)
        assert found["missing_positions"] == nowhere[0]
    assert nowhere[0] in without_place(gene, "GRCh37")
    assert not without_place(gene, "GRCh38") and not without_place(genes["SLCO1B1"], "GRCh37")


def test_a_record_with_the_base_of_the_other_build_is_not_read(genes, make_vcf):
    gene = genes["CYP3A5"]
    vcf = make_vcf([("chr7", 99270539, "T", "C", "0/0")], contigs=[("chr7", 159138663)])
    found = read_genotypes([vcf], gene, ["S1"], absent_sites="reference", build="GRCh37")
    at = [position.name for position in gene.positions].index("rs776746")
    assert found.codes[0, at].tolist() == [-1, -1]


def test_the_step_reads_the_build_of_the_run(make_vcf, tables, tmp_path, run_step):
    vcf = make_vcf([("16", 31107689, "C", "T", "1/1")], contigs=[("16", 90354753)])
    (tmp_path / "consent.txt").write_text("S1\n")
    given = {"absent_sites": "missing", "contigs": ["16"], "genes": ["VKORC1", "CYP3A4"], "build": "GRCh37"}
    files = [[vcf], tmp_path / "consent.txt", sorted(tables.glob("*.tsv"))]
    run_step("call_pharmacogenes")(*files, calls=tmp_path / "calls.parquet", **given)
    cyp3a4, vkorc1 = pl.read_parquet(tmp_path / "calls.parquet").sort("gene").iter_rows(named=True)
    assert (vkorc1["state"], vkorc1["phenotype"]) == ("called", "-1639 AA")
    assert cyp3a4["state"] == "not_assessable" and "No place on GRCh37" in cyp3a4["reason"]


def test_a_real_genome_on_grch37(genes, shared, tmp_path):
    """GeT-RM gives NA07000 the diplotype *1/*15; the file holds variants only."""
    vcf = shared / "real" / "pgx" / "NA07000_SLCO1B1.vcf.gz"
    split = tmp_path / "split.bcf"
    pysam.bcftools.norm("-m", "-any", "-Ob", "-o", str(split), str(vcf), catch_stdout=False)
    pysam.bcftools.index(str(split), catch_stdout=False)
    gene = genes["SLCO1B1"]
    found = read_genotypes([split], gene, ["NA07000"], absent_sites="reference", build="GRCh37")
    row = call_gene(gene, ["NA07000"], found).row(0, named=True)
    assert (row["state"], row["diplotype"]) == ("called", "*1/*15")
    other = read_genotypes([split], gene, ["NA07000"], absent_sites="reference")
    assert call_gene(gene, ["NA07000"], other).row(0, named=True)["diplotype"] == "*1/*1", "what a wrong build gives"
