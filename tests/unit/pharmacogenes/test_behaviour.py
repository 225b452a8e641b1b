"""One behaviour at a time, on hand-made genotypes whose answer follows from the definitions."""

import polars as pl
import pytest

from call_pharmacogenes import call_pharmacogenes
from permed.pharmacogenes.reading.records import Effect, Interpreter

TA = "rs3064744"


def test_all_reference_is_called(call):
    found = call("CYP2C9")
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("called", "*1/*1", "Normal Metabolizer")
    assert found["activity_score"] == "2.0" and found["missing_positions"] is None


@pytest.mark.parametrize(
    ("shorter", "longer", "diplotype"),
    [("0/0", "0/1", "*1/*28"), ("0/0", "1/1", "*28/*28"), ("0/1", "1/0", "*28/*36"), ("0/1", "0/0", "*1/*36")],
)
def test_repeat_alleles_are_put_together_from_split_records(call, shorter, longer, diplotype):
    found = call("UGT1A1", {TA: [("CAT", "C", shorter), ("C", "CAT", longer), ("C", "CATAT", "0/0")]})
    assert (found["state"], found["diplotype"]) == ("called", diplotype)


def test_an_untrimmed_repeat_is_the_same(call):
    assert call("UGT1A1", {TA: [("CAT", "CATAT", "0/1")]})["diplotype"] == "*1/*28"


def test_a_substitution_at_the_anchor_says_nothing_of_the_repeat(call):
    found = call("UGT1A1", {TA: [("C", "T", "0/0")]})
    assert found["state"] == "not_assessable" and TA in found["missing_positions"]


@pytest.mark.parametrize("missing", ["./.", None])
def test_a_missing_position_is_never_reference(call, missing):
    found = call("UGT1A1", {TA: missing})
    assert found["state"] == "not_assessable"
    assert found["missing_positions"] == TA
    assert "*1/*28" in found["alternatives"]
    assert not found["phenotype_certain"]


def test_a_missing_star1_position_is_not_star1(call):
    found = call("CYP2C19", {"rs3758581": "./."})
    assert found["state"] == "not_assessable"
    assert {"*1/*1", "*1/*38", "*38/*38"} <= {found["diplotype"], *found["alternatives"].split("; ")} | set(
        found["diplotype"].split(" OR ")
    )


def test_the_reference_genome_is_not_star1(call):
    assert call("CYP2C19")["diplotype"] == "*38/*38"
    assert call("CYP2C19", {"rs3758581": "1/1"})["diplotype"] == "*1/*1"


def test_a_missing_position_that_no_fitting_pair_needs_does_not_matter(call):
    # *2 and *3 leave no room for a further allele, so an unread position elsewhere cannot add one.
    given = {"rs3758581": "1/1", "rs12769205": "0/1", "rs4244285": "0/1", "rs4986893": "0/1", "rs17884712": "./."}
    found = call("CYP2C19", given)
    assert (found["state"], found["diplotype"]) == ("called", "*2/*3")
    assert found["missing_positions"] == "rs17884712"


def test_absent_records_are_reference_only_if_so_configured(call):
    given = {"rs4149056": "0/1"}
    assert call("SLCO1B1", given, rest=None)["state"] == "not_assessable"
    found = call("SLCO1B1", given, rest=None, absent_sites="reference")
    assert (found["state"], found["diplotype"]) == ("called", "*1/*5")


@pytest.mark.parametrize(("gene", "rsid"), [("CYP2C19", "rs3758581"), ("UGT1A1", TA), ("CYP3A5", "rs776746")])
def test_some_positions_are_never_taken_for_reference(call, gene, rsid):
    elsewhere = [(1000, "A", "C", "0/1")]
    found = call(gene, rest=None, absent_sites="reference", extra=elsewhere)
    assert (found["state"], found["missing_positions"]) == ("not_assessable", rsid)
    assert found["positions_present"] == found["positions"] - 1
    read = call(gene, {rsid: "0/0"}, rest=None, absent_sites="reference")
    assert (read["state"], read["missing_positions"]) == ("called", None)


def test_a_known_pair_may_be_called_without_a_position_that_is_never_taken_for_reference(call):
    # Every allele other than *1 and *38 that carries rs4244285 carries the base of *1: nothing else is left to say.
    given = {"rs12769205": "1/1", "rs4244285": "1/1"}
    found = call("CYP2C19", given, rest=None, absent_sites="reference")
    assert (found["state"], found["diplotype"], found["missing_positions"]) == ("called", "*2/*2", "rs3758581")


def test_an_explicit_missing_genotype_stays_missing_where_absent_is_reference(call):
    found = call("SLCO1B1", {"rs4149056": "./."}, rest=None, absent_sites="reference")
    assert found["state"] == "not_assessable" and found["missing_positions"] == "rs4149056"


def test_a_record_with_another_ref_is_not_taken_for_reference(call):
    found = call("VKORC1", {"rs9923231": [("G", "A", "0/0")]}, absent_sites="reference")
    assert (found["state"], found["diplotype"]) == ("not_assessable", None)


def test_nothing_read_gives_no_diplotype(call):
    found = call("CYP3A5", rest="./.")
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("not_assessable", None, None)
    assert found["positions_present"] == 0 and "None of the" in found["reason"]


def test_contig_names_without_chr(call):
    assert call("VKORC1", {"rs9923231": "0/1"}, contig="16")["phenotype"] == "-1639 AG"


def test_unphased_takes_the_higher_score_and_names_the_other(call):
    found = call("UGT1A1", {"rs887829": "0/1", TA: [("C", "CAT", "0/1")]})
    assert (found["state"], found["diplotype"]) == ("called", "*1/*80+*28")
    assert found["alternatives"] == "*28/*80"


@pytest.mark.parametrize(("first", "second", "diplotype"), [("0|1", "0|1", "*1/*80+*28"), ("0|1", "1|0", "*28/*80")])
def test_phase_decides(call, first, second, diplotype):
    given = {"rs887829": first, TA: [("C", "CAT", second)]}
    assert call("UGT1A1", given, rest="0|0")["diplotype"] == diplotype
    assert call("UGT1A1", given, rest="0/0")["diplotype"] == diplotype


@pytest.mark.parametrize(("sets", "diplotype"), [(("7", "7"), "*28/*80"), (("7", "8"), "*1/*80+*28")])
def test_phase_holds_within_a_phase_set_only(call, sets, diplotype):
    given = {"rs887829": f"0|1:{sets[0]}", TA: [("C", "CAT", f"1|0:{sets[1]}")]}
    assert call("UGT1A1", given, rest="0/0:.", formats="GT:PS")["diplotype"] == diplotype


def test_one_allele_where_haploid(call):
    found = call("G6PD", {"rs1050829": "1", "rs1050828": "1"}, rest="0")
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("called", "A- 202A_376G", "Deficient")


def test_two_alleles_on_two_copies(call):
    found = call("G6PD", {"rs1050829": "0/1", "rs1050828": "0/1"})
    assert (found["diplotype"], found["phenotype"]) == ("A- 202A_376G/B (reference)", "Variable")


def test_absent_reference_is_haploid_where_the_contig_is(call):
    elsewhere = [(100_000_000, "A", "G", "0")]
    assert call("G6PD", rest=None, absent_sites="reference", extra=elsewhere)["diplotype"] == "B (reference)"
    elsewhere = [(100_000_000, "A", "G", "0/1")]
    found = call("G6PD", rest=None, absent_sites="reference", extra=elsewhere)
    assert found["diplotype"] == "B (reference)/B (reference)"


def test_a_haploid_genotype_on_an_autosome_is_not_a_diplotype(call):
    assert call("VKORC1", {"rs9923231": "0"})["state"] == "not_assessable"
    assert call("VKORC1", {"rs9923231": "1"})["state"] == "no_call"


def test_an_unknown_variant_gives_no_call(call):
    found = call("CYP2C9", {"rs1799853": [("C", "G", "0/1")]})
    assert (found["state"], found["diplotype"]) == ("no_call", None)
    assert found["undocumented_positions"] == "rs1799853" and "rs1799853" in found["reason"]


def test_an_unknown_variant_counts_as_reference_where_the_definition_says_so(call):
    found = call("TPMT", {"rs1142345": [("T", "A", "0/1")]})
    assert (found["state"], found["diplotype"]) == ("called", "*1/*1")
    assert "counts as reference" in found["reason"]


def test_a_deletion_after_the_position_leaves_it_as_it_is(call):
    assert call("VKORC1", {"rs9923231": [("CAG", "C", "0/1")]})["phenotype"] == "-1639 GG"


def test_a_deletion_after_the_position_does_not_undo_a_missing_genotype(call):
    found = call("VKORC1", {"rs9923231": [("C", "T", "./."), ("CAG", "C", "0/0")]})
    assert (found["state"], found["diplotype"]) == ("not_assessable", None)


def test_a_deletion_over_the_position_is_not_reference(call):
    for genotype in ("0/1", "1/1"):
        found = call("VKORC1", extra=[(31096366, "GACC", "G", genotype)])
        assert (found["state"], found["diplotype"]) == ("no_call", None)
        assert found["undocumented_positions"] == "rs9923231"
    assert call("VKORC1", extra=[(31096366, "GACC", "G", "0/0")])["phenotype"] == "-1639 GG"


def test_a_deletion_over_the_position_counts_where_absent_is_reference(call):
    extra = [(31096366, "GACC", "G", "0/1")]
    assert call("VKORC1", rest=None, absent_sites="reference", extra=extra)["state"] == "no_call"
    assert call("VKORC1", rest=None, extra=extra)["state"] == "not_assessable"


def test_a_substitution_of_several_bases_is_read_base_by_base(call):
    extra = [(31096367, "AC", "GT", "0/1")]
    assert call("VKORC1", rest=None, absent_sites="reference", extra=extra)["phenotype"] == "-1639 AG"
    given = {"rs9923231": [("CC", "TA", "1/1")]}
    assert call("VKORC1", given)["phenotype"] == "-1639 AA"


def test_a_known_deletion_leaves_the_positions_that_it_covers(call, genes):
    deletion = next(p for p in genes["G6PD"].positions if p.name == "rs137852338")
    assert any(0 < p.pos - deletion.pos < len(deletion.ref) for p in genes["G6PD"].positions)
    assert call("G6PD", {"rs137852338": "1"}, rest="0")["diplotype"] == "Sunderland"


def test_a_reference_block_is_evidence(genes):
    gene = genes["UGT1A1"]
    first, repeat = gene.positions[:2]
    assert repeat.is_indel
    for end, covered in ((repeat.pos, [0]), (repeat.around[1] - 1, [0]), (repeat.around[1], [0, 1])):
        assert Interpreter(gene).effects(first.pos - 5, "A", None, end) == [Effect(at, 0, True) for at in covered]


def test_records_set_aside_are_not_reference(make_vcf, tables, tmp_path):
    def table(who, any_rows=True):
        row = {"contig": "chr16", "pos": 31_000_000, "end": 31_200_000, "ref": "N", "alt": "<DEL>", "samples": who}
        path = tmp_path / "set_aside.parquet"
        rows = pl.DataFrame([row], schema_overrides={"samples": pl.List(pl.String)})
        (rows if any_rows else rows.clear()).write_parquet(path)
        return [path]

    found = step(make_vcf, tables, tmp_path, ["S1", "S2"], genes=["VKORC1"], set_aside=table(["S2"]))
    assert found["state"].to_list() == ["called", "not_assessable"]
    for given in ({"who": None}, {"who": ["S2"], "any_rows": False}):
        found = step(make_vcf, tables, tmp_path, ["S1", "S2"], genes=["VKORC1"], set_aside=table(**given))
        assert found["state"].to_list() == ["called", "called"]


def test_genotypes_that_fit_no_pair_give_no_call(call):
    found = call("CYP2C9", {"rs1799853": "1/1", "rs1057910": "0/1", "rs28371686": "0/1"})
    assert (found["state"], found["diplotype"]) == ("no_call", None)


def test_combinations_are_for_research_only(call):
    phased = {"rs1799853": "0|1", "rs28371686": "0|1"}
    found = call("CYP2C9", phased, rest="0|0")
    assert (found["state"], found["diplotype"], found["phenotype"]) == ("no_call", None, None)
    assert (found["alternatives"], found["lookup_diplotype"]) == (None, None)
    assert found["research_combinations"] == "*1/[*2 + *5]" and "never a call" in found["reason"]
    unknown = call("CYP2C9", {"rs1799853": [("C", "G", "0|1")]}, rest="0|0")
    assert unknown["research_combinations"] == "*1/g.94942290C>?"
    assert call("CYP2C9")["research_combinations"] is None


@pytest.mark.parametrize(
    ("gene", "versions"),
    [
        ("CYP2C19", ["2025-11-05-00-25", "2025-11-05-00-25", "2025-11-05-00-25"]),
        ("G6PD", ["2025-11-05-00-25", "2026-07-13-11-40", "2026-07-13-11-40"]),
        ("CYP2D6", ["2026-07-13-11-40", "0.26,2026-07-05-00-25,2026-07-13-11-40", "2026-07-13-11-40"]),
        ("F5", ["2026-07-13-11-40", "2026-07-13-11-40", "2026-07-13-11-40"]),
        ("CYP4F2", ["2025-11-05-00-25", None, None]),
    ],
)
def test_every_row_has_the_version_of_each_table(call, gene, versions):
    found = call(gene)
    assert [found[name] for name in ("definition_version", "function_version", "phenotype_version")] == versions
    assert call(gene, rest="./.")["phenotype_version"] == versions[2]


def test_half_a_call(call):
    found = call("CYP2C9", {"rs1799853": "./1"})
    assert (found["state"], found["diplotype"]) == ("no_call", None)
    found = call("CYP2C9", {"rs1799853": "0/."})
    assert found["state"] == "not_assessable" and found["missing_positions"] == "rs1799853"


def test_half_a_call_is_not_relied_on_where_single_variants_decide(call):
    assert call("DPYD", {"rs3918290": "./1"})["state"] == "not_assessable"


def test_a_required_position(call):
    found = call("NAT2", {"rs1801280": "./."})
    assert (found["state"], found["diplotype"]) == ("not_assessable", None)
    assert "rs1801280" in found["reason"]


def test_the_published_order_picks_among_unphased_pairs(call):
    found = call("NAT2", {"rs1801280": "0/1", "rs1208": "0/1"})
    assert found["state"] == "called" and found["diplotype"] == "*4/*5"
    assert "*1/*16" in found["alternatives"].split("; ")


def test_two_variants_without_phase_count_as_one_on_each_strand(call):
    found = call("DPYD", {"rs3918290": "0/1", "rs67376798": "0/1"})
    assert (found["state"], found["diplotype"]) == ("called", "c.1905+1G>A (*2A)/c.2846A>T")
    assert (found["activity_score"], found["phenotype"]) == ("0.5", "Poor Metabolizer")
    assert found["alternatives"] == "c.1905+1G>A (*2A); c.2846A>T"


def test_two_variants_on_one_strand(call):
    found = call("DPYD", {"rs3918290": "0|1", "rs67376798": "0|1"}, rest="0|0")
    assert found["diplotype"] == "Reference/[c.1905+1G>A (*2A) + c.2846A>T]"
    assert found["lookup_diplotype"] == "Reference/c.1905+1G>A (*2A)"
    assert (found["activity_score"], found["phenotype"]) == ("1.0", "Intermediate Metabolizer")


@pytest.mark.parametrize(
    ("intronic", "exonic", "diplotype", "state"),
    [
        ("0/1", "0/1", "Reference/c.1129-5923C>G, c.1236G>A (HapB3)", "called"),
        ("0/1", "0/0", "Reference/c.1129-5923C>G", "called"),
        ("0/0", "0/1", "Reference/Reference", "called"),
        ("0/0", "./.", "Reference/Reference", "called"),
        ("./.", "0/1", "Reference/c.1129-5923C>G, c.1236G>A (HapB3)", "not_assessable"),
    ],
)
def test_the_intronic_position_decides(call, unordered, intronic, exonic, diplotype, state):
    found = call("DPYD", {"rs75017182": intronic, "rs56038477": exonic})
    assert unordered(found["diplotype"], " OR ") == unordered(diplotype, " OR ")
    assert found["state"] == state


def test_one_position_gives_the_function_where_no_pair_fits(call):
    found = call("SLCO1B1", {"rs4149056": "1/1", "rs2306283": [("A", "T", "0/1")]})
    assert (found["state"], found["diplotype"]) == ("no_call", None)
    assert (found["lookup_diplotype"], found["phenotype"]) == ("*5/*5", "Poor Function")
    assert "rs4149056" in found["reason"]


def test_copy_number_blindness_is_said(call):
    found = call("CYP2D6")
    assert found["research"] and "Copy number" in found["reason"]


VKORC1 = ("chr16", 31096368, "C", "T", "0/1", "1/1")


def step(make_vcf, tables, tmp_path, consent, row=VKORC1, **options):
    path = make_vcf([row], ("S1", "S2"), [(row[0], 150_000_000)])
    agreed, calls = tmp_path / "consent.txt", tmp_path / "calls.parquet"
    agreed.write_text("".join(f"{name}\n" for name in consent))
    given = {"absent_sites": "reference", "contigs": ["chr16"], "genes": ["all"]} | options
    call_pharmacogenes([path], agreed, sorted(tables.glob("*.tsv")), calls=calls, **given)
    return pl.read_parquet(calls)


def test_nobody_else_is_called(make_vcf, tables, tmp_path):
    found = step(make_vcf, tables, tmp_path, ["S2"], genes=["VKORC1"])
    assert found.select("sample", "gene", "phenotype").rows() == [("S2", "VKORC1", "-1639 AA")]


def test_no_consent_gives_an_empty_table(make_vcf, tables, tmp_path):
    assert step(make_vcf, tables, tmp_path, []).is_empty()


def test_reference_holds_only_for_contigs_looked_at(make_vcf, tables, tmp_path):
    found = step(make_vcf, tables, tmp_path, ["S2", "S1"])
    assert found["sample"].unique(maintain_order=True).to_list() == ["S2", "S1"]
    elsewhere = found.filter(pl.col("gene") != "VKORC1")
    assert elsewhere.height == 48
    assert elsewhere["state"].unique().to_list() == ["not_assessable"]
    assert elsewhere["diplotype"].null_count() == 48


def test_positions_taken_for_reference_are_told_from_those_read(make_vcf, tables, tmp_path):
    found = step(make_vcf, tables, tmp_path, ["S2"], genes=["VKORC1"])
    assert found["reason"].item() == "The only position of VKORC1 was read."
    row = ("chr10", 94942290, "C", "T", "0/0", "0/1")
    found = step(make_vcf, tables, tmp_path, ["S2"], row=row, contigs=["chr10"], genes=["CYP2C9"])
    reason = found["reason"].item()
    assert reason.startswith("87 of 88 positions have no record and were taken for reference.") and "All" not in reason
