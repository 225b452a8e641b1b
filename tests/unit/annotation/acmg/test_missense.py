"""PS1, PM5, PM1, PP2, BP1: changes of one residue."""

import polars as pl
import pytest

MET, NOT_MET, OPEN = "met", "not_met", "not_assessable"
KNOWN = {"amino_acid_change": "10A>10T", "clinvar_significance": "Pathogenic", "clinvar_stars": 2}
KNOWN |= {"clinvar_variation_id": "77", "clinvar_state": "found"}


def first(judged, criterion, *rows, **options):
    said = judged(*rows, **options)[0]["verdicts"][criterion]
    return said["state"], said["strength"]


def test_the_same_change_by_another_variant_is_ps1(judged):
    assert first(judged, "PS1", {}, KNOWN) == (MET, "strong")
    assert first(judged, "PS1", {}, KNOWN | {"clinvar_significance": "Likely pathogenic"}) == (MET, "moderate")
    assert first(judged, "PM5", {}, KNOWN) == (NOT_MET, None)
    assert "77" in judged({}, KNOWN)[0]["verdicts"]["PS1"]["value"]


def test_another_change_of_the_residue_is_pm5(judged):
    other = KNOWN | {"amino_acid_change": "10A>10V"}
    assert first(judged, "PM5", {}, other) == (MET, "moderate")
    assert first(judged, "PM5", {}, other | {"clinvar_significance": "Pathogenic/Likely pathogenic"}) == (
        MET,
        "supporting",
    )
    assert first(judged, "PS1", {}, other)[0] == OPEN


def test_a_variant_is_not_its_own_evidence(judged):
    for criterion in ("PS1", "PM5"):
        assert first(judged, criterion, KNOWN)[0] == OPEN


@pytest.mark.parametrize(
    "change",
    [
        {"clinvar_stars": 1},
        {"clinvar_significance": "Conflicting classifications of pathogenicity"},
        {"clinvar_significance": "Uncertain significance"},
        {"clinvar_significance": "Pathogenic, low penetrance"},
        {"clinvar_origin": "2"},
        {"transcript": "T2"},
        {"amino_acid_change": "11A>11T"},
        {"consequence": "synonymous"},
    ],
)
def test_only_firm_germline_missense_of_the_transcript_is_compared(judged, change):
    for criterion in ("PS1", "PM5"):
        assert first(judged, criterion, {}, KNOWN | change)[0] == OPEN


def test_with_the_whole_of_clinvar_compared_none_known_is_an_answer(judged):
    known = pl.DataFrame(
        {
            "transcript": ["T1", "T1"],
            "residue_position": [50, 10],
            "changed": ["V", "T"],
            "key": [1, 2],
            "clinvar_class": ["pathogenic"] * 2,
            "clinvar_variation_id": ["8", "9"],
        },
        schema_overrides={"key": pl.UInt64},
    )
    assert first(judged, "PS1", {}, known=known) == (MET, "strong")
    assert first(judged, "PS1", {"amino_acid_change": "51A>51T"}, known=known) == (NOT_MET, None)
    assert first(judged, "PM5", {"amino_acid_change": "50A>50T"}, known=known) == (MET, "moderate")
    assert first(judged, "PM5", {"amino_acid_change": "51A>51T"}, known=known) == (NOT_MET, None)


def test_an_effect_on_splicing_leaves_ps1_open(judged):
    assert first(judged, "PS1", {"spliceai_score": 0.2}, KNOWN)[0] == OPEN
    assert first(judged, "PS1", {"spliceai_score": 0.19}, KNOWN)[0] == MET


def test_without_clinvar_it_is_open(verdict, without):
    for criterion in ("PS1", "PM5"):
        assert verdict(criterion, {}, abouts=without("clinvar"))[0] == OPEN


def test_pm1_is_read_from_the_table(verdict):
    spots = pl.DataFrame({"gene": ["G1", "G1"], "first": [8, 100], "last": [10, 120], "source": ["a paper"] * 2})
    assert verdict("PM1", {}) == (OPEN, None)
    assert verdict("PM1", {}, hot_spots=spots) == (MET, "moderate")
    assert verdict("PM1", {"amino_acid_change": "11A>11T"}, hot_spots=spots) == (NOT_MET, None)
    assert verdict("PM1", {"amino_acid_change": "7A>7T"}, hot_spots=spots) == (NOT_MET, None)
    assert verdict("PM1", {"amino_acid_change": "120A>120T"}, hot_spots=spots) == (MET, "moderate")
    assert verdict("PM1", {"gene": "G2"}, hot_spots=spots) == (OPEN, None)
    assert verdict("PM1", {"consequence": "synonymous"}, hot_spots=spots) == (NOT_MET, None)


def test_pp2_is_constraint_or_a_rule(verdict, rules):
    table = pl.DataFrame({"gene": ["G1", "G2"], "mis_z": [3.09, 3.08]})
    assert verdict("PP2", {}) == (OPEN, None)
    assert verdict("PP2", {}, constraint=table) == (MET, "supporting")
    assert verdict("PP2", {"gene": "G2"}, constraint=table) == (NOT_MET, None)
    assert verdict("PP2", {"gene": "G3"}, constraint=table) == (OPEN, None)
    assert verdict("PP2", {"gene": "G3"}, rules=rules(("G3", "PP2", "yes", None, None))) == (MET, "supporting")
    assert verdict("PP2", {"consequence": "stop_gained"}, constraint=table) == (NOT_MET, None)


def test_bp1_is_a_rule_alone_and_excludes_pp2(verdict, rules):
    table = pl.DataFrame({"gene": ["G1"], "mis_z": [4.0]})
    panel = rules(("G1", "BP1", "yes", None, None))
    assert verdict("BP1", {}) == (OPEN, None)
    assert verdict("BP1", {}, rules=panel, constraint=table) == (MET, "supporting")
    assert verdict("PP2", {}, rules=panel, constraint=table) == (NOT_MET, None)
