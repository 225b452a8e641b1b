"""Files whose contig lengths tell no build: other assemblies, definition positions, words of the header, nothing."""

import json
import random

import pysam
import pytest

from permed.genome import BUILDS, CONTIGS, assemblies_named, end_of, lengths, other_assemblies
from permed.inputs import genotype_files, record_survey
from permed.inputs.definition_places import DECISIVE, Fits, agreement, places, rsid_places

HEAD = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"


@pytest.fixture
def check(tmp_path, run_step):
    """Check files without a reference; give what checks/inputs.json says."""
    (tmp_path / "people.tsv").write_text("sample\tconsent\nS1\tscores\n")

    def run(*paths, contigs=("chr10",), **options):
        report = tmp_path / "inputs.json"
        run_step("check_inputs")(
            str(tmp_path / "people.tsv"), [str(path) for path in paths], list(contigs), report=report, **options
        )
        return json.loads(report.read_text())

    return run


@pytest.fixture
def write(tmp_path):
    """Write a VCF of rows (contig, pos, id, ref, alt) with more header lines."""

    def make(rows, head=(), name="c.vcf", packed=False):
        lines = [*HEAD, *head, COLUMNS]
        lines += ["\t".join([c, str(pos), i, ref, alt, ".", "PASS", ".", "GT", "0/1"]) for c, pos, i, ref, alt in rows]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        if not packed:
            return path
        pysam.tabix_index(str(path), preset="vcf", force=True)
        return tmp_path / f"{name}.gz"

    return make


def defined(build, number, contig="chr10", named=False, own=None, spread=1):
    """Records at single-base definition positions of a build, in order."""
    rows = []
    for pos, there in sorted(places(build)[contig].items())[::spread]:
        if len(there.ref) == 1 and all(len(alt) == 1 for alt in there.alts):
            rows.append((own or contig, pos, (named and there.rsid) or ".", there.ref, sorted(there.alts)[0]))
    return rows[:number]


def anywhere(number, seed=1, contig="chr10"):
    """Records at places of no definition."""
    source = random.Random(seed)
    positions = sorted(source.sample(range(1_000_000, 90_000_000), number))
    return [(contig, pos, ".", *source.sample("ACGT", 2)) for pos in positions]


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
def test_a_length_of_another_assembly_is_refused(check, write, contig, length, of, build):
    path = write(anywhere(3, contig=contig), [f"##contig=<ID={contig},length={length}>"])
    assert f"{length:,} long, as in {of}; genome.build says {build}" in only_fault(check(path, build=build))


def test_another_contig_of_the_header_tells_where_the_run_s_has_no_length(check, write):
    head = ["##contig=<ID=chr10>", "##contig=<ID=chr6,length=172126628>"]
    assert "contig chr6 is 172,126,628 long, as in T2T-CHM13v2.0" in only_fault(check(write(anywhere(3), head)))
    head[1] = f"##contig=<ID=chr6,length={lengths('GRCh38')['chr6']}>"
    assert row_of(check(write(anywhere(3), head))) == {"checked": True, "by": ["lengths"], "lengths": {"contigs": 1}}


def test_a_reference_of_another_assembly_is_refused(check, write, tmp_path):
    (tmp_path / "x.fa").write_text(">chr1\nACGT\n")
    (tmp_path / "x.fa.fai").write_text("chr1\t248387328\t6\t4\t5\n")
    path = write([("chr1", 1, ".", "A", "C")], ["##contig=<ID=chr1,length=248387328>"])
    faults = check(path, contigs=["chr1"], reference=str(tmp_path / "x.fa"))["faults"]
    assert "as in T2T-CHM13v2.0" in faults[0]["fault"] and faults[0]["file"].endswith("x.fa")


def test_no_length_of_the_table_is_one_of_the_builds():
    """Else a file of a build would be refused as another assembly."""
    assert not any(other_assemblies(c, n) for build in BUILDS for c, n in lengths(build).items())
    assert all(other_assemblies("chr19", 63811651)) and len(other_assemblies("chr19", 63811651)) == 3
    assert {"T2T-CHM13v2.0"} == set(other_assemblies("Y", 62460029))


# Definition positions


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("head", [(), ("##contig=<ID=10>",), ("##contig=<ID=10,length=96741059>",)])
@pytest.mark.parametrize("packed", [False, True])
def test_ref_at_definition_positions_tells_the_build(check, write, build, head, packed):
    """Without lengths, or with that of PLINK 1.9; the contig under another name."""
    rows = sorted(defined(build, 12, own="10") + anywhere(30, contig="10"), key=lambda row: row[1])
    path = write(rows, head or ["##contig=<ID=10>"], packed=packed)
    told = row_of(check(path, build=build))
    assert (told["by"], told["positions"]) == (["positions"], {"agree": 12, "disagree": 0, "rsids": 0})
    other = next(name for name in BUILDS if name != build)
    assert f"12 REF and 0 rsIDs at the positions of pharmacogenes fit {build}" in only_fault(check(path, build=other))


def test_one_rsid_at_its_place_tells_the_build(check, write):
    """A panel of few sites."""
    path = write(defined("GRCh37", 1, named=True), ["##contig=<ID=chr10>"])
    assert "1 rsIDs at the positions of pharmacogenes fit GRCh37" in only_fault(check(path))
    assert row_of(check(path, build="GRCh37"))["positions"]["rsids"] == 1


def test_few_positions_without_rsids_tell_nothing(check, write):
    found = check(write(defined("GRCh37", 4), ["##contig=<ID=chr10>"]))
    assert not found["faults"] and row_of(found) == {"checked": False, "by": []}
    assert any("was not checked" in note for note in found["notes"])


def test_rows_of_one_site_are_one_observation(check, write):
    pos, there = next(iter(places("GRCh37")["chr10"].items()))
    rows = [("chr10", pos, ".", there.ref, alt) for alt in "ACGT" * 3 if alt != there.ref]
    assert not check(write(rows, ["##contig=<ID=chr10>"]))["faults"]


def test_some_disagreements_leave_the_answer(check, write):
    """Two of twenty, as of another strand or made by hand."""
    rows = defined("GRCh38", 20)
    for n in (3, 11):
        contig, pos, name, ref, alt = rows[n]
        other = next(base for base in "ACGT" if base not in (ref, *places("GRCh38")["chr10"][pos].alts))
        rows[n] = contig, pos, name, other, alt
    assert row_of(check(write(rows, ["##contig=<ID=chr10>"])))["positions"]["disagree"] == 2


def test_ref_that_is_an_alternate_says_nothing(check, write):
    """PLINK writes the common allele as REF."""
    rows = [(contig, pos, name, alt, ref) for contig, pos, name, ref, alt in defined("GRCh38", 9)]
    found = check(write(rows, ["##contig=<ID=chr10>"]))
    assert not found["faults"] and not row_of(found)["checked"]


def test_a_file_that_fits_neither_build_is_refused(check, write):
    """All sites of an assembly that no table knows: at the positions it has just any base."""
    source = random.Random(3)
    rows = [("chr10", pos, ".", source.choice("ACGT"), ".") for pos in sorted(places("GRCh38")["chr10"])]
    fault = only_fault(check(write(rows, ["##contig=<ID=chr10>"])))
    assert "REF or rsID disagree with GRCh38 at" in fault and "chr10:" in fault


def test_rsids_at_other_places_are_refused(check, write):
    """An older build with rsIDs and no lengths: the positions of hg18 lie elsewhere."""
    rows = [(c, pos + 1_234_567, name, ref, alt) for c, pos, name, ref, alt in defined("GRCh37", 9, named=True)]
    rows = [row for row in rows if row[2] != "."]
    assert rows[0][2] in only_fault(check(write(rows, ["##contig=<ID=chr10>"])))


def test_lengths_of_one_build_with_positions_of_the_other(check, write):
    """A header made by hand or left behind."""
    path = write(defined("GRCh37", 12), [f"##contig=<ID=chr10,length={lengths('GRCh38')['chr10']}>"])
    assert "12 REF" in only_fault(check(path))


def test_lengths_of_the_build_leave_made_up_bases_a_note(check, write):
    wrong = {"A": "C", "C": "A", "G": "T", "T": "G"}
    rows = [(c, p, i, wrong[ref], "N") for c, p, i, ref, alt in defined("GRCh38", 40) if alt != wrong[ref]]
    found = check(write(rows, [f"##contig=<ID=chr10,length={lengths('GRCh38')['chr10']}>"]))
    assert not found["faults"] and any("disagree with GRCh38" in note for note in found["notes"])


def test_all_sites_of_a_build_are_never_of_the_other():
    """At the other build's positions any base stands: planted random bases, by the thousand positions."""
    for build, other in (BUILDS, BUILDS[::-1]):
        for seed in range(20):
            source, fits = random.Random(seed), Fits()
            for contig, there in places(build).items():
                for pos, definition in there.items():
                    fits.add(contig, pos, ".", [definition.ref])
            for contig, there in places(other).items():
                for pos in there:
                    fits.add(contig, pos, ".", [source.choice("ACGT")])
            assert fits.verdict() == build


def test_chance_does_not_tell_a_build():
    """Few positions with any bases: at most one file in a thousand may seem to be of a build."""
    source, wrong, all_places = random.Random(5), 0, [(c, p) for c, there in places("GRCh37").items() for p in there]
    for _ in range(3000):
        fits = Fits()
        for contig, pos in source.sample(all_places, source.randint(1, 12)):
            fits.add(contig, pos, ".", [source.choice("ACGT")])
        wrong += fits.verdict() is not None
    assert wrong <= 3


def test_the_weights_are_those_that_are_documented():
    assert agreement(6, 0, 0.3) >= DECISIVE > agreement(5, 0, 0.3)
    assert agreement(0, 3, 0.3) <= -DECISIVE < agreement(0, 2, 0.3)


def test_definitions_have_no_place_on_both_builds_and_no_mitochondrion():
    first, second = ({(c, p) for c, there in places(build).items() for p in there} for build in BUILDS)
    assert not first & second and len(first) > 1000 and len(second) > 1000
    assert not any(contig == "chrM" for contig, _ in first | second)
    assert rsid_places()["rs4244285"] == ("chr10", 94781859, 96541616)


# By index


def test_a_large_file_is_asked_by_its_index(check, write, monkeypatch):
    monkeypatch.setattr(record_survey, "SMALL", 0)
    rows = sorted(defined("GRCh37", 30) + anywhere(50), key=lambda row: row[1])
    path = write(rows, ["##contig=<ID=chr10>"], packed=True)
    assert "fit GRCh37" in only_fault(check(path))
    assert row_of(check(path, build="GRCh37"))["by"] == ["positions"]
    (path.parent / f"{path.name}.tbi").unlink()
    assert "fit GRCh37" in only_fault(check(path)), "in one pass"


def test_a_damaged_index_is_not_believed(check, write, monkeypatch):
    monkeypatch.setattr(record_survey, "SMALL", 0)
    path = write(defined("GRCh37", 30), ["##contig=<ID=chr10>"], packed=True)
    (path.parent / f"{path.name}.tbi").write_bytes(b"no index")
    assert "fit GRCh37" in only_fault(check(path))


def test_a_bcf_tells_as_a_vcf_does(check, write, tmp_path):
    path = write(defined("GRCh37", 12, named=True), ["##contig=<ID=chr10>"])
    pysam.bcftools.view("-Ob", "-o", str(tmp_path / "c.bcf"), str(path), catch_stdout=False)
    assert "fit GRCh37" in only_fault(check(tmp_path / "c.bcf"))


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
def test_words_tell_where_nothing_else_does(check, write, head, build):
    path = write(anywhere(5), head)
    told = row_of(check(path, build=build))
    assert told["by"] == ["header"] and len(told["header"]["words"]) == 1
    other = next(name for name in BUILDS if name != build)
    assert f"the file says that it is of {build}" in only_fault(check(path, build=other))


def test_words_of_a_third_assembly(check, write):
    path = write(anywhere(5), ["##reference=chm13v2.0.fa", "##contig=<ID=chr10>"])
    assert "it is of T2T-CHM13" in only_fault(check(path))


def test_words_that_contradict_each_other_tell_nothing(check, write):
    path = write(anywhere(5), ["##reference=hg38_from_hg19.fa", "##contig=<ID=chr10>"])
    found = check(path)
    assert not found["faults"] and not row_of(found)["checked"]


def test_positions_win_over_words(check, write):
    """A header that lifting left behind."""
    path = write(defined("GRCh38", 12), ["##reference=hg19.fa", "##contig=<ID=chr10>"])
    found = check(path)
    assert not found["faults"] and row_of(found)["by"] == ["positions"]
    assert any("GRCh37" in note for note in found["notes"])


# Ends of contigs


@pytest.mark.parametrize("packed", [False, True])
def test_a_record_beyond_both_builds_contig(check, write, packed):
    end = lengths("GRCh37")["chr10"]
    path = write([*anywhere(3), ("chr10", end + 2, ".", "A", "C")], ["##contig=<ID=chr10>"], packed=packed)
    for build in BUILDS:
        (fault,) = check(path, build=build)["faults"]
        assert f"a record at chr10:{end + 2} lies beyond the end of the contig" in fault["fault"]
        assert fault["line"] == 8
    lengths_given = [f"##contig=<ID=chr10,length={end}>"]
    path = write([*anywhere(3), ("chr10", end + 2, ".", "A", "C")], lengths_given, name="l.vcf")
    assert "lies beyond the end" in only_fault(check(path, build="GRCh37"))


def test_a_record_beyond_the_run_s_contig_is_of_the_other_build(check, write):
    end = lengths("GRCh38")["chr10"]
    path = write([*anywhere(3), ("chr10", end + 2, ".", "A", "C")], ["##contig=<ID=chr10>"])
    fault = only_fault(check(path))
    assert f"beyond the end of the contig in GRCh38, {end:,}" in fault
    assert not check(path, build="GRCh37")["faults"]


def test_telomeres_are_positions(check, write):
    """The specification gives them the positions 0 and the length plus one."""
    rows = [("chr10", 0, ".", "N", "A"), *anywhere(2), ("chr10", lengths("GRCh38")["chr10"] + 1, ".", "N", "A")]
    assert not check(write(rows, ["##contig=<ID=chr10>"]))["faults"]


def test_other_contigs_and_the_mitochondrion_have_no_end():
    assert end_of("chrUn_KI270302v1") is None and end_of("MT") is None
    assert all(end_of(contig) == max(lengths(build)[contig] for build in BUILDS) for contig in CONTIGS[:-1])


# What follows


def test_absent_sites_are_not_reference_of_a_build_that_nothing_told(check, write):
    path = write(anywhere(5), ["##contig=<ID=chr10>"])
    fault = only_fault(check(path, absent_sites="reference"))
    assert "nothing in the file tells that it is of GRCh38, and absent_sites is reference" in fault
    assert not check(write(defined("GRCh38", 12)), absent_sites="reference")["faults"]
    assert not check(path, absent_sites="missing")["faults"]


def test_files_of_the_same_people_share_what_told(check, write):
    """One a contig: most contigs have no definition position."""
    one = write(defined("GRCh38", 12), ["##contig=<ID=chr10>"])
    two = write(anywhere(5, contig="chr3"), ["##contig=<ID=chr3>"], name="two.vcf")
    found = check(one, two, contigs=["chr10", "chr3"], genotype_contigs=["chr10", "chr3"], absent_sites="reference")
    assert not found["faults"] and row_of(found, 1)["by"] == ["other files"]
    assert not any("not checked" in note for note in found["notes"])


def test_a_damaged_file_is_refused_for_its_damage(check, write):
    rows = sorted(defined("GRCh37", 40) + anywhere(3000), key=lambda row: row[1])
    path = write(rows, ["##contig=<ID=chr10>"], packed=True)
    path.write_bytes(path.read_bytes()[:-60])
    assert "cut short" in only_fault(check(path))


# Other formats


@pytest.fixture
def write_bim(tmp_path):
    """A PLINK 1 fileset of one person from rows (contig, pos, id, ref, alt); A1 is ALT, or REF with ``turned``."""

    def make(rows, turned=False):
        lines = [(c.removeprefix("chr"), i, "0", str(p), *((r, a) if turned else (a, r))) for c, p, i, r, a in rows]
        (tmp_path / "s.bim").write_text("".join("\t".join(line) + "\n" for line in lines))
        (tmp_path / "s.fam").write_text("0 S1 0 0 0 -9\n")
        (tmp_path / "s.bed").write_bytes(b"\x6c\x1b\x01" + b"\x02" * len(rows))
        return tmp_path / "s.bed"

    return make


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_a_fileset_without_a_reference_is_told_by_positions(check, write_bim, turned, named):
    """A1 and A2 in any order: more positions are needed than with a REF."""
    path = write_bim(defined("GRCh37", 40, named=named), turned)
    assert "fit GRCh37" in only_fault(check(path))
    assert row_of(check(path, build="GRCh37"))["by"] == ["positions"]


def test_a_fileset_of_the_other_strand_tells_nothing_by_its_letters(check, write_bim):
    turn = str.maketrans("ACGT", "TGCA")
    rows = [(c, p, i, r.translate(turn), a.translate(turn)) for c, p, i, r, a in defined("GRCh38", 40)]
    found = check(write_bim(rows))
    assert not any("disagree" in fault["fault"] for fault in found["faults"])


def test_a_fileset_of_few_sites_is_not_checked(check, write_bim):
    found = check(write_bim(anywhere(20)))
    assert not found["faults"] and row_of(found) == {"checked": False, "by": []}
    assert "not checked" in " ".join(found["notes"])


def test_rsids_of_array_text_tell_its_build(check, tmp_path):
    """An export that does not name its build; without a reference its letters have no strand."""
    rows = [row for row in defined("GRCh37", 200, named=True) if row[2] != "."]
    text = "".join(f"{name}\t10\t{pos}\t{ref}{ref}\n" for _, pos, name, ref, _ in rows)
    (tmp_path / "S1.txt").write_text("# rsid\tchromosome\tposition\tgenotype\n" + text)
    looked = genotype_files.look(str(tmp_path / "S1.txt"), "S1")
    assert looked.fits.verdict() == "GRCh37"
