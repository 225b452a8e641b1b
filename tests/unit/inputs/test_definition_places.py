"""The build of a file by the positions that the pharmacogene definitions place on both builds."""

import random

import pysam
import pytest

from permed.genome import BUILDS, lengths
from permed.inputs import genotype_files, record_survey
from permed.inputs.definition_places import DECISIVE, Fits, agreement, places, rsid_places


def row_of(found, number=0):
    return found["files"][number]["build"]


def only_fault(found):
    (fault,) = found["faults"]
    assert fault["remedy"] and fault["file"] and "results/" not in fault["fault"]
    return fault["fault"]


# Definition positions


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("head", [(), ("##contig=<ID=10>",), ("##contig=<ID=10,length=96741059>",)])
@pytest.mark.parametrize("packed", [False, True])
def test_ref_at_definition_positions_tells_the_build(check_files, write_rows, build, head, packed, sites):
    """Without lengths, or with that of PLINK 1.9; the contig under another name."""
    rows = sorted(sites.defined(build, 12, own="10") + sites.anywhere(30, contig="10"), key=lambda row: row[1])
    path = write_rows(rows, head or ["##contig=<ID=10>"], packed=packed)
    told = row_of(check_files(path, build=build))
    assert (told["by"], told["positions"]) == (["positions"], {"agree": 12, "disagree": 0, "rsids": 0})
    other = next(name for name in BUILDS if name != build)
    assert f"12 REF and 0 rsIDs at the positions of pharmacogenes fit {build}" in only_fault(
        check_files(path, build=other)
    )


def test_one_rsid_at_its_place_tells_the_build(check_files, write_rows, sites):
    """A panel of few sites."""
    path = write_rows(sites.defined("GRCh37", 1, named=True), ["##contig=<ID=chr10>"])
    assert "1 rsIDs at the positions of pharmacogenes fit GRCh37" in only_fault(check_files(path))
    assert row_of(check_files(path, build="GRCh37"))["positions"]["rsids"] == 1


def test_few_positions_without_rsids_tell_nothing(check_files, write_rows, sites):
    found = check_files(write_rows(sites.defined("GRCh37", 4), ["##contig=<ID=chr10>"]))
    assert not found["faults"] and row_of(found) == {"checked": False, "by": []}
    assert any("was not checked" in note for note in found["notes"])


def test_rows_of_one_site_are_one_observation(check_files, write_rows):
    pos, there = next(iter(places("GRCh37")["chr10"].items()))
    rows = [("chr10", pos, ".", there.ref, alt) for alt in "ACGT" * 3 if alt != there.ref]
    assert not check_files(write_rows(rows, ["##contig=<ID=chr10>"]))["faults"]


def test_some_disagreements_leave_the_answer(check_files, write_rows, sites):
    """Two of twenty, as of another strand or made by hand."""
    rows = sites.defined("GRCh38", 20)
    for n in (3, 11):
        contig, pos, name, ref, alt = rows[n]
        other = next(base for base in "ACGT" if base not in (ref, *places("GRCh38")["chr10"][pos].alts))
        rows[n] = contig, pos, name, other, alt
    assert row_of(check_files(write_rows(rows, ["##contig=<ID=chr10>"])))["positions"]["disagree"] == 2


def test_ref_that_is_an_alternate_says_nothing(check_files, write_rows, sites):
    """PLINK writes the common allele as REF."""
    rows = [(contig, pos, name, alt, ref) for contig, pos, name, ref, alt in sites.defined("GRCh38", 9)]
    found = check_files(write_rows(rows, ["##contig=<ID=chr10>"]))
    assert not found["faults"] and not row_of(found)["checked"]


def test_a_file_that_fits_neither_build_is_refused(check_files, write_rows):
    """All sites of an assembly that no table knows: at the positions it has just any base."""
    source = random.Random(3)
    rows = [("chr10", pos, ".", source.choice("ACGT"), ".") for pos in sorted(places("GRCh38")["chr10"])]
    fault = only_fault(check_files(write_rows(rows, ["##contig=<ID=chr10>"])))
    assert "REF or rsID disagree with GRCh38 at" in fault and "chr10:" in fault


def test_rsids_at_other_places_are_refused(check_files, write_rows, sites):
    """An older build with rsIDs and no lengths: the positions of hg18 lie elsewhere."""
    rows = [(c, pos + 1_234_567, name, ref, alt) for c, pos, name, ref, alt in sites.defined("GRCh37", 9, named=True)]
    rows = [row for row in rows if row[2] != "."]
    assert rows[0][2] in only_fault(check_files(write_rows(rows, ["##contig=<ID=chr10>"])))


def test_lengths_of_one_build_with_positions_of_the_other(check_files, write_rows, sites):
    """A header made by hand or left behind."""
    path = write_rows(sites.defined("GRCh37", 12), [f"##contig=<ID=chr10,length={lengths('GRCh38')['chr10']}>"])
    assert "12 REF" in only_fault(check_files(path))


def test_lengths_of_the_build_leave_made_up_bases_a_note(check_files, write_rows, sites):
    wrong = {"A": "C", "C": "A", "G": "T", "T": "G"}
    rows = [(c, p, i, wrong[ref], "N") for c, p, i, ref, alt in sites.defined("GRCh38", 40) if alt != wrong[ref]]
    found = check_files(write_rows(rows, [f"##contig=<ID=chr10,length={lengths('GRCh38')['chr10']}>"]))
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


def test_a_large_file_is_asked_by_its_index(check_files, write_rows, monkeypatch, sites):
    monkeypatch.setattr(record_survey, "SMALL", 0)
    rows = sorted(sites.defined("GRCh37", 30) + sites.anywhere(50), key=lambda row: row[1])
    path = write_rows(rows, ["##contig=<ID=chr10>"], packed=True)
    assert "fit GRCh37" in only_fault(check_files(path))
    assert row_of(check_files(path, build="GRCh37"))["by"] == ["positions"]
    (path.parent / f"{path.name}.tbi").unlink()
    assert "fit GRCh37" in only_fault(check_files(path)), "in one pass"


def test_a_damaged_index_is_not_believed(check_files, write_rows, monkeypatch, sites):
    monkeypatch.setattr(record_survey, "SMALL", 0)
    path = write_rows(sites.defined("GRCh37", 30), ["##contig=<ID=chr10>"], packed=True)
    (path.parent / f"{path.name}.tbi").write_bytes(b"no index")
    assert "fit GRCh37" in only_fault(check_files(path))


def test_a_bcf_tells_as_a_vcf_does(check_files, write_rows, tmp_path, sites):
    path = write_rows(sites.defined("GRCh37", 12, named=True), ["##contig=<ID=chr10>"])
    pysam.bcftools.view("-Ob", "-o", str(tmp_path / "c.bcf"), str(path), catch_stdout=False)
    assert "fit GRCh37" in only_fault(check_files(tmp_path / "c.bcf"))


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
def test_a_fileset_without_a_reference_is_told_by_positions(check_files, write_bim, turned, named, sites):
    """A1 and A2 in any order: more positions are needed than with a REF."""
    path = write_bim(sites.defined("GRCh37", 40, named=named), turned)
    assert "fit GRCh37" in only_fault(check_files(path))
    assert row_of(check_files(path, build="GRCh37"))["by"] == ["positions"]


def test_a_fileset_of_the_other_strand_tells_nothing_by_its_letters(check_files, write_bim, sites):
    turn = str.maketrans("ACGT", "TGCA")
    rows = [(c, p, i, r.translate(turn), a.translate(turn)) for c, p, i, r, a in sites.defined("GRCh38", 40)]
    found = check_files(write_bim(rows))
    assert not any("disagree" in fault["fault"] for fault in found["faults"])


def test_a_fileset_of_few_sites_is_not_checked(check_files, write_bim, sites):
    found = check_files(write_bim(sites.anywhere(20)))
    assert not found["faults"] and row_of(found) == {"checked": False, "by": []}
    assert "not checked" in " ".join(found["notes"])


def test_rsids_of_array_text_tell_its_build(check_files, tmp_path, sites):
    """An export that does not name its build; without a reference its letters have no strand."""
    rows = [row for row in sites.defined("GRCh37", 200, named=True) if row[2] != "."]
    text = "".join(f"{name}\t10\t{pos}\t{ref}{ref}\n" for _, pos, name, ref, _ in rows)
    (tmp_path / "S1.txt").write_text("# rsid\tchromosome\tposition\tgenotype\n" + text)
    looked = genotype_files.look(str(tmp_path / "S1.txt"), "S1")
    assert looked.fits.verdict() == "GRCh37"
