"""Files whose contig lengths tell no build: other assemblies, words of the header, ends of contigs, nothing."""

import pytest

from permed.genome import BUILDS, CONTIGS, assemblies_named, end_of, lengths, other_assemblies


def row_of(found, number=0):
    return found["files"][number]["build"]


def only_fault(found):
    (fault,) = found["faults"]
    assert fault["remedy"] and fault["file"] and "results/" not in fault["fault"]
    return fault["fault"]


# Lengths


@pytest.mark.parametrize(
    "contig, length, of",
    [
        ("chr10", 134758134, "T2T-CHM13v2.0"),
        ("10", 134758122, "T2T-CHM13v1.0"),
        ("chr10", 135374737, "NCBI36 (hg18)"),
        ("chr10", 135413628, "NCBI35 (hg17)"),
        ("chr10", 135037215, "NCBI34 (hg16)"),
        ("chr10", 135480874, "NCBI33 (hg15)"),
    ],
)
@pytest.mark.parametrize("build", BUILDS)
def test_a_length_of_another_assembly_is_refused(check_files, write_rows, contig, length, of, build, sites):
    path = write_rows(sites.anywhere(3, contig=contig), [f"##contig=<ID={contig},length={length}>"])
    assert f"{length:,} long, as in {of}; genome.build says {build}" in only_fault(check_files(path, build=build))


def test_another_contig_of_the_header_tells_where_the_run_s_has_no_length(check_files, write_rows, sites):
    head = ["##contig=<ID=chr10>", "##contig=<ID=chr6,length=172126628>"]
    assert "contig chr6 is 172,126,628 long, as in T2T-CHM13v2.0" in only_fault(
        check_files(write_rows(sites.anywhere(3), head))
    )
    head[1] = f"##contig=<ID=chr6,length={lengths('GRCh38')['chr6']}>"
    assert row_of(check_files(write_rows(sites.anywhere(3), head))) == {
        "checked": True,
        "by": ["lengths"],
        "lengths": {"contigs": 1},
    }


def test_a_reference_of_another_assembly_is_refused(check_files, write_rows, tmp_path):
    (tmp_path / "x.fa").write_text(">chr1\nACGT\n")
    (tmp_path / "x.fa.fai").write_text("chr1\t248387328\t6\t4\t5\n")
    path = write_rows([("chr1", 1, ".", "A", "C")], ["##contig=<ID=chr1,length=248387328>"])
    faults = check_files(path, contigs=["chr1"], reference=str(tmp_path / "x.fa"))["faults"]
    assert "as in T2T-CHM13v2.0" in faults[0]["fault"] and faults[0]["file"].endswith("x.fa")


def test_no_length_of_the_table_is_one_of_the_builds():
    """Else a file of a build would be refused as another assembly."""
    assert not any(other_assemblies(c, n) for build in BUILDS for c, n in lengths(build).items())
    assert all(other_assemblies("chr19", 63811651)) and len(other_assemblies("chr19", 63811651)) == 3
    assert {"T2T-CHM13v2.0"} == set(other_assemblies("Y", 62460029))


# Words


@pytest.mark.parametrize(
    "text, named",
    [
        ("file:///refs/chm13v2.0.fa", {"T2T-CHM13"}),
        ("hg18", {"NCBI36 (hg18)"}),
        ("file:///humgen/human_g1k_v37_decoy.fasta", {"GRCh37"}),
        ("ftp://x/hs37d5.fa.gz", {"GRCh37"}),
        ("/x/GCA_000001405.15_GRCh38_no_alt_analysis_set.fna", {"GRCh38"}),
        ("Homo_sapiens_assembly38.fasta", {"GRCh38"}),
        ("GRCh38.p14", {"GRCh38"}),
        ("hs38DH.fa", {"GRCh38"}),
        ("hg38_lifted_from_hg19.fa", {"GRCh37", "GRCh38"}),
        ("/home/abc38/genome.fa", set()),
        ("file:///sub37/ref.fa", set()),
    ],
)
def test_words_for_assemblies(text, named):
    assert assemblies_named(text) == named


@pytest.mark.parametrize(
    "head, build",
    [
        (["##reference=file:///x/hg19.fa", "##contig=<ID=chr10>"], "GRCh37"),
        (["##contig=<ID=chr10,assembly=b37>"], "GRCh37"),
        (["##reference=file:///x/hg38.fa", "##contig=<ID=chr10>"], "GRCh38"),
        (['##contig=<ID=chr10,assembly="GRCh38.p13",species="Homo sapiens">'], "GRCh38"),
    ],
)
def test_words_tell_where_nothing_else_does(check_files, write_rows, head, build, sites):
    path = write_rows(sites.anywhere(5), head)
    told = row_of(check_files(path, build=build))
    assert told["by"] == ["header"] and len(told["header"]["words"]) == 1
    other = next(name for name in BUILDS if name != build)
    assert f"the file says that it is of {build}" in only_fault(check_files(path, build=other))


def test_words_of_a_third_assembly(check_files, write_rows, sites):
    path = write_rows(sites.anywhere(5), ["##reference=chm13v2.0.fa", "##contig=<ID=chr10>"])
    assert "it is of T2T-CHM13" in only_fault(check_files(path))


def test_words_that_contradict_each_other_tell_nothing(check_files, write_rows, sites):
    path = write_rows(sites.anywhere(5), ["##reference=hg38_from_hg19.fa", "##contig=<ID=chr10>"])
    found = check_files(path)
    assert not found["faults"] and not row_of(found)["checked"]


def test_positions_win_over_words(check_files, write_rows, sites):
    """A header that lifting left behind."""
    path = write_rows(sites.defined("GRCh38", 12), ["##reference=hg19.fa", "##contig=<ID=chr10>"])
    found = check_files(path)
    assert not found["faults"] and row_of(found)["by"] == ["positions"]
    assert any("GRCh37" in note for note in found["notes"])


# Ends of contigs


@pytest.mark.parametrize("packed", [False, True])
def test_a_record_beyond_both_builds_contig(check_files, write_rows, packed, sites):
    end = lengths("GRCh37")["chr10"]
    path = write_rows([*sites.anywhere(3), ("chr10", end + 2, ".", "A", "C")], ["##contig=<ID=chr10>"], packed=packed)
    for build in BUILDS:
        (fault,) = check_files(path, build=build)["faults"]
        assert f"a record at chr10:{end + 2} lies beyond the end of the contig" in fault["fault"]
        assert fault["line"] == 8
    lengths_given = [f"##contig=<ID=chr10,length={end}>"]
    path = write_rows([*sites.anywhere(3), ("chr10", end + 2, ".", "A", "C")], lengths_given, name="l.vcf")
    assert "lies beyond the end" in only_fault(check_files(path, build="GRCh37"))


def test_a_record_beyond_the_run_s_contig_is_of_the_other_build(check_files, write_rows, sites):
    end = lengths("GRCh38")["chr10"]
    path = write_rows([*sites.anywhere(3), ("chr10", end + 2, ".", "A", "C")], ["##contig=<ID=chr10>"])
    fault = only_fault(check_files(path))
    assert f"beyond the end of the contig in GRCh38, {end:,}" in fault
    assert not check_files(path, build="GRCh37")["faults"]


def test_telomeres_are_positions(check_files, write_rows, sites):
    """The specification gives them the positions 0 and the length plus one."""
    rows = [("chr10", 0, ".", "N", "A"), *sites.anywhere(2), ("chr10", lengths("GRCh38")["chr10"] + 1, ".", "N", "A")]
    assert not check_files(write_rows(rows, ["##contig=<ID=chr10>"]))["faults"]


def test_other_contigs_and_the_mitochondrion_have_no_end():
    assert end_of("chrUn_KI270302v1") is None and end_of("MT") is None
    assert all(end_of(contig) == max(lengths(build)[contig] for build in BUILDS) for contig in CONTIGS[:-1])


# What follows


def test_absent_sites_are_not_reference_of_a_build_that_nothing_told(check_files, write_rows, sites):
    path = write_rows(sites.anywhere(5), ["##contig=<ID=chr10>"])
    fault = only_fault(check_files(path, absent_sites="reference"))
    assert "nothing in the file tells that it is of GRCh38, and absent_sites is reference" in fault
    assert not check_files(write_rows(sites.defined("GRCh38", 12)), absent_sites="reference")["faults"]
    assert not check_files(path, absent_sites="missing")["faults"]


def test_files_of_the_same_people_share_what_told(check_files, write_rows, sites):
    """One a contig: most contigs have no definition position."""
    one = write_rows(sites.defined("GRCh38", 12), ["##contig=<ID=chr10>"])
    two = write_rows(sites.anywhere(5, contig="chr3"), ["##contig=<ID=chr3>"], name="two.vcf")
    found = check_files(
        one, two, contigs=["chr10", "chr3"], genotype_contigs=["chr10", "chr3"], absent_sites="reference"
    )
    assert not found["faults"] and row_of(found, 1)["by"] == ["other files"]
    assert not any("not checked" in note for note in found["notes"])


def test_a_damaged_file_is_refused_for_its_damage(check_files, write_rows, sites):
    rows = sorted(sites.defined("GRCh37", 40) + sites.anywhere(3000), key=lambda row: row[1])
    path = write_rows(rows, ["##contig=<ID=chr10>"], packed=True)
    path.write_bytes(path.read_bytes()[:-60])
    assert "cut short" in only_fault(check_files(path))
