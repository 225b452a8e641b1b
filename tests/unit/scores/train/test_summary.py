"""Reading summary statistics of both formats, and refusing those that cannot be what they say."""

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.scores.train.kernels import log10_p_of
from permed.scores.train.summary import read_summary, stated_build

# rows of the example in the specification of GWAS-SSF 1.1, with a p-value below the smallest double and one of 0
CATALOG = """chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\t\
effect_allele_frequency\tp_value\trsid
1\t869388\tA\tG\t-0.016619\t0.00806496\t0.997221\t0.1\t#NA
7\t8458030\tTC\tT\t-0.0184003\t0.00101051\t0.78451\t5.7E-76\trs774624811
23\t24173186\ta\tc\t0.5\t0.01\t0.627178\t2.3E-545\trs5949233
22\t17000000\tA\tC\t0.5\t0.01\t#NA\t0\trs1
"""


def test_the_catalog_s_format(tmp_path):
    path = tmp_path / "study.tsv"
    path.write_text(CATALOG)
    rows, kind = read_summary(path)
    assert kind == "beta"
    assert rows["contig"].to_list() == ["chr1", "chr7", "chrX", "chr22"]
    assert rows["effect_allele"].to_list() == ["A", "TC", "A", "A"]
    assert rows["rsid"].to_list() == [None, "rs774624811", "rs5949233", "rs1"]
    assert rows["line"].to_list() == [2, 3, 4, 5]
    assert rows["z"].to_list() == pytest.approx([-2.060643, -18.209, 50, 50], rel=1e-4)
    assert rows["log10_p"][:3].to_list() == pytest.approx([-1, -75.2441, -544.6383], rel=1e-5)
    assert rows["log10_p"][3] == pytest.approx(-544.6383, abs=0.1)  # from the z score, p being written as 0
    assert rows["frequency"].to_list() == [0.997221, 0.78451, 0.627178, None]


def test_the_table_of_prs_cs(tmp_path):
    """The lines are those of the README of PRS-CS; z is the normal quantile of its p-values."""
    path = tmp_path / "sumstats.txt"
    path.write_text(
        "    SNP          A1   A2   OR        P\n    rs4970383    A    C    0.9825    0.5737\n"
        "    rs4475691    T    C    0.9436    0.0691\n    rs13302982   A    G    1.1337    0.0209\n"
    )
    rows, kind = read_summary(path)
    assert kind == "odds_ratio"
    assert rows["effect"].to_list() == pytest.approx([-0.017655, -0.058053, 0.125487], rel=1e-3)
    assert rows["z"].to_list() == pytest.approx([-0.5626, -1.8178, 2.3096], rel=1e-3)
    assert rows["pos"].null_count() == 3


def test_negative_logarithms_of_p_values(tmp_path):
    path = tmp_path / "study.tsv"
    path.write_text(
        "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tneg_log_10_p_value\n1\t5\tA\tC\t-1\t400\n"
    )
    rows, _ = read_summary(path)
    assert rows["log10_p"][0] == -400
    assert rows["z"][0] == pytest.approx(-42.83, abs=0.01)  # z²/2 is 400 ln 10 less the logarithm of z sqrt(pi/2)


def broken(rows, **columns):
    """A study of many rows with some columns changed."""
    rng = np.random.default_rng(1)
    z = rng.normal(0, 5, 200)
    table = pl.DataFrame(
        {"chromosome": [1] * 200, "base_pair_location": range(1, 201), "effect_allele": ["A"] * 200}
    ).with_columns(other_allele=pl.lit("C"), beta=z * 0.01, standard_error=pl.lit(0.01))
    log10_p = np.empty(200)
    log10_p_of(z, log10_p)
    return table.with_columns(p_value=10**log10_p).with_columns(**columns)[:rows]


def test_effects_that_are_not_what_the_column_says(write_summary):
    assert len(read_summary(write_summary(broken(200)))[0]) == 200
    with pytest.raises(Fault, match="no beta of 200 is 0 or below"):
        read_summary(write_summary(broken(200, beta=pl.col("beta").exp())))
    with pytest.raises(Fault, match="in odds_ratio are below 0"):
        read_summary(write_summary(broken(200).rename({"beta": "odds_ratio"})))
    with pytest.raises(Fault, match="do not belong together"):
        read_summary(write_summary(broken(200, standard_error=pl.lit(0.03))))


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("chromosome\tbase_pair_location\tother_allele\tbeta\tp_value", "effect_allele"),
        ("effect_allele\tother_allele\tbeta\tp_value", "chromosome and base_pair_location"),
        ("rsid\teffect_allele\tother_allele\tp_value", "beta or odds_ratio"),
        ("rsid\teffect_allele\tother_allele\tbeta", "standard_error or p_value"),
    ],
)
def test_missing_columns_are_named(tmp_path, header, missing):
    path = tmp_path / "study.tsv"
    path.write_text(header + "\n" + "\t".join("1" for _ in header.split("\t")) + "\n")
    with pytest.raises(Fault, match=missing):
        read_summary(path)


def test_a_file_that_is_cut_short(tmp_path, write_summary):
    path = write_summary(broken(200))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Fault, match="damaged or cut short"):
        read_summary(path)


@pytest.mark.parametrize(
    ("text", "build"),
    [
        ("genome_assembly: GRCh37\ncoordinate_system: 1-based\n", "GRCh37"),
        ("summaryStatisticsMetadata:\n  genomeAssembly: GRCh38\n", "GRCh38"),
        ("genome_assembly: hg19\n", "GRCh37"),
        ("trait: x\n", None),
    ],
)
def test_the_build_that_metadata_state(tmp_path, text, build):
    (tmp_path / "study.tsv").write_text(CATALOG)
    (tmp_path / "study.tsv-meta.yaml").write_text(text)
    assert stated_build(tmp_path / "study.tsv") == build


def test_columns_that_the_catalog_harmonised_count_and_are_of_grch38(tmp_path):
    """Beside them are the authors' columns, on their build and strand; of an odds ratio hm_beta is empty."""
    path = tmp_path / "study.h.tsv"
    names = "hm_rsid hm_chrom hm_pos hm_other_allele hm_effect_allele hm_beta hm_odds_ratio hm_effect_allele_frequency "
    names += "chromosome base_pair_location other_allele effect_allele beta odds_ratio standard_error p_value"
    rows = ["rs1 1 1000 A G NA 2 0.3 1 900 G A NA 0.5 0.1 4.2e-12", "NA NA NA NA NA NA NA NA 1 901 G A NA 0.5 0.1 0.5"]
    path.write_text("\n".join("\t".join(line.split()) for line in [names, *rows]) + "\n")
    found, kind = read_summary(path)
    assert kind == "odds_ratio"
    row = found.row(0, named=True)
    assert (row["contig"], row["pos"], row["effect_allele"], row["frequency"]) == ("chr1", 1000, "G", 0.3)
    assert row["effect"] == pytest.approx(0.693147, rel=1e-5)
    assert found.row(1, named=True)["pos"] is None
    assert stated_build(path) == "GRCh38"


def test_zero_based_positions_are_refused(tmp_path):
    (tmp_path / "study.tsv").write_text(CATALOG)
    (tmp_path / "study.tsv-meta.yaml").write_text("coordinate_system: 0-based\n")
    with pytest.raises(Fault, match="0-based"):
        stated_build(tmp_path / "study.tsv")
