"""Normalisation: bcftools' own cases, planted haplotypes, and nothing lost without being counted."""

import itertools
import random

import pysam
import pytest

from permed.errors import Fault
from permed.normalise.contig import normalise_contig

SEQUENCE = "NNNNNNNNNN" + "ACGTTTTTACGTCACACACAGTGGGCCATG" + "NNNNNNNNNN"
CONTIGS = (("chr1", len(SEQUENCE)),)


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "reference.fa"
    path.write_text(f">chr1\n{SEQUENCE}\n")
    pysam.faidx(str(path))
    return path


@pytest.fixture
def normalise(tmp_path):
    def run(files, samples, reference=None, contig="chr1"):
        folder = tmp_path / "work"
        folder.mkdir(exist_ok=True)
        out = tmp_path / f"{contig}.bcf"
        done = normalise_contig(files, contig, list(samples), reference, out, folder)
        with pysam.VariantFile(str(out)) as file:
            assert list(file.header.samples) == list(samples)
            rows = [
                (r.pos, r.ref, r.alts[0] if r.alts else ".", *(genotype(call) for call in r.samples.values()))
                for r in file
            ]
        assert sorted(rows, key=lambda row: row[0]) == rows
        return rows, done

    return run


def genotype(call) -> str:
    return ("|" if call.phased else "/").join("." if a is None else str(a) for a in call["GT"])


def test_records_are_split_trimmed_and_left_aligned(make_vcf, normalise, fasta):
    rows = [
        ("chr1", 11, "A", "C,G", "1/2"),
        ("chr1", 17, "TT", "T", "0|1"),  # the run of T starts at 14
        ("chr1", 24, "ACACA", "ACA", "0/1"),  # a repeat that starts at 22
        ("chr1", 33, "GGG", "GAG", "1/1"),
    ]
    found, done = normalise([make_vcf(rows, contigs=CONTIGS)], ["S1"], fasta)
    assert found == [
        (11, "A", "C", "1/0"),
        (11, "A", "G", "0/1"),
        (13, "GT", "G", "0|1"),
        (22, "TCA", "T", "0/1"),
        (34, "G", "A", "1/1"),
    ]
    assert done.counts["read"] == 4
    assert done.counts["split"] == 1
    assert done.counts["left_aligned"] == 2


def test_without_a_reference_records_are_split_and_trimmed_only(make_vcf, normalise):
    rows = [("chr1", 17, "TT", "T", "0/1"), ("chr1", 33, "GGG", "GAG", "1/1")]
    found, done = normalise([make_vcf(rows, contigs=CONTIGS)], ["S1"])
    assert found == [(17, "TT", "T", "0/1"), (34, "G", "A", "1/1")]
    assert done.counts["unchecked"] == 2


def test_ref_on_n_is_unchecked_and_another_ref_is_set_aside(make_vcf, normalise, fasta):
    rows = [("chr1", 3, "A", "C", "0/1"), ("chr1", 12, "G", "C", "0/1"), ("chr1", 12, "C", "A", "1/1")]
    found, done = normalise([make_vcf(rows, contigs=CONTIGS)], ["S1"], fasta)
    assert found == [(3, "A", "C", "0/1"), (12, "C", "A", "1/1")]
    assert done.counts["unchecked"] == 1
    assert done.counts["ref_mismatch"] == 1
    (row,) = done.set_aside
    assert (row["pos"], row["ref"], row["samples"]) == (12, "G", None)


def test_star_and_symbolic_alleles_are_no_alternates_but_are_counted(make_vcf, normalise, fasta):
    rows = [
        ("chr1", 14, "T", "*,C", "1|2", "0/0"),
        ("chr1", 15, "T", "<DEL>", "0/1", "0/0"),
        ("chr1", 16, "T", "A,<NON_REF>", "0/1", "0/0"),
        ("chr1", 17, "T", ".", "0/0", "0/0"),
    ]
    found, done = normalise([make_vcf(rows, ("S1", "S2"), CONTIGS)], ["S2", "S1"], fasta)
    assert found == [(14, "T", "C", "0/0", "0|1"), (16, "T", "A", "0/0", "0/1"), (17, "T", ".", "0/0", "0/0")]
    assert (done.counts["overlapping_deletion"], done.counts["symbolic"], done.counts["reference_blocks"]) == (1, 1, 1)
    assert [(row["pos"], row["alt"], row["samples"]) for row in done.set_aside] == [
        (15, "<DEL>", ["S1"]),
        (14, "*", ["S1"]),
    ]


def test_a_star_sets_its_carrier_aside_unless_the_deletion_is_there(make_vcf, normalise, fasta):
    rows = [
        ("chr1", 21, "GTC", "G", "0/1", "0/0", "./."),
        ("chr1", 23, "C", "*,A", "0/1", "0/1", "1/2"),
        ("chr1", 32, "T", "*", "0/0", "0/1", "0/0"),
    ]
    names = ("S1", "S2", "S3")
    found, done = normalise([make_vcf(rows, names, CONTIGS)], list(names), fasta)
    assert [row[:3] for row in found] == [(21, "GTC", "G"), (23, "C", "A")]
    assert [(row["pos"], row["samples"]) for row in done.set_aside] == [(23, ["S2", "S3"]), (32, ["S2"])]


def test_duplicates_after_normalising_are_one_record(make_vcf, normalise, fasta):
    rows = [("chr1", 14, "TT", "T", "0/1"), ("chr1", 17, "TT", "T", "0/1")]
    found, done = normalise([make_vcf(rows, contigs=CONTIGS)], ["S1"], fasta)
    assert found == [(13, "GT", "G", "0/1")]
    assert done.counts["duplicates"] == 1


def test_contig_names_of_file_and_reference_are_reconciled(make_vcf, normalise, fasta):
    vcf = make_vcf([("1", 17, "TT", "T", "0/1")], contigs=(("1", len(SEQUENCE)),))
    found, _ = normalise([vcf], ["S1"], fasta)
    assert found == [(13, "GT", "G", "0/1")]


def test_people_who_agreed_to_nothing_are_not_read(make_vcf, normalise):
    vcf = make_vcf([("chr1", 14, "T", "C", "0/1", "1/1")], ("S1", "S2"), CONTIGS)
    assert normalise([vcf], ["S2"])[0] == [(14, "T", "C", "1/1")]


def test_files_of_other_people_are_merged_and_each_tells_of_its_own_places(make_vcf, normalise):
    one = make_vcf([("chr1", 14, "T", "C", "0/1")], ("S1",), CONTIGS, "one.vcf.gz")
    two = make_vcf([("chr1", 14, "T", "A", "1/1"), ("chr1", 20, "C", "A", "0/1")], ("S2",), CONTIGS, "two.vcf.gz")
    found, _ = normalise([one, two], ["S2", "S1"])
    expected = [(14, "T", "A", "1/1", "0/0"), (14, "T", "C", "0/0", "0/1"), (20, "C", "A", "0/1", "./.")]
    assert sorted(found) == expected


def test_files_of_the_same_people_are_joined(make_vcf, normalise):
    one = make_vcf([("chr1", 20, "C", "A", "0/1")], ("S1",), CONTIGS, "one.vcf.gz")
    two = make_vcf([("chr1", 14, "T", "C", "1/1"), ("chr1", 20, "C", "A", "0/1")], ("S1",), CONTIGS, "two.vcf.gz")
    found, done = normalise([one, two], ["S1"])
    assert found == [(14, "T", "C", "1/1"), (20, "C", "A", "0/1")]
    assert done.counts["duplicates"] == 1


def test_a_contig_that_no_file_has_is_empty_and_a_person_whom_no_file_has_is_a_fault(make_vcf, normalise):
    vcf = make_vcf([("chr1", 14, "T", "C", "0/1")], contigs=CONTIGS)
    assert normalise([vcf], ["S1"], contig="chr2")[0] == []
    with pytest.raises(Fault, match="S9"):
        normalise([vcf], ["S1", "S9"])


def test_any_spelling_of_an_indel_in_a_repeat_becomes_the_same_record(make_vcf, normalise, fasta):
    """Every way to write a deletion of a repeat unit gives one record; the truth is the haplotype's sequence."""
    rng = random.Random(5)
    for start, end, size in ((11, 20, 1), (20, 33, 2)):
        by_haplotype: dict[str, set] = {}
        for pos, padded in itertools.product(range(start, end), range(3)):
            ref = SEQUENCE[pos - 1 : pos + size + padded]
            alt = ref[0] + ref[size + 1 :]
            haplotype = SEQUENCE[: pos - 1] + alt + SEQUENCE[pos - 1 + len(ref) :]
            name = f"v{rng.random()}.vcf.gz"
            found, _ = normalise(
                [make_vcf([("chr1", pos, ref, alt, "0/1")], contigs=CONTIGS, name=name)], ["S1"], fasta
            )
            by_haplotype.setdefault(haplotype, set()).add(tuple(found))
        assert all(len(records) == 1 for records in by_haplotype.values())


def test_two_spellings_of_one_variant_complete_each_other_and_a_conflict_is_believed_by_neither(
    make_vcf, normalise, fasta
):
    rows = [("chr1", 14, "TT", "T", "0/1", "./.", "0/1"), ("chr1", 17, "TT", "T", "0/1", "1/1", "1/1")]
    found, done = normalise([make_vcf(rows, ("S1", "S2", "S3"), CONTIGS)], ["S1", "S2", "S3"], fasta)
    assert found == [(13, "GT", "G", "0/1", "1/1", "./.")]
    assert done.counts["conflicting_genotypes"] == 1
    assert done.set_aside[0]["samples"] == ["S3"]


def test_files_that_name_contigs_otherwise_are_merged(make_vcf, normalise):
    one = make_vcf([("chr1", 100, "A", "C", "0/1")], ("S1",), (("chr1", 1000),))
    two = make_vcf([("1", 100, "A", "C", "1/1")], ("S2",), (("1", 1000),), name="two.vcf.gz")
    found, _ = normalise([one, two], ["S1", "S2"])
    assert found == [(100, "A", "C", "0/1", "1/1")]


def test_a_contig_under_two_names_in_one_file_is_refused(make_vcf, normalise):
    rows = [("chr1", 100, "A", "C", "0/1"), ("1", 200, "A", "C", "0/1")]
    path = make_vcf(rows, contigs=(("chr1", 1000), ("1", 1000)))
    with pytest.raises(Fault, match=r"chr1 under several names \(chr1, 1\)") as stopped:
        normalise([path], ["S1"])
    assert stopped.value.file == str(path)
