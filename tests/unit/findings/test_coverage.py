"""What was looked at: of a named change its codon, of a record what it says, of people what they are asked about."""

import polars as pl
import pytest

NAMED = "gene condition inheritance reportable_when only_hgvs_p\nNAMED named_condition AR homozygous p.Cys282Tyr"
# A gene at 701 to 1700: codon 282 begins 843 bases after the first, on the one strand or the other.
CODONS = {"+": (1544, 1546), "-": (855, 857)}


@pytest.mark.parametrize("strand", CODONS)
@pytest.mark.parametrize("lost", CODONS)
def test_a_named_change_is_absent_only_where_its_codon_was_looked_at(run, tmp_path, strand, lost):
    bed = tmp_path / "callable.bed"
    first, last = CODONS[lost]
    bed.write_text(f"chr1\t700\t{first}\nchr1\t{last}\t1700\n")  # all but two bases of a codon, or of no named one
    variant = run.variant(1000, "NAMED", "benign")
    row = (1000, "C", "T", run.cell("0/0"))
    run.write([row], [variant], [("NAMED", 701, 1700)], people=[{"sample": "P1"}], strand=strand)
    made = run.list("secondary", NAMED).find(absent_sites="missing", regions=[bed])
    assert made.genes["share"].to_list() == [0.998]
    assert made.states() == {("P1", "NAMED"): "not_assessable" if strand == lost else "absent"}
    assert ("the only change that is reported" in made.genes["reason"][0]) == (strand == lost)


def test_a_named_change_that_the_models_do_not_have_is_not_absent(run):
    variant = run.variant(1000, "NAMED", "benign")
    row = (1000, "C", "T", run.cell("0/0"))
    run.write([row], [variant], [("NAMED", 961, 1060)], people=[{"sample": "P1"}])
    made = run.list("secondary", NAMED).find()
    assert made.states() == {("P1", "NAMED"): "not_assessable"}


def test_a_deletion_that_a_person_does_not_have_tells_of_its_first_base_alone(run):
    deletion = run.variant(101, "DOM", "benign") | {"ref": "C" * 100, "alt": "C"}
    made = run.planted([["0/0", "0/1", "./."]], [deletion]).find(absent_sites="missing")
    shares = {s: v for s, g, v in made.genes.select("sample", "gene", "share").iter_rows() if g == "DOM"}
    assert shares == {"P1": 0.01, "P2": 1.0, "P3": 0.0}
    made.find(absent_sites="reference")
    shares = {s: v for s, g, v in made.genes.select("sample", "gene", "share").iter_rows() if g == "DOM"}
    assert shares == {"P1": 1.0, "P2": 1.0, "P3": 0.0}


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("0/0:99:30:30,0:.", "absent"),
        ("0/0:99:9:9,0:.", "absent"),  # where there is a quality it decides
        ("0/0:.:9:9,0:.", "not_assessable"),
        ("0/0:0:0:0,0:.", "not_assessable"),
        ("0/0:19:30:30,0:.", "not_assessable"),
        ("0/0:.:.:.:.", "absent"),
        ("0/1:99:30:15,15:.", "found"),
    ],
)
def test_reference_at_a_known_variant_has_to_be_read_well(run, cell, state):
    made = run.planted([["0/0", cell]], [run.variant(110, "DOM")]).find()
    assert made.states()["P2", "DOM"] == state
    assert made.states()["P1", "DOM"] == "absent"
    assert made.states()["P2", "REC"] == "absent"


def test_reference_at_a_benign_variant_may_be_read_poorly(run):
    made = run.planted([["0/0:9:3:3,0:."]], [run.variant(110, "DOM", "benign")]).find()
    assert made.states()["P1", "DOM"] == "absent"


def test_only_the_genes_that_a_person_is_asked_about_are_looked_at(run):
    terms = "gene_symbol hpo_id hpo_name\nCUT HP:0000001 Seizure\nMIX HP:0000002 Short_stature"
    people = [{"sample": "P1", "phenotypes": "HP:0000001"}, {"sample": "P2", "phenotypes": "HP:0000002"}]
    consent = {"findings": ["P1"], "carriers": ["P2"]}
    made = run.planted([["0/0", "0/0"]], [run.variant(110, "DOM")], people=people, consent=consent)
    made.list("secondary", "gene condition inheritance reportable_when\nDOM a_condition AD any")
    made.list("carriers", "gene condition inheritance\nREC a_condition AR").list("phenotypes", terms).find()
    table = pl.read_parquet(run.folder / "findings/chr1.parquet")
    assert table.select("sample", "gene").rows() == [("P1", "CUT"), ("P1", "DOM"), ("P2", "REC")]
