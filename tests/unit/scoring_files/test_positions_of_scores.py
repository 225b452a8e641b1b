"""Where variants lie: the columns that say it, files lifted from the other build, positions that fit no build."""

import random

import polars as pl
import pytest

from permed.errors import Fault
from permed.reference import Reference, link_reference
from permed.scoring_files import check_scoring_file, read_scores, read_scoring_file
from permed.scoring_files.checks import check_scores
from permed.scoring_files.positions import Lift
from permed.variants import complement

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"
LENGTH = 400


@pytest.fixture
def genome(tmp_path):
    """A GRCh38 of one contig, and a chain to it from a GRCh37 in which its first 200 bases lie 50 further and its last
    200 at 301 to 500 on the other strand."""
    draw = random.Random(7)
    sequence = "".join(draw.choice("ACGT") for _ in range(LENGTH))
    (tmp_path / "genome.fa").write_text(f">chr1\n{sequence}\n")
    chain = tmp_path / "37to38.chain"
    chain.write_text(
        f"chain 1 chr1 600 + 50 250 chr1 {LENGTH} + 0 200 1\n200\n\n"
        f"chain 1 chr1 600 + 300 500 chr1 {LENGTH} - 0 200 2\n200\n"
    )
    reference = Reference(link_reference(tmp_path / "genome.fa", tmp_path / "linked.fa")[0], ["chr1"])
    return sequence, reference, Lift(chain, reference)


def test_a_file_of_the_other_build_is_lifted(genome, write, table):
    sequence, _, lift = genome
    rows, expected = [], []
    for pos in [3, 77, 200, 201, 333, 398]:
        base = sequence[pos - 1]
        other = "ACGT"["ACGT".index(base) - 1]
        forward = pos <= 200
        there = pos + 50 if forward else 500 - (pos - 201)
        alleles = (base, other) if forward else (complement(base), complement(other))
        for n, (effect, second) in enumerate([alleles, alleles[::-1], (alleles[0], "_")]):
            rows.append(f"1 {there} {effect} {second} {n}")
        expected += [(pos, base, other), (pos, other, base), (pos, base, None)]
    path = write("#genome_build=hg19\n" + table(PLAIN, *rows))
    found = read_scores(path, "GRCh38", lift)
    assert found.select("pos", "effect_allele", "other_allele").rows() == expected
    assert found["not_scorable"].null_count() == len(rows)
    assert read_scoring_file(path, "GRCh38", lift).origin == "lifted from GRCh37"
    assert "or set genome.chain" in check_scoring_file(path, "GRCh38")[0].remedy


def test_an_insertion_or_deletion_is_lifted_with_its_alleles_in_place(genome, write, table):
    """On either strand, each from both alleles; the anchor of one that turns round is the base before it. There a
    deletion could as well be an insertion of the bases that follow, of another place: it is not lifted."""
    sequence, _, lift = genome
    rows, expected = [], []
    for at in (31, 120, 240, 350):  # moved to where four bases differ each from the next, so that nothing can shift
        at = next(n for n in range(at, at + 80) if all(sequence[n + k] != sequence[n + k + 1] for k in range(4)))
        anchor, first, second = sequence[at : at + 3]
        for long, short in ((anchor + first + second, anchor), (anchor + second + "CATTAG", anchor)):
            if at + 1 <= 200:
                there, alleles = at + 51, (long, short)
            else:  # as the other build has it: on its strand the anchor is the base that follows here
                deleted = long == anchor + first + second
                after = complement(sequence[at + 3] if deleted else sequence[at + 1])
                there = 500 - (at + (4 if deleted else 2) - 201)
                alleles = (after + complement(long[1:]), after)
            for pair, wanted in ((alleles, (long, short)), (alleles[::-1], (short, long))):
                rows.append(f"1 {there} {pair[0]} {pair[1]} 1")
                lost = at + 1 > 200 and long == anchor + first + second
                expected.append((None, *pair) if lost else (at + 1, *wanted))
    found = read_scores(write("#genome_build=GRCh37\n" + table(PLAIN, *rows)), "GRCh38", lift)
    assert found.select("pos", "effect_allele", "other_allele").rows() == expected
    reasons = found.filter(pl.col("pos").is_null())["not_scorable"]
    assert reasons.to_list() == ["not lifted: its alleles do not tell which is the reference"] * 4
    alone = write("#genome_build=GRCh37\n" + table(PLAIN, "1 60 AC _ 1"))
    assert "without its other allele" in read_scores(alone, "GRCh38", lift)["not_scorable"][0]


def test_what_has_no_place_is_not_scorable_and_takes_its_term_with_it(genome, write, table):
    _, _, lift = genome
    rows = ["1 20 A G 1 _", "1_x_1 100_x_10 A_x_C G_x_T 1 TRUE", "1 600 A G 1 _"]
    found = read_scores(write("#genome_build=hg19\n" + table(f"{PLAIN} is_interaction", *rows)), "GRCh38", lift)
    assert found["not_scorable"].to_list() == ["not lifted: it has no place on the other build"] * 4


def test_a_file_harmonised_to_the_other_build_is_lifted_from_there(genome, write, table):
    _, _, lift = genome
    text = "#HmPOS_build=GRCh37\n" + table("effect_allele other_allele effect_weight hm_chr hm_pos", "A G 1 1 60")
    assert read_scores(write(text), "GRCh38", lift)["pos"].to_list() == [10]
    with pytest.raises(Fault, match="hg18"):
        read_scores(write("#genome_build=hg18\n" + table(PLAIN, "1 60 A G 1")), "GRCh38", lift)


def _rows(sequence, places, shift=0, turned=()):
    """Rows of the reference's base and another, of which some palindromic, at places moved by ``shift``."""
    lines = []
    for n, pos in enumerate(places):
        base = sequence[pos - 1]
        other = complement(base) if n % 3 == 0 else {"A": "G", "G": "A", "C": "T", "T": "C"}[base]
        alleles = [complement(a) for a in (base, other)] if n in turned else [base, other]
        lines.append(f"1 {pos + shift} {' '.join(alleles)} 1")
    return lines


def test_positions_that_do_not_fit_the_reference_are_refused_and_another_strand_is_not(genome, write, table):
    sequence, reference, _ = genome
    places = range(1, 391, 2)
    right = write(table(PLAIN, *_rows(sequence, places)), "right.txt")
    faults, notes = check_scores([right], "GRCh38", None, reference)
    assert faults == [] and "of a build that the file does not report, taken for GRCh38; they fit" in notes[0]
    shifted = write(table(PLAIN, *_rows(sequence, places, shift=7)), "shifted.txt")
    (fault,), notes = check_scores([shifted], "GRCh38", None, reference)
    assert fault.file.endswith("shifted.txt") and "its positions do not fit GRCh38" in fault.fault and not notes
    turned = write(table(PLAIN, *_rows(sequence, places, turned=range(0, 195, 2))), "turned.txt")
    assert check_scores([turned], "GRCh38", None, reference)[0] == []
    alone = [row for n, row in enumerate(_rows(sequence, places, turned=range(0, 195, 2))) if n % 3]
    faults, notes = check_scores([write("#genome_build=hg38\n" + table(PLAIN, *alone))], "GRCh38", None, reference)
    assert faults == [] and "on either strand, or it is not of GRCh38 as it says" in notes[0]
    (fault,), _ = check_scores([write(table(PLAIN, *alone))], "GRCh38", None, reference)
    assert "its positions do not fit GRCh38" in fault.fault
    few = write(table(PLAIN, *_rows(sequence, places[:19], shift=7)), "few.txt")
    assert check_scores([few], "GRCh38", None, reference)[0] == []


def test_two_files_with_one_score_are_refused(write, table):
    files = [write("#pgs_id=S\n" + table(PLAIN, "1 5 A G 1"), name) for name in ("a.txt", "b.txt")]
    faults, notes = check_scores(files, "GRCh38")
    assert [fault.fault for fault in faults] == [f"the score S is also in {files[0]}"]
    assert len(notes) == 1 and notes[0].startswith(str(files[0]))
