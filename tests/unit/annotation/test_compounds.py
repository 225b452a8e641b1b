"""Variants that meet in a codon: TAC (Tyr) becomes Asp or Ser by one of two changes, Ala by both on one copy."""

import polars as pl
import pysam
import pytest

from permed.annotation.annotating import annotate_variants
from permed.annotation.compounds import MISSING, SCHEMA, UNPHASED, find_compounds
from permed.annotation.genes.reading import read_genes
from permed.variants import variant_keys

CODING = "ATGGCTTACAAACGTGGATAA"  # ATG GCT TAC AAA CGT GGA TAA at 101..121
SEQUENCE = "C" * 100 + CODING + "C" * 100
GFF = """##gff-version 3
chr1\tx\tgene\t91\t131\t.\t+\t.\tID=gene:G1;Name=GENE1;biotype=protein_coding
chr1\tx\tmRNA\t91\t131\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding;version=2;tag=MANE_Select
chr1\tx\texon\t91\t131\t.\t+\t.\tParent=transcript:T1
chr1\tx\tCDS\t101\t121\t.\t+\t0\tParent=transcript:T1
"""
PEOPLE = {  # genotypes of 107T>G, 108A>C and 113C>T, which is in another codon
    "same_copy": ("1|0", "1|0", "0|0"),
    "other_copies": ("1|0", "0|1", "0|1"),
    "unphased": ("0/1", "0/1", "0/1"),
    "one_on_both": ("1/1", "0/1", "0/0"),
    "only_one": ("0/1", "0/0", "0/1"),
    "missing": ("0/1", "./.", "0/0"),
    "two_sets": ("1|0:5", "1|0:9", "0|0:5"),
    "no_consent": ("1|0", "1|0", "0|0"),
}


@pytest.fixture
def annotated(tmp_path, make_vcf):
    """The genotypes, the table of variants on transcripts, the gene models and the reference."""
    columns = [[g[n] if ":" in g[n] else f"{g[n]}:." for g in PEOPLE.values()] for n in range(3)]
    sites = [("chr1", 107, "T", "G"), ("chr1", 108, "A", "C"), ("chr1", 113, "C", "T")]
    rows = [(*site, *column) for site, column in zip(sites, columns, strict=True)]
    vcf = make_vcf(rows, samples=tuple(PEOPLE), contigs=(("chr1", len(SEQUENCE)),), formats="GT:PS")
    fasta, genes = tmp_path / "r.fa", tmp_path / "g.gff3"
    fasta.write_text(f">chr1\n{SEQUENCE}\n")
    pysam.faidx(str(fasta))
    genes.write_text(GFF)
    models = read_genes(genes, ["chr1"], "GRCh38")
    listed = pl.DataFrame(sites, schema=["contig", "pos", "ref", "alt"], orient="row")
    listed = listed.with_columns(key=variant_keys(listed))
    [(annotation, touched)] = annotate_variants(vcf, listed, "chr1", fasta, models, "GRCh38", genes)
    assert annotation["consequence"].to_list() == ["missense"] * 3, "each is judged alone"
    assert annotation["hgvs_p"].to_list() == ["p.(Tyr3Asp)", "p.(Tyr3Ser)", "p.(Arg5Cys)"]
    assert annotation["hgvs_c"][0] == "T1.2:c.7T>G"
    assert annotation["hgvs_g"].null_count() == 3, "this contig has not the length of chromosome 1"
    return vcf, touched, models, fasta


@pytest.fixture
def found(annotated):
    samples = [name for name in PEOPLE if name != "no_consent"]
    return find_compounds(*annotated, samples)


def test_what_variants_do_together_is_told_of_those_who_carry_them_on_one_copy(found):
    together = {row["sample"]: row for row in found.filter(state="found").iter_rows(named=True)}
    assert set(together) == {"same_copy", "one_on_both"}
    for row in together.values():
        assert (row["gene"], row["transcript"], row["consequence"]) == ("GENE1", "T1.2", "missense")
        assert row["amino_acid_change"] == "3Y>3A"
        assert row["variants"] == ["107T>G", "108A>C"]


def test_where_the_copies_are_not_known_that_is_said(found):
    rows = found.filter(state="not_assessable")
    assert dict(rows.select("sample", "reason").iter_rows()) == {
        "missing": MISSING,
        "two_sets": UNPHASED,
        "unphased": UNPHASED,
    }
    assert rows["variants"].to_list() == [["107T>G", "108A>C"]] * 3
    assert rows["consequence"].null_count() == 3


@pytest.mark.parametrize(
    ("gene", "expected"), [("GENE1", {"same_copy", "one_on_both"}), ("ELSE", {"same_copy"}), (None, {"same_copy"})]
)
def test_who_agreed_to_carriers_alone_is_looked_at_in_genes_of_the_carriers(
    annotated, run_step, tmp_path, gene, expected
):
    vcf, touched, models, fasta = annotated
    rows, table, quality, made = (tmp_path / f"{name}.parquet" for name in ("rows", "models", "quality", "made"))
    touched.write_parquet(rows)
    models.write_parquet(table)
    pl.DataFrame({"sample": list(PEOPLE)}).select(
        "sample", pl.when(pl.col("sample") == "unphased").then(pl.lit("failed")).alias("withheld")
    ).write_parquet(quality)
    consents = {"findings": "same_copy\n", "carriers": "one_on_both\nunphased\nonly_one\n"}
    for name, text in consents.items():
        (tmp_path / f"{name}.txt").write_text(text)
    (tmp_path / "list.tsv").write_text(f"gene\tcondition\tinheritance\n{gene}\ta condition\tAR\n")
    run_step("find_compounds")(
        [vcf],
        [rows],
        table,
        [fasta],
        *(tmp_path / f"{name}.txt" for name in consents),
        quality,
        compounds=made,
        carriers=tmp_path / "list.tsv" if gene else None,
    )
    assert set(pl.read_parquet(made)["sample"]) == expected


@pytest.mark.parametrize("genotypes", ["0/0", "0", "0|0"])
def test_where_nobody_carries_what_meets_there_is_no_row(genotypes, annotated, tmp_path):
    _, touched, models, fasta = annotated
    header = ["##fileformat=VCFv4.3", f"##contig=<ID=chr1,length={len(SEQUENCE)}>"]
    header += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    header += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB"]
    sites = [(107, "T", "G"), (108, "A", "C"), (113, "C", "T")]
    rows = [f"chr1\t{p}\t.\t{r}\t{a}\t.\tPASS\t.\tGT\t{genotypes}\t{genotypes}" for p, r, a in sites]
    path = tmp_path / "none.vcf"
    path.write_text("\n".join([*header, *rows]) + "\n")
    pysam.bcftools.view("-Ob", "-o", str(tmp_path / "none.bcf"), "--write-index", str(path), catch_stdout=False)
    found = find_compounds(tmp_path / "none.bcf", touched, models, fasta, ["A", "B"])
    assert found.is_empty() and found.schema == SCHEMA
