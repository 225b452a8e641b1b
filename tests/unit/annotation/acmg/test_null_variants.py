"""PVS1: every branch of the decision tree (Abou Tayoun 2018) that data decide, with its strength."""

import polars as pl
import pytest

from permed.evidence.intervals import Intervals

LOSS = ("G1", "PVS1", "yes", None, None)
SPOTS = pl.DataFrame({"gene": ["G1"], "first": [900], "last": [950], "source": ["a paper"]})
CUT = {"consequence": "stop_gained", "amino_acid_change": "10R>10*", "nmd": "triggers"}
ESCAPES = CUT | {"nmd": "escapes"}
SPLICE = {
    "consequence": "splice_donor",
    "skipped_exon": 4,
    "skipped_in_frame": False,
    "skipped_share": 0.05,
    "exons": 10,
}
START = {"consequence": "start_lost", "start_lost_rescue": 40}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (CUT, "very_strong"),
        (CUT | {"consequence": "frameshift"}, "very_strong"),
        (CUT | {"consequence": "frameshift&splice_region"}, "very_strong"),
        (ESCAPES | {"protein_lost": 0.11}, "strong"),
        (ESCAPES | {"protein_lost": 0.1}, "moderate"),
        (ESCAPES | {"protein_lost": 0.05, "protein_position": 920}, "strong"),
        (ESCAPES | {"protein_lost": 0.05, "protein_position": 890}, "strong"),
        (ESCAPES | {"protein_lost": 0.05, "protein_position": 951}, "moderate"),
        (SPLICE, "very_strong"),
        (SPLICE | {"consequence": "splice_acceptor", "skipped_exon": 7}, "very_strong"),
        (SPLICE | {"skipped_exon": 8}, "moderate"),
        (SPLICE | {"skipped_exon": 9}, "moderate"),
        (SPLICE | {"skipped_in_frame": True, "skipped_share": 0.11}, "strong"),
        (SPLICE | {"skipped_in_frame": True, "skipped_share": 0.1}, "moderate"),
        (START, "supporting"),
    ],
)
def test_the_tree_gives_the_strength(verdict, row, expected, rules):
    assert verdict("PVS1", row, rules=rules(LOSS), hot_spots=SPOTS) == ("met", expected)


@pytest.mark.parametrize(
    "row",
    [
        CUT | {"nmd": None},
        ESCAPES,
        SPLICE | {"skipped_in_frame": None},
        CUT | {"mane": None, "canonical": False},
        CUT | {"mane": None, "canonical": None},
        CUT | {"gene": "G2"},
    ],
)
def test_what_is_not_known_leaves_it_open(verdict, row, rules):
    assert verdict("PVS1", row, rules=rules(LOSS)) == ("not_assessable", None)


@pytest.mark.parametrize(
    "terms",
    [
        "missense",
        "synonymous",
        "inframe_deletion",
        "stop_lost",
        "splice_region&intron",
        "stop_retained",
        "coding_sequence",
    ],
)
def test_other_variants_are_no_null_variants(verdict, terms, rules):
    assert verdict("PVS1", {"consequence": terms}, rules=rules(LOSS)) == ("not_met", None)


def test_an_untranslated_exon_that_is_skipped_abolishes_nothing(verdict, rules):
    row = SPLICE | {"skipped_share": 0.0, "skipped_in_frame": None}
    assert verdict("PVS1", row, rules=rules(LOSS)) == ("not_met", None)


def test_a_lost_start_weighs_more_with_a_pathogenic_change_before_the_next(judged, rules):
    known = {
        "consequence": "missense",
        "amino_acid_change": "20A>20T",
        "clinvar_significance": "Pathogenic",
        "clinvar_stars": 2,
    }
    assert judged(START, known, rules=rules(LOSS))[0]["verdicts"]["PVS1"]["strength"] == "moderate"
    for other in ({"clinvar_stars": 1}, {"transcript": "T2"}, {"amino_acid_change": "40A>40T"}):
        assert judged(START, known | other, rules=rules(LOSS))[0]["verdicts"]["PVS1"]["strength"] == "supporting"


def test_dosage_or_a_rule_says_that_loss_of_function_causes_disease(verdict, rules):
    dosage = pl.DataFrame({"gene": ["G1", "G2", "G3"], "haploinsufficiency": [3, 2, 30]})
    assert verdict("PVS1", CUT, dosage=dosage) == ("met", "very_strong")
    for gene in ("G2", "G3", "G4"):
        assert verdict("PVS1", CUT | {"gene": gene}, dosage=dosage)[0] == "not_assessable"
    off = rules(("G1", "PVS1", "no", None, None))
    assert verdict("PVS1", CUT, dosage=dosage, rules=off) == ("not_met", None)


def test_a_rule_caps_the_strength_and_never_raises_it(verdict, rules):
    capped = rules(("G1", "PVS1", "yes", None, "strong"))
    assert verdict("PVS1", CUT, rules=capped) == ("met", "strong")
    assert verdict("PVS1", ESCAPES | {"protein_lost": 0.05}, rules=capped) == ("met", "moderate")


def test_pp3_does_not_weigh_a_null_variant_again(verdict, rules):
    for row in (CUT, SPLICE, START):
        assert verdict("PP3", row | {"spliceai_score": 0.99}, rules=rules(LOSS)) == ("not_met", None)


@pytest.mark.parametrize("terms", ["frameshift&stop_retained", "frameshift&start_retained", "stop_lost&frameshift"])
def test_a_shifted_frame_that_keeps_or_loses_the_stop_cuts_nothing_off(verdict, terms, rules):
    # bcftools csq writes frameshift&stop_retained where a base of the stop codon is lost and a stop codon stays.
    row = ESCAPES | {"consequence": terms, "protein_lost": 0.0}
    assert verdict("PVS1", row, rules=rules(LOSS)) == ("not_met", None)
    assert verdict("PVS1", START | {"consequence": "start_lost&start_retained"}, rules=rules(LOSS))[0] == "not_met"


@pytest.mark.parametrize(
    "row",
    [
        CUT | {"consequence": "stop_gained&inframe_insertion", "alt": "ATAG"},
        START | {"consequence": "inframe_deletion&start_lost", "ref": "ATGA"},
        SPLICE | {"consequence": "splice_acceptor&inframe_deletion", "ref": "ACAG"},
        SPLICE | {"consequence": "splice_donor&stop_lost"},
    ],
)
def test_one_event_is_not_counted_as_lost_product_and_as_changed_length(judged, row, rules):
    said = judged(row, rules=rules(LOSS), repeats=Intervals.of([5000], [5010]))[0]["verdicts"]
    assert said["PVS1"]["state"] == "met"
    assert (said["PM4"]["state"], said["BP3"]["state"]) == ("not_met", "not_met")
    assert "PVS1" in said["PM4"]["text"]


def test_an_extension_counts_as_changed_length_alone(judged, rules):
    row = ESCAPES | {"consequence": "stop_lost&frameshift", "protein_lost": 0.01}
    made = judged(row, rules=rules(LOSS))[0]
    assert (made["criteria"], made["points"]) == ("PM2,PM4", 3)


def test_a_lost_start_does_not_say_what_nobody_looked_up(judged, without, rules):
    said = judged(START, rules=rules(LOSS), abouts=without("clinvar"))[0]["verdicts"]["PVS1"]
    assert said["strength"] == "supporting" and "no ClinVar is configured" in said["text"]
    assert "no pathogenic variant is known" not in said["text"]
