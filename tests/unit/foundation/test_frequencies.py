"""Allele frequencies: every format gives the same, and the committed common sites are those of their source."""

import gzip

import numpy as np
import polars as pl
import pysam.bcftools
import pytest

from permed.errors import Fault
from permed.frequencies import common_reference, populations, read_frequencies, site_frequencies

TABLE = "contig\tpos\tref\talt\taf\n1\t10\tA\tG\t0.3\nchr1\t20\tA\tG\t0.99\nchr1\t30\tA\tGT\t0.5\nchr2\t5\tC\tT\t0.6\n"
VCF = """##fileformat=VCFv4.3
##contig=<ID=1>
##contig=<ID=chr2>
##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
1\t10\t.\tA\tG\t.\t.\tAF=0.3
1\t20\t.\tA\tG\t.\t.\tAF=0.99
1\t30\t.\tA\tGT\t.\t.\tAF=0.5
1\t40\t.\tA\tG,T\t.\t.\tAF=0.5,0.2
chr2\t5\t.\tC\tT\t.\t.\tAF=0.6
"""


@pytest.mark.parametrize("name", ["af.tsv", "af.tsv.gz", "af.parquet", "af.vcf", "af.vcf.gz", "af.bcf"])
def test_frequencies_of_any_format_are_joined_by_position_and_alleles(tmp_path, name):
    path = tmp_path / name
    if name.endswith(".parquet"):
        pl.read_csv(TABLE.encode(), separator="\t").write_parquet(path)
    elif "tsv" in name:
        path.write_bytes(gzip.compress(TABLE.encode()) if name.endswith("gz") else TABLE.encode())
    else:
        (tmp_path / "x.vcf").write_text(VCF)
        kind = {"af.vcf": "v", "af.vcf.gz": "z", "af.bcf": "b"}[name]
        pysam.bcftools.view(f"-O{kind}", "-o", str(path), str(tmp_path / "x.vcf"), catch_stdout=False)
    found = read_frequencies(path)
    assert found.select("contig", "pos").rows() == [("chr1", 10), ("chr2", 5)]
    sites = pl.DataFrame(
        [("chr1", 10, "A", "G"), ("chr1", 10, "A", "C"), ("2", 5, "C", "T"), ("2", 6, "C", "T")],
        schema=["contig", "pos", "ref", "alt"],
        orient="row",
    )
    assert site_frequencies(sites, found)[0] == pytest.approx([0.3, np.nan, 0.6, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contig\tpos\tref\talt\n1\t1\tA\tG\n", "no column af"),
        ("contig\tpos\tref\talt\taf\n1\t1\tA\tG\tmany\n", "af has 'many', which is no number"),
        ("contig\tpos\tref\talt\taf\taf_note\n1\t1\tA\tG\t0.3\tx\n", "af_note has 'x', which is no number"),
        ("contig\tpos\tref\talt\taf\n1\t1\tA\tG\t30\n", "frequency of 1:1 is not between 0 and 1"),
    ],
)
def test_a_table_without_frequencies_is_refused(tmp_path, text, said):
    (tmp_path / "af.tsv").write_text(text)
    with pytest.raises(Fault, match=said):
        read_frequencies(tmp_path / "af.tsv")


@pytest.mark.parametrize("name", ["af.tsv", "af.tsv.gz"])
def test_a_word_among_frequencies_is_named_with_its_column_and_line(tmp_path, name):
    text = "#v1\ncontig\tpos\tref\talt\taf\taf_note\n1\t10\tA\tG\t0.3\t\n\n1\t20\tA\tG\t0.4\trare\n"
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    with pytest.raises(Fault, match=f"{name} line 5: af_note has 'rare', which is no number"):
        read_frequencies(tmp_path / name)


def test_a_large_cohort_s_own_frequencies_are_those_of_its_genotypes():
    sites = pl.DataFrame({"n_ref": [50, 100, 0], "n_het": [50, 0, 0], "n_alt": [0, 0, 0]})
    assert site_frequencies(sites, None)[0] == pytest.approx([0.25, 0, np.nan], nan_ok=True)
    assert common_reference(site_frequencies(sites, None))[0] == pytest.approx([0.75, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37"])
def test_the_common_sites_are_those_of_the_reference_data(root, shared, build):
    ours = read_frequencies(root / f"resources/quality/common_sites.{build}.tsv.gz")
    path = shared / f"facts/panels/sites_1kg_10k.b{build[-2:]}.tsv.gz"
    theirs = pl.read_csv(path, separator="\t", infer_schema_length=10_000, schema_overrides={"chrom": pl.String})
    theirs = theirs.with_columns(contig=pl.format("chr{}", pl.col("chrom").str.strip_prefix("chr")))
    both = ours.join(theirs, on=["contig", "pos", "ref", "alt"])
    assert len(ours) > 15_000 and len(both) > 9_900
    assert both.select((pl.col("af") - pl.col("af_mean")).abs().max()).item() == 0
    assert populations(ours) == ["af", "af_afr", "af_amr", "af_eas", "af_eur", "af_sas"]
    for name in populations(ours)[1:]:  # ours are rounded
        assert both.select((pl.col(name) - pl.col(f"{name}_right")).abs().max()).item() <= 0.0051
