"""Scores through the whole workflow: by accession, with strands told by the cohort, of whole genomes."""

import gzip
import hashlib
import json
import random

import pysam
import pytest

NAME = "PGS000999_hmPOS_GRCh38"
SCORE = (
    "#pgs_id=PGS000999\n#pgs_name=Height\n#genome_build=hg19\n#citation=Someone et al. A Journal (2026)\n"
    "#license=For research only\n#HmPOS_build=GRCh38\n"
    "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\thm_chr\thm_pos\n"
    "rs1\t1\t5\tC\tA\t0.5\t1\t1000\nrs2\t1\t6\tA\tC\t2\t1\t2000\n"
)


@pytest.fixture
def catalogue(server):
    """A server of the catalogue's layout that has one score and its MD5; gives the bytes of the score."""
    packed = gzip.compress(SCORE.encode(), mtime=0)
    path = f"/PGS000999/ScoringFiles/Harmonized/{NAME}.txt.gz"
    server.answers |= {path: packed, f"{path}.md5": f"{hashlib.md5(packed).hexdigest()}  {NAME}.txt.gz\n".encode()}
    return packed


def test_a_score_by_accession_is_downloaded_once_scored_and_cited(
    catalogue, server, tmp_path, make_vcf, write_config, in_process
):
    make_vcf([("chr1", 1000 * n, "A", "C", "0/1", "1/1") for n in range(1, 200)], samples=("A1", "A2"))
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA1\tscores\nA2\tpharmacogenes\n")
    sections = {
        "cohort": {"samples": "people.tsv", "genotypes": "cohort.vcf.gz"},
        "genome": {"contigs": ["chr1"]},
        "scores": {"catalog": ["PGS000999"], "catalog_address": server.address},
    }
    config = write_config(tmp_path, **sections)
    run = in_process(tmp_path, "--configfile", config)
    assert run.status == 0, run.terminal
    assert run.table("scores/scores.parquet").select("sample", "score", "sum").rows() == [("A1", "PGS000999", 2.5)]
    lock = json.loads(run.file(f"scores/catalog/{NAME}.json").read_text())
    assert lock["sha256"] == hashlib.sha256(catalogue).hexdigest()
    (match,) = run.table("scores/matches.parquet").rows(named=True)
    assert (match["address"], match["sha256"]) == (lock["address"], lock["sha256"])
    report = run.file("samples/A1/report.json").read_text()
    assert "For research only" in report and "Someone et al. A Journal (2026)" in report
    page = run.file("samples/A1/report.html").read_text()
    assert "For research only" in page and lock["address"] in page and "Positions harmonised to GRCh38" in page
    server.answers.clear()
    again = in_process(tmp_path, "--configfile", config)
    assert again.status == 0 and "Nothing to be done" in again.terminal, again.terminal
    forced = in_process(tmp_path, "--configfile", config, "--forcerun", "download_score")
    assert forced.status == 0, forced.terminal  # what is there is whole, and nothing is asked
    sections["scores"]["catalog"].append("PGS000998")
    more = in_process(tmp_path, "--configfile", write_config(tmp_path, "more.yaml", **sections))
    assert more.status != 0 and "there is no such file" in more.terminal
    run.file(f"scores/catalog/{NAME}.txt.gz").write_bytes(gzip.compress(SCORE.replace("0.5", "5").encode()))
    changed = in_process(tmp_path, "--configfile", config)
    assert changed.status != 0 and "its SHA-256 has changed" in changed.terminal


@pytest.fixture
def strands(tmp_path, make_vcf, write_config):
    """60 people, of whom one in five has a T at an A/T site that the score says is rare, and one at which it is not."""
    people = [f"P{n}" for n in range(60)]
    genotypes = ["1/1" if n % 5 == 0 else "0/0" for n in range(60)]
    rows = [("chr1", 1000, "A", "T", *genotypes), ("chr1", 2000, "C", "G", *genotypes)]
    rows += [("chr1", 1000 * n, "A", "C", *["0/1"] * 60) for n in range(3, 100)]
    make_vcf(rows, samples=people)
    (tmp_path / "people.tsv").write_text("sample\tconsent\n" + "".join(f"{name}\tscores\n" for name in people))
    (tmp_path / "score.txt").write_text(
        "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tallelefrequency_effect\n"
        "1\t1000\tT\tA\t1\t0.2\n1\t2000\tG\tC\t10\t0.45\n1\t3000\tC\tA\t100\t\n"
    )

    def configure(frequencies: str):
        return write_config(
            tmp_path,
            cohort={"samples": "people.tsv", "genotypes": "cohort.vcf.gz"},
            genome={"contigs": ["chr1"]},
            scores={"files": ["score.txt"], "strand_frequencies": frequencies, "min_match": 0.5},
        )

    return people, configure


def test_the_cohort_tells_strands(tmp_path, strands, in_process):
    people, configure = strands
    run = in_process(tmp_path, "--configfile", configure("cohort"))
    assert run.status == 0, run.terminal
    (match,) = run.table("scores/matches.parquet").rows(named=True)
    assert (match["matched"], match["ambiguous"], match["by_frequency"]) == (2, 1, 1)
    sums = run.table("scores/scores.parquet").select("sample", "sum").rows()
    assert sums == [(name, 102.0 if n % 5 == 0 else 100.0) for n, name in enumerate(people)]
    assert "left out on purpose (A/T or C/G" in run.file("samples/P1/report.html").read_text()


def test_a_folder_that_is_no_store_is_a_fault(tmp_path, strands, check):
    _, configure = strands
    wrong = check(tmp_path, configure("nowhere"))
    assert wrong.status != 0 and "nowhere: the folder has no {contig}.sites.parquet" in wrong.terminal


def test_whole_genomes_score_what_their_blocks_say_is_reference(tmp_path, write_config, in_process):
    """Two gVCFs whose blocks reach unequally far; no file has a record at most of the score's sites."""
    draw = random.Random(5)
    sequence = "".join(draw.choice("ACGT") for _ in range(3000))
    (tmp_path / "r.fa").write_text(f">chr1\n{sequence}\n")
    other = {"A": "C", "C": "A", "G": "T", "T": "G"}
    head = ["##fileformat=VCFv4.2", "##contig=<ID=chr1,length=3000>", '##ALT=<ID=NON_REF,Description="Any">']
    head += ['##INFO=<ID=END,Number=1,Type=Integer,Description="End">']
    kinds = {"GT": "String", "DP": "Integer", "GQ": "Integer"}
    head += [f'##FORMAT=<ID={name},Number=1,Type={kind},Description="{name}">' for name, kind in kinds.items()]
    for name, call, end in (("A", "0/1", 1500), ("B", "1/1", 900)):
        base = sequence[499]
        lines = [f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{name}"]
        for start, stop in ((400, 499), (501, end)):
            cells = ["chr1", str(start), ".", sequence[start - 1], "<NON_REF>", ".", ".", f"END={stop}"]
            lines.append("\t".join([*cells, "GT:DP:GQ", "0/0:30:60"]))
        cells = ["chr1", "500", ".", base, f"{other[base]},<NON_REF>", "50", ".", ".", "GT:DP:GQ", f"{call}:30:60"]
        lines.insert(2, "\t".join(cells))
        with pysam.BGZFile(str(tmp_path / f"{name}.g.vcf.gz"), "w") as out:
            out.write("\n".join([*head, *lines, ""]).encode())
    rows = []
    planted = ((500, "alt", 1), (700, "alt", 10), (800, "ref", 100), (1200, "ref", 1000), (2000, "ref", 7))
    for pos, counted, weight in planted:
        pair = (sequence[pos - 1], other[sequence[pos - 1]])
        effect, second = pair if counted == "ref" else pair[::-1]
        rows.append(f"1\t{pos}\t{effect}\t{second}\t{weight}\n")
    columns = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
    (tmp_path / "score.txt").write_text("#genome_build=GRCh38\n" + columns + "".join(rows))
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA\tscores\nB\tscores\n")
    config = write_config(
        tmp_path,
        cohort={"samples": "people.tsv", "genotypes": "{sample}.g.vcf.gz"},
        genome={"contigs": ["chr1"], "reference": "r.fa"},
        scores={"files": ["score.txt"], "min_called": 0},
    )
    run = in_process(tmp_path, "--configfile", config)
    assert run.status == 0, run.terminal
    log = run.table("scores/variants.parquet")
    assert log["class"].to_list() == ["matched"] * 4 + ["absent"]
    scores = run.table("scores/scores.parquet").select("sample", "sum", "denominator", "n_missing")
    assert scores.rows() == [("A", 1.0 + 200 + 2000, 8, 0), ("B", 2.0 + 200, 6, 1)]
