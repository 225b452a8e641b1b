"""The committed tables hold together and are what the importer makes of the published files."""

import itertools

import polars as pl
import pytest

from permed.errors import Fault
from permed.pharmacogenes.definitions import TABLES, load_genes
from permed.pharmacogenes.phenotypes import phenotype_of
from permed.pharmacogenes.releases.importer import COLUMNS, PROVENANCE, Newer, import_definitions
from permed.tables import read_table, write_table

LATER = 24  # positions that the release of 2026-07 has and that of 2025-11 has not


@pytest.fixture(scope="module")
def frames(tables):
    return {name: read_table(tables / f"{name}.tsv") for name in COLUMNS}


def test_counts_are_those_of_the_release(frames):
    assert frames["genes"].height == 23
    assert frames["positions"].height == 1202 + 22 + LATER
    assert frames["positions"]["role"].value_counts().sort("role").rows() == [
        ("definition", 1201 + 22 + LATER),
        ("reporting", 1),
    ]
    assert frames["alleles"].filter(pl.col("reference") == "yes").height == 23


def test_every_row_says_where_it_is_from(frames):
    for name, frame in frames.items():
        assert tuple(frame.columns[-3:]) == PROVENANCE, name
        assert frame.select(pl.all_horizontal(pl.col(PROVENANCE).is_not_null()).all()).item(), name


def test_no_row_is_there_twice(frames):
    keys = {
        "genes": ["gene"],
        "positions": ["gene", "pos"],
        "alleles": ["gene", "allele"],
        "allele_variants": ["gene", "allele", "pos"],
        "phenotypes": ["gene", "function1", "function2", "activity_score"],
    }
    for name, key in keys.items():
        assert not frames[name].select(key).is_duplicated().any(), name


def test_cells_have_their_position_allele_and_base(frames):
    cells, defined = frames["allele_variants"], frames["alleles"].filter(pl.col("defined") == "yes")
    assert cells.join(defined, on=["gene", "allele"], how="anti").is_empty()
    placed = cells.join(frames["positions"], on=["gene", "pos"], how="left")
    known = pl.concat_list(pl.col("ref"), pl.col("alts").str.split(","))
    assert placed["ref"].is_not_null().all()
    assert placed.select((pl.col("base").str.split(",").list.set_difference(known).list.len() == 0).all()).item()


def test_every_allele_is_defined_by_something(frames):
    defined = frames["alleles"].filter(pl.col("defined") == "yes")
    assert defined.join(frames["allele_variants"], on=["gene", "allele"], how="anti").is_empty()


def test_the_reference_allele_specifies_every_position(genes):
    for gene in genes.values():
        assert gene.specified[gene.reference].all(), gene.name


def test_functions_and_phenotypes_cover_every_pair(genes, frames):
    without = {gene for gene in genes if gene not in set(frames["phenotypes"]["gene"])}
    assert without == {"CYP4F2"}
    for gene in genes.values():
        if gene.name in without:
            assert all(allele.function is None for allele in gene.alleles)
            continue
        if gene.contig == "chrM":
            assert all(phenotype_of(gene, (i,))[1] for i in range(len(gene.alleles)))
            continue
        kinds = {(a.function, a.activity_value): i for i, a in enumerate(gene.alleles)}
        for pair in itertools.combinations_with_replacement(kinds.values(), 2):
            assert phenotype_of(gene, pair)[1] is not None, (gene.name, pair)


def test_the_haploid_gene_has_phenotypes_for_one_allele(genes):
    gene = genes["G6PD"]
    by_function = {a.function: phenotype_of(gene, (i,))[1] for i, a in enumerate(gene.alleles)}
    assert by_function["IV/Normal"] == "Normal"
    assert by_function["III/Deficient"] == by_function["II/Deficient"] == "Deficient"
    assert by_function["I/Deficient with CNSHA"] == "Deficient with CNSHA"


@pytest.mark.parametrize(
    ("gene", "pair", "answer"),
    [
        # CPIC: CYP2C19 2022, CYP2C9 2020, DPYD 2017, CYP2D6 consensus 2020, TPMT 2018, G6PD 2022 table 1.
        ("CYP2C19", ("*1", "*17"), (None, "Rapid Metabolizer")),
        ("CYP2C19", ("*2", "*2"), (None, "Poor Metabolizer")),
        ("CYP2C9", ("*1", "*2"), ("1.5", "Intermediate Metabolizer")),
        ("DPYD", ("Reference", "c.1905+1G>A (*2A)"), ("1.0", "Intermediate Metabolizer")),
        ("CYP2D6", ("*1", "*4"), ("1.0", "Intermediate Metabolizer")),
        ("CYP2D6", ("*10", "*41"), ("0.5", "Intermediate Metabolizer")),  # ClinPGx 2026: *41 has 0.25
        ("CYP2D6", ("*1", "*10"), ("1.25", "Normal Metabolizer")),
        ("TPMT", ("*3A", "*3C"), (None, "Poor Metabolizer")),
        ("G6PD", ("B (reference)", "A- 202A_376G"), (None, "Variable")),
        ("RYR1", ("Reference", "c.1840C>T"), (None, "Malignant Hyperthermia Susceptibility")),
        ("RYR1", ("Reference", "Reference"), (None, "Uncertain Susceptibility")),
    ],
)
def test_published_phenotypes(genes, gene, pair, answer):
    index = {allele.name: i for i, allele in enumerate(genes[gene].alleles)}
    assert phenotype_of(genes[gene], tuple(index[name] for name in pair)) == answer


def test_the_importer_makes_the_committed_tables(shared, frames, tables):
    source = shared / "real" / "pgx"
    definitions = source / "pharmcat_definitions"
    folders = definitions / "alleles", definitions / "phenotype", source / "pypgx_tables"
    newer = Newer(*(tables / f"{name}_updates.tsv" for name in ("function", "definition", "phenotype")))
    made = import_definitions(*folders, newer, tables / "indel_bases.tsv")
    for name, frame in made.items():
        assert frame.equals(frames[name]), name


def test_positions_that_are_never_taken_for_reference_say_who_asks_for_it(frames):
    positions = frames["positions"]
    never = positions.filter(pl.col("never_default") == "yes")
    assert never.select("gene", "rsid").rows() == [
        ("CYP2C19", "rs3758581"),
        ("CYP3A5", "rs776746"),
        ("UGT1A1", "rs3064744"),
    ]
    assert never["never_default_source"].str.starts_with("PharmCAT issue 193").all()
    (leiden,) = positions.filter(pl.col("never_default") == "GRCh37").iter_rows(named=True)
    assert (leiden["rsid"], leiden["ref"], leiden["ref37"]) == ("rs6025", "C", "T")
    others = positions.filter(pl.col("never_default").is_in(["yes", "GRCh37"]).not_())
    assert others["never_default"].unique().to_list() == ["no"] and others["never_default_source"].is_null().all()


def test_copy_number_alleles_are_those_of_the_published_list(shared, frames):
    path = shared / "real" / "pgx" / "pharmcat_definitions" / "phenotypes.tsv"
    row = next(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("CYP2D6"))
    names = set(row[1].split(";"))
    ours = frames["alleles"].filter(gene="CYP2D6")
    unvalued = {"*68x2"}  # published without an activity value
    assert names - set(ours["allele"]) == unvalued
    scores = frames["phenotypes"].filter(pl.col("gene") == "CYP2D6")["activity_score"]
    assert set(row[3].split(";")) == set(scores) - {"n/a"}


def test_positions_are_those_of_the_published_vcf(shared, frames):
    published = shared / "real" / "pgx" / "pharmcat_definitions" / "pharmcat_positions.vcf"
    rows = [line.split("\t")[:5] for line in published.read_text().splitlines() if not line.startswith("#")]
    theirs = {(chrom, pos, ref, frozenset(alt.split(","))) for chrom, pos, _, ref, alt in rows}
    ours = frames["positions"].filter(pl.col("contig") != "chrM").select("contig", "pos", "ref", "alts").rows()
    found = {(contig, pos, ref, frozenset(alts.split(","))) for contig, pos, ref, alts in ours}
    # Of three positions the later release has one alternate more; nothing is taken away.
    lost = {place: alts for *place, alts in theirs - found for place in [tuple(place)]}
    more = {tuple(place): alts for *place, alts in found - theirs}
    assert set(lost) == {("chr10", "94981250", "C"), ("chr19", "38499730", "G"), ("chr7", "99762206", "G")}
    assert all(alts < more[place] for place, alts in lost.items())
    assert len(more) == LATER + 3


def test_an_unknown_gene_is_refused_by_name(tables):
    with pytest.raises(Fault, match="no definitions for CYP9Z9"):
        load_genes(tables, ["CYP2C19", "CYP9Z9"])


def test_a_lost_table_is_refused_by_name(tables):
    paths = [tables / f"{name}.tsv" for name in TABLES if name != "alleles"]
    with pytest.raises(Fault, match="the table alleles"):
        load_genes(paths)


def test_tables_of_before_the_positions_that_are_never_taken_for_reference_are_refused(tables, tmp_path):
    for name in TABLES:
        (tmp_path / f"{name}.tsv").write_bytes((tables / f"{name}.tsv").read_bytes())
    old = read_table(tables / "positions.tsv").drop("never_default", "never_default_source")
    write_table(old, tmp_path / "positions.tsv")
    with pytest.raises(Fault, match="never taken for reference"):
        load_genes(tmp_path)


LOSSES = "ABCG2 CYP2B6 CYP2C19 CYP2C9 CYP2D6 CYP3A4 CYP3A5 DPYD G6PD NAT2 NUDT15 SLCO1B1 TPMT UGT1A1".split()


def test_a_loss_lowers_the_function_of_genes_whose_tables_show_it(frames, genes):
    rows = {row["gene"]: row for row in frames["genes"].to_dicts()}
    assert [name for name, row in rows.items() if row["loss_lowers_function"] == "yes"] == LOSSES
    assert {name for name in rows if genes[name].loss_lowers_function} == {*LOSSES}
    for name, row in rows.items():
        reason = row["loss_reason"] or ""
        functions = {word for word in ("no", "decreased", "deficient") if word in reason.split()}
        assert bool(functions) is (name in LOSSES)
        known = {(allele.function or "").lower() for allele in genes[name].alleles}
        assert all(any(word in text.split("/")[-1].split() for text in known) for word in functions), name
        alleles = range(len(genes[name].alleles))
        assert name not in LOSSES or len({phenotype_of(genes[name], (0, i))[1] for i in alleles}) > 1
    assert {name: row["pseudogene"] for name, row in rows.items() if row["pseudogene"]} == {
        "CYP2B6": "CYP2B7",
        "CYP2D6": "CYP2D7",
    }
    assert all(bool(row["pseudogene"]) is bool(row["pseudogene_source"]) for row in rows.values())


def test_the_reason_of_each_gene_stands_in_the_readme(frames, tables):
    lines = (tables / "README.md").read_text(encoding="utf-8").splitlines()
    said = {
        gene: answer.strip()
        for line in lines
        if line.count("|") == 4
        for names, answer in [line.split("|")[1:3]]
        for gene in names.strip().split(", ")
        if answer.strip() in ("yes", "no")
    }
    for row in frames["genes"].to_dicts():
        assert said[row["gene"]] == row["loss_lowers_function"], row["gene"]
