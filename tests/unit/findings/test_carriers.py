"""Carriers, couples, genes of phenotypes and what was looked at."""

import polars as pl
import pytest

from permed.errors import Fault
from permed.findings.carriers import NOT_ONE_IN_FOUR, ONE_IN_FOUR
from permed.findings.checks import check_findings
from permed.findings.genes import gene_states
from permed.findings.lists import read_carriers, read_secondary

CARRIERS = """
gene condition inheritance
REC recessive_condition AR
DOM linked_condition XL
"""
PHENOTYPES = """
ncbi_gene_id gene_symbol hpo_id hpo_name frequency disease_id
1 DOM HP:0000001 Seizure - OMIM:1
1 DOM HP:0000003 Short_stature - OMIM:1
1 DOM HP:0000006 Autosomal_dominant_inheritance - OMIM:1
2 REC HP:0000001 Seizure - OMIM:2
2 REC HP:0000007 Autosomal_recessive_inheritance - OMIM:2
3 CUT HP:0000004 Tall_stature - OMIM:3
4 MIX HP:0000004 Tall_stature - OMIM:3
"""


def test_carriers_are_told_only_by_their_own_consent(run):
    consent = {"findings": ["P1", "P2"], "carriers": ["P2", "P3"]}
    made = run.planted([["0/1", "0/1", "1/1"]], [run.variant(310, "REC")], consent=consent).list("carriers", CARRIERS)
    made.find()
    assert made.answers("carriers") == {("P2", "REC"): "yes", ("P3", "REC"): "yes"}
    assert made.answers() == {}
    reasons = dict(made.findings.select("sample", "reason").iter_rows())
    assert reasons["P2"].startswith("carrier:")
    assert reasons["P3"].startswith("more than carrier status")
    assert set(made.genes.filter(list="carriers")["sample"]) == {"P2", "P3"}


def test_couples_are_members_of_a_family_who_both_carry_and_are_no_kin(run, tmp_path):
    people = [{"sample": f"P{n}", "family": "F1" if n < 4 else "F2"} for n in range(1, 5)]
    made = run.planted([["0/1", "0/1", "0/1", "0/1"]], [run.variant(310, "REC")], people=people).list(
        "carriers", CARRIERS
    )
    made.find()
    pairs = [("P1", "P2"), ("P1", "P3"), ("P2", "P3")]
    assert made.couples.select("sample1", "sample2").rows() == pairs
    kinship = tmp_path / "kinship.parquet"
    relations = {"sample1": ["P1", "P2"], "sample2": ["P3", "P3"], "relation": ["parent-child"] * 2}
    pl.DataFrame(relations).write_parquet(kinship)
    assert made.find(kinship=kinship).couples.select("sample1", "sample2").rows() == pairs[:1]


def test_the_chance_of_a_child_is_not_told_where_a_parent_may_be_affected(run):
    people = [{"sample": f"P{n}", "family": f"F{(n + 1) // 2}"} for n in range(1, 7)]
    made = run.planted(
        [["0/1", "0/1", "0/1", "1/1", "0/1", "0/1"], ["0/0", "0/0", "0/0", "0/0", "0/0", "0/1"]],
        [run.variant(310, "REC"), run.variant(320, "REC")],
        people=people,
    )
    made.list("carriers", CARRIERS).find()
    reasons = dict(made.couples.select("family", "reason").iter_rows())
    assert reasons == {"F1": ONE_IN_FOUR, "F2": NOT_ONE_IN_FOUR, "F3": NOT_ONE_IN_FOUR}


def test_couples_need_the_consent_of_both(run):
    people = [{"sample": "P1", "family": "F1"}, {"sample": "P2", "family": "F1"}]
    consent = {"findings": ["P1", "P2"], "carriers": ["P1"]}
    made = run.planted([["0/1", "0/1"]], [run.variant(310, "REC")], people=people, consent=consent)
    assert made.list("carriers", CARRIERS).find().couples.is_empty()


def test_genes_of_phenotypes_are_ranked_by_how_telling_their_terms_are(run):
    told = {"P1": "HP:0000001;short stature;no such thing", "P2": "epilepsy"}
    people = [{"sample": name, "phenotypes": text} for name, text in told.items()]
    made = run.planted(
        [["0/1", "0/1"], ["0/1", "0/0"]], [run.variant(110, "DOM"), run.variant(310, "REC")], people=people
    )
    del made.lists["secondary"]
    made.list("phenotypes", PHENOTYPES).find()
    rows = made.findings.sort("rank").select("sample", "gene", "rank", "reportable", "list").rows()
    assert rows == [("P1", "DOM", 1, "yes", "diagnostic"), ("P1", "REC", 2, "possible", "diagnostic")]
    assert set(made.genes["sample"]) == {"P1"}
    assert "no second one" in made.findings.filter(gene="REC")["reason"][0]


def test_a_gene_is_absent_only_where_it_was_looked_at(run, tmp_path):
    genotypes = [["0/0", "./.", "0/0"]]
    made = run.planted(genotypes, [run.variant(110, "DOM")])
    assert made.find(absent_sites="missing").states()["P1", "DOM"] == "not_assessable"
    assert made.genes.filter(sample="P1", gene="DOM")["share"].to_list() == [0.01]
    made.find(absent_sites="reference")
    assert made.states()["P1", "DOM"] == "absent"
    assert "assumes" in made.genes.filter(sample="P1", gene="DOM")["reason"][0]
    assert made.states()["P2", "DOM"] == "not_assessable", "the pathogenic site was not read"
    bed = tmp_path / "callable.bed"
    bed.write_text("chr1\t100\t191\nchr1\t300\t389\n")
    made.find(absent_sites="missing", regions=[bed])
    assert made.states()["P1", "DOM"] == "absent"
    assert dict(made.genes.filter(sample="P1").select("gene", "share").iter_rows())["REC"] == 0.89
    assert made.states()["P1", "REC"] == "not_assessable"


def test_records_set_aside_were_not_looked_at(run):
    aside = [("chr1", 101, 150, "C", "<DEL>", "symbolic", ["P1"]), ("chr1", 301, 350, "C", "<DEL>", "symbolic", None)]
    made = run.planted([["0/0", "0/0"]], [run.variant(110, "DOM")], aside=aside).find()
    shares = {(s, g): v for s, g, v in made.genes.select("sample", "gene", "share").iter_rows()}
    assert (shares["P1", "DOM"], shares["P2", "DOM"]) == (0.5, 1.0)
    assert shares["P1", "REC"] == shares["P2", "REC"] == 0.5


def test_a_gene_that_is_not_in_the_models_is_not_assessable(run):
    made = run.planted([["0/0"]], [run.variant(110, "DOM")]).list(
        "secondary", "gene condition inheritance reportable_when\nELSE a_condition AD any"
    )
    assert made.find().states() == {("P1", "ELSE"): "not_assessable"}


def test_blocks_of_a_gvcf_tell_what_was_looked_at(run, tmp_path):
    import pysam

    header = '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##ALT=<ID=NON_REF,Description="any">\n'
    header += '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    header += '##FORMAT=<ID=GT,Number=1,Type=String,Description="GT">\n'
    header += '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="DP">\n'
    header += '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="GQ">\n'
    header += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP1\n"
    blocks = [(90, 195, "0/0:30:99"), (290, 340, "0/0:30:99"), (341, 400, "0/0:3:9")]
    text = "".join(f"chr1\t{a}\t.\tC\t<NON_REF>\t.\t.\tEND={b}\tGT:DP:GQ\t{c}\n" for a, b, c in blocks)
    plain = tmp_path / "g.vcf"
    plain.write_text(header + text)
    packed = tmp_path / "g.vcf.gz"
    pysam.tabix_compress(str(plain), str(packed), force=True)
    pysam.tabix_index(str(packed), preset="vcf", force=True)
    made = run.planted([["0/0"]], [run.variant(110, "DOM")], blocks=3).find(absent_sites="reference", files=[packed])
    shares = dict(made.genes.select("gene", "share").iter_rows())
    assert (shares["DOM"], shares["REC"], shares["CUT"]) == (0.95, 0.4, 0.0)


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        (read_secondary, "gene\tcondition\tinheritance\treportable_when\nA\tb\tAD\tsometimes\n", "line 2"),
        (read_secondary, "gene\tcondition\nA\tb\n", "no column"),
        (read_carriers, "gene\tcondition\tinheritance\nA\tb\tAR\nC\td\tAD\n", "line 3"),
    ],
)
def test_faulty_lists_name_the_line(tmp_path, reader, text, said):
    path = tmp_path / "list.tsv"
    path.write_text(text)
    with pytest.raises(Fault, match=said):
        reader(path)


def test_checks_name_every_faulty_list_at_once(tmp_path):
    (tmp_path / "carriers.tsv").write_text("gene\tcondition\tinheritance\nA\tb\tAD\n")
    (tmp_path / "terms.txt").write_text("gene\tterm\nA\tb\n")
    given = {"secondary": "nowhere.tsv", "carriers": str(tmp_path / "carriers.tsv")}
    given |= {"phenotypes": str(tmp_path / "terms.txt"), "previous": str(tmp_path)}
    told = [str(fault) for fault in check_findings(given, tmp_path / "results")]
    assert len(told) == 4
    for said, text in zip(("not there", "line 2", "no column", "earlier run"), told, strict=True):
        assert said in text
    assert (
        check_findings({"secondary": "acmg_sf", "carriers": None, "phenotypes": None, "previous": None}, tmp_path) == []
    )
    (itself,) = check_findings({"previous": str(tmp_path)}, tmp_path / "checks/..")
    assert "folder of this run" in str(itself)


def test_the_state_of_a_gene_gives_the_reason_of_what_is_certain():
    asked = pl.DataFrame({"sample": ["P1"], "list": ["secondary"], "gene": ["G"], "by_rule": [True]})
    reasons = {"reportable": ["possible", "yes"], "reason": ["may be", "is so"]}
    found = pl.DataFrame({"sample": ["P1"] * 2, "list": ["secondary"] * 2, "gene": ["G"] * 2} | reasons)
    halves = {"bases": [100, 50], "looked_at": [100, 20], "basis": ["gvcf"] * 2}
    halves |= {"named": [None, None], "named_looked_at": [None, None]}
    looked = pl.DataFrame({"sample": ["P1"] * 2, "gene": ["G"] * 2} | halves)
    kinds = {"unread": pl.Int64, "unclassed": pl.Int64, "elsewhere": pl.Int64, "together": pl.Int64}
    nothing = pl.DataFrame(schema={"sample": pl.String, "gene": pl.String} | kinds)
    (row,) = gene_states(asked, looked, found, nothing, {}, 0.9).to_dicts()
    assert (row["state"], row["reason"], row["share"]) == ("found", "is so", 0.8), "of both contigs together"
    (row,) = gene_states(asked, looked, found.clear(), nothing, {}, 0.9).to_dicts()
    assert row["state"] == "not_assessable"
