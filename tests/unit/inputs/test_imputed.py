"""Imputed dosages without genotypes: a genotype is that of the nearest dosage within 0.1, else missing."""

import json

import numpy as np
import pysam
import pysam.bcftools
import pytest

from permed.genotypes.read import read_chunks
from permed.inputs.convert import take_file
from permed.inputs.genotype_files import look

DS, HDS, GP = (
    '##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">',
    '##FORMAT=<ID=HDS,Number=.,Type=Float,Description="Haplotype dosages">',
    '##FORMAT=<ID=GP,Number=G,Type=Float,Description="Genotype probabilities">',
)
OWN = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
MISSING, REF, HET, ALT = (None, None), (0, 0), (0, 1), (1, 1)


@pytest.fixture
def imputed(tmp_path):
    """Take a VCF of rows (contig, pos, alt, FORMAT, values…); give its records by (contig, pos, alt)."""

    def run(rows, samples, header=(DS, HDS, GP), two_copies=(), ending=".vcf", build="GRCh38"):
        names = list(dict.fromkeys(row[0] for row in rows))
        lines = ["##fileformat=VCFv4.3", *(f"##contig=<ID={name}>" for name in names), *header]
        lines += ["\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])]
        lines += ["\t".join([c, str(pos), ".", "A", alt, ".", ".", ".", *rest]) for c, pos, alt, *rest in rows]
        plain = tmp_path / "imputed.vcf"
        plain.write_text("\n".join(lines) + "\n")
        run.path = path = tmp_path / f"imputed{ending}"
        if ending != ".vcf":
            to = "-Ob" if ending == ".bcf" else "-Oz"
            pysam.bcftools.view("--no-version", to, "-o", str(path), str(plain), catch_stdout=False)
        run.taken = tmp_path / "ours" / f"0{ending if ending != '.vcf' else '.vcf.gz'}"
        index = tmp_path / "ours" / f"{run.taken.name}.csi"
        run.done, _ = take_file(path, run.taken, index, list(samples), names, build, two_copies=two_copies)
        with pysam.VariantFile(str(run.taken)) as file:
            return {(r.chrom, r.pos, ",".join(r.alts)): r.copy() for r in file}

    return run


def genotypes(record) -> list:
    return [call["GT"] for call in record.samples.values()]


@pytest.mark.parametrize("ending", [".vcf", ".vcf.gz", ".bcf"])
def test_genotypes_are_those_of_dosages_within_a_tenth(imputed, ending):
    dosages = ["0", "0.0999", "0.11", "0.5", "0.89", "0.9", "1.1", "1.11", "1.89", "1.9", "2", "."]
    people = [f"P{n}" for n in range(len(dosages))]
    (record,) = imputed([("chr1", 100, "C", "DS", *dosages)], people, ending=ending).values()
    want = [REF, REF, *[MISSING] * 3, HET, HET, MISSING, MISSING, ALT, ALT, MISSING]
    assert genotypes(record) == want
    kept = [call["DS"] for call in record.samples.values()]
    assert kept[1] == pytest.approx((0.0999,)), "dosages stay"
    assert imputed.done["counts"]["records given genotypes by their dosages"] == 1


def test_the_rule_on_many_dosages_is_that_of_the_store(imputed, tmp_path):
    rng = np.random.default_rng(5)
    people = [f"P{n}" for n in range(37)]
    values = rng.integers(0, 2001, (300, len(people))) / 1000
    rows = [("chr1", 10 * n + 1, "C", "DS", *(f"{v:.3f}" for v in row)) for n, row in enumerate(values)]
    records = imputed(rows, people)
    exact = np.round(values * 1000).astype(int)
    nearest = (exact + 500) // 1000
    want = np.where(np.abs(exact - 1000 * nearest) <= 99, nearest, -1)
    edge = np.abs(exact - 1000 * nearest) == 100  # a float of 0.1 may fall to either side
    got = np.array([[-1 if None in gt else sum(gt) for gt in genotypes(record)] for record in records.values()])
    assert (got == want)[~edge].all()
    plain = list(read_chunks(tmp_path / "imputed.vcf"))  # without GT the store rounds by itself
    codes = np.concatenate([part for _, part in plain])
    assert (np.array([2, -1, 1, 0])[codes] == got).all()


def test_probabilities_and_haplotype_dosages(imputed):
    rows = [
        ("chr1", 100, "C", "GP", "1,0,0", "0,1,0", "0,0.02,0.98", "0.4,0.6,0"),
        ("chr1", 200, "C", "HDS", "0,0", "0.02,0.97", "1,0.95", "0.5,0.5"),
        ("chr1", 300, "C", "DS:HDS:GP", "2:1,1:0,0,1", ".:0,1:0,1,0", ".:.:1,0,0", ".:.:."),
    ]
    records = imputed(rows, ["A", "B", "C", "D"])
    one, two, three = (genotypes(record) for record in records.values())
    assert one == [REF, HET, ALT, MISSING]
    assert two == [REF, HET, ALT, HET], "0.5 and 0.5 are one copy in all"
    assert three == [ALT, HET, REF, MISSING]


def test_one_copy_is_told_by_the_values(imputed):
    rows = [
        ("chrX", 50_000_000, "C", "DS:HDS", "1:1", "1:0.5,0.5", "0:0", "0.5:0.5"),
        ("chrX", 50_000_100, "C", "GP", "0,1", "0,1,0", "1,0", "0.5,0.5"),
    ]
    one, two = (genotypes(record) for record in imputed(rows, ["M1", "F", "M2", "M3"]).values())
    assert one == [(1,), HET, (0,), (None,)]
    assert two == [(1,), HET, (0,), (None,)]


def test_a_dosage_that_may_count_one_copy_or_two_is_believed_where_both_say_the_same(imputed):
    values = ["0", "1", "2", "1"]
    rows = [(c, pos, "C", "DS", *values) for c, pos in [("chrX", 50_000_000), ("chrX", 1_000_000), ("chrM", 73)]]
    records = imputed(rows, ["A", "B", "C", "XX"], two_copies=["XX"])
    assert genotypes(records["chrX", 50_000_000, "C"]) == [REF, MISSING, ALT, HET]
    assert genotypes(records["chrX", 1_000_000, "C"]) == [REF, HET, ALT, HET], "the pseudoautosomal region"
    assert genotypes(records["chrM", 73, "C"]) == [REF, MISSING, ALT, MISSING]
    unclear = [call["DS"] for call in records["chrX", 50_000_000, "C"].samples.values()]
    assert unclear == [(0,), (None,), (2,), (1,)]
    assert imputed.done["counts"][next(name for name in imputed.done["counts"] if "one copy or two" in name)] == 3


def test_records_with_genotypes_keep_them_and_those_of_several_alternates_get_none(imputed):
    rows = [
        ("chr1", 100, "C", "GT:DS", "0|1:2", "./.:1"),
        ("chr1", 200, "C,G", "DS", "0,1", "0,0"),
        ("chr1", 300, "C", "DS", "0", "1"),
    ]
    records = imputed(rows, ["A", "B"], header=(OWN, DS))
    assert genotypes(records["chr1", 100, "C"]) == [HET, MISSING]
    assert records["chr1", 100, "C"].samples["A"].phased
    assert "GT" not in records["chr1", 200, "C,G"].format
    assert genotypes(records["chr1", 300, "C"]) == [REF, HET]


def test_dosages_and_header_that_lack_everything(imputed):
    records = imputed([("chr1", 100, "C", "DS", "0", "1.05")], ["A", "B"], header=())
    assert genotypes(records["chr1", 100, "C"]) == [REF, HET]
    assert imputed.done["header_completed"] == {"FORMAT": ["DS"]}


def test_the_check_says_so_and_a_file_with_neither_is_refused(imputed, tmp_path, run_step):
    imputed([("chr1", 100, "C", "DS", "0", "1")], ["A", "B"])
    sheet = tmp_path / "s.tsv"
    sheet.write_text("sample\tconsent\nA\tscores\nB\tscores\n")
    run_step("check_inputs")(str(sheet), [str(imputed.path)], ["chr1"], report=tmp_path / "inputs.json")
    report = json.loads((tmp_path / "inputs.json").read_text())
    assert (report["status"], report["imputed"]) == ("pass", 1)
    assert any("imputed dosages without genotypes" in note for note in report["notes"])
    path = imputed.path
    path.write_text(path.read_text().replace("\tDS\t0\t1\n", "\tXY\t0\t1\n"))
    (fault,) = look(str(path)).faults
    assert fault.fault == "there are no genotypes"
    assert "DS, HDS or GP" in fault.remedy
