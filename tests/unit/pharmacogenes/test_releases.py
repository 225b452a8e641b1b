"""Changes planted in copies of the tables are found, and only those; and so are the calls that they change."""

import polars as pl
import pytest

from compare_pharmacogene_definitions import compare_pharmacogene_definitions
from permed.errors import Fault
from permed.pharmacogenes.releases.compare import compare_tables, read_release, summary
from permed.tables import read_table

GENE, RS = "VKORC1", "rs9923231"


@pytest.fixture
def release(tables):
    return read_release(tables)


def changed(release, table, column, value, **where):
    """The release with one cell of one table set."""
    at = pl.all_horizontal(pl.col(name) == wanted for name, wanted in where.items())
    frame = release[table].with_columns(pl.when(at).then(pl.lit(value)).otherwise(column).alias(column))
    assert not frame.equals(release[table])
    return release | {table: frame}


def without(release, **where):
    """The release less the rows of every table that has these columns and values."""
    at = pl.all_horizontal(pl.col(name) == wanted for name, wanted in where.items())
    return {n: f.filter(at.not_()) if set(where) <= set(f.columns) else f for n, f in release.items()}


def found(before, after):
    return [row[:3] for row in compare_tables(before, after).rows()]


def test_the_same_release_has_no_changes(release):
    assert compare_tables(release, release).is_empty()


def test_another_version_alone_is_no_change(release):
    later = {name: frame.with_columns(version=pl.lit("2030")) for name, frame in release.items()}
    assert compare_tables(release, later).is_empty()


def test_genes_that_only_one_release_has(release):
    fewer = without(release, gene=GENE)
    assert found(release, fewer) == [(GENE, "gene removed", GENE)]
    assert found(fewer, release) == [(GENE, "gene added", GENE)]


def test_alleles_that_only_one_release_has(release):
    fewer = without(release, gene="CYP2C19", allele="*17")
    assert found(release, fewer) == [("CYP2C19", "allele removed", "*17")]
    assert found(fewer, release) == [("CYP2C19", "allele added", "*17")]


def test_an_allele_of_the_same_bases_is_renamed(release):
    named = release
    for table, column in (("alleles", "allele"), ("alleles", "reported_as"), ("allele_variants", "allele")):
        named = changed(named, table, column, "*99", gene="CYP2C19", **{column: "*17"})
    assert compare_tables(release, named).rows() == [("CYP2C19", "allele renamed", "*99", "*17", "*99")]


def test_an_allele_of_other_bases_is_redefined(release):
    after = changed(release, "allele_variants", "base", "A", gene="CYP2C9", allele="*2", pos="94942290")
    assert compare_tables(release, after).rows() == [
        ("CYP2C9", "allele redefined", "*2", "94942290T", "94942290A"),
    ]
    fewer = without(release, gene="CYP2C19", allele="*2", pos="94781859")
    assert compare_tables(release, fewer).rows() == [
        ("CYP2C19", "allele redefined", "*2", "94781859A", "94781859 open")
    ]


def test_a_position_that_moved_redefines_no_allele(release):
    after = release
    for table in ("positions", "allele_variants"):
        after = changed(after, table, "pos", "31096369", gene=GENE, pos="31096368")
    assert compare_tables(release, after).rows() == [
        (GENE, "position moved", RS, "chr16:31096368", "chr16:31096369"),
    ]


def test_positions_that_only_one_release_has(release):
    fewer = without(release, gene="CYP2C9", pos="94942290")
    kinds = {change for _, change, _ in found(fewer, release)}
    assert kinds == {"position added", "allele redefined"}
    assert ("CYP2C9", "position removed", "rs1799853") in found(release, fewer)


@pytest.mark.parametrize(
    ("table", "column", "value", "where", "change"),
    [
        ("positions", "alts", "T,G", {"gene": GENE, "pos": "31096368"}, "position's bases changed"),
        ("positions", "required", "yes", {"gene": GENE, "pos": "31096368"}, "position's required changed"),
        ("alleles", "function", "No function", {"gene": "CYP2C19", "allele": "*17"}, "allele's function changed"),
        ("alleles", "activity_value", "0.25", {"gene": "CYP2C9", "allele": "*2"}, "allele's activity_value changed"),
        ("genes", "method", "lowest_function", {"gene": "CYP2C9"}, "gene's method changed"),
        ("phenotypes", "phenotype", "New", {"gene": "CYP2C9", "activity_score": "1.0"}, "phenotype changed"),
        ("unphased_priorities", "pick", "no", {"gene": "NAT2", "diplotype": "*1/*6"}, "priority's pick changed"),
        ("position_rules", "allele", "*1", {"gene": "SLCO1B1", "base": "C"}, "position rule's allele changed"),
        (
            "function_ranks",
            "rank",
            "9",
            {"gene": "RYR1", "function": "Normal function"},
            "function rank's rank changed",
        ),
    ],
)
def test_one_planted_change_is_the_only_one_found(release, table, column, value, where, change):
    after = changed(release, table, column, value, **where)
    rows = compare_tables(release, after).rows()
    assert {(row[0], row[1]) for row in rows} == {(where["gene"], change)}
    assert {row[4] for row in rows} <= {value, f"C>{value}"} and all(row[3] != row[4] for row in rows)


def test_the_summary_names_gene_and_items(release):
    fewer = without(without(release, gene="CYP2C19", allele="*17"), gene=GENE)
    assert summary(compare_tables(release, fewer)) == ["CYP2C19: allele removed: *17", "VKORC1: gene removed: VKORC1"]


@pytest.fixture
def other(release, tmp_path):
    """Write a release to a folder."""

    def write(tables):
        folder = tmp_path / "other"
        folder.mkdir()
        for name, frame in tables.items():
            frame.write_csv(folder / f"{name}.tsv", separator="\t")
        return folder

    return write


def test_changed_calls_are_named_with_both_answers(release, other, tables, make_vcf, tmp_path):
    after = other(changed(release, "phenotypes", "phenotype", "Planted", gene=GENE, phenotype="-1639 AG"))
    path = make_vcf([("chr16", 31096368, "C", "T", "0/1", "1/1", "0/1")], ("S1", "S2", "S3"), [("chr16", 90_338_345)])
    agreed, to = tmp_path / "consent.txt", {"definitions": tmp_path / "d.tsv", "changed_calls": tmp_path / "c.tsv"}
    agreed.write_text("S2\nS1\n")
    run = {"variants": [path], "contigs": ["chr16"], "consent": agreed}
    compare_pharmacogene_definitions(tables, after, **to, **run)
    columns = ["sample", "gene", "state_before", "state_after", "phenotype_before", "phenotype_after"]
    calls = read_table(to["changed_calls"]).select(columns)
    assert calls.rows() == [("S1", GENE, "called", "called", "-1639 AG", "Planted")]
    assert read_table(to["definitions"]).height == 1


def test_genes_of_one_release_only_are_among_the_changed_calls(release, other, tables, make_vcf, tmp_path):
    path = make_vcf([("chr16", 31096368, "C", "T", "0/1")], contigs=[("chr16", 90_338_345)])
    agreed, to = tmp_path / "consent.txt", {"definitions": tmp_path / "d.tsv", "changed_calls": tmp_path / "c.tsv"}
    agreed.write_text("S1\n")
    run = {"variants": [path], "contigs": ["chr16"], "consent": agreed}
    compare_pharmacogene_definitions(tables, other(without(release, gene=GENE)), **to, **run)
    (row,) = read_table(to["changed_calls"]).iter_rows(named=True)
    assert (row["gene"], row["state_before"], row["state_after"]) == (GENE, "called", None)


def test_a_folder_that_is_no_release_is_refused(release, other, tmp_path, tables):
    folder = other(release | {"alleles": release["alleles"].drop("activity_value")})
    with pytest.raises(Fault, match="no column activity_value"):
        read_release(folder)
    (folder / "alleles.tsv").unlink()
    with pytest.raises(Fault, match="not there"):
        read_release(folder)
    with pytest.raises(Fault, match="need genotypes"):
        to = {"definitions": tmp_path / "d.tsv", "changed_calls": tmp_path / "c.tsv"}
        compare_pharmacogene_definitions(tables, tables, **to)
