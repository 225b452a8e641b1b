"""Every way in which a variant of a score meets a site, and every way in which it does not."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permed.scores.absent import long_sites, take_reference
from permed.scores.log import set_duplicates_aside
from permed.scores.match import match_contig
from permed.scores.summary import summarise
from permed.scoring_files import SCORE_SCHEMA

SITES = [
    (10, "A", "G"),
    (20, "A", "T"),
    (30, "C", "A"),
    (30, "C", "T"),
    (30, "CT", "C"),
    (40, "G", "."),
    (50, "A", "AT"),
    (60, "C", "G"),
    (60, "C", "T"),
]


def variants(*rows):
    """Rows of ``pos effect other`` with an optional effect type."""
    full = [
        dict.fromkeys(SCORE_SCHEMA)
        | {"score": "S", "line": line, "rsid": f"rs{line}", "contig": "chr1", "pos": row[0], "weight": 1.0}
        | {"effect_allele": row[1], "other_allele": row[2], "effect_type": row[3] if len(row) > 3 else "additive"}
        for line, row in enumerate(rows, 2)
    ]
    return pl.DataFrame(full, schema=SCORE_SCHEMA)


def sites(rows=SITES):
    return pl.DataFrame(rows, schema={"pos": pl.Int64, "ref": pl.String, "alt": pl.String}, orient="row")


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ((10, "A", "G"), ("matched", "refalt", "ref", 0)),
        ((10, "G", "A"), ("matched", "altref", "alt", 0)),
        ((10, "T", "C"), ("matched_flipped", "refalt_flip", "ref", 0)),
        ((10, "C", "T"), ("matched_flipped", "altref_flip", "alt", 0)),
        ((10, "A", None), ("matched", "no_oa_ref", "ref", 0)),
        ((10, "G", None), ("matched", "no_oa_alt", "alt", 0)),
        ((10, "T", None), ("matched_flipped", "no_oa_ref_flip", "ref", 0)),
        ((10, "C", None), ("matched_flipped", "no_oa_alt_flip", "alt", 0)),
        ((10, "A", "C"), ("matched", "ref_only", "ref", 0)),  # no copy of A is a C, and no copy of G either
        ((10, "C", "A"), ("allele_mismatch", None, None, 0)),
        ((10, "A", "T"), ("allele_mismatch", None, None, 0)),  # nobody can tell the strand
        ((20, "A", "T"), ("ambiguous", "refalt", None, 1)),
        ((20, "T", "A"), ("ambiguous", "altref", None, 1)),
        ((20, "T", None), ("ambiguous", "no_oa_alt", None, 1)),
        ((20, "A", "G"), ("matched", "ref_only", "ref", 1)),
        ((30, "C", "G"), ("allele_mismatch", None, None, 2)),
        ((30, "C", "CG"), ("allele_mismatch", None, None, 2)),
        ((60, "C", "A"), ("matched", "ref_only", "ref", 7)),
        ((30, "T", "C"), ("matched", "altref", "alt", 3)),
        ((30, "C", "A"), ("matched", "refalt", "ref", 2)),
        ((30, "G", "T"), ("allele_mismatch", "refalt_flip", None, 2)),
        ((30, "T", None), ("allele_mismatch", "no_oa_alt", None, 3)),
        ((30, "CT", "C"), ("matched", "refalt", "ref", 4)),
        ((40, "G", "A"), ("matched", "mono_ref", "ref", 5)),
        ((40, "A", "G"), ("matched", "mono_alt", "alt", 5)),
        ((40, "G", "C"), ("ambiguous", "mono_ref", None, 5)),
        ((40, "A", "T"), ("allele_mismatch", None, None, 5)),
        ((40, "G", "GA"), ("allele_mismatch", None, None, 5)),
        ((50, "AT", "A"), ("matched", "altref", "alt", 6)),
        ((50, "AT", None), ("matched", "no_oa_alt", "alt", 6)),
        ((50, "T", "TA"), ("allele_mismatch", None, None, 6)),
        ((60, "C", "G"), ("ambiguous", "refalt", None, 7)),
        ((60, "T", "C"), ("matched", "altref", "alt", 8)),  # C/T tells its strand, whatever stands beside it
        ((99, "A", "T"), ("absent", None, None, None)),
    ],
)
def test_classes(variant, expected):
    (row,) = match_contig(variants(variant), sites()).rows(named=True)
    assert (row["class"], row["match"], row["dosage_of"], row["row"]) == expected
    assert (row["reason"] is None) == row["class"].startswith("matched")


def test_other_alternates_are_siblings_of_a_reference_dosage():
    rows = match_contig(variants((30, "C", "A"), (30, "A", "C"), (30, "CT", "C"), (10, "A", "G")), sites())
    assert rows["siblings"].to_list() == [[3], None, [], []]
    (alone,) = match_contig(variants((60, "C", "A")), sites()).rows(named=True)
    assert alone["siblings"] == [8]  # copies of REF are those of no alternate
    (bent,) = match_contig(variants((30, "C", "A", "dominant")), sites()).rows(named=True)
    assert bent["class"] == "not_scorable" and "several alternates" in bent["reason"]
    (part,) = match_contig(variants((30, "C", "A", "interaction")), sites()).rows(named=True)
    assert (part["class"], part["siblings"]) == ("matched", [3])  # a term takes the copies of each person


def test_the_order_of_rows_and_columns_is_kept():
    given = variants((99, "A", "G"), (10, "A", "G"), (10, "T", "C"))
    found = match_contig(given, sites())
    assert found.select(given.columns).equals(given)


SEQUENCE = "ACGTTTNCAG"  # position 1 is A


def bases(start, end):
    return SEQUENCE[start - 1 : end]


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ((1, "A", "G"), ("reference", "two")),
        ((1, "G", "A"), ("reference", "none")),
        ((1, "A", None), ("reference", "two")),
        ((1, "G", None), ("absent", None)),
        ((1, "G", "C"), ("absent", None)),
        ((1, "A", "T"), ("ambiguous", None)),
        ((7, "A", "G"), ("absent", None)),
        ((8, "CG", "C"), ("reference", "none")),
        ((8, "C", "CG"), ("reference", "two")),
        ((4, "T", "TT"), ("absent", None)),  # TT is the reference, and T an anchor of an insertion: nobody can tell
        ((99, "A", "G"), ("absent", None)),
        ((2, "C", "T"), ("absent", None)),  # set aside
        ((3, "G", "A"), ("absent", None)),  # under what was set aside
        ((9, "A", "C"), ("absent", None)),  # under a deletion of the store
    ],
)
def test_absent_sites_taken_for_the_reference(variant, expected):
    store = sites([(8, "CAG", "C")]) if variant[0] == 9 else sites()
    unknown = pl.concat([pl.DataFrame({"pos": [2], "end": [3]}), long_sites(store)])
    found = take_reference(match_contig(variants(variant), store), bases, unknown)
    assert found.select("class", "dosage_of").row(0) == expected
    without = take_reference(match_contig(variants(variant), store), None, unknown)
    assert without["class"].to_list() == ["absent"]


def test_a_site_with_other_alleles_is_never_taken_for_the_reference():
    unknown = pl.DataFrame(schema={"pos": pl.Int64, "end": pl.Int64})
    found = take_reference(match_contig(variants((10, "C", "A"), (10, "A", "C")), sites()), bases, unknown)
    assert found["class"].to_list() == ["allele_mismatch", "matched"]


def test_duplicates_keep_the_first_and_parts_of_one_model_are_none():
    rows = variants(
        (10, "A", "G"),
        (10, "G", "A"),  # the same site from its other allele
        (10, "C", "T"),  # and from the other strand
        (10, "A", "G", "dominant"),
        (10, "G", "A", "recessive"),
        (10, "A", "G", "recessive"),
        (20, "A", "T"),
        (20, "A", "T"),
    )
    found = set_duplicates_aside(match_contig(rows, sites()))
    assert found["class"].to_list() == [
        *["matched", "duplicate", "duplicate", "matched", "matched", "duplicate", "ambiguous", "ambiguous"]
    ]
    assert found["reason"].to_list()[1:3] == [
        "the site is also on line 2, with another weight",
        "the site is also on line 2, with another weight",
    ]


def test_the_summary_counts_every_variant_and_says_why_a_score_is_not_assessable():
    found = match_contig(variants((10, "A", "G"), (10, "T", "C"), (20, "A", "T"), (99, "A", "G")), sites())
    (row,) = summarise(set_duplicates_aside(found), 0.75).rows(named=True)
    assert (row["variants"], row["matched"], row["match_rate"]) == (4, 1, 0.25)
    assert (row["ambiguous"], row["duplicate"], row["absent"], row["flipped"]) == (1, 1, 1, 0)
    lost = "1 ambiguous (left out on purpose), 1 absent, 1 duplicate"
    assert row["reason"] == f"1 of 4 variants match (0.25), below 0.75: {lost}"
    assert summarise(found, 0.5)["status"].to_list() == ["found"]  # at the threshold is enough
    assert summarise(found, 0.5)["reason"].to_list() == [None]
    nothing = match_contig(variants((99, "A", "G")), sites())
    assert summarise(nothing, 0).select("status", "reason").row(0) == ("not_assessable", "no variant matches: 1 absent")


ALLELES = st.sampled_from(["A", "C", "G", "T"])


@given(st.lists(st.tuples(st.integers(1, 6), ALLELES, ALLELES | st.none()), max_size=12), st.data())
def test_matching_agrees_with_a_plain_reading_of_the_rules(rows, data):
    pairs = st.tuples(st.integers(1, 6), ALLELES, ALLELES).filter(lambda site: site[1] != site[2])
    table = sorted(data.draw(st.lists(pairs, max_size=4, unique_by=lambda site: site[0])))
    rows = [row for row in rows if row[1] != row[2]]
    if not rows:
        return
    found = match_contig(variants(*rows), sites(table))
    turn = dict(zip("ACGT", "TGCA", strict=True))
    at = {pos: (ref, alt) for pos, ref, alt in table}
    for (pos, effect, other), verdict, of in zip(rows, found["class"], found["dosage_of"], strict=True):
        expected, dosage = "absent", None
        if pos in at:
            ref, alt = at[pos]
            straight = effect in at[pos] and (other is None or other in at[pos])
            turned = turn[effect] in at[pos] and (other is None or turn[other] in at[pos])
            expected = "matched" if straight else "matched_flipped" if turned else "allele_mismatch"
            if straight or turned:
                dosage = "ref" if (effect if straight else turn[effect]) == ref else "alt"
            elif effect == ref and other not in (None, turn[effect]):
                expected, dosage = "matched", "ref"
            if (straight or turned) and turn[ref] == alt:
                expected, dosage = "ambiguous", None
        assert (verdict, of) == (expected, dosage)
