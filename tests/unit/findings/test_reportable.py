"""Planted genotypes come out by the rule of their gene."""

import polars as pl
import pytest


def test_one_copy_is_enough_where_the_rule_says_any(run):
    made = run.planted([["0/1", "1/1", "0/0"]], [run.variant(110, "DOM")]).find()
    assert made.answers() == {("P1", "DOM"): "yes", ("P2", "DOM"): "yes"}
    assert dict(made.findings.select("sample", "zygosity").iter_rows()) == {"P1": "heterozygous", "P2": "homozygous"}
    assert made.states()["P3", "DOM"] == "absent"
    assert (
        made.findings.columns[:12]
        == (
            "sample gene hgvs_c hgvs_p zygosity classification points criteria condition inheritance reportable reason"
        ).split()
    )


@pytest.mark.parametrize("classification", ["uncertain", "likely_benign", "benign"])
def test_other_classes_are_not_reported(run, classification):
    made = run.planted([["0/1"]], [run.variant(110, "DOM", classification)]).find()
    assert made.findings.is_empty()
    assert made.states()["P1", "DOM"] == "absent"


def test_a_variant_without_a_class_leaves_the_gene_open(run):
    made = run.planted([["0/1", "0/0"]], [run.variant(110, "DOM", "not_assessable")]).find()
    assert made.findings.is_empty()
    assert (made.states()["P1", "DOM"], made.states()["P2", "DOM"]) == ("not_assessable", "absent")


def test_two_copies_are_needed_where_the_rule_says_so(run):
    variants = [run.variant(310, "REC"), run.variant(320, "REC", "likely_pathogenic")]
    people = {
        "one copy": ("0/1", "0/0"),
        "homozygous": ("1/1", "0/0"),
        "trans": (run.cell("0|1", 5), run.cell("1|0", 5)),
        "cis": (run.cell("0|1", 5), run.cell("0|1", 5)),
        "other phase sets": (run.cell("0|1", 5), run.cell("1|0", 6)),
        "unphased": ("0/1", "0/1"),
        "half phased": (run.cell("0|1"), "0/1"),
        "phased throughout": (run.cell("0|1"), run.cell("1|0")),
    }
    names = [{"sample": name.replace(" ", "_")} for name in people]
    made = run.planted([list(line) for line in zip(*people.values(), strict=True)], variants, people=names).find()
    expected = {
        ("homozygous", "REC"): "yes",
        ("trans", "REC"): "yes",
        ("phased_throughout", "REC"): "yes",
        ("other_phase_sets", "REC"): "possible",
        ("unphased", "REC"): "possible",
        ("half_phased", "REC"): "possible",
    }
    assert made.answers() == expected
    states = made.states()
    assert states["one_copy", "REC"] == states["cis", "REC"] == "absent"
    assert states["unphased", "REC"] == "not_assessable"
    assert states["trans", "REC"] == "found"


def test_absence_by_a_rule_does_not_tell_carriers_from_others(run):
    made = run.planted([["0/1", "0/0"]], [run.variant(310, "REC")]).find()
    reasons = made.genes.filter(list="secondary", gene="REC")["reason"].to_list()
    assert reasons[0] == reasons[1]
    assert "pathogenic" not in reasons[0]


def test_only_truncating_variants_count_where_the_rule_says_so(run):
    consequences = ["missense", "frameshift", "*stop_gained&inframe_deletion", "frameshift&stop_retained"]
    consequences += ["stop_lost&frameshift"]
    variants = [run.variant(510 + n, "CUT", consequence=text) for n, text in enumerate(consequences)]
    made = run.planted([["0/1" if n == p else "0/0" for p in range(5)] for n in range(5)], variants).find()
    assert made.answers() == {("P2", "CUT"): "yes", ("P3", "CUT"): "yes"}


def test_a_named_change_counts_on_both_copies_alone_and_whatever_its_class(run):
    variants = [
        run.variant(710, "NAMED", "uncertain", hgvs_p="NP_1.1:p.(Cys282Tyr)"),
        run.variant(720, "NAMED", hgvs_p="NP_1.1:p.(His63Asp)"),
    ]
    made = run.planted([["1/1", "0/1", "0/0"], ["0/0", "0/1", "1/1"]], variants).find()
    assert made.answers() == {("P1", "NAMED"): "yes"}


def test_a_recessive_form_is_not_claimed_of_one_copy(run):
    made = run.planted([["0/1", "1/1"]], [run.variant(910, "MIX")]).find()
    conditions = dict(made.findings.select("sample", "condition").iter_rows())
    assert conditions == {"P1": "dominant form", "P2": "dominant form; recessive form"}
    assert "recessive form" in made.findings.filter(sample="P1")["reason"][0]


def test_one_copy_of_chrx_is_hemizygous_by_ploidy_or_by_sex(run):
    people = [{"sample": "A", "sex": "XY"}, {"sample": "B", "sex": "XY"}, {"sample": "C"}, {"sample": "D", "sex": "XY"}]
    v = run.variant(50_000_110, "DOM")
    rows = [(v["pos"], "C", "T", run.cell("1"), run.cell("1/1"), run.cell("0/1"), run.cell("0/1"))]
    text = "gene condition inheritance reportable_when\nDOM a_condition XL hemizygous_or_biallelic"
    run.write(rows, [v], [("DOM", 50_000_101, 50_000_200)], people=people, contig="chrX", length=156040895)
    made = run.list("secondary", text).find()
    assert made.answers() == {("A", "DOM"): "yes", ("B", "DOM"): "yes"}
    assert set(made.findings["zygosity"]) == {"hemizygous"}


def test_poor_genotypes_are_marked_for_confirmation(run):
    cells = ["0/1:12:30:15,15:.", "0/1:99:6:3,3:.", "0/1:99:30:26,4:.", "1/1:99:30:10,20:.", "0/1:99:30:15,15:.", "0/1"]
    cells[-1] = "0/1:.:.:.:."
    made = run.planted([cells], [run.variant(110, "DOM")]).find()
    marked = dict(made.findings.select("sample", "confirm").iter_rows())
    assert marked == {"P1": True, "P2": True, "P3": True, "P4": True, "P5": False, "P6": True}
    assert made.findings.filter(sample="P1")["confirm_reason"].to_list() == ["genotype quality 12, below 20"]


def test_people_who_failed_get_the_reason_and_nothing_else(run):
    made = run.planted([["0/1", "0/1"]], [run.variant(110, "DOM")], withheld={"P1": "Withheld: call rate"}).find()
    assert set(made.findings["sample"]) == {"P2"}
    own = made.genes.filter(sample="P1")
    assert set(own["state"]) == {"not_assessable"}
    assert set(own["reason"]) == {"Withheld: call rate"}
    assert own["share"].null_count() == len(own)


def test_only_people_who_agreed_are_told_of(run):
    consent = {"findings": ["P2"], "carriers": []}
    made = run.planted([["0/1", "0/1"]], [run.variant(110, "DOM")], consent=consent).find()
    assert set(made.findings["sample"]) == set(made.genes["sample"]) == {"P2"}


def test_the_shipped_list_is_the_published_one(root, shared):
    ours = pl.read_csv(root / "resources/findings/secondary_findings.tsv", separator="\t", infer_schema=False)
    published = pl.read_csv(shared / "real/anno/acmg_sf/acmg_sf_v3.3.tsv", separator="\t", infer_schema=False)
    same = [name for name in published.columns if name != "reportable_when"]
    assert ours.select(same).equals(published.select(same))
    changed = ours.with_columns(theirs=published["reportable_when"]).filter(
        pl.col("reportable_when") != pl.col("theirs")
    )
    assert changed.select("gene", "theirs", "only_hgvs_p").rows() == [("HFE", "HFE_C282Y_homozygous", "p.Cys282Tyr")]
    assert ours["gene"].n_unique() == 84
