"""What PS1 and PM5 compare with: ClinVar's firm changes of one residue, on every transcript, by the gene's code."""

import polars as pl
import pysam
import pytest

from permed.annotation.acmg.known import clinvar_changes
from permed.annotation.acmg.missense import KNOWN
from permed.annotation.genes.reading import read_genes
from permed.variants import variant_keys

# One exon at 101..121: ATG GCT TAC AAA CGT GGA TAA, that is M A Y K R G.
SEQUENCE = "C" * 100 + "ATGGCTTACAAACGTGGATAA" + "C" * 100
GFF = """##gff-version 3
chr1\tx\tgene\t91\t131\t.\t+\t.\tID=gene:G1;Name=GENE1;biotype=protein_coding
chr1\tx\tmRNA\t91\t131\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding;transcript_id=T1
chr1\tx\texon\t91\t131\t.\t+\t.\tParent=transcript:T1
chr1\tx\tCDS\t101\t121\t.\t+\t0\tParent=transcript:T1
"""
ROWS = [  # pos, ref, alt, significance, stars, variation; GCT is alanine, ACT threonine, GTT valine
    (104, "G", "A", "Pathogenic", 2, "1"),
    (105, "C", "T", "Likely pathogenic", 3, "2"),
    (105, "CT", "TA", "Pathogenic", 2, "3"),
    (107, "T", "G", "Pathogenic", 1, "4"),
    (107, "T", "C", "Conflicting classifications of pathogenicity", 1, "5"),
    (106, "T", "A", "Pathogenic", 2, "6"),
    (109, "C", "A", "Pathogenic", 4, "7"),
    (112, "AC", "A", "Pathogenic", 2, "8"),
    (116, "G", "A", "Benign", 2, "9"),
    (30, "C", "T", "Pathogenic", 2, "10"),
]


@pytest.fixture
def changes(tmp_path):
    def make(rows=ROWS, contig="chr1", spelt="chr1", **more):
        fasta, genes, database = tmp_path / "r.fa", tmp_path / "g.gff3", tmp_path / "clinvar.parquet"
        fasta.write_text(f">chr1\n{SEQUENCE}\n")
        pysam.faidx(str(fasta))
        genes.write_text(GFF)
        names = ["pos", "ref", "alt", "significance", "stars", "variation_id"]
        table = pl.DataFrame(rows, schema=names, orient="row").with_columns(contig=pl.lit(spelt), **more)
        table.with_columns(key=pl.Series(variant_keys(table))).write_parquet(database)
        models = read_genes(genes, ["chr1"], "GRCh38")
        return clinvar_changes(database, contig, fasta, models, genes, 2, tmp_path)

    return make


def test_a_database_that_was_built_with_other_names_of_contigs_says_the_same(changes):
    made = changes(spelt="1")
    assert len(made) and made.equals(changes())


def test_firm_missense_is_listed_by_its_residue(changes):
    made = changes()
    assert made.schema == pl.Schema(KNOWN)
    found = {row["clinvar_variation_id"]: row for row in made.iter_rows(named=True)}
    assert {n: (r["residue_position"], r["changed"], r["clinvar_class"]) for n, r in found.items()} == {
        "1": (2, "T", "pathogenic"),
        "2": (2, "V", "likely_pathogenic"),
        "3": (2, "V", "pathogenic"),
    }
    assert set(made["transcript"]) == {"T1"}


def test_somatic_variants_and_other_contigs_are_none(changes):
    assert changes(origin=pl.lit("2")).is_empty()
    assert changes(origin=pl.lit("1")).height == 3
    assert changes(contig="chr2").schema == pl.Schema(KNOWN)
    assert changes(rows=ROWS[3:]).is_empty()
