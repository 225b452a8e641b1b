"""Planted genotypes come out by the rule of their gene."""

import polars as pl
import pytest

from permed.findings.genotypes import NO_SEX, ONE_IN_XX, ONE_OF_TWO

STATES = ("found", "found", "absent", "not_assessable")  # of A, B, C and D


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


@pytest.mark.parametrize(
    ("gene", "consequence", "mane", "expected"),
    [
        ("DOM", "missense", "select", "not_assessable"),
        ("DOM", "*stop_gained&inframe_deletion", "select", "not_assessable"),
        ("DOM", "synonymous&intron", "select", "absent"),
        ("DOM", "missense", None, "absent"),
        ("CUT", "missense", "select", "absent"),
    ],
)
def test_a_variant_classified_for_another_gene_leaves_the_gene_that_it_changes_open(
    run, tmp_path, gene, consequence, mane, expected
):
    """Two genes lie at one place; the class is of ELSE, which is on no list."""
    made = run.planted([["0/1", "0/0"]], [run.variant(110, "ELSE")])
    rows = {"contig": "chr1", "pos": 110, "ref": "C", "alt": "T", "canonical": False}
    told = [{"gene": gene, "consequence": consequence, "mane": mane}, {"gene": "ELSE", "mane": "select"}]
    frame = pl.DataFrame([rows | {"consequence": "stop_gained"} | own for own in told], infer_schema_length=None)
    frame.write_parquet(tmp_path / "touched.parquet")
    made.find(touched=[tmp_path / "touched.parquet"])
    assert made.states()["P1", "DOM"] == expected
    assert made.states()["P2", "DOM"] == "absent"
    assert made.findings.is_empty()


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
        "cis throughout": (run.cell("0|1"), run.cell("0|1")),
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
        ("cis_throughout", "REC"): "possible",
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
    made = run.planted([["1/1", "0/1", "0/0", "1"], ["0/0", "0/1", "1/1", "0/0"]], variants).find()
    assert made.answers() == {("P1", "NAMED"): "yes", ("P4", "NAMED"): "yes"}
    assert dict(made.findings.select("sample", "confirm_reason").iter_rows()) == {"P1": None, "P4": ONE_OF_TWO}


def test_a_recessive_form_is_not_claimed_of_one_copy(run):
    made = run.planted([["0/1", "1/1"]], [run.variant(910, "MIX")]).find()
    conditions = dict(made.findings.select("sample", "condition").iter_rows())
    assert conditions == {"P1": "dominant form", "P2": "dominant form; recessive form"}
    assert "recessive form" in made.findings.filter(sample="P1")["reason"][0]


def test_a_recessive_form_is_not_excluded_where_two_copies_may_be_affected(run):
    made = run.planted([["0/1"], ["0/1"]], [run.variant(910, "MIX"), run.variant(920, "MIX")]).find()
    assert set(made.findings["condition"]) == {"dominant form"}
    assert "if they lie on different copies" in made.findings["reason"][0]


def test_one_copy_of_chrx_is_hemizygous_by_ploidy_or_by_sex(run):
    people = [{"sample": "A", "sex": "XY"}, {"sample": "B", "sex": "XY"}, {"sample": "C"}, {"sample": "D", "sex": "XY"}]
    v = run.variant(50_000_110, "DOM")
    rows = [(v["pos"], "C", "T", run.cell("1"), run.cell("1/1"), run.cell("0/1"), run.cell("0/1"))]
    text = "gene condition inheritance reportable_when\nDOM a_condition XL hemizygous_or_biallelic"
    run.write(rows, [v], [("DOM", 50_000_101, 50_000_200)], people=people, contig="chrX", length=156040895)
    made = run.list("secondary", text).find()
    assert made.answers() == {("A", "DOM"): "yes", ("B", "DOM"): "yes", ("D", "DOM"): "possible"}
    assert set(made.findings.filter(pl.col("sample") != "D")["zygosity"]) == {"hemizygous"}
    assert made.states() == {(name, "DOM"): state for name, state in zip("ABCD", STATES, strict=True)}
    assert "person with XY has one copy" in made.findings.filter(sample="D")["reason"][0]


def test_one_allele_where_two_are_expected_is_marked(run):
    """Of C one copy was read on chrX, of E the sex is not known; F has an allele of one copy by sex."""
    people = [{"sample": name, "sex": sex} for name, sex in (("C", "XX"), ("E", "NA"), ("F", "XY"), ("G", "XX"))]
    v = run.variant(50_000_110, "DOM")
    rows = [(v["pos"], "C", "T", run.cell("1"), run.cell("1/1"), run.cell("1"), run.cell("1/1"))]
    text = "gene condition inheritance reportable_when\nDOM a_condition XL hemizygous_or_biallelic"
    run.write(rows, [v], [("DOM", 50_000_101, 50_000_200)], people=people, contig="chrX", length=156040895)
    made = run.list("secondary", text).find()
    doubts = dict(made.findings.select("sample", "confirm_reason").iter_rows())
    assert doubts == {"C": ONE_IN_XX, "E": NO_SEX, "F": None, "G": None}
    made = run.planted([["1", "1/1"]], [run.variant(110, "DOM")]).find()
    assert dict(made.findings.select("sample", "confirm_reason").iter_rows()) == {"P1": ONE_OF_TWO, "P2": None}


def test_a_carrier_with_one_chrx_is_not_told_of_two(run):
    people = [{"sample": "A", "sex": "XY"}, {"sample": "B"}]
    v = run.variant(50_000_110, "DOM")
    rows = [(v["pos"], "C", "T", run.cell("0/1"), run.cell("0/1"))]
    run.write(rows, [v], [("DOM", 50_000_101, 50_000_200)], people=people, contig="chrX", length=156040895)
    made = run.list("carriers", "gene condition inheritance\nDOM a_condition XL").find()
    assert made.answers("carriers") == {("A", "DOM"): "possible", ("B", "DOM"): "yes"}
    reasons = dict(made.findings.select("sample", "reason").iter_rows())
    assert "not clear" in reasons["A"] and reasons["B"] == "carrier: one of two copies of the gene carries the variant"


def test_mitochondrial_genomes_have_no_two_copies(run):
    v = run.variant(3243, "MT")
    cells = ["1/1:99:30:0,30:.", "0/1:99:30:27,3:.", "1:99:30:0,30:.", "0/0:99:30:30,0:."]
    run.write(
        [(v["pos"], "C", "T", *cells)],
        [v],
        [("MT", 3201, 3300)],
        people=[{"sample": f"P{n}", "phenotypes": "HP:0000001"} for n in range(1, 5)],
        contig="chrM",
        length=16569,
    )
    table = "gene_symbol hpo_id hpo_name\nMT HP:0000001 Seizure\nMT HP:0000002 Mitochondrial_inheritance"
    made = run.list("phenotypes", table).find()
    told = {row["sample"]: row for row in made.findings.iter_rows(named=True)}
    assert {name: (row["zygosity"], row["reportable"]) for name, row in told.items()} == {
        "P1": ("homoplasmic", "yes"),
        "P2": ("heteroplasmic", "possible"),
        "P3": ("homoplasmic", "yes"),
    }
    assert not any("two copies" in row["reason"] or "both copies" in row["reason"] for row in told.values())
    assert not any(row["confirm"] for row in told.values())


def test_a_variant_beside_a_homozygous_one_is_not_said_to_lie_on_both_copies(run):
    made = run.planted([["1/1"], ["0/1"]], [run.variant(310, "REC"), run.variant(320, "REC")]).find()
    reasons = dict(made.findings.select("pos", "reason").iter_rows())
    assert reasons[310] == "both copies of the gene carry the variant"
    assert reasons[320].startswith("both copies of the gene carry another of these variants")


def test_two_bases_at_one_position_lie_on_different_copies(run):
    variants = [run.variant(310, "REC"), run.variant(310, "REC") | {"alt": "G"}]
    made = run.planted([["0/1"], ["0/1"]], variants).find()
    assert made.answers() == {("P1", "REC"): "yes"}
    longer = [run.variant(310, "REC"), run.variant(310, "REC") | {"alt": "CG"}]
    assert run.planted([["0/1"], ["0/1"]], longer).find().answers() == {("P1", "REC"): "possible"}


def test_poor_genotypes_are_marked_for_confirmation(run):
    cells = ["0/1:12:30:15,15:.", "0/1:99:6:3,3:.", "0/1:99:30:26,4:.", "1/1:99:30:10,20:.", "0/1:99:30:15,15:.", "0/1"]
    cells[-1] = "0/1:.:.:.:."
    made = run.planted([cells], [run.variant(110, "DOM")]).find()
    marked = dict(made.findings.select("sample", "confirm").iter_rows())
    assert marked == {"P1": True, "P2": True, "P3": True, "P4": True, "P5": False, "P6": True}
    assert made.findings.filter(sample="P1")["confirm_reason"].to_list() == ["genotype quality 12, below 20"]


def test_reads_by_allele_are_a_depth_where_the_file_has_no_other(run):
    made = run.planted([["0/1:99:.:3,3:.", "0/1:.:.:15,15:."]], [run.variant(110, "DOM")]).find()
    told = dict(made.findings.select("sample", "confirm_reason").iter_rows())
    assert told == {"P1": "6 reads, fewer than 10", "P2": None}


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
