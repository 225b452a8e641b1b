"""Gene models of the usual publishers, and the choice of a transcript."""

import gzip

import polars as pl
import pytest

from permed.annotation.choosing import mark_chosen
from permed.annotation.genes import lines
from permed.annotation.genes.reading import read_genes
from permed.annotation.genes.table import from_table, to_gff3
from permed.errors import Fault

ENSEMBL = """##gff-version 3
1\tx\tgene\t100\t900\t.\t-\t.\tID=gene:ENSG1;Name=ABC1;biotype=protein_coding;gene_id=ENSG1;version=9
1\tx\tmRNA\t100\t900\t.\t-\t.\tID=transcript:ENST1;Parent=gene:ENSG1;Name=ABC1-201;biotype=protein_coding;\
tag=basic,Ensembl_canonical,MANE_Select;transcript_id=ENST1;version=4
1\tx\texon\t700\t900\t.\t-\t.\tParent=transcript:ENST1;exon_id=E1
1\tx\texon\t100\t300\t.\t-\t.\tParent=transcript:ENST1;exon_id=E2
1\tx\tCDS\t700\t801\t.\t-\t0\tID=CDS:ENSP1;Parent=transcript:ENST1;protein_id=ENSP1
1\tx\tCDS\t250\t300\t.\t-\t0\tID=CDS:ENSP1;Parent=transcript:ENST1;protein_id=ENSP1
1\tx\tmRNA\t100\t900\t.\t-\t.\tID=transcript:ENST2;Parent=gene:ENSG1;biotype=protein_coding;\
tag=basic,MANE_Plus_Clinical;transcript_id=ENST2;version=1
1\tx\texon\t100\t900\t.\t-\t.\tParent=transcript:ENST2
1\tx\tCDS\t200\t801\t.\t-\t2\tID=CDS:ENSP2;Parent=transcript:ENST2;protein_id=ENSP2
"""
REFSEQ = """##gff-version 3
NC_000001.11\tRefSeq\tregion\t1\t248956422\t.\t+\t.\tID=NC_000001.11:1..248956422;Name=1;chromosome=1
NC_000001.11\tBestRefSeq\tgene\t100\t900\t.\t+\t.\tID=gene-ABC1;Name=ABC1;gene=ABC1;gene_biotype=protein_coding
NC_000001.11\tBestRefSeq\tmRNA\t100\t900\t.\t+\t.\tID=rna-NM_1.2;Parent=gene-ABC1;Name=NM_1.2;gene=ABC1;\
tag=MANE Select;transcript_id=NM_1.2
NC_000001.11\tBestRefSeq\texon\t100\t900\t.\t+\t.\tID=exon-NM_1.2-1;Parent=rna-NM_1.2;transcript_id=NM_1.2
NC_000001.11\tBestRefSeq\tCDS\t200\t802\t.\t+\t0\tID=cds-NP_1.1;Parent=rna-NM_1.2;protein_id=NP_1.1
NC_000001.11\tBestRefSeq\tmRNA\t100\t900\t.\t+\t.\tID=rna-NM_3.1;Parent=gene-ABC1;Name=NM_3.1;gene=ABC1;\
Note=The RefSeq transcript has 2 substitutions compared to this genomic sequence;\
exception=annotated by transcript or proteomic data;transcript_id=NM_3.1
NC_000001.11\tBestRefSeq\texon\t100\t900\t.\t+\t.\tID=exon-NM_3.1-1;Parent=rna-NM_3.1
NC_000001.11\tBestRefSeq\tCDS\t200\t502\t.\t+\t0\tID=cds-NP_3.1;Parent=rna-NM_3.1;protein_id=NP_3.1
NC_000001.11\tBestRefSeq\tmRNA\t100\t900\t.\t+\t.\tID=rna-NM_4.1;Parent=gene-ABC1;Name=NM_4.1;gene=ABC1;\
Note=The RefSeq transcript has 1 substitution%2C 1 non-frameshifting indel compared to this genomic sequence;\
exception=annotated by transcript or proteomic data;transcript_id=NM_4.1
NC_000001.11\tBestRefSeq\texon\t100\t900\t.\t+\t.\tID=exon-NM_4.1-1;Parent=rna-NM_4.1
NC_000001.11\tBestRefSeq\tCDS\t200\t502\t.\t+\t0\tID=cds-NP_4.1;Parent=rna-NM_4.1;protein_id=NP_4.1
NC_000001.11\tBestRefSeq\tgene\t2000\t2100\t.\t+\t.\tID=gene-LINC1;Name=LINC1;gene=LINC1;gene_biotype=lncRNA
NC_000001.11\tBestRefSeq\tlnc_RNA\t2000\t2100\t.\t+\t.\tID=rna-NR_2.1;Parent=gene-LINC1;transcript_id=NR_2.1
NC_000001.11\tBestRefSeq\texon\t2000\t2100\t.\t+\t.\tID=exon-NR_2.1-1;Parent=rna-NR_2.1
"""


@pytest.fixture
def read(tmp_path):
    def run(text, contigs=("chr1",)):
        path = tmp_path / "genes.gff3"
        path.write_text(text)
        return {t.identifier: t for t in from_table(read_genes(path, list(contigs), "GRCh38"))}

    return run


def test_ensembl_models_are_read_with_versions_tags_and_phase(read):
    found = read(ENSEMBL)
    one, two = found["ENST1"], found["ENST2"]
    assert (one.name, one.gene, one.contig, one.strand) == ("ENST1.4", "ABC1", "chr1", "-")
    assert (one.mane, one.canonical, one.chosen_by) == ("select", True, "mane_select")
    assert (two.mane, two.canonical, two.chosen_by) == ("plus_clinical", False, "mane_plus_clinical")
    assert one.exons == ((100, 300), (700, 900))
    assert one.translated == (99, 99 + 102 + 51)
    assert (one.phase, two.phase) == (0, 2)


def test_refseq_models_are_read_by_accession_and_tell_where_they_differ_from_the_genome(read):
    found = read(REFSEQ, ["1"])
    assert found["NM_1.2"].mane == "select"
    assert found["NM_1.2"].contig == "1"
    assert {name: t.deviation for name, t in found.items()} == {
        "NM_1.2": None,
        "NM_3.1": "bases",
        "NM_4.1": "alignment",
        "NR_2.1": None,
    }
    assert (found["NR_2.1"].biotype, found["NR_2.1"].gene) == ("lncRNA", "LINC1")
    assert found["NR_2.1"].chosen_by == "longest_coding_sequence"


def test_without_tags_the_longest_coding_sequence_is_canonical_and_that_is_said(read):
    found = read(ENSEMBL.replace("tag=basic,Ensembl_canonical,MANE_Select;", "").replace("MANE_Plus_Clinical", "x"))
    assert [name for name, t in found.items() if t.canonical] == ["ENST2"]
    assert found["ENST2"].chosen_by == "longest_coding_sequence"


def test_csq_gets_phases_that_follow_from_the_first(tmp_path):
    path = tmp_path / "genes.gff3"
    path.write_text(ENSEMBL)
    lines = to_gff3(read_genes(path, ["chr1"], "GRCh38").filter(identifier="ENST1"), "c").splitlines()
    rows = [line.split("\t") for line in lines if "\tCDS\t" in line]
    assert [(row[3], row[7]) for row in rows] == [("250", "0"), ("700", "0")]
    parts = [line.split("\t")[2:5] for line in lines if "UTR" in line]
    assert parts == [["three_prime_UTR", "100", "249"], ["five_prime_UTR", "802", "900"]]


def test_a_file_is_read_alike_in_pieces_of_any_size(read, monkeypatch):
    whole = {**read(ENSEMBL), **read(REFSEQ)}
    for size in (1, 90, 500):
        monkeypatch.setattr(lines, "PIECE", size)
        assert {**read(ENSEMBL), **read(REFSEQ)} == whole


def test_copies_of_a_transcript_on_two_contigs_are_two(tmp_path):
    path = tmp_path / "genes.gff3"
    path.write_text(ENSEMBL + ENSEMBL.replace("\n1\t", "\nY\t").replace("\t700\t900", "\t750\t900"))
    found = from_table(read_genes(path, ["chr1", "chrY"], "GRCh38").filter(identifier="ENST1"))
    assert {t.contig: t.exons for t in found} == {"chr1": ((100, 300), (700, 900)), "chrY": ((100, 300), (750, 900))}


def test_exons_that_overlap_are_one_and_no_descriptions_are_sure(read):
    found = read(ENSEMBL.replace("\t100\t300\t", "\t100\t710\t"))
    assert (found["ENST1"].exons, found["ENST1"].deviation) == (((100, 900),), "alignment")
    assert read(ENSEMBL.replace("\t100\t300\t", "\t100\t697\t"))["ENST1"].deviation == "alignment", "intron of 2"
    assert read(ENSEMBL)["ENST1"].deviation is None


def test_a_file_that_is_cut_is_a_fault(tmp_path):
    path = tmp_path / "genes.gff3.gz"
    path.write_bytes(gzip.compress(ENSEMBL.encode())[:-20])
    with pytest.raises(Fault, match=r"genes\.gff3\.gz.*cannot be read"):
        read_genes(path, ["chr1"], "GRCh38")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1\tx\tgene\t100\t900\t.\t-\t.\tID=gene:G\n", "neither exons nor coding"),
        ("1\tx\texon\t100\tmany\t.\t-\t.\tParent=transcript:T\n", r"Parent=transcript:T\) on 1 has no start and end"),
        ("1\tx\texon\t100\t200\t.\t-\t.\tParent=transcript:T\n", "transcript:T, which is not in the file"),
    ],
)
def test_broken_models_are_a_fault_that_names_the_place(read, text, fault):
    with pytest.raises(Fault, match=fault):
        read(text)


def row(identifier, gene, chosen_by, rank):
    names = {"identifier": identifier, "name": identifier, "gene": gene, "gene_id": gene, "consequence": f"c{rank}"}
    return {"pos": 1, "ref": "A", "alt": "C", **names, "chosen_by": chosen_by, "rank": rank}


@pytest.mark.parametrize(
    ("rows", "chosen", "by"),
    [
        ([("T1", "A", "mane_select", 10), ("T2", "A", None, 3)], "T1", "mane_select"),
        ([("T1", "A", "mane_plus_clinical", 3), ("T2", "A", "mane_select", 10)], "T2", "mane_select"),
        ([("T1", "A", "canonical", 20), ("T2", "A", "mane_plus_clinical", 20)], "T2", "mane_plus_clinical"),
        ([("T1", "A", "mane_select", 20), ("T2", "B", "canonical", 10)], "T2", "canonical"),
        ([("T1", "A", "canonical", 20), ("T2", "B", "mane_select", 20)], "T2", "mane_select"),
        ([("T3", "A", None, 10), ("T2", "A", None, 3)], "T2", "most_severe"),
    ],
)
def test_the_transcript_that_speaks(rows, chosen, by):
    frame = pl.DataFrame([row(*one) for one in rows], schema_overrides={"chosen_by": pl.String})
    for given in (frame, frame.reverse()):
        marked = mark_chosen(given)
        picked = marked.filter("chosen")
        assert picked.select("identifier", "chosen_by").rows() == [(chosen, by)]
        worst = min(rows, key=lambda one: one[3])
        assert set(marked["most_severe"]) == {f"c{worst[3]}"}
