"""The evidence of a call against planted pairs of alleles, and what it tells of positions left out."""

import random
from collections import Counter

import polars as pl
import pytest

from call_pharmacogenes import call_pharmacogenes
from permed.errors import Fault
from permed.genome import CONTIGS
from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.evidence.rows import SCHEMA, evidence_rows
from permed.pharmacogenes.reading.files import read_genotypes

READ = ("variant", "undocumented", "half_called")


@pytest.fixture
def explain(genes, make_vcf):
    """Rows of evidence and the call for records of one gene: (position's name, REF, ALT, sample columns)."""

    def run(name, records, samples=("S1",), formats="GT", **options):
        gene = genes[name]
        # A record that lies at no position, so that the file is never empty.
        rows = [(gene.contig, 1000, "A", "C", *["0/1" + ":." * formats.count(":")] * len(samples)), *records]
        path = make_vcf(sorted(rows, key=lambda row: row[1]), samples, [(gene.contig, 250_000_000)], formats=formats)
        genotypes = read_genotypes([path], gene, list(samples), **{"absent_sites": "missing"} | options)
        frames = []
        calls = call_gene(
            gene,
            list(samples),
            genotypes,
            lambda some, answers: frames.extend(evidence_rows(gene, list(samples), genotypes, some, answers)),
        )
        return pl.concat(frames), calls

    return run


def strands(gene, alleles) -> list[tuple[str, ...]]:
    """The bases that a carrier of these alleles has at each position, a strand a column; of several the lowest code."""
    bases = [(position.ref, *position.alts) for position in gene.positions]
    return [
        tuple(own[(int(gene.bases[a, at]) & -int(gene.bases[a, at])).bit_length() - 1] for a in alleles)
        for at, own in enumerate(bases)
    ]


def records(gene, planted, without=(), separator="|", extra="") -> list[tuple]:
    rows = []
    for position, pair in zip(gene.positions, planted, strict=True):
        if position.name in without:
            continue
        for alt in sorted(set(pair) - {position.ref}) or position.alts[:1]:
            genotype = separator.join("1" if base == alt else "0" for base in pair)
            rows.append((gene.contig, position.pos, position.ref, alt, genotype + extra))
    return rows


@pytest.mark.parametrize("single", [False, True])
def test_every_row_of_a_planted_pair_is_right(genes, explain, single):
    pick = random.Random(4)
    for gene in genes.values():
        if gene.contig not in (("chrX", "chrM") if single else {*CONTIGS} - {"chrM"}):
            continue
        pair = [pick.randrange(len(gene.alleles)) for _ in range(1 if single else 2)]
        planted = strands(gene, pair)
        rows, calls = explain(gene.name, records(gene, planted))
        changed = {p.name: s for p, s in zip(gene.positions, planted, strict=True) if set(s) != {p.ref}}
        variants = rows.filter(pl.col("kind") == "variant")
        assert Counter(rows["kind"])["missing"] == 0
        assert sorted(variants["position"]) == sorted(changed), gene.name
        for row in variants.iter_rows(named=True):
            bases, at = changed[row["position"]], [p.name for p in gene.positions].index(row["position"])
            apart = len(set(bases)) > 1
            assert row["genotype"] == (("|" if apart else "/").join(bases)), (gene.name, row)
            assert (row["contig"], row["pos"]) == (gene.contig, gene.positions[at].pos)
            supported = set(row["supports"].split("; "))
            assert {gene.alleles[a].shown for a in pair if gene.specified[a, at]} <= supported
            assert not supported - {a.shown for i, a in enumerate(gene.alleles) if gene.specified[i, at]}
        reference = rows.filter(pl.col("kind") == "reference")["positions"].sum()
        assert reference == len(gene.positions) - len(changed)
        best = rows.filter(pl.col("kind") == "diplotype")
        assert best["diplotype"].to_list() == calls["diplotype"].item().split(" OR ")
        assert set(best["phenotype"].drop_nulls()) == set((calls["phenotype"].item() or "").split(" OR ")) - {""}


@pytest.mark.parametrize("name", ["CYP2C19", "CYP3A5", "UGT1A1", "TPMT", "NUDT15", "VKORC1"])
def test_a_dropped_position_hides_the_alleles_that_differ_there_and_fit_the_rest(genes, explain, name):
    gene, pick = genes[name], random.Random(name)
    told = 0
    for out, dropped in enumerate(gene.positions):
        pair = [pick.randrange(len(gene.alleles)) for _ in range(2)] if out else [gene.reference] * 2
        planted = strands(gene, pair)
        bases = [(position.ref, *position.alts) for position in gene.positions]
        others = [at for at in range(len(bases)) if at != out]

        def carries(allele, strand, planted=planted, bases=bases, others=others):
            admitted = [gene.bases[allele, at] >> bases[at].index(planted[at][strand]) & 1 for at in others]
            return all(admitted)

        fit = [{a for a in range(len(gene.alleles)) if carries(a, strand)} for strand in (0, 1)]
        differ = {a for a in fit[0] | fit[1] if gene.bases[a, out] != gene.bases[gene.reference, out]}
        rows, calls = explain(name, records(gene, planted, without=[dropped.name]))
        (missing,) = rows.filter(pl.col("kind") == "missing").iter_rows(named=True)
        if len(gene.positions) == 1:
            assert (missing["position"], missing["positions"]) == (None, 1), "nothing of the gene was read"
        elif differ:
            assert missing["position"] == dropped.name
            assert set(missing["hides"].split("; ")) == {gene.alleles[a].shown for a in differ}
            told += 1
        else:
            assert (missing["position"], missing["hides"], missing["positions"]) == (None, None, 1)
        assert calls["missing_positions"].item() == dropped.name
    assert told or len(gene.positions) == 1


def test_how_far_another_pair_is_behind(genes, explain):
    gene = genes["UGT1A1"]
    by_name = {allele.name: i for i, allele in enumerate(gene.alleles)}
    planted = strands(gene, [by_name["*1"], by_name["*80+*28"]])
    rows, _ = explain("UGT1A1", records(gene, planted, separator="/"))
    weighed = rows.filter(pl.col("diplotype").is_not_null())
    # *1 specifies every position, *80+*28 two of them, *28 and *80 one each.
    every = len(gene.positions)
    assert weighed.select("kind", "diplotype", "score", "behind").rows() == [
        ("diplotype", "*1/*80+*28", every + 2, 0),
        ("alternative", "*28/*80", 2, every),
    ]
    assert weighed["phenotype"].to_list() == ["Intermediate Metabolizer", "Indeterminate"]


def test_what_unread_positions_could_make_of_it(genes, explain):
    gene = genes["CYP2C19"]
    rows, calls = explain("CYP2C19", records(gene, strands(gene, [gene.reference] * 2), without=["rs3758581"]))
    possible = rows.filter(pl.col("kind") == "possible")
    best = rows.filter(pl.col("kind") == "diplotype")
    assert best["diplotype"].to_list() == calls["diplotype"].item().split(" OR ") == ["*38/*38", "*1/*38", "*1/*1"]
    assert possible.is_empty(), "what fits already is not listed again"
    assert set(best["phenotype"]) == {"Normal Metabolizer"}
    star1 = next(i for i, allele in enumerate(gene.alleles) if allele.name == "*1")
    rows, calls = explain("CYP2C19", records(gene, strands(gene, [star1] * 2), without=["rs12248560"]))
    possible = rows.filter(pl.col("kind") == "possible")
    assert possible.select("diplotype", "phenotype").rows() == [
        ("*1/*17", "Rapid Metabolizer"),
        ("*17/*17", "Ultrarapid Metabolizer"),
    ]
    assert possible["diplotype"].to_list() == calls["alternatives"].item().split("; ")
    assert rows.filter(pl.col("kind") == "alternative").is_empty(), "what is possible has not lost"


def test_depths(genes, explain):
    gene = genes["CYP2C19"]
    genotype = {"rs4244285": "0/1", "rs3758581": "1/1"}
    depth = {"rs4244285": "31:14,17", "rs3758581": "40:0,40", "rs12248560": "9:9,0", "rs4986893": ".:."}
    rows = [
        (gene.contig, p.pos, p.ref, p.alts[0], f"{genotype.get(p.name, '0/0')}:{depth.get(p.name, '30:30,0')}")
        for p in gene.positions
    ]
    found, _ = explain("CYP2C19", rows, formats="GT:DP:AD")
    variants = {row["position"]: row for row in found.filter(pl.col("kind") == "variant").iter_rows(named=True)}
    assert set(variants) == {"rs4244285", "rs3758581"}
    assert (variants["rs4244285"]["depth"], variants["rs4244285"]["allele_depths"]) == (31, "G 14, A 17")
    assert (variants["rs3758581"]["depth"], variants["rs3758581"]["allele_depths"]) == (40, "A 0, G 40")
    (plain,) = found.filter(pl.col("kind") == "reference").iter_rows(named=True)
    assert (plain["position"], plain["depth"], plain["positions"]) == ("rs12248560", 9, len(gene.positions) - 2)


def test_depths_are_each_persons_own(genes, explain):
    gene = genes["VKORC1"]
    (position,) = gene.positions
    columns = ["0/1:12:5,7", "0/1:80:40,40", "0/0:7:7,0", "./.:3:."]
    rows, _ = explain("VKORC1", [(gene.contig, position.pos, "C", "T", *columns)], tuple("ABCD"), "GT:DP:AD")
    read = rows.filter(pl.col("kind").is_in(["variant", "reference", "missing"]))
    assert read.select("sample", "kind", "depth", "allele_depths").rows() == [
        ("A", "variant", 12, "C 5, T 7"),
        ("B", "variant", 80, "C 40, T 40"),
        ("C", "reference", 7, None),
        ("D", "missing", None, None),
    ]


def test_depths_of_split_records_and_of_the_other_build(genes, explain):
    gene = genes["UGT1A1"]
    there = next(position for position in gene.grch37 if position.name == "rs3064744")
    rows = [
        (gene.contig, there.pos, "CAT", "C", "0/1:20:0,9"),
        (gene.contig, there.pos, "C", "CAT", "1/0:20:0,11"),
    ]
    found, _ = explain("UGT1A1", rows, formats="GT:DP:AD", build="GRCh37")
    (row,) = found.filter(pl.col("kind") == "variant").iter_rows(named=True)
    assert (row["position"], row["pos"], row["depth"]) == ("rs3064744", 233760233, 20)
    assert (row["genotype"], row["allele_depths"]) == ("C/CATAT", "CAT 0, C 9; C 0, CAT 11")


def test_unknown_bases_half_calls_and_what_is_taken_for_reference(genes, explain):
    at = {position.name: position for position in genes["CYP2C9"].positions}["rs1799853"]
    rows, _ = explain("CYP2C9", [("chr10", at.pos, "C", "G", "0/1")], absent_sites="reference")
    (row,) = rows.filter(pl.col("kind").is_in(READ)).iter_rows(named=True)
    assert (row["kind"], row["genotype"], row["supports"]) == ("undocumented", "C/?", "*1")
    (assumed,) = rows.filter(pl.col("kind") == "assumed")["positions"]
    assert assumed == len(genes["CYP2C9"].positions) - 1
    assert rows.filter(pl.col("kind") == "reference").is_empty()
    rows, _ = explain("CYP2C9", [("chr10", at.pos, "C", "T", "./1")])
    (row,) = rows.filter(pl.col("kind").is_in(READ)).iter_rows(named=True)
    assert (row["kind"], row["genotype"], row["supports"]) == ("half_called", "T/.", "*2; *35; *61; *92")


def test_a_base_taken_from_the_reference_of_the_other_build_is_not_said_to_be_read(genes, explain):
    gene = genes["DPYD"]
    first = gene.grch37[0]
    record = (gene.contig, first.pos, first.ref, first.alts[0], "0/0")
    rows, _ = explain("DPYD", [record], absent_sites="reference", build="GRCh37")
    assumed = rows.filter(pl.col("kind") == "assumed")
    (own,) = assumed.filter(pl.col("positions").is_null()).iter_rows(named=True)
    assert (own["position"], own["genotype"], own["supports"]) == ("rs1801265", "G/G", "c.85T>C (*9A)")
    assert assumed["positions"].sum() + 1 == len(gene.positions) - 1
    assert rows.filter(pl.col("kind") == "variant").is_empty()
    there = gene.grch37[[position.name for position in gene.positions].index("rs1801265")]
    rows, _ = explain("DPYD", [(gene.contig, there.pos, there.ref, there.alts[0], "0/0")], build="GRCh37")
    (own,) = rows.filter(pl.col("kind").is_in(["variant", "assumed"])).iter_rows(named=True)
    assert (own["kind"], own["genotype"]) == ("variant", "G/G"), "a record was read"


def test_a_gene_of_which_nothing_was_read_is_one_row(genes, explain):
    rows, _ = explain("CYP2D6", [])
    assert rows.select("kind", "positions", "hides").rows() == [("missing", len(genes["CYP2D6"].positions), None)]


def step(make_vcf, tables, folder, samples, people, **options):
    columns = ["0/1:9", "1/1:8", "0/0:7", "./.:."] * (len(samples) // 4 + 1)
    contigs = [("chr16", 90_338_345)]
    path = make_vcf([("chr16", 31096368, "C", "T", *columns[: len(samples)])], samples, contigs, formats="GT:DP")
    (folder / "consent.txt").write_text("".join(f"{name}\n" for name in people))
    given = {"absent_sites": "reference", "contigs": ["chr16"], "genes": ["VKORC1", "TPMT"]} | options
    to = {"calls": folder / "calls.parquet", "evidence": folder / "evidence.parquet"}
    call_pharmacogenes([path], folder / "consent.txt", sorted(tables.glob("*.tsv")), **to, **given)
    return pl.read_parquet(folder / "evidence.parquet")


def test_the_step_writes_the_evidence_of_everyone_who_agreed(make_vcf, tables, tmp_path, monkeypatch):
    samples = tuple(f"P{n}" for n in range(11))
    monkeypatch.setattr("permed.pharmacogenes.calling.gene.PEOPLE", 4)
    monkeypatch.setattr("permed.pharmacogenes.evidence.rows.PEOPLE", 3)
    people = [name for name in samples if name != "P2"]
    rows = step(make_vcf, tables, tmp_path, samples, people)
    assert rows.schema == SCHEMA
    assert rows.select("sample", "gene").unique(maintain_order=True).rows() == [
        (name, gene) for name in people for gene in ("TPMT", "VKORC1")
    ]
    read = rows.filter((pl.col("gene") == "VKORC1") & pl.col("kind").is_in(["variant", "reference", "missing"]))
    expected = {0: ("C/T", 9), 1: ("T/T", 8), 2: (None, 7), 3: (None, None)}
    assert read.select("genotype", "depth").rows() == [expected[int(name[1:]) % 4] for name in people]
    before = (tmp_path / "evidence.parquet").read_bytes()
    monkeypatch.setattr("permed.pharmacogenes.evidence.rows.PEOPLE", 1000)
    step(make_vcf, tables, tmp_path, samples, people)
    assert (tmp_path / "evidence.parquet").read_bytes() == before, "the bytes do not depend on the pieces"
    assert not list(tmp_path.glob(".*"))


def test_no_consent_gives_an_empty_table_of_evidence(make_vcf, tables, tmp_path):
    rows = step(make_vcf, tables, tmp_path, ("P1",), [])
    assert rows.schema == SCHEMA and rows.is_empty()


def test_a_failure_leaves_no_pieces(make_vcf, tables, tmp_path, monkeypatch):
    def fail(path):
        raise Fault("the table cannot be read", file=path)

    monkeypatch.setattr("permed.pharmacogenes.reading.files.read_table", fail)
    with pytest.raises(Fault, match="cannot be read"):
        step(make_vcf, tables, tmp_path, ("P1",), ["P1"], set_aside=[tmp_path / "set_aside.parquet"])
    assert not list(tmp_path.glob(".*")) and not (tmp_path / "evidence.parquet").exists()
