"""Consequences on a small gene whose codons are known, on a mitochondrial one, and bcftools' own cases."""

from pathlib import Path

import polars as pl
import pysam
import pytest

from permed.annotation import consequences as module
from permed.annotation.annotating import annotate_variants
from permed.annotation.consequences import consequences, ranked, split_entries
from permed.annotation.genes.reading import read_genes
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
    (125, "C", "T", "3_prime_utr"),
]


@pytest.fixture
def judge_parts(tmp_path, make_vcf):
    def run(variants=VARIANTS, own="chr1", in_reference="chr1", in_genes="chr1", gff=GFF, bases=SEQUENCE):
        rows = [(own, *variant[:3], "0/1") for variant in variants] + [(own, 160, "C", ".", "0/0")]
        vcf = make_vcf(rows, contigs=((own, len(bases)),))
        fasta, genes = tmp_path / "r.fa", tmp_path / "g.gff3"
        fasta.write_text(f">{in_reference}\n{bases}\n")
        pysam.faidx(str(fasta))
        genes.write_text(gff.format(in_genes))
        return list(module.judge(vcf, own, fasta, read_genes(genes, [own], "GRCh38"), genes))

    return run


@pytest.fixture
def judge(judge_parts):
    def run(*words, **options):
        made = judge_parts(*words, **options)
        return pl.concat(made).sort("pos") if made else pl.DataFrame()

    return run


@pytest.mark.parametrize(
    "names", [("chr1",) * 3, ("chr1", "chr1", "1"), ("1", "chr1", "NC_000001.11"), ("chr1", "1", "1")]
)
def test_each_variant_has_its_consequence_however_the_contig_is_spelt(judge, names):
    found = judge(VARIANTS, *names)
    assert found["consequence"].to_list() == [consequence for *_, consequence in VARIANTS]
    assert set(found["identifier"]) == {"T1"}


@pytest.mark.parametrize("size", [1, 30, 60])
def test_parts_hold_all_rows_of_their_positions(judge_parts, monkeypatch, size):
    several = [(106, "T", "A"), (107, "T", "A"), (107, "T", "C"), (107, "T", "G"), (109, "C", "A")]
    (whole,) = judge_parts(several)
    monkeypatch.setattr(module, "PIECE", size)
    parts = judge_parts(several)
    assert len(parts) > 1
    assert pl.concat(parts).equals(whole)
    places = [set(part["pos"]) for part in parts]
    assert sum(map(len, places)) == len(set().union(*places)) == 3


def test_every_site_is_annotated_once_however_the_parts_are_cut(tmp_path, make_vcf, monkeypatch):
    sites = [(5, "C", "A"), *(variant[:3] for variant in VARIANTS), (150, "C", "G"), (190, "C", "G")]
    vcf = make_vcf([("chr1", *site, "0/1") for site in sites], contigs=(("chr1", len(SEQUENCE)),))
    fasta, genes = tmp_path / "r.fa", tmp_path / "g.gff3"
    fasta.write_text(f">chr1\n{SEQUENCE}\n")
    pysam.faidx(str(fasta))
    genes.write_text(GFF.format("1"))
    listed = pl.DataFrame([("chr1", *site) for site in sites], schema=["contig", "pos", "ref", "alt"], orient="row")
    listed = listed.with_columns(key=variant_keys(listed))
    models = read_genes(genes, ["chr1"], "GRCh38")

    def annotated():
        made = list(annotate_variants(vcf, listed, "chr1", fasta, models, "GRCh38", genes))
        return len(made), *(pl.concat(frames) for frames in zip(*made, strict=True))

    once, whole, rows = annotated()
    assert (once, whole["pos"].to_list()) == (1, [site[0] for site in sites])
    assert whole["consequence"].to_list() == ["intergenic", *(v[3] for v in VARIANTS), "intergenic", "intergenic"]
    monkeypatch.setattr(module, "PIECE", 1)
    parts, again, rows_again = annotated()
    assert parts == len(VARIANTS) - 1
    assert again.equals(whole)
    assert rows_again.equals(rows)


def test_gene_models_without_the_contig_touch_nothing(judge):
    assert judge(in_genes="chr2").is_empty()


def test_mitochondrial_genes_are_read_by_their_own_code(judge):
    bases = SEQUENCE.replace("AAACGT", "AAATGT")
    arginine = [(113, "T", "A", "")]  # TGT to AGT is serine in both codes
    assert judge(arginine, bases=bases)["consequence"].to_list() == ["missense"]
    end = [(115, "T", "A", "")]  # TGT to TGA: tryptophan in mitochondria, stop elsewhere
    assert judge(end, bases=bases)["consequence"].to_list() == ["stop_gained"]
    assert judge(end, "chrM", "chrM", "MT", bases=bases)["consequence"].to_list() == ["missense"]


def test_models_that_are_no_gene_models_are_a_fault(judge):
    with pytest.raises(Fault, match=r"g\.gff3"):
        judge(gff="{0}\tx\tgene\tone\t131\t.\t+\t.\tID=gene:G1\n{0}\tx\tmRNA\t91\t131\t.\t+\t.\tID=transcript:T1\n")
    with pytest.raises(Fault, match="exons belong to transcript:T1"):
        judge(gff="{0}\tx\texon\t91\t131\t.\t+\t.\tParent=transcript:T1\n")


def test_entries_of_one_transcript_are_one_row_and_introns_are_named_by_their_gene():
    entries = ["splice_region|T1|T1|c|+", "inframe_deletion|T1|T1|c|+|3KA>3K|9TGGC>T", "intron|T2||c"]
    frame = pl.DataFrame({"pos": [9] * 3, "ref": ["TGGC"] * 3, "alt": ["T"] * 3, "entry": entries})
    rows = {row["identifier"]: row for row in split_entries(frame).iter_rows(named=True)}
    assert rows["T1"]["consequence"] == "splice_region&inframe_deletion"
    assert rows["T1"]["amino_acid_change"] == "3KA>3K"
    assert rows["T2"]["consequence"] == "intron"


def test_the_rank_is_that_of_the_worst_term():
    rows = ranked(pl.DataFrame({"consequence": ["splice_region&missense", "*stop_gained", "intron", "never_heard_of"]}))
    assert rows["rank"].to_list() == sorted(rows["rank"].to_list(), key=[10, 3, 20, 22].index)
    assert rows["rank"].to_list() == [10, 3, 20, 22]


# In local mode csq itself says these, the expectation is that of records seen together or of a cut-off transcript.
LOCAL = {("ENST00000368801", 11191), ("ENST00000528237", 14714)}
LOCAL |= {("ENST00000000001", pos) for pos in (121, 140, 160)} | {("ENST00000000002", pos) for pos in (127, 148)}
LOCAL |= {("", 20)}  # a gene without exons


@pytest.mark.slow
def test_the_cases_of_bcftools_come_out_as_bcftools_expects(shared, tmp_path):
    compared = 0
    cases = shared / "real" / "anno" / "bcftools-csq"
    folders = [(path, next(path.glob("*.gff")), sorted(path.glob("*.vcf"))) for path in sorted(cases.glob("ENS*"))]
    folders.append((cases / "top", cases / "top" / "csq.gff3", [cases / "top" / "csq.vcf"]))
    for folder, genes, files in folders:
        fasta = tmp_path / "r.fa"
        fasta.write_bytes(genes.with_suffix(".fa").read_bytes() if folder.name == "top" else _fasta(folder))
        pysam.faidx(str(fasta))
        for case in files:
            split = tmp_path / "split.bcf"
            pysam.bcftools.norm("-m", "-any", "-Ob", "-o", str(split), str(case), catch_stdout=False)
            with pysam.VariantFile(str(case)) as records:
                expected = [(r.contig, r.pos, r.ref, _expected(r.info)) for r in records]
            contigs = list(dict.fromkeys(row[0] for row in expected))
            models = read_genes(genes, contigs, "GRCh37")
            found = {c: consequences(split, c, fasta, models.filter(contig=c), genes) for c in contigs}
            for contig, pos, ref, wanted in expected:
                here = found[contig].filter(pos=pos, ref=ref)
                said = {(row["identifier"], term) for row in here.iter_rows(named=True) for term in _terms(row)}
                said |= {("", term) for _, term in said}
                if wanted and (next(iter(wanted))[0], pos) not in LOCAL:
                    assert wanted <= said, (folder.name, case.name, pos)
                    compared += 1
    assert compared == 107, "of 51 files by gene and a whole run"


def _fasta(folder: Path) -> bytes:
    return next(folder.glob("*.fa")).read_bytes()


def _expected(info) -> set[tuple[str, str]]:
    given = next((info[name] for name in ("EXPL", "EXP") if name in info), "")
    entries = [e.split("|") for e in (given if isinstance(given, str) else ",".join(given)).split(",")]
    if any(entry[0].startswith("@") for entry in entries):
        return set()
    return {(entry[2], term) for entry in entries if len(entry) > 2 for term in entry[0].split("&")}


def _terms(row: dict) -> list[str]:
    return row["consequence"].split("&")
