"""Genotypes of GRCh37: lifted with a chain, or read on their own build."""

import json

import polars as pl
import pysam
import pytest
import yaml

from permed.inputs.definition_places import places
from permed.variants import complement

PIECE = "ACGTTGCAAGCTTAGGCATCGATCCGTAAGCTAGCTTTGACCATGGAACTCAGTTCAGGATCCATTGCACGTAGACCTTAGCA" * 3
# Target: chr1 has ten new bases before the piece, chr2 the piece turned round; one base of chr1 is another (place 21).
TARGET = {"chr1": "G" * 10 + PIECE[:20] + "T" + PIECE[21:], "chr2": complement(PIECE)}


@pytest.fixture
def other_build(tmp_path, make_vcf, write_config):
    """A cohort of another build with its chain and the target's reference; ``layout`` is one file or one a contig."""

    def make(layout="one", **genome):
        (tmp_path / "t.fa").write_text("".join(f">{name}\n{sequence}\n" for name, sequence in TARGET.items()))
        size = len(PIECE)
        lines = [f"chain 1 chr1 {size} + 0 {size} chr1 {size + 10} + 10 {size + 10} 1", f"{size}", ""]
        # Three bases of the other chr2 have no place.
        lines += [f"chain 1 chr2 {size + 3} + 1 {size - 1} chr2 {size} - 1 {size - 1} 2", f"{size - 2}", ""]
        (tmp_path / "over.chain").write_text("\n".join(lines))
        rows = [
            ("1", 8, PIECE[7], "T", "0|1", "1|1"),
            ("1", 21, PIECE[20], "T", "0|1", "0/0"),  # the reference is T on the target
            ("1", 30, PIECE[29], PIECE[29] + "GG", "0/1", "./."),
            ("2", 50, PIECE[49], complement(PIECE[49]), "1|0", "0/1"),
            ("2", size + 1, "A", "C", "0/1", "0/1"),
        ]
        contigs = [("1", size), ("2", size + 3)]
        if layout == "one":
            make_vcf(rows, ("A", "B"), contigs)
        else:
            for own, name in (("1", "chr1"), ("2", "chr2")):
                make_vcf([row for row in rows if row[0] == own], ("A", "B"), contigs, name=f"{name}.vcf.gz")
        (tmp_path / "people.tsv").write_text("sample\tconsent\nA\tscores\nB\tscores\n")
        genotypes = "cohort.vcf.gz" if layout == "one" else "{contig}.vcf.gz"
        settings = {"reference": "t.fa", "contigs": ["chr1", "chr2"], "chain": "over.chain"} | genome
        return write_config(tmp_path, cohort={"samples": "people.tsv", "genotypes": genotypes}, genome=settings)

    return make


def records(path):
    with pysam.VariantFile(str(path)) as file:
        return [str(record).rstrip("\n").split("\t") for record in file]


@pytest.mark.parametrize("layout", ["one", "contigs"])
def test_another_build_is_lifted(in_process, other_build, tmp_path, layout):
    done = in_process(tmp_path, "--configfile", other_build(layout))
    assert done.status == 0, done.terminal
    first, swapped, inserted = records(done.file("variants/chr1.bcf"))
    assert (first[1], first[9:]) == ("18", ["0|1", "1|1"])
    assert (swapped[1], swapped[3:5]) == ("31", ["T", PIECE[20]])
    assert [cell.split(":")[0] for cell in swapped[9:]] == ["1|0", "1/1"]
    assert (inserted[1], inserted[3:5]) == ("39", ["A", "AGG"]), "left-aligned again"
    (turned,) = records(done.file("variants/chr2.bcf"))
    base = complement(PIECE[49])
    assert turned[1] == str(len(PIECE) - 49) and turned[3:5] == [base, complement(base)]
    changes = done.table("variants/lifted.tsv")
    assert changes.select("contig", "pos", "outcome").rows() == [
        ("1", "21", "swapped"),
        ("2", str(len(PIECE) + 1), "lost"),
    ]
    counts = json.loads(done.file("checks/lifted.json").read_text())
    assert (counts["read"], counts["kept"], counts["swapped"], counts["lost"]) == (5, 4, 1, 1)
    assert counts["reasons"] == {"it has no place on the other build": 1}
    assert "lifted to GRCh38" in " ".join(json.loads(done.file("checks/inputs.json").read_text())["notes"])
    manifest = done.file("manifest.json").read_text()
    assert "variants/lifted.tsv" in manifest and "checks/lifted.json" in manifest


def test_files_of_the_run_s_build_are_not_lifted(in_process, other_build, make_vcf, tmp_path):
    config = other_build()
    rows = [("chr1", 18, PIECE[7], "T", "0|1", "1|1"), ("chr2", 5, complement(PIECE)[4], "C", "0/1", "0/0")]
    make_vcf(rows, ("A", "B"), [(name, len(sequence)) for name, sequence in TARGET.items()])
    wanted = [f"results/variants/{name}.bcf" for name in TARGET]
    done = in_process(tmp_path, *wanted, "results/variants/lifted.tsv", "--configfile", config)
    assert done.status == 0, done.terminal
    assert [record[1] for record in records(done.file("variants/chr1.bcf"))] == ["18"]
    assert [record[1] for record in records(done.file("variants/chr2.bcf"))] == ["5"]
    assert done.table("variants/lifted.tsv").is_empty()
    assert done.table("variants/lifted/unread.parquet").is_empty()
    assert json.loads(done.file("checks/lifted.json").read_text())["files_lifted"] == 0


def test_a_score_of_another_build_is_lifted_like_the_genotypes(in_process, other_build, write_config, tmp_path):
    """REF and ALT of the first variant are exchanged; the last turns round and its alleles do not tell its strand."""
    sections = yaml.safe_load(other_build().read_text())
    long, turned = PIECE[29] + "GG", complement(PIECE[49])
    rows = [(1, 21, "T", PIECE[20], 1), (1, 30, long, PIECE[29], 10), (2, 50, turned, PIECE[49], 100)]
    table = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    names = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
    (tmp_path / "score.txt").write_text("#genome_build=hg19\n" + names + table)
    sections["scores"] = {"files": ["score.txt"], "min_match": 0.5, "min_called": 0}
    done = in_process(tmp_path, "--configfile", write_config(tmp_path, **sections))
    assert done.status == 0, done.terminal
    log = done.table("scores/variants.parquet")
    assert log.select("pos", "class", "dosage_of").rows() == [
        (31, "matched", "ref"),
        (39, "matched", "alt"),  # left-aligned as the genotypes are
        (len(PIECE) - 49, "ambiguous", None),
    ]
    assert done.table("scores/scores.parquet").select("sample", "sum").rows() == [("A", 11.0), ("B", 0.0)]
    assert done.table("scores/matches.parquet")["positions"].to_list() == ["lifted from GRCh37"]


def test_array_text_of_another_build_is_lifted(in_process, other_build, write_config, tmp_path):
    other_build()
    turned = PIECE[49] + PIECE[49]
    rows = ["# build 37", "rs1\t1\t8\t" + PIECE[7] + "T", f"rs2\t2\t50\t{turned}", "rs3\t2\t1\tAC"]
    (tmp_path / "A.txt").write_text("\n".join([*rows, ""]))
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA\tscores\n")
    genome = {"reference": "t.fa", "contigs": ["chr1", "chr2"], "chain": "over.chain"}
    config = write_config(tmp_path, cohort={"samples": "people.tsv", "genotypes": "{sample}.txt"}, genome=genome)
    done = in_process(tmp_path, "--configfile", config)
    assert done.status == 0, done.terminal
    (first,) = records(done.file("variants/chr1.bcf"))
    assert (first[1], first[3:5], first[9]) == ("18", [PIECE[7], "T"], "0/1")
    (second,) = records(done.file("variants/chr2.bcf"))
    assert (second[1], second[3:5], second[9]) == (str(len(PIECE) - 49), [complement(PIECE[49]), "."], "0/0")
    (lost,) = done.table("variants/lifted.tsv").iter_rows(named=True)
    assert (lost["contig"], lost["pos"], lost["outcome"], lost["file"]) == ("chr2", "1", "lost", "A.txt")
    report = done.file("samples/A/report.html").read_text()
    assert "lifted to GRCh38 with over.chain in 1 files: 0 variants" in report and "1 have no certain place" in report


def test_another_build_without_a_chain_stops_the_run(check, other_build, tmp_path):
    done = check(tmp_path, other_build(chain=None))
    assert done.status == 1 and "cohort.vcf.gz: REF disagrees with the reference" in done.terminal


@pytest.fixture
def real_person(tmp_path, shared, write_config):
    """NA07000 of GRCh37 around SLCO1B1 (GeT-RM: *1/*15)."""

    def make(contig, **genome):
        (tmp_path / "people.tsv").write_text("sample\tconsent\nNA07000\tpharmacogenes\n")
        vcf = shared / "real" / "pgx" / "NA07000_SLCO1B1.vcf.gz"
        cohort = {"samples": "people.tsv", "genotypes": str(vcf), "absent_sites": "reference"}
        return write_config(
            tmp_path, cohort=cohort, genome={"contigs": [contig]} | genome, pharmacogenes={"genes": ["SLCO1B1"]}
        )

    return make


def called(done) -> tuple:
    assert done.status == 0, done.terminal
    (row,) = done.table("pharmacogenes/calls.parquet").filter(pl.col("gene") == "SLCO1B1").iter_rows(named=True)
    return row["state"], row["diplotype"]


def test_a_real_person_of_grch37_is_called_without_a_chain(in_process, real_person, tmp_path):
    done = in_process(tmp_path, "--configfile", real_person("12", build="GRCh37"))
    assert called(done) == ("called", "*1/*15")


def test_a_real_person_of_grch37_is_called_after_lifting(in_process, real_person, shared, tmp_path):
    """Around SLCO1B1 the builds differ by one offset: a chain of one piece, from exons that both builds give."""
    start, end, offset = 21281126, 21395730, 152934
    head = f"chain 1 chr12 133851895 + {start} {end} chr12 133275309 + {start - offset} {end - offset} 1"
    (tmp_path / "slco1b1.chain").write_text(f"{head}\n{end - start}\n")
    reference = str(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz")
    done = in_process(tmp_path, "--configfile", real_person("chr12", reference=reference, chain="slco1b1.chain"))
    assert called(done) == ("called", "*1/*15")
    counts = json.loads(done.file("checks/lifted.json").read_text())
    assert counts["kept"] > 200
    reasons = counts["reasons"]
    wrong = sum(number for reason, number in reasons.items() if reason != "it has no place on the other build")
    assert wrong <= 0.02 * counts["kept"], reasons


def test_absent_is_not_the_reference_of_the_other_build(in_process, make_vcf, write_config, shared, tmp_path):
    """GRCh37 carries CYP3A5*3, GRCh38 *1: who has no record there is neither, before lifting and after it."""
    (tmp_path / "people.tsv").write_text("sample\tconsent\nS1\tpharmacogenes\n")
    make_vcf([("7", 99245914, "A", "G", "0/0")], contigs=[("7", 159138663)])
    start, end, offset = 99242811, 99280649, 402377
    head = f"chain 1 chr7 159138663 + {start} {end} chr7 159345973 + {start + offset} {end + offset} 1"
    (tmp_path / "cyp3a5.chain").write_text(f"{head}\n{end - start}\n")
    cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf.gz", "absent_sites": "reference"}
    reference = str(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz")
    found = {}
    for genome in (
        {"contigs": ["7"], "build": "GRCh37"},
        {"contigs": ["chr7"], "reference": reference, "chain": "cyp3a5.chain"},
    ):
        config = write_config(
            tmp_path, cohort=cohort, genome=genome, pharmacogenes={"genes": ["CYP3A5"]}, outdir="results"
        )
        done = in_process(tmp_path, "results/pharmacogenes/calls.parquet", "--configfile", config, "--forceall")
        assert done.status == 0, done.terminal
        (row,) = done.table("pharmacogenes/calls.parquet").iter_rows(named=True)
        found[len(genome)] = row["state"], row["diplotype"], row["missing_positions"]
    assert all((state, missing) == ("not_assessable", "rs776746") for state, _, missing in found.values())
    unread = done.table("variants/lifted/unread.parquet")
    assert unread.select("contig", "pos", "ref", "alt").rows() == [("chr7", 99672916, "T", "C")]


def without_lengths(make_vcf, rows, contig):
    """A VCF of the rows whose header gives no length of the contig."""
    vcf = make_vcf(rows, contigs=[(contig, 1)], name="cohort.vcf")
    vcf.write_text(vcf.read_text().replace(",length=1", ""))
    return vcf.name


def test_a_file_without_lengths_is_told_or_said_to_be_unchecked(in_process, make_vcf, write_config, tmp_path):
    """GRCh37's CYP2C9 records in a run on GRCh38 stop it; a record that tells nothing is reported with these words."""
    (tmp_path / "people.tsv").write_text("sample\tconsent\nS1\tpharmacogenes\n")
    pairs = [(pos, there) for pos, there in sorted(places("GRCh37")["chr10"].items()) if len(there.ref) == 1]
    rows = [("10", pos, there.ref, "ACGT".replace(there.ref, "")[0], "0/0") for pos, there in pairs[:10]]
    settings = {"genome": {"contigs": ["chr10"]}, "pharmacogenes": {"genes": ["CYP2C9"]}}
    cohort = {"samples": "people.tsv", "genotypes": without_lengths(make_vcf, rows, "10"), "absent_sites": "reference"}
    done = in_process(tmp_path, "--configfile", write_config(tmp_path, cohort=cohort, **settings))
    assert done.status == 1 and "Traceback" not in done.terminal
    assert "cohort.vcf: 10 REF and 0 rsIDs at the positions of pharmacogenes fit GRCh37" in done.terminal
    without_lengths(make_vcf, [("10", 50_000_000, "G", "A", "0/1")], "10")
    done = in_process(tmp_path, "--configfile", write_config(tmp_path, cohort=cohort, **settings))
    assert done.status == 1 and "nothing in the file tells that it is of GRCh38" in done.terminal
    config = write_config(tmp_path, cohort=cohort | {"absent_sites": "missing"}, **settings)
    done = in_process(tmp_path, "--configfile", config)
    assert done.status == 0, done.terminal
    report = done.file("samples/S1/report.html").read_text()
    assert "GRCh38 (not checked)" in report and "that they are of GRCh38 was not checked" in report
    assert json.loads(done.file("samples/S1/report.json").read_text())["context"]["build_checked"] is False
