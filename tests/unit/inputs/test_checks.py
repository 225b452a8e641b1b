"""Every fault of the input is found before computing, all at once, with file, sample or line, and a remedy."""

import gzip
import json
import os
import zipfile

import polars as pl
import pysam
import pytest

from permed.samples import read_samples

SEQUENCE = "ACGTTGCAAC" * 500
LENGTH = len(SEQUENCE)
CHR10_GRCH37 = 135534747


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "reference.fa"
    path.write_text(f">chr1\n{SEQUENCE}\n>chr2\n{'N' * LENGTH}\n")
    pysam.faidx(str(path))
    return path


@pytest.fixture
def vcf(make_vcf):
    return make_vcf(rows(60), ("S1", "S2"), (("chr1", LENGTH), ("chr2", LENGTH)))


def rows(number: int, wrong: int = 0, contig: str = "chr1"):
    """Records whose REF is the reference's, but for the first ``wrong`` ones."""
    for n in range(number):
        ref = SEQUENCE[10 * n]
        other = "T" if ref != "T" else "G"
        yield (contig, 10 * n + 1, other if n < wrong else ref, "C" if other != "C" else "A", "0/1", "0/0")


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "samples.tsv"
    path.write_text("sample\tconsent\nS1\tscores\nS2\tnone\n")
    return path


@pytest.fixture
def check(tmp_path, run_step, sheet, reference):
    def run(*genotypes, contigs=("chr1",), reference=reference, sheet=sheet, **given):
        report = tmp_path / "inputs.json"
        files = [str(path) for path in genotypes]
        reference = str(reference) if reference else None
        run_step("check_inputs")(str(sheet), files, list(contigs), report=report, reference=reference, **given)
        return json.loads(report.read_text())

    return run


def one_fault(report) -> dict:
    assert report["status"] == "fail"
    (fault,) = report["faults"]
    assert fault["remedy"]
    assert set(fault) == {"file", "sample", "line", "fault", "remedy"}
    return fault


def test_good_input_passes_and_people_without_a_line_are_counted(check, vcf, tmp_path, sheet):
    sheet.write_text("sample\tconsent\nS1\tscores\n")
    report = check(vcf)
    assert report["status"] == "pass"
    assert report["faults"] == []
    assert report["people"]["not_in_sheet"] == 1
    assert any("1 people in the genotype files are not in the sample sheet" in note for note in report["notes"])


def test_a_file_that_is_not_there(check):
    fault = one_fault(check("nowhere.vcf.gz"))
    assert (fault["file"], fault["fault"]) == ("nowhere.vcf.gz", "the file is not there")


@pytest.mark.parametrize("content", [b"sample\tsex\n", b"PK\x03\x04 something else", b"\x1f\x8b\x08\x00"])
def test_a_file_of_another_kind(check, tmp_path, content):
    path = tmp_path / "other.vcf.gz"
    path.write_bytes(content)
    assert one_fault(check(path))["file"] == str(path)


def test_an_empty_file(check, tmp_path):
    path = tmp_path / "empty.vcf.gz"
    path.touch()
    assert "empty" in one_fault(check(path))["fault"]


def test_gzip_that_is_not_bgzf_and_plain_text_pass(check, tmp_path, vcf):
    text = gzip.decompress(vcf.read_bytes())
    (tmp_path / "gzip.vcf.gz").write_bytes(gzip.compress(text))
    (tmp_path / "plain.vcf").write_bytes(text)
    assert check(tmp_path / "gzip.vcf.gz")["status"] == "pass"
    assert check(tmp_path / "plain.vcf")["status"] == "pass"


def test_a_missing_end_of_file_block_and_a_cut_within_a_block(check, vcf, tmp_path):
    whole = vcf.read_bytes()
    (tmp_path / "noeof.vcf.gz").write_bytes(whole[:-28])
    (tmp_path / "cut.vcf.gz").write_bytes(whole[: len(whole) // 2])
    assert "end-of-file block" in one_fault(check(tmp_path / "noeof.vcf.gz"))["fault"]
    assert "cut short" in one_fault(check(tmp_path / "cut.vcf.gz"))["fault"]


def test_a_cut_at_a_block_boundary(check, tmp_path):
    with pysam.BGZFile(str(tmp_path / "long.vcf.gz"), "w") as out:
        out.write(b"##fileformat=VCFv4.2\n" + b"##note=x\n" * 30000)
    data = (tmp_path / "long.vcf.gz").read_bytes()
    first = int.from_bytes(data[16:18], "little") + 1
    (tmp_path / "boundary.vcf.gz").write_bytes(data[:first])
    assert "end-of-file block is missing" in one_fault(check(tmp_path / "boundary.vcf.gz"))["fault"]


def test_a_sample_of_the_sheet_that_no_file_has(check, vcf, sheet):
    sheet.write_text("sample\tconsent\nS1\tscores\nS3\tscores\n")
    fault = one_fault(check(vcf))
    assert (fault["sample"], fault["line"], fault["file"]) == ("S3", 3, str(sheet))
    assert vcf.name in fault["fault"]


@pytest.mark.parametrize(
    ("written", "told"), [("s1", "S1 and S2"), ("S_1", "S1"), ("S01", "S1"), ("S1\u0301", "The file has S1")]
)
def test_a_near_miss_of_a_name_is_answered_with_the_names_of_the_file(check, vcf, sheet, written, told):
    sheet.write_text(f"sample\tconsent\n{written}\tscores\nS2\tnone\n")
    fault = one_fault(check(vcf))
    assert "not in the genotype file" in fault["fault"] and told.split(" and ")[0] in fault["remedy"]


def test_a_name_in_other_characters_that_look_the_same(check, make_vcf, sheet):
    vcf = make_vcf(rows(60), ("Zoe\u0308", "S2"), (("chr1", LENGTH),))
    sheet.write_text("sample\tconsent\nZo\u00eb\tscores\nS2\tnone\n")
    assert "look the same" in one_fault(check(vcf))["remedy"]


def test_a_line_that_begins_with_a_samples_name_is_no_comment(check, make_vcf, sheet):
    vcf = make_vcf(rows(60), ("#1", "S2"), (("chr1", LENGTH),))
    sheet.write_text("sample\tconsent\n#1\tscores\nS2\tscores\n")
    fault = one_fault(check(vcf))
    assert (fault["sample"], fault["line"]) == ("#1", 2) and "left out as a comment" in fault["fault"]


def test_a_workbook_is_refused_by_its_name(check, vcf, sheet):
    with zipfile.ZipFile(sheet, "w") as book:
        book.writestr("xl/workbook.xml", "")
    (fault,) = read_samples(sheet)[1]
    assert "an Excel workbook (.xlsx)" in fault.fault and fault.file == str(sheet)


def test_weights_that_are_ratios_are_noted(check, vcf, tmp_path):
    score = tmp_path / "score.txt"
    head = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
    score.write_text(f"#weight_type=OR\n{head}1\t5\tA\tG\t1.5\n")
    report = check(vcf, scores=[str(score)])
    assert any("logarithms of ratios" in note for note in report["notes"])


def test_a_sample_that_is_twice_in_a_file(check, vcf, tmp_path):
    text = gzip.decompress(vcf.read_bytes()).decode().replace("\tS1\tS2", "\tS1\tS1")
    with pysam.BGZFile(str(tmp_path / "twice.vcf.gz"), "w") as out:
        out.write(text.encode())
    fault = one_fault(check(tmp_path / "twice.vcf.gz"))
    assert fault["sample"] == "S1"
    assert "twice" in fault["fault"]


def test_a_person_in_two_files_of_other_people(check, make_vcf, vcf):
    other = make_vcf([("chr1", 1, "A", "C", "0/1")], ("S1",), (("chr1", LENGTH),), "other.vcf.gz")
    fault = one_fault(check(vcf, other))
    assert fault["sample"] == "S1"


def test_contig_names_of_another_kind(check, make_vcf):
    path = make_vcf(rows(5, contig="NC_000001.11"), ("S1", "S2"), (("NC_000001.11", LENGTH),))
    assert "NC_000001.11" in one_fault(check(path))["fault"]


def test_chr_and_no_chr_are_reconciled(check, make_vcf):
    path = make_vcf(rows(60, contig="1"), ("S1", "S2"), (("1", LENGTH),))
    assert check(path)["status"] == "pass"
    assert "REF disagrees" in one_fault(check(make_vcf(rows(60, 5, "1"), ("S1", "S2"), (("1", LENGTH),))))["fault"]


def test_contig_lengths_of_another_build(check, make_vcf):
    contigs = (("chr10", CHR10_GRCH37),)
    path = make_vcf([("chr10", 5, "A", "C", "0/1", "0/0")], ("S1", "S2"), contigs)
    fault = one_fault(check(path, contigs=["chr10"], reference=None))
    assert "as in GRCh37; genome.build says GRCh38" in fault["fault"]
    assert check(path, contigs=["chr10"], reference=None, build="GRCh37")["status"] == "pass"


def test_a_contig_of_the_build_that_is_longer_than_in_the_reference(check, make_vcf):
    path = make_vcf(rows(5), ("S1", "S2"), (("chr1", 248956422),))
    assert "in the reference" in one_fault(check(path))["fault"]


def test_a_length_of_no_assembly_says_nothing(check, make_vcf):
    """PLINK 1.9 writes the last position plus one: REF decides."""
    assert check(make_vcf(rows(50), ("S1", "S2"), (("chr1", 51),)))["status"] == "pass"
    fault = one_fault(check(make_vcf(rows(200, 3), ("S1", "S2"), (("chr1", 201),))))
    assert "REF disagrees with the reference in 3 of the first 200 records" in fault["fault"]


def test_ref_of_another_build(check, make_vcf):
    contigs = (("chr1", LENGTH),)
    assert check(make_vcf(rows(200, 2), ("S1", "S2"), contigs))["status"] == "pass", "1 % is let through"
    fault = one_fault(check(make_vcf(rows(200, 3), ("S1", "S2"), contigs)))
    assert "REF disagrees with the reference in 3 of the first 200 records" in fault["fault"]
    assert "chr1:1" in fault["fault"]


def test_telomeres_are_no_disagreement(check, make_vcf):
    """The specification gives them the positions 0 and the length plus one, where the reference has no base."""
    ends = [("chr1", 0, "N", "A", "0/1", "0/0"), *rows(5), ("chr1", LENGTH + 1, "N", "A", "0/1", "0/0")]
    assert check(make_vcf(ends, ("S1", "S2"), (("chr1", LENGTH),)))["status"] == "pass"


def test_ref_on_n_is_no_disagreement(check, make_vcf):
    path = make_vcf(rows(60, 60, "chr2"), ("S1", "S2"), (("chr2", LENGTH),))
    assert check(path, contigs=["chr2"])["status"] == "pass"


def test_a_reference_without_the_contig_and_one_that_is_not_there(check, vcf):
    fault = one_fault(check(vcf, contigs=["chr1", "chr7"]))
    assert "no contig chr7" in fault["fault"]
    assert one_fault(check(vcf, reference="nowhere.fa"))["file"] == "nowhere.fa"


def test_a_file_without_genotypes(check, tmp_path, vcf):
    lines = gzip.decompress(vcf.read_bytes()).decode().splitlines()
    with pysam.BGZFile(str(tmp_path / "sites.vcf.gz"), "w") as out:
        out.write(
            "".join(f"{x}\n" for x in lines if "ID=GT" not in x).replace("\tGT\t", "\tPS\t").replace("0/", "").encode()
        )
    assert "no genotypes" in one_fault(check(tmp_path / "sites.vcf.gz"))["fault"]


def test_gene_models_need_a_reference_and_gff3(check, vcf, tmp_path):
    (tmp_path / "genes.gff3").write_text("not\tgff\n")
    assert "not GFF3" in one_fault(check(vcf, genes=str(tmp_path / "genes.gff3")))["fault"]
    assert "reference is null" in one_fault(check(vcf, reference=None, genes=str(tmp_path / "genes.gff3")))["fault"]
    assert one_fault(check(vcf, genes="nowhere.gff3"))["file"] == "nowhere.gff3"


def test_frequencies_that_are_none(check, vcf, tmp_path):
    table, other = tmp_path / "af.tsv", tmp_path / "af.vcf"
    table.write_text("contig\tpos\tref\talt\n")
    other.write_text("##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    for path, said in ((table, "no column af"), (other, "no INFO/AF"), (tmp_path / "none.tsv", "not there")):
        faults = check(vcf, frequencies=str(path))["faults"]
        assert [said in row["fault"] for row in faults] == [True]
    table.write_text("contig\tpos\tref\talt\taf\nchr1\t5\tA\tG\t0.5\n")
    assert check(vcf, frequencies=str(table))["faults"] == []


def test_a_scoring_file_without_its_columns(check, vcf, tmp_path):
    (tmp_path / "score.txt").write_text("chr_name\tchr_position\teffect_allele\n1\t1\tA\n")
    fault = one_fault(check(vcf, scores=[str(tmp_path / "score.txt")]))
    assert "effect_weight" in fault["fault"]
    assert one_fault(check(vcf, scores=["nowhere.txt"]))["file"] == "nowhere.txt"


def test_a_gene_that_nobody_knows(check, vcf, root):
    table = root / "resources" / "pharmacogenes" / "genes.tsv"
    assert "ABC1" in one_fault(check(vcf, pharmacogenes=["CYP2C19", "ABC1"], known_genes=table))["fault"]
    assert check(vcf, pharmacogenes=["CYP2C19"], known_genes=table)["status"] == "pass"


def test_all_faults_come_at_once_and_the_known_ones_with_them(check, tmp_path, vcf, sheet):
    sheet.write_text("sample\tconsent\nS1\tscores\nS3\tscores\n")
    (tmp_path / "cut.vcf.gz").write_bytes(vcf.read_bytes()[:-28])
    known = [{"file": "my.yaml", "sample": None, "line": None, "fault": "unknown key", "remedy": "Remove it"}]
    report = check(vcf, tmp_path / "cut.vcf.gz", "nowhere.vcf.gz", known_faults=known, scores=["nowhere.txt"])
    assert len(report["faults"]) == 5


def test_the_gate_lists_people_by_purpose_and_stops_at_faults(tmp_path, run_step, sheet):
    from permed.errors import Fault
    from permed.samples import PURPOSES

    sheet.write_text("sample\tconsent\nS1\tscores\nS2\tnone\n001\tpharmacogenes,scores\n")
    report = tmp_path / "inputs.json"
    outputs = {"consents": [tmp_path / f"{name}.txt" for name in ("any", *PURPOSES)]}
    outputs |= {"samples": tmp_path / "samples.parquet", "fam": tmp_path / "samples.fam"}
    fault = {"file": "f", "sample": None, "line": None, "fault": "wrong", "remedy": "Mend it"}
    report.write_text(json.dumps({"faults": [fault, fault]}))
    with pytest.raises(ExceptionGroup) as stopped:
        run_step("admit_samples")(report, sheet, **outputs)
    assert all(isinstance(error, Fault) for error in stopped.value.exceptions)
    assert not os.path.exists(tmp_path / "any.txt")
    report.write_text(json.dumps({"faults": []}))
    run_step("admit_samples")(report, sheet, **outputs)
    assert (tmp_path / "any.txt").read_text() == "S1\n001\n"
    assert (tmp_path / "pharmacogenes.txt").read_text() == "001\n"
    assert (tmp_path / "findings.txt").read_text() == ""


def test_reports_of_people_who_withdrew_are_removed_and_nothing_else(tmp_path):
    from permed.inputs.withdrawal import remove_reports

    for name in ("S1", "S2", "S3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").touch()
    (tmp_path / "S3" / "notes.txt").touch()
    assert remove_reports(tmp_path, ["S1"]) == ["S2", "S3"]
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["S1/report.html", "S3/notes.txt"]


@pytest.mark.parametrize(("second", "faults"), [("none", []), ("scores", [{"fault": "damaged", "remedy": "Mend it"}])])
def test_a_withdrawal_takes_effect_though_the_run_stops(tmp_path, run_step, second, faults):
    """The last person withdraws, or another input is faulty: the report of who withdrew goes all the same."""
    from permed.errors import Fault

    sheet, report = tmp_path / "samples.tsv", tmp_path / "inputs.json"
    sheet.write_text(f"sample\tsex\tconsent\nS1\tXX\tnone\nS2\tXY\t{second}\n")
    report.write_text(json.dumps({"faults": faults}))
    page = tmp_path / "reports" / "S1" / "report.html"
    page.parent.mkdir(parents=True)
    page.write_text("x")
    outputs = {"consents": [], "samples": tmp_path / "s.parquet", "fam": tmp_path / "s.fam"}
    with pytest.raises((Fault, ExceptionGroup)):
        run_step("admit_samples")(report, sheet, reports=tmp_path / "reports", **outputs)
    assert not page.parent.exists()


def test_parents_of_sheet_and_pedigree_stand_in_the_table_if_they_agreed(tmp_path, run_step):
    sheet, report, ped = tmp_path / "samples.tsv", tmp_path / "inputs.json", tmp_path / "x.ped"
    sheet.write_text("sample\tconsent\tmother\nC\tscores\tM\nM\tscores\t\nD\tnone\t\nX\tscores\t\n")
    ped.write_text("1 C D M 1 0\n")
    report.write_text(json.dumps({"faults": []}))
    table = tmp_path / "s.parquet"
    run_step("admit_samples")(report, sheet, consents=[], samples=table, fam=tmp_path / "s.fam", pedigree=ped)
    rows = {row["sample"]: row for row in pl.read_parquet(table).iter_rows(named=True)}
    assert list(rows) == ["C", "M", "X"]
    assert (rows["C"]["mother"], rows["C"]["father"], rows["C"]["sex"]) == ("M", None, "XY")
    assert [row["family"] for row in rows.values()] == ["1", "1", None]


def test_the_table_of_people_keeps_its_types_where_nobody_tells_anything(tmp_path, run_step):
    sheet, report = tmp_path / "samples.tsv", tmp_path / "inputs.json"
    sheet.write_text("sample\tconsent\nA\tscores\n")
    report.write_text(json.dumps({"faults": []}))
    run_step("admit_samples")(report, sheet, consents=[], samples=tmp_path / "s.parquet", fam=tmp_path / "s.fam")
    assert pl.Null not in pl.read_parquet(tmp_path / "s.parquet").schema.values()


@pytest.mark.parametrize("content", [None, b"", b"##fileformat=VCFv4.2\n"])
def test_of_a_file_that_is_refused_nobody_is_missed(check, make_vcf, sheet, tmp_path, content):
    one = make_vcf([("chr1", 1, "A", "C", "0/1")], ("S1",), (("chr1", LENGTH),), "S1.vcf.gz")
    if content is not None:
        (tmp_path / "S2.vcf.gz").write_bytes(content)
    sheet.write_text("sample\tconsent\nS1\tscores\nS2\tscores\n")
    fault = one_fault(check(one, tmp_path / "S2.vcf.gz", genotype_samples=["S1", "S2"]))
    assert fault["file"].endswith("S2.vcf.gz")
