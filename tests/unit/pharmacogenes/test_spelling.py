"""Every way to write an insertion or deletion, by brute force on sequences, and nothing that is another one."""

import itertools

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permed.pharmacogenes.releases.respelling import NOT_SEEN, last_bases, read_bases, spelling_rows
from permed.pharmacogenes.spelling import Change, change_of, is_known, is_same, spellings, stretch
from permed.tables import read_table

FIRST = 101  # position of a sequence's first base
WINDOW = 40


def applied(sequence: str, change: Change) -> str:
    at = change.start - FIRST
    assert sequence[at : at + len(change.deleted)] == change.deleted
    return sequence[:at] + change.inserted + sequence[at + len(change.deleted) :]


def by_position(sequence: str, first: int = FIRST) -> dict[int, str]:
    return dict(enumerate(sequence, start=first))


def by_force(sequence: str, change: Change) -> set[Change]:
    """Every insertion, or every deletion, of the same size anywhere that gives the same sequence."""
    wanted, size = applied(sequence, change), len(change.deleted) or len(change.inserted)
    places = range(FIRST, FIRST + len(sequence) - len(change.deleted) + 1)
    found = set()
    for start in places:
        at = start - FIRST
        unit = sequence[at : at + size] if change.deleted else wanted[at : at + size]
        other = Change(start, unit, "") if change.deleted else Change(start, "", unit)
        if applied(sequence, other) == wanted:
            found.add(other)
    return found


@st.composite
def repeats(draw):
    """A sequence with repeats in it, and a deletion or an insertion somewhere, often of a repeat's unit."""
    bases = st.text("ACGT", min_size=1, max_size=5)
    unit = draw(bases)
    sequence = draw(bases) + unit * draw(st.integers(0, 5)) + draw(bases) + draw(bases)
    at = draw(st.integers(1, len(sequence) - 1))
    if draw(st.booleans()):
        size = draw(st.integers(1, len(sequence) - at))
        return sequence, Change(FIRST + at, sequence[at : at + size], "")
    return sequence, Change(FIRST + at, "", draw(st.one_of(bases, st.just(unit), st.just(unit * 2))))


@given(repeats())
def test_all_spellings_are_found_and_no_other(drawn):
    sequence, change = drawn
    found = spellings(change, by_position(sequence))
    assert len(set(found)) == len(found) and found == sorted(found)
    assert set(found) == by_force(sequence, change)


@given(repeats(), st.integers(0, 4), st.integers(0, 4))
def test_a_record_of_any_anchor_is_one_of_the_spellings(drawn, before, after):
    sequence, change = drawn
    own = set(spellings(change, by_position(sequence)))
    for start, deleted, inserted in own:
        at = start - FIRST
        left = sequence[max(0, at - before) : at]
        right = sequence[at + len(deleted) : at + len(deleted) + after]
        assert change_of(start - len(left), left + deleted + right, left + inserted + right) in own


@given(repeats(), repeats())
def test_two_changes_are_the_same_if_they_give_one_sequence(one, other):
    sequence, change = one
    at = (other[1].start - FIRST) % len(sequence)
    size = len(other[1].deleted)
    second = Change(FIRST + at, sequence[at : at + size], "" if size else other[1].inserted)
    same = applied(sequence, change) == applied(sequence, second)
    assert is_same(change, second, by_position(sequence)) is same
    first, last = stretch([change, second])
    between = {pos: base for pos, base in by_position(sequence).items() if first < pos <= last}
    if len(change.inserted) - len(change.deleted) == len(second.inserted) - len(second.deleted) and first <= last:
        assert is_same(change, second, between) is None


@pytest.mark.parametrize(
    ("record", "change"),
    [
        ((10, "CAT", "C"), Change(11, "AT", "")),
        ((11, "ATG", "G"), Change(11, "AT", "")),
        ((10, "CATG", "CG"), Change(11, "AT", "")),
        ((10, "C", "CAT"), Change(11, "", "AT")),
        ((11, "G", "ATG"), Change(11, "", "AT")),
        ((9, "ACG", "ACATG"), Change(11, "", "AT")),
        ((10, "A", "G"), Change(10, "A", "G")),
        ((10, "CA", "CG"), Change(11, "A", "G")),
        ((10, "CA", "GT"), Change(10, "CA", "GT")),
        ((10, "CAT", "CAT"), Change(10, "", "")),
    ],
)
def test_what_a_record_changes(record, change):
    assert change_of(*record) == change


def test_a_substitution_has_one_spelling():
    bases = by_position("AAAAA")
    assert spellings(Change(FIRST + 1, "A", "G"), bases) == [Change(FIRST + 1, "A", "G")]
    assert spellings(Change(FIRST + 1, "AA", "GCC"), bases) == [Change(FIRST + 1, "AA", "GCC")]


def test_the_ends_of_a_stretch_are_known_only_if_the_bases_beside_it_are():
    change, bases = Change(FIRST + 1, "A", ""), by_position("CAAAG")
    assert is_known(change, bases)
    for at in (FIRST, FIRST + 2, FIRST + 4):
        assert not is_known(change, {pos: base for pos, base in bases.items() if pos != at})


@pytest.fixture(scope="module")
def table(tables):
    return read_table(tables / "spellings.tsv").to_dicts()


@pytest.fixture(scope="module")
def positions(tables):
    return read_table(tables / "positions.tsv").to_dicts()


def test_the_spellings_are_those_of_the_reference_by_brute_force(shared, table, positions):
    """Each deletion and insertion of the definitions' sizes anywhere within 40 bases, against the GRCh38 sequence."""
    indels = [row for row in positions if any(len(alt) != len(row["ref"]) for alt in row["alts"].split(","))]
    assert len(indels) == 51
    written: dict[tuple, set[Change]] = {}
    for row in table:
        if row["build"] == "GRCh38":
            assert row["known"] == "yes"
            change = Change(int(row["spelled_pos"]) + 1, row["spelled_ref"][1:], row["spelled_alt"][1:])
            written.setdefault((row["gene"], row["pos"], row["alt"]), set()).add(change)
    with pysam.FastaFile(str(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz")) as genome:
        for row in indels:
            pos = int(row["pos"])
            start = pos - WINDOW
            sequence = genome.fetch(row["contig"], start - 1, pos + len(row["ref"]) + WINDOW)
            for alt in row["alts"].split(","):
                change = change_of(pos, row["ref"], alt)
                moved = Change(change.start - start + FIRST, *change[1:])
                expected = {Change(c.start + start - FIRST, *c[1:]) for c in by_force(sequence, moved)}
                assert written[row["gene"], row["pos"], alt] == expected, (row["gene"], pos, alt)


def test_the_bases_are_those_of_the_sequences(shared, tables):
    of_locus = (shared / "facts" / "structure" / "CYP2D_locus.GRCh37.fa").read_text().split("\n", 1)
    begins, locus = int(of_locus[0].split(":")[1].split("-")[0]), "".join(of_locus[1].split())
    contigs = dict(read_table(tables / "positions.tsv").select("gene", "contig").iter_rows())
    with pysam.FastaFile(str(shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz")) as genome:
        for row in read_table(tables / "indel_bases.tsv").iter_rows(named=True):
            start, size = int(row["start"]) - 1, len(row["bases"])
            if row["build"] == "GRCh38":
                assert genome.fetch(contigs[row["gene"]], start, start + size) == row["bases"]
            elif row["gene"] == "CYP2D6":
                assert locus[start + 1 - begins : start + 1 - begins + size] == row["bases"]


def test_bases_that_were_not_seen_are_not_taken_from_the_other_build(table, positions, tables):
    seen = read_bases(tables / "indel_bases.tsv")
    place = {(row["gene"], row["pos"]): row for row in positions}
    builds = {row["build"]: 0 for row in table}
    for row in table:
        suffix = "37" if row["build"] == "GRCh37" else ""
        at = place[row["gene"], row["pos"]]
        bases = dict(seen.get((row["gene"], row["pos"], row["build"]), ({}, ()))[0])
        bases |= by_position(at[f"ref{suffix}"], int(at[f"pos{suffix}"]))
        assert NOT_SEEN not in row["spelled_ref"]
        shown = by_position(row["spelled_ref"], int(row["spelled_pos"]))
        assert all(bases[pos] == base for pos, base in shown.items())
        builds[row["build"]] += row["spelled_pos"] == at[f"pos{suffix}"]
    assert builds == {"GRCh38": 55, "GRCh37": 55}  # the definition's own spelling of every alternate is there


def test_what_must_be_looked_at_reaches_past_the_stretch(positions, table):
    ends = {(row["gene"], row["pos"], row["build"]): int(row["end"]) for row in table}
    for row, suffix in itertools.product(positions, ("", "37")):
        if row[f"pos{suffix}"] is None:
            assert row[f"end{suffix}"] is None
            continue
        own = int(row[f"pos{suffix}"]) + len(row[f"ref{suffix}"]) - 1
        expected = ends.get((row["gene"], row["pos"], f"GRCh{suffix or '38'}"), own - 1) + 1
        assert int(row[f"end{suffix}"]) == expected >= own


def test_without_bases_only_the_own_spelling_is_known():
    row = {"gene": "ABC1", "contig": "chr1", "pos": "10", "ref": "C", "alts": "CA", "version": "1", "licence": "CC0"}
    row |= {"pos37": "12", "ref37": "C", "alts37": "CA"}
    found = spelling_rows([row], {})
    assert [made[2:10] for made in found] == [
        ("GRCh38", "CA", "11", "10", "no", "10", "C", "CA"),
        ("GRCh37", "CA", "13", "12", "no", "12", "C", "CA"),
    ]
    assert last_bases([row], found) == [("11", "13")]
    here = {("ABC1", "10", "GRCh38"): ({10: "C", 11: "A", 12: "A", 13: "G"}, ("a source", "2", "CC0"))}
    found = spelling_rows([row], here)
    assert [(made[2], made[4:7], made[7:]) for made in found] == [
        ("GRCh38", ("11", "12", "yes"), ("10", "C", "CA", "a source", "2", "CC0")),
        ("GRCh38", ("11", "12", "yes"), ("11", "A", "AA", "a source", "2", "CC0")),
        ("GRCh38", ("11", "12", "yes"), ("12", "A", "AA", "a source", "2", "CC0")),
        ("GRCh37", ("13", "14", "no"), found[3][7:]),
    ]
