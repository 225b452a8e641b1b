"""What is said where the diplotype is not certain: all that fit, their phenotypes, and what was not read."""

import pytest


def test_equally_good_diplotypes_of_one_phenotype_make_it_certain(call):
    # SLCO1B1 *5/*31 and *9/*15 have the same bases at every position; all four have no function.
    given = {"rs4149056": "0/1", "rs59502379": "0/1", "rs2306283": "0/1"}
    found = call("SLCO1B1", given)
    assert found["state"] == "multiple" and len(found["diplotype"].split(" OR ")) > 1
    assert found["phenotype"] == "Poor Function" and found["phenotype_certain"]
    assert "All of them give Poor Function: the phenotype is certain, the diplotype is not." in found["reason"]


def test_equally_good_readings_with_two_phenotypes_are_both_told(call):
    # In two phase sets it is open whether the two variants lie on one chromosome.
    given = {"rs3918290": "0|1:7", "rs67376798": "0|1:8"}
    found = call("DPYD", given, rest="0/0:.", formats="GT:PS")
    assert found["state"] == "multiple"
    assert set(found["diplotype"].split(" OR ")) == {
        "c.1905+1G>A (*2A)/c.2846A>T",
        "Reference/[c.1905+1G>A (*2A) + c.2846A>T]",
    }
    assert found["phenotype"] == "Poor Metabolizer", "the gravest, which is the cautious reading"
    assert not found["phenotype_certain"]
    assert "Intermediate Metabolizer with Reference/[c.1905+1G>A (*2A) + c.2846A>T]" in found["reason"]
    assert "Poor Metabolizer with c.1905+1G>A (*2A)/c.2846A>T" in found["reason"]


def test_unphased_variants_could_lie_on_one_chromosome(call):
    found = call("DPYD", {"rs3918290": "0/1", "rs67376798": "0/1"})
    assert (found["state"], found["phenotype"]) == ("called", "Poor Metabolizer")
    assert not found["phenotype_certain"]
    assert "on one chromosome the phenotype would be Intermediate Metabolizer" in found["reason"]
    twice = call("DPYD", {"rs3918290": "1/1", "rs67376798": "0/1"})
    assert twice["phenotype_certain"] and "would be" not in twice["reason"]


@pytest.mark.parametrize(
    ("gene", "rsid", "given", "hides"),
    [
        ("CYP2C19", "rs3758581", {}, "rs3758581 could hide *1."),
        ("CYP3A5", "rs776746", {}, "rs776746 could hide *3."),
        ("VKORC1", "rs9923231", {}, None),
    ],
)
def test_the_reason_names_what_an_unread_position_could_hide(call, gene, rsid, given, hides):
    found = call(gene, {rsid: "./.", **given})
    assert found["state"] == "not_assessable"
    assert (f"Not read: {hides}" in found["reason"]) if hides else ("only position" in found["reason"])


def test_a_phenotype_that_every_possibility_shares_is_certain(call):
    # CYP2C19 *1 and *38 both have normal function: which of them does not matter.
    found = call("CYP2C19", {"rs3758581": "./."})
    assert (found["state"], found["phenotype"]) == ("not_assessable", "Normal Metabolizer")
    assert found["phenotype_certain"]
    assert "Every possibility gives Normal Metabolizer" in found["reason"]


def test_a_phenotype_that_an_unread_position_could_change_is_not_certain(call):
    found = call("CYP2C19", {"rs3758581": "1/1", "rs12248560": "./."})
    assert found["state"] == "not_assessable" and not found["phenotype_certain"]
    assert "rs12248560 could hide *17" in found["reason"] and "The phenotype is not certain" in found["reason"]


def test_a_needed_position_gives_no_result_but_tells_a_phenotype_that_all_share(call):
    found = call("NAT2", {"rs1801280": "1/1", "rs1208": "./."})
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("not_assessable", None, None)
    assert found["phenotype_certain"] and "Every possibility gives Poor Metabolizer" in found["reason"]
    found = call("NAT2", {"rs1801280": "./."})
    assert not found["phenotype_certain"] and "The phenotype is not certain" in found["reason"]


def test_a_position_that_hides_nothing_is_not_named_as_hiding(call):
    given = {"rs3758581": "1/1", "rs12769205": "0/1", "rs4244285": "0/1", "rs4986893": "0/1", "rs17884712": "./."}
    found = call("CYP2C19", given)
    assert found["state"] == "called" and "could hide" not in found["reason"]


def test_no_call_tells_what_the_unread_positions_could_hide(call):
    found = call("CYP2C9", {"rs1799853": [("C", "G", "0/1")], "rs1057910": "./."})
    assert found["state"] == "no_call" and "rs1057910 could hide *3" in found["reason"]


def test_copy_number_leaves_the_phenotype_open(call):
    for given in ({}, {"rs3892097": "./."}):
        found = call("CYP2D6", given)
        assert not found["phenotype_certain"] and "phenotype is certain" not in found["reason"]
