"""Classes worked by hand from sums of points, and what is not counted twice."""

import polars as pl
import pytest

from permed.annotation.acmg.points import class_of
from permed.annotation.acmg.verdicts import FIELDS

LOSS = ("G1", "PVS1", "yes", None, None)
CUT = {"consequence": "stop_gained", "amino_acid_change": "10R>10*", "nmd": "triggers"}
SPOTS = pl.DataFrame({"gene": ["G1"], "first": [5], "last": [15], "source": ["a paper"]})
SPOTS_OF_THREE = pl.concat(SPOTS.with_columns(gene=pl.lit(gene)) for gene in ("G1", "G2", "G3"))


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (10, "pathogenic"),
        (9, "likely_pathogenic"),
        (6, "likely_pathogenic"),
        (5, "uncertain"),
        (0, "uncertain"),
        (-1, "likely_benign"),
        (-6, "likely_benign"),
        (-7, "benign"),
    ],
)
def test_classes_begin_where_tavtigian_has_them(points, expected):
    assert pl.select(class_of(pl.lit(points))).item() == expected


def test_pvs1_with_absence_is_likely_pathogenic(judged, rules):
    # ClinGen's SVI recommendation for PM2: PVS1 with PM2_Supporting is likely pathogenic.
    made = judged(CUT, rules=rules(LOSS))[0]
    assert (made["points"], made["classification"], made["criteria"]) == (9, "likely_pathogenic", "PVS1,PM2")
    assert made["classification_reason"] == "points: 9"


def test_strengths_other_than_the_usual_are_written_out(judged, rules):
    made = judged(CUT | {"nmd": "escapes", "protein_lost": 0.5}, {"revel_score": 0.8}, rules=rules(LOSS))
    assert [row["criteria"] for row in made] == ["PVS1_Strong,PM2", "PM2,PP3_Moderate"]
    assert [row["points"] for row in made] == [5, 3]


def test_pm1_and_pp3_count_as_strong_at_most(judged):
    made = judged({"revel_score": 0.95}, {"revel_score": 0.8}, {"revel_score": 0.7}, hot_spots=SPOTS)
    assert [row["points"] for row in made] == [1 + 4, 1 + 4, 1 + 3]
    assert judged({"revel_score": 0.95})[0]["points"] == 1 + 4


def test_ba1_stands_alone(judged, found, rules):
    made = judged(CUT | found(0.06), rules=rules(LOSS))[0]
    assert (made["classification"], made["classification_reason"]) == ("benign", "BA1 stands alone")


def test_silent_and_quiet_is_likely_benign(judged, found):
    quiet = {"consequence": "synonymous", "amino_acid_change": "10A", "spliceai_score": 0.0}
    made = judged(quiet | found(0.001), quiet | found(0.02))
    assert [(row["points"], row["classification"]) for row in made] == [(-2, "likely_benign"), (-6, "likely_benign")]
    assert made[1]["criteria"] == "BS1,BP4,BP7"


def test_without_a_frequency_no_class_stands_that_it_could_change(judged, without, rules, compared):
    quiet = {"consequence": "synonymous", "spliceai_score": 0.0}
    tolerated = {"revel_score": 0.25, "spliceai_score": 0.0}
    harmless = {"revel_score": 0.003, "spliceai_score": 0.0}
    rows, options = (CUT, {}, quiet, tolerated, harmless), {"rules": rules(LOSS), "abouts": without("frequency")}
    made = judged(*rows, known=compared, **options)
    classes = [(row["points"], row["classification"]) for row in made]
    assert classes == [
        (8, "not_assessable"),
        (0, "not_assessable"),
        (-2, "likely_benign"),
        (-1, "not_assessable"),
        (-8, "benign"),
    ]
    assert "no frequency database is configured" in made[0]["classification_reason"]
    assert judged(CUT | {"gnomad_state": "not_covered"}, rules=rules(LOSS))[0]["classification"] == "not_assessable"


def test_mitochondrial_variants_have_no_class_of_ours(judged, rules):
    made = judged(CUT | {"contig": "MT"}, rules=rules(LOSS))[0]
    assert made["classification"] == "not_assessable" and "mitochondrial" in made["classification_reason"]


def test_every_criterion_is_either_judged_or_listed_as_not_assessed(judged):
    made = judged({})[0]
    judged_ = {e["criterion"] for e in made["evidence"] if e["state"] != "not_assessable"}
    open_ = set(made["not_assessed"].split(","))
    assert not judged_ & open_
    pathogenic = "PVS1 PS1 PS2 PS3 PS4 PM1 PM2 PM3 PM4 PM5 PM6 PP1 PP2 PP3 PP4".split()
    assert judged_ | open_ == {*pathogenic, *"BA1 BS1 BS2 BS3 BS4 BP1 BP2 BP3 BP4 BP5 BP7".split()}
    for evidence in made["evidence"]:
        assert set(evidence) == set(FIELDS) and evidence["text"] and evidence["source"]
        assert (evidence["points"] != 0) == (evidence["state"] == "met")


def test_a_table_of_no_variants_has_the_same_columns(annotated):
    from permed.annotation.acmg.classify import Given, Settings, classify
    from permed.annotation.acmg.sites import choose_sources

    bare = annotated({}).select("contig", "pos", "ref", "alt", "key", "gene", "transcript", "consequence")
    full = classify(bare, choose_sources([], {}), Given(), Settings())
    none = classify(bare.clear(), choose_sources([], {}), Given(), Settings())
    assert full.schema == none.schema and (len(full), len(none)) == (1, 0)
    assert full["classification"].to_list() == ["not_assessable"]


def test_of_pm1_and_pp3_beside_a_strong_one_the_other_is_not_counted(judged, rules):
    quiet = {"spliceai_score": 0.0}
    made = judged(
        {"revel_score": 0.95},
        {"revel_score": 0.8},
        quiet | {"gene": "G2", "revel_score": 0.8},
        {"gene": "G2", "revel_score": 0.5},  # PP3 is open here, without a splicing score
        quiet | {"gene": "G3", "revel_score": 0.95},
        hot_spots=SPOTS_OF_THREE,
        rules=rules(("G2", "PM1", None, None, "very_strong"), ("G3", "PM1", None, None, "supporting")),
    )
    assert [row["criteria"] for row in made] == [
        "PM2,PP3_Strong",
        "PM1,PM2,PP3_Moderate",
        "PM1_VeryStrong,PM2",
        "PM1_VeryStrong,PM2",
        "PM2,PP3_Strong",
    ]
    assert [row["points"] for row in made] == [1 + 4, 1 + 2 + 2, 1 + 8, 1 + 8, 1 + 4]
    for row in made:
        for evidence in row["evidence"]:
            assert (evidence["points"] != 0) == (evidence["state"] == "met")
    assert made[3]["verdicts"]["PP3"]["state"] == "not_assessable"
    assert "hot spot" in made[0]["verdicts"]["PM1"]["text"] and "PP3" in made[0]["verdicts"]["PM1"]["text"]


OPEN_TEXT = "annotation.classification.gene_rules or dosage"


@pytest.mark.parametrize(
    ("row", "classification", "points"),
    [
        (CUT, "not_assessable", 1),
        (CUT | {"consequence": "frameshift"}, "not_assessable", 1),
        (CUT | {"nmd": None}, "not_assessable", 1),
        (CUT | {"nmd": "escapes", "protein_lost": 0.5}, "uncertain", 1),  # strong at most: 5
        (CUT | {"nmd": "escapes", "protein_lost": 0.05}, "uncertain", 1),
        ({"consequence": "start_lost"}, "uncertain", 1),
        ({"consequence": "frameshift&stop_retained"}, "uncertain", 1),
        ({"consequence": "synonymous"}, "uncertain", 1),
    ],
)
def test_what_an_unknown_mechanism_could_make_likely_pathogenic_has_no_class(
    judged, row, classification, points, compared
):
    made = judged(row, known=compared)[0]
    assert (made["classification"], made["points"]) == (classification, points)
    reason = made["classification_reason"]
    assert ("likely pathogenic" in reason) == (classification == "not_assessable")
    if classification == "not_assessable":
        assert "PVS1 is open" in reason and OPEN_TEXT in reason and "up to 9" in reason


def test_gene_rules_and_reviewers_close_an_open_pvs1(judged, annotated, rules, compared):
    assert (
        judged(CUT, known=compared, rules=rules(("G1", "PVS1", "no", None, None)))[0]["classification"] == "uncertain"
    )
    capped = rules(("G1", "PVS1", None, None, "strong"))
    assert judged(CUT, known=compared, rules=capped)[0]["classification"] == "uncertain"
    place = annotated(CUT).select("contig", "pos", "ref", "alt", "key")
    said = {"criterion": "PVS1", "strength": None, "source": "me", "text": None}
    expected = {"not_met": "uncertain", "met": "likely_pathogenic", "not_assessable": "not_assessable"}
    for state, classification in expected.items():
        verdict = said | {"state": state}
        review = place.with_columns(pl.lit(value, pl.String).alias(name) for name, value in verdict.items())
        assert judged(CUT, known=compared, review=review)[0]["classification"] == classification


def test_a_class_stands_that_an_open_pvs1_does_not_change(judged, found, annotated, compared):
    # Common for a disorder, 4 points for benign: likely benign if loss of function is harmless, uncertain if it is not.
    made = judged(CUT | found(0.02), known=compared)[0]
    assert (made["points"], made["classification"]) == (-4, "uncertain")
    assert "PVS1 is open" in made["classification_reason"]
    assert judged(CUT | found(0.06), known=compared)[0]["classification"] == "benign"
    place = annotated(CUT).select("contig", "pos", "ref", "alt", "key")
    said = {"criterion": "PS3", "state": "met", "strength": "very_strong", "source": "me", "text": None}
    review = place.with_columns(pl.lit(value, pl.String).alias(name) for name, value in said.items())
    assert judged(CUT, known=compared, review=review)[0]["classification"] == "likely_pathogenic"


def test_a_transcript_that_may_not_be_the_relevant_one_leaves_no_class(judged, rules, compared):
    made = judged(CUT | {"mane": None, "canonical": False}, known=compared, rules=rules(LOSS))[0]
    assert made["classification"] == "not_assessable" and "transcript" in made["classification_reason"]


def test_without_clinvar_a_change_that_ps1_could_make_likely_pathogenic_has_no_class(judged, without, compared):
    rows = [{"spliceai_score": 0.0, "revel_score": 0.8}, {"spliceai_score": 0.0, "revel_score": 0.5}]
    made = judged(*rows, abouts=without("clinvar"))
    assert [(row["points"], row["classification"]) for row in made] == [(3, "not_assessable"), (1, "uncertain")]
    assert "PS1 is open" in made[0]["classification_reason"] and "ClinVar" in made[0]["classification_reason"]
    compared = judged(*rows, known=compared)
    assert [row["classification"] for row in compared] == ["uncertain", "uncertain"]


def test_moderate_and_supporting_criteria_that_are_open_leave_the_class(judged, compared):
    # PM1, PP2 and PM4 lack their tables: the class is what is known, and they are listed as not assessed.
    made = judged({"spliceai_score": 0.0, "revel_score": 0.95}, known=compared)[0]
    assert (made["points"], made["classification"]) == (5, "uncertain")
    assert {"PM1", "PP2"} <= set(made["not_assessed"].split(","))


def test_splicing_leaves_ps1_open_only_where_there_is_a_change_to_compare_with(verdict, compared):
    assert verdict("PS1", {"spliceai_score": 0.5}, known=compared) == ("not_met", None)
    assert verdict("PM5", {"spliceai_score": 0.5}, known=compared) == ("not_met", None)
