"""Rows of several sites and rows with weights by dosage: what each becomes."""

import polars as pl
import pytest

from permed.scoring_files import EFFECT_TYPES, SCORE_SCHEMA, TERM_TYPES, check_scoring_file, read_scores

PLACED = "rsID chr_name chr_position effect_allele other_allele effect_weight"
PART = ["contig", "pos", "effect_allele", "other_allele", "weight", "effect_type", "dosage_weights", "term"]


def parts(write, table, columns, *rows, build="GRCh38"):
    found = read_scores(write(table(columns, *rows)), build)
    assert list(found.columns) == list(SCORE_SCHEMA)
    assert found["not_scorable"].null_count() == len(found)
    return found.select(PART).rows()


def test_an_interaction_is_a_term_of_its_variants(write, table):
    row = "rs1_x_rs2 1_x_2 10_x_20 A_x_C G_x_T 0.5 TRUE"
    assert parts(write, table, f"{PLACED} is_interaction", row, "rs3 3 30 A G 2 FALSE") == [
        ("chr1", 10, "A", "G", 0.5, "interaction", None, 2),
        ("chr2", 20, "C", "T", 0.5, "interaction", None, 2),
        ("chr3", 30, "A", "G", 2.0, "additive", None, None),
    ]


def test_a_haplotype_is_a_term_of_its_sites(write, table):
    rows = ["rs1;rs2;rs3 19 10;20;30 A;C;G _ 0.5 TRUE", "rs1 19 5 A G 1 _"]
    found = parts(write, table, f"{PLACED} is_haplotype", *rows)
    assert found == [
        ("chr19", 10, "A", None, 0.5, "haplotype", None, 2),
        ("chr19", 20, "C", None, 0.5, "haplotype", None, 2),
        ("chr19", 30, "G", None, 0.5, "haplotype", None, 2),
        ("chr19", 5, "A", "G", 1.0, "additive", None, None),
    ]


def test_the_frequency_of_a_haplotype_is_not_taken_for_that_of_its_alleles(write, table):
    columns = f"{PLACED} is_haplotype allelefrequency_effect"
    rows = ["rs1;rs2 1 10;20 A;C T;G 1 TRUE 0.1", "rs3 1 30 A T 1 FALSE 0.2", "rs4 1 40 A T 1 FALSE 42"]
    found = read_scores(write(table(columns, *rows)), "GRCh38")
    assert found["frequency"].to_list() == [None, None, 0.2, None]


def test_a_harmonised_file_without_places_of_its_terms_uses_those_of_the_author_if_they_are_of_the_build(write, table):
    columns = f"{PLACED} is_interaction hm_chr hm_pos"
    row = "_ 1_x_1 10_x_20 A_x_C G_x_T 0.5 TRUE _ _"
    for build, reason in (("GRCh38", None), ("GRCh37", "interaction without a position and alleles")):
        text = f"#genome_build={build}\n#HmPOS_build=GRCh38\n" + table(columns, row)
        found = read_scores(write(text), "GRCh38")
        assert len(found) == (1 if reason else 2)
        assert found["not_scorable"].to_list() == [None] * 2 if not reason else reason in found["not_scorable"][0]


@pytest.mark.parametrize(
    ("cells", "weights"),
    [("A/G", [0, 0.5, 0]), ("G/G", [0, 0, 0.5])],
)
def test_a_diplotype_of_one_site_is_a_variant_with_weights_by_dosage(write, table, cells, weights):
    (found,) = parts(
        write, table, f"{PLACED} is_diplotype", f"rs1 1 10 {cells} {'_' if cells == 'A/G' else 'A'} 0.5 TRUE"
    )
    assert found[2:4] == (cells[0], "G" if cells == "A/G" else "A")
    assert found[4:] == (None, "dosage", weights, None)


def test_a_diplotype_of_several_sites_needs_so_many_copies_of_each(write, table):
    row = "rs1;rs2 1 10;20 A;C/A;T _ 0.5 TRUE"
    assert parts(write, table, f"{PLACED} is_diplotype", row) == [
        ("chr1", 10, "A", None, 0.5, "diplotype", [0, 0, 1], 2),
        ("chr1", 20, "C", "T", 0.5, "diplotype", [0, 1, 0], 2),
    ]


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37"])
@pytest.mark.parametrize("name", ["e4", "E4", "ε4", "APOE e4", "APOE-e4"])
def test_an_apoe_allele_is_a_haplotype_of_its_two_sites(write, build, name):
    """Rows as in PGS000026: a chromosome and no position, the allele's name, the locus."""
    text = (
        f"chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tlocus_name\n19\t\t{name}\t\t1.03\tAPOE\n"
    )
    found = read_scores(write(text), build)
    places = {"GRCh38": [44908684, 44908822], "GRCh37": [45411941, 45412079]}[build]
    assert found.select("contig", "pos", "effect_allele", "other_allele").rows() == [
        ("chr19", places[0], "C", "T"),
        ("chr19", places[1], "C", "T"),
    ]
    assert found["effect_type"].to_list() == ["haplotype"] * 2 and found["weight"].to_list() == [1.03] * 2
    other = read_scores(write(text.replace("APOE\n", "PVRL2\n")), build)
    assert other["not_scorable"].to_list()[0].startswith("allele is not of ACGT")


def test_a_variant_of_the_apoe_locus_stays_a_variant(write, table):
    assert parts(write, table, f"{PLACED} locus_name", "rs429358 19 44908684 C T 1 APOE") == [
        ("chr19", 44908684, "C", "T", 1.0, "additive", None, None)
    ]


def test_weights_by_dosage(write, table):
    columns = "chr_name chr_position effect_allele other_allele dosage_0_weight dosage_1_weight dosage_2_weight"
    assert parts(write, table, columns, "1 5 A G -0.5 0 1e-2") == [
        ("chr1", 5, "A", "G", None, "dosage", [-0.5, 0, 0.01], None)
    ]
    both = parts(write, table, f"{columns} effect_weight", "1 5 A G _ _ _ 2", "1 6 A G 0 1 3 _")
    assert [row[4:] for row in both] == [(2.0, "additive", None, None), (None, "dosage", [0, 1, 3], None)]
    for cells, said in (("0 1 _", '"0 1 "'), ("0 one 2", '"0 one 2"'), ("nan 1 2", '"nan 1 2"')):
        (fault,) = check_scoring_file(write(table(columns, "1 4 A G 0 1 2", f"1 5 A G {cells}")), "GRCh38")
        assert (fault.line, fault.fault) == (3, f"dosage weights {said} are not three numbers")


def test_every_effect_type_is_known():
    assert set(TERM_TYPES) < set(EFFECT_TYPES)


def test_weights_by_dosage_of_the_catalogue(shared):
    """PGS004255 as published: 30 variants, each with three weights."""
    path = shared / "real/prs/pygscatalog/harmonised/PGS004255_hmPOS_GRCh38.txt.gz"
    found = read_scores(path, "GRCh38")
    assert len(found) == 30 and found["not_scorable"].null_count() == 30
    first = found.row(0, named=True)
    assert (first["contig"], first["pos"], first["effect_allele"]) == ("chr6", 32609603, "G")
    assert first["dosage_weights"] == [-0.09833810000000001, 0.08934160000000001, 0.4437184]
    assert found["effect_type"].unique().to_list() == ["dosage"]
    assert read_scores(path, "GRCh37")["pos"][0] == 32577380  # the author's own place, of hg19


def test_hla_rows_of_the_catalogue_are_told_apart(shared):
    found = read_scores(shared / "real/prs/pygscatalog/harmonised/complex_variants_PGS004239.txt", "GRCh37")
    reasons = found["not_scorable"].drop_nulls()
    assert len(found) == 14 and len(reasons) == 9
    assert reasons.str.starts_with("an HLA allele").all()
    assert found.filter(pl.col("not_scorable").is_null())["pos"].to_list()[0] == 114377568


def test_a_file_of_rsids_alone_is_refused_with_its_remedy(shared):
    (fault,) = check_scoring_file(shared / "real/prs/pygscatalog/harmonised/complex_variants_PGS000021.txt", "GRCh38")
    assert fault.fault == "its variants have rsIDs and no positions"
    assert "harmonised to GRCh38" in fault.remedy
