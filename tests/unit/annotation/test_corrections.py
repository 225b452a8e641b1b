"""What csq says at the ends of coding sequences, held against genes whose changed proteins can be read off by eye."""

import polars as pl
import pysam
import pysam.bcftools
import pytest

from permed.annotation.annotating import annotate_variants
from permed.annotation.choosing import touched
from permed.annotation.consequences import consequences
from permed.annotation.correcting import correct
from permed.annotation.genes.reading import read_genes
from permed.annotation.genes.table import SCHEMA
from permed.annotation.genes.transcripts import Transcript
from permed.annotation.hgvs.edits import Edit
from permed.annotation.hgvs.effects import effects
from permed.annotation.hgvs.naming import Locus, protein_name
from permed.reference import Reference
from permed.variants import variant_keys

#        M  A  Y  K  R  G  *   at 101..121
WHOLE = "ATGGCGTACAAACGTGGATAA"
OPEN = WHOLE[:-3]
GFF = """##gff-version 3
chr1\tx\tgene\t{0}\t{1}\t.\t+\t.\tID=gene:G1;Name=GENE1;biotype=protein_coding
chr1\tx\tmRNA\t{0}\t{1}\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding;tag=MANE_Select
chr1\tx\texon\t{0}\t{1}\t.\t+\t.\tParent=transcript:T1
chr1\tx\tCDS\t{2}\t{3}\t.\t+\t0\tParent=transcript:T1
"""


@pytest.fixture
def told(tmp_path, make_vcf):
    """The annotation of a variant, and the consequence by csq itself."""

    def run(pos, ref, alt, coding=WHOLE, before="C" * 100, after="C" * 100, beyond=50):
        bases = before + coding + after
        assert bases[pos - 1 : pos - 1 + len(ref)] == ref
        first, last = len(before) + 1, len(before) + len(coding)
        vcf = make_vcf([("chr1", pos, ref, alt, "0/1")], contigs=(("chr1", len(bases)),))
        fasta, genes = tmp_path / "r.fa", tmp_path / "g.gff3"
        fasta.write_text(f">chr1\n{bases}\n")
        pysam.faidx(str(fasta))
        genes.write_text(GFF.format(first - 50, last + beyond, first, last))
        models = read_genes(genes, ["chr1"], "GRCh38")
        listed = pl.DataFrame([("chr1", pos, ref, alt)], schema=["contig", "pos", "ref", "alt"], orient="row")
        listed = listed.with_columns(key=variant_keys(listed))
        [(made, _)] = annotate_variants(vcf, listed, "chr1", fasta, models, "GRCh38", genes)
        return made.row(0, named=True), consequences(vcf, "chr1", fasta, models, genes)["consequence"].item()

    return run


A_BEFORE = "C" * 99 + "A"
CUT = {"coding": OPEN, "beyond": 0}
CASES = {  # variant, what else the gene has, consequence, p.
    "the second codon goes, ATG stays": ((102, "TGGC", "T"), {}, "inframe_deletion", "p.(Ala2del)"),
    "ATG doubles its G and the frame shifts": ((102, "T", "TG"), {}, "frameshift", "p.(Ala2GlyfsTer?)"),
    "ATG loses an A and has another before it": ((99, "CA", "C"), {"before": A_BEFORE}, "5_prime_utr", None),
    "bases before ATG and its A go": ((98, "CCCA", "C"), {}, "5_prime_utr&start_lost", "p.(Met1?)"),
    "TAA becomes TAAA": ((119, "T", "TA"), {}, "stop_retained", None),
    "the last bases and one after them go": ((119, "TAAC", "T"), {}, "3_prime_utr&stop_lost", None),
    "a base before TAA shifts it": ((118, "A", "AC"), {}, "frameshift&stop_lost", "p.(Ter7LeuextTer?)"),
    "two bases become five": ((110, "AA", "CGTTC"), {}, "inframe_altering", "p.(Lys4delinsArgSer)"),
    "without a stop codon GGA becomes TGA": ((116, "G", "T"), CUT, "stop_gained", None),
    "without a stop codon the frame shifts to TAA": ((108, "A", "AA"), CUT, "frameshift", None),
    "CTG may start or not": ((101, "C", "G"), {"coding": "C" + WHOLE[1:]}, "coding_sequence", None),
    "a change that csq knows": ((109, "C", "A"), {}, "stop_gained", "p.(Tyr3Ter)"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_codons_decide(told, case):
    variant, gene, consequence, protein = case
    row, csq = told(*variant, **gene)
    assert (row["consequence"], row["hgvs_p"]) == (consequence, protein)
    assert (row["consequence_reason"] is None) == (csq == consequence)
    if row["consequence_reason"]:
        assert row["consequence_reason"].startswith(f"bcftools csq says {csq}, which")
    assert row["most_severe"] == consequence


def test_a_start_codon_stays_where_an_equal_change_lies_before_it():
    bases = A_BEFORE + WHOLE + "C" * 100
    exons, coding = ((51, 171),), ((101, 121),)
    locus = Locus(Transcript("T1", "T1", "G", "G", "chr1", "+", "protein_coding", exons, coding), bases, 50)
    for edit in (Edit(99, 100, ""), Edit(100, 101, ""), Edit(101, 101, "CCCA")):
        assert effects(locus, edit) == {"start_retained"}
        assert protein_name(locus, edit).text is None
    assert effects(locus, Edit(101, 101, "CCC")) == effects(locus, Edit(101, 102, "")) == {"start_lost"}


def test_a_coding_sequence_that_is_read_on_or_cut_short_has_no_protein_described(told):
    row, _ = told(116, "G", "T", coding=OPEN, after="CCCTAA" + "C" * 94)
    assert (row["consequence"], row["hgvs_p"], row["nmd"]) == ("stop_gained", None, None)
    row, _ = told(116, "G", "C", coding=WHOLE.replace("AAACGT", "TGACGT"))
    assert (row["consequence"], row["hgvs_p"]) == ("missense", None)
    assert row["hgvs_reason"] == "the coding sequence of the gene models has a stop codon before its end"


def test_what_only_csq_says_in_contradiction_to_itself_is_left_open(tmp_path):
    """A transcript that bridges two bases cannot be read: of frameshift and stop retained neither is shown."""
    fasta = tmp_path / "r.fa"
    fasta.write_text(f">chr1\n{'C' * 100}{WHOLE}{'C' * 100}\n")
    pysam.faidx(str(fasta))
    parts = [{"first": 101, "last": 110}, {"first": 113, "last": 121}]
    models = pl.DataFrame(
        [["chr1", 101, 121, "+", *["T1"] * 4, "protein_coding", None, True, None, None, 0, "alignment", parts, parts]],
        schema=SCHEMA,
        orient="row",
    )
    names = ["pos", "ref", "alt", "identifier", "consequence", "amino_acid_change"]
    terms = ["splice_region&frameshift&stop_retained", "frameshift&feature_elongation"]
    rows = [(119, "T", "TA", "T1", term, "7*>7*") for term in terms]
    with Reference(fasta, ["chr1"]) as reference:
        made = correct(pl.DataFrame(rows, schema=names, orient="row"), models, reference)
    assert made["consequence"].to_list() == ["splice_region&coding_sequence", terms[1]]
    assert made["amino_acid_change"].to_list() == [None, "7*>7*"]
    assert "contradicts itself" in made["consequence_reason"][0]


def test_a_stop_that_is_gained_where_ensembl_cut_the_transcript_off(shared, tmp_path):
    """R143 becomes a stop codon; bcftools' own case expects stop_retained, as this transcript has no stop codon."""
    folder, fasta = shared / "real" / "anno" / "bcftools-csq" / "ENST00000528237", tmp_path / "r.fa"
    fasta.write_bytes((folder / "ENST00000528237.fa").read_bytes())
    pysam.faidx(str(fasta))
    models = read_genes(folder / "ENST00000528237.gff", ["1"], "GRCh37")
    vcf = tmp_path / "v.bcf"
    pysam.bcftools.view("-Ob", "-o", str(vcf), str(folder / "retained-stop-incomplete-cds.vcf"), catch_stdout=False)
    [rows] = touched(vcf, "1", fasta, models, tmp_path)
    row = rows.filter(identifier="ENST00000528237").row(0, named=True)
    assert (row["consequence"], row["amino_acid_change"]) == ("stop_gained", "143R>143*")
    assert "stop_retained" in row["consequence_reason"]
