"""Of which build files are, and when lifting them is a fault."""

import json

import pysam
import pytest

SEQUENCE = "ACGTTGCAAGCTTAGGCATCGATCCGTAAGCTAGCTTTGACCATGGAACTCAGTTCAGGATCCATTGCACGTAGACCTTAGCA"
SHIFT = "GATTACA"
N36, N37, N38 = 247249719, 249250621, 248956422  # chr1


@pytest.fixture
def check(tmp_path, run_step):
    """Check one file of a small target; ``chain`` is the text of a chain file."""
    (tmp_path / "t.fa").write_text(f">chr1\n{SHIFT}{SEQUENCE}\n")
    (tmp_path / "people.tsv").write_text("sample\tconsent\nS1\tscores\n")
    good = f"chain 1 chr1 {len(SEQUENCE)} + 0 {len(SEQUENCE)} chr1 {len(SEQUENCE) + 7} + 7 {len(SEQUENCE) + 7} 1\n"
    good += f"{len(SEQUENCE)}\n"

    def run(path, chain=good, reference="t.fa", **options):
        if isinstance(chain, str):
            (tmp_path / "x.chain").write_text(chain)
        given = {"reference": str(tmp_path / reference) if reference else None} | options
        given["chain"] = str(tmp_path / "x.chain") if chain is not None else None
        report = tmp_path / "inputs.json"
        run_step("check_inputs")(str(tmp_path / "people.tsv"), [str(path)], ["chr1"], report=report, **given)
        found = json.loads(report.read_text())
        return found["faults"], found["notes"], found["files"][0]["lift"]

    return run


def rows(shift=0, places=range(5, 70, 3)):
    target = SHIFT[len(SHIFT) - shift :] + SEQUENCE
    return [("1", p, target[p - 1], "A" if target[p - 1] != "A" else "C", "0/1") for p in places]


def test_a_file_of_the_other_build_is_lifted(check, make_vcf):
    faults, notes, lift = check(make_vcf(rows(), contigs=[("1", len(SEQUENCE))]))
    assert (faults, lift) == ([], True)
    assert any("lifted to GRCh38 with x.chain" in note for note in notes)
    assert not any("absent_sites" in note for note in notes)
    _, notes, _ = check(make_vcf(rows(), contigs=[("1", len(SEQUENCE))]), absent_sites="reference")
    assert any("absent_sites is reference" in note for note in notes)


def test_a_file_of_the_right_build_is_not_lifted(check, make_vcf):
    faults, notes, lift = check(make_vcf(rows(7), contigs=[("chr1", len(SEQUENCE) + 7)]))
    assert (faults, lift) == ([], False)
    assert not any("lifted" in note for note in notes)


@pytest.mark.parametrize("shift, expected", [(0, True), (7, False)])
def test_without_lengths_the_bases_decide(check, make_vcf, shift, expected, tmp_path):
    vcf = make_vcf(rows(shift), contigs=[("1", 1000)], name="x.vcf")
    vcf.write_text(vcf.read_text().replace(",length=1000", ""))
    pysam.tabix_compress(str(vcf), f"{vcf}.gz", force=True)
    faults, _, lift = check(f"{vcf}.gz")
    assert (faults, lift) == ([], expected)


def test_lengths_of_one_build_with_bases_of_another_are_a_fault(check, make_vcf):
    (fault,), _, lift = check(make_vcf(rows(0), contigs=[("1", len(SEQUENCE) + 7)]))
    assert "REF disagrees" in fault["fault"] and not lift


def test_a_file_from_which_the_chain_does_not_lead(check, make_vcf):
    (fault,), _, lift = check(make_vcf(rows(), contigs=[("1", N36)]))
    text = "247,249,719 long in the file, as in NCBI36 (hg18), and 83 in the build from which the chain leads"
    assert text in fault["fault"] and not lift


@pytest.mark.parametrize("shift, expected", [(0, True), (7, False)])
def test_a_length_of_no_assembly_says_nothing_and_the_bases_decide(check, make_vcf, shift, expected):
    """As PLINK 1.9 writes it: the last position plus one."""
    faults, _, lift = check(make_vcf(rows(shift), contigs=[("1", 69)]))
    assert (faults, lift) == ([], expected)


def test_the_lifted_bases_must_agree(check, make_vcf):
    (fault,), _, _ = check(make_vcf(rows(7), contigs=[("1", len(SEQUENCE))]))
    assert "after lifting" in fault["fault"]


def test_a_chain_that_leads_elsewhere(check, make_vcf):
    vcf = make_vcf(rows(7), contigs=[("1", len(SEQUENCE) + 7)])
    faults, _, _ = check(vcf, f"chain 1 chr1 {N38} + 0 9 chr1 {N37} + 0 9 1\n9\n")
    assert "leads to GRCh37; genome.build says GRCh38" in faults[0]["fault"]
    faults, _, _ = check(vcf, "chain 1 chr1 50 + 0 9 chr1 77 + 0 9 1\n9\n")
    assert "contig chr1 of 77 bases; in the reference it has 90" in faults[0]["fault"]


def test_a_chain_needs_the_reference(check, make_vcf):
    (fault,), _, _ = check(make_vcf(rows(7), contigs=[("1", 90)]), reference=None)
    assert "needs the reference" in fault["fault"] and "genome.reference" in fault["remedy"]


def test_a_chain_that_is_not_there_or_no_chain(check, make_vcf):
    vcf = make_vcf(rows(7), contigs=[("1", 90)])
    (fault,), _, _ = check(vcf, chain=False)
    assert "genome.chain" in fault["remedy"] and fault["file"].endswith("x.chain")
    (fault,), _, _ = check(vcf, chain="chr1 1 2\n")
    assert "not of a chain file" in fault["fault"] and fault["line"] == 1


def test_without_a_chain_the_remedy_names_it(check, make_vcf):
    (fault,), _, _ = check(make_vcf(rows(), contigs=[("1", N37)]), chain=None, reference=None)
    assert "as in GRCh37" in fault["fault"] and "genome.chain" in fault["remedy"]


def test_bases_of_another_build_with_lengths_that_tell_it(check, make_vcf):
    """The file's own contig has no length of a build, another one has."""
    vcf = make_vcf(rows(0), contigs=[("1", len(SEQUENCE) + 7), ("2", 243199373)])
    (fault,), _, _ = check(vcf, chain=None)
    assert "the contig lengths are those of GRCh37" in fault["fault"]
