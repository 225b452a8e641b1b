"""The quality section: each flag with its metric, and a reason for each metric that is not there."""

import pytest

from permed.reports.quality import limit, plain, quality_result, shown

ROW = {
    "status": "pass",
    "reasons": "",
    "call_rate": 0.99,
    "het_rate": 0.2,
    "inbreeding": -0.01,
    "ti_tv": 2.1,
    "sex_reported": "XY",
    "sex_inferred": "XY",
    "contamination": None,
    "population": None,
    "n_sites": 1000,
    "not_assessable": "contamination: not measured in this version; population: not measured in this version",
}
SEX = "sex_inferred XX is not sex_reported XY (x_inbreeding 0.012; below 0.2 is XX, above 0.8 is XY)"


def metric(row: dict, name: str) -> dict:
    return next(m for m in quality_result(ROW | row, {})["metrics"] if m["metric"] == name)


def test_reasons_are_parted_outside_parentheses():
    answer = quality_result(ROW | {"status": "fail", "reasons": f"call_rate 0.91 is below 0.95; {SEX}"}, {})
    assert answer["reasons"] == ["call_rate 0.91 is below 0.95", SEX]
    assert answer["result"] == "found"


def test_reasons_may_be_a_list():
    assert quality_result(ROW | {"status": "warn", "reasons": ["ti_tv 5 is high"]}, {})["reasons"] == [
        "ti_tv 5 is high"
    ]


def test_flagged_metric_is_found_and_others_absent():
    row = {"status": "fail", "reasons": "call_rate 0.91 is below 0.95"}
    assert metric(row, "call_rate")["result"] == "found"
    assert metric(row, "call_rate")["reason"] == "call_rate 0.91 is below 0.95"
    assert metric(row, "ti_tv")["result"] == "absent"


def test_metric_that_is_not_there_is_not_assessable_with_its_own_reason():
    few = "contamination: none; Ti/Tv: 3 substitutions carried, 100 are needed; sex: 2 genotypes; below 0.2 is XX"
    assert (
        metric({"ti_tv": None, "not_assessable": few}, "ti_tv")["reason"] == "3 substitutions carried, 100 are needed"
    )
    whole = "call rate and all below: 4 autosomal sites, 100 are needed"
    assert (
        metric({"het_rate": None, "not_assessable": whole}, "het_rate")["reason"] == "4 autosomal sites, 100 are needed"
    )
    assert metric({}, "contamination")["reason"] == "not measured in this version"


def test_metric_that_was_measured_and_not_compared_says_why():
    found = metric({"not_assessable": "Ti/Tv: the sites of an array are chosen; population: none"}, "ti_tv")
    assert (found["result"], found["shown"], found["limit"]) == ("not_assessable", "2.10", None)
    assert found["reason"] == "the sites of an array are chosen"
    assert metric({"het_hom_alt": 1.234}, "het_hom_alt")["shown"] == "1.23"
    with pytest.raises(StopIteration):
        metric({"mean_depth": None}, "mean_depth")


def test_a_flag_is_that_of_the_metric_it_names():
    row = {"status": "warn", "reasons": "mean_depth 8 is below 15", "mean_depth": 8.0}
    limits = {"min_mean_depth": 15, "warn_contamination": 0.02, "fail_contamination": 0.05}
    metrics = {m["metric"]: m for m in quality_result(ROW | row, limits)["metrics"]}
    assert metrics["mean_depth"]["result"] == "found"
    assert metrics["mean_depth"]["limit"] == "at least 15"
    assert metrics["contamination"]["limit"] == "up to 2\N{NO-BREAK SPACE}%; fails above 5\N{NO-BREAK SPACE}%"


def test_sample_of_which_nothing_was_measured_has_not_passed():
    assert quality_result(ROW | {"call_rate": None}, {})["result"] == "not_assessable"
    assert quality_result(None, {})["result"] == "not_assessable"


@pytest.mark.parametrize(
    ("reported", "inferred", "answer"),
    [
        ("XX", "XX", "absent"),
        ("XX", "XY", "found"),
        ("XX", "NA", "not_assessable"),
        ("NA", "XY", "not_assessable"),
        ("NA", "XXY", "found"),
        ("XY", "XXY", "found"),
        ("XY", "X0", "found"),
        (None, None, "not_assessable"),
    ],
)
def test_sex(reported, inferred, answer):
    sex = quality_result(ROW | {"sex_reported": reported, "sex_inferred": inferred}, {})["sex"]
    assert sex["result"] == answer
    assert (sex["reason"] is None) == (answer == "absent")


def test_numbers_carry_units_and_true_minus_signs():
    assert shown("call_rate", 0.98765) == "98.77\N{NO-BREAK SPACE}%"
    assert shown("inbreeding", -0.01) == "\N{MINUS SIGN}0.0100"
    assert shown("ti_tv", None) is None


def test_limits_and_reasons_in_words():
    assert limit("call_rate", {"warn_call_rate": 0.98, "fail_call_rate": 0.95}).startswith("at least 98")
    assert limit("call_rate", {}) is None
    assert plain(SEX).startswith("Genetic sex XX is not the recorded XY (inbreeding on chrX 0.012;")


DEPTHS = {
    "contamination_method": "allele_depths",
    "contamination_low": 0.006,
    "contamination_high": 0.013,
    "contamination_reason": "1431 homozygous ALT genotypes of 10 to 100 reads",
    "not_assessable": "genotype quality: the file has no GQ; chrY depth: 0 genotypes, 10 are needed",
}


def more(name: str, row: dict, **tables) -> dict:
    return next(m for m in quality_result(ROW | row, {}, **tables)["metrics"] if m["metric"] == name)


def test_contamination_with_its_interval_and_method():
    found = more("contamination", {"contamination": 0.0097, "not_assessable": ""}, depths=DEPTHS)
    assert (found["result"], found["interval"], found["method"]) == ("absent", [0.006, 0.013], "allele_depths")
    space = "\N{NO-BREAK SPACE}"
    assert found["detail"].startswith(f"95{space}% interval 0.60{space}% to 1.30{space}%; from a mixture fitted")
    assert "reads by allele in the genotype files; 1431 homozygous ALT genotypes" in found["detail"]
    balance = DEPTHS | {"contamination_method": "allele_balance", "contamination_low": None}
    found = more("contamination", {"not_assessable": "contamination: too few; none given"}, depths=balance)
    assert (found["result"], found["interval"], found["reason"]) == ("not_assessable", None, "too few; none given")
    assert "allele balance" in found["detail"]


def test_depth_and_genotype_quality_say_why_they_are_not_there():
    found = more("mean_gq", {"mean_gq": None, "not_assessable": "mean_gq: not in the input"}, depths=DEPTHS)
    assert (found["result"], found["reason"]) == ("not_assessable", "the file has no GQ")
    assert more("mean_depth", {"mean_depth": 29.95}, depths=DEPTHS)["shown"] == "29.9"


def test_similarity_is_never_said_to_be_what_somebody_is():
    chances = [{"population": "AFR", "probability": 0.82}, {"population": "EUR", "probability": 0.18}]
    ancestry = {"state": "found", "population": "AFR", "probability": 0.82, "probabilities": chances}
    ancestry |= {"reason": "most similar to AFR, also similar to EUR (0.18)", "n_sites": 900}
    found = more("population", {"population": "AFR", "not_assessable": ""}, ancestry=ancestry)
    assert found["shown"] == "most similar to AFR"
    assert (
        found["detail"].startswith("probability 0.82 among the populations of the panel") and "EUR" in found["detail"]
    )
    assert quality_result(ROW, {}, ancestry=ancestry)["ancestry"] == {"result": "found"} | {
        name: value for name, value in ancestry.items() if name != "state"
    }

    outside = {"state": "absent", "population": "outside the panel", "probability": None, "probabilities": None}
    outside |= {"reason": "further from every population", "n_sites": 900}
    found = more("population", {"population": "outside the panel", "not_assessable": ""}, ancestry=outside)
    assert (found["shown"], found["detail"]) == ("outside the panel", "further from every population")

    unknown = {"population": None, "not_assessable": "population: 40 of the panel's sites, 300 are needed"}
    found = more("population", unknown, ancestry=outside | {"state": "not_assessable", "population": None})
    assert (found["result"], found["shown"], found["detail"]) == ("not_assessable", None, None)
    assert found["reason"] == "40 of the panel's sites, 300 are needed"


def test_the_share_of_believed_genotypes_says_what_took_the_others_out():
    row = {
        "status": "warn",
        "reasons": "believed_rate_definitions 0.8123 is below 0.9 (low_quality 1200, no_reads 3)",
        "believed_rate": 0.95,
        "doubts": None,
        "believed_rate_definitions": 0.8123,
        "doubts_definitions": "low_quality 1200; no_reads 3",
    }
    answer = quality_result(ROW | row, {"warn_believed_rate": 0.9})
    shares = {m["metric"]: m for m in answer["metrics"] if m["metric"].startswith("believed")}
    assert set(shares) == {"believed_rate", "believed_rate_definitions"}, "what was not measured is not shown"
    whole, own = shares.values()
    assert (whole["result"], whole["shown"], whole["detail"]) == (
        "absent",
        "95.00\N{NO-BREAK SPACE}%",
        "nothing was taken out",
    )
    assert own["result"] == "found"
    assert own["limit"] == "at least 90\N{NO-BREAK SPACE}%"
    assert own["detail"] == "not believed: 1,200 for a low genotype quality, 3 for no reads"
    assert plain(answer["reasons"][0]) == (
        "Share of believed genotypes at positions of pharmacogenes 0.8123 is below 0.9 "
        "(a low genotype quality 1200, no reads 3)"
    )
