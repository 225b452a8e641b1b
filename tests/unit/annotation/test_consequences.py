"""Consequences on a small gene whose codons are known, and bcftools' own case."""

import polars as pl
import pysam
import pytest

from permed.annotation.consequences import annotate_variants, most_severe
from permed.errors import Fault
from permed.variants import variant_keys

# One exon at 101..121: ATG GCT TAC AAA CGT GGA TAA
CODING = "ATGGCTTACAAACGTGGATAA"
SEQUENCE = "C" * 100 + CODING + "C" * 100
GFF = """##gff-version 3
{0}\tx\tgene\t91\t131\t.\t+\t.\tID=gene:G1;Name=GENE1;biotype=protein_coding
{0}\tx\tmRNA\t91\t131\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding
{0}\tx\texon\t91\t131\t.\t+\t.\tParent=transcript:T1
{0}\tx\tCDS\t101\t121\t.\t+\t0\tParent=transcript:T1
"""
VARIANTS = [
    (101, "A", "G", "start_lost"),
    (106, "T", "A", "synonymous"),
    (107, "T", "G", "missense"),
    (109, "C", "A", "stop_gained"),
    (112, "AC", "A", "frameshift"),
    (119, "T", "C", "stop_lost"),
    (150, "C", "T", "intergenic"),
]


@pytest.fixture
def annotate(tmp_path, make_vcf):
    def run(own="chr1", in_reference="chr1", in_genes="chr1", gff=GFF):
        rows = [(own, pos, ref, alt, "0/1") for pos, ref, alt, _ in VARIANTS] + [(own, 160, "C", ".", "0/0")]
        vcf = make_vcf(rows, contigs=((own, len(SEQUENCE)),))
        fasta, genes = tmp_path / "r.fa", tmp_path / "g.gff3"
        fasta.write_text(f">{in_reference}\n{SEQUENCE}\n")
        pysam.faidx(str(fasta))
        genes.write_text(gff.format(in_genes))
        sites = pl.DataFrame([(own, *row[1:4]) for row in rows], schema=["contig", "pos", "ref", "alt"], orient="row")
        return annotate_variants(vcf, sites.with_columns(key=variant_keys(sites)), own, fasta, genes)

    return run


@pytest.mark.parametrize("names", [("chr1",) * 3, ("chr1", "chr1", "1"), ("1", "chr1", "1"), ("chrM", "chrM", "MT")])
def test_each_variant_has_its_consequence_however_the_contig_is_spelt(annotate, names):
    found = annotate(*names)
    assert found["consequence"].to_list() == [consequence for *_, consequence in VARIANTS]
    assert found["gene"].to_list() == ["GENE1"] * 6 + [None]
    assert found["transcript"][0] == "T1"
    assert found["contig"].unique().to_list() == [names[0]]
    assert found["hgvs_c"].null_count() == len(VARIANTS), "nothing is invented"


def test_gene_models_without_the_contig_leave_every_variant_intergenic(annotate):
    assert set(annotate("chr1", "chr1", "chr2")["consequence"]) == {"intergenic"}


def test_broken_gene_models_are_a_fault(annotate):
    with pytest.raises(Fault, match=r"g\.gff3: bcftools csq stopped"):
        annotate(gff="{0}\tx\tgene\tone\t131\t.\t+\t.\tID=gene:G1\n{0}\tx\tmRNA\t91\t131\t.\t+\t.\tID=transcript:T1\n")


def test_the_most_severe_consequence_is_chosen_whatever_the_order():
    entries = ["synonymous|A|T2", "splice_region&missense|B|T1", "*stop_gained|B|T3", "intron|A|T4"]
    frame = pl.DataFrame({"pos": 1, "ref": "A", "alt": "C", "entry": entries})
    for rows in (frame, frame.reverse()):
        assert most_severe(rows).select("consequence", "transcript").rows() == [("*stop_gained", "T3")]
