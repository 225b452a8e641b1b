"""Consumer array text is placed on the reference: strand, palindromes, no-calls, ploidy and build, each by a line."""

import gzip
import zipfile

import pysam
import pytest

from permed.errors import Fault
from permed.inputs.arrays import place, read_array
from permed.inputs.genotype_files import look
from permed.reference import Reference
from permed.variants import complement

BASES = "ACGT" * 300
HEAD = "# data file of 23andMe\n# reference human assembly build 38 (GRCh38)\n# rsid\tchromosome\tposition\tgenotype\n"
CONTIGS = ["chr1", "chrX", "chrM"]


@pytest.fixture
def reference(tmp_path):
    (tmp_path / "r.fa").write_text("".join(f">{contig}\n{BASES}\n" for contig in CONTIGS))
    pysam.faidx(str(tmp_path / "r.fa"))
    return Reference(tmp_path / "r.fa", CONTIGS)


@pytest.fixture
def placed(tmp_path, reference):
    def run(*lines: str, head: str = HEAD):
        path = tmp_path / "Anna.txt"
        path.write_text(head + "".join(line.replace(" ", "\t") + "\n" for line in lines))
        return place(read_array(str(path)), CONTIGS, reference)

    return run


@pytest.mark.parametrize(
    ("line", "alleles", "genotype", "palindrome", "flipped"),
    [
        ("rs1 1 1 AG", ("A", "G"), (0, 1), False, False),
        ("rs1 1 1 GA", ("A", "G"), (0, 1), False, False),
        ("rs1 1 1 GG", ("A", "G"), (1, 1), False, False),
        ("rs1 1 1 AA", ("A",), (0, 0), False, False),
        ("rs1 1 1 TC", ("A", "G"), (0, 1), False, True),
        ("rs1 1 1 AT", ("A", "T"), (0, 1), True, False),
        ("rs1 1 1 TT", ("A", "T"), (1, 1), True, False),
        ("rs1 1 2 GG", ("C", "G"), (1, 1), True, False),
        ("rs1 1 1 --", ("A",), (-1, -1), False, False),
        ("rs1 X 1 G", ("A", "G"), (1,), False, False),
        ("rs1 MT 2 T", ("C", "T"), (1,), False, False),
        ("rs1 MT 2 TT", ("C", "T"), (1,), False, False),
        ("rs1 chr1 4 TC", ("T", "C"), (0, 1), False, False),
    ],
)
def test_a_genotype_on_the_reference(placed, line, alleles, genotype, palindrome, flipped):
    ((one,), _) = placed(line)
    assert (one.alleles, one.genotype) == (alleles, genotype)
    assert (one.palindrome, one.flipped) == (palindrome, flipped)


def test_what_cannot_be_placed_is_counted(placed):
    lines = ["i1 1 1 II", "i2 1 2 DI", "i3 1 2 AT", "rs1 0 0 AA", "rs2 7 5 AA", "rs3 1 5000 AA", "rs4 1 3 GG"]
    kept, counts = placed(*lines)
    assert [one.name for one in kept if not one.unread] == ["rs4"]
    assert counts["kept"] == 1
    assert counts["insertion or deletion coded I or D"] == 2
    assert counts["no allele is the reference base"] == 1
    assert counts["without a position"] == 1
    assert counts["not on a contig of the run"] == 1
    assert counts["the reference has no base there"] == 1


def test_what_an_array_read_and_nobody_can_place_is_missing_and_not_absent(placed):
    kept, _ = placed("i1 1 6 DI", "rs1 1 5 AG", "rs2 1 6 CC", "i2 1 10 AT", "i3 MT 7 II", "i4 1 12 AI")
    found = {(one.contig, one.pos, one.alleles): one.genotype for one in kept}
    assert found == {
        ("chr1", 5, ("A", "G")): (0, 1),
        ("chr1", 5, ("A",)): (-1, -1),
        ("chr1", 6, ("C",)): (-1, -1),
        ("chr1", 10, ("C",)): (-1, -1),
        ("chr1", 12, ("T",)): (-1, -1),
        ("chrM", 6, ("C",)): (-1,),
        ("chrM", 7, ("G",)): (-1,),
    }


def test_markers_that_disagree_are_missing_and_no_calls_give_way(placed):
    kept, counts = placed("rs1 1 1 AG", "i1 1 1 GG", "rs2 1 2 CT", "i2 1 2 --", "rs3 1 3 --", "i3 1 3 GG")
    assert [(one.pos, one.genotype) for one in kept] == [(1, (-1, -1)), (2, (0, 1)), (3, (0, 0))]
    assert counts["markers of one position that disagree"] == 1


def test_two_columns_of_alleles_codes_of_chromosomes_and_commas(placed):
    head = "#AncestryDNA raw data download\n#build 38\nrsid\tchromosome\tposition\tallele1\tallele2\n"
    kept, _ = placed("rs1 1 1 A G", "rs2 23 2 C C", "rs3 25 3 G A", "rs4 26 4 T T", "rs5 1 5 0 0", head=head)
    found = {(one.contig, one.pos): one.genotype for one in kept}
    assert found == {
        ("chr1", 1): (0, 1),
        ("chrX", 2): (0, 0),
        ("chrX", 3): (0, 1),
        ("chrM", 4): (0,),
        ("chr1", 5): (-1, -1),
    }
    ((one,), _) = placed('"rs1","1","1","AG"', head="RSID,CHROMOSOME,POSITION,RESULT\n")
    assert one.genotype == (0, 1)


def array_text(cohort, person: int = 0, build: str = "38", flip: bool = False) -> str:
    lines = [f"# human assembly build {build}\n# rsid\tchromosome\tposition\tgenotype\n"]
    for n, ((contig, pos, ref, alt), pairs) in enumerate(zip(cohort.sites, cohort.genotypes[:, person], strict=True)):
        if len(alt) == 1:
            letters = "--" if min(pairs) < 0 else "".join((ref, alt)[a] for a in pairs)
            letters = complement(letters) if flip and "-" not in letters else letters
            lines.append(f"rs{n}\t{contig.removeprefix('chr')}\t{pos}\t{letters}\n")
    return "".join(lines)


@pytest.mark.parametrize("packed", ["", ".gz", ".zip"])
def test_a_file_gives_the_genotypes_it_was_made_from(cohort, take, truth, packed):
    content = array_text(cohort).encode()
    path = cohort.write(f"S1.txt{packed}" if packed != ".zip" else "S1.zip", content)
    if packed == ".gz":
        path.write_bytes(gzip.compress(content))
    elif packed:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("genome_S1.txt", content)
    looked = look(str(path), reference=cohort.reference)
    assert (looked.faults, looked.samples) == ([], ["S1"])
    expected = [(c, p, r, a if 1 in gt else ".", gt) for c, p, r, a, gt, *_ in truth if len(a) == 1]
    assert take(path).records() == expected
    assert take.samples == ["S1"]
    palindromic = sum({r, a} in ({"A", "T"}, {"C", "G"}) for _, _, r, a, _ in expected)
    with pysam.VariantFile(str(take.place)) as file:
        assert sum("PALINDROME" in record.info for record in file) == palindromic > 0
    take(path, sample="Zoë").records()
    assert take.samples == ["Zoë"]
    assert take(path, ["Zoë"]).records() == []


def faults(cohort, text: str, **given):
    given = {"reference": cohort.reference} | given
    return look(str(cohort.write("S1.txt", text.encode())), **given).faults


def test_another_build_is_told_by_what_the_file_says_and_by_the_bases(cohort):
    (fault,) = faults(cohort, array_text(cohort, build="37"))
    assert "says that it is of GRCh37; genome.build says GRCh38" in fault.fault
    assert fault.remedy
    assert faults(cohort, array_text(cohort, build="37"), build="GRCh37") == []
    assert "NCBI36" in faults(cohort, array_text(cohort, build="36"))[0].fault
    cohort.sites = [(c, p + 3, r, a) for c, p, r, a in cohort.sites]
    (fault,) = faults(cohort, array_text(cohort))
    assert "another build, or not on the plus strand" in fault.fault


def test_a_file_of_the_other_strand_is_refused(cohort):
    assert "strand" in faults(cohort, array_text(cohort, flip=True))[0].fault


def test_homozygous_genotypes_are_asked_where_there_is_no_heterozygous_one(cohort):
    cohort.genotypes[:, 0] = 0
    assert faults(cohort, array_text(cohort)) == []
    cohort.sites = [(c, p, a, r) for c, p, r, a in cohort.sites if len(a) == 1]
    cohort.genotypes = cohort.genotypes[: len(cohort.sites)]
    assert "not of the reference base" in faults(cohort, array_text(cohort))[0].fault


def test_a_reference_is_needed(cohort):
    assert "need a reference" in faults(cohort, array_text(cohort), reference=None)[0].fault


def test_a_file_that_does_not_say_its_build_is_noted(cohort):
    looked = look(str(cohort.write("S1.txt", array_text(cohort, build="x").encode())), reference=cohort.reference)
    assert looked.faults == []
    assert any("does not say its build" in note for note in looked.notes)


def test_a_line_that_does_not_fit_is_left_out_counted_and_named(cohort, take):
    whole = take(cohort.write("S1.txt", array_text(cohort).encode())).records()
    text = array_text(cohort) + "rs9\t1\tfar\tAA\n"
    looked = look(str(cohort.write("S1.txt", text.encode())), reference=cohort.reference)
    assert looked.faults == []
    line = text.count("\n")
    assert any("1 lines that are no marker" in note and f"line {line} is the first" in note for note in looked.notes)
    assert take(cohort.folder / "S1.txt").records() == whole
    assert sum(number for reason, number in take.done["counts"].items() if "no marker" in reason) == 1


def test_a_file_of_which_much_cannot_be_read_is_refused_by_its_first_line(cohort, take):
    text = array_text(cohort) + "rs9\t1\tfar\tAA\n" * 60
    (fault,) = faults(cohort, text)
    assert fault.line == text.count("\n") - 59
    with pytest.raises(Fault):
        take(cohort.folder / "S1.txt")
    assert list((cohort.folder / "ours").iterdir()) == []


def test_damaged_archives_and_files_without_genotypes(cohort):
    packed = gzip.compress(array_text(cohort).encode() * 50)
    (fault,) = look(str(cohort.write("S1.txt.gz", packed[: len(packed) // 2])), reference=cohort.reference).faults
    assert "cut short" in fault.fault
    assert "no genotype" in faults(cohort, HEAD)[0].fault
    with zipfile.ZipFile(cohort.folder / "two.zip", "w") as archive:
        archive.writestr("a.txt", array_text(cohort))
        archive.writestr("b.txt", array_text(cohort))
    assert "2 text files" in look(str(cohort.folder / "two.zip"), reference=cohort.reference).faults[0].fault
