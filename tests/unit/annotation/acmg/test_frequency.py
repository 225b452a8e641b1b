"""BA1, BS1, BS2, PM2: thresholds to the last digit, and nothing said where nobody looked."""

import polars as pl
import pytest

MET, NOT_MET, OPEN = "met", "not_met", "not_assessable"


@pytest.mark.parametrize(
    ("frequency", "ba1", "bs1"),
    [
        (0.0501, MET, NOT_MET),
        (0.05, NOT_MET, MET),
        (0.0101, NOT_MET, MET),
        (0.01, NOT_MET, NOT_MET),
        (0, NOT_MET, NOT_MET),
    ],
)
def test_frequencies_count_above_the_thresholds(verdict, frequency, ba1, bs1, found):
    row = found(0.2, filtering_af=frequency)
    assert verdict("BA1", row)[0] == ba1
    assert verdict("BS1", row)[0] == bs1


def test_a_frequency_is_the_filtering_one_where_there_is_one(verdict, found):
    assert verdict("BA1", found(0.2, filtering_af=0.001)) == (NOT_MET, None)
    assert verdict("BA1", found(0.2, filtering_af=None)) == (MET, "stand_alone")


@pytest.mark.parametrize("criterion", ["BA1", "BS1", "PM2"])
@pytest.mark.parametrize(
    "more",
    [{"filters": "AC0"}, {"filters": "PASS;AS_VQSR"}, {"an": 1999}, {"filtering_af": None, "af": None}],
)
def test_no_frequency_criterion_rests_on_what_is_not_known(verdict, found, criterion, more):
    row = found(0.2, **more) if "af" not in more else found(0.2, filtering_af=None) | {"gnomad_af": None}
    assert verdict(criterion, row) == (OPEN, None)
    assert verdict(criterion, {"gnomad_state": "not_covered"}) == (OPEN, None)


@pytest.mark.parametrize("criterion", ["BA1", "BS1", "PM2"])
def test_without_a_database_frequencies_are_open(verdict, criterion, without):
    assert verdict(criterion, {}, abouts=without("frequency")) == (OPEN, None)


def test_two_thousand_alleles_are_enough(verdict, found):
    assert verdict("BA1", found(0.2, an=2000))[0] == MET


def test_pm2_is_supporting_and_asks_for_absence_where_the_database_looked(verdict, found):
    assert verdict("PM2", {"gnomad_state": "absent"}) == (MET, "supporting")
    assert verdict("PM2", found(0.000001)) == (NOT_MET, None)
    assert verdict("PM2", found(0.0001), pm2=0.0001) == (MET, "supporting")
    assert verdict("PM2", found(0.00011), pm2=0.0001) == (NOT_MET, None)
    assert verdict("PM2", found(0.00001, filtering_af=0.002), pm2=0.0001) == (NOT_MET, None)


@pytest.mark.parametrize(("build", "pos"), [("GRCh38", 26_092_913), ("GRCh37", 26_093_141)], ids=["GRCh38", "GRCh37"])
def test_hfe_c282y_is_no_benign_variant_by_its_frequency(verdict, build, pos, found):
    row = {"contig": "6", "pos": pos, "ref": "G", "alt": "A", "gene": "HFE", **found(0.06)}
    for criterion in ("BA1", "BS1"):
        assert verdict(criterion, row, build=build) == (NOT_MET, None)
    assert verdict("BA1", row | {"alt": "C"}, build=build)[0] == MET
    assert verdict("BA1", row, build={"GRCh38": "GRCh37", "GRCh37": "GRCh38"}[build])[0] == MET


def test_the_exception_that_is_an_insertion_is_found(verdict, found):
    row = {"contig": "chr3", "pos": 128_879_647, "ref": "C", "alt": "CTAAG", "gene": "ACAD9", **found(0.06)}
    assert verdict("BA1", row) == (NOT_MET, None)


def test_a_frequent_variant_that_clinvar_calls_pathogenic_is_left_to_a_person(verdict, found):
    row = {"clinvar_state": "found", "clinvar_significance": "Pathogenic", "clinvar_stars": 1}
    for criterion, frequent in (("BA1", found(0.2)), ("BS1", found(0.02))):
        assert verdict(criterion, frequent | row)[0] == OPEN
        assert verdict(criterion, frequent | row | {"clinvar_significance": "Likely pathogenic"})[0] == OPEN
        assert verdict(criterion, frequent | row | {"clinvar_stars": 0})[0] == MET
        assert verdict(criterion, frequent | row | {"clinvar_stars": 3, "clinvar_significance": "Benign"})[0] == MET


def test_gene_rules_move_thresholds_and_switch_criteria_off(verdict, judged, found, rules):
    panel = rules(
        ("G1", "BA1", None, 0.001, None), ("G1", "BS1", "no", None, None), ("G2", "PM2", "yes", 0.001, "moderate")
    )
    assert verdict("BA1", found(0.0011), rules=panel)[0] == MET
    assert verdict("BA1", found(0.001), rules=panel)[0] == NOT_MET
    assert verdict("BA1", found(0.0011) | {"gene": "G2"}, rules=panel)[0] == NOT_MET
    assert verdict("BS1", found(0.02), rules=panel) == (NOT_MET, None)
    assert verdict("PM2", found(0.0009) | {"gene": "G2"}, rules=panel) == (MET, "moderate")
    said = judged(found(0.0011), rules=panel)[0]["verdicts"]["BA1"]
    assert said["threshold"] == "0.001" and "a panel" in said["source"] and "gnomAD 4.1" in said["source"]
    assert "filtering AF 0.0011" in said["value"]


def test_bs1_without_a_threshold_is_left_to_gene_rules(verdict, found, rules):
    assert verdict("BS1", found(0.02), bs1=None) == (OPEN, None)
    assert verdict("BS1", found(0.02), bs1=None, rules=rules(("G1", "BS1", None, 0.02, None))) == (NOT_MET, None)
    assert verdict("BS1", found(0.021), bs1=None, rules=rules(("G1", "BS1", None, 0.02, None))) == (MET, "strong")


def test_healthy_homozygotes_count_where_a_rule_says_how_many(verdict, found, rules):
    panel = rules(("G1", "BS2", "yes", 3, None))
    assert verdict("BS2", found(0.001, homozygotes=5))[0] == OPEN
    assert verdict("BS2", found(0.001, homozygotes=3), rules=panel) == (MET, "strong")
    assert verdict("BS2", found(0.001, homozygotes=2), rules=panel) == (NOT_MET, None)
    assert verdict("BS2", found(0.001), rules=panel)[0] == OPEN


@pytest.mark.parametrize(
    ("build", "contig", "pos", "expected"),
    [
        ("GRCh38", "chr1", 1000, NOT_MET),
        ("GRCh38", "chrX", 50_000_000, MET),
        ("GRCh38", "X", 2_781_479, NOT_MET),
        ("GRCh38", "X", 2_781_480, MET),
        ("GRCh37", "X", 2_699_520, NOT_MET),
        ("GRCh37", "X", 2_781_479, MET),
        ("GRCh38", "chrX", 155_701_383, NOT_MET),
        ("GRCh38", "chrY", 7_000_000, MET),
        ("GRCh38", "chrY", 57_000_000, NOT_MET),
    ],
)
def test_xy_people_count_where_they_have_one_copy(judged, found, rules, build, contig, pos, expected):
    # gnomAD's AC_XY counts the alleles of XY people everywhere; on autosomes nearly all of these are heterozygous.
    panel = rules(("G1", "BS2", "yes", 3, None))
    row = found(0.001, homozygotes=1, hemizygotes=2) | {"contig": contig, "pos": pos}
    said = judged(row, build=build, rules=panel)[0]["verdicts"]["BS2"]
    assert said["state"] == expected
    assert said["value"] == ("1 homozygous, 2 hemizygous" if expected == MET else "1 homozygous")


def test_xy_people_who_are_not_counted_leave_bs2_open_on_chrx(verdict, found, rules):
    panel = rules(("G1", "BS2", "yes", 3, None))
    on_x = {"contig": "chrX", "pos": 50_000_000}
    assert verdict("BS2", found(0.001, homozygotes=2) | on_x, rules=panel)[0] == OPEN
    assert verdict("BS2", found(0.001, homozygotes=3) | on_x, rules=panel)[0] == MET
    assert verdict("BS2", found(0.001, homozygotes=2, hemizygotes=0) | on_x, rules=panel)[0] == NOT_MET


@pytest.mark.parametrize("filters", ["PASS", "AC0"])
def test_no_carrier_of_good_quality_among_enough_people_is_absence(judged, found, filters):
    # gnomAD lists what it called; AC0 says that no genotype was left once those of low quality were taken away.
    said = judged(found(0.0, ac=0, filters=filters))[0]["verdicts"]
    assert (said["PM2"]["state"], said["PM2"]["strength"]) == (MET, "supporting")
    assert said["BA1"]["state"] == said["BS1"]["state"] == NOT_MET


@pytest.mark.parametrize(
    "more", [{"an": 1999}, {"an": 0}, {"an": None}, {"filters": "AC0;AS_VQSR"}, {"filters": "AS_VQSR"}]
)
def test_no_carrier_among_few_people_or_at_a_doubtful_site_is_no_absence(verdict, found, more):
    assert verdict("PM2", found(0.0, ac=0, filters="AC0") | {f"gnomad_{k}": v for k, v in more.items()})[0] == OPEN
    assert verdict("PM2", found(0.00001, ac=1, filters="AC0"))[0] == OPEN


def test_ba1_of_less_than_stand_alone_does_not_stand_alone(judged, found, rules, compared):
    made = judged(found(0.06), rules=rules(("G1", "BA1", None, None, "strong")), known=compared)[0]
    assert (made["points"], made["classification"]) == (-4, "likely_benign")
    assert "stands alone" not in made["classification_reason"]
    assert judged(found(0.06))[0]["classification"] == "benign"


def test_real_gnomad_rows_are_judged_by_their_own_numbers(judged, shared, found):
    import pysam

    path = shared / "real/anno/gnomad/gnomad_v4.0_exomes_PCSK9_chr1.vcf.bgz"
    rows, expected = [], []
    for record in pysam.VariantFile(str(path)):
        info, filters = record.info, ";".join(record.filter.keys())
        faf = info.get("fafmax_faf95_max", (None,))[0]
        row = found(info["AF"][0], filtering_af=faf, an=info["AN"], ac=info["AC"][0], filters=filters)
        rows.append(row | {"ref": record.ref, "alt": record.alts[0], "pos": record.pos})
        rare = info["AF"][0] <= 0.0001 and (faf or 0) <= 0.0001
        unseen = filters == "AC0" and info["AC"][0] == 0 and info["AN"] >= 2000
        expected.append(MET if unseen else OPEN if filters != "PASS" else MET if rare else NOT_MET)
    said = [row["verdicts"]["PM2"]["state"] for row in judged(*rows, pm2=0.0001)]
    assert said == expected and {*said} == {MET, NOT_MET, OPEN}


def test_frequency_criteria_speak_of_the_value(judged, found):
    values = {row["verdicts"]["PM2"]["value"] for row in judged({}, found(0.25), {"gnomad_state": "not_covered"})}
    assert values == {"absent", "not_covered", "filtering AF 0.25; AF 0.25; AC 25000; AN 100000; FILTER PASS"}
    assert pl.DataFrame(judged({}))["frequency_state"].to_list() == ["absent"]
