"""PLINK 1 and 2 filesets become the records they were made from, whatever the order of their alleles."""

import shutil
import subprocess

import numpy as np
import pysam
import pytest

from permed.errors import Fault
from permed.inputs.genotype_files import look
from permed.inputs.plink import read_fileset, reference_order


def faults(path, cohort):
    return look(str(path), reference=cohort.reference).faults


@pytest.mark.parametrize("exchanged", [False, True])
def test_a_bed_gives_the_records_it_was_made_from(cohort, take, truth, exchanged):
    path = cohort.write_bed(exchanged=exchanged)
    looked = look(str(path), reference=cohort.reference)
    assert (looked.faults, looked.samples, set(looked.contigs)) == ([], cohort.people, {"chr1", "chr2"})
    assert take(path).records() == truth
    assert take.samples == cohort.people
    assert take.done["counts"]["kept"] == len(truth)
    assert take.done["counts"].get("alleles exchanged", 0) == (len(truth) // 2 if exchanged else 0)


@pytest.mark.parametrize("phased", [False, True])
@pytest.mark.parametrize("provisional", [False, True])
def test_a_pgen_gives_the_records_it_was_made_from(cohort, take, truth, phased, provisional):
    path = cohort.write_pgen(phased=phased, provisional=provisional)
    assert faults(path, cohort) == []
    assert take(path).records() == truth
    with pysam.VariantFile(str(take.place)) as file:
        hets = [call for record in file for call in record.samples.values() if call["GT"] in ((0, 1), (1, 0))]
    assert all(call.phased == phased for call in hets)


def test_phase_is_kept(cohort, take):
    cohort.genotypes = cohort.genotypes[:, :, ::-1].copy()
    path = cohort.write_pgen(phased=True)
    pairs = [call for row in take(path).records() for call in row[4:]]
    assert pairs.count((1, 0)) == (cohort.genotypes == [1, 0]).all(axis=2).sum()
    assert (0, 1) not in pairs


def test_people_who_were_not_admitted_are_not_written(cohort, take, truth):
    for path in (cohort.write_bed(), cohort.write_pgen()):
        found = take(path, ["1e5", "007"]).records()
        assert take.samples == ["007", "1e5"]
        assert [row[4:] for row in found] == [(row[5], row[7]) for row in truth]
        take(path, ["nobody"]).records()
        assert take.samples == []


def test_without_a_reference_a2_is_taken_as_ref_and_the_checks_say_so(cohort, take, truth):
    path = cohort.write_bed()
    assert any("A2 of the .bim is taken as the reference allele" in note for note in look(str(path)).notes)
    assert take(path, reference=None).records() == truth


def test_a_reference_decides_which_allele_is_first():
    assert reference_order(["A", "C"], True, "C") == [1, 0]
    assert reference_order(["A", "C"], True, "A") == [0, 1]
    assert reference_order(["A", "C"], False, "C") == [0, 1], "a REF that is no guess is checked later"
    assert reference_order(["A", "AGT"], True, "ACC") == [0, 1]
    assert "either way" in reference_order(["ACC", "A"], True, "ACC"), "a deletion, or an insertion of a repeat"
    assert "no allele" in reference_order(["A", "C"], True, "G")
    assert "N" in reference_order(["A", "C"], True, "N")
    assert "I or D" in reference_order(["I", "D"], True, "A")
    assert reference_order(["A", "0"], True, "A") == [0], "nobody carries another allele than the reference's"
    assert isinstance(reference_order(["A", "0"], True, "C"), str)
    assert isinstance(reference_order(["A", "."], True, None), str)
    assert isinstance(reference_order(["0", "0"], True, "C"), str)


def test_what_is_left_out_is_counted(cohort, take, truth):
    path = cohort.write_bed()
    rows = path.with_suffix(".bim").read_text().splitlines()
    first = next(base for base in "ACGT" if base not in cohort.sites[0][2:])
    second = next(base for base in "ACGT" if base not in (*cohort.sites[0][2:], first))
    rows[0] = "\t".join([*rows[0].split("\t")[:4], first, second])
    rows[1] = "\t".join([*rows[1].split("\t")[:4], "I", "D"])
    rows[2] = "\t".join(["0", ".", "0", "0", *rows[2].split("\t")[4:]])
    path.with_suffix(".bim").write_text("\n".join(rows) + "\n")
    unread = [(None, None)] * 5
    places = [("chr1", pos, cohort.bases["chr1"][pos - 1], ".", *unread) for pos in (20, 59, 60)]
    assert take(path).records() == places + truth[3:], "missing, not absent: absent may mean reference"
    assert take.done["counts"]["kept"] == len(truth) - 3
    counts = take.done["counts"]
    assert counts["no allele is the reference's"] == 1
    assert counts["alleles coded I or D"] == 1
    assert counts["not on a contig of the run"] == 1


def test_a_site_that_nobody_varies_at_is_evidence_for_the_reference(cohort, take):
    cohort.genotypes[0] = 0
    path = cohort.write_bed()
    rows = path.with_suffix(".bim").read_text().splitlines()
    cells = rows[0].split("\t")
    path.with_suffix(".bim").write_text("\n".join(["\t".join([*cells[:4], "0", cells[5]]), *rows[1:]]) + "\n")
    assert take(path).records()[0] == ("chr1", 20, cells[5], ".", *[(0, 0)] * 5)


def test_dosages_are_kept_and_turn_with_the_alleles(cohort, take):
    import pgenlib

    _, pos, ref, alt = cohort.sites[0]
    cohort.sites, cohort.genotypes = cohort.sites[:1], cohort.genotypes[:1]
    path = cohort.write_pgen()
    dosages = np.array([0.25, 1.0, -9.0, 1.5, 2.0], np.float32)
    for words, provisional, expected in (
        ((ref, alt), False, [0.25, 1, None, 1.5, 2]),
        ((alt, ref), True, [1.75, 1, None, 0.5, 0]),
    ):
        writer = pgenlib.PgenWriter(str(path).encode(), 5, variant_ct=1, nonref_flags=provisional, dosage_present=True)
        writer.append_dosages(dosages)
        writer.close()
        path.with_suffix(".pvar").write_text("#CHROM\tPOS\tID\tREF\tALT\n" + "\t".join(["1", str(pos), "rs1", *words]))
        ((_, _, found_ref, found_alt, *_),) = take(path).records()
        assert (found_ref, found_alt) == (ref, alt)
        with pysam.VariantFile(str(take.place)) as file:
            record = next(iter(file))
            values = [call["DS"][0] for call in record.samples.values()]
        assert record.id == "rs1"
        assert [None if v is None else round(v, 3) for v in values] == expected


def test_males_are_haploid_on_the_sex_chromosomes_where_they_are(cohort, take):
    path = cohort.write_bed()
    cohort.genotypes[:3] = [[0, 0], [1, 1], [0, 1], [-1, -1], [1, 1]]
    cohort.write_bed()
    text = path.with_suffix(".bim").read_text().splitlines()[:3]
    chroms, places = ["23", "25", "26"], [3_000_000, 10_000, 100]
    rows = [[c, ".", "0", str(p), *row.split("\t")[4:]] for row, c, p in zip(text, chroms, places, strict=True)]
    path.with_suffix(".bim").write_text("".join("\t".join(row) + "\n" for row in rows))
    path.write_bytes(path.read_bytes()[: 3 + 2 * 3])
    path.with_suffix(".fam").write_text("".join(f"0 {name} 0 0 {n % 2 + 1} -9\n" for n, name in enumerate("ABCDE")))
    take(path, list("ABCDE"), None, contigs=["chrX", "chrM"])
    with pysam.VariantFile(str(take.place)) as file:
        found = {(r.chrom, r.pos): [call["GT"] for call in r.samples.values()] for r in file}
    assert found["chrX", 3_000_000] == [(0,), (1, 1), (0, 1), (None, None), (1,)]
    assert found["chrX", 10_000] == [(0,), (1, 1), (0, 1), (None, None), (1,)], "before the first region"
    assert found["chrM", 100] == [(0,), (1,), (0, 1), (None,), (1,)]


def test_an_absent_companion_and_files_that_do_not_fit(cohort):
    path = cohort.write_bed()
    path.with_suffix(".fam").unlink()
    (fault,) = faults(path, cohort)
    assert fault.file == str(path.with_suffix(".fam"))
    path = cohort.write_bed()
    path.write_bytes(path.read_bytes()[:-1])
    assert "bytes" in faults(path, cohort)[0].fault
    path = cohort.write_bed()
    path.write_bytes(b"\x6c\x1b\x00" + path.read_bytes()[3:])
    assert "sample after sample" in faults(path, cohort)[0].fault
    path = cohort.write_bed()
    path.with_suffix(".bim").write_text("")
    assert faults(path, cohort)


def test_people_who_are_twice(cohort):
    for path, ending in ((cohort.write_bed(), ".fam"), (cohort.write_pgen(), ".psam")):
        names = path.with_suffix(ending)
        names.write_text(names.read_text().replace("007", "S1"))
        (fault,) = faults(path, cohort)
        assert (fault.sample, fault.file) == ("S1", str(names))


def test_a_pgen_of_another_number_of_variants_or_cut_short(cohort, take):
    path = cohort.write_pgen()
    with path.with_suffix(".pvar").open("a") as out:
        out.write("1\t3999\t.\tA\tC\n")
    assert "its companions name" in faults(path, cohort)[0].fault
    path = cohort.write_pgen()
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises((Fault, ExceptionGroup)):
        take(path)
    assert list((cohort.folder / "ours").iterdir()) == []
    path.with_suffix(".psam").unlink()
    assert faults(path, cohort)[0].file.endswith("set.psam")


def test_another_build_or_strand_is_refused(cohort):
    path = cohort.write_bed()
    shifted = [(c, p + 7, r, a) for c, p, r, a in cohort.sites]
    cohort.sites = shifted
    (fault,) = faults(cohort.write_bed(), cohort)
    assert "no allele is the reference's" in fault.fault
    assert fault.file == str(path)


def test_spaces_or_tabs_and_a_header_with_families(cohort, take, truth):
    path = cohort.write_bed()
    bim = path.with_suffix(".bim")
    bim.write_text(bim.read_text().replace("\t", "  "))
    assert take(path).records() == truth
    path = cohort.write_pgen()
    path.with_suffix(".psam").write_text(
        "#FID\tIID\tSEX\n" + "".join(f"F{n}\t{name}\t2\n" for n, name in enumerate(cohort.people))
    )
    assert take(path).records() == truth


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed")
def test_what_plink2_makes_with_phase_several_alternates_and_packed_variants(cohort, take):
    rows = ["chr1\t100\trs1\tA\tC\t.\t.\t.\tGT\t0|1\t1|0\t.|.\t0|0\t1|1"]
    rows += ["chr1\t200\t.\tA\tC,T\t.\t.\t.\tGT\t1|2\t0|1\t0|2\t2|2\t.|."]
    path = cohort.write("p.vcf", cohort.text(rows))
    for words in (["--make-pgen", "vzs"], ["--make-pgen"]):
        command = ["plink2", "--vcf", path, *words, "--out", cohort.folder / "p"]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        found = take(cohort.folder / "p.pgen").records()
        assert found[0] == ("chr1", 100, "A", "C", (0, 1), (1, 0), (None, None), (0, 0), (1, 1))
        assert found[1] == ("chr1", 200, "A", "C,T", (1, 2), (0, 1), (0, 2), (2, 2), (None, None))
        if words[-1] == "vzs":
            assert (cohort.folder / "p.pvar.zst").is_file()
            (cohort.folder / "p.pvar.zst").unlink()


def test_a_fileset_of_another_name_is_a_fault(cohort):
    path = cohort.write_bed()
    path.rename(path.with_name("set.genotypes"))
    assert "named" in faults(path.with_name("set.genotypes"), cohort)[0].fault
    with pytest.raises(ExceptionGroup):
        read_fileset(str(path.with_name("set.genotypes")))


def test_a_real_pgen_holds_what_its_vcf_holds(shared, cohort, take):
    folder = shared / "real" / "prs" / "pgsc_calc"
    people = read_fileset(str(folder / "cineca_synthetic_subset.pgen")).samples[:40]
    take(folder / "cineca_synthetic_subset.pgen", people, None, contigs=["chr22"], build="GRCh37")
    with pysam.VariantFile(str(take.place)) as ours:
        found = {(r.pos, *r.alleles): [sorted(call["GT"], key=str) for call in r.samples.values()] for r in ours}
    with pysam.VariantFile(str(folder / "cineca_synthetic_subset.vcf.gz")) as vcf:
        vcf.subset_samples([f"{name}_{name}" for name in people])
        truth = {(r.pos, *r.alleles): [sorted(call["GT"], key=str) for call in r.samples.values()] for r in vcf}
    common = found.keys() & truth.keys()
    assert len(common) == len(truth) == len(found) > 800
    assert found == truth


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_companions_in_other_codings_without_the_genetic_map(cohort, take, truth, coding, end):
    path = cohort.write_bed()
    for name, keep in ((".bim", (0, 1, 3, 4, 5)), (".fam", (0, 1, 2, 3, 4))):
        companion = path.with_suffix(name)
        rows = [line.split() for line in companion.read_text().splitlines()]
        text = "".join("\t".join(row[n] for n in keep) + end for row in rows)
        companion.write_bytes(text.encode(coding))
    assert take(path).records() == truth


@pytest.mark.parametrize("name", [".bim", ".fam"])
def test_a_workbook_beside_genotypes_is_named(cohort, name):
    path = cohort.write_bed()
    path.with_suffix(name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99))
    (fault,) = look(str(path)).faults
    assert "Excel" in fault.fault and fault.file == str(path.with_suffix(name))
