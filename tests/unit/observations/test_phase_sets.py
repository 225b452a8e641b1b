"""Phase as files write it: PS of any type, GATK's PGT and PID, ``|`` without a set, several files of one person."""

import itertools

import numpy as np
import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.normalise.contig import normalise_contig
from permed.observations.codes import BELIEVED, FIELD, LOW_QUALITY
from permed.observations.phase_sets import FIRST_NAMED, _digest, _number_of

FIELDS = {
    "GT": "1,Type=String",
    "PS": "1,Type=Integer",
    "PGT": "1,Type=String",
    "PID": "1,Type=String",
    "GQ": "1,Type=Integer",
}
BEYOND = 300_000_000  # no position is so large, and no number of a named set so small


@pytest.fixture
def phased(tmp_path):
    """Normalise files of rows ``(pos, ref, alt, FORMAT, genotype…)`` of chr1, and give (genotype, set) by row."""
    numbers = itertools.count()

    def run(*files, samples=("S1",), defined=None, version="4.2", asked="PS", **types):
        paths = []
        for rows in files:
            named = {name for row in rows for name in row[3].split(":")} | set(defined or ())
            lines = [f"##fileformat=VCFv{version}", "##contig=<ID=chr1,length=248956422>"]
            for name in sorted(named):
                lines.append(f'##FORMAT=<ID={name},Number={types.get(name, FIELDS[name])},Description="x">')
            lines.append("\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split() + list(samples)))
            lines += ["\t".join(["chr1", str(row[0]), ".", *row[1:3], ".", "PASS", ".", *row[3:]]) for row in rows]
            path = tmp_path / f"{next(numbers)}.vcf.gz"
            with pysam.BGZFile(str(path), "wb") as out:
                out.write(("\n".join(lines) + "\n").encode())
            pysam.tabix_index(str(path), preset="vcf", force=True)
            paths.append(path)
        folder = tmp_path / f"work{next(numbers)}"
        folder.mkdir()
        normalise_contig(paths, "chr1", list(samples), None, folder / "chr1.bcf", folder)
        with pysam.VariantFile(str(folder / "chr1.bcf")) as file:
            assert not {"PGT", "PID"} & set(file.header.formats)
            found = [[(genotype(call), call.get(asked)) for call in record.samples.values()] for record in file]
        return [row[0] for row in found] if len(samples) == 1 else found

    return run


def genotype(call) -> str:
    return ("|" if call.phased else "/").join("." if a is None else str(a) for a in call["GT"])


def rows_of(format_, *genotypes, alt="C"):
    return [(100 + 10 * n, "A", alt, format_, own) for n, own in enumerate(genotypes)]


def test_numbers_of_sets_stay(phased):
    found = phased(rows_of("GT:PS", "0|1:100", "1|0:100", "0/1:.", "0/0:."))
    assert found == [("0|1", 100), ("1|0", 100), ("0/1", None), ("0/0", None)]


@pytest.mark.parametrize("version", ["4.2", "4.4"])
def test_pgt_and_pid_phase_a_genotype(phased, version):
    """As GATK's HaplotypeCaller before 4.1.4 writes physical phase."""
    own = rows_of("GT:PGT:PID", "0/1:0|1:100_A_C", "0/1:1|0:100_A_C", "0/1:0|1:120_A_C", "1/1:1|1:100_A_C", "0/0:.:.")
    found = phased(own, version=version)
    assert [one for one, _ in found] == ["0|1", "1|0", "0|1", "1/1", "0/0"]
    sets = [named for _, named in found]
    assert sets[0] == sets[1] != sets[2] and min(sets[:3]) > BEYOND and sets[3:] == [None, None]
    assert phased(own) == found, "the same name is the same number in every run"


@pytest.mark.parametrize(
    ("own", "pgt", "expected"),
    [
        ("0/1", "0|1", "0|1"),
        ("0/1", "1|0", "1|0"),
        ("1/0", "0|1", "0|1"),
        ("0/1", "1|1", "0/1"),
        ("0/1", "0|0", "0/1"),
        ("0/1", "0/1", "0/1"),
        ("0/1", ".", "0/1"),
        ("0/1", "0|2", "0/1"),
        ("0/1", "0|1|1", "0/1"),
        ("0/1", "|01", "0/1"),
        ("0/1", ".|1", "0/1"),
    ],
)
def test_order_of_alleles_in_pgt(phased, own, pgt, expected):
    assert phased(rows_of("GT:PGT:PID", f"{own}:{pgt}:100_A_C"))[0][0] == expected


def test_two_alternates_of_pgt(phased):
    given_ = rows_of("GT:PGT:PID", "1/2:2|1:100_A_C", "1/2:0|1:100_A_C", alt="C,G")
    found = phased(given_)
    assert [one for one, _ in found] == ["0|1", "1|0", "1/0", "0/1"], "a row an alternate"
    assert [named is None for _, named in found] == [False, False, True, True]


def test_pgt_without_pid_is_no_phase(phased):
    assert phased(rows_of("GT:PGT:PID", "0/1:0|1:.", "0/1:1|0:.")) == [("0/1", None)] * 2
    assert phased(rows_of("GT:PGT", "0/1:0|1", "0/1:1|0")) == [("0/1", None)] * 2


def test_genotypes_phased_by_gt_keep_their_own_set(phased):
    """GATK since 4.1.4 writes PS and phased GT beside PGT; another program may have phased anew."""
    found = phased(rows_of("GT:PGT:PID:PS", "0|1:0|1:100_A_C:100", "1|0:0|1:100_A_C:77", "0/1:0|1:100_A_C:."))
    assert found[:2] == [("0|1", 100), ("1|0", 77)] and found[2][0] == "0|1" and found[2][1] > BEYOND


def test_without_any_set_phase_is_one_set(phased):
    assert phased(rows_of("GT", "0|1", "1|0", "0/1")) == [("0|1", None), ("1|0", None), ("0/1", None)]
    assert phased(rows_of("GT", "0|1", "1|0"), defined=["PS"]) == [("0|1", None), ("1|0", None)]


def test_a_set_that_is_not_told_among_told_ones_is_none(phased):
    named = rows_of("GT:PS", "0|1:100", "1|0:.", "1|1:.", "0|1:100")
    assert phased(named) == [("0|1", 100), ("1/0", None), ("1|1", None), ("0|1", 100)]
    # Records that name no PS come first: what they are is told by a later one.
    mixed = [*rows_of("GT", "0|1", "1|0"), *[(500, "A", "C", "GT:PS", "0|1:500")]]
    assert phased(mixed) == [("0/1", None), ("1/0", None), ("0|1", 500)]
    # A name of what is not heterozygous says nothing, and where none is named all are one set, by the specification.
    assert phased(rows_of("GT:PS", "0|1:.", "1|0:.", "1|1:7")) == [("0|1", None), ("1|0", None), ("1|1", 7)]
    by_pid = [*rows_of("GT", "0|1"), (500, "A", "C", "GT:PGT:PID", "0/1:0|1:500_A_C")]
    assert [one for one, _ in phased(by_pid)] == ["0/1", "0|1"]


def test_sets_of_another_type(phased):
    """Number and type as headers have them: text (GIAB), several values, 0 and below, decimals."""
    text = phased(rows_of("GT:PS", "0|1:PATMAT", "1|0:PATMAT", "0|1:x_1"), PS="1,Type=String")
    assert [one for one, _ in text] == ["0|1", "1|0", "0|1"]
    assert text[0][1] == text[1][1] != text[2][1] and min(text[0][1], text[2][1]) > BEYOND
    several = phased(rows_of("GT:PS", "0|1:5,7", "1|0:5,9", "0|1:5"), PS=".,Type=Integer")
    assert several == [("0/1", None), ("1/0", None), ("0|1", 5)]
    zero = phased(rows_of("GT:PS", "0|1:0", "1|0:0", "0|1:-1"))
    assert zero[0][1] == zero[1][1] != zero[2][1] and min(zero[0][1], zero[2][1]) > BEYOND
    decimals = phased(rows_of("GT:PS", "0|1:5.5", "1|0:5.5"), PS="1,Type=Float")
    assert decimals == [("0/1", None), ("1/0", None)]


def test_sets_of_one_person_say_nothing_of_another(phased):
    """As bcftools merge writes people whose genotypes were phased by two programs."""
    rows = [(100, "A", "C", "GT:PS", "0|1:100", "0|1:."), (110, "A", "C", "GT:PS", "1|0:100", "1|0:.")]
    found = phased([*rows, (120, "A", "C", "GT:PS", "1|0:.", "0|1:.")], samples=("S1", "S2"))
    assert [row[0] for row in found] == [("0|1", 100), ("1|0", 100), ("1/0", None)]
    assert [row[1] for row in found] == [("0|1", None), ("1|0", None), ("0|1", None)]


def test_people_of_one_file_have_their_own_sets(phased):
    own = [
        (100, "A", "C", "GT:PGT:PID", "0/1:0|1:100_A_C", "0/1:.:."),
        (110, "A", "C", "GT:PGT:PID", "0/0:.:.", "0/1:1|0:1"),
    ]
    found = phased(own, samples=("S1", "S2"))
    assert [[one for one, _ in row] for row in found] == [["0|1", "0/1"], ["0/0", "1|0"]]
    assert found[0][1][1] is None and found[1][0][1] is None


@pytest.mark.parametrize("field", ["", ":PS"])
def test_sets_of_two_files_of_a_person_are_never_one(phased, field):
    value = ":100" if field else ""
    first = rows_of("GT" + field, f"0|1{value}", f"1|0{value}")
    second = [(500, "A", "C", "GT" + field, f"0|1{value}"), (510, "A", "C", "GT" + field, f"1|0{value}")]
    found = phased(first, second)
    assert [one for one, _ in found] == ["0|1", "1|0", "0|1", "1|0"]
    assert found[0][1] == found[1][1] == (100 if field else None)
    assert found[2][1] == found[3][1] not in (None, 100)


def test_a_genotype_that_another_file_completes_brings_its_set(phased):
    first = rows_of("GT:PS", "0|1:100", "./.:.")
    found = phased(first, rows_of("GT:PS", "0/0:.", "1|0:100")[1:])
    assert found[0] == ("0|1", 100) and found[1][0] == "1|0" and found[1][1] not in (None, 100)


def test_a_genotype_that_another_file_completes_brings_what_is_said_of_it(phased):
    found = phased(rows_of("GT:GQ", "./.:.", "0/1:50"), rows_of("GT:GQ", "0/1:3", "0/1:50"), asked=FIELD)
    assert found[0] == ("0/1", LOW_QUALITY) and found[1][0] == "0/1" and found[1][1] in (None, BELIEVED)


NAMES = st.text(st.characters(min_codepoint=48, max_codepoint=122), min_size=1, max_size=12)


def digest(name: str) -> np.uint64:
    letters = np.frombuffer(name.encode(), np.uint8)
    return np.uint64(_digest(letters, np.array([0, len(letters), 7]), 0))


def test_digests_are_those_of_the_published_function():
    """Test vectors of FNV-1a, 64 bits (Fowler, Noll, Vo, Eastlake: the FNV non-cryptographic hash algorithm)."""
    assert digest("a") == 0xAF63DC4C8601EC8C and digest("foobar") == 0x85944171F73967E8


@settings(max_examples=300)
@given(st.lists(NAMES, unique=True, max_size=40))
def test_names_have_numbers_of_their_own(names):
    found = [_number_of(digest(name), earlier) for name in names for earlier in (0, 1)]
    assert len(set(found)) == len(found), "one of 2^30 is hardly ever drawn twice"
    assert all(FIRST_NAMED <= number < 2 * FIRST_NAMED for number in found)
