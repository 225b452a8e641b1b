"""PP3, BP4, BP7, PM4, BP3: calibrated thresholds at their borders, splicing beside the protein, repeats."""

import polars as pl
import pytest

from permed.annotation.acmg.tables import thresholds
from permed.evidence.intervals import Intervals

MET, NOT_MET, OPEN = "met", "not_met", "not_assessable"
QUIET = {"spliceai_score": 0.05}


@pytest.mark.parametrize(
    ("revel", "pp3", "bp4"),
    [
        (0.932, "strong", None),
        (0.931, "moderate", None),
        (0.773, "moderate", None),
        (0.772, "supporting", None),
        (0.644, "supporting", None),
        (0.643, None, None),
        (0.291, None, None),
        (0.290, None, "supporting"),
        (0.184, None, "supporting"),
        (0.183, None, "moderate"),
        (0.016, None, "strong"),
        (0.003, None, "very_strong"),
    ],
)
def test_revel_has_the_published_strengths(judged, revel, pp3, bp4):
    said = judged(QUIET | {"revel_score": revel})[0]["verdicts"]
    assert (said["PP3"]["strength"], said["BP4"]["strength"]) == (pp3, bp4)
    assert said["PP3"]["state"] == (MET if pp3 else NOT_MET)
    assert f"revel {revel}" in said["PP3"]["value"]


@pytest.mark.parametrize(
    ("predictor", "score", "pp3", "bp4"),
    [
        ("alphamissense", 0.990, "strong", None),
        ("alphamissense", 0.791, None, None),
        ("alphamissense", 0.099, None, "moderate"),
        ("cadd", 28.1, "moderate", None),
        ("cadd", 25.2, None, None),
        ("cadd", 0.15, None, "strong"),
        ("bayesdel", 0.50, "strong", None),
        ("bayesdel", -0.36, None, "moderate"),
    ],
)
def test_other_predictors_have_their_own(judged, without, predictor, score, pp3, bp4):
    about = {"name": "revel", "role": "predictor", "title": predictor, "release": None, "predictor": predictor}
    said = judged(QUIET | {"revel_score": score}, abouts=[*without("predictor"), about])[0]["verdicts"]
    assert (said["PP3"]["strength"], said["BP4"]["strength"]) == (pp3, bp4)


def test_a_predictor_that_nobody_calibrated_gives_nothing(judged, without):
    about = {"name": "revel", "role": "predictor", "title": "Mine", "release": None, "predictor": "mine"}
    said = judged(QUIET | {"revel_score": 0.99}, abouts=[*without("predictor"), about])[0]["verdicts"]
    assert said["PP3"]["state"] == said["BP4"]["state"] == OPEN


@pytest.mark.parametrize(
    ("splicing", "pp3", "bp4"), [(0.2, MET, NOT_MET), (0.19, NOT_MET, NOT_MET), (0.1, NOT_MET, MET)]
)
def test_splicing_weighs_beside_the_protein(judged, splicing, pp3, bp4):
    said = judged({"spliceai_score": splicing, "revel_score": 0.2})[0]["verdicts"]
    assert (said["PP3"]["state"], said["BP4"]["state"]) == (pp3, bp4)
    silent = judged({"spliceai_score": splicing, "consequence": "synonymous"})[0]["verdicts"]
    assert (silent["PP3"]["state"], silent["BP4"]["state"]) == (pp3, bp4)


def test_the_stronger_of_protein_and_splicing_is_pp3(verdict):
    assert verdict("PP3", {"spliceai_score": 0.9, "revel_score": 0.95}) == (MET, "strong")
    assert verdict("PP3", {"spliceai_score": 0.9, "revel_score": 0.1}) == (MET, "supporting")
    assert verdict("PP3", {"revel_score": 0.95}) == (MET, "strong")


def test_a_missing_score_is_no_benign_one(verdict, without):
    assert verdict("BP4", {"revel_score": 0.1}) == (OPEN, None)
    assert verdict("BP4", QUIET) == (OPEN, None)
    assert verdict("PP3", QUIET) == (OPEN, None)
    assert verdict("PP3", {"revel_score": 0.5}) == (OPEN, None)
    assert verdict("BP4", QUIET | {"revel_score": 0.1}, abouts=without("splicing")) == (OPEN, None)
    assert verdict("BP7", {"consequence": "synonymous"}) == (OPEN, None)


def test_a_missense_score_does_not_speak_of_other_changes(verdict):
    assert verdict("PP3", QUIET | {"revel_score": 0.99, "consequence": "synonymous"}) == (NOT_MET, None)
    assert verdict("BP4", QUIET | {"revel_score": 0.0, "consequence": "inframe_deletion"}) == (NOT_MET, None)


@pytest.mark.parametrize(
    ("site", "distance", "expected"),
    [
        (None, None, MET),
        ("acceptor", -1, NOT_MET),
        ("acceptor", -2, MET),
        ("donor", -3, NOT_MET),
        ("donor", -4, MET),
    ],
)
def test_silent_changes_at_an_exons_edge_are_no_bp7(verdict, site, distance, expected):
    row = QUIET | {"consequence": "synonymous", "splice_site": site, "splice_distance": distance}
    assert verdict("BP7", row)[0] == expected


@pytest.mark.parametrize(
    ("site", "distance", "expected"),
    [("donor", 6, NOT_MET), ("donor", 7, MET), ("acceptor", 20, NOT_MET), ("acceptor", 21, MET), (None, None, OPEN)],
)
def test_introns_count_beyond_the_splice_motifs(verdict, site, distance, expected):
    row = {"consequence": "intron", "splice_site": site, "splice_distance": distance}
    row |= {"clinvar_significance": "Pathogenic", "clinvar_stars": 1, "spliceai_score": 0.1}
    assert verdict("BP7", row)[0] == expected
    if expected == MET:
        assert verdict("BP7", row | {"spliceai_score": 0.11})[0] == NOT_MET


def test_bp7_is_of_silent_changes(verdict):
    for terms in ("missense", "stop_gained", "synonymous&stop_gained", "inframe_deletion"):
        assert verdict("BP7", QUIET | {"consequence": terms})[0] == NOT_MET
    assert verdict("BP7", QUIET | {"consequence": "splice_region&synonymous"})[0] == OPEN


def test_lengths_change_within_and_outside_repeats(verdict):
    repeats = Intervals.of([1001], [1010])
    inside = {"consequence": "inframe_deletion", "pos": 1000, "ref": "ACAG", "alt": "A"}
    across = inside | {"pos": 1008}
    assert verdict("PM4", inside)[0] == verdict("BP3", inside)[0] == OPEN
    known = {"repeats": repeats, "hot_spots": SPOTS}
    assert (verdict("PM4", inside, **known), verdict("BP3", inside, **known)[0]) == (
        (NOT_MET, None),
        MET,
    )
    assert (verdict("PM4", across, **known)[1], verdict("BP3", across, **known)[0]) == (
        "moderate",
        NOT_MET,
    )
    assert verdict("PM4", {"consequence": "stop_lost"}) == (MET, "moderate")
    assert verdict("PM4", {"consequence": "frameshift"}) == (NOT_MET, None)


def test_thresholds_come_strongest_first_and_are_sourced():
    assert [strength for strength, _ in thresholds("revel", "BP4")] == [
        "very_strong",
        "strong",
        "moderate",
        "supporting",
    ]
    assert thresholds("nobody", "PP3") == ()


SPOTS = pl.DataFrame({"gene": ["G1"], "first": [900], "last": [950], "source": ["a paper"]})


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "inside"),
    [
        (1000, "G", "GCAG", True),  # left-aligned: the unit is put in after the base before the repeat
        (1005, "G", "GCAG", True),
        (1010, "G", "GCAG", True),  # after the last base of the repeat
        (999, "G", "GCAG", False),
        (1011, "G", "GCAG", False),
        (1000, "GCAG", "G", True),
        (1000, "GCAG", "TA", False),  # without a common first base the first changes as well
        (1001, "GCAG", "TA", True),
        (1000, "G", "TCAG", False),
        (1001, "G", "TCAG", True),
    ],
)
def test_what_changes_lies_in_a_repeat_whatever_base_it_is_anchored_to(verdict, pos, ref, alt, inside):
    row = {"consequence": "inframe_insertion", "pos": pos, "ref": ref, "alt": alt}
    given = {"repeats": Intervals.of([1001], [1010]), "hot_spots": SPOTS}
    assert verdict("BP3", row, **given)[0] == (MET if inside else NOT_MET)
    assert verdict("PM4", row, **given)[0] == (NOT_MET if inside else MET)


def test_a_repeat_of_unknown_function_is_no_evidence_for_benign(verdict):
    row = {"consequence": "inframe_deletion", "pos": 1000, "ref": "GCAG", "alt": "G", "amino_acid_change": "910QS>910Q"}
    row |= {"protein_position": 910}
    repeats = Intervals.of([1001], [1010])
    assert verdict("BP3", row, repeats=repeats)[0] == OPEN
    assert verdict("BP3", row | {"gene": "G2"}, repeats=repeats, hot_spots=SPOTS)[0] == OPEN
    assert verdict("BP3", row, repeats=repeats, hot_spots=SPOTS)[0] == NOT_MET
    assert verdict("BP3", row | {"protein_position": 10}, repeats=repeats, hot_spots=SPOTS)[0] == MET
    unplaced = row | {"protein_position": None}
    assert verdict("BP3", unplaced, repeats=repeats, hot_spots=SPOTS)[0] == OPEN
    assert verdict("PM4", row, repeats=repeats)[0] == NOT_MET


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("synonymous", MET),
        ("stop_retained", MET),
        ("intron", MET),
        ("splice_region", MET),
        ("5_prime_utr", OPEN),
        ("3_prime_utr", OPEN),
        ("non_coding", OPEN),
        ("intergenic", OPEN),
        ("upstream_gene", OPEN),
        ("coding_sequence", OPEN),
        ("feature_elongation", OPEN),
        ("frameshift&stop_retained", OPEN),
    ],
)
def test_a_splicing_score_alone_speaks_for_benign_only_where_splicing_is_all(verdict, terms, expected):
    row = QUIET | {"consequence": terms, "clinvar_significance": "Pathogenic", "clinvar_stars": 1}
    assert verdict("BP4", row)[0] == expected
    assert verdict("BP4", row | {"spliceai_score": 0.15})[0] == NOT_MET
